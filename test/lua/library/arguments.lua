-- Every function of the libraries with odd arguments: results or messages, one line per call.
local object = setmetatable({}, {
  __name = 'My.Type', __len = function() return 2 end, __index = function(_, k) return 'v' .. tostring(k) end, __newindex = function() end,
  __tostring = function() return 'OBJECT' end,
})
local values = { 'NIL', false, 0, -1, 3, 2.5, 1e300, math.maxinteger, '', 'a', '10', '0x1p4', '%d', object, print }
local function value(i) if values[i] ~= 'NIL' then return values[i] end end

local function show(v)
  local kind = type(v)
  if kind == 'string' then return (string.format('%q', v):gsub('\n', 'n')) end
  if kind == 'number' then return math.type(v) == 'float' and string.format('%.14g', v) .. 'f' or tostring(v) end
  if kind == 'nil' or kind == 'boolean' then return tostring(v) end
  return kind
end

local function line(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = show((select(i, ...))) end
  return table.concat(out, ' '):gsub('0x%x+', 'ADDRESS')
end

-- The releases of 5.4 name different arguments for this one.
local function outcome(...) return (line(...):gsub('#%d (to .table.remove.- %(position)', '%1')) end

local libraries = { string = string, table = table, utf8 = utf8 }
local names = {}
for library, functions in pairs(libraries) do
  for name in pairs(functions) do
    if type(functions[name]) == 'function' and name ~= 'dump' then names[#names + 1] = library .. '.' .. name end
  end
end
for _, name in ipairs { 'abs', 'ceil', 'floor', 'fmod', 'max', 'min', 'modf', 'tointeger', 'type', 'ult', 'sqrt', 'deg', 'rad' } do names[#names + 1] = 'math.' .. name end
for _, name in ipairs {
  'assert', 'error', 'getmetatable', 'ipairs', 'next', 'rawequal', 'rawget', 'rawlen', 'rawset', 'select', 'setmetatable', 'tonumber', 'tostring', 'type',
} do
  names[#names + 1] = '_G.' .. name
end
table.sort(names)

for _, name in ipairs(names) do
  local library, key = name:match('(.*)%.(.*)')
  local f = _G[library][key]
  local function try(...)
    -- Huge counts are another test's business.
    if name == 'string.rep' and math.tointeger(tonumber((select(2, ...))) or 0) ~= 0 then return end
    print(name, line(...), outcome(pcall(f, ...)))
  end
  try()
  for i = 1, #values do
    try(value(i))
    for j = 1 + i % 7, #values, 7 do
      try(value(i), value(j))
    end
    if i % 3 == 0 and name ~= 'table.move' and name ~= 'table.unpack' then try({ 1, 'x', 3 }, value(i), value(#values - i + 1)) end
  end
end
