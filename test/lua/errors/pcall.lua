-- pcall, xpcall, error, assert: error values of every type, levels, nesting, in hot loops; the machine stays usable.

print(pcall(error))
print(pcall(error, nil))
print(pcall(error, "text", 0))
print(pcall(error, 42))
print(pcall(error, true))
local object = { code = 1 }
local ok, caught = pcall(error, object)
print(ok, caught == object, caught.code)
local function level1() error("at one", 1) end
local function level2() error("at two", 2) end
local function level3() error("at three", 3) end
print(pcall(level1))
print(pcall(level2))
print(pcall(function() level2() end))
print(pcall(function() (function() level3() end)() end))
print(pcall(pcall, error, "nested"))
print(select("#", pcall(function() return 1, nil, nil end)))
print(pcall(assert, false))
print(pcall(assert, nil, "own message"))
print(pcall(assert, false, object) == false, select(2, pcall(assert, false, object)) == object)
print(assert(1, 2, 3), select("#", assert(true, nil)))
print(pcall(assert))
print(xpcall(function() error("x", 0) end, function(m) return "handled " .. m end))
print(xpcall(function(...) return ... end, print, 1, 2))
print(xpcall(function() local t = nil; t.x = 1 end, function(m) return #m > 0 end))
print(xpcall(error, function(m) error("again") end, "first") == false)
print(pcall(xpcall))
print(pcall(pcall))

-- errors in a hot loop, of changing kinds, from changing depths
local counts = { string = 0, table = 0, number = 0, ok = 0 }
local function risky(i)
  if i % 5 == 1 then error("five") elseif i % 5 == 2 then error({ i }) elseif i % 5 == 3 then error(i) end
  return i
end
for i = 1, 3000 do
  local success, result = pcall(risky, i)
  if success then counts.ok = counts.ok + 1 else counts[type(result)] = counts[type(result)] + 1 end
end
print(counts.string, counts.table, counts.number, counts.ok)
-- an error that ends a hot loop leaves the variables as they were
local reached, half = 0, 0
print(pcall(function()
  local list = {}
  for i = 1, 3000 do list[i] = i end
  list[2500] = nil
  for i = 1, 3000 do
    half = half + list[i] // 2
    reached = i
  end
end))
print(reached, half)
-- the same function fails now and then in the middle of its loop
local function scan(list, n)
  local s = 0
  for i = 1, n do s = s + list[i] end
  return s
end
local good = {}
for i = 1, 100 do good[i] = i end
local failures, sum = 0, 0
for i = 1, 300 do
  local success, result = pcall(scan, good, i % 7 == 0 and 101 or 100)
  if success then sum = sum + result else failures = failures + 1 end
end
print(failures, sum)
-- nesting in the loop: inner errors do not disturb outer protected calls
local trace = 0
for i = 1, 1000 do
  pcall(function()
    pcall(error, "inner")
    trace = trace + 1
    pcall(function() trace = trace + 1 error("deep") end)
    if i % 2 == 0 then error("outer") end
    trace = trace + 1
  end)
end
print(trace)
