-- Texts that are longer than the pieces in which they are copied (64 KB, 256 KB), with what matters at the seams.
local function summary(s) local sum = 0 for i = 1, #s, 997 do sum = (sum * 31 + s:byte(i)) % 1000003 end return ('%d %d %q %q'):format(#s, sum, s:sub(1, 5), s:sub(-5)) end
local long = ('abcdefg'):rep(100003)

print(summary(long:sub(2)))
print(summary(long .. 'x' .. long))
print(summary(1 .. long))
print(summary(table.concat({ long, long, 'z' }, '--')))
print(summary(('%q'):format(('a\nb\0c"1\r2'):rep(50000))))
print(summary(('%s|%-50s|%.5s'):format(long, long, long)))
print(summary(string.pack('z', long)), string.unpack('z', string.pack('z', long)) == long)
print(summary(string.pack('<s4', long)), string.unpack('<s4', string.pack('<s4', long)) == long)
print(summary(string.pack('c700100', long)))
print(summary(long:match('^a(.*)g$')))
print(summary((long:gsub('g', 'GGGG'))))
print(summary((long:gsub('^a', 'b'))))
print(summary(long:upper()), summary(long:reverse()))
print(utf8.offset(long, 500000), utf8.offset(long, -500000), utf8.offset(('é'):rep(200000), 150000), utf8.offset(('é'):rep(200000), -150000))

-- Formats of os.date, with conversions across the pieces.
for shift = 0, 3 do
  local format = ('x'):rep(65534 + shift) .. '%d%%%Ey%Od' .. ('y'):rep(65536) .. '%Y'
  print(summary(os.date('!' .. format, 86399)))
end
print(summary(os.date('!' .. ('x'):rep(65001) .. ('%%'):rep(1000) .. '%j', 0)))
for _, tail in ipairs { '%', '%E', '%O', '%Q', '%Ez' } do print(pcall(os.date, ('x'):rep(65536 - 1) .. tail)) end

-- Numerals.
local zeros = ('0'):rep(300001)
for _, s in ipairs {
  zeros .. '12', zeros .. '.5', '0.' .. zeros .. '5', '1' .. zeros, '1' .. zeros .. 'e-300000', '0.' .. zeros .. '5e300002', '-' .. zeros .. '9223372036854775808', zeros .. '9223372036854775808',
  '1' .. ('9'):rep(100000) .. 'x', ('7'):rep(1000) .. '.' .. ('3'):rep(70000), (' '):rep(100000) .. '12' .. (' '):rep(100001), (' '):rep(100000) .. '\t\n', '0x' .. zeros .. 'ff', zeros .. 'x',
  '0.' .. ('1'):rep(100000), ('1'):rep(800) .. zeros .. '1e-300500', '99999999999999999999999a',
} do
  local v = tonumber(s)
  print(v and math.type(v), v and ('%.17g'):format(v))
end
print(tonumber(('1'):rep(100000), 7), tonumber(('z'):rep(70000), 36), tonumber(('1'):rep(70000) .. '9', 8))

-- Tracebacks and messages.
print(summary((debug.traceback(long):gsub('\n.*', ''))))
print(summary(select(2, pcall(error, long, 0))))
print(summary(select(2, pcall(error, setmetatable({}, { __tostring = function() return long end }))) and tostring(setmetatable({}, { __tostring = function() return long end }))))
print(debug.getinfo(load('return 1', '=' .. long), 'S').source == '=' .. long, #debug.getinfo(load('return 1', '=' .. long), 'S').short_src)

-- Chunks.
local source = {}
for i = 1, 16000 do source[i] = ('do local a = %d.25 + %d local function f(x) return x + %d end if a < 0 then goto out end end'):format(i, i, i) end
local text = table.concat(source, '\n') .. ' ::out:: return "' .. long .. '"'
local f = assert(load(text))
print(summary(f()), summary(load(string.dump(f))()), summary(load(string.dump(f, true))()))
print(summary(load('return [[' .. ('line\n'):rep(100000) .. ']]')()))
print(#load('return {' .. ('1,'):rep(300000) .. '}')())
