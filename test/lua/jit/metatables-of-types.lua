-- Metatables of strings, numbers, booleans, nil and functions that come, change and go while traces rely on them.
local setmetatable = debug.setmetatable

local function texts(x) local s for _ = 1, 200 do s = tostring(x) end return s end

local strings = getmetatable("")
print(texts("abc"))
strings.__tostring = function(s) return "S" .. #s end
io.write(texts("abc"), "\n")
strings.__tostring = nil
print(texts("abc"))
for _, value in ipairs({ true, false, 12, 1.5, "none" }) do
  if value == "none" then value = nil end
  local old = getmetatable(value)
  print(texts(value))
  setmetatable(value, { __tostring = function(v) return "<" .. type(v) .. ">" end })
  print(texts(value))
  setmetatable(value, { __name = "Name" })
  print(texts(value))
  setmetatable(value, old)
  print(texts(value))
end

-- In the middle of a loop.
local seen = {}
for i = 1, 400 do
  if i == 200 then setmetatable(true, { __tostring = function() return "T" end }) end
  if i == 300 then getmetatable(true).__tostring = nil end
  local s = tostring(i % 2 == 0)
  seen[s] = (seen[s] or 0) + 1
end
print(seen["true"], seen["false"], seen.T)
setmetatable(true, nil)

-- Every operator of a type whose values have none by nature.
local events = {
  __index = function(_, k) return "index " .. tostring(k) end, __len = function() return 7 end, __unm = function() return "unm" end,
  __bnot = function() return "bnot" end, __call = function(_, a) return a end, __concat = function() return "concat" end,
  __add = function() return "add" end, __idiv = function() return "idiv" end, __band = function() return "band" end, __lt = function() return true end,
  __le = function() return false end,
}
local function operate(x)
  return x.field, #x, -x, ~x, x(5), x .. x, x + 1, 1 + x, x // x, x & x, x < x, x <= x, x > x, x == x
end
local function run(x)
  local results
  for _ = 1, 50 do results = table.pack(pcall(operate, x)) end
  for i = 1, results.n do results[i] = tostring(results[i]):gsub("^[^:]*:%d+: ", "") end
  print(table.concat(results, " ", 1, results.n))
end
for _, value in ipairs({ true, function() end, "none" }) do
  if value == "none" then value = nil end
  run(value)
  setmetatable(value, events)
  run(value)
  setmetatable(value, nil)
  run(value)
end

-- A loop that indexes strings and numbers while the meaning of it changes.
local sum = 0
for i = 1, 300 do
  if i == 100 then strings.__index = function(s, k) return function() return #s + #k end end end
  if i == 200 then strings.__index = string end
  sum = sum + ("four"):len()
end
print(sum)
local count = 0
for i = 1, 300 do
  if i == 100 then setmetatable(0, { __index = { half = 2 }, __call = function(n, m) return n + m end }) end
  if i == 200 then getmetatable(0).__index = function(n) return n end end
  if i >= 100 then count = count + (3).half + (i)(1) end
end
setmetatable(0, nil)
print(count)
