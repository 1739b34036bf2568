-- debug.getinfo with every option, and debug.traceback.
local function show(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do
    local value = t[key]
    local text = type(value) == 'string' and ('%q'):format(value) or type(value) == 'function' and 'function' or tostring(value)
    if key == 'activelines' then
      local lines = {}
      for line in pairs(value) do lines[#lines + 1] = line - t.linedefined end
      table.sort(lines)
      text = '{' .. table.concat(lines, ' ') .. '}'
    end
    keys[i] = key .. '=' .. text
  end
  print(table.concat(keys, ' '))
end

local upvalue = 1
local function sample(a, b)
  local c = a

  return c + upvalue, b
end
local function variable(...) return ... end

show(debug.getinfo(sample))
show(debug.getinfo(variable, 'u'))
show(debug.getinfo(print))
show(debug.getinfo(sample, 'SL'))
show(debug.getinfo(print, 'L'))
for _, option in ipairs { 'S', 'l', 'n', 'u', 'r', 't', 'f', '' } do show(debug.getinfo(sample, option)) end
print(debug.getinfo(sample, 'f').func == sample, debug.getinfo(1, 'f').func ~= nil, debug.getinfo(string.gmatch('', ''), 'u').nups > 0)
print(debug.getinfo(0, 'nS').name, debug.getinfo(0, 'S').what, debug.getinfo(1, 'S').what, debug.getinfo(2, 'S').what, debug.getinfo(3))
print(debug.getinfo(-1), debug.getinfo(1000), debug.getinfo(math.mininteger).what)
print(pcall(debug.getinfo, sample, 'X'))
print(pcall(debug.getinfo, sample, '>S'))
print(pcall(debug.getinfo, 1, '>'))
print(pcall(debug.getinfo, 'x'))
print(pcall(debug.getinfo))
print(pcall(debug.getinfo, {}))
print(pcall(debug.getinfo, 1.5))

-- Names by the way a function is called.
local function whoami()
  local info = debug.getinfo(2, 'nlt')
  return ('%s %s %d %s'):format(info.name, info.namewhat, info.currentline, info.istailcall)
end
local function called() local text = whoami() return text end
global = called
local object = { field = called, nested = { deep = called } }
function object:method() local text = whoami() return text end
local function tail() return called() end
print(called(), global(), object.field(), object.nested.deep(), object:method(), tail())
print((function() local text = called() return text end)(), (pcall(called)), select(2, pcall(called)))
local meta = setmetatable({}, {
  __index = function() local text = whoami() return text end,
  __add = function() local text = whoami() return text end,
  __call = function() local text = whoami() return text end,
  __concat = function() local text = whoami() return text end,
  __len = function() local text = whoami() return text end,
  __eq = function() print(whoami()) return true end,
  __lt = function() print(whoami()) return true end,
  __unm = function() local text = whoami() return text end,
  __close = function() print(whoami()) end,
})
print(meta.x, meta + 1, meta .. 'x', #meta, -meta)
print(meta == setmetatable({}, getmetatable(meta)), meta < meta)
do local closing <close> = meta end
for text in function(_, last) if not last then local text = whoami() return text end end do print(text) end
local field = { sort = function(list) table.sort(list, function(a, b) list.text = list.text or whoami() return a < b end) end }
local list = { 3, 1, 2 }
field.sort(list)
print(list.text)
print((('x'):gsub('x', function() local text = whoami() return text end)))

-- Chunks.
for _, name in ipairs { '=name', '@file.lua', 'return 1', 'first\nsecond', '=' .. ('x'):rep(80), '@' .. ('y'):rep(80), ('z'):rep(80), '' } do
  local chunk = load('return debug.getinfo(1, "S")', name)
  show(chunk())
end

-- Tracebacks.
local function trace(...) return (debug.traceback(...)) end
print(trace())
print(trace('message'))
print(trace('level 0', 0))
print(trace('level 2', 2))
print(trace('far', 100))
print(trace(nil, 1))
print(trace(12.5))
print(trace({}) ~= nil, trace(print) == print, trace(true), trace(false, 3))
print(select('#', debug.traceback()), pcall(debug.traceback, 'x', 'y'))
local function deep(n, f) if n == 0 then return (f()) end return (deep(n - 1, f)) end
for _, n in ipairs { 16, 18, 19, 20, 21, 50 } do print(deep(n, function() return (debug.traceback('depth ' .. n)) end)) end
local function tails(n) if n == 0 then return (debug.traceback('tails')) end return tails(n - 1) end
print((tails(3)))
print(select(2, xpcall(function() local x = nil + 1 end, debug.traceback)))
print(select(2, xpcall(function() error({}) end, function(e) return type(e) .. debug.traceback(' handler') end)))
print((pcall(error)))
