-- Closures: shared and private upvalues, one per round of a loop, upvalues of upvalues, changed from inside loops.

local function counter()
  local n = 0
  return function() n = n + 1 return n end, function() return n end
end
local inc, get = counter()
for _ = 1, 2500 do inc() end
print(get(), inc(), get())

local closures = {}
for i = 1, 5 do
  local j = i * 10
  closures[i] = function() j = j + i return j end
end
print(closures[1](), closures[1](), closures[5](), closures[5](), closures[2]())

-- loop-carried upvalue: written by the loop and by a closure called in it
local shared = 0
local function bump(k) shared = shared + k end
for i = 1, 3000 do
  shared = shared * 2 % 1000003
  bump(i)
  shared = shared + 1
end
print(shared)

-- an upvalue whose type changes midway, seen by two closures
local value = 1
local function set(v) value = v end
local function double() return value * 2 end
local total = 0
for i = 1, 3000 do
  if i == 1000 then set(1.5) elseif i == 2000 then set("4") end
  total = total + double()
end
print(total, value)

-- closures made in a hot loop, some kept, some called at once
local kept, sum = {}, 0
for i = 1, 2000 do
  local function add(x) return x + i end
  sum = sum + add(i)
  if i % 500 == 0 then kept[#kept + 1] = add end
end
print(sum, kept[1](1), kept[4](1))

-- a while loop with a fresh captured local in each round
local list, n = {}, 0
while n < 1000 do
  n = n + 1
  local mine = n
  list[n] = function() mine = mine + 1 return mine end
end
print(list[1](), list[1](), list[1000](), list[500]())

-- upvalues three levels deep
local function level1(a)
  return function(b)
    return function(c)
      a = a + 1
      b = b + a
      return a + b + c
    end
  end
end
local f = level1(1)(2)
local deep = 0
for i = 1, 2000 do deep = deep + f(i) % 7 end
print(deep, f(0))

-- recursion through an upvalue; the function replaced while it runs
local step
local replaced = false
local function second(k) return k * 2 end
step = function(k)
  if k > 1500 and not replaced then replaced = true step = second end
  return k + 1
end
local acc = 0
for i = 1, 3000 do acc = acc + step(i) end
print(acc, replaced)

-- parameters as upvalues, and a loop variable captured and changed
local function make(p)
  return function(q) p = p + q return p end
end
local m1, m2 = make(0), make(100)
for i = 1, 1000 do m1(i) m2(-1) end
print(m1(0), m2(0))
local funcs = {}
for i = 1, 3 do funcs[i] = function() i = i + 100 return i end end
print(funcs[1](), funcs[1](), funcs[2](), funcs[3]())
