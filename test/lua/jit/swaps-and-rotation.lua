-- Loop-carried values that trade places: swaps, rotations, a value that lags several rounds behind, dead and invariant values.

local a, b, c, d = 1, 2.5, "x", true
for _ = 1, 3002 do a, b, c, d = d, a, b, c end
print(a, b, c, d)
local x, y, z = 1, 1, 1
for _ = 1, 3000 do x, y, z = y, z, (x + y + z) % 1000003 end
print(x, y, z)
local lag1, lag2, lag3, sum = 0, 0, 0, 0
for i = 1, 3000 do
  lag3, lag2, lag1 = lag2, lag1, i
  sum = sum + lag3
end
print(lag1, lag2, lag3, sum)
-- the type takes three rounds to travel through
local p, q, r, total = 0, 0, 0, 0
for i = 1, 3000 do
  r, q = q, p
  p = i > 2000 and i + 0.5 or i
  total = total + r
end
print(p, q, r, total)
-- invariants of every sort in the loop
local limit, scale, name, flag, t = 100, 0.5, "key", true, { key = 3, list = { 1, 2, 3 } }
local inv = 0
for i = 1, 3000 do
  inv = inv + limit * scale + t[name] + t.list[2] + #t.list + (flag and 1 or 0) + math.pi - math.pi + #name
end
print(inv)
-- an invariant that stops being one
local changing = { v = 1 }
local s = 0
for i = 1, 3000 do
  s = s + changing.v * 2
  if i == 2000 then changing.v = 10 elseif i == 2500 then changing = { v = -1 } end
end
print(s)
-- values that are never used, used only in a rare branch, or only after the loop
local unused, rare, after = 0, 0, 0
for i = 1, 3000 do
  local dead = i * i + 1
  unused = dead
  local heavy = i * 3 // 2
  if i % 1234 == 0 then rare = rare + heavy end
  after = heavy - 1
end
print(unused, rare, after)
-- induction in several forms
local i1, i2, i3, steps = 0, 1000000, 1, 0
while i1 < 5000 do
  i1 = i1 + 2
  i2 = i2 - i1
  i3 = (i3 << 1 | i3 >> 63) ~ i1
  steps = steps + 1
end
print(i1, i2, i3, steps)
-- the loop variable captured, copied and reassigned
local captured, copies = {}, 0
for i = 1, 2000 do
  local copy = i
  i = i * 2
  copies = copies + i - copy
  if copy % 400 == 0 then captured[#captured + 1] = function() return i + copy end end
end
print(copies, captured[1](), captured[5]())
-- strings carried around the loop
local word, other, lengths = "a", "bc", 0
for i = 1, 2000 do
  word, other = other, word
  if #word < 10 then word = word .. "x" else word = "r" end
  lengths = lengths + #word * 10 + #other
end
print(word, other, lengths)
