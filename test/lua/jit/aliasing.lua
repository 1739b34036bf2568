-- Loads and stores that may or may not touch the same place: two names for one table, computed keys, fields, upvalues.

local function both(a, b, n)
  local s = 0
  for i = 2, n do
    a[i] = i
    s = s + b[i - 1] + b[i]
    b[i] = s % 1000
    s = s + a[i]
  end
  return s
end
local function list(n) local t = {} for i = 1, n do t[i] = i end return t end
local x, y = list(2500), list(2500)
print(both(x, y, 2500), both(x, x, 2500), x[2500], y[2500])
local function fields(p, q, n)
  local s = 0
  for i = 1, n do
    p.v = i
    s = s + q.v
    q.v = s % 77
    s = s + p.v
  end
  return s
end
local p, q = { v = 0 }, { v = 0 }
print(fields(p, q, 2500), fields(p, p, 2500), p.v, q.v)
-- a store through a metatable's __newindex or a computed name changes what a plain load sees
local o = { a = 1, b = 2 }
local names = { "a", "b", "c" }
local s = 0
for i = 1, 3000 do
  o[names[i % 3 + 1]] = i
  s = s + o.a + o.b + (o.c or 0)
end
print(s, o.a, o.b, o.c)
-- prefix sums: each round reads what the one before has stored
local pre = { 1 }
for i = 2, 2500 do pre[i] = (pre[i - 1] * 3 + i) % 10007 end
print(pre[2], pre[1000], pre[2500])
for i = 3, 2500 do pre[i] = pre[i - 1] ~ pre[i - 2] end
print(pre[3], pre[1000], pre[2500])
-- the length changes between two readings
local grow, lengths = {}, 0
for i = 1, 2500 do
  lengths = lengths + #grow
  grow[#grow + 1] = i
  lengths = lengths + #grow
  if i % 5 == 0 then grow[#grow] = nil end
end
print(lengths, #grow)
-- an upvalue written by the callee between two reads
local shared = { n = 0 }
local count = 0
local function touch() count = count + 1 shared.n = shared.n + count % 3 end
local seen = 0
for _ = 1, 2500 do
  local before = count + shared.n
  touch()
  seen = seen + (count + shared.n - before)
end
print(seen, count, shared.n)
-- a global rewritten in the loop, also through _G
total = 0
for i = 1, 2500 do
  total = total + i
  if i % 100 == 0 then _G.total = _G.total - 1 end
end
print(total, _G["total"])
-- rows of a matrix, two of which are the same table
local row = { 1, 2, 3 }
local m = { row, { 4, 5, 6 }, row }
local v = 0
for i = 1, 3000 do
  local r = m[i % 3 + 1]
  r[i % 3 + 1] = r[(i + 1) % 3 + 1] + 1
  v = (v + m[1][1] * 3 + m[3][2] + m[2][3]) % 1000003
end
print(v, row[1], row[2], row[3], m[2][1])
-- the same object read, released and replaced in the loop
local head = { v = 1 }
local w = 0
for i = 1, 2500 do
  w = w + head.v
  head = { v = i, prev = i % 10 ~= 0 and head or nil }
  if head.prev then w = w + head.prev.v end
end
print(w)
