-- Companion of print (README.md): where values have `__tostring`, they are converted and written one by one.
local globals, internal = ...
local printText = internal.printText
local tostring, select = tostring, select

internal.companion(globals.print, function(...)
  for i = 1, select('#', ...) do
    if i > 1 then printText('\t') end
    printText(tostring((select(i, ...))))
  end
  printText('\n')
end)
