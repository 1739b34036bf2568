-- Companions of the basic functions (README.md): what they return, and the cases in which they call back.
local library, internal = ...
local companion, raise, type = internal.companion, internal.raise, library.type
local step = internal.ipairsStep

-- next is its own companion: pairs finds it there.
companion(library.next, library.next)

companion(library.ipairs, step)

-- ipairs over anything but a plain table.
companion(step, function(object, index)
  index = index + 1
  local value = object[index]
  if value ~= nil then return index, value end
end)

companion(library.pairs, function(object, metamethod)
  local iterator, state, control = metamethod(object)
  return iterator, state, control
end)

companion(library.tostring, function(object, metamethod)
  local text = metamethod(object)
  local kind = type(text)
  if kind == 'string' then return text end
  if kind == 'number' then return text .. '' end
  raise("'__tostring' must return a string")
end)
