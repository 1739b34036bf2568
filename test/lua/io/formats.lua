-- Every format of read and lines by each function that takes them; every mode of open; what the end of a file, closed files and wrong formats give.
local name = os.tmpname()
local pattern = name:gsub('%p', '%%%0')
local function print(...)
  local parts = table.pack(...)
  local function text(i) if i <= parts.n then return tostring(parts[i]), text(i + 1) end end
  io.stdout:write((table.concat({ text(1) }, '\t'):gsub(pattern, 'NAME')), '\n')
end

local function write(text)
  local f <close> = assert(io.open(name, 'w'))
  f:write(text)
end

local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    local v = parts[i]
    parts[i] = type(v) == 'string' and ('%q'):format(v):gsub('\\\n', '\\n') or tostring(v)
  end
  return table.concat(parts, ' ', 1, parts.n)
end

local content = '12 0x1F -3.5e2 text\nsecond line\n\nlast without newline'
local formats = { 'n', 'l', 'L', 'a', '*n', '*l', '*L', '*a', '*number', 'line', 0, 1, 5, 100, 2.0 }
for _, format in ipairs(formats) do
  write(content)
  local parts = {}
  for _, read in ipairs {
    function(...) local f <close> = io.open(name) return f:read(...) end,
    function(...)
      io.input(name)
      local result = table.pack(io.read(...))
      io.close(io.input())
      return table.unpack(result, 1, result.n)
    end,
  } do
    parts[#parts + 1] = show(pcall(read, format)) .. '; ' .. show(pcall(read, format, format, format))
  end
  print(format, table.concat(parts, ' / '))
  -- At the end there is nothing but the empty string of 'a'; lines go on for ever with that, and with the 0 of a file that is not at its end.
  local isEndless = format == 'a' or format == '*a' or format == 0
  for _, lines in ipairs { function(...) return io.lines(name, ...) end, function(...) return io.open(name):lines(...) end } do
    local out, count = {}, 0
    for a, b in lines(format, format) do
      count = count + 1
      out[count] = show(a, b)
      if isEndless and count == 3 or count == 40 then break end
    end
    print(format, count, table.concat(out, ','))
  end
end

write(content)
io.input(name)
print(show(io.read()), show(io.read('L')), show(io.read(0)), show(io.read('a')), show(io.read(0)), show(io.read('a')), show(io.read('l')), show(io.read('n')), show(io.read()))
io.input():close()
print(pcall(io.read))
print(pcall(io.lines))
io.input(io.stdin)
local out = {}
for line in io.lines(name) do out[#out + 1] = show(line) end
print(table.concat(out, ','))
for _, format in ipairs { 'x', '*', '', '**l', '1', '*x', {}, true } do
  print(pcall(function() for _ in io.lines(name, format) do break end end))
  print(pcall(function() for _ in io.open(name):lines('l', format) do break end end))
end
print(pcall(io.lines, name .. '.none'))

-- Modes: what can be read and written, where writing goes, and what is left of the file.
for _, mode in ipairs { 'r', 'w', 'a', 'r+', 'w+', 'a+', 'rb', 'wb', 'ab', 'r+b', 'w+b', 'a+b' } do
  write('0123456789')
  local f = assert(io.open(name, mode))
  local before = show(f:read(3))
  f:seek('cur', 0)
  local written = show(f:write('XY') == f)
  f:seek('set', 1)
  local after = show(f:read(4))
  print(mode, before, written, after, f:seek('cur'), f:seek('end'), f:close())
  print(mode, show(io.open(name):read('a')))
end
for _, mode in ipairs { 'rw', 'br', 'r++', '+r', '', 'x', 'rb+', 'R', 'r b', 'wx', ' r' } do print(mode, pcall(io.open, name, mode)) end
print(io.open(name .. '.none/none', 'w'))
print(select('#', io.open(name .. '.none')), io.open(name .. '.none', 'r+b'))
print(pcall(io.open), pcall(io.open, {}), pcall(io.open, name, {}))

-- Buffering.
do
  local f, g = io.open(name, 'w'), io.open(name)
  print(f:setvbuf('full'), f:setvbuf('full', 1024), f:write('full\n') == f, show(g:read('a')), f:flush() == f, show(g:read('a')))
  print(f:setvbuf('line'), f:write('partial') == f, f:write(' line\nrest') == f, f:flush() == f, show(g:read('a')))
  print(f:setvbuf('no'), f:write('at once') == f, show(g:read('a')), f:setvbuf('no', 0))
  print(pcall(f.setvbuf, f), pcall(f.setvbuf, f, 'some'), pcall(f.setvbuf, f, 'full', 'x'))
  print(f:close(), g:close())
  print(pcall(f.setvbuf, f, 'no'), pcall(f.seek, f), pcall(f.flush, f), pcall(f.lines, f), pcall(f.write, f, 'x'), pcall(f.read, f))
end

-- A file that nothing refers to is closed when it is collected, and what was written is there.
do
  local f = io.open(name, 'w')
  f:write('kept')
  f = nil
end
collectgarbage()
collectgarbage()
print(show(io.open(name):read('a')))

-- Standard output as a file: methods give the file back, or nothing.
print(io.stdout:write('') == io.stdout, io.stdout:flush() == io.stdout, io.flush() == io.stdout, io.output() == io.stdout, io.type(io.stdout))
print(pcall(io.stdout.write), pcall(io.stdout.write, 1), pcall(io.stdout.write, io.stdout, {}), pcall(io.stdout.seek, io.stdout, 'none'), pcall(io.stdout.seek, io.stdout, 'set', 1.5))
io.stdout:write('a', 1, ' ', 2.5, ' ', -0.0, ' ', 1e15, ' ', 2 ^ 53, ' ', math.mininteger, '\n')
io.output(name)
print(io.write('to the file ', 12) == io.output(), io.output():seek('cur'))
print(io.close(), pcall(io.write, 'x'))
io.output(io.stdout)
print(show(io.open(name):read('a')), os.remove(name), io.open(name))
