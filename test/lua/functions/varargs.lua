-- Varargs: select, packing, passing on, nil inside, in hot loops with a fixed and with a changing number.

local function count(...) return select("#", ...) end
print(count(), count(nil), count(1, nil, nil), count(table.unpack({}, 1, 50)))
local function ends(...) return (select(1, ...)), (select(-1, ...)) end
print(ends(1, 2, 3), select(2, "a", "b", "c"))
print(select(-2, 1, 2, 3), select(4, 1, 2, 3))
print(pcall(select, 0))
print(pcall(select, -1))
print(pcall(select, "x"))
local function pass(...) return ... end
print(pass(), (pass(1, 2)), pass(1, nil, 3))
local function middle(a, ...) local b, c = ... return a, b, c, ... end
print(middle(1), middle(1, 2), middle(1, 2, 3, 4))
local function tail(first, ...) if select("#", ...) == 0 then return first end return tail(...) end
print(tail(1, 2, 3, "last"))
local function sum(...)
  local total = 0
  for i = 1, select("#", ...) do total = total + (select(i, ...)) end
  return total
end
local function sumTable(...)
  local total = 0
  for _, v in ipairs { ... } do total = total + v end
  return total
end
local a, b = 0, 0
for i = 1, 2000 do
  a = a + sum(i, 2, 3)
  b = b + sumTable(i, i + 0.5)
end
print(a, b)
local changing = 0
local argument = { 1, 2, 3, 4, 5, 6, 7, 8 }
for i = 1, 2000 do changing = changing + sum(table.unpack(argument, 1, i % 9)) end
print(changing)
local function optional(x, ...)
  if ... then return x + ... end
  return x
end
local o = 0
for i = 1, 2000 do o = o + (i % 3 == 0 and optional(i) or optional(i, 1, 2)) end
print(o)
local function adjust(p, q, r) return (p or 0) + (q or 0) + (r or 0) end
local extra = 0
for i = 1, 2000 do extra = extra + adjust(i) + adjust(i, 1) + adjust(i, 1, 2) + adjust(i, 1, 2, 3) + adjust(pass(1, 2)) end
print(extra)
local packed = 0
for i = 1, 2000 do
  local t = { pass(i, i + 1), pass(i, i + 1) }
  packed = packed + #t + t[3]
end
print(packed)
print((function(...) local x, y = ..., "end" return x, y end)(7, 8))
print((function(...) return select("#", ...), ... end)(nil, nil))
local function nested(...)
  local outer = { ... }
  return (function(...) return #outer + select("#", ...) end)(..., ...)
end
print(nested(1, 2, 3))
