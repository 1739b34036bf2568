-- mandelbrot: counts the points of an n x n grid that stay bounded for 50 iterations.
-- Exercises: float arithmetic in locals, three nested loops, a data-dependent early exit.

local function run(n)
  local inside = 0
  local total = 0
  local step = 2.0 / n
  for row = 0, n - 1 do
    local ci = row * step - 1.0
    for column = 0, n - 1 do
      local cr = column * step - 1.5
      local zr, zi, zr2, zi2 = 0.0, 0.0, 0.0, 0.0
      local iterations = 0
      while iterations < 50 and zr2 + zi2 <= 4.0 do
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
        zr2 = zr * zr
        zi2 = zi * zi
        iterations = iterations + 1
      end
      if iterations == 50 then inside = inside + 1 end
      total = total + iterations
    end
  end
  return string.format("%d %d", inside, total)
end

return { run = run, n = 600, small = 40, slow = 80, luajit = true }
