-- os.time: the fields of a date are read, and written back normalised, with the table's metamethods.
local os, internal = ...
local currentTime, checkTable, joinTime, raise = internal.currentTime, internal.checkTable, internal.joinTime, internal.raise
local type, tonumber, pairs = type, tonumber, pairs
local tointeger, format = math.tointeger, string.format

-- Range of C's int.
local SMALLEST, LARGEST = -2147483648, 2147483647

-- An integer field; `delta` is what C's structure subtracts from it.
local function readField(date, name, default, delta)
  local value = date[name]
  if value == nil then
    if not default then raise(format("field '%s' missing in date table", name)) end
    return default
  end
  if type(value) == 'string' then value = tonumber(value) end
  local number = tointeger(value)
  if not number then raise(format("field '%s' is not an integer", name)) end
  local isInRange
  if number >= 0 then isInRange = number - delta <= LARGEST else isInRange = SMALLEST + delta <= number end
  if not isInRange then raise(format("field '%s' is out-of-bound", name)) end
  return number
end

function os.time(...)
  local date = ...
  if date == nil then return currentTime() end
  checkTable(...)
  local year = readField(date, 'year', nil, 1900)
  local month = readField(date, 'month', nil, 1)
  local day = readField(date, 'day', nil, 0)
  local hour = readField(date, 'hour', 12, 0)
  local minute = readField(date, 'min', 0, 0)
  local second = readField(date, 'sec', 0, 0)
  local isDaylightSaving = date.isdst
  if isDaylightSaving ~= nil then isDaylightSaving = not not isDaylightSaving end
  local time, fields = joinTime(year, month, day, hour, minute, second, isDaylightSaving)
  for name, value in pairs(fields) do date[name] = value end
  return time
end
