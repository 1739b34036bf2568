-- What a program has dropped is collected while a compiled loop runs, although the loop leaves the stack's dead registers alone.

local LIMIT = 3000000

-- The object waits in temporaries of the call that made it and in a variable that the loop overwrites.
local function overwritten()
  local object
  local finished = false
  object = setmetatable({}, { __gc = function() finished = true end })
  local n = 0
  repeat
    object = {}
    n = n + 1
  until finished or n == LIMIT
  return finished
end

-- The variable becomes nil in front of a loop inside.
local function cleared()
  local weak = setmetatable({}, { __mode = "v" })
  for i = 1, 3 do
    local object = { i }
    weak[1] = object
    object = nil
    local n = 0
    while weak[1] and n < LIMIT do
      local other = { n }
      n = n + #other
    end
    if n == LIMIT then return false end
  end
  return true
end

local good = 0
for _ = 1, 12 do
  if overwritten() then good = good + 1 end
  if cleared() then good = good + 1 end
end
print(good)

-- A variable to be closed is not dropped.
local function closing(n)
  local log = {}
  do
    local guard <close> = setmetatable({}, { __close = function() log[#log + 1] = "closed" end })
    local sum = 0
    for i = 1, n do
      local t = { i, i + 1 }
      sum = sum + #t
    end
    log[#log + 1] = sum
  end
  return table.concat(log, " ")
end
for _ = 1, 3 do print(closing(20000)) end

-- Objects that functions in hot loops name through upvalues, of one kind in each round.
local Finder = {}
Finder.__index = Finder

local function each(list, visit)
  for i = 1, #list do visit(list[i]) end
end

function Finder:sum(list)
  each(list, function(x) self.total = self.total + x * self.factor end)
  return self.total
end

local function finders(rounds)
  local weak = setmetatable({}, { __mode = "k" })
  local list, sum = {}, 0
  for i = 1, 200 do list[i] = i end
  for round = 1, rounds do
    local finder = setmetatable({ total = 0, factor = round, everything = { list } }, Finder)
    weak[finder] = true
    sum = sum + finder:sum(list)
  end
  collectgarbage()
  collectgarbage()
  local left = 0
  for _ in pairs(weak) do left = left + 1 end
  -- A trace may still be one of the function that it met last.
  return sum, left <= 1
end
for rounds = 2, 12 do print(finders(rounds)) end
