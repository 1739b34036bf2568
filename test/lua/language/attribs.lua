-- <const> and <close>: order of closing, errors while closing, closing on break, goto, return and error; in loops too.

local log = {}
local function resource(name)
  return setmetatable({ name = name }, { __close = function(self, err) log[#log + 1] = self.name .. (err and ":" .. tostring(err) or "") end })
end
local function flush(label)
  print(label, table.concat(log, " "))
  log = {}
end

do
  local a <close> = resource("a")
  local b <close> = resource("b")
  log[#log + 1] = "body"
end
flush("block")
for i = 1, 3 do
  local r <close> = resource("r" .. i)
  if i == 2 then break end
end
flush("break")
local function early()
  local x <close> = resource("x")
  local y <close> = nil
  local z <close> = false
  return "value", #log
end
print(early())
flush("return")
print(pcall(function()
  local e <close> = resource("e")
  error("boom", 0)
end))
flush("error")
print(pcall(function()
  local first <close> = setmetatable({}, { __close = function(_, err) log[#log + 1] = "saw " .. tostring(err) end })
  local second <close> = setmetatable({}, { __close = function() error("while closing", 0) end })
  error("original", 0)
end))
flush("replaced")
print(pcall(function() local bad <close> = 42 end))
print(pcall(function() local bad <close> = {} end))
do
  local k = 0
  ::again::
  local g <close> = resource("g" .. k)
  k = k + 1
  if k < 3 then goto again end
end
flush("goto")
-- the fourth value of a generic for is closed at the end
for i in function(_, k) k = (k or 0) + 1 if k <= 3 then return k end end, nil, nil, resource("iterator") do log[#log + 1] = tostring(i) end
flush("for")
-- a hot loop with a variable to close in each round
local closed = 0
local meta = { __close = function() closed = closed + 1 end }
for i = 1, 2000 do
  local c <close> = setmetatable({}, meta)
  if i % 3 == 0 then goto skip end
  closed = closed + 0
  ::skip::
end
print(closed)
local LIMIT <const> = 2000
local NAME <const>, STEP <const> = "n", 2
local sum = 0
for i = 1, LIMIT, STEP do sum = sum + i * STEP end
print(sum, NAME)
print(load("local x <const> = 1 x = 2"))
print(load("local x <close>, y <close> = 1, 2"))
print(load("local x <wrong> = 1"))
print(load("for i <const> = 1, 2 do end"))
