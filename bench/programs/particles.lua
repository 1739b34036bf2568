-- particles: bodies that move in a box and bounce off its walls; each is made with a metatable of its own, `setmetatable(o, { __index = Class })`.
-- Exercises: method calls on objects with metatables that are alike but not the same, making such objects.

local Vector = {}

function Vector.new(x, y)
  return setmetatable({ x = x, y = y }, { __index = Vector })
end

function Vector:plus(other)
  return Vector.new(self.x + other.x, self.y + other.y)
end

local Particle = {}

function Particle.new(i)
  local place = Vector.new(i * 37 % 500, i * 91 % 500)
  local speed = Vector.new(i * 13 % 300 - 150, i * 29 % 300 - 150)
  return setmetatable({ place = place, speed = speed, bounces = 0 }, { __index = Particle })
end

function Particle:reflect(axis)
  local place, limit = self.place[axis], 500
  if place > limit then
    self.place[axis] = limit
  elseif place < 0 then
    self.place[axis] = 0
  else
    return
  end
  self.speed[axis] = -self.speed[axis]
  self.bounces = self.bounces + 1
end

function Particle:step()
  self.place = self.place:plus(self.speed)
  self:reflect("x")
  self:reflect("y")
end

local function run(n)
  local particles = {}
  for i = 1, 100 do particles[i] = Particle.new(i) end
  for _ = 1, n do
    for i = 1, #particles do particles[i]:step() end
  end
  local bounces, x, y = 0, 0, 0
  for _, particle in ipairs(particles) do
    bounces = bounces + particle.bounces
    x = x + particle.place.x
    y = y + particle.place.y
  end
  return string.format("%d %d %d", bounces, x, y)
end

return { run = run, n = 4000, small = 20, slow = 200, luajit = true }
