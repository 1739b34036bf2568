-- debug.getinfo, option by option: what a function is called, by whom, how, and what it is.
local function fields(info)
  if not info then return 'none' end
  local keys = {}
  for key in pairs(info) do keys[#keys + 1] = key end
  table.sort(keys)
  local parts = {}
  for i, key in ipairs(keys) do
    local value = info[key]
    local kind = type(value)
    if kind == 'table' then
      local lines = {}
      for line in pairs(value) do lines[#lines + 1] = line end
      table.sort(lines)
      value = '{' .. table.concat(lines, ' ') .. '}'
    elseif kind == 'function' then
      value = kind
    end
    parts[i] = key .. '=' .. tostring(value)
  end
  return table.concat(parts, ' ')
end

local function two(a, b)
  local sum = a + b
  return sum
end
local function variable(a, ...) return a, ..., two end
for option in ('SlnutrLf'):gmatch('.') do
  for _, f in ipairs { two, variable, print, string.len, load('return 1', '=chunk'), coroutine.wrap(two) } do
    print(option, fields(debug.getinfo(f, option)))
  end
  local info
  local function inside() info = debug.getinfo(1, option) end
  inside()
  print(option, 'level', fields(info))
  print(option, 'far', fields(debug.getinfo(100, option)))
end
print(fields(debug.getinfo(two)))
print(fields(debug.getinfo(print)):gsub('builtin', 'C'))
print(fields(debug.getinfo(two, '')), fields(debug.getinfo(1, '')))
for _, options in ipairs { 'X', '>S', 'S>', 'Sx', 'nSl!', '?' } do print(options, pcall(debug.getinfo, two, options)) end
print(pcall(debug.getinfo), pcall(debug.getinfo, 'x'), pcall(debug.getinfo, nil, 'S'), pcall(debug.getinfo, {}, 'S'), pcall(debug.getinfo, 1, {}))
print(fields(debug.getinfo(-1, 'S')), fields(debug.getinfo(0, 'Sn')), pcall(debug.getinfo, 1.5, 'S'), fields(debug.getinfo('1', 'l')))

-- Names by how a function is called.
local function name() local info = debug.getinfo(2, 'nt') return info.namewhat .. ' ' .. tostring(info.name) .. ' ' .. tostring(info.istailcall) end
local function here() return (name()) end
function anybody() return (name()) end
local object = { field = here, nested = { deep = here }, ['not a name'] = here, [1] = here }
function object:method() return (name()) end
local upvalue = here
print(here(), anybody(), object.field(), object.nested.deep(), object['not a name'](), object[1](), object:method())
print((function() return (upvalue()) end)(), (function() return (name()) end)(), (select(2, pcall(here))), (coroutine.wrap(here)()))
local function tail() return here() end
local function tailTail() return tail() end
print(tail(), tailTail(), (tail()), (object:method()))
local mt = {}
for _, event in ipairs {
  'add', 'sub', 'mul', 'mod', 'pow', 'div', 'idiv', 'band', 'bor', 'bxor', 'shl', 'shr', 'concat', 'unm', 'bnot', 'len', 'index', 'call',
} do
  mt['__' .. event] = function() return (name()) end
end
local noted
for _, event in ipairs { 'eq', 'lt', 'le', 'newindex', 'close', 'tostring', 'pairs' } do
  mt['__' .. event] = function()
    noted = name()
    return event == 'tostring' and 'text' or nil
  end
end
local x, y = setmetatable({}, mt), setmetatable({}, mt)
print(x + 1, x - 1, x * 1, x % 1, x ^ 1, x / 1, x // 1)
print(x & 1, x | 1, x ~ 1, x << 1, x >> 1, x .. 1, -x, ~x, #x, x.field, x[1], x(1))
local function after(_) return noted end
print(after(x == y), after(x < y), after(x <= y), after(x > y), after(x ~= y), after(tostring(x)), after(pairs(x)))
x.field = 1
print(noted)
do local closing <close> = x end
print(noted)
for result in function(_, previous) if not previous then return (name()) end end do print(result) end
print((string.gsub('x', 'x', function() return (name()) end)), (pcall(table.sort, { 1, 2 }, function() noted = name() end)), noted)
print(load(function() noted = name() end) ~= nil, noted, (xpcall(error, function() noted = name() end)), noted)
for _, option in ipairs { 'c', 'r', 'l' } do
  debug.sethook(function()
    noted = name()
    debug.sethook()
  end, option)
  here()
  print(option, noted)
end

-- Hooks as gethook tells them.
local function hook() end
for _, mask in ipairs { 'c', 'r', 'l', 'cr', 'rl', 'cl', 'lrc', '' } do
  for _, count in ipairs { 0, 1000 } do
    debug.sethook(hook, mask, count)
    local f, m, n = debug.gethook()
    debug.sethook()
    print(mask, count, f == hook, m, n)
  end
end
print(debug.gethook())
local thread = coroutine.create(function() coroutine.yield() end)
debug.sethook(thread, hook, 'c')
print(select(2, debug.gethook(thread)), debug.gethook(), debug.sethook(thread), debug.gethook(thread))
print(pcall(debug.sethook, 1, 'c'), pcall(debug.sethook, hook), pcall(debug.sethook, thread, hook, {}), pcall(debug.sethook, hook, 'c', 'x'))
debug.sethook()

-- Parameters of a function that does not run.
for _, f in ipairs { two, variable, function() end, function(...) end, print } do
  print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3), debug.getlocal(f, 0), debug.getlocal(f, -1))
end
print(pcall(debug.getlocal, two), pcall(debug.getlocal, 100, 1), pcall(debug.getlocal, 'x', 1), pcall(debug.setlocal, 100, 1, 1), pcall(debug.getlocal, two, 'x'))

-- Metatables of all types.
local values = { false, 0, 'text', print, thread }
for _, value in pairs(values) do
  local before = debug.getmetatable(value)
  print(type(value), before ~= nil, debug.setmetatable(value, { __index = function(v, key) return type(v) .. '.' .. tostring(key) end, __name = 'Named' }) == value)
  print(pcall(function() return value.key end), pcall(function() return value[1] end), debug.getmetatable(value).__name, getmetatable(value).__name)
  debug.setmetatable(value, before)
  print(debug.getmetatable(value) == before, (pcall(function() return value.key end)))
end
debug.setmetatable(nil, { __index = function(_, key) return 'nil.' .. key end, __call = function(_, ...) return 'called', ... end })
print((nil).field, undefined.field, undefined(1, 2))
debug.setmetatable(nil, nil)
print(pcall(function() return undefined.field end))
print(pcall(debug.setmetatable), pcall(debug.setmetatable, 1), pcall(debug.setmetatable, 1, 2), pcall(debug.getmetatable))

-- Values of userdata: files have none.
print(debug.getuservalue(io.stdout), debug.getuservalue(io.stdout, 1), debug.getuservalue(io.stdout, 2), debug.getuservalue({}), debug.getuservalue(1, 1))
print(debug.setuservalue(io.stdout, 1, 1), pcall(debug.setuservalue, {}, 1), pcall(debug.setuservalue), pcall(debug.setuservalue, io.stdout))
print(type(debug.setcstacklimit(200)), type(debug.setcstacklimit(0)), pcall(debug.setcstacklimit), pcall(debug.setcstacklimit, 'x'))
print(type(debug.getregistry()), debug.getregistry()[2] == _G, type(debug.getregistry()[1]), debug.getregistry()._LOADED == package.loaded)
