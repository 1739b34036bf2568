-- load, with text and binary chunks, readers, modes, environments; string.dump.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    out[i] = type(v) == 'string' and string.format('%q', v) or type(v) == 'function' and 'function' or tostring(v)
  end
  print(table.concat(out, ' '))
end

-- text
p(load('return 1, ...')(2, 3))
p(load('return 1 +'))
p(load('return 1 +', 'name'))
p(load('return 1 +', '=name'))
p(load('return 1 +', '@name.lua'))
p(load('x = '))
p(load('return x', 'n', 't', { x = 5 })())
p(pcall(load('return x', 'n', 't', nil)))
p(load('local a = 1 return _ENV', 'n', 't', 7)())
p(load('return 1', 'n', 'b'))
p(load('return 1', 'n', 'x'))
p(load('return 1', '=n', 'bt')())
p(load(''), load('-- only a comment'), load('\n\n'))
p(load(12))
p(load('return "\\z   x"')())

-- readers
local function reader(...)
  local pieces, i = { ... }, 0
  return function()
    i = i + 1
    return pieces[i]
  end
end
p(load(reader('ret', 'urn ', '4', '2'))())
p(load(reader('return ', 4, 2))())
p(load(reader('return 1', '', ' + 1'))())
p(load(reader('x =')))
p(load(reader('x ='), 'named'))
p(load(reader()))
p(pcall(load, function() error('from the reader', 0) end))
p(pcall(load, function() error(12) end))
p(pcall(load, function() return {} end))
p(pcall(load, function() return true end))
p(pcall(load))
p(pcall(load, {}))
p(pcall(load, 'x', {}))
p(pcall(load, 'x', 'n', {}))
p(pcall(load, print, {}, {}))

-- binary
local function outer(a, ...)
  local sum, list = a, { ... }
  for i = 1, #list do sum = sum + list[i] end
  for k, v in pairs { x = 1 } do sum = sum + v + #k end
  local function inner(b) return sum + b end
  return inner, sum, 'text', 2.5, 1 << 40, nil, true
end
local dumped = string.dump(outer)
local loaded = load(dumped, 'dump', 'b')
p(select(2, loaded(1, 2, 3)))
p(loaded(1, 2, 3)(10))
p(load(dumped, 'dump', 't'))
p(load(reader(dumped:sub(1, 10), dumped:sub(11)), 'dump', 'bt')(5)(1))
p(select('#', load(string.dump(outer, true))(1, 2)))
p(#string.dump(outer, true) < #dumped, dumped:sub(1, 4) == '\27Lua', string.dump(load(dumped)) == dumped)
for i = 0, #dumped - 1 do
  local f, message = load(dumped:sub(1, i), 'cut', 'b')
  if f or not (message:find('truncated') or i == 0) then p(i, f, message) end
end
p(load('\27Lua', 'cut'))
p(load('\27', '=cut'))
p(load('\27Luax' .. dumped:sub(6), 'other version'))
p(pcall(string.dump, print))
p(pcall(string.dump, 'x'))
p(pcall(string.dump))

-- upvalues of a loaded function are its own, the first gets the environment
local counter = 10
local function count() counter = counter + 1 return counter end
p(pcall(load(string.dump(count), 'c', 'b', 41)))
local function globals() return type(print), type(_ENV) end
p(load(string.dump(globals))())

-- errors without debug data
p(pcall(load(string.dump(function(a) return a.b.c end, true)), {}))
p(pcall(load(string.dump(function(a) error('message') end, true))))
p(pcall(load(string.dump(function(a) local b = a + 1 return b end, true)), 'x'))
p(pcall(load(string.dump(function(a) return a.b.c end)), {}))

-- hot code goes the same way through a dump
local function hot(n)
  local total = 0
  for i = 1, n do total = total + i % 7 end
  local i = 0
  while i < n do i = i + 1 total = total ~ i end
  for _, v in ipairs { 1, 2, 3 } do total = total + v end
  return total
end
local before = hot(5000)
p(before == load(string.dump(hot))(5000), before)

-- deeply nested functions, many constants, long strings
local parts = {}
for i = 1, 300 do parts[i] = ('t[%d] = %d.5 + #"%s"'):format(i, i, ('s'):rep(i)) end
local many = load('local t = {} ' .. table.concat(parts, ' ') .. ' return t[1] + t[300]')
p(many(), load(string.dump(many))())
p(load(string.dump(load(('return function() '):rep(60) .. 'return 1' .. (' end'):rep(60))), 'deep', 'b') ~= nil)
