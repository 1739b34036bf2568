-- sorting: quicksort, heap sort and table.sort with a comparison function over the same n pseudo-random integers.
-- Exercises: integer arrays, loops that end on data, recursion, a callback from the library.

local function fill(n)
  local list = {}
  local state = 12345
  for i = 1, n do
    state = (state * 1366 + 150889) % 714025
    list[i] = state
  end
  return list
end

local function quicksort(list, low, high)
  while low < high do
    local pivot = list[math.floor((low + high) / 2)]
    local i, j = low, high
    while i <= j do
      while list[i] < pivot do i = i + 1 end
      while list[j] > pivot do j = j - 1 end
      if i <= j then
        list[i], list[j] = list[j], list[i]
        i = i + 1
        j = j - 1
      end
    end
    if j - low < high - i then
      quicksort(list, low, j)
      low = i
    else
      quicksort(list, i, high)
      high = j
    end
  end
end

local function sink(list, root, last)
  local value = list[root]
  while true do
    local child = root * 2
    if child > last then break end
    if child < last and list[child] < list[child + 1] then child = child + 1 end
    if list[child] <= value then break end
    list[root] = list[child]
    root = child
  end
  list[root] = value
end

local function heapsort(list, n)
  for root = math.floor(n / 2), 1, -1 do
    sink(list, root, n)
  end
  for last = n, 2, -1 do
    list[1], list[last] = list[last], list[1]
    sink(list, 1, last - 1)
  end
end

local function checksum(list, n)
  local sum = 0
  for i = 1, n do
    sum = (sum * 33 + list[i]) % 1000003
  end
  return sum
end

local function run(n)
  local a, b, c = fill(n), fill(n), fill(n)
  quicksort(a, 1, n)
  heapsort(b, n)
  table.sort(c, function(x, y) return x > y end)
  return string.format("%d %d %d", checksum(a, n), checksum(b, n), checksum(c, n))
end

return { run = run, n = 200000, small = 200, slow = 2000, luajit = true }
