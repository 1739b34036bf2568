-- Run-time error messages with the names of variables, fields, upvalues, globals, methods and constants.

local up, upTable = nil, { field = nil, inner = {} }
local function check(f, ...) print(select(2, pcall(f, ...))) end
check(function() local l; l() end)
check(function() local l; l.x = 1 end)
check(function() local l; return l.x end)
check(function() local l; return l[1] end)
check(function() local l, k = nil, "key"; return l[k] end)
check(function() return up.x end)
check(function() up() end)
check(function() up.a.b = 1 end)
check(function() return upTable.field.x end)
check(function() upTable.field() end)
check(function() upTable.inner.deep.deeper = 1 end)
check(function() upTable:method() end)
check(function() return globalName.x end)
check(function() globalName() end)
check(function() return globalName + 1 end)
check(function() return 1 + globalName end)
check(function() local a, b = 1, {}; return a + b end)
check(function() local a, b = {}, 1; return a * b end)
check(function() return upTable + 1 end)
check(function() return upTable.inner + 1 end)
check(function() return upTable.inner .. "x" end)
check(function() local s = "x"; return s .. {} end)
check(function() local s = "abc"; return s + 1 end)
check(function() local s = "abc"; return 2 ^ s end)
check(function() return "abc" + 1 end)
check(function() return -upTable end)
check(function() local n; return -n end)
check(function() return #up end)
check(function() return #globalName end)
check(function() local f = 1.5; return f & 1 end)
check(function() local f = 1.5; return 1 << f end)
check(function() local f = 2^70; return ~f end)
check(function() local s = {}; return s | 1 end)
check(function() local a, b = {}, {}; return a < b end)
check(function() local a = {}; return a < 1 end)
check(function() local a; return a <= "x" end)
check(function() return 1 // 0 end)
check(function() return 1 % 0 end)
check(function() local z = 0; return 5 // z end)
check(function() local z = 0; return 5 % z end)
check(function() local t = {}; t[nil] = 1 end)
check(function() local t = {}; t[0/0] = 1 end)
check(function(...) local a = ...; return a.b.c end, { b = false })
check(function() local t = { f = 1 }; t.f() end)
check(function() local t = { { g = 1 } }; t[1].g() end)
check(function() local t, i = {}, 3; t[i]() end)
check(function() (1)() end)
check(function() ("s"):bad() end)
check(function() for i = 1, {} do end end)
check(function() for i = 1, 10, 0 do end end)
check(function() for _ in nil do end end)
check(function() local a <close> = 1 end)
check(function() string.rep() end)
check(function() ("x"):rep({}) end)
check(function() math.floor({}) end)
check(function() setmetatable(1, 2) end)
check(function() tostring() end)
check(function() ipairs() end)
check(function() local t = setmetatable({}, { __index = function(_, k) return k.x.y end }); return t.a end)
check(function() local t = setmetatable({}, { __add = function(a, b) return a.x.y end }); return t + 1 end)
-- In compiled code the message, its line and its names are the same.
local function hot(list, n)
  local total = 0
  for i = 1, n do
    local item = list[i]
    total = total
      + item.size
  end
  return total
end
local items = {}
for i = 1, 2000 do items[i] = { size = i } end
print(pcall(hot, items, 2000))
print(pcall(hot, items, 2001))
items[1000] = { size = "x" }
print(pcall(hot, items, 2000))
items[1000] = { size = {} }
print(pcall(hot, items, 2000))
items[1000] = 7
print(pcall(hot, items, 2000))
local function divide(n)
  local total = 0
  for i = n, -1, -1 do total = total + 1000 // i end
  return total
end
print(pcall(divide, 2000))
local function call(list)
  for i = 1, 2000 do list[i](i) end
end
local fs = {}
for i = 1, 1999 do fs[i] = function() end end
print(pcall(call, fs))
