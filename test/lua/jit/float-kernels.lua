-- Numeric kernels in small: dot products, polynomials, Newton, trapezoids, stencils, prefix sums, matrix powers.

local n = 2000
local u, v = {}, {}
for i = 1, n do u[i] = i / n v[i] = 1 - i / n end
local dot = 0.0
for i = 1, n do dot = dot + u[i] * v[i] end
print(string.format("%.10f", dot))
local function poly(x) return ((2.0 * x - 3.0) * x + 0.5) * x - 1.0 end
local area, h = 0.0, 1 / n
for i = 0, n - 1 do area = area + (poly(i * h) + poly((i + 1) * h)) * h / 2 end
print(string.format("%.10f", area))
local roots = 0.0
for k = 1, 300 do
  local x = k
  for _ = 1, 20 do x = x - (x * x - k) / (2 * x) end
  roots = roots + x
end
print(string.format("%.8f", roots))
local grid, nextGrid = {}, {}
for i = 1, 100 do grid[i] = i == 50 and 100.0 or 0.0 nextGrid[i] = 0.0 end
for _ = 1, 60 do
  for i = 2, 99 do nextGrid[i] = grid[i] + 0.25 * (grid[i - 1] - 2 * grid[i] + grid[i + 1]) end
  grid, nextGrid = nextGrid, grid
end
print(string.format("%.8f %.8f", grid[50], grid[40]))
local m = { { 1.0, 0.5 }, { 0.25, 1.0 } }
local acc = { { 1.0, 0.0 }, { 0.0, 1.0 } }
for _ = 1, 40 do
  local product = {}
  for i = 1, 2 do
    product[i] = {}
    for j = 1, 2 do
      local sum = 0
      for k = 1, 2 do sum = sum + acc[i][k] * m[k][j] end
      product[i][j] = sum
    end
  end
  acc = product
end
print(string.format("%.6g %.6g", acc[1][1], acc[2][1]))
-- conversions between the two kinds of numbers in each round
local f, whole = 0.0, 0
for i = 1, 3000 do
  f = f + i / 3
  whole = whole + f // 1 % 17
  whole = whole + math.floor(f) % 13 + (i % 2 == 0 and math.tointeger(i * 2.0) or 0)
end
print(f, whole, math.type(whole))
-- modulo and floor division of floats with both signs, powers
local rem = 0.0
for i = -1500, 1500 do
  local x = i * 0.37
  rem = rem + x % 2.5 - x // 1.5 + (-x) % 3 + (x * x) ^ 0.5
end
print(string.format("%.8f", rem))
-- minimum, maximum and mean in one pass, with NaN in between
local low, high, mean, count = math.huge, -math.huge, 0.0, 0
for i = 1, 3000 do
  local x = i % 7 == 0 and 0/0 or (i * 7919 % 1000) / 10
  if x == x then
    if x < low then low = x end
    if x > high then high = x end
    mean = mean + (x - mean) / (count + 1)
    count = count + 1
  end
end
print(low, high, string.format("%.8f", mean), count)
-- mandelbrot in small, julia with a function call
local inside = 0
for py = 0, 39 do
  for px = 0, 39 do
    local cr, ci, zr, zi, k = px / 20 - 1.5, py / 20 - 1.0, 0.0, 0.0, 0
    while k < 40 and zr * zr + zi * zi < 4 do zr, zi, k = zr * zr - zi * zi + cr, 2 * zr * zi + ci, k + 1 end
    if k == 40 then inside = inside + 1 end
  end
end
print(inside)
local function step(zr, zi) return zr * zr - zi * zi - 0.4, 2 * zr * zi + 0.6 end
local escaped = 0
for k = 1, 300 do
  local zr, zi = k / 150 - 1, k / 300
  for i = 1, 30 do
    zr, zi = step(zr, zi)
    if zr * zr + zi * zi > 4 then escaped = escaped + i break end
  end
end
print(escaped)
