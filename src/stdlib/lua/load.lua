-- load and dofile: what calls the program back while a chunk is loaded. The host compiles.
local globals, internal = ...
local compile, checkReader = internal.compile, internal.checkReader
local type, error, loadfile = type, error, internal.loadfile
local pcall = pcall

-- Pieces of a chunk until the reader returns nil, nothing or an empty string.
local function readAll(reader)
  local text = ''
  while true do
    local piece = reader()
    if piece == nil or piece == '' then return text end
    if type(piece) ~= 'string' then error('reader function must return a string', 0) end
    text = text .. piece
  end
end

function globals.load(chunk, name, mode, ...)
  local kind = type(chunk)
  if kind == 'string' or kind == 'number' then return compile(chunk .. '', name or chunk, mode, ...) end
  checkReader(chunk)
  local ok, text = pcall(readAll, chunk)
  if not ok then return nil, text end
  return compile(text, name or '=(load)', mode, ...)
end

function globals.dofile(name)
  local chunk, message = loadfile(name)
  if not chunk then error(message, 0) end
  return chunk()
end
