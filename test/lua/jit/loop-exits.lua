-- Loops with very large trip counts that are left early; loops that run again and again for a few rounds; rare branches.

local function firstOver(limit)
  for i = 1, math.maxinteger do
    if i * i > limit then return i end
  end
end
print(firstOver(10), firstOver(4000000), firstOver(0))
local k = 0
while true do
  k = k + 1
  if k == 25000 then break end
end
print(k)
local x = 0.0
repeat x = x + 0.25 until x >= 6000
print(x)
for i = math.mininteger, math.maxinteger, 1 << 50 do k = k + (i & 1) + 1 end
print(k)
for f = 1.0, math.huge do
  k = k + 1
  if f > 3000.5 then break end
end
print(k)
-- branches taken never, once, rarely, half the time and nearly always
local never, once, rare, often, nearly = 0, 0, 0, 0, 0
for i = 1, 20000 do
  if i < 0 then never = never + 1 end
  if i == 15000 then once = once + 1 end
  if i % 1000 == 999 then rare = rare + i end
  if (i * 2654435761 >> 16) % 2 == 0 then often = often + 1 end
  if i % 100 ~= 0 then nearly = nearly + 1 end
end
print(never, once, rare, often, nearly)
-- several branches in sequence: many paths through one body
local paths = {}
for i = 1, 6000 do
  local path = 0
  if i % 2 == 0 then path = path + 1 end
  if i % 3 == 0 then path = path + 2 end
  if i % 5 == 0 then path = path + 4 end
  if i % 7 == 0 then path = path + 8 end
  paths[path] = (paths[path] or 0) + 1
end
local row = {}
for p = 0, 15 do row[#row + 1] = tostring(paths[p]) end
print(table.concat(row, " "))
-- short loops entered thousands of times
local function short(n) local s = 0 for i = 1, n do s = s + i end return s end
local total = 0
for i = 1, 4000 do total = total + short(i % 6) end
print(total)
-- all kinds of conditions in and, or, not
local hits = 0
for i = 1, 3000 do
  local a, b, c = i % 2 == 0, i % 3 == 0 and i, i % 5 == 0 and "five"
  if a and b or c then hits = hits + 1 end
  if not (a or b) and not c then hits = hits + 10 end
  local chosen = a and "a" or b and "b" or c
  if chosen == "five" then hits = hits + 100 end
  if (b or 0) > 1500 then hits = hits + 1000 end
end
print(hits)
-- values computed in the loop and used after it
local last, previous, best = nil, nil, { value = -1 }
for i = 1, 3000 do
  previous, last = last, i * 7 % 1013
  if last > best.value then best = { value = last, at = i } end
end
print(last, previous, best.value, best.at)
-- interpolation search: the bounds move towards each other
local lo, hi, steps = 1, 1 << 40, 0
while lo < hi do
  local middle = (lo + hi) // 2
  if middle * middle < 10^12 then lo = middle + 1 else hi = middle end
  steps = steps + 1
end
print(lo, steps)
