-- __index and __newindex: functions, tables, chains, rawget and rawset, on missing and on present keys; changes midway.

local log = {}
local t = setmetatable({ present = 1 }, {
  __index = function(self, k) log[#log + 1] = "get " .. tostring(k) return k end,
  __newindex = function(self, k, v) log[#log + 1] = "set " .. tostring(k) rawset(self, k, v) end,
})
print(t.present, t.missing, t[1], t[2.5], t[true], rawget(t, "missing"))
t.present = nil
t.present = 2
t.present = 3
t.fresh = 4
t[1] = "one"
print(t.present, t.fresh, t[1], table.concat(log, " | "))
local proxy = setmetatable({}, { __index = t, __newindex = t })
proxy.viaProxy = 5
print(rawget(proxy, "viaProxy"), t.viaProxy, proxy.present, proxy.fresh)
local chain = { leaf = "leaf" }
for _ = 1, 50 do chain = setmetatable({}, { __index = chain }) end
print(chain.leaf, chain.none)
print(pcall(function() local loop = {} setmetatable(loop, { __index = loop }) return loop.x end))
print(pcall(function() local n = setmetatable({}, { __index = 5 }) return n.x end))
print(pcall(function() local n = setmetatable({}, { __newindex = 5 }) n.x = 1 end))
print(pcall(function() local u u.x = 1 end))
print(pcall(function() local s = "str" s.x = 1 end))
print(pcall(function() return (nil).x end))
print(pcall(function() local t = { a = {} } return t.a.b.c end))
print(pcall(function() return undefinedGlobal.x end))
print(("abc").len == string.len, #("abc").upper("x"), ("abc").nothing)
print(getmetatable("").__index == string, getmetatable({}), getmetatable(setmetatable({}, { __metatable = "locked" })))
print(pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {}))
print(pcall(setmetatable, 1, {}))
print(pcall(setmetatable, {}, 1))
print(pcall(rawset, 1, 2, 3))
print(rawequal(t, t), rawequal("a", "a"), rawlen({ 1, 2, 3 }))

-- Defaults through __index, in a hot loop: first missing everywhere, then set in between.
local defaults = { a = 1, b = 2 }
local objects = {}
for i = 1, 10 do objects[i] = setmetatable({ a = i }, { __index = defaults }) end
local sum = 0
for i = 1, 3000 do
  local o = objects[i % 10 + 1]
  if i == 1000 then defaults.c = 5 elseif i == 2000 then objects[3].b = 100 elseif i == 2500 then defaults.b = 0.5 end
  sum = sum + o.a + o.b + (o.c or 0)
end
print(sum)
-- Counted writes through __newindex; the metatable removed midway.
local writes = 0
local watched = setmetatable({}, { __newindex = function(self, k, v) writes = writes + 1 rawset(self, k, v) end })
for i = 1, 3000 do
  if i == 2000 then setmetatable(watched, nil) end
  watched[i] = i
  watched.last = i
end
print(writes, #watched, watched.last)
-- A memo table that fills itself.
local calls = 0
local memo = setmetatable({}, { __index = function(self, n)
  calls = calls + 1
  local v = n < 2 and n or self[n - 1] + self[n - 2]
  self[n] = v
  return v
end })
local total = 0
for i = 1, 2000 do total = total + memo[i % 80] end
print(total, calls)
-- __index function called with keys of all kinds, for strings as well
local any = setmetatable({}, { __index = function(_, k) return type(k) == "number" and k * 2 or #tostring(k) end })
local s = 0
for i = 1, 2000 do s = s + any[i] + any[i + 0.5] + any["k" .. i % 10] end
print(s)
