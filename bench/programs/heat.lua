-- heat: diffusion on an n x n grid with fixed borders, 40 steps of a five-point stencil, two grids in turn.
-- Exercises: float rows, neighbouring loads in three rows, stores to a fourth.

local function grid(n)
  local rows = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do
      row[j] = 0.0
    end
    rows[i] = row
  end
  for j = 1, n do
    rows[1][j] = 100.0
    rows[n][j] = 25.0
  end
  return rows
end

local function step(from, to, n)
  local change = 0.0
  for i = 2, n - 1 do
    local above, here, below = from[i - 1], from[i], from[i + 1]
    local out = to[i]
    for j = 2, n - 1 do
      local old = here[j]
      local new = old + 0.2 * (above[j] + below[j] + here[j - 1] + here[j + 1] - 4.0 * old)
      change = change + math.abs(new - old)
      out[j] = new
    end
  end
  return change
end

local function run(n)
  local a, b = grid(n), grid(n)
  local change = 0.0
  for _ = 1, 40 do
    change = step(a, b, n)
    a, b = b, a
  end
  local sum = 0.0
  for i = 1, n do
    local row = a[i]
    for j = 1, n do
      sum = sum + row[j]
    end
  end
  return string.format("%.6f %.6f", sum, change)
end

return { run = run, n = 320, small = 16, slow = 50, luajit = true }
