-- Protected calls in hot loops, errors out of compiled code, handlers, results of every number.

local function safe(a, b) return a // b end
local fine, bad, sum = 0, 0, 0
for i = 1, 3000 do
  local ok, r = pcall(safe, 1000, i % 50)
  if ok then fine = fine + 1 sum = sum + r else bad = bad + 1 end
end
print(fine, bad, sum)
local handled = 0
for i = 1, 2000 do
  local ok, r = xpcall(function() if i % 4 == 0 then error({ i }) end return i end, function(e) return e[1] * 2 end)
  handled = handled + (ok and r or -r)
end
print(handled)
-- the protected function has the hot loop, and fails at another place each time
local function process(list, failAt)
  local done = 0
  for i = 1, #list do
    if i == failAt then list[i].x.y = 1 end
    done = done + list[i].v
  end
  return done
end
local list = {}
for i = 1, 500 do list[i] = { v = i } end
for _, at in ipairs { 0, 1, 250, 500, 501 } do print(at, pcall(process, list, at)) end
-- stores made before the error stay
local log = {}
for i = 1, 2000 do
  pcall(function()
    log[#log + 1] = i
    if i % 3 == 0 then local n = nil; log[#log + 1] = n.x end
    log[#log + 1] = -i
  end)
end
print(#log, log[1], log[5], log[6])
-- a loop that errors in an arithmetic operation on the last element
local values = {}
for i = 1, 2000 do values[i] = i end
values[2001] = {}
local reached
print(pcall(function() local s = 0 for i = 1, 2001 do reached = i s = s + values[i] end return s end))
print(reached)
-- recursion and protected calls mixed
local function nest(n) if n == 0 then error("bottom", 0) end local ok, e = pcall(nest, n - 1) error(e .. n % 10, 0) end
local lengths = 0
for i = 1, 300 do local _, e = pcall(nest, i % 12) lengths = lengths + #e end
print(lengths)
-- more results than asked for, and fewer
local function many(n) return table.unpack({ 1, 2, 3, 4, 5 }, 1, n) end
local got = 0
for i = 1, 2000 do
  local ok, a, b = pcall(many, i % 6)
  got = got + (ok and 1 or 0) + (a or 10) + (b or 20) + select("#", pcall(many, i % 6))
end
print(got)
-- a stack overflow in the loop, more than once, leaves the loop usable
local function deep(n) return 1 + deep(n + 1) end
local overflows = 0
for _ = 1, 2 do if not pcall(deep, 1) then overflows = overflows + 1 end end
print(overflows)
-- error values keep their identity; messages their position
local object = setmetatable({}, { __tostring = function() return "object" end })
local same = 0
for i = 1, 2000 do
  local _, e = pcall(error, i % 2 == 0 and object or "text")
  if e == object then same = same + 1 elseif e == "text" then same = same + 1000 end
end
print(same, tostring(object))
