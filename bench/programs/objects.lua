-- objects: particles that live for a few steps each: n steps of a swarm whose members are born, move, and die.
-- Exercises: allocation of small objects with methods, a table that keeps changing its members, float fields.

local Particle = {}
Particle.__index = Particle

local function born(x, y, life)
  return setmetatable({ x = x, y = y, speed = { x = 1.5 - x, y = 0.5 - y }, life = life }, Particle)
end

function Particle:move()
  local speed = self.speed
  self.x = self.x + speed.x * 0.125
  self.y = self.y + speed.y * 0.125
  self.speed = { x = speed.y, y = -speed.x }
  self.life = self.life - 1
  return self.life > 0
end

local function run(n)
  local swarm, state, sum = {}, 1, 0
  for i = 1, 2000 do swarm[i] = born(i % 7, i % 5, i % 9 + 1) end
  for _ = 1, n do
    for i = 1, #swarm do
      local particle = swarm[i]
      if not particle:move() then
        sum = sum + particle.x - particle.y
        state = (state * 421 + 1663) % 7875
        swarm[i] = born(state % 7, state % 5, state % 9 + 1)
      end
    end
  end
  return string.format("%.6f", sum)
end

return { run = run, n = 400, small = 20, slow = 60, luajit = true }
