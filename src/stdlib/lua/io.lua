-- io.lines and file:lines: iterators that read again at each step.
local io, internal = ...
local readFile, close, open, checkOpen = internal.fileMethods.read, internal.fileMethods.close, io.open, internal.checkOpen
local defaultInput = io.input
local error, select, unpack = error, select, table.unpack

-- An iterator over a file with given formats; closes the file at its end if it opened it.
local function iterate(file, closes, ...)
  local first = ...
  local count = select('#', ...)
  if count > 250 then error("bad argument #252 to 'lines' (too many arguments)", 3) end
  local function finish(value, message, ...)
    if value ~= nil then return value, message, ... end
    if message ~= nil then error(message, 2) end
    if closes then close(file) end
    return nil
  end
  if count <= 1 then
    local format = first or 'l'
    return function()
      checkOpen(file)
      return finish(readFile(file, format))
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
  local file, message = open(name, 'r')
  if not file then error(message, 2) end
  return iterate(file, true, ...), nil, nil, file
end

function internal.fileMethods.lines(file, ...)
  return iterate(file, false, ...)
end
