-- Calls: tail calls, deep recursion, mutual recursion, stack overflow caught, wrong numbers of arguments.

local function loop(n, acc) if n == 0 then return acc end return loop(n - 1, acc + n) end
print(loop(100000, 0))
local isEven, isOdd
function isEven(n) if n == 0 then return true end return isOdd(n - 1) end
function isOdd(n) if n == 0 then return false end return isEven(n - 1) end
print(isEven(100001), isOdd(100001))
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(10000))
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(20))
local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end
print(ackermann(2, 20))
local function hanoi(n, from, to, via) if n == 0 then return 0 end return hanoi(n - 1, from, via, to) + 1 + hanoi(n - 1, via, to, from) end
print(hanoi(10, "a", "b", "c"))

-- Stack overflow is an error like any other; the stack can be used again afterwards.
local function forever(n) return 1 + forever(n + 1) end
for _ = 1, 2 do
  local ok, message = pcall(forever, 1)
  print(ok, message:sub(1, 50))
end
print(depth(5000))
local t = setmetatable({}, {})
getmetatable(t).__index = function(self, k) return self[k + 1] end
local ok, message = pcall(function() return t[1] end)
print(ok, type(message))

-- Missing and surplus arguments; results cut to one.
local function two(a, b) return a, b end
print(two(1), two(1, 2, 3), (two(1, 2)))
local function inner(x, f) return f(x) + 1 end
local s = 0
for i = 1, 2000 do
  s = s + inner(i, function(v) return v * 2 end) + (two(i)) + select("#", two())
end
print(s)
-- a call site with several targets; one target becomes another type of callable midway
local callee = function(x) return x + 1 end
local callable = setmetatable({}, { __call = function(self, x, y) return x * 2 + (y or 0) end })
local r = 0
for i = 1, 3000 do
  if i == 1000 then callee = math.abs elseif i == 2000 then callee = callable end
  r = r + callee(-i)
end
print(r)
local fs = { function(x) return x end, function(x) return -x end, math.floor, callable }
for i = 1, 4000 do r = r + fs[i % 4 + 1](i) end
print(r)
print(pcall(function() local f = {} f() end))
print(pcall(function() undefinedFunction(1) end))
print(pcall(function() local t = {} t.method() end))
print(pcall(function() local t = {} t:method() end))
print(pcall(function() ("x")() end))
print(pcall(5))
