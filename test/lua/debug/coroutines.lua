-- The debug library on coroutines: levels, variables, tracebacks and hooks of a thread that does not run.
local function inner(x, ...)
  local y = x + 1
  local got = coroutine.yield(y)
  return got, ...
end
local co = coroutine.create(function(a)
  local b = 'b'
  local r = inner(a, 'extra')
  return r, b
end)
print(debug.getinfo(co, 0), debug.traceback(co))
print(coroutine.resume(co, 10))
print(debug.traceback(co))
print(debug.traceback(co, 'message'))
print(debug.traceback(co, nil, 1))
print(debug.traceback(co, 'x', 2))
for level = 0, 3 do
  local info = debug.getinfo(co, level, 'nSl')
  print(level, info and info.name, info and info.what, info and info.currentline, info and info.namewhat)
end
print(debug.getlocal(co, 1, 1))
print(debug.getlocal(co, 1, 2))
print(debug.getlocal(co, 1, -1))
print(debug.getlocal(co, 2, 1))
print(debug.getlocal(co, 2, 2))
print(debug.setlocal(co, 2, 2, 'changed'), debug.setlocal(co, 1, -1, 'also'))
print(pcall(debug.getlocal, co, 5, 1))
print(coroutine.resume(co, 'resumed'))
print(debug.traceback(co), debug.getinfo(co, 0), coroutine.status(co))

local failing = coroutine.create(function()
  local function deeper() error('oops') end
  deeper()
end)
print(coroutine.resume(failing))
print(debug.traceback(failing))

-- Each thread has hooks of its own.
local lines = {}
local hooked = coroutine.create(function()
  local a = 1
  coroutine.yield()
  local b = 2
  return a + b
end)
local function hook(_, line) lines[#lines + 1] = line end
debug.sethook(hooked, hook, 'l')
print(debug.gethook(hooked) == hook, select(2, debug.gethook(hooked)))
print(debug.gethook())
coroutine.resume(hooked)
local first = #lines
local between = 1
coroutine.resume(hooked)
print(first, #lines, lines[2] - lines[1], between)
debug.sethook(hooked)
print(debug.gethook(hooked))

local count = 0
local wrapped = coroutine.wrap(function()
  debug.sethook(function() count = count + 1 end, 'l')
  for i = 1, 3 do
    coroutine.yield(i)
  end
  debug.sethook()
end)
print(wrapped(), wrapped(), wrapped(), wrapped())
local total = count
for _ = 1, 10 do count = count end
print(count == total, total > 5)
