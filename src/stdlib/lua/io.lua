-- io.lines and file:lines: what they read with is an iterator of the core.
local io, internal = ...
local openForReading, argumentError, iterate = internal.openForReading, internal.argumentError, internal.lines
local checkFile, defaultInput = internal.checkFile, io.input
local select = select

local MOST_FORMATS = 250

local function checkCount(...)
  if select('#', ...) > MOST_FORMATS then argumentError(MOST_FORMATS + 2, 'too many arguments') end
end

function io.lines(name, ...)
  if name == nil then
    local file = defaultInput()
    checkFile(file)
    checkCount(...)
    return iterate(file, false, ...)
  end
  local file = openForReading(name)
  checkCount(...)
  return iterate(file, true, ...), nil, nil, file
end

function internal.fileMethods.lines(...)
  checkFile(...)
  checkCount(select(2, ...))
  return iterate((...), false, select(2, ...))
end
