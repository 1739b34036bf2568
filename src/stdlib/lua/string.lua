-- Companions of the string functions (README.md): where they call back.
local library, internal = ...
local companion, matchFrom, formatConverted = internal.companion, internal.matchFrom, internal.formatConverted
local format, sub = library.format, library.sub
local error, tostring, type, concat, pack, unpack = error, tostring, type, table.concat, table.pack, table.unpack

-- Argument `n` (1-based, the format included) of a %s has `__tostring`.
companion(format, function(n, ...)
  local arguments = pack(...)
  arguments[n] = tostring(arguments[n])
  return formatConverted(n, unpack(arguments, 1, arguments.n))
end)

-- Arithmetic on a string and a value with a metamethod. (No loop: a JIT at its lowest thresholds would compile it before the program begins.)
local function arithmetic(event)
  companion(internal.stringMetatable[event], function(metamethod, a, b) return (metamethod(a, b)) end)
end
arithmetic '__add' arithmetic '__sub' arithmetic '__mul' arithmetic '__mod'
arithmetic '__pow' arithmetic '__div' arithmetic '__idiv' arithmetic '__unm'

-- Replacement of one match: its place, the place behind it, and what `replace` gives for its captures.
local function replaceMatch(replace, start, stop, ...)
  if start then return start, stop, replace(...) end
end

-- gsub with a function, or with a table that has `__index`. The core has checked the arguments.
companion(library.gsub, function(source, pattern, replacement, limit)
  source = source .. ''
  local replace = replacement
  local isTable = type(replacement) == 'table'
  if isTable then replace = function(key) return replacement[key] end end
  -- What lies before `copied` is in the pieces.
  local pieces, count, copied = {}, 0, 1
  local matches, place, last = 0, 1, 0
  local anchored = sub(pattern, 1, 1) == '^'
  while matches < limit do
    local start, stop, value = replaceMatch(replace, matchFrom(source, pattern, place, last, isTable))
    if not start then break end
    matches = matches + 1
    if value then
      local kind = type(value)
      if kind ~= 'string' and kind ~= 'number' then error(format('invalid replacement value (a %s)', kind), 2) end
      if start > copied then
        count = count + 1
        pieces[count] = sub(source, copied, start - 1)
      end
      count = count + 1
      pieces[count] = value
      copied = stop
    end
    place, last = stop, stop
    if anchored then break end
  end
  if count == 0 then return source, matches end
  pieces[count + 1] = sub(source, copied)
  return concat(pieces), matches
end)
