-- Hooks by call, return, line and count.
local function record(mask, count, f, ...)
  local log = {}
  debug.sethook(function(event, line)
    local info = debug.getinfo(2, 'nSl')
    log[#log + 1] = event .. (line and ' ' .. line or '') .. (event ~= 'line' and event ~= 'count' and ' ' .. tostring(info.name) .. ' ' .. info.what or '')
  end, mask, count)
  f(...)
  debug.sethook()
  print(table.concat(log, ', '))
end

local function lines(source)
  local seen = {}
  local chunk = assert(load(source))
  debug.sethook(function(_, line) seen[#seen + 1] = line end, 'l')
  chunk()
  debug.sethook()
  seen[#seen] = nil
  print(table.concat(seen, ' '))
end
lines('local a = 1\nlocal b = 2\nif a > b then\n a = 0\nelse\n b = 0\nend\n')
lines('for i = 1, 3 do\n local x = i\nend\nlocal y')
lines('for _, v in ipairs { 1, 2 } do\n local x = v\nend\nlocal y')
lines('local i = 0\nwhile i < 3 do\n i = i + 1\nend\n')
lines('local i = 0\nrepeat\n i = i + 1\nuntil i == 2\n')
lines('for i = 1, 3 do local x = i end')
lines('local function f()\n return 1\nend\nf()\nf()\nlocal x =\n f()\n')
lines('local t = {\n 1,\n x = 2,\n}\nlocal s = "a" ..\n "b" ..\n #t\n')
lines('goto done\ndo\n local x = 1\nend\n::done::\nlocal y\n')
lines('do\n local c <close> = setmetatable({}, { __close = function()\n  return 1\n end })\nend\n')
lines('local ok = pcall(function()\n error("x")\nend)\nlocal y\n')
lines('\n\nreturn')
lines('local function v(...)\n return ...\nend\nv(1,\n 2)\n')

local function callee(x) return x end
local function tail(x) return callee(x) end
record('c', 0, function() callee(1) tail(2) math.abs(-1) end)
record('r', 0, function() callee(1) tail(2) math.abs(-1) end)
record('cr', 0, function() pcall(callee, 1) pcall(error, 'x') end)
record('cr', 0, function() local t = setmetatable({}, { __index = callee, __add = callee }) local _ = t.x, t + 1 end)
record('cr', 0, function() table.sort({ 3, 1, 2 }, function(a, b) return a < b end) end)
record('cr', 0, function() string.gsub('ab', '%w', function(c) return c end) end)
record('cr', 0, function() for _ in pairs { 1 } do end end)
record('cr', 0, function() select('#', tostring(1), type(2), rawget({}, 1)) end)
record('cr', 0, function() require('string') end)
record('crl', 0, load('local a\nlocal b', '=chunk'))
record('', 0, callee)

-- Counting.
local function count(period, f)
  local n = 0
  debug.sethook(function() n = n + 1 end, '', period)
  f()
  debug.sethook()
  return n
end
local function busy() for _ = 1, 1000 do end end
print(count(1, busy) >= 1000, count(1, busy) < 1020, count(100, busy) == 10, count(5000, busy))
print(count(1000000, busy))

-- What is handed over.
local function transfers(mask, f, ...)
  local out = {}
  debug.sethook(function(event)
    local info = debug.getinfo(2, 'r')
    local values = {}
    for i = info.ftransfer, info.ftransfer + info.ntransfer - 1 do local _, value = debug.getlocal(2, i)
      values[#values + 1] = type(value) == 'function' and 'function' or tostring(value)
    end
    out[#out + 1] = event .. '(' .. table.concat(values, ' ') .. ')'
  end, mask)
  f(...)
  debug.sethook()
  out[#out] = nil
  print(table.concat(out, ' '))
end
transfers('cr', math.max, 1, 3, 2)
transfers('cr', select, 2, 'a', 'b', 'c')
transfers('cr', function(a, b, ...) return b, a, ... end, 1, 2, 3, 4)
transfers('cr', pcall, function(a) return a, a end, 7)
transfers('cr', tail, 5)
transfers('cr', function() end, 1)

-- Locals of the hooked function; changing them.
local function sum(a, b)
  local c = a + b
  return c
end
debug.sethook(function(event)
  if event == 'call' and debug.getinfo(2, 'f').func == sum then debug.setlocal(2, 1, 100) end
end, 'c')
local changed = sum(1, 2)
debug.sethook()
print(changed)

-- gethook, and a hook that sets hooks.
local function hook() end
debug.sethook(hook, 'crl', 7)
print(debug.gethook() == hook, select(2, debug.gethook()))
debug.sethook(hook, 'l')
print(select(2, debug.gethook()))
debug.sethook(hook, '', 0)
print(debug.gethook() == hook, select(2, debug.gethook()))
debug.sethook()
print(debug.gethook(), select('#', debug.gethook()))
debug.sethook(hook, 'c')
debug.sethook(nil, 'c')
print(debug.gethook())
local once = 0
debug.sethook(function()
  once = once + 1
  debug.sethook()
end, 'l')
local x = 1
local y = 2
print(once, x, y)
local second = 0
debug.sethook(function() debug.sethook(function() second = second + 1 end, 'l') end, 'l')
x = 1
y = 2
debug.sethook()
print(second > 0)

-- Errors in hooks go where the hooked code's errors go; what the hook calls is not hooked.
print(pcall(function()
  debug.sethook(function(event, line)
    debug.sethook()
    error('from the hook at ' .. line, 0)
  end, 'l')
  local z = 1
end))
print(select('#', pcall(function()
  debug.sethook(function() debug.sethook() error({ code = 5 }) end, 'c')
  callee()
end)))
local depth, deepest = 0, 0
debug.sethook(function()
  depth = depth + 1
  deepest = math.max(deepest, depth)
  callee(1)
  depth = depth - 1
end, 'c')
callee(2)
debug.sethook()
print(deepest)
local name
debug.sethook(function() name = debug.getinfo(1, 'n').namewhat .. debug.traceback('', 1):match('\n[^\n]*\n[^\n]*in (%S+)') end, 'l')
x = 2
debug.sethook()
print(name)

-- Open lists of values survive hooks.
local function many(...) return 1, 2, 3, ... end
local all = {}
debug.sethook(function() local a, b, c, d = 1, 2, 3, 4 return { a, b, c, d } end, 'crl', 1)
all = { many(many(table.unpack({ 4, 5, 6 }))) }
local packed = table.pack(select(2, many(7)))
debug.sethook()
print(#all, table.concat(all, ' '), packed.n, table.concat(packed, ' '))

-- A program that counts its instructions is stopped.
local function limited(n, f)
  debug.sethook(function() error('too many instructions', 0) end, '', n)
  local results = table.pack(pcall(f))
  debug.sethook()
  return table.unpack(results, 1, results.n)
end
print(limited(10000, function() while true do end end))
print(limited(1000000, function() return 'quick' end))

-- In loops that are compiled by then.
local events = 0
local function work(n)
  local s = 0
  for i = 1, n do
    if i == 150 then debug.sethook(function() events = events + 1 end, 'l') end
    s = s + i
    if i == 170 then debug.sethook() end
  end
  return s
end
print(work(100), work(300), events > 20, events < 80)

print(pcall(debug.sethook, 1))
print(pcall(debug.sethook, 1, 'c'))
print(pcall(debug.sethook, print, 'c', 'x'))
