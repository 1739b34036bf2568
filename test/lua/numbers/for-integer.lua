-- Integer `for`: bounds, steps, overflow, clipping of float limits. The loop variable is a copy.

local function collect(from, to, step)
  local list, count = {}, 0
  for i = from, to, step do
    count = count + 1
    if count > 6 then break end
    list[count] = tostring(i)
  end
  return count .. ": " .. table.concat(list, " ")
end

local max, min = math.maxinteger, math.mininteger
print(collect(1, 3, 1), collect(3, 1, -1), collect(1, 0, 1), collect(0, 1, -1))
print(collect(max - 2, max, 1), collect(min + 2, min, -1), collect(max, max, 1), collect(min, min, -1))
print(collect(max - 5, max, 3), collect(min + 5, min, -3), collect(1, max, max), collect(-1, min, min))
print(collect(min, max, max), collect(max, min, min), collect(0, max, 1 << 62))
print(collect(1, 3.9, 1), collect(1, -3.9, -1), collect(1, math.huge, 1), collect(1, -math.huge, 1))
print(collect(1, -math.huge, -1), collect(1, 2^70, 1), collect(1, -2^70, -1), collect(1, 0/0, 1))
print(collect(min, min + 0.5, 1), collect(max - 1, 2^63, 1))
print(pcall(collect, 1, 10, 0))
print(pcall(collect, "a", 10, 1))
print(pcall(collect, 1, "10", 1))
print(pcall(collect, 1, 10, {}))
print(pcall(collect, 1, nil, 1))

-- Assigning to the loop variable does not change the number of rounds.
local rounds = 0
for i = 1, 10 do
  i = i * 100
  rounds = rounds + i
end
print(rounds)

-- Bounds are evaluated once.
local limit, calls = 5, 0
local function bound() calls = calls + 1 return limit end
for _ = 1, bound() do limit = limit + 1 end
print(calls, limit)

-- Hot loops that end at the border of the integers.
local count, last = 0, nil
for i = max - 3000, max do
  count = count + 1
  last = i
end
print(count, last)
count = 0
for i = min + 3000 * 7, min, -7 do
  count = count + 1
  last = i
end
print(count, last)
count = 0
for i = min, max, max // 2000 do
  count = count + 1
  last = i
end
print(count, last)

-- A step that is only known at run time, of both signs, for the same loop.
local function sumUp(from, to, step)
  local sum = 0
  for i = from, to, step do sum = sum + i end
  return sum
end
for round = 1, 60 do
  local a, b = sumUp(1, 100, 1), sumUp(100, 1, -3)
  if round % 20 == 0 then print(a, b, sumUp(5, 1, 1), sumUp(1, 5, -1)) end
end
