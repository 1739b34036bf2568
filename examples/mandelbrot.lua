-- The Mandelbrot set in characters. Usage: moontrace -jv examples/mandelbrot.lua [columns [iterations]]
local columns = tonumber(arg and arg[1]) or 76
local limit = tonumber(arg and arg[2]) or 20000
local rows = columns * 22 // 76
local shades = ' .:-=+*%#@'

local function iterations(cr, ci)
  local zr, zi, n = 0.0, 0.0, 0
  while n < limit do
    local r2, i2 = zr * zr, zi * zi
    if r2 + i2 > 4.0 then break end
    zr, zi = r2 - i2 + cr, 2.0 * zr * zi + ci
    n = n + 1
  end
  return n
end

local start = os.clock()
for y = 0, rows - 1 do
  local line = {}
  for x = 0, columns - 1 do
    local n = iterations(x / columns * 3.2 - 2.3, y / rows * 2.4 - 1.2)
    local shade = n == limit and #shades or 1 + n % (#shades - 1)
    line[#line + 1] = shades:sub(shade, shade)
  end
  print(table.concat(line))
end
print(string.format('%d x %d points in %.2f s', columns, rows, os.clock() - start))
