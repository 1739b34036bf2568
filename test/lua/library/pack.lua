-- string.pack, packsize, unpack: every option, sizes, alignment, byte order, limits, messages.
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    out[i] = type(v) == 'string' and '"' .. v:gsub('[^%g ]', function(c) return '\\' .. c:byte() end) .. '"' or tostring(v)
  end
  print(table.concat(out, ' '))
end
local function pack(...) print(hex(string.pack(...))) end
local function fails(f, ...) p(select(2, pcall(f, ...))) end

for _, option in ipairs { 'b', 'B', 'h', 'H', 'i', 'I', 'l', 'L', 'j', 'J', 'T', 'f', 'd', 'n', 'i3', 'I5', 'i16', 'x', '!4 i1 !4 i4', 'c7', '!8 b Xd', '!2 b i8', '<i2 >i2 =i2', ' i1 i2 ' } do
  p(option, string.packsize(option))
end
for size = 1, 16 do
  pack('<i' .. size .. '>i' .. size, -2, 5)
  p(string.unpack('<i' .. size, string.pack('<i' .. size, -77)), string.unpack('>I' .. size, string.pack('>I' .. size, 77)))
end
pack('<f d n', 1.5, -0.25, 1e300)
pack('>f d n', 1.5, -0.25, 1e300)
pack('z s1 s2 s', 'zero', 'one', 'two', 'eight')
pack('c5 c0', 'abc', '')
pack('!4 b i4 !8 b d Xi2 b', 1, 2, 3, 4.0, 5)
pack('>!4 i1 Xi4 i2 Xi4', 1, 2)
pack('x b x', 9)
pack('j', math.mininteger)
pack('J', -1)
pack('i4 i4', '12', 3.0)
p(string.unpack('z s1 s2 s', string.pack('z s1 s2 s', 'zero', 'one', 'two', 'eight')))
p(string.unpack('c3', 'abcdef'), string.unpack('c3', 'abcdef', 4), string.unpack('b', '\255'), string.unpack('B', '\255'), string.unpack('b', 'xyz', -1))
p(string.unpack('<i16', string.pack('<i16', math.mininteger)), string.unpack('>I16', string.pack('>I16', math.maxinteger)))
p(string.unpack('f', string.pack('f', 0.1)), string.unpack('d', string.pack('d', 0.1)), string.unpack('>d', string.pack('>d', 1 / 0)))
p(string.unpack('', 'abc'), string.unpack('', 'abc', 4), string.unpack('', ''), string.unpack('', '', 1), string.unpack('<!4 b i4', '\1\0\0\0\2\0\0\0'))

fails(string.pack, 'i17', 1)
fails(string.pack, 'i0', 1)
fails(string.pack, 'I99', 1)
fails(string.pack, 'y', 1)
fails(string.pack, 'c', 'x')
fails(string.pack, 'c2', 'abc')
fails(string.pack, 'z', 'a\0b')
fails(string.pack, 's1', ('x'):rep(256))
fails(string.pack, 'b', 128)
fails(string.pack, 'b', -129)
fails(string.pack, 'B', 256)
fails(string.pack, 'B', -1)
fails(string.pack, 'I3', 1 << 24)
fails(string.pack, 'i3', 1 << 23)
fails(string.pack, 'i4', 1.5)
fails(string.pack, 'i4', 'x')
fails(string.pack, 'i4')
fails(string.pack, 'i4 i4', 1)
fails(string.pack, 'd', {})
fails(string.pack, '!3 i4', 1)
fails(string.pack, '!17', 1)
fails(string.pack, 'X', 1)
fails(string.pack, 'Xz', 1)
fails(string.pack, 'Xc1', 1)
fails(string.pack, '!4 Xi3', 1)
fails(string.pack)
fails(string.packsize, 's')
fails(string.packsize, 'z')
fails(string.packsize, 'c2147483647c10')
fails(string.packsize, 'i4' .. ('c200000000'):rep(20))
fails(string.unpack, 'i4', 'abc')
fails(string.unpack, 'c4', 'abc')
fails(string.unpack, 'z', 'abc')
fails(string.unpack, 's1', '\5abc')
fails(string.unpack, 's', 'abc')
fails(string.unpack, 'i9', ('\255'):rep(8) .. '\1')
fails(string.unpack, 'I9', ('\255'):rep(9))
fails(string.unpack, 'b', 'abc', 5)
fails(string.unpack, 'b', 'abc', 4)
fails(string.unpack, 'b', 'abc', -4)
fails(string.unpack, 'b', {})
p(select('#', string.unpack(('b'):rep(200), ('x'):rep(200))), select('#', string.unpack(('z'):rep(100), ('ab\0'):rep(100))))
local sum = 0
for i = 1, 3000 do
  local s = string.pack('<i4 >i2 s1', i, i % 100, 'text' .. i % 7)
  local a, b, c = string.unpack('<i4 >i2 s1', s)
  sum = sum + a + b + #c + string.packsize('<i4 >i2')
end
p(sum)
