-- io.lines and file:lines: iterators that read again at each step.
local io, internal = ...
local readFile, close, openOrRaise, checkOpen = internal.fileMethods.read, internal.fileMethods.close, internal.openForReading, internal.checkOpen
local defaultInput = io.input
local readLine = internal.readLine
local raise, select, unpack = internal.raise, select, table.unpack

-- An iterator over a file with given formats; closes the file at its end if it opened it.
local function iterate(file, closes, ...)
  local first = ...
  local count = select('#', ...)
  if count > 250 then raise("bad argument #252 to 'lines' (too many arguments)") end
  local function finish(value, message, ...)
    if value ~= nil then return value, message, ... end
    if message ~= nil then raise(message) end
    if closes then close(file) end
    return nil
  end
  if count == 0 or count == 1 and first == 'l' then
    return function()
      local line = readLine(file)
      if line == nil and closes then close(file) end
      return line
    end
  end
  local formats = { ... }
  return function()
    checkOpen(file)
    return finish(readFile(file, unpack(formats, 1, count)))
  end
end

function io.lines(name, ...)
  if name == nil then return iterate(defaultInput(), false, ...) end
  local file = openOrRaise(name)
  return iterate(file, true, ...), nil, nil, file
end

function internal.fileMethods.lines(file, ...)
  return iterate(file, false, ...)
end
