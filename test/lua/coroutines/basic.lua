-- coroutine.create, resume, yield, wrap, status, isyieldable, running: values in both directions, and the states of a coroutine's life.

local function show(...) print(select('#', ...), ...) end

do -- values go in and out
  local co = coroutine.create(function(...)
    show('started', ...)
    show('first', coroutine.yield(1, nil, 3))
    show('second', coroutine.yield())
    return 'end', nil
  end)
  print(coroutine.status(co))
  show(coroutine.resume(co, 'a', nil))
  print(coroutine.status(co))
  show(coroutine.resume(co))
  show(coroutine.resume(co, nil, nil))
  print(coroutine.status(co))
  show(coroutine.resume(co))
end

do -- all states, seen from inside and outside
  local outer, inner
  outer = coroutine.create(function()
    print('outer', coroutine.status(outer), coroutine.isyieldable(), select(2, coroutine.running()))
    inner = coroutine.create(function()
      print('inner', coroutine.status(outer), coroutine.status(inner), coroutine.running() == inner)
      coroutine.yield()
    end)
    print(coroutine.resume(inner))
    print(coroutine.status(inner))
    coroutine.yield()
  end)
  print(coroutine.resume(outer), coroutine.status(outer))
  local main, isMain = coroutine.running()
  print(type(main), isMain, coroutine.isyieldable(), coroutine.isyieldable(outer), coroutine.status(main))
  print(coroutine.isyieldable(main), coroutine.isyieldable(coroutine.create(print)))
end

do -- wrap
  local gen = coroutine.wrap(function(n)
    for i = 1, n do coroutine.yield(i, -i) end
    return 'last'
  end)
  print(gen(2))
  print(gen())
  print(gen())
  for a, b in coroutine.wrap(function() coroutine.yield(1, 2) coroutine.yield(3) end) do print(a, b) end
end

do -- functions of the library as bodies, and called in tail position
  print(coroutine.resume(coroutine.create(string.rep), 'ab', 3))
  local co = coroutine.wrap(pcall)
  print(co(coroutine.yield, 'through pcall'))
  print(co('back'))
  co = coroutine.wrap(function(...) return coroutine.yield(...) end)
  print(co(1, 2))
  print(co(3, 4))
  local yielding = coroutine.wrap(coroutine.yield)
  print(yielding(7))
  print(yielding(8))
  print(select(3, coroutine.resume(coroutine.create(coroutine.running))))
end

do -- many values
  local co = coroutine.wrap(function(...)
    local n = select('#', ...)
    local more = table.pack(coroutine.yield(n, ...))
    return more.n, table.unpack(more, 1, more.n)
  end)
  local list = {}
  for i = 1, 300 do list[i] = i end
  local got = table.pack(co(table.unpack(list)))
  print(got.n, got[1], got[2], got[301])
  got = table.pack(co(table.unpack(list, 1, 250)))
  print(got.n, got[1], got[2], got[251])
end

do -- deep stacks inside a coroutine, and variables shared with the outside
  local function depth(n) if n == 0 then coroutine.yield('bottom') return 0 end return depth(n - 1) + 1 end
  local co = coroutine.wrap(depth)
  print(co(5000))
  print(co())
  local count = 0
  local function bump() count = count + 1 return count end
  local reader
  local other = coroutine.wrap(function()
    local own = 10
    reader = function() own = own + 1 return own end
    for _ = 1, 3 do bump() own = own + 100 coroutine.yield(own) end
  end)
  print(other(), reader(), other(), reader(), other(), count)
  other()
  print(reader(), reader())
end

do -- many at once
  local all = {}
  for i = 1, 2000 do
    all[i] = coroutine.wrap(function() local at = i while true do at = at + coroutine.yield(at) end end)
    all[i]()
  end
  collectgarbage()
  local sum = 0
  for i = 1, 2000 do sum = sum + all[i](i) end
  print(sum)
end

do -- a coroutine that nothing refers to is collected, with what it holds
  local weak = setmetatable({}, { __mode = 'k' })
  local co = coroutine.wrap(function() local held = {} weak[held] = true coroutine.yield() print(held) end)
  co()
  collectgarbage()
  print(next(weak) ~= nil)
  co = nil
  collectgarbage()
  print(next(weak))
end
