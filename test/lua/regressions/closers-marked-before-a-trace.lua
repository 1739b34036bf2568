-- Loops whose closing value is nil until they are hot, and then is not: what a trace passes over is closed all the same.
local closed = 0
local closer = setmetatable({}, { __close = function() closed = closed + 1 end })

local function count(limit)
  return function(_, i) if i < limit then return i + 1 end end
end

local function run(times, n, value)
  local sum = 0
  for _ = 1, times do
    for i in count(n), nil, 0, value do sum = sum + i end
    for i in count(n), nil, 0, value do
      if i > 2 then break end
      sum = sum + i
    end
    for i in count(n), nil, 0, value do
      local text = i .. ''
      if #text > 1 then goto next end
      sum = sum + #text
    end
    ::next::
  end
  return sum
end

print(run(3000, 4), closed)
print(run(50, 4, closer), closed)
print(run(3000, 12), closed)
print(run(50, 12, closer), closed)
print(run(50, 4), closed)

-- The same with a variable of its own, marked on some ways only.
local function mark(times, value)
  local sum = 0
  for i = 1, times do
    local object <close> = value
    sum = sum + i
    local function get() return sum end
    if get() < 0 then break end
  end
  return sum
end
print(mark(3000), closed)
print(mark(20, closer), closed)
print(mark(3000), closed)
