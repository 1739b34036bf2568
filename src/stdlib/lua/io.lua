-- io.lines and file:lines: iterators that read again at each step.
local io, internal = ...
local checkFile, openForReading, readStep, argumentError = internal.checkFile, internal.openForReading, internal.readStep, internal.argumentError
local defaultInput = io.input
local select, unpack = select, table.unpack

local MOST_FORMATS = 250

-- An iterator over a file with given formats; closes the file at its end if it opened it.
local function iterate(file, closes, ...)
  local count = select('#', ...)
  if count == 0 then
    return function() return readStep(file, closes) end
  end
  local formats = { ... }
  return function() return readStep(file, closes, unpack(formats, 1, count)) end
end

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
