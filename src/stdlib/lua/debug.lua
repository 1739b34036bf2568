-- debug.debug: commands from standard input until "cont" or its end.
local debug, internal = ...
local readCommand, writeError, compile = internal.readCommand, internal.writeError, internal.compile
local pcall, tostring = pcall, tostring

function debug.debug()
  while true do
    local line = readCommand()
    if line == nil or line == 'cont\n' then return end
    local chunk, message = compile(line, '=(debug command)')
    local ok = false
    if chunk then ok, message = pcall(chunk) end
    if not ok then writeError(tostring(message) .. '\n') end
  end
end
