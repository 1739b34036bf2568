-- string.format: every conversion with each of its flags, widths and precisions, alone and together; what is refused.
local flags = {
  d = '-+0 ', i = '-+0 ', u = '-0', o = '-#0', x = '-#0', X = '-#0', a = '-+#0 ', A = '-+#0 ', f = '-+#0 ', e = '-+#0 ', E = '-+#0 ', g = '-+#0 ', G = '-+#0 ',
}
local integers = { 0, 42, -1, math.maxinteger, 3.0, '0x10' }
local floats = { 0, -2.25, 1 / 3, 1e15, 123456.789, -0.0, 1 / 0, '1e1', 5e-324 }

local function subsets(text)
  local found = { '' }
  for c in text:gmatch('.') do
    for i = 1, #found do found[#found + 1] = found[i] .. c end
  end
  return found
end

for conversion in ('diuoxXaAfeEgG'):gmatch('.') do
  local isInteger = ('diuoxX'):find(conversion, 1, true)
  for _, flag in ipairs(subsets(flags[conversion])) do
    for _, size in ipairs { '', '12', '.0', '3.', '15.5' } do
      -- lua5.4 takes the C library's: `%a` of a number that is not normal, and its precision, are that library's choice.
      local isHexadecimal = conversion == 'a' or conversion == 'A'
      if not (isHexadecimal and size:find('.', 1, true)) then
        local spec = '%' .. flag .. size .. conversion
        local out = {}
        for _, value in ipairs(isInteger and integers or floats) do
          if not (isHexadecimal and value == 5e-324) then out[#out + 1] = spec:format(value) end
        end
        print(spec, '[' .. table.concat(out, '|') .. ']')
      end
    end
  end
end
for _, spec in ipairs { '%.0a', '%.1a', '%.3A', '%20.2a', '%-20.2a|', '%+.4A', '%#.0a', '%020.1a', '% .1A' } do
  print(spec, spec:format(1), spec:format(0.5), spec:format(-3.75), spec:format(1e10))
end

for _, spec in ipairs { '%c', '%5c', '%-5c|', '%1c' } do print(spec, spec:format(65), spec:format('66'), (spec:format(0):gsub('%z', '@'))) end
for _, spec in ipairs { '%s', '%10s', '%-10s|', '%.2s', '%10.2s', '%-10.0s|', '%.s', '%99s', '%.99s' } do
  print(spec, spec:format('text'), spec:format(12), spec:format(1.5), spec:format(nil), spec:format(true), spec:format(''))
end
print(('%s %s'):format(setmetatable({}, { __tostring = function() return 'object' end }), setmetatable({}, { __name = 'Named' })):match('object Named: '))
print(pcall(string.format, '%s', setmetatable({}, { __tostring = function() return 1 end })))
print(('%s|%s|%5s'):format('a\0b', 'a\0b\0c', 'x'):gsub('%z', '@'))
print(pcall(string.format, '%5s', 'a\0b'))
print(pcall(string.format, '%.20s', 'a\0b'))
print(#('%s'):format(('x'):rep(500)), #('%-99s'):format('x'), #('%s%s'):format(('x'):rep(200), ('y'):rep(300)))

-- Addresses: the same for the same object, a null for what has none.
local t, f = {}, function() end
print(('%p'):format(t) == ('%p'):format(t), ('%p'):format(t) ~= ('%p'):format({}), ('%p'):format(f) == tostring(f):match('0x%x+'), ('%p'):format(nil), ('%p'):format(1))
print(('%p'):format(true), ('%8p|'):format(2.5), ('%-8p|'):format(false), #('%40p'):format(t), ('%-40p'):format(t):match('^0x%x+ +$') ~= nil)
print(('%p'):format('short') == ('%p'):format('sho' .. 'rt'), ('%p'):format(coroutine.create(f)):match('^0x%x+$') ~= nil, ('%p'):format(io.stdout):match('^0x') ~= nil)
print(pcall(string.format, '%p'))
print(pcall(string.format, '%.3p', t))
print(pcall(string.format, '%010p', t))

-- Literals that Lua reads back.
for _, value in ipairs { 0, -1, math.mininteger, math.maxinteger, 1.5, 1e100, -0.0, 1 / 0, -1 / 0, 0.1, true, false, 'plain', 'a"b\\c', 'line\nbreak', 'cr\rtab\t', '\0001\0002', '\127\200\255' } do
  local text = ('%q'):format(value)
  print((text:gsub('[\128-\255]', '?')), load('return ' .. text)() == value)
end
print(('%q'):format(nil), ('%q'):format(0 / 0))
print(pcall(string.format, '%q', {}))
print(pcall(string.format, '%10q', 'x'))
print(pcall(string.format, '%q'))

-- What is no conversion.
for _, spec in ipairs {
  '%', '%y', '%5', '%5.', '%-', '%.', '%123d', '%.123d', '%--------------------d', '%0', '%#d', '%+x', '% u', '%+s', '%0s', '%#s', '%+c', '%0c', '%.2c', '%l', '%hd', '%ld',
  '%*d', '%1$d', '%\0', '%n', '%v', '%F', '%5%', '%.%', '%-%', '%#c', '%00000000000000000000005d', '%-+ #0d', '%--5d', '%5-d',
} do
  print((spec:gsub('%z', '@')), pcall(string.format, spec, 10))
end
print(('%%'):format(), ('100%%'):format(), ('%%%d%%'):format(5), pcall(string.format, '%%%'))
print(pcall(string.format, '%d'))
print(pcall(string.format, '%d %d', 1))
print(pcall(string.format, '%d', '1.5'))
print(pcall(string.format, '%d', 1.5))
print(pcall(string.format, '%x', 2 ^ 63))
print(pcall(string.format, '%f', 'x'))
print(pcall(string.format, '%c', {}))
print(pcall(string.format))
print(('%d %s'):format(1, 2, 3), string.format(5), ('no conversions'):format(1, 2))
