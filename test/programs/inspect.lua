-- inspect: every kind of value, order of keys, cycles, metatables, limits and processing.
local inspect = require 'inspect'

print(inspect._VERSION)
for _, value in ipairs { 1, 1.5, -0.0, 1e100, 'plain', "it's", 'both " and \'', 'control \0\1\n\t\127', true, {}, { 1, 2, 3 } } do print(inspect(value)) end
print(inspect(nil), inspect(2 ^ 53), inspect(math.huge), inspect(math.mininteger))
print(inspect { 'a', 'b', name = 'x', ['not a name'] = 1, [10] = 'ten', [1.5] = 'float', [true] = 'yes', ['end'] = 'keyword' })
print(inspect { a = { b = { c = { d = 1 } } } })
print(inspect({ a = { b = { c = { d = 1 } } } }, { depth = 2 }))
print(inspect({ 1, { 2, { 3 } }, x = { y = 1 } }, { newline = '@', indent = '>>' }))
local shared = { 'shared' }
print(inspect { shared, shared, self = shared })
local cycle = { name = 'cycle' }
cycle.inner = { back = cycle, list = { cycle, cycle } }
print(inspect(cycle))
print(inspect(setmetatable({ 1, x = 2 }, { __index = { y = 3 }, __name = 'Meta' })))
print(inspect(setmetatable({}, { __metatable = 'hidden' })))
print(inspect { print, print, function() end })
print(inspect({ 1, secret = 'x', inner = { secret = 'y', kept = true } }, {
  process = function(item, path)
    if path[#path] == 'secret' then return nil end
    if item == 1 then return 'one at ' .. #path end
    return item
  end,
}))
print(inspect({ a = 1, m = setmetatable({}, { b = 2 }) }, { process = function(item, path) if path[#path] ~= inspect.METATABLE then return item end end }))
print(inspect({ [{}] = 'table key', [{ 1 }] = nil }))
local large = {}
for i = 1, 200 do large[i] = { id = i, tags = { 't' .. i % 3, 't' .. i % 5 } } end
local text = inspect(large)
print(#text, select(2, text:gsub('\n', '')), text:sub(1, 60))
local mixed = {}
for i = 1, 30 do
  mixed[i * 7 % 31 + 0.5] = i
  mixed['k' .. i * 11 % 31] = i
end
print(inspect(mixed))
