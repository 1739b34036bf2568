-- Metatables of all types, and the registry.
local types = { 1, 2.5, true, false, print, function() end, 'text', {}, io.stdin }
for _, value in ipairs(types) do
  print(type(value), debug.getmetatable(value) == getmetatable(value), debug.setmetatable(value, debug.getmetatable(value)) == value)
end
print(debug.getmetatable(nil), pcall(debug.getmetatable))
print(pcall(debug.setmetatable, 1))
print(pcall(debug.setmetatable, 1, 2))

local numbers = { __index = function(n, key) return key .. n end, __call = function(n, ...) return n, ... end, __len = function(n) return n * 2 end }
print(debug.setmetatable(10, numbers))
print((5).name, (2.5).x, (3)('called'), #7)
print(pcall(function() return (1) < 'x' end))
local function method(n) return n.field end
local out = {}
for i = 1, 100 do
  if i == 60 then numbers.__index = function(n, key) return key .. '!' .. n end end
  out[i] = method(i)
end
print(out[1], out[59], out[60], out[100])
debug.setmetatable(1, nil)
print(pcall(method, 1))

debug.setmetatable(nil, { __index = function(_, key) return 'nil has no ' .. key end, __add = function() return 'sum' end, __name = 'NIL' })
print((nil).field, nil + 1, 1 + nil, undefined.field)
print(pcall(function() return #nil end))
debug.setmetatable(nil, nil)
print(pcall(function() return (nil).field end))

debug.setmetatable(true, { __unm = function(b) return not b end, __tostring = function(b) return b and 'YES' or 'NO' end, __concat = function() return 'joined' end })
print(-true, -false, tostring(true), true .. 1)
debug.setmetatable(false, nil)
print(tostring(true), pcall(function() return -true end))

debug.setmetatable(print, { __index = { twice = function(f, ...) f(...) return f(...) end }, __mul = function(f, g) return function(...) return f(g(...)) end end })
print((math.abs * math.floor)(-2.5), ((function(x) return x + 1 end) * tonumber)('41'))
print.twice(print, 'twice')
print(pcall(function() return print < print end))
debug.setmetatable(print, nil)

local strings = debug.getmetatable('')
local mine = setmetatable({ __index = function(s, key) return string[key] or s .. key end }, nil)
local results = {}
local function upper(s) return s:upper() end
for i = 1, 100 do
  if i == 50 then debug.setmetatable('', mine) end
  if i == 51 then mine.__index = function() return function() return 'replaced' end end end
  results[i] = upper('x' .. i)
end
debug.setmetatable('', strings)
print(results[49], results[50], results[51], results[100], upper('again'))

-- Protection does not hold the debug library back.
local protected = setmetatable({}, { __metatable = 'hidden' })
print(getmetatable(protected), type(debug.getmetatable(protected)), pcall(setmetatable, protected, {}))
debug.setmetatable(protected, nil)
print(getmetatable(protected))

local registry = debug.getregistry()
print(type(registry), registry[2] == _G, type(registry[1]), registry._LOADED == package.loaded, registry._PRELOAD == package.preload)
print(registry['FILE*'] == getmetatable(io.stdout), registry._IO_output == io.output(), registry._IO_input == io.input())
