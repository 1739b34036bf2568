-- Text to number and back: tonumber with every base, tostring, %.14g, %a, %q, hexadecimal floats, huge numerals.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = tostring((select(i, ...))) end
  print(table.concat(out, ' '))
end
for radix = 2, 36 do
  local digits = '0123456789abcdefghijklmnopqrstuvwxyz'
  local largest = digits:sub(radix, radix)
  p(radix, tonumber('10', radix), tonumber(largest .. largest, radix), tonumber('-' .. largest:upper(), radix), tonumber(digits:sub(radix + 1, radix + 1), radix), tonumber(' +1 ', radix), tonumber('', radix))
end
p(tonumber('7fffffffffffffff', 16), tonumber('8000000000000000', 16), tonumber('ffffffffffffffffff', 16), tonumber('1e1', 10), tonumber('1.0', 10), tonumber('0x10', 16), tonumber('- 1', 10), tonumber('1\0', 10))
print(pcall(tonumber, '1', 1), pcall(tonumber, '1', 37), pcall(tonumber, 1, 10), pcall(tonumber, {}, 10), pcall(tonumber))
for _, text in ipairs {
  '0', '-0', '00', '  12  ', '\t-3\n', '1e', '1e+', '.5', '5.', '.', '1..2', '0x', '0x.', '0x.8', '0x8.', '0xp1', '0x1p', '0x1p4', '0x1P-4', '0x1.8p+1', '-0x10', '+5', '--5', '+-5',
  '1e308', '1e309', '-1e309', '1e-400', '4.9e-324', '2.4703282292062328e-324', '2.4703282292062327e-324', '9223372036854775807', '9223372036854775808', '-9223372036854775808',
  '-9223372036854775809', '0x7fffffffffffffff', '0xffffffffffffffff', '0x10000000000000000', '0x1.fffffffffffffp1023', '0x1.fffffffffffff8p1023', '0x1p-1074', '0x1p-1075', '0x1.8p-1075',
  '0x0.0000000000000000000000000000001p0', '123456789012345678901234567890', '0.1000000000000000055511151231257827', '1.00000000000000011102230246251565', '1.00000000000000011102230246251566',
  'inf', 'nan', 'Infinity', '1_000', '1 2', '1e1 x', '0b1', '1f', '0x1g', '1e5.5', '\0', '1\0', '¼', '١',
  '2.2250738585072011e-308', '9007199254740993', '9007199254740993.0', '8.41e21', '5e125', '1.7976931348623158e308', '1.7976931348623159e308',
} do
  local n = tonumber(text)
  p((text:gsub('%c', '?')), math.type(n), n, n and ('%a'):format(n), n and ('%.17g'):format(n))
end
local long = ('1'):rep(400)
p(tonumber(long), tonumber('0.' .. long), tonumber('0x' .. ('f'):rep(300)), tonumber('0x.' .. ('f'):rep(300)), tonumber(('0'):rep(500) .. '1'), tonumber('1' .. ('0'):rep(400) .. 'e-400'), tonumber('.' .. ('0'):rep(400) .. '1e401'))
for _, v in ipairs {
  0.0, -0.0, 1.0, -1.0, 0.1, 1 / 3, 100.0, 1e14, 1e15, 1e16, 123456789012345.0, 99999999999999.0, 999999999999999.0, 1e100, 1e-5, 1e-4, 0.0001234, 123456.789, 2 ^ 53, 2 ^ 63, -2 ^ 63, 5e-324, 1.7976931348623157e308,
  1 / 0, -1 / 0, 3.14159265358979, 12345678901234.5, 1e21, 1.5e300, 2 ^ -1022, 1e-300,
} do
  p(v, ('%.14g|%g|%e|%f|%.3f|%a|%q'):format(v, v, v, v < 1e30 and v or 0, v < 1e30 and v or 0, v, v))
end
for _, v in ipairs { 0, 1, -1, 42, math.maxinteger, math.mininteger, 1 << 40 } do p(v, ('%d|%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o|%.3d|%i|%q|%u'):format(v, v, v, v, v, v, v, v, v, v, v, v, v, v, v)) end
p(('%q'):format(0 / 0), ('%q'):format('a\nb\0c\r\200"\\1'), ('%q'):format(true), ('%q'):format(nil), ('%5s|%-5s|%.2s|%5.1s'):format('abc', 'abc', 'abc', 'abc'), ('%c%c'):format(72, 105), ('%%'):format())
p(10 // 3, 10.0 // 3, 2 ^ 2, 7 / 2, 1e15 + 0.5, -7 // 2, -7 % 3, 7 % -3, 5.5 % -2, '10' + 5, '0x10' * 1, '1e1' // 1, 10 .. 20, 1.0 .. '', -0.0 .. '')
for _, call in ipairs {
  { '%y', 1 }, { '%10.123f', 1 }, { '%123d', 1 }, { '%0-+ #5d', 1 }, { '%#d', 1 }, { '% s', 'x' }, { '%q', {} }, { '%5q', 'x' }, { '%d', 1.5 }, { '%d', 'x' }, { '%d' }, { '%' }, { '%c', 'x' }, { '%s' }, { '%.20s', 'a\0b' }, { '%a', {} }, { '%0100d', 1 }, { '%-#5.3p', 1 }, { '%i', '3' }, { '%5', 1 },
} do
  p(pcall(string.format, table.unpack(call)))
end
