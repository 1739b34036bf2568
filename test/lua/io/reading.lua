-- All formats of read, and lines with formats.
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = (('%q'):format(parts[i]):gsub('\\\n', '\\n')) end
  print(table.concat(parts, ' '))
end

local function with(content)
  local f = io.tmpfile()
  f:write(content)
  f:seek('set')
  return f
end

local text = 'first\n\nthird\nno end'
for _, formats in ipairs {
  {}, { 'l', 'l', 'l', 'l', 'l' }, { 'L', 'L', 'L', 'L', 'L' }, { 'a', 'a', 'l' }, { 1, 2, 0, 3, 'l' }, { '*l', '*L', '*a' }, { 'n', 'l' },
  { 100, 0 }, { 'line', 'all' }, { 6, 'L', 0, 1000, 0, 1 },
} do
  show(with(text):read(table.unpack(formats)))
end
show(with(''):read('l'), with(''):read('L'), with(''):read('a'), with(''):read(0), with(''):read(5), with(''):read('n'))
for _, format in ipairs { 'x', '', '*', '*x', 'N', {}, true, 1.5, '1' } do
  print(pcall(io.tmpfile().read, io.tmpfile(), format))
end
print(pcall(with('abc').read, with('abc'), 1, 'x'))

-- Numerals: the longest prefix that looks like one is taken, right or not.
local numerals = with(' -12.3- 0x 0x1.13Ap+3e .e+ 0.e; -- 0xX; 1e+ +x 5 1' .. ('0'):rep(300)
  .. ' 7 nan inf 0x.8 1..2 99999999999999999999 0x7fffffffffffffffff -9223372036854775808 9223372036854775808 1e5 1E-2z')
repeat
  local number = numerals:read('n')
  local behind = numerals:read(1)
  print(number, math.type(number), behind and ('%q'):format(behind))
until not behind
print(with('1 2 3 x'):read('n', 'n', 'n', 'n', 'n'))
print(with('0x'):read('n'), with('+'):read('n'), with('.'):read('n'), with('1e'):read('n'), with('0xp1'):read('n'))
print(#with(('7'):rep(200)):read('l'), with(('7'):rep(200)):read('n'), with(('7'):rep(201)):read('n'))

-- Long lines and blocks cross buffers.
local long = with(('x'):rep(70000) .. '\n' .. ('y'):rep(140000) .. '\nz')
print(#long:read('l'), #long:read('L'), long:read('a'))
long:seek('set', 69990)
print(#long:read(70000), #long:read('a'))

-- lines.
local name = os.tmpname()
local f = io.open(name, 'w')
f:write('10 20\n30 40\n50\n')
f:close()
for line in io.lines(name) do io.write('[', line, ']') end
print()
for line in io.lines(name, 'L') do io.write('[', line, ']') end
print()
for a, b in io.lines(name, 'n', 'n') do print(a, b) end
for a, b in io.lines(name, 3, 1) do show(a, b) end
for all in io.lines(name, 'a') do
  if all == '' then break end
  show(all)
end
print(select('#', io.lines(name)), (select(4, io.lines(name))) ~= nil)
local step = io.lines(name)
local count = 0
while step() do count = count + 1 end
print(count, select('#', pcall(step)), pcall(step))
f = io.open(name)
print(select('#', f:lines()), f:lines()(), f:lines('n')(), f:lines('l', 'l')())
print(select('#', f:lines()()), io.type(f))
f:close()
print(pcall(f.lines, f))
do
  local kept
  for _ in io.lines(name) do kept = true break end
  print(kept)
end
io.input(name)
for line in io.lines() do io.write(line, ';') end
print(io.type(io.input()))
io.close(io.input())
io.input(io.stdin)
print(pcall(io.lines, 'no such file'))
print(pcall(function() for _ in io.lines(name, 'x') do end end))
print(pcall(function() for _ in io.lines(name, 'l', {}) do end end))
print(pcall(io.lines, {}))
print((pcall(io.lines, name, table.unpack({}, 1, 250))), (pcall(io.lines, name, table.unpack({}, 1, 251))))
f = io.open(name, 'w')
print(pcall(f:lines()))
print(f:read('a'))
print(pcall(function() for _ in f:lines('n', 'l') do end end))
f:close()
print(pcall(f.lines, nil))
print(pcall(f.lines))
os.remove(name)

-- A folder opens, but cannot be read.
print(io.open('/'):read('a'))
print(io.open('/'):read(0))
print(pcall(io.lines('/')))
print(io.open('/', 'w'))

-- Numerals are read as everywhere else.
do
  local name = os.tmpname()
  local function write(text) local file <close> = assert(io.open(name, 'w')) file:write(text) end
  local function numbers(text, count)
    write(text)
    local file <close> = assert(io.open(name))
    local values = {}
    for i = 1, count do
      local value = file:read('n')
      values[i] = value and string.format(math.type(value) == 'integer' and '%d' or '%a', value) or 'nil'
    end
    print(text:sub(1, 30), table.concat(values, ' '), (file:read('l')))
  end
  numbers('0x1.8p-1074 0x1p-1074 0x.8p-1074 0x1p1024', 4)
  numbers('4.9406564584124654e-324 2.4703282292062328e-324 1e400', 3)
  numbers('0x1.fffffffffffff8p1 0x1.fffffffffffff7p1', 2)
  numbers('9223372036854775807 9223372036854775808 -9223372036854775808', 3)
  numbers('0xffffffffffffffff 0x1ffffffffffffffff -0x10', 3)
  numbers(' \t\v\f\r\n+5e2.5', 2)
  numbers('1e+ 2', 2)
  numbers('.5 5. . 1', 4)
  numbers('nan', 1)
  numbers((' '):rep(16380) .. '-12.5e-1 ' .. (' '):rep(16376) .. '0x1p+3', 2)
  numbers(('1'):rep(199) .. ' 2', 2)
  numbers(('1'):rep(200) .. ' 2', 2)
  numbers(('1'):rep(201) .. ' 2', 2)
  numbers(('1'):rep(150) .. '.' .. ('1'):rep(60) .. 'e5 2', 2)

  -- Lines longer than any buffer, and what lies around them.
  local long = ('0123456789'):rep(20000)
  write('a\n' .. long .. '\nb\n\n' .. long)
  local file <close> = assert(io.open(name))
  local lengths = {}
  for line in file:lines() do lengths[#lengths + 1] = #line end
  print(table.concat(lengths, ' '))
  file:seek('set')
  local kept = {}
  for line, bytes in file:lines('L', 1) do kept[#kept + 1] = #line .. tostring(bytes):byte() end
  print(table.concat(kept, ' '))
  file:seek('set', 1)
  print(file:read(0, 1, 0, 5, 'l', 'L', 0, 1), file:seek())
  print(#file:read('a'), file:read('a'), file:read(0), file:read('l'), file:read(1))

  -- Reading and writing in turns.
  local both <close> = assert(io.open(name, 'w+'))
  both:write('one\ntwo\n', 3, '\n')
  both:seek('set')
  print(both:read('l'), both:seek())
  both:seek('cur', 0)
  both:write('TWO')
  both:seek('set')
  print(both:read('l', 'l', 'n', 'l', 'l'))
  os.remove(name)
end
