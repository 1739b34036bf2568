-- MessagePack: the formats of numbers, strings, arrays and maps by size, streams, extensions, errors, round trips.
local mp = require 'MessagePack'

local function hex(bytes) return (bytes:gsub('.', function(char) return ('%02X '):format(char:byte()) end)) end

for _, number in ipairs { 0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, math.maxinteger, math.mininteger } do
  local packed = mp.pack(number)
  print(number, hex(packed), mp.unpack(packed) == number, math.type(mp.unpack(packed)))
end
for _, number in ipairs { 0.5, -1.25, 3.141592653589793, 1e300, 1 / 0, -1 / 0 } do print(hex(mp.pack(number)), mp.unpack(mp.pack(number)) == number) end
mp.set_number 'float'
print(hex(mp.pack(0.5)), mp.unpack(mp.pack(1.1)))
mp.set_number 'double'
for _, kind in ipairs { 'string_compat', 'string', 'binary' } do
  mp.set_string(kind)
  for _, size in ipairs { 0, 31, 32, 255, 256, 65536 } do
    local packed = mp.pack(('x'):rep(size))
    print(kind, size, #packed, hex(packed:sub(1, 5)), mp.unpack(packed) == ('x'):rep(size))
  end
end
mp.set_string 'string'
for _, kind in ipairs { 'without_hole', 'with_hole', 'always_as_map' } do
  mp.set_array(kind)
  print(kind, hex(mp.pack { 1, 2, 3 }), hex(mp.pack {}), hex(mp.pack { 1, nil, 3 }), hex(mp.pack { n = 1 }))
end
mp.set_array 'without_hole'
for _, size in ipairs { 15, 16, 65536 } do
  local list = {}
  for i = 1, size do list[i] = i % 100 end
  local packed = mp.pack(list)
  local back = mp.unpack(packed)
  print(size, #packed, hex(packed:sub(1, 5)), #back, back[size])
end
print(hex(mp.pack(nil)), hex(mp.pack(true)), hex(mp.pack(false)), mp.unpack(mp.pack(nil)))

mp.packers['function'] = function(buffer, f) mp.packers['ext'](buffer, 7, tostring(f('packed'))) end
mp.build_ext = function(tag, data) return 'ext ' .. tag .. ' ' .. data end
print(hex(mp.pack(function(text) return text .. '!' end)), mp.unpack(mp.pack(function(text) return text .. '!' end)))

local stream = mp.pack(1) .. mp.pack 'two' .. mp.pack { 3, { four = 4 } }
for position, value in mp.unpacker(stream) do print(position, type(value) == 'table' and value[2].four or value) end
print(pcall(mp.unpack, '\xC1'))
print(pcall(mp.unpack, mp.pack { 1, 2 }:sub(1, 2)))
print(pcall(mp.unpack, mp.pack(1) .. 'rest'))
print(pcall(mp.pack, io.stdout))
print(pcall(mp.set_number, 'quadruple'))

local seed = 7
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n
end
local function make(depth)
  local kind = random(depth > 3 and 4 or 6)
  if kind == 0 then return (random(32768) << random(40)) * (random(2) * 2 - 1) end
  if kind == 1 then return random(10000) / 7 end
  if kind == 2 then return ('ab'):rep(random(40)) end
  if kind == 3 then return random(2) == 0 end
  local made = {}
  for i = 1, random(20) do made[kind == 4 and i or 'key' .. i] = make(depth + 1) end
  return made
end
local function same(a, b)
  if type(a) ~= 'table' or type(b) ~= 'table' then return a == b and math.type(a) == math.type(b) end
  for key, value in pairs(a) do if not same(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end
local good, bytes = 0, 0
for _ = 1, 200 do
  local value = make(0)
  local packed = mp.pack(value)
  bytes = bytes + #packed
  if same(value, mp.unpack(packed)) then good = good + 1 end
end
print(good, bytes > 10000)
