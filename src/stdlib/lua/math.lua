-- Companions of math.max and math.min (README.md) for arguments that are not all numbers: they are compared as by `<`. And a second name.
local library, internal = ...
local companion, lessThan = internal.companion, internal.lessThan
local select = select

-- LUA_COMPAT_MATHLIB: one function under two names.
library.atan2 = library.atan

companion(library.max, function(best, ...)
  for i = 1, select('#', ...) do
    local value = (select(i, ...))
    if lessThan(best, value) then best = value end
  end
  return best
end)

companion(library.min, function(best, ...)
  for i = 1, select('#', ...) do
    local value = (select(i, ...))
    if lessThan(value, best) then best = value end
  end
  return best
end)
