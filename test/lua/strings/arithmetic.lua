-- Arithmetic on strings is the work of the metamethods in their metatable, which programs can call, take out and replace.
local metatable = getmetatable('')
local events = { '__add', '__sub', '__mul', '__mod', '__pow', '__div', '__idiv', '__unm' }
local present = {}
for key in pairs(metatable) do present[#present + 1] = key end
table.sort(present)
print(table.concat(present, ' '), metatable.__index == string)

local values = { '10', ' 0x10 ', '1e1', '3', 3, 2.5, '-0', 'x', '', '0' }
for _, event in ipairs(events) do
  local f = metatable[event]
  for _, a in ipairs(values) do
    local parts = {}
    for _, b in ipairs(values) do
      local ok, result = pcall(f, a, b)
      parts[#parts + 1] = ok and (result == result and tostring(result) or 'nan') or result
    end
    print(event, a, table.concat(parts, ' '))
  end
  print(event, pcall(f))
  print(event, pcall(f, '7'))
  print(event, pcall(f, 'x'))
  print(event, pcall(f, {}, {}))
  print(event, pcall(f, nil, '1'))
  print(event, pcall(f, '1', nil))
  print(event, pcall(f, '9', '2', 'ignored'))
  local object = setmetatable({}, { [event] = function(a, b, ...) return type(a), b, select('#', ...) end })
  print(event, pcall(f, 'x', object), pcall(f, true, object), pcall(f, object, '1'))
end

-- By operators, in one place with strings, numbers and others in turn.
local function sums(a, b)
  return pcall(function() return a + b, a - b, a * b, a / b, -a, a // 1, a ^ 2, a % 7 end)
end
for _, a in ipairs(values) do print(a, sums(a, '2')) end
print('10' + 1, '0x10' * 2, 10 // '3', '7' % '4', '2' ^ '0.5' > 1.41, -'2', -'-2.0', '1e1' + 0, 10 .. '1' + 1, '9007199254740993' + 0, '1' - -'1')
print(math.type('10' + 1), math.type('10.0' + 1), math.type('10' / 1), '9223372036854775807' + 1, '9223372036854775808' + 1)
local total = 0
for i = 1, 200 do total = total + tostring(i) - '1' * (i % 3) end
print(total)

-- Division by zero is an error inside the library: no position.
print(pcall(function() return '1' // '0' end))
print(pcall(function() return '1' % 0 end))
print(pcall(function() return 1 % '0' end))
print('1' // 0.0, '1' / '0', '-1' // '0.0')

-- The second operand's metamethod serves where the first is a string, the first one's before that.
local object = setmetatable({}, { __add = function(a, b) return type(a) .. '+' .. type(b) end, __name = 'Object' })
print('x' + object, object + 'x', '1' + object, object + '1', pcall(function() return 'x' - object end))
print(pcall(function() return '1' + setmetatable({}, { __add = true }) end))

-- Bit operations have no metamethods of strings.
print(pcall(function() return '3' | 1 end), pcall(function() return 'x' & 1 end), pcall(function() return ~'3' end))
print(pcall(function() local s = '3' return 1 << s end), pcall(function() return '3' ~ 2.5 end))

-- Without the metamethod strings are as other values.
local add, unm = metatable.__add, metatable.__unm
metatable.__add, metatable.__unm = nil, nil
print(pcall(function() return '10' + 1 end), pcall(function() local s = '10' return 1 + s end), pcall(function() return -'1' end), '10' - 1)
metatable.__add = function(a, b) return a .. '&' .. b end
metatable.__mod = function(format, arguments) return type(arguments) == 'table' and format:format(table.unpack(arguments)) or format:format(arguments) end
metatable.__call = function(s, ...) return s:rep(...) end
metatable.__len = function() return 'never asked' end
metatable.__lt = function() return 'never asked' end
metatable.__concat = function() return 'never asked' end
metatable.__bor = function(a, b) return 'or' end
print('10' + 1, 1 + '10', 'a' + 'b', '%d-%s' % { 1, 'x' }, '%5.2f' % 3.14159, ('ab')(3), #'abc', 'a' < 'b', 'a' .. 'b', '1' | 2, 2 | 'x')
for i = 1, 100 do
  if i == 50 then metatable.__add = add end
  if i % 25 == 0 then print(i, '4' + i) end
end
metatable.__unm, metatable.__bor = unm, nil
print(-'3', pcall(function() return '3' | 1 end))

-- Methods are looked up in the metatable's __index, which can be another table or a function.
metatable.__index = function(s, key) return key == 'size' and #s or type(key) == 'number' and string.sub(s, key, key) or string[key] end
print(('abc').size, ('abc')[2], ('abc'):upper(), ('abc').nothing)
metatable.__index = nil
print(pcall(function() return ('abc').size end))
metatable.__index = string
print(('abc'):len())
print(pcall(function() local s = 'x' s.field = 1 end))
