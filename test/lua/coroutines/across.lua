-- Yields across everything that calls back: metamethods of every kind, iterators, protected calls, closers, loaders, dofile's functions.

local yield = coroutine.yield

-- Runs f, answering each yield with what `answers` gives for it.
local function drive(f, answers, describe)
  local co = coroutine.create(f)
  local results = table.pack(coroutine.resume(co))
  while coroutine.status(co) ~= 'dead' do
    io.write('<', tostring(results[2]), '> ')
    results = table.pack(coroutine.resume(co, answers and answers(table.unpack(results, 2, results.n))))
  end
  if describe then for i = 1, results.n do results[i] = describe(results[i]) end end
  print(table.unpack(results, 1, results.n))
end

local M = {}
local function op(name) M['__' .. name] = function(a, b) return yield(name) end end
for name in ('add sub mul div mod pow idiv band bor bxor shl shr unm bnot concat len eq lt le index call'):gmatch('%a+') do op(name) end
M.__newindex = function(t, k, v) yield('newindex') rawset(t, k, v) end
M.__tostring = nil
local function new() return setmetatable({}, M) end
local count = 0
local function number() count = count + 1 return count end

drive(function()
  local a, b = new(), new()
  return a + 1, 1 - a, a * b, a / 2, a % 2, 2 ^ a, a // 1
end, number)
drive(function()
  local a = new()
  return a & 1, 1 | a, a ~ 2, a << 1, 1 >> a, -a, ~a, #a
end, number)
drive(function() local a, b = new(), new() return a == b, a < b, a <= b, a > b, a >= b, a ~= b, a < 1, 1 < a, a <= 2, 2 <= a end, function() return 'true' end)
drive(function() local a, b = new(), new() return a == b, a < b, a <= b, a ~= b, not (a > b) end, function() return nil end)
drive(function()
  local a, b = new(), new()
  if a == b then print('equal') else print('not equal') end
  while a < b do print('once') break end
  return a <= b and 'yes' or 'no'
end, function() return true end)
drive(function() local a = new() return 'x' .. 'y' .. a .. 'z' .. 1 end, function() return 'A' end)
drive(function() local a = new() return a .. a .. a end, function() return new() end, type)
drive(function() local a = new() return a.field, a[1], a['a' .. 'b'], a:method() end, function(name) return name == 'index' and function() return 'called' end or 'v' end, type)
drive(function() local a = new() a.field = 1 a[1] = 2 a[a] = 3 return rawget(a, 'field'), rawget(a, 1), rawget(a, a) end)
drive(function() local a = new() return a(1, 2), (a()) end, function() return 'one', 'two' end)
drive(function() local _ENV = new() x = 1 return x, y end, function() return 'from env' end)

-- iterators
drive(function()
  local sum = 0
  for i in function(_, i) i = i + 1 if i <= 3 then yield('step') return i end end, nil, 0 do sum = sum + i end
  return sum
end)
drive(function()
  local t = setmetatable({}, { __pairs = function(t) yield('pairs') return function(_, k) yield('next') if not k then return 1, 2 end end, t end })
  local list = {}
  for k, v in pairs(t) do list[#list + 1] = k * 10 + v end
  return table.concat(list, ' ')
end)
drive(function()
  local list = {}
  for i in yield, 'state' do list[#list + 1] = tostring(i) end
  return table.concat(list, ' ')
end, function() count = count + 1 return count % 3 ~= 0 and count or nil end)

-- protected calls
drive(function() return pcall(pcall, pcall, yield, 'deep') end, number)
drive(function() return pcall(function() local v = yield('before') error('after ' .. v, 0) end) end, number)
drive(function() return xpcall(function(...) return yield('in'), ... end, print, 'arg') end, number)
drive(function() return xpcall(function() error('raised', 0) end, function(m) return m .. '!' end) end)
drive(function() return select(2, pcall(error, yield('argument'))) end, number)
drive(function()
  local ok, message = pcall(function()
    local ok, message = pcall(function() yield('inner') error('first', 0) end)
    yield('between')
    error(message .. ' second', 0)
  end)
  return ok, message
end)

-- closers
local function closer(name) return setmetatable({}, { __close = function(_, e) print('closing', name, e, yield('close ' .. name)) end }) end
drive(function() do local a <close> = closer 'a' local b <close> = closer 'b' end return 'block' end, number)
drive(function() local a <close> = closer 'a' return 'values', yield('value') end, number)
drive(function() local function f() return 1, 2, 3 end local a <close> = closer 'a' return f() end, number)
drive(function() return pcall(function() local a <close> = closer 'a' local b <close> = closer 'b' error('E', 0) end) end, number)
drive(function() for i in pairs({ 1, 2 }), { 1, 2 }, nil, closer 'for' do if i == 1 then break end end return 'loop' end, number)
drive(function() for i = 1, 2 do local a <close> = closer(i) if i == 1 then goto continue end print('second') ::continue:: end return 'goto' end, number)
drive(function()
  return pcall(function()
    local a <close> = setmetatable({}, { __close = function(_, e) yield('outer') error(e .. ' outer', 0) end })
    local b <close> = setmetatable({}, { __close = function(_, e) yield('inner') error((e or 'none') .. ' inner', 0) end })
    return 1
  end)
end)

-- chunks
drive(function() return load('return coroutine.yield(...)')('in a chunk') end, number)
package.preload.across = function(name) return { name = name } end
drive(function() return require('across').name, yield('required') end, number)
