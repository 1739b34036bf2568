-- A coroutine takes over mask and count of its creator's hook, but not the function.

local n = 0
local function body()
  local a = 1
  for i = 1, 10 do a = a + i end
  coroutine.yield(n)
  return debug.gethook()
end

debug.sethook(function() n = n + 1 end, "crl", 7)
local co = coroutine.create(body)
local f, mask, count = debug.gethook(co)
debug.sethook()
print(f, mask, count)
n = 0
print(coroutine.resume(co))
print(coroutine.resume(co))
print(debug.gethook(co))
debug.sethook(co)
print(debug.gethook(co))
print(debug.gethook(coroutine.create(body)))

-- A hook of its own calls.
debug.sethook(function() end, "l")
co = coroutine.create(body)
debug.sethook()
local lines = 0
debug.sethook(co, function() lines = lines + 1 end, "l")
print(coroutine.resume(co))
print(lines, select(2, debug.gethook(co)))

-- One set inside a coroutine that inherited a mask.
debug.sethook(function() end, "r")
local inner = coroutine.wrap(function()
  local log = {}
  debug.sethook(function(event) log[#log + 1] = event .. ":" .. debug.getinfo(2, "S").what end, "cr")
  string.len("x")
  debug.sethook()
  return table.concat(log, " ")
end)
debug.sethook()
print(inner())

-- The function of coroutine.wrap is known when it returns.
local log = {}
local wrapped = coroutine.wrap(function(...)
  coroutine.yield(...)
  coroutine.yield()
  return 1, 2, 3
end)
debug.sethook(function(event)
  local info = debug.getinfo(2, "fSn")
  log[#log + 1] = event .. ":" .. tostring(info.func == wrapped) .. ":" .. info.what .. ":" .. tostring(info.name)
end, "cr")
local a, b = wrapped("x", "y")
local none = wrapped()
local one, two, three = wrapped()
debug.sethook()
print(a, b, none, one, two, three)
print(table.concat(log, "\n"))
