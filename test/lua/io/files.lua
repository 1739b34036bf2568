-- Opening, writing, seeking, closing; modes and their errors; what failures return.
local name = os.tmpname()
local other = os.tmpname()

local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    parts[i] = tostring(parts[i]):gsub(name:gsub('%p', '%%%0'), 'NAME'):gsub('file %(0x%x+%)', 'FILE')
  end
  print(table.concat(parts, ' | '))
end
local function try(f, ...) show(pcall(f, ...)) end

-- Modes.
for _, mode in ipairs { 'r', 'w', 'a', 'r+', 'w+', 'a+', 'rb', 'r+b', 'wbb', 'rw', '', '+', 'b', 'br', 'r+b+' } do
  local ok, file, message = pcall(io.open, name, mode)
  show(mode, ok, ok and io.type(file) or file, message)
  if ok then file:close() end
end
show(io.open(name .. '/x'))
show(io.open('/no such folder/x', 'w'))
try(io.open)
try(io.open, {})
try(io.open, name, 5)

-- Writing and positions.
local f = assert(io.open(name, 'w'))
show(f:write('one\n', 2, '\n', 3.5, '\n', 4.0, ' ', 1e100, ' ', -0.0, ' ', 2^53, '\n') == f)
show(f:seek())
show(f:seek('set', 3), f:seek('cur'), f:seek('cur', -2), f:seek('end'))
show(f:seek('set', -1))
show(f:seek('set', 1), f:write('N'))
try(f.seek, f, 'middle')
try(f.seek, f, 'set', 1.5)
try(f.seek, f, 'set', {})
show(f:read())
show(f:flush(), io.type(f))
show(f:close(), io.type(f), tostring(f))
try(f.close, f)
try(f.write, f, 'x')
try(f.read, f)
try(f.seek, f)
try(f.flush, f)
try(f.lines, f)
try(f.setvbuf, f, 'no')
for line in io.lines(name) do show(line) end

f = io.open(name)
show(f:write('x'))
show(f:read('a') == 'oNe\n2\n3.5\n4 1e+100 -0 9.007199254741e+15\n')
f:close()

-- Append and update.
f = io.open(name, 'a')
show(f:seek() > 0, f:read(1))
f:write('end')
f:close()
f = io.open(name, 'a+')
show(f:seek(), f:read('l'))
f:write('!')
f:seek('set')
show((f:read('a'):gsub('\n', '/')))
f:close()
f = io.open(name, 'r+')
show(f:read(1))
f:write('XY')
show(f:read(2))
f:seek('set')
show(f:read('l'))
f:close()

-- Writing past the end leaves zeros.
f = io.open(name, 'w+')
f:seek('set', 4)
f:write('x')
f:seek('set')
show((f:read('a'):gsub('%z', '0')))
f:close()

-- Buffers.
f = io.open(name, 'w')
local reader = io.open(name)
try(f.setvbuf, f, 'none')
try(f.setvbuf, f)
show(f:setvbuf('full', 2000))
f:write('a')
show(#reader:read('a'))
f:flush()
show(reader:read('a'))
show(f:setvbuf('no'))
f:write('b')
show(reader:read('a'))
show(f:setvbuf('line'))
f:write('c')
show(#reader:read('a'))
f:write('d\ne')
show(reader:read('a'))
f:close()
show(reader:read('a'), reader:read('a'), reader:read(1))
reader:close()

-- A type error comes after what was written before it.
f = io.open(name, 'w')
try(f.write, f, 'first', {})
try(f.write, f, nil)
f:close()
show(io.open(name):read('a'))

-- Closing by scope; a temporary file.
do
  local kept
  do
    local closing <close> = io.open(name)
    kept = closing
  end
  show(io.type(kept))
end
f = io.tmpfile()
show(io.type(f), f:write('temporary'):seek('set'), f:read('a'))
f:close()

-- The type of things.
show(io.type(f), io.type(io.stdin), io.type(42), io.type({}), pcall(io.type))
show(getmetatable(f).__name, getmetatable(f).__index == getmetatable(io.stdout).__index)
try(f.read)
try(io.stdout.close)
try(getmetatable(f).__tostring, {})

-- Standard files stay open.
show(io.close(io.stdin))
show(io.stdout:close())
show(io.stderr:close())
show(io.stdout:read(1))
show(io.stdin:write('x'))

-- Default files.
show(io.output() == io.stdout, io.input() == io.stdin)
io.output(name)
show(io.write('default\n', 'output\n') == io.output())
local default = io.output()
io.close()
try(io.write, 'x')
try(io.flush)
try(io.close)
try(io.output, default)
io.output(io.stdout)
show(io.input(name) == io.input(), io.read('l', 'l', 'l'))
default = io.input()
default:close()
try(io.read)
try(io.lines)
io.input(io.stdin)
try(io.input, 'no such file')
try(io.output, {})

-- Files as such.
show(os.rename(name, other), io.open(name), os.rename(other, name))
show(select('#', os.remove(name)), os.remove(name))
show(os.rename(name, other))
os.remove(other)
