-- trees: builds and walks complete binary trees of every depth from 4 to n, and keeps one alive throughout.
-- Exercises: allocation and collection of small tables, recursion.

local function build(depth)
  if depth == 0 then return { false, false } end
  return { build(depth - 1), build(depth - 1) }
end

local function count(tree)
  local left = tree[1]
  if left then return 1 + count(left) + count(tree[2]) end
  return 1
end

local function run(n)
  local kept = build(n)
  local nodes = 0
  for depth = 4, n, 2 do
    local repetitions = 1
    for _ = 1, n - depth do
      repetitions = repetitions * 2
    end
    for _ = 1, repetitions do
      nodes = nodes + count(build(depth))
    end
  end
  return string.format("%d %d", nodes, count(kept))
end

return { run = run, n = 16, small = 7, slow = 10, luajit = true }
