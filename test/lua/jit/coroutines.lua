-- Loops inside coroutines, and loops that resume and yield: compiled code runs on the stack of whichever thread runs it.

-- a hot loop inside a coroutine, whose variables and upvalues live on different stacks
local total, outside = 0, 0
local function worker(n, scale)
  local own = 0
  for i = 1, n do
    own = own + i * scale
    total = total + i % 3
    outside = outside + 1
  end
  return own
end
local workers = {}
for k = 1, 5 do
  workers[k] = coroutine.wrap(function()
    local sum = 0
    for round = 1, 4 do
      sum = sum + worker(300, k)
      coroutine.yield(sum)
    end
    return 'done'
  end)
end
for _ = 1, 5 do
  local line = {}
  for k = 1, 5 do line[k] = tostring(workers[k]()) end
  print(table.concat(line, ' '))
end
print(total, outside)

-- one prototype, compiled once, entered by threads at different depths
local function depth(n, f, ...) if n == 0 then return f(...) end return (depth(n - 1, f, ...)) end
for n = 0, 60, 20 do print(coroutine.wrap(depth)(n, worker, 200, 2)) end
print(depth(30, worker, 200, 2))

-- generators in hot loops
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0
for i in range(2000) do sum = sum + i end
print(sum)
local co = coroutine.create(function(a) while true do a = a * 2 % 1000003 + coroutine.yield(a) end end)
local last
for i = 1, 2000 do local _, v = coroutine.resume(co, i) last = v end
print(last)

-- a yield somewhere in a loop that is hot otherwise
local seldom = coroutine.wrap(function()
  local acc = 0
  for i = 1, 5000 do
    acc = (acc * 31 + i) % 65537
    if i % 1000 == 0 then coroutine.yield(acc) end
  end
  return 'end'
end)
for _ = 1, 6 do print(seldom()) end

-- an open variable of one thread, used by a loop in another
local get, put
local holder = coroutine.wrap(function()
  local shared = 0
  get = function() return shared end
  put = function(v) shared = v end
  while true do coroutine.yield(shared) end
end)
holder()
for i = 1, 1000 do put(get() + i) end
print(holder(), get())
local reader = coroutine.wrap(function() local s = 0 for i = 1, 1000 do put(i) s = s + get() end return s end)
print(reader(), holder())

-- stacks that move while loops run: recursion from inside a hot loop
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
print(coroutine.wrap(function()
  local s, captured = 0, 0
  local function add(x) captured = captured + x end
  for i = 1, 300 do
    s = s + i
    add(i)
    if i % 100 == 0 then s = s + deep(i * 10) end
  end
  return s, captured
end)())

-- errors and closing out of hot loops
for k = 1, 3 do
  local ok, message = coroutine.resume(coroutine.create(function()
    local closed <close> = setmetatable({}, { __close = function() total = total + 1 end })
    local t = {}
    for i = 1, 300 do t[i] = i end
    for i = 1, 400 do total = total + t[i] end
  end))
  print(ok, (message:gsub('^.-:%d+: ', '')))
end
print(total)

-- many short-lived coroutines
local made = 0
for i = 1, 3000 do
  local c = coroutine.wrap(function(x) made = made + coroutine.yield(x) end)
  c(i)
  c(1)
end
print(made)
