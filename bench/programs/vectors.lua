-- vectors: three-component vectors with operators from a metatable, a new table for every result.
-- Exercises: short-lived small tables, arithmetic metamethods, record fields.

local Vector = {}
Vector.__index = Vector

local function vector(x, y, z)
  return setmetatable({ x = x, y = y, z = z }, Vector)
end

Vector.__add = function(a, b)
  return vector(a.x + b.x, a.y + b.y, a.z + b.z)
end

Vector.__sub = function(a, b)
  return vector(a.x - b.x, a.y - b.y, a.z - b.z)
end

Vector.__mul = function(a, k)
  return vector(a.x * k, a.y * k, a.z * k)
end

function Vector:dot(b)
  return self.x * b.x + self.y * b.y + self.z * b.z
end

function Vector:cross(b)
  return vector(self.y * b.z - self.z * b.y, self.z * b.x - self.x * b.z, self.x * b.y - self.y * b.x)
end

local function run(n)
  local position = vector(1.0, 0.0, 0.25)
  local velocity = vector(0.0, 0.75, 0.0)
  local spin = vector(0.125, 0.5, 1.0)
  local energy = 0.0
  for _ = 1, n do
    local force = position * -1.0 + velocity:cross(spin) * 0.01
    velocity = velocity + force * 0.01
    position = position + velocity * 0.01
    local offset = position - spin
    energy = energy + velocity:dot(velocity) * 0.5 + offset:dot(offset) * 0.5
  end
  return string.format("%.6f %.6f %.6f", position.x, position.y, energy / n)
end

return { run = run, n = 250000, small = 400, slow = 5000, luajit = true }
