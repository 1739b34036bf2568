-- table.insert, remove, unpack, pack, move, concat, and their limits and errors.

local t = {}
table.insert(t, "a") table.insert(t, 1, "b") table.insert(t, 2, "c") table.insert(t, 4, "d")
print(table.concat(t, " "), #t)
print(table.remove(t), table.remove(t, 1), table.remove(t, 1), #t, table.remove(t), table.remove(t), #t, table.remove(t, 0), table.remove({}, 0))
print(select("#", table.unpack({}, 1, 3)), table.unpack({ 1, 2, 3 }, 2), table.unpack({ 1, 2, 3 }, -1, 1), table.unpack({ 1, 2 }, 3))
local p = table.pack(1, nil, 3, nil)
print(p.n, p[1], p[2], p[3], p[4], table.pack().n)
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ","), table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ","), #table.move({ 1, 2, 3 }, 1, 3, 1, {}))
for _, call in ipairs {
  function() table.insert(t, 5, "x") end, function() table.insert(t, 0, "x") end, function() table.insert(t) end, function() table.insert(t, 1, 2, 3) end,
  function() table.insert(nil, 1) end, function() local ok, m = pcall(table.remove, t, 7) error((m:gsub('#%d', '#2 or 1'))) end, function() table.unpack() end, function() table.unpack({}, 1, 1e8) end,
  function() table.unpack({}, math.mininteger, math.maxinteger) end, function() table.move({}, 1, 2, 3, 4) end, function() table.insert(t, "1", "x", "y") end,
  function() table.insert(t, 1.5, "x") end, function() table.unpack({}, 1, "x") end, function() table.concat({}, {}) end,
} do
  print(pcall(call))
end
print(pcall(table.unpack, {}, 1, 0), select("#", table.unpack({ n = 3 }, 1, 200)), (table.unpack({ 1, 2 })))
print(#table.pack(table.unpack({}, 1, 250)), table.pack(table.unpack({}, 1, 250)).n)

-- queue and stack by insert and remove in hot loops
local queue, sum = {}, 0
for i = 1, 2000 do
  table.insert(queue, i)
  if i % 3 == 0 then sum = sum + table.remove(queue, 1) end
  if i % 5 == 0 then sum = sum + table.remove(queue) end
end
print(#queue, sum, queue[1], queue[#queue])
local front = {}
for i = 1, 300 do table.insert(front, 1, i) end
print(front[1], front[300])
local total = 0
for i = 1, 2000 do
  local a, b, c = table.unpack({ i, i * 2, i * 3 })
  local packed = table.pack(a, b, c)
  total = total + a + b + c + packed.n + select("#", table.unpack(packed, 1, i % 5))
end
print(total)

-- sort: numbers, strings, comparators, stability does not matter
local list = {}
for i = 1, 1000 do list[i] = (i * 7919) % 1009 end
table.sort(list)
local sorted = true
for i = 2, #list do sorted = sorted and list[i - 1] <= list[i] end
print(sorted, list[1], list[1000])
table.sort(list, function(a, b) return a > b end)
print(list[1], list[2], list[1000])
local words = { "pear", "fig", "apple", "kiwi", "date" }
table.sort(words) print(table.concat(words, " "))
table.sort(words, function(a, b) return #a < #b or (#a == #b and a < b) end) print(table.concat(words, " "))
local mixed = { 3, 1.5, -2, 2^53, 0.0 }
table.sort(mixed) print(table.concat(mixed, " "))
print(pcall(table.sort, { 1, "x", 2 }))
print(pcall(table.sort, { {}, {} }))
print(pcall(table.sort, { 1, 2, 3 }, 5))
print(pcall(table.sort, { 3, 1, 2 }, function() error("from the comparator") end))
print(pcall(table.sort, { 3, 1, 2, 5, 4, 9, 8, 7 }, function() return true end))
local calls = 0
local ok, message = pcall(table.sort, list, function(a, b) calls = calls + 1 if calls == 2500 then error({ code = 7 }) end return a < b end)
print(ok, type(message), message.code)
