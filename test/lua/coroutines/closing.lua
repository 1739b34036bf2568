-- coroutine.close, and what wrap closes when its coroutine fails.

local function closer(name, problem)
  return setmetatable({}, { __close = function(_, e)
    print('closing', name, e, coroutine.status((coroutine.running())))
    if problem then error(problem, 0) end
  end })
end

local function suspended(...)
  local list = table.pack(...)
  local co = coroutine.create(function()
    local a <close> = list[1]
    local b <close> = list[2]
    local c <close> = list[3]
    coroutine.yield('waiting')
    print('never')
  end)
  print(coroutine.resume(co))
  return co
end

-- fresh, finished, failed
local co = coroutine.create(print)
print(coroutine.close(co), coroutine.status(co), coroutine.resume(co))
co = coroutine.create(function() return 1 end)
coroutine.resume(co)
print(coroutine.close(co), coroutine.close(co))
co = coroutine.create(function() error('failed', 0) end)
coroutine.resume(co)
print(coroutine.status(co), coroutine.close(co))
print(coroutine.close(co))
co = coroutine.create(function() error(nil) end)
print(coroutine.resume(co))
print(select('#', coroutine.close(co)))

-- suspended
co = suspended(nil, false, nil)
print(coroutine.close(co), coroutine.status(co))
co = suspended(closer 'a', closer 'b', closer 'c')
print(coroutine.close(co))
print(coroutine.status(co), coroutine.close(co))
co = suspended(closer 'a', closer('b', 'from b'), closer 'c')
print(coroutine.close(co))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.close(co))
co = suspended(closer('a', 'from a'), closer('b', 'from b'), closer('c', 'from c'))
print(coroutine.close(co))

-- failed, with closers that wait for close
co = coroutine.create(function() local a <close> = closer 'a' error('failed', 0) end)
print(coroutine.resume(co))
print(coroutine.status(co))
print(coroutine.close(co))
co = coroutine.create(function() local a <close> = closer('a', 'worse') error('failed', 0) end)
print(coroutine.resume(co))
print(coroutine.close(co))
print(coroutine.close(co))

-- suspended inside a protected call, an iterator, a metamethod
co = coroutine.create(function()
  pcall(function() local a <close> = closer 'in pcall' coroutine.yield() end)
  print('never')
end)
coroutine.resume(co)
print(coroutine.close(co))
co = coroutine.create(function() for i in coroutine.yield, 1, 2, closer 'loop' do end end)
coroutine.resume(co)
print(coroutine.close(co))
co = coroutine.create(function()
  local a <close> = closer 'below'
  return setmetatable({}, { __index = function() local b <close> = closer 'in index' coroutine.yield() end }).x
end)
coroutine.resume(co)
print(coroutine.close(co))

-- suspended while it closes something else
co = coroutine.create(function()
  local a <close> = closer 'outer'
  do
    local b <close> = setmetatable({}, { __close = function() local c <close> = closer 'inside b' coroutine.yield('closing b') end })
  end
end)
print(coroutine.resume(co))
print(coroutine.close(co))

-- a closer cannot yield while its coroutine is closed from outside, but it can use other coroutines
co = coroutine.create(function()
  local a <close> = setmetatable({}, { __close = function()
    print(coroutine.isyieldable(), pcall(coroutine.yield))
    print(coroutine.wrap(function() coroutine.yield('other') end)())
  end })
  coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co))

-- variables of a closed coroutine live on in closures
local get, set
co = coroutine.create(function() local v = 1 get = function() return v end set = function(x) v = x end coroutine.yield() end)
coroutine.resume(co)
set(2)
coroutine.close(co)
print(get())
set(3)
print(get())

-- wrap closes when the coroutine fails, before the error goes on
local f = coroutine.wrap(function() local a <close> = closer 'wrapped' error('E', 0) end)
print(pcall(f))
print(pcall(f))
f = coroutine.wrap(function() local a <close> = closer('wrapped', 'second') coroutine.yield() error('first', 0) end)
f()
print(pcall(f))
f = coroutine.wrap(function() local a <close> = closer('wrapped', { 'object' }) error('first', 0) end)
print(type(select(2, pcall(f))))

-- coroutines that close coroutines
local inner = suspended(closer('inner', 'from inner'))
co = coroutine.create(function()
  local a <close> = setmetatable({}, { __close = function() print('inner:', coroutine.close(inner)) end })
  coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co))
