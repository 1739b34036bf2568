-- print. Plain values are written by the host at once; where __tostring may run, values are converted here one by one.
local globals, internal = ...
local writeLine, write = internal.writeLine, internal.write
local tostring, select = tostring, select

function globals.print(...)
  if writeLine(...) then return end
  for i = 1, select('#', ...) do
    if i > 1 then write('\t') end
    write(tostring((select(i, ...))))
  end
  write('\n')
end
