-- Append loops: t[#t + 1], t[n], table.insert, in one table and in several, with removals and with changes of kind.

local function append(n, make)
  local t = {}
  for i = 1, n do t[#t + 1] = make and make(i) or i end
  return t
end
local a = append(2500)
local b = append(2500, function(i) return i / 2 end)
local c = append(2500, function(i) return "v" .. i end)
local d = append(2500, function(i) return i % 500 == 0 and "mark" or i end)
print(#a, #b, #c, #d, a[2500], b[2500], c[2500], d[2500], d[2499])
local t, n = {}, 0
for i = 1, 3000 do
  if i % 3 ~= 0 then n = n + 1 t[n] = i else t[n] = nil n = n - 1 end
end
print(n, #t, t[n])
local even, odd = {}, {}
for i = 1, 3000 do
  local target = i % 2 == 0 and even or odd
  target[#target + 1] = i
  if i == 2000 then odd[#odd + 1] = 0.5 end
end
print(#even, #odd, even[1500], odd[1000], odd[1001], odd[1002], math.type(odd[1]))
local ins = {}
for i = 1, 3000 do table.insert(ins, i) if i % 7 == 0 then table.remove(ins) end end
print(#ins, ins[#ins])
-- rows of rows
local rows = {}
for i = 1, 50 do
  local row = {}
  for j = 1, 50 do row[#row + 1] = i * j end
  rows[#rows + 1] = row
end
local total = 0
for i = 1, #rows do for j = 1, #rows[i] do total = total + rows[i][j] end end
print(total)
-- a queue with two ends
local queue, first, last, seen = {}, 1, 0, 0
for i = 1, 3000 do
  last = last + 1
  queue[last] = i
  if i % 2 == 0 then
    seen = seen + queue[first]
    queue[first] = nil
    first = first + 1
  end
end
print(first, last, seen, queue[first], queue[last])
-- a starting point of zero and negative keys
local shifted = {}
for i = -1000, 1000 do shifted[i] = i * i end
local s = 0
for i = -1000, 1000 do s = s + shifted[i] end
print(s, #shifted, shifted[-1000], shifted[0])
-- float keys with integral values append to the array
local f = {}
for x = 1.0, 2000.0 do f[x] = x end
print(#f, f[1], math.type(next(f)), f[2000])
-- sparse at first, dense later
local sparse = {}
for i = 2, 2000, 2 do sparse[i] = i end
for i = 1, 2000, 2 do sparse[i] = i end
local dense = 0
for i = 1, #sparse do dense = dense + sparse[i] end
print(#sparse, dense)
-- nil assigned past the end, again and again
local same = { 1, 2, 3 }
for i = 1, 2500 do same[#same + 1] = nil same[i + 10] = nil end
print(#same)
-- a metatable that forbids it, midway
local guarded = {}
local ok, message = pcall(function()
  for i = 1, 3000 do
    if i == 2500 then setmetatable(guarded, { __newindex = function(_, k) error("no " .. k, 0) end }) end
    guarded[#guarded + 1] = i
  end
end)
print(ok, message, #guarded)
