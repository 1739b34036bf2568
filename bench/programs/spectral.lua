-- spectral: spectral norm of the infinite matrix 1/((i+j)(i+j+1)/2+i+1), power method.
-- Exercises: a small function called in the inner loop, float accumulation over float arrays.

local function A(i, j)
  local ij = i + j - 1
  return 1.0 / (ij * (ij - 1) * 0.5 + i)
end

local function timesVector(x, y, n)
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do
      sum = sum + x[j] * A(i, j)
    end
    y[i] = sum
  end
end

local function timesTransposed(x, y, n)
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do
      sum = sum + x[j] * A(j, i)
    end
    y[i] = sum
  end
end

local function run(n)
  local u, v, t = {}, {}, {}
  for i = 1, n do
    u[i] = 1.0
  end
  for _ = 1, 5 do
    timesVector(u, t, n)
    timesTransposed(t, v, n)
    timesVector(v, t, n)
    timesTransposed(t, u, n)
  end
  local vBv, vv = 0.0, 0.0
  for i = 1, n do
    local ui, vi = u[i], v[i]
    vBv = vBv + ui * vi
    vv = vv + vi * vi
  end
  return string.format("%.9f", math.sqrt(vBv / vv))
end

return { run = run, n = 500, small = 20, slow = 80, luajit = true }
