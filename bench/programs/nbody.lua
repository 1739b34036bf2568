-- nbody: the sun and four gas giants under gravity, n steps of a symplectic integrator.
-- Exercises: records with seven float fields, an inner loop over pairs of records, math.sqrt.

local PI = 3.141592653589793
local SOLAR_MASS = 4 * PI * PI
local DAYS = 365.24

local function body(x, y, z, vx, vy, vz, mass)
  return { x = x, y = y, z = z, vx = vx * DAYS, vy = vy * DAYS, vz = vz * DAYS, mass = mass * SOLAR_MASS }
end

-- Rounded positions (au) and velocities (au/day) are enough: only the arithmetic matters here.
local function buildSystem()
  return {
    body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    body(4.8414, -1.1603, -0.1036, 0.0016600, 0.0076991, -0.0000690, 0.00095479),
    body(8.3434, 4.1248, -0.4035, -0.0027674, 0.0049985, 0.0000230, 0.00028589),
    body(12.8944, -15.1112, -0.2233, 0.0029646, 0.0023785, -0.0000297, 0.00004366),
    body(15.3797, -25.9193, 0.1793, 0.0026807, 0.0016282, -0.0000952, 0.00005151),
  }
end

local function restMomentum(bodies)
  local px, py, pz = 0.0, 0.0, 0.0
  for i = 1, #bodies do
    local b = bodies[i]
    px = px + b.vx * b.mass
    py = py + b.vy * b.mass
    pz = pz + b.vz * b.mass
  end
  local sun = bodies[1]
  sun.vx = -px / SOLAR_MASS
  sun.vy = -py / SOLAR_MASS
  sun.vz = -pz / SOLAR_MASS
end

local function energy(bodies)
  local sum = 0.0
  local count = #bodies
  for i = 1, count do
    local b = bodies[i]
    sum = sum + 0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz)
    for j = i + 1, count do
      local c = bodies[j]
      local dx, dy, dz = b.x - c.x, b.y - c.y, b.z - c.z
      sum = sum - b.mass * c.mass / math.sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return sum
end

local function advance(bodies, count, dt)
  for i = 1, count do
    local b = bodies[i]
    local bx, by, bz, bmass = b.x, b.y, b.z, b.mass
    local vx, vy, vz = b.vx, b.vy, b.vz
    for j = i + 1, count do
      local c = bodies[j]
      local dx, dy, dz = bx - c.x, by - c.y, bz - c.z
      local squared = dx * dx + dy * dy + dz * dz
      local magnitude = dt / (squared * math.sqrt(squared))
      local pull = c.mass * magnitude
      vx = vx - dx * pull
      vy = vy - dy * pull
      vz = vz - dz * pull
      pull = bmass * magnitude
      c.vx = c.vx + dx * pull
      c.vy = c.vy + dy * pull
      c.vz = c.vz + dz * pull
    end
    b.vx, b.vy, b.vz = vx, vy, vz
    b.x = bx + dt * vx
    b.y = by + dt * vy
    b.z = bz + dt * vz
  end
end

local function run(n)
  local bodies = buildSystem()
  local count = #bodies
  restMomentum(bodies)
  local before = energy(bodies)
  for _ = 1, n do
    advance(bodies, count, 0.01)
  end
  return string.format("%.9f %.9f", before, energy(bodies))
end

return { run = run, n = 180000, small = 300, slow = 4000, luajit = true }
