-- Calls inside hot loops: inlined ones, exits inside them, several frames deep, targets that vary, results in odd numbers.

local function add(a, b) return a + b end
local function twice(f, x) return f(f(x, 1), 2) end
local s = 0
for i = 1, 3000 do s = s + add(i, 1) + twice(add, i) end
print(s)
-- an exit three frames deep which is rare, and returns through all of them
local function deep(x) if x % 97 == 0 then return x * 2, "rare" end return x end
local function mid(x) local v, tag = deep(x + 1) if tag then return v, 1 end return v + 1, 0 end
local function top(x) local v, k = mid(x) return v + k * 1000 end
s = 0
for i = 1, 3000 do s = s + top(i) end
print(s)
-- an exit for type reasons inside the callee
local function scale(v) return v * 2 + 1 end
local values = {}
for i = 1, 3000 do values[i] = i end
values[1500], values[2200], values[2700] = 0.5, "8", 2^60
s = 0
for i = 1, 3000 do s = s + scale(values[i]) end
print(s)
-- an error inside an inlined function: its traceback line and its locals are the interpreter's
local function fragile(t, i) local item = t[i] return item.x + 1 end
local items = {}
for i = 1, 2400 do items[i] = { x = i } end
print(pcall(function() local n = 0 for i = 1, 3000 do n = n + fragile(items, i) end return n end))
-- targets that vary
local function inc(x) return x + 1 end
local function dec(x) return x - 1 end
local function half(x) return x / 2 end
local targets = { inc, dec, inc, half }
local v = 0
for i = 1, 4000 do v = targets[i % 4 + 1](v) end
print(v)
local current = inc
for i = 1, 4000 do
  if i == 2000 then current = dec end
  v = current(v)
end
print(v)
-- fresh closures of the same function each time
local function adder(k) return function(x) return x + k end end
local c = 0
for i = 1, 2500 do c = adder(i % 10)(c) end
print(c)
-- more or fewer results than wanted; results passed on as arguments
local function some(n) if n == 0 then return elseif n == 1 then return 1 elseif n == 2 then return 1, 2 end return 1, 2, 3 end
local got = 0
for i = 1, 3000 do
  local a, b = some(i % 4)
  got = got + (a or 10) + (b or 100) + select("#", some(i % 4)) + #{ some(i % 4) } + (some(3))
end
print(got)
-- recursion in a loop, tail calls in a loop, loops inside callees
local function gcd(a, b) if b == 0 then return a end return gcd(b, a % b) end
local function triangle(n) local t = 0 for k = 1, n do t = t + k end return t end
local function power(b, e) if e == 0 then return 1 end return b * power(b, e - 1) end
local g = 0
for i = 1, 2000 do g = g + gcd(i * 12, 360) + triangle(i % 20) + power(i % 3, 5) end
print(g)
-- a callee that leaves its own loop early, by return and by break
local function find(t, x) for k = 1, #t do if t[k] == x then return k end end return -1 end
local function findBreak(t, x) local at = 0 for k = 1, #t do if t[k] == x then at = k break end end return at end
local small, f = { 5, 3, 9, 1 }, 0
for i = 1, 3000 do f = f + find(small, i % 10) * 10 + findBreak(small, i % 10) end
print(f)
-- builtins and host functions among the calls, unknown to any compiler
local out = 0
for i = 1, 2500 do
  out = out + math.max(i % 7, 3) + #tostring(i) + (tonumber("1" .. i % 10)) + select("#", i, i) + rawlen(small) + (rawequal(i, i) and 1 or 0)
  out = out + (type(i) == "number" and 1 or 0) + string.byte("abc", i % 3 + 1) + (next(small)) + rawget(small, 1)
end
print(out)
-- a function that changes a local of the loop through an upvalue
local moved = 0
for i = 1, 3000 do
  local box = i
  local function shift() box = box + 1 end
  shift()
  if i % 2 == 0 then shift() end
  moved = moved + box
end
print(moved)
