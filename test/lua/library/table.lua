-- The table library on objects with metamethods, its limits and messages, and sorting by every kind of order.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = tostring((select(i, ...))) end
  print(table.concat(out, ' '))
end
local function fails(f, ...) p((tostring(select(2, pcall(f, ...))):gsub('0x%x+', 'ADDRESS'))) end

-- A proxy that logs how it is used.
local log = {}
local function proxy(backing, size)
  return setmetatable({}, {
    __index = function(_, k) log[#log + 1] = 'r' .. tostring(k) return backing[k] end,
    __newindex = function(_, k, v) log[#log + 1] = 'w' .. tostring(k) .. '=' .. tostring(v) backing[k] = v end,
    __len = function() log[#log + 1] = '#' return size or #backing end,
  })
end
local function show(...)
  p(...)
  p(table.concat(log, ' '))
  log = {}
end
show(table.insert(proxy { 1, 2, 3 }, 'x'))
show(table.insert(proxy { 1, 2, 3 }, 1, 'x'))
show(table.insert(proxy { 1, 2, 3 }, 4, 'x'))
show(table.remove(proxy { 1, 2, 3 }))
show(table.remove(proxy { 1, 2, 3 }, 1))
show(table.remove(proxy {}), table.remove(proxy {}, 0))
show(table.concat(proxy { 1, 'a', 2.5 }, '-'), table.concat(proxy { 1, 2, 3 }, ',', 2, 3), table.concat(proxy {}, 'x'))
show(table.unpack(proxy { 1, nil, 3 }, 1, 3))
show(table.unpack(proxy({ 7, 8 }, 2)))
show(#table.move(proxy { 1, 2, 3 }, 1, 3, 2, {}))
show(table.move({ 1, 2, 3 }, 1, 3, 3, proxy {}) ~= nil)
show(table.move(proxy { 1, 2, 3 }, 2, 3, 1) ~= nil)
table.sort(proxy { 3, 1, 2 })
-- How often an element is read is not fixed, the order of the writes is.
local writes = {}
for _, entry in ipairs(log) do if entry:sub(1, 1) == 'w' then writes[#writes + 1] = entry end end
p(table.concat(writes, ' '))
log = {}
local sorted = { 5, 3, 9, 1 }
table.sort(proxy(sorted))
p(table.unpack(sorted))

fails(table.insert, setmetatable({}, { __len = function() return 'x' end }), 1)
fails(table.insert, setmetatable({}, { __len = function() return 1.5 end }), 1)
fails(table.insert, proxy { 1 }, 5, 'x')
fails(table.insert, proxy { 1 }, 'y', 'x')
fails(table.insert, proxy { 1 })
fails(table.insert, proxy { 1 }, 1, 2, 3)
fails(table.insert, 5, 1)
fails(table.insert, nil, 1)
fails(table.insert, {}, 3, 1)
fails(table.insert, {}, 0, 1)
fails(table.insert, {}, 1.5, 1)
fails(table.insert, {})
fails(table.insert, {}, 1, 2, 3)
fails(table.remove, 'x')
fails(table.remove, {}, {})
fails(table.concat, { 1, {}, 3 })
fails(table.concat, { 1, 2 }, ',', 1, 3)
fails(table.concat, {}, {})
fails(table.concat, {}, ',', 'x')
fails(table.concat, { print })
fails(table.concat, proxy { 1, true })
fails(table.unpack, {}, 1, 1e7)
fails(table.unpack, {}, math.mininteger, math.maxinteger)
fails(table.unpack, {}, 1, math.maxinteger)
fails(table.unpack, {}, {}, 1)
fails(table.unpack, {}, 1, 'x')
fails(table.unpack)
fails(table.move, {}, 1, math.maxinteger, 2)
fails(table.move, {}, 0, math.maxinteger, 2)
fails(table.move, {}, -1, math.maxinteger, 2)
fails(table.move, {}, math.mininteger, 0, 2)
fails(table.move, {}, 1, 2, math.maxinteger)
fails(table.move, {}, 1, 2)
fails(table.move, {}, 1, 'x', 2)
fails(table.move, 1, 1, 2, 2)
fails(table.move, {}, 1, 2, 2, 'x')
fails(table.sort, setmetatable({}, { __len = function() return math.maxinteger end }))
fails(table.sort, setmetatable({}, { __len = function() return 1 << 31 end }))
fails(table.sort, { 1, 'x', 2 })
fails(table.sort, { {}, {} })
fails(table.sort, { true, false, true })
fails(table.sort, { 1, 2, 3 }, 'x')
fails(table.sort, { 1, 2, nil, 4 }, 5)
fails(table.sort)
fails(table.sort, { 3, 1, 2 }, function() error('in the comparator', 0) end)
fails(table.sort, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function() return true end)
p(table.concat({}), table.concat({ 'x' }, ','), table.concat({ 1, 2, 3 }, ', ', 2), table.concat({ 1, 2, 3 }, ',', 3, 2), table.concat({ [5] = 'e' }, ',', 5, 5), (table.concat({ 1, 2.5, 'x' })))
p(table.concat({ [math.maxinteger] = 'end' }, ',', math.maxinteger), table.concat({ [math.maxinteger - 1] = 'a', [math.maxinteger] = 'b' }, ',', math.maxinteger - 1, math.maxinteger))
p(table.unpack({ 1, 2, 3 }, -1, 1), table.unpack({ 1, 2 }, 2), table.unpack({ 1, 2 }, 3), select('#', table.unpack({}, 1, 3)), table.unpack({ [math.maxinteger] = 'm' }, math.maxinteger, math.maxinteger))
p(table.pack().n, table.pack(nil).n, table.pack(nil, 2, nil).n, table.pack('x')[1])
local moved = table.move({ 1, 2, 3, 4, 5 }, 2, 5, 1)
p(table.concat(moved, ','), table.concat(table.move({ 1, 2, 3, 4, 5 }, 1, 4, 2), ','), table.concat(table.move({ 1, 2 }, 1, 2, 4, { 9, 9, 9 }), ','), table.move({}, 3, 2, 1) ~= nil)

-- sorting
local function isSorted(t, less)
  for i = 2, #t do if less(t[i], t[i - 1]) then return false end end
  return true
end
local state = 12345
local function random(n)
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state % n + 1
end
local orders = {
  ['<'] = function(a, b) return a < b end, ['>'] = function(a, b) return a > b end, ['mod'] = function(a, b) return a % 10 < b % 10 end,
}
for _, name in ipairs { '<', '>', 'mod' } do
  for _, size in ipairs { 0, 1, 2, 3, 10, 100, 1000 } do
    local t = {}
    for i = 1, size do t[i] = random(size * 2) end
    table.sort(t, orders[name])
    p(name, size, isSorted(t, orders[name]))
  end
end
local mixed = { 3, 1.5, 2, 1e10, -1, 0.5, 2 ^ 53, math.mininteger }
table.sort(mixed)
p(table.unpack(mixed))
local words = {}
for word in ('the quick brown fox jumps over the lazy dog \0 a'):gmatch('%S+') do words[#words + 1] = word end
table.sort(words)
p((table.concat(words, ' '):gsub('\0', '0')))
table.sort(words, function(a, b) return #a == #b and a < b or #a < #b end)
p((table.concat(words, ' '):gsub('\0', '0')))
local points = {}
for i = 1, 20 do points[i] = setmetatable({ x = i * 7 % 20 }, { __lt = function(a, b) return a.x < b.x end }) end
for i = 2, 20 do setmetatable(points[i], getmetatable(points[1])) end
table.sort(points)
local xs = {}
for i = 1, 20 do xs[i] = points[i].x end
p(table.concat(xs, ' '))
