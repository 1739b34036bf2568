-- What debug.getlocal shows and debug.setlocal changes while loops are compiled: variables in their scope have their values, used or not.
local function locals(level)
  local parts = {}
  for k = 1, 50 do
    local name, value = debug.getlocal(level + 1, k)
    if name == nil then break end
    if name:sub(1, 1) ~= "(" then parts[#parts + 1] = name .. "=" .. tostring(value):gsub(":.*", "") end
  end
  return table.concat(parts, " ")
end

-- A variable that is not used again.
local function unused(n)
  local x = 0
  for i = 1, n do
    local dead = i
    dead = dead * 3
    x = x + dead
    if i % 97 == 0 then print(locals(1)) end
  end
  return x
end
print(unused(300))

-- In the function that calls, and in one that is inlined; from an iterator, a metamethod, a comparator.
local function outer(n)
  local sum = 0
  local function inner(a)
    local twice = a * 2
    local unusedToo = a - 1
    sum = sum + twice
    if a % 83 == 0 then print(locals(1)) print(locals(2)) end
    return twice
  end
  for i = 1, n do
    local before = i + 1
    local result = inner(i)
    local after = before - result
  end
  return sum
end
print(outer(250))
local shown = setmetatable({}, { __index = function(_, k) if k % 71 == 0 then print(locals(2)) end return k end })
local function indexing(n)
  local total, last = 0, nil
  for i = 1, n do
    local here = i * 10
    local kind = i % 2 == 0
    last = shown[i]
    total = total + last
  end
  return total
end
print(indexing(220))
local function generic(t)
  local count = 0
  for k, v in pairs(t) do
    local key, value = k, v
    count = count + 1
    if count == 150 then print(locals(1)) end
  end
  return count
end
local list = {}
for i = 1, 200 do list[i] = i * i end
print(generic(list))

-- Variables of a for that nobody uses.
local function unusedOfFor(n)
  local sum = 0
  for k, half in function(limit, k) if k < limit then return k + 1, k * 0.5 end end, n, 0 do
    local mine = 5 // k
    if k % 3 == 0 then print(locals(1)) end
    sum = sum + 1
  end
  for _, v in ipairs(list) do
    sum = sum + 1
    if sum % 13 == 0 then print(locals(1)) end
    if sum > n * 2 then break end
  end
  return sum
end
print(unusedOfFor(40))

-- Nested blocks, shadowed names, a while loop.
local function blocks(n)
  local i, log = 0, {}
  while i < n do
    i = i + 1
    local a = i
    do
      local a = "s" .. i
      local b = #a
      if i == 120 then log[#log + 1] = locals(1) end
    end
    local b = { a }
    if i == 180 then log[#log + 1] = locals(1) end
  end
  print(table.concat(log, "\n"))
end
blocks(200)

-- In a coroutine, from outside and after its end.
local co = coroutine.create(function(n)
  local s = 0
  for i = 1, n do
    local step = i % 7
    s = s + step
    if i % 60 == 0 then coroutine.yield(s) end
  end
end)
while coroutine.resume(co, 200) and coroutine.status(co) ~= "dead" do
  local parts = {}
  for k = 1, 20 do
    local name, value = debug.getlocal(co, 1, k)
    if name == nil then break end
    if name:sub(1, 1) ~= "(" then parts[#parts + 1] = name .. "=" .. tostring(value) end
  end
  print(table.concat(parts, " "))
end

-- When an error arrives at a handler.
local function failing(n)
  local x = 0
  for i = 1, n do
    local was = x
    x = x + i
    if i == 170 then error("failed") end
  end
end
print(xpcall(failing, function() local text = locals(3) return text end, 200))

-- debug.setlocal, at once and from a function called.
local function set(n)
  local sum = 0
  for i = 1, n do
    local value = i
    if i % 50 == 0 then
      for k = 1, 20 do if debug.getlocal(1, k) == "value" then debug.setlocal(1, k, 1000) end end
    end
    sum = sum + value
  end
  return sum
end
print(set(240))
local function change(name, value)
  for k = 1, 20 do if debug.getlocal(2, k) == name then debug.setlocal(2, k, value) end end
end
local function setBelow(n)
  local sum, step = 0, 1
  for i = 1, n do
    if i == 100 then change("step", 2.5) end
    if i == 150 then change("step", 3) end
    if i % 40 == 0 then change("sum", 0) end
    sum = sum + step
  end
  return sum
end
print(setBelow(230))
local function always(n)
  local sum = 0
  for i = 1, n do
    local v = i
    change("v", -i)
    sum = sum + v
  end
  return sum
end
print(always(230))
