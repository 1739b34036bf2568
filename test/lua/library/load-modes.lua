-- load, loadfile and dofile: sources as strings, functions and files, text and binary, each mode, with environments and names.
local name = os.tmpname()
local pattern = name:gsub('%p', '%%%0')
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = type(parts[i]) == 'function' and 'function' or tostring(parts[i]):gsub(pattern, 'NAME') end
  print(table.concat(parts, ' ', 1, parts.n))
end
local function write(bytes)
  local f <close> = assert(io.open(name, 'wb'))
  f:write(bytes)
end

local text = 'x = (x or 0) + 1; return x, ...'
local binary = string.dump(assert(load(text, '=dumped')))
local stripped = string.dump(load(text, '=dumped'), true)
local sources = { { 'text', text }, { 'binary', binary }, { 'stripped', stripped } }
local function inPieces(bytes, size)
  local place = 1 - size
  return function()
    place = place + size
    return bytes:sub(place, place + size - 1)
  end
end

for _, source in ipairs(sources) do
  local kind, bytes = source[1], source[2]
  for _, mode in ipairs { 'default', 't', 'b', 'bt', 'tb', 'x', '' } do
    local m = mode ~= 'default' and mode or nil
    for _, chunk in ipairs { bytes, inPieces(bytes, 1), inPieces(bytes, 7), inPieces(bytes, 1000) } do
      local environment = { x = 10 }
      local f, message = load(chunk, '=chunk', m, environment)
      show(kind, mode, type(chunk), f, message)
      if f then show(f('argument')) end
      if f then show(environment.x, rawget(_G, 'x')) end
    end
    write(bytes)
    local environment = {}
    local f, message = loadfile(name, m, environment)
    show(kind, mode, 'file', f, message)
    if f then show(f('argument', 2)) end
    show(environment.x, rawget(_G, 'x'))
  end
  x = 100
  show(load(bytes)('global'))
  write(bytes)
  show(loadfile(name)('global'))
  show(loadfile(name, nil)('global'))
  show(pcall(loadfile(name, nil, nil)))
  show(dofile(name))
  show(x)
  x = nil
end

-- A first line that starts with # is left out of files, and counts as a line; it may stand before a binary chunk.
write('#!/usr/bin/lua\nreturn debug.getinfo(1, "l").currentline, ...')
show(loadfile(name)(1))
show(dofile(name))
write('# comment\n' .. binary)
show(loadfile(name, 'b', {})(2))
write('#')
show(loadfile(name), select('#', dofile(name)))
write('')
show(loadfile(name), select('#', dofile(name)))
write('\xEF\xBB\xBFreturn "after a mark"')
show(dofile(name))
write('\xEF\xBB\xBF#first\nreturn "after a mark and a comment"')
show(dofile(name))
show(load('#!x\nreturn 1', '=string'))
show(load('\xEF\xBB\xBFreturn 1', '=string') == nil)

-- Errors: in syntax, in the file, in the reader, at run time.
write('return +')
show(loadfile(name))
show(pcall(dofile, name))
write('local a\nerror("inside")')
show(pcall(dofile, name))
write('error({ "table" })')
show(select('#', pcall(dofile, name)), type(select(2, pcall(dofile, name))))
show(loadfile(name .. '.none'))
show(pcall(dofile, name .. '.none'))
show(pcall(loadfile, {}))
show(pcall(dofile, {}))
-- (In pcall, for lua5.4 runs errors of readers through the message handler around load.)
show(pcall(load, function() error('in the reader') end))
show(pcall(load, function() error() end))
local digits = 0
show(load(function()
  digits = digits + 1
  return digits == 1 and 'return ' or digits < 5 and digits or nil
end)())
show(pcall(load, function() return {} end))
show(pcall(load, function() return true end))
show(load(function() return nil end))
show(load(function() return '' end))
show(load(function() end, 'named'))
show(pcall(load))
show(pcall(load, nil))
show(pcall(load, {}))
show(pcall(load, 'return 1', {}))
show(pcall(load, 'return 1', 'x', {}))
show(load(12, '=number'), load('return 1', 12, 't')())

-- Names of chunks in messages.
for _, chunkName in ipairs { '=exact', '@file.lua', 'text of the chunk', 'first line\nsecond', ('='):rep(80), '@' .. ('long/'):rep(20), ('x'):rep(80), '', '=', '@' } do
  show(load('x x', chunkName))
end
show(load('x x'))
show(load('\n\nx x'))
show(load(inPieces('x x', 1)))

-- The environment is the first upvalue; of a function with others they start as nil.
local counter = 0
local function counting()
  counter = counter + 1
  return counter, tostring
end
local copy = load(string.dump(counting), '=copy', 'b', { tostring = 'mine' })
show((debug.getupvalue(copy, 1)), select(2, debug.getupvalue(copy, 1)).tostring, debug.getupvalue(copy, 2))
show(pcall(copy))
show(pcall(load, 'return _ENV', '=e', 't', 42))
show(load('return _ENV', '=e', 't', 42)(), load('return _ENV', '=e', 't', nil)(), load('return x', '=e', 't', setmetatable({}, { __index = function(_, key) return key .. '!' end }))())
show(pcall(load('return x', '=e', 't', nil)))
show(pcall(load('x = 1', '=e', 't', false)))
show(os.remove(name))
