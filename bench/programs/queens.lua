-- queens: counts the placements of n queens on an n x n board by backtracking over three arrays of booleans.
-- Exercises: recursion from within a loop, boolean arrays, computed indices.

local function run(n)
  local columns, rising, falling = {}, {}, {}
  for i = 1, n do
    columns[i] = false
  end
  for i = 1, 2 * n do
    rising[i] = false
    falling[i] = false
  end
  local solutions, tried = 0, 0

  local function place(row)
    if row > n then
      solutions = solutions + 1
      return
    end
    for column = 1, n do
      local up, down = row + column - 1, row - column + n
      tried = tried + 1
      if not (columns[column] or rising[up] or falling[down]) then
        columns[column], rising[up], falling[down] = true, true, true
        place(row + 1)
        columns[column], rising[up], falling[down] = false, false, false
      end
    end
  end

  place(1)
  return string.format("%d %d", solutions, tried)
end

return { run = run, n = 12, small = 5, slow = 8, luajit = true }
