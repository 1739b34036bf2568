-- Multiple assignment, evaluation order as lua5.4 does it, swaps, adjustment of calls and varargs, nested indexing.

local a, b, c = 1, 2
print(a, b, c)
a, b = b, a
print(a, b)
local function three() return 1, 2, 3 end
local x, y, z, w = three()
print(x, y, z, w)
x, y, z = 0, three()
print(x, y, z)
x, y, z = three(), 10
print(x, y, z)
print((three()), three(), ({ three(), three() })[4], #{ three(), (three()) })
local t = { 1, 2, 3 }
local i = 1
i, t[i] = i + 1, 20
print(i, t[1], t[2])
t[1], t[2], t[3] = t[3], t[1], t[2]
print(t[1], t[2], t[3])
local u = { n = {} }
u.n.value, u.n = 5, { value = 6 }
print(u.n.value)
local p, q = {}, {}
p.x, q.x, p.y = 1, 2
print(p.x, q.x, p.y)
-- the same table on both sides
t = { 5, 6 }
t, t[1] = { 7 }, 8
print(t[1], #t)
-- swaps in a hot loop
local list = {}
for k = 1, 2000 do list[k] = k end
for k = 1, 1000 do list[k], list[2001 - k] = list[2001 - k], list[k] end
print(list[1], list[1000], list[1001], list[2000])
local f1, f2 = 0, 1
for _ = 1, 3000 do f1, f2 = f2, f1 + f2 end
print(f1, f2)
local m, n, o = 1, 2.5, "x"
for _ = 1, 3001 do m, n, o = n, o, m end
print(m, n, o)
-- locals that hide others, in blocks and in loops
local v = 1
do local v = v + 1 do local v = v + 1 print(v) end print(v) end
print(v)
for v = v, v + 1 do local v = v * 10 io.write(v, " ") end
print(v)
-- calls without parentheses, methods on literals, semicolons
print(#"abc", ("x"):rep(3), type {}, (type "s"));
;;; local last = (function(...) return select("#", ...) end)(three(), three())
print(last)
