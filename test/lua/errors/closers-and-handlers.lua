-- Closers that run because of an error: they find pcall and xpcall below them, and their own errors go through the message handler as well.
local function closer(close) return setmetatable({}, { __close = close }) end
local function failing(message)
  return closer(function(_, e)
    print('closing with', e)
    error(message, 0)
  end)
end

print(xpcall(function()
  local x <close> = failing('again')
  error('first', 0)
end, function(m)
  print(debug.traceback('handling ' .. m))
  return 'handled ' .. m
end))

print(xpcall(function()
  local x <close> = failing('last')
  local y <close> = failing('more')
  error('first', 0)
end, function(m) return '<' .. m .. '>' end))

print(xpcall(function()
  local x <close> = failing('last')
  local y <close> = failing('more')
  return 1
end, function(m) return '<' .. m .. '>' end))

-- a handler that fails while closers run is called for its own error
local calls = 0
print(xpcall(function()
  local x <close> = failing('again')
  error('first', 0)
end, function(m)
  calls = calls + 1
  if calls == 2 then error('in handler', 0) end
  return calls .. m
end))
print(calls)

-- across yields
local co = coroutine.create(function()
  print(xpcall(function()
    local x <close> = failing('last')
    local y <close> = closer(function(_, e)
      print('closing with', e)
      print('resumed with', coroutine.yield('from a closer'))
      error('more', 0)
    end)
    coroutine.yield('from the body')
    error('first', 0)
  end, function(m) return '<' .. m .. '>' end))
  return 'end'
end)
for i = 1, 4 do print(coroutine.resume(co, i)) end

-- what lies below a closer
local function show(_, e)
  print(debug.traceback('closing with ' .. tostring(e)))
  local below = debug.getinfo(2, 'f').func
  print(below == pcall, below == xpcall)
end
print(pcall(function()
  local x <close> = closer(show)
  local y <close> = closer(show)
  error('e', 0)
end))
print(xpcall(function(...)
  local x <close> = closer(show)
  error(select('#', ...), 0)
end, function(m) return m + 1 end, 1, 2, 3))
local co = coroutine.create(function()
  local x <close> = closer(show)
  return pcall(function()
    local y <close> = closer(function(...)
      show(...)
      coroutine.yield('in between')
      show(...)
    end)
    error('e', 0)
  end)
end)
print(coroutine.resume(co))
print(coroutine.resume(co))
print(coroutine.status(co))

-- want of memory is an error without a handler, also when the program raises it again
print(xpcall(error, print, 'not enough memory'))
print(xpcall(function() local _, e = pcall(error, 'not enough memory', 0) error(e, 0) end, print))
