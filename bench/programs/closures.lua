-- closures: a pipeline of iterators (range, filter, map, take) built from closures, folded n times.
-- Exercises: generic for over Lua iterators, closure creation, upvalues shared and private, calls of unknown targets.

local function range(from, to)
  local at = from - 1
  return function()
    if at < to then
      at = at + 1
      return at
    end
  end
end

local function filter(test, source)
  return function()
    while true do
      local value = source()
      if value == nil or test(value) then return value end
    end
  end
end

local function map(transform, source)
  return function()
    local value = source()
    if value ~= nil then return transform(value) end
  end
end

local function fold(combine, start, source)
  local result = start
  for value in source do
    result = combine(result, value)
  end
  return result
end

local function run(n)
  local calls = 0
  local function add(a, b)
    calls = calls + 1
    return (a + b) % 1000003
  end
  local total = 0
  for k = 1, n do
    local offset = k % 17
    local odd = filter(function(x) return (x + offset) % 2 == 1 end, range(1, 100))
    local squares = map(function(x) return x * x + offset end, odd)
    total = fold(add, total, squares)
  end
  return string.format("%d %d", total, calls)
end

return { run = run, n = 20000, small = 12, slow = 600, luajit = true }
