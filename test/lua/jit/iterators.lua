-- Generic for in hot loops: pairs, ipairs, next, closures, stateless iterators, several values, ends and types that vary.

local t = {}
for i = 1, 2000 do t[i] = i * 2 end
local s = 0
for i, v in ipairs(t) do s = s + i * v % 7 end
for k, v in pairs(t) do s = s + k - v end
for k, v in next, t do s = s + k + v end
for k in next, t, 1990 do s = s + k end
print(s)
local function range(n) local i = 0 return function() i = i + 1 if i <= n then return i, i * i end end end
for i, sq in range(2500) do s = s + sq - i end
print(s)
local function stateless(limit, i) i = i + 1 if i <= limit then return i end end
for i in stateless, 2500, 0 do s = s + i end
print(s)
-- a table whose values have many types
local mixed = { 1, 2.5, "three", true, { 5 }, n = 6, s = "seven", [8.5] = 8, [false] = 9 }
local tally = {}
for _ = 1, 300 do
  for k, v in pairs(mixed) do
    local key = type(k) .. ":" .. type(v)
    tally[key] = (tally[key] or 0) + 1
  end
end
local keys = {}
for k in pairs(tally) do keys[#keys + 1] = k .. "=" .. tally[k] end
table.sort(keys)
print(table.concat(keys, " "))
-- records through pairs; values changed on the way
local record = {}
for i = 1, 40 do record["field" .. i] = i end
for round = 1, 60 do
  for k, v in pairs(record) do record[k] = v + round % 3 end
end
local total = 0
for _, v in pairs(record) do total = total + v end
print(total)
-- entries removed while walking, then added again between walks
local bag = {}
for round = 1, 40 do
  for i = 1, 60 do bag[i * round % 71] = i end
  for k, v in pairs(bag) do if (k + v) % 3 == 0 then bag[k] = nil end end
end
local left, sumKeys = 0, 0
for k in pairs(bag) do left = left + 1 sumKeys = sumKeys + k end
print(left, sumKeys)
-- ipairs over arrays of changing kinds, with a hole, on an empty one, over a proxy
local lists = { { 1, 2, 3 }, { 1.5, 2.5 }, {}, { "a", "b" }, { 1, nil, 3 }, setmetatable({}, { __index = function(_, i) if i < 4 then return i end end }) }
local count = 0
for round = 1, 1200 do
  for i, v in ipairs(lists[round % #lists + 1]) do count = count + i + (type(v) == "number" and v or 1) end
end
print(count)
-- nested generic loops with early leaving
local found = 0
for i = 1, 200 do
  for a, x in ipairs(t) do
    if a > 12 then break end
    for _, b in pairs({ 1, 2, 3 }) do
      if (a * b + x + i) % 11 == 0 then found = found + 1 goto out end
    end
  end
  ::out::
end
print(found)
-- an iterator that errors in the middle; one that returns false first
print(pcall(function()
  local n = 0
  for i in function(_, k) k = (k or 0) + 1 if k == 2200 then error("iterator failed") end return k end do n = n + i end
end))
local falses = 0
for v, k in (function() local k = 0 return function() k = k + 1 if k < 2000 then return k % 2 == 0, k end end end)() do
  if not v then falses = falses + k end
end
print(falses)
-- a callable table as an iterator
local walker = setmetatable({ at = 0 }, { __call = function(self) self.at = self.at + 1 if self.at <= 2500 then return self.at end end })
local walked = 0
for i in walker do walked = walked + i end
print(walked)
-- linked list, walked by an iterator
local list
for i = 1, 1500 do list = { v = i, next = list } end
local function each(l) local n = { next = l } return function() n = n.next if n then return n.v end end end
local listed = 0
for v in each(list) do listed = listed * 3 % 100003 + v end
print(listed)
