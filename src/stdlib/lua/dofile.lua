-- dofile, which calls what it loads. The host compiles.
local globals = ...
local error, loadfile = error, loadfile

local function pass(...) return ... end

function globals.dofile(name)
  local chunk, message = loadfile(name)
  if not chunk then error(message, 0) end
  -- No tail call: dofile is active while the chunk runs.
  return pass(chunk())
end
