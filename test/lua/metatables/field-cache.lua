-- Fields that are nil, or come from a class, at places that meet them again and again: what is remembered of them must hold for no longer than it is so.

local function get(t) return t.name end
local function set(t, v) t.name = v end
local function call(t) return t:name() end

-- The same answer several times, so that a cache has it.
local function often(t)
  local first = get(t)
  for _ = 1, 5 do assert(get(t) == first) end
  return first
end

-- No metatable: a field that is nil, that comes, and goes again.
local plain = {other = 1, name = nil}
print(often(plain))
set(plain, 2)
print(often(plain))
set(plain, nil)
print(often(plain))
set(plain, 3)
print(often(plain))

-- Objects of one kind: one has the field, for one it is nil, for one it comes from the class.
local Class = {}
Class.__index = Class
local function new(v) return setmetatable({x = 1, name = v}, Class) end
local a, b = new('own'), new('own')
b.name = nil
print(often(a), often(b))
Class.name = 'of the class'
print(often(a), often(b))
Class.name = nil
print(often(a), often(b))
Class.name = 'again'
print(often(b))

-- A chain of classes, from no one of which the name comes; then from each in turn.
local chain = {}
for i = 1, 6 do
  chain[i] = {}
  chain[i].__index = chain[i]
  if i > 1 then setmetatable(chain[i - 1], chain[i]) end
end
for depth = 1, 6 do
  local object = setmetatable({x = 1}, chain[7 - depth])
  local before = often(object)
  local results = {tostring(before)}
  for i = 7 - depth, 6 do
    chain[i].name = i
    results[#results + 1] = tostring(often(object))
    chain[i].name = nil
    results[#results + 1] = tostring(often(object))
  end
  print(depth, table.concat(results, ' '))
end

-- A metatable that gets __index later, loses it, and gets a function.
local meta = {}
local object = setmetatable({x = 1}, meta)
print(often(object))
meta.__index = {name = 'later'}
print(often(object))
meta.__index = nil
print(often(object))
meta.__index = function(_, key) return key .. '!' end
print(often(object))
setmetatable(object, nil)
print(often(object))

-- The end of a chain gets a metatable.
local last = {}
local middle = setmetatable({}, {__index = last})
local first = setmetatable({}, {__index = middle})
print(often(first))
setmetatable(last, {__index = function() return 'the end' end})
print(often(first))

-- Stores: a field that is nil is there for __newindex, from the moment there is one.
local log = {}
local Logged = {}
local logged = setmetatable({x = 1, name = 1}, Logged)
for i = 1, 5 do
  set(logged, i)
  set(logged, nil)
end
Logged.__newindex = function(t, key, value)
  log[#log + 1] = key .. '=' .. tostring(value)
  rawset(t, key, value)
end
set(logged, 6)
set(logged, 7)
set(logged, nil)
set(logged, 8)
print(logged.name, table.concat(log, ' '))
Logged.__newindex = nil
set(logged, nil)
set(logged, 9)
print(logged.name, #log)

-- Metatables made for one object each: alike, until one of them is not.
local Base = {}
local function made() return setmetatable({x = 1}, {__index = Base}) end
local one, two = made(), made()
print(often(one), often(two))
Base.name = 'both'
print(often(one), often(two))
getmetatable(two).__newindex = function(t, key, value) rawset(t, key, value .. '?') end
set(one, 'one')
set(two, 'two')
print(often(one), often(two))
getmetatable(one).__index = nil
set(one, nil)
print(often(one))

-- A class with so many fields that it is a dictionary.
local Large = {}
Large.__index = Large
for i = 1, 2000 do Large['f' .. i] = i end
local large = setmetatable({x = 1}, Large)
print(often(large))
Large.name = 'large'
print(often(large))

-- Objects of many kinds at one place.
local kinds = {}
for i = 1, 40 do
  local kind = {}
  for j = 1, i do kind['k' .. j] = j end
  if i % 3 == 0 then kind.name = i end
  kinds[i] = setmetatable(kind, i % 2 == 0 and Class or nil)
end
local sum, missing, fromClass = 0, 0, 0
for _ = 1, 20 do
  for i = 1, 40 do
    local value = get(kinds[i])
    if value == nil then missing = missing + 1
    elseif value == 'again' then fromClass = fromClass + 1
    else sum = sum + value end
  end
end
print(sum, missing, fromClass)

-- Methods, and the error when there is none.
Class.name = function(self) return self.x end
print(call(new(nil)), call(new(nil)))
Class.name = nil
print((select(2, pcall(call, new(nil))):gsub('^.-:%d+: ', '')))

-- Values other than tables: what is behind their metatable's __index changes in each way it can.
do
  local meta, gsub = getmetatable(''), string.gsub
  local function size(value) return value:len() end
  local function look(value)
    local result
    for _ = 1, 3 do result = select(2, pcall(size, value)) end
    return (gsub(tostring(result), '^.-:%d+: ', ''))
  end
  print(look('abc'))
  local len = string.len
  string.len = function() return 'replaced' end
  print(look('abc'))
  string.len = nil
  print(look('abc'))
  string.len = len
  print(look('abc'))
  meta.__index = { len = function() return 'another table' end }
  print(look('abc'))
  meta.__index.len = nil
  print(look('abc'))
  setmetatable(meta.__index, { __index = { len = function() return 'inherited' end } })
  print(look('abc'))
  meta.__index.len = false
  print(look('abc'))
  meta.__index = function(_, name) return function() return name end end
  print(look('abc'))
  rawset(meta, '__index', nil)
  print(look('abc'))
  meta.__index = string
  print(look('abc'))
  debug.setmetatable('', { __index = { len = function() return 'another metatable' end } })
  print(look('abc'))
  debug.setmetatable('', meta)
  print(look('abc'))
  debug.setmetatable(0, meta)
  print(look(12345), look('abc'))
  debug.setmetatable(0, nil)
  print(look(12345))
  local many = {}
  for i = 1, 100 do many['m' .. i] = i end
  many.len = function() return 'of many' end
  meta.__index = many
  print(look('abc'))
  for i = 1, 100 do many['m' .. i] = nil end
  many.len = function() return 'of few' end
  collectgarbage()
  print(look('abc'))
  meta.__index = string
  print(look('abc'), look(io.stdout))
end
