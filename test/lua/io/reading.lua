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
