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
