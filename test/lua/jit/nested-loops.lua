-- Loops in loops: three deep, of every sort, with short and long inner loops, leaving several at once.

local s = 0
for i = 1, 20 do
  for j = 1, 20 do
    for k = 1, 20 do s = s + i * j - k end
  end
end
print(s)
-- inner trip counts of zero, one, few and many
s = 0
for i = 1, 3000 do
  for j = 1, i % 4 do s = s + j end
end
for i = 1, 30 do
  for j = i, i * 10 do s = s + j % i end
end
for i = 1, 2000 do
  for j = 5, 1 do s = s + 1000000 end
  for j = 1, 1 do s = s + j end
end
print(s)
-- while in for in repeat
local r, rounds = 0, 0
repeat
  rounds = rounds + 1
  for i = 1, 10 do
    local w = i
    while w > 0 do
      r = r + w % 3
      w = w - 2
    end
  end
until rounds == 100
print(r, rounds)
-- leave several loops by goto, return and break
local function search(n)
  for a = 1, n do
    for b = a, n do
      for c = b, n do
        if a * a + b * b == c * c and a + b + c > n then return a, b, c end
      end
    end
  end
end
print(search(40))
local cuts = 0
for i = 1, 200 do
  for j = 1, 50 do
    if (i * j) % 23 == 22 then goto next end
    for k = 1, 5 do
      if k * j > i then break end
      cuts = cuts + k
    end
  end
  ::next::
end
print(cuts)
-- an inner loop whose type changes with the outer one
local mixed = 0
for i = 1, 60 do
  local step = i % 2 == 0 and 1 or 0.5
  for x = 1, 20, step do mixed = mixed + x end
end
print(mixed)
-- an inner loop over a table that the outer loop changes
local t, sum = {}, 0
for i = 1, 120 do
  t[i] = i % 10 == 0 and i + 0.5 or i
  for k = 1, #t do sum = sum + t[k] end
  for k, v in ipairs(t) do sum = sum - v + k end
end
print(sum)
-- a matrix of rows, transposed in place
local m = {}
for i = 1, 60 do
  m[i] = {}
  for j = 1, 60 do m[i][j] = i * 100 + j end
end
for i = 1, 60 do
  for j = i + 1, 60 do m[i][j], m[j][i] = m[j][i], m[i][j] end
end
local check = 0
for i = 1, 60 do
  for j = 1, 60 do check = check * 3 % 1000003 + m[i][j] end
end
print(check, m[1][60], m[60][1])
-- bubble sort and insertion sort: inner loops that end on data
local list = {}
for i = 1, 120 do list[i] = (i * 7919) % 127 end
for i = #list, 2, -1 do
  for j = 1, i - 1 do
    if list[j] > list[j + 1] then list[j], list[j + 1] = list[j + 1], list[j] end
  end
end
print(list[1], list[60], list[120])
for i = 1, 120 do list[i] = (i * 31) % 113 + 0.5 end
for i = 2, #list do
  local v, j = list[i], i - 1
  while j > 0 and list[j] > v do
    list[j + 1] = list[j]
    j = j - 1
  end
  list[j + 1] = v
end
print(list[1], list[60], list[120])
-- Collatz: data-dependent while inside for
local longest, start = 0, 0
for i = 1, 1500 do
  local n, len = i, 1
  while n ~= 1 do
    if n % 2 == 0 then n = n // 2 else n = 3 * n + 1 end
    len = len + 1
  end
  if len > longest then longest, start = len, i end
end
print(longest, start)
