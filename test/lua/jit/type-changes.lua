-- Hot loops whose variables change type on the way: integer, float, string, table, nil, boolean.

local function accumulate(n)
  local x = 0
  for i = 1, n do
    if i == 1000 then x = x + 0.5 end
    if i == 2000 then x = tostring(x) end
    x = x + i
  end
  return x
end
print(accumulate(900), accumulate(1900), accumulate(2900))
local function alternate(n)
  local a, b = 1, 1.5
  local sum = 0
  for _ = 1, n do
    a, b = b, a
    sum = sum + a
  end
  return sum, a, b
end
print(alternate(3001))
-- the type of a value depends on the parity: no version of the loop fits for long
local kinds = { "x", 1, 2.5, true, false, {}, print }
local tally = {}
for i = 1, 3500 do
  local v = kinds[i % #kinds + 1]
  local t = type(v)
  tally[t] = (tally[t] or 0) + 1
  if v then tally.truthy = (tally.truthy or 0) + 1 end
end
print(tally.string, tally.number, tally.boolean, tally.table, tally["function"], tally.truthy)
-- nil and false as flags
local flag, flips = nil, 0
for i = 1, 3000 do
  if not flag then flag = i % 3 == 0 and "set" or false else flag = nil end
  if flag then flips = flips + 1 end
end
print(flips, flag)
-- a parameter that is an integer for a long time, then a float, then a numeric string
local function poly(x) return x * x + x end
local r = 0
for i = 1, 3000 do
  local v = i
  if i > 2000 then v = i .. "" elseif i > 1000 then v = i + 0.0 end
  r = r + poly(v)
end
print(r)
-- an uninitialised accumulator
local first
for i = 1, 2000 do
  if first == nil then first = i * 2 else first = first + 1 end
end
print(first)
-- integer overflow into negative, float overflow into infinity, division makes floats
local p, q, d = 1, 1.0, 1 << 62
for i = 1, 2500 do
  p = p * 3
  q = q * 3
  if i > 2400 then d = d / 3 end
end
print(p, q, d)
local ok, message = pcall(function()
  local t = 1
  for i = 1, 3000 do
    if i == 2500 then t = nil end
    t = t + 1
  end
end)
print(ok, message)
