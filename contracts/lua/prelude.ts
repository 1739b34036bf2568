/**
 * What the generated Lua of codec-source.ts stands on: checks of values, and the bytes that a record refers to. The same canonical bytes as abi/encode.ts makes.
 *
 * A record being written is a table: pieces of bytes in its array, `size` of them together; `what` it is and, in messages, at which `level` above `fail`
 * it was given (0: not by a call of the script's), and how many functions deep in it the writer is.
 */
export const LUA_PRELUDE = `local pack, unpack, sub, rep, format = string.pack, string.unpack, string.sub, string.rep, string.format
local concat, huge, mathtype, tointeger = table.concat, math.huge, math.type, math.tointeger
local utf8len, type, error, tostring = utf8.len, type, error, tostring

local function fail(w, where, expected, value)
  local got = type(value)
  if got == 'number' or got == 'boolean' then got = tostring(value) end
  error(format('bad %s (%s%s expected, got %s)', w.what, where, expected, got), w.level == 0 and 0 or w.level + w.depth)
end

local function enter(w, where, depth)
  w.depth = w.depth + depth
  if w.depth > 100 then fail(w, where, 'fewer values in one another', nil) end
end

local function put(w, bytes, align)
  if bytes == '' then return 0 end
  local gap = -w.size % align
  if gap > 0 then w[#w + 1] = rep('\\0', gap) end
  local at = w.size + gap
  w[#w + 1] = bytes
  w.size = at + #bytes
  return at
end

local function integer(w, value, low, high, name, where)
  local kind = mathtype(value)
  local n = kind == 'float' and tointeger(value) or kind == 'integer' and value
  if not n or n < low or n > high then fail(w, where, name, value) end
  return n
end

-- Integers are the bits, whatever their sign; floats must be what they say.
local function unsigned64(w, value, name, where)
  local kind = mathtype(value)
  if kind == 'integer' then return value end
  local n = kind == 'float' and value >= 0 and (tointeger(value) or value >= 0x1p63 and value < 0x1p64 and tointeger(value - 0x1p64))
  if not n then fail(w, where, name, value) end
  return n
end

local function number(w, value, name, where)
  if type(value) ~= 'number' then fail(w, where, name, value) end
  return value
end

-- Finite values that are infinite as an f32 are none.
local function float32(w, value, name, where)
  if type(value) ~= 'number' or (value >= 0x1.ffffffp127 and value ~= huge) or (value <= -0x1.ffffffp127 and value ~= -huge) then fail(w, where, name, value) end
  return value
end

local function boolean(w, value, where)
  if type(value) ~= 'boolean' then fail(w, where, 'boolean', value) end
  return value and 1 or 0
end

local function text(w, value, where)
  if type(value) ~= 'string' then fail(w, where, 'string', value) end
  if not utf8len(value) then fail(w, where, 'UTF-8', value) end
  return put(w, value, 1), #value
end

local function buffer(w, value, where)
  if type(value) ~= 'string' then fail(w, where, 'string', value) end
  return put(w, value, 1), #value, #value
end

local function array(w, value, write, align, depth, name, where)
  if type(value) ~= 'table' then fail(w, where, name, value) end
  local parts, count = {}, #value
  enter(w, where, depth)
  for i = 1, count do parts[i] = write(w, value[i]) end
  w.depth = w.depth - depth
  return put(w, concat(parts), align), count
end

local function elements(s, at, count, size, read)
  local list = {}
  for i = 1, count do
    list[i] = read(s, at)
    at = at + size
  end
  return list
end

-- W and R: writers and readers of structs and of the elements of arrays; E: values of enums.
local W, R, E, callers, providers = {}, {}, {}, {}, {}
`;
