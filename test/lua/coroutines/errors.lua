-- Errors in coroutines, of coroutines, and the messages of the coroutine library.

local function try(f, ...) print(pcall(f, ...)) end

-- arguments
for _, name in ipairs { 'close', 'create', 'resume', 'status', 'wrap' } do
  try(coroutine[name])
  try(coroutine[name], 1)
  print(pcall(function() coroutine[name]({}) end))
end
try(coroutine.isyieldable, 1)

-- states
try(coroutine.yield)
print(coroutine.resume(coroutine.running()))
local co
co = coroutine.create(function() return coroutine.resume(co) end)
print(coroutine.resume(co))
print(coroutine.resume(co))
co = coroutine.wrap(function() return pcall(co) end)
print(co())
try(co)
print(pcall(function() co() end))
co = coroutine.create(function() local me = coroutine.running() return pcall(coroutine.close, me) end)
print(coroutine.resume(co))
local outer
outer = coroutine.create(function()
  return coroutine.wrap(function() return pcall(coroutine.close, outer) end)()
end)
print(coroutine.resume(outer))
try(coroutine.close, coroutine.running())

-- errors end a coroutine and reach whoever resumed it
co = coroutine.create(function() error('with position') end)
print(coroutine.resume(co))
print(coroutine.status(co), coroutine.resume(co))
co = coroutine.create(function() error({ 'object' }) end)
print(select('#', coroutine.resume(co)), coroutine.status(co))
co = coroutine.create(function() error() end)
print(coroutine.resume(co))
co = coroutine.create(function() coroutine.yield(1) local x = nil; x() end)
print(coroutine.resume(co))
print(coroutine.resume(co))

-- wrap puts the position of its caller in front
local function wrapped(...) return coroutine.wrap(error)(...) end
try(wrapped, 'text', 0)
print(pcall(function() local x = wrapped('text', 0) return x end))
print(pcall(function() local x = coroutine.wrap(function() error('inside') end)() end))
print(select(2, pcall(function() coroutine.wrap(error)({}) end)) ~= nil)
print(pcall(coroutine.wrap(function() error('called by pcall', 0) end)))
local nested = coroutine.wrap(function() return coroutine.wrap(function() local y <const> = {} + 1 end)() end)
print(pcall(function() nested() end))

-- errors caught inside, with and without a yield between
co = coroutine.wrap(function()
  print(pcall(error, 'one', 0))
  print(pcall(function() coroutine.yield('yielded') error('two', 0) end))
  print(xpcall(function() coroutine.yield('again') error('three', 0) end, function(m) return m .. ' handled' end))
  print(xpcall(function() coroutine.yield('args') end, print))
  return 'end'
end)
print(co()) print(co()) print(co()) print(co()) print(pcall(co))

-- an error in a generator ends the loop that uses it
print(pcall(function()
  for i in coroutine.wrap(function() coroutine.yield(1) error('broken') end) do print('at', i) end
end))

-- too many values
local big = {}
co = coroutine.create(function(...) return select('#', ...) end)
print(coroutine.resume(co, table.unpack(big, 1, 5000)))

-- a chain of coroutines is as deep as the C stack of lua
local function chain(n)
  local ok, value = coroutine.resume(coroutine.create(chain), n + 1)
  if ok then return value end
  return value .. (n > 150 and n < 210 and ' at the usual depth' or n)
end
print(chain(1))
local function wraps(n) return coroutine.wrap(wraps)(n + 1) end
print((select(2, pcall(wraps, 1)):gsub('^.*: ', '')))

-- tracebacks of other threads
co = coroutine.create(function(x)
  local function inner() coroutine.yield(x) end
  inner()
  error('at the end')
end)
print(debug.traceback(co))
coroutine.resume(co)
print(debug.traceback(co))
print(debug.traceback(co, 'with message'))
print(debug.traceback(co, nil, 1))
print(debug.traceback(co, nil, 10))
coroutine.resume(co)
print(debug.traceback(co))
coroutine.close(co)
print(debug.traceback(co))
outer = coroutine.create(function() coroutine.wrap(function() print(debug.traceback(outer, 'outer')) print(debug.traceback('inner')) end)() end)
coroutine.resume(outer)
