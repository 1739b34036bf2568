-- life: Conway's game of life on an n x n torus, 30 generations from a pseudo-random start.
-- Exercises: rows of small integers, index arithmetic with %, nested loops over neighbours.

local function start(n)
  local rows = {}
  local state = 4099
  for i = 1, n do
    local row = {}
    for j = 1, n do
      state = (state * 1366 + 150889) % 714025
      row[j] = state > 450000 and 1 or 0
    end
    rows[i] = row
  end
  return rows
end

local function generation(rows, n)
  local after = {}
  for i = 1, n do
    local above, here, below = rows[(i - 2) % n + 1], rows[i], rows[i % n + 1]
    local row = {}
    for j = 1, n do
      local left, right = (j - 2) % n + 1, j % n + 1
      local neighbours = above[left] + above[j] + above[right] + here[left] + here[right] + below[left] + below[j] + below[right]
      if neighbours == 3 or (neighbours == 2 and here[j] == 1) then row[j] = 1 else row[j] = 0 end
    end
    after[i] = row
  end
  return after
end

local function run(n)
  local rows = start(n)
  for _ = 1, 30 do
    rows = generation(rows, n)
  end
  local alive, weighted = 0, 0
  for i = 1, n do
    for j = 1, n do
      alive = alive + rows[i][j]
      weighted = (weighted + rows[i][j] * (i * 31 + j)) % 1000003
    end
  end
  return string.format("%d %d", alive, weighted)
end

return { run = run, n = 400, small = 12, slow = 30, luajit = true }
