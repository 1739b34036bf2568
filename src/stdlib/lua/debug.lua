-- debug.debug: commands from standard input until "cont" or its end.
local debug, internal = ...
local readCommand, writeError = internal.readCommand, internal.writeError
local load, pcall, tostring = load, pcall, tostring

function debug.debug()
  while true do
    local line = readCommand()
    if line == nil or line == 'cont\n' then return end
    local chunk, message = load(line, '=(debug command)')
    local ok = false
    if chunk then ok, message = pcall(chunk) end
    if not ok then writeError(tostring(message) .. '\n') end
  end
end
