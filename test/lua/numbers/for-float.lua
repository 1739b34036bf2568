-- Float `for`: as soon as the start or the step is a float, the loop counts in floats.

local function collect(from, to, step)
  local list, count = {}, 0
  for x = from, to, step do
    count = count + 1
    if count > 6 then break end
    list[count] = string.format("%s:%s", math.type(x), x)
  end
  return count .. ": " .. table.concat(list, " ")
end

print(collect(1.0, 3, 1))
print(collect(1, 3, 1.0))
print(collect(1, 3.0, 1))
print(collect(1, 2, 0.25))
print(collect(0.0, -1, -0.5))
print(collect(-0.0, 0.0, 1.0))
print(collect(1.0, 0.5, 1))
print(collect(0.1, 0.35, 0.1))
print(collect(1.0, math.huge, 1e308))
print(collect(0.0, 0/0, 1))
print(collect(0/0, 1, 1.0))
print(collect(2^53, 2^53 + 4, 1.0))
print(collect(math.huge, math.huge, 1))
print(pcall(collect, 1.0, 2, 0))
print(pcall(collect, 1.0, 2, 0.0))
print(pcall(collect, 1.0, "2", 1))

local sum, count = 0.0, 0
for x = 0, 300, 0.125 do
  sum = sum + x * x
  count = count + 1
end
print(sum, count)
sum, count = 0, 0
for x = 10.5, -1000, -0.25 do
  sum = sum + x
  count = count + 1
end
print(sum, count)

-- One loop, integer first and float later: the compiled version has to step aside.
local function walk(from, to, step)
  local total = 0
  for x = from, to, step do total = total + x end
  return total
end
for round = 1, 40 do
  local a = walk(1, 200, 1)
  local b = round > 20 and walk(1.5, 200, 1) or 0
  if round % 10 == 0 then print(round, a, b) end
end
