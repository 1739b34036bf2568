-- load and dofile: what calls the program back while a chunk is loaded. The host compiles.
local globals, internal = ...
local compile, checkLoad = internal.compile, internal.checkLoad
local type, error, select, loadfile = type, error, select, internal.loadfile
local pcall, concat = pcall, table.concat

-- The caller of load, seen from readAll, which runs under load's pcall.
local LOADER_LEVEL = 4

-- Pieces of a chunk until the reader returns nil, nothing or an empty string.
local function readAll(reader)
  local pieces, count = {}, 0
  while true do
    local piece = reader()
    if piece == nil or piece == '' then return concat(pieces) end
    local kind = type(piece)
    if kind ~= 'string' and kind ~= 'number' then error('reader function must return a string', LOADER_LEVEL) end
    count = count + 1
    pieces[count] = piece
  end
end

function globals.load(...)
  local chunk, name, mode = ...
  local kind = chunk ~= nil and type(chunk)
  if kind == 'string' or kind == 'number' then
    if name == nil then name = chunk end
    return compile(chunk .. '', name, mode, select(4, ...))
  end
  checkLoad(...)
  local ok, text = pcall(readAll, chunk)
  if not ok then return nil, text end
  return compile(text, name or '=(load)', mode, select(4, ...))
end

local function pass(...) return ... end

function globals.dofile(name)
  local chunk, message = loadfile(name)
  if not chunk then error(message, 0) end
  -- No tail call: dofile is active while the chunk runs.
  return pass(chunk())
end
