-- string.pack, packsize, unpack: every option, with each byte order and alignment.
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end

local integers = { 'b', 'B', 'h', 'H', 'i', 'I', 'l', 'L', 'j', 'J', 'T' }
for n = 1, 16 do
  integers[#integers + 1] = 'i' .. n
  integers[#integers + 1] = 'I' .. n
end
local values = { 0, 1, -1, 127, 128, -128, 255, 256, 32767, 65535, -32768, 2147483647, 4294967295, math.maxinteger, math.mininteger, 3.0, '17' }
for _, order in ipairs { '<', '>', '=', '' } do
  for _, option in ipairs(integers) do
    local format = order .. option
    local out = {}
    for _, value in ipairs(values) do
      local ok, packed = pcall(string.pack, format, value)
      if ok then
        out[#out + 1] = hex(packed) .. '=' .. table.concat({ string.unpack(format, packed) }, '@')
      else
        out[#out + 1] = packed
      end
    end
    print(format, string.packsize(format), table.concat(out, ' '))
  end
  for _, option in ipairs { 'f', 'd', 'n' } do
    local out = {}
    for _, value in ipairs { 0, 1, -1, 0.5, 1 / 3, -0.0, 1e300, 1 / 0, -1 / 0, '2.5' } do
      local packed = string.pack(order .. option, value)
      out[#out + 1] = hex(packed) .. '=' .. table.concat({ string.unpack(order .. option, packed) }, '@')
    end
    print(order .. option, string.packsize(order .. option), table.concat(out, ' '))
  end
  for _, option in ipairs { 's', 's1', 's2', 's3', 's4', 's8', 's16', 'z', 'c5', 'c0' } do
    for _, text in ipairs { '', 'a', 'hello' } do
      local ok, packed = pcall(string.pack, order .. option, text)
      if ok then print(order .. option, hex(packed), pcall(string.unpack, order .. option, packed)) else print(order .. option, packed) end
    end
  end
end

-- Alignment: none without '!', then to the item's size up to the limit.
for _, limit in ipairs { '', '!', '!1', '!2', '!4', '!8', '!16' } do
  for _, items in ipairs { 'bh', 'bi', 'bl', 'bj', 'bd', 'bf', 'bT', 'bi3b', 'bs4', 'bxh', 'bXh', 'bXi4', 'bXd', 'hXl', 'b!4i8', 'b i2 i4 i8', 'bzi4', 'bc3i4' } do
    local format = '<' .. limit .. items
    local ok, size = pcall(string.packsize, format)
    local arguments = {}
    for item in items:gsub('X%a%d*', ''):gsub('![%d]*', ''):gmatch('[bhiljdfTszc]') do
      arguments[#arguments + 1] = (item == 's' or item == 'z' or item == 'c') and 'abc' or #arguments + 1
    end
    local packs, packed = pcall(string.pack, format, table.unpack(arguments))
    print(format, ok, size, packs and hex(packed) or packed)
    if packs then print(format, pcall(string.unpack, format, packed)) end
  end
end

-- Byte orders and alignments hold from where they stand.
print(hex(string.pack('<i2>i2=i2', 1, 1, 1)), hex(string.pack('> i4 < i4', 1, 1)), hex(string.pack('!4 b Xi4 i4 !1 b i4', 1, 2, 3, 4)))
print(string.unpack('<i2>i2', '\1\0\1\0'), string.unpack('> xx i2 x', '\0\0\0\7\0'), string.unpack('!4 b Xi4 i4', string.pack('!4 b Xi4 i4', 1, 2)))
print(string.pack('') == '', string.unpack('', ''), string.unpack('', 'abc', 2), string.packsize(''), string.pack('   ') == '')

-- Places to start from.
local data = string.pack('<i2i2i2z', 1, 2, 3, 'end')
print(string.unpack('<i2', data, 3), string.unpack('<i2', data, -6), string.unpack('z', data, 7), pcall(string.unpack, '<i2', data, 100))
print(pcall(string.unpack, '<i2', data, 0), pcall(string.unpack, '<i2', data, -100), pcall(string.unpack, '<i2', data, #data), pcall(string.unpack, '', data, #data + 2))

-- What is refused.
for _, format in ipairs {
  'i0', 'i17', 'I20', '!17', '!0', '!3', 's17', 'c', 'cx', 'y', 'a', '1', 'X', 'Xz', 'Xc1', 'Xs', 'X<', 'XX', '!3i4', '!4Xi3', 'i99999999999', 'r', '-', '\0', 'b3', 'i-1', 'n2',
} do
  local name = format:gsub('%z', '@')
  print(name, pcall(string.packsize, format))
  print(name, pcall(string.pack, format, 1))
  print(name, pcall(string.unpack, format, ('\0'):rep(40)))
end
print(pcall(string.packsize, 's'), pcall(string.packsize, 'z'), pcall(string.packsize, 'c2147483647c2147483647'), pcall(string.packsize, 'c99999999999999'))
print(pcall(string.pack, 'i4'), pcall(string.pack, 'i4', 'x'), pcall(string.pack, 'i4', 1.5), pcall(string.pack, 'i4', {}), pcall(string.pack, 'd', 'x'), pcall(string.pack, 'z', 1))
print(pcall(string.pack, 'z', 'a\0b'), pcall(string.pack, 'c2', 'abc'), pcall(string.pack, 's1', ('x'):rep(256)), pcall(string.pack, 'z'), pcall(string.pack))
print(pcall(string.unpack, 'i4', 'abc'), pcall(string.unpack, 's1', '\5abc'), pcall(string.unpack, 'z', 'abc'), pcall(string.unpack, 'c5', 'abc'), pcall(string.unpack, 'i4'), pcall(string.unpack))
print(pcall(string.unpack, '<i16', ('\255'):rep(8) .. ('\1'):rep(8)), pcall(string.unpack, '<I16', ('\1'):rep(16)), string.unpack('<i16', ('\254'):rep(1) .. ('\255'):rep(15)))
