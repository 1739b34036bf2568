-- Found by the random program generator (seed 7, program 31), mode functions.

local lines = 0
function show(v)
  if math.type(v) == "float" then
    if v ~= v then return "nan" end
    return "f" .. string.format("%.17g", v)
  elseif type(v) == "string" then
    return "'" .. v:gsub("%-nan", "nan") .. "'"
  elseif type(v) == "table" or type(v) == "function" then
    return type(v)
  end
  return tostring(v)
end
function num(v) return math.type(v) and v or -1 end
function emit(...)
  lines = lines + 1
  if lines > 300 then return end
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = show((select(i, ...))) end
  print(table.concat(parts, " "))
end
function fold(o, depth)
  local n = 0
  for k, v in pairs(o) do
    local w = 1
    if math.type(v) == "integer" then w = v
    elseif type(v) == "string" then w = #v
    elseif type(v) == "function" then w = v()
    elseif type(v) == "table" and depth > 0 then w = fold(v, depth - 1) end
    n = n + w * #tostring(k)
  end
  return n
end
function dump(name, t)
  local parts = {}
  for k, v in pairs(t) do parts[#parts + 1] = show(k) .. "=" .. show(v) end
  table.sort(parts)
  print(name, #parts, table.concat(parts, " "))
end
function format(f, v) if v ~= v then v = 0.0 end return string.format(f, v) end
function words(s, p)
  local parts = {}
  for a, b in s:gmatch(p) do parts[#parts + 1] = show(a) .. show(b) end
  return table.concat(parts, ";")
end
yielder = setmetatable({}, {
  __index = function(_, k) return coroutine.yield(k) end,
  __add = function(_, k) return coroutine.yield(k) + 1 end,
})
closes = 0
counting = setmetatable({}, { __close = function() closes = closes + 1 end })
closing = setmetatable({}, { __close = function(_, e) emit("closing", type(e)) end })
local getlocal = debug.getlocal
function locals()
  local parts = {}
  for k = 1, 200 do
    local name, value = getlocal(2, k)
    if not name then break end
    if name:sub(1, 1) ~= "(" then parts[#parts + 1] = name .. "=" .. show(value) end
  end
  emit(table.concat(parts, " "))
end
local strings, setAny = getmetatable(""), debug.setmetatable
function restart()
  lines, closes = 0, 0
  strings.__tostring, strings.__call = nil, nil
  setAny(nil, nil) setAny(true, nil) setAny(0, nil) setAny(print, nil)
end

local a8 = {} for i = 1, 16 do a8[i] = i / 4 end
local function f10(p11, ...)
  local v13 = #{...}
  if v13 then locals() end
end
for i19, e20 in ipairs(a8) do
  if i19 > 40 then break end
  v4 = f10(1.5, v2, i19)
  ::continue21::
end
