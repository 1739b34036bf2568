-- Loop-carried state outside locals: upvalues open and closed, globals, fields of an upvalue, library functions replaced midway.

local counter, factor = 0, 1
local function work(n)
  for i = 1, n do
    counter = counter + i * factor
    if counter > 1000000 then counter = counter - 1000000 factor = factor % 5 + 1 end
  end
  return counter
end
print(work(3000), counter, factor)
factor = 0.5
print(work(3000), counter, factor)
-- an open upvalue: the local of the loop's own function, written by a closure
local function open(n)
  local state = 1
  local function advance() state = (state * 16807) % 2147483647 end
  for _ = 1, n do
    advance()
    if state % 2 == 0 then state = state + 1 end
  end
  return state
end
print(open(3000))
-- globals read, written, deleted and created midway
g, h = 0, 1
for i = 1, 3000 do
  g = g + h
  if i == 1000 then h = 2.5 elseif i == 2000 then h = nil h = 3 end
  if i == 2500 then fresh = 10 end
  if fresh then g = g + fresh end
end
print(g, h, fresh)
g, h, fresh = nil, nil, nil
print(g, h, fresh)
-- a library function replaced while the loop is hot
local originalFloor = math.floor
local sum = 0
for i = 1, 3000 do
  if i == 1500 then math.floor = function(x) return originalFloor(x) + 100 end end
  if i == 2500 then math.floor = originalFloor end
  sum = sum + math.floor(i / 3)
end
print(sum)
local tostringBefore = tostring
local text = 0
for i = 1, 3000 do
  if i == 2000 then tostring = function() return "replaced" end end
  text = text + #tostring(i)
end
tostring = tostringBefore
print(text)
-- _ENV as a local and as a parameter
local function sandbox(_ENV, n)
  for i = 1, n do
    total = (total or 0) + i
    name = i % 2 == 0 and "even" or "odd"
  end
  return total, name
end
local env = {}
print(sandbox(env, 2500), env.total, total)
do
  local _ENV = setmetatable({}, { __index = _G })
  value = 0
  for i = 1, 2500 do value = value + math.abs(-i) end
  print(value, rawget(_ENV, "value"))
end
print(value)
-- two closures over one variable, called in turn
local function pair()
  local v = 0
  return function(d) v = v + d return v end, function() v = v * 2 % 10007 return v end
end
local plus, double = pair()
local acc = 0
for i = 1, 2500 do
  plus(i)
  if i % 3 == 0 then acc = acc + double() end
end
print(acc, plus(0))
-- a table in an upvalue exchanged midway for one of another layout
local config = { step = 1, limit = 10 }
local function use(i) return i % config.limit * config.step end
local used = 0
for i = 1, 3000 do
  if i == 1000 then config = { limit = 7, step = 2 } elseif i == 2000 then config = setmetatable({}, { __index = { limit = 5, step = 0.5 } }) end
  used = used + use(i)
end
print(used)
