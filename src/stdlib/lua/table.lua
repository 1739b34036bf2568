-- Companions of the table functions (README.md): objects with metamethods, where the core left off after checking that the first
-- argument can stand for a table; and table.sort wherever it has to call a comparator or compare anything but plain values.
local library, internal = ...
local companion = internal.companion
local argumentError, integerArgument = internal.argumentError, internal.integerArgument
local concat, unpack = library.concat, library.unpack
local error, select, type, format, tointeger, ult = error, select, type, string.format, math.tointeger, math.ult

-- Errors of a helper belong to the caller of the companion that called it.
local HELPER_LEVEL = 3
local TOO_MANY = 1000000

local function lengthOf(object)
  local n = tointeger(#object)
  if not n then error('object length is not an integer', HELPER_LEVEL) end
  return n
end

companion(concat, function(object, separator, first, last)
  local n = lengthOf(object)
  local from, to = integerArgument(3, first, 1), integerArgument(4, last, n)
  local values, count = {}, 0
  for i = from, to do
    local value = object[i]
    local kind = type(value)
    if kind ~= 'string' and kind ~= 'number' then
      error(format("invalid value (%s) at index %d in table for 'concat'", kind, i), 2)
    end
    count = count + 1
    values[count] = value
  end
  return concat(values, separator, 1, count)
end)

companion(library.insert, function(object, ...)
  local count = select('#', ...)
  local last = lengthOf(object) + 1
  if count == 1 then
    object[last] = (...)
    return
  end
  if count ~= 2 then error("wrong number of arguments to 'insert'", 2) end
  local given, value = ...
  local position = integerArgument(2, given)
  if not ult(position - 1, last) then argumentError(2, 'position out of bounds') end
  for i = last, position + 1, -1 do object[i] = object[i - 1] end
  object[position] = value
end)

companion(library.remove, function(object, given)
  local size = lengthOf(object)
  local position = integerArgument(2, given, size)
  if position ~= size and ult(size, position - 1) then argumentError(2, 'position out of bounds') end
  local value = object[position]
  for i = position, size - 1 do object[i] = object[i + 1] end
  if position < size then position = size end
  object[position] = nil
  return value
end)

companion(unpack, function(object, first, last)
  local from = integerArgument(2, first, 1)
  local to = last == nil and lengthOf(object) or integerArgument(3, last)
  if from > to then return end
  local extra = to - from
  if extra < 0 or extra >= TOO_MANY then error('too many results to unpack', 2) end
  local values = {}
  for i = 0, extra do values[i + 1] = object[from + i] end
  return unpack(values, 1, extra + 1)
end)

-- The core has checked all arguments.
companion(library.move, function(source, first, last, to, target)
  first, last, to = tointeger(first), tointeger(last), tointeger(to)
  if target == nil then target = source end
  if to > last or to <= first or target ~= source then
    for i = 0, last - first do target[to + i] = source[first + i] end
  else
    for i = last - first, 0, -1 do target[to + i] = source[first + i] end
  end
  return target
end)

-- Quicksort; the larger part of each partition waits on a stack of its own, so that errors are always one call away from sort's caller.
-- The median of three stands at the end of its range, where it stops both scans if the order is a valid one. Candidates, comparisons and exchanges are PUC's,
-- so that equal elements end up in the same order. After a bad partition the candidate in the middle gives way to any other in ranges of LARGE elements.
local LARGE <const> = 100

companion(library.sort, function(array, less, size)
  if not size then
    size = lengthOf(array)
    if size >= 2147483647 then argumentError(1, 'array too big') end
  end
  less = less or function(a, b) return a < b end
  local low, high = 1, size
  local waiting, depth = {}, 0
  local random = 0
  while true do
    while low < high do
      local first, last = array[low], array[high]
      if less(last, first) then
        array[low] = last
        array[high] = first
        first, last = last, first
      end
      if high - low == 1 then break end
      local middle = (low + high) // 2
      if random ~= 0 and high - low >= LARGE then
        local quarter = (high - low) // 4
        middle = low + quarter + random % (2 * quarter)
      end
      local pivot = array[middle]
      if less(pivot, first) then
        array[middle] = first
        array[low] = pivot
        pivot = first
      elseif less(last, pivot) then
        array[middle] = last
        array[high] = pivot
        pivot = last
      end
      if high - low == 2 then break end
      array[middle] = array[high - 1]
      array[high - 1] = pivot
      local i, j = low, high - 1
      while true do
        i = i + 1
        local left = array[i]
        while less(left, pivot) do
          if i == high - 1 then error('invalid order function for sorting', 2) end
          i = i + 1
          left = array[i]
        end
        j = j - 1
        local right = array[j]
        while less(pivot, right) do
          if j < i then error('invalid order function for sorting', 2) end
          j = j - 1
          right = array[j]
        end
        if j < i then break end
        array[i] = right
        array[j] = left
      end
      array[high - 1] = array[i]
      array[i] = pivot
      depth = depth + 2
      local smaller, larger
      if i - low < high - i then
        smaller, larger = i - low, high - i - 1
        waiting[depth - 1], waiting[depth] = i + 1, high
        high = i - 1
      else
        smaller, larger = high - i, i - 1 - low
        waiting[depth - 1], waiting[depth] = low, i - 1
        low = i + 1
      end
      if larger // 128 > smaller then random = (random * 1103515245 + 12345) & 0x7fffffff end
    end
    if depth == 0 then return end
    low, high = waiting[depth - 1], waiting[depth]
    depth = depth - 2
  end
end)
