-- Errors raised by what a compiled loop calls: variables have their values when the error arrives.
local function try(f, ...)
  local count
  local ok, message = pcall(f, function(c) count = c end, ...)
  print(ok, (tostring(message):gsub("^[^:]*:%d+: ", "")), count())
end

-- An invalid key, in next and in a generic for.
try(function(share)
  local keys, t = {}, { x = 1, y = 2 }
  for i = 1, 600 do keys[i] = i % 2 == 0 and "x" or "y" end
  keys[555] = "none"
  local c = 0
  share(function() return c end)
  for i = 1, 600 do c = c + 1 local _ = next(t, keys[i]) end
end)
try(function(share)
  local c, t = 0, { 1, 2, 3, x = 4, y = 5 }
  share(function() return c end)
  for i = 1, 300 do
    local k = i == 250 and {} or nil
    for _ in next, t, k do c = c + 1 end
  end
end)
-- Keys that went while the table was traversed, and came back.
try(function(share)
  local c, t = 0, {}
  share(function() return c end)
  for i = 1, 40 do t["k" .. i] = i t[i * 3] = i end
  for round = 1, 50 do
    for k, v in pairs(t) do c = c + v t[k] = nil end
    for i = 1, 40 do t["k" .. i] = i t[i * 3] = i end
  end
  error("end", 0)
end)
-- Arithmetic, concatenation, indexing, calling, comparing what is not made for it.
for _, name in ipairs({ "add", "concat", "index", "call", "less", "length", "divide", "shift", "set", "for" }) do
  local failing = {
    add = function(x) return x + 1 end, concat = function(x) return "a" .. x end, index = function(x) return x.y.z end, call = function(x) return x() end,
    less = function(x) return x < 1 end, length = function(x) return #x end, divide = function(x) return 1 // (x and 0 or 1) end,
    shift = function(x) return x << 1 end, set = function(x) x[nil] = 1 end, ["for"] = function(x) for i = 1, x do return i end end,
  }
  local good = { add = 1, concat = "b", index = { y = {} }, call = function() end, less = 0, length = "s", divide = nil, shift = 2, set = setmetatable({}, { __newindex = function() end }), ["for"] = 2 }
  try(function(share)
    local c, f, value = 0, failing[name], good[name]
    share(function() return c end)
    for i = 1, 200 do
      if i == 150 then value = name == "divide" and 1 or name == "set" and {} or false end
      c = c + i
      f(value)
    end
  end)
end
-- Strings that get too long.
try(function(share)
  local c, s = 0, ("x"):rep(1 << 20)
  share(function() return c end)
  for i = 1, 100 do c = c + 1 if i == 90 then s = s:rep(1 << 50) end local _ = s .. i end
end)
-- Inside inlined calls and metamethods.
try(function(share)
  local c = 0
  share(function() return c end)
  local mt = { __add = function(a, b) c = c + 1 if b == 170 then error("add", 0) end return a end, __index = function(_, k) c = c + 1 if k == 1000 then error("index", 0) end return k end }
  local o = setmetatable({}, mt)
  for i = 1, 200 do o = o + i end
end)
