-- matrix: product of two n x n matrices of floats, held as tables of rows; the second is transposed first.
-- Exercises: packed float arrays, an inner loop of two loads, a multiplication and an addition.

local function build(n, seed)
  local rows = {}
  local scale = 1.0 / n / n
  for i = 1, n do
    local row = {}
    for j = 1, n do
      row[j] = scale * (i - j) * (i + j - seed)
    end
    rows[i] = row
  end
  return rows
end

local function transpose(a, n)
  local rows = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do
      row[j] = a[j][i]
    end
    rows[i] = row
  end
  return rows
end

local function multiply(a, b, n)
  local columns = transpose(b, n)
  local rows = {}
  for i = 1, n do
    local left = a[i]
    local row = {}
    for j = 1, n do
      local right = columns[j]
      local sum = 0.0
      for k = 1, n do
        sum = sum + left[k] * right[k]
      end
      row[j] = sum
    end
    rows[i] = row
  end
  return rows
end

local function run(n)
  local product = multiply(build(n, 1.0), build(n, 2.0), n)
  local trace = 0.0
  for i = 1, n do
    trace = trace + product[i][i]
  end
  local middle = math.floor(n / 2) + 1
  return string.format("%.6f %.6f", trace, product[middle][middle])
end

return { run = run, n = 320, small = 24, slow = 50, luajit = true }
