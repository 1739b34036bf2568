-- Locals, variable arguments, temporaries, parameters; upvalues.
local function all(level)
  local parts = {}
  for i = 1, 100 do
    local name, value = debug.getlocal(level + 1, i)
    if not name then break end
    parts[#parts + 1] = name .. '=' .. (type(value) == 'table' and 'table' or type(value) == 'function' and 'function' or tostring(value))
  end
  for i = -1, -100, -1 do
    local name, value = debug.getlocal(level + 1, i)
    if not name then break end
    parts[#parts + 1] = i .. name .. '=' .. tostring(value)
  end
  return table.concat(parts, ' ')
end

local function plain(a, b)
  local c = a + b
  do
    local inner = c * 2
    print(all(1))
  end
  local d <const> = 5
  local e <const> = {}
  local late = d
  print(all(1))
  return late, e
end
plain(1, 2)
local function variable(a, ...)
  local x = ...
  print(all(1))
  return x
end
variable(1)
variable(1, 2, 3, nil)
for i = 1, 2 do
  for k in pairs { i } do
    print((all(1):gsub('%S*=function%s?', ''):gsub('%S*=table%s?', '')))
    break
  end
end

-- Values of expressions under way.
local function temporaries() return debug.getlocal(2, 3) end
local function expression(a, b) return (a + 1) .. (select(2, temporaries()) or 'none') end
print(expression(10, 20))
print(debug.getlocal(0, 1), (debug.getlocal(0, 3)))
print(debug.getlocal(0, 2))

-- Setting.
local function set()
  local a, b = 1, 2
  print(debug.setlocal(1, 1, 'A'), debug.setlocal(1, 2, 'B'), a, b)
  print(debug.setlocal(1, 100, 0), debug.setlocal(1, 0, 0), debug.setlocal(1, -1, 0))
  local function inner(...)
    debug.setlocal(2, 1, ...)
    print(debug.setlocal(1, -2, 'changed'), debug.setlocal(1, -9, 'x'), ...)
  end
  inner('from inside', 'old')
  return a
end
print(set())
local total = 0
for i = 1, 50 do
  local n = i
  debug.setlocal(1, 4, 1000)
  local function bump() debug.setlocal(2, select(2, debug.getlocal(2, 1)) and 3 or 3, total) end
  total = total + i
end
print(total)

-- Inside loops that are compiled: what setlocal writes counts.
local function loop()
  local sum, step = 0, 1
  for i = 1, 200 do
    if i % 50 == 0 then debug.setlocal(1, 2, step + 1) end
    sum = sum + step
  end
  return sum, step
end
print(loop())
local function helped()
  local sum, step = 0, 1
  local function raise() debug.setlocal(2, 2, step + 1) end
  for i = 1, 200 do
    if i % 20 == 0 then raise() end
    sum = sum + step
  end
  return sum
end
print(helped())

-- Parameters of functions that do not run.
print(debug.getlocal(plain, 1), debug.getlocal(plain, 2), debug.getlocal(plain, 3), debug.getlocal(variable, 1), debug.getlocal(variable, 2))
print(debug.getlocal(print, 1), select('#', debug.getlocal(plain, 1)))

print(pcall(debug.getlocal, 1000, 1))
print(pcall(debug.getlocal, -1, 1))
print(pcall(debug.getlocal, 'x', 1))
print(pcall(debug.getlocal, 1))
print(pcall(debug.getlocal, plain))
print(pcall(debug.setlocal, 1000, 1, 1))
print(pcall(debug.setlocal, 1, 1))
print(pcall(debug.setlocal, 1))

-- Upvalues.
local one, two, three = 1, 2, 3
local function first() two = one; return three end
local function second() one = three; return two end
for i = 0, 4 do print(i, debug.getupvalue(first, i)) end
print(debug.setupvalue(first, 1, 'II'), debug.setupvalue(first, 2, 'I'), debug.setupvalue(first, 4, 0), one, two)
print(second(), one)
print(debug.upvalueid(first, 1) == debug.upvalueid(second, 3), debug.upvalueid(first, 1) == debug.upvalueid(second, 1), debug.upvalueid(first, 4))
print(type(debug.upvalueid(first, 1)), select('#', debug.getupvalue(first, 9)), select('#', debug.setupvalue(first, 9, 1)))
print(debug.getupvalue(string.gmatch('x', 'y'), 1), debug.setupvalue(string.gmatch('x', 'y'), 1, 'z') == '')
local counters = {}
for i = 1, 3 do
  local n = i * 100
  counters[i] = function() n = n + 1 return n end
end
print(counters[1](), counters[2](), counters[3]())
debug.upvaluejoin(counters[1], 1, counters[3], 1)
print(counters[1](), counters[3](), counters[1](), counters[2]())
local function run(f) local last for i = 1, 100 do last = f() end return last end
print(run(counters[2]), run(counters[2]))
debug.upvaluejoin(counters[2], 1, counters[3], 1)
print(run(counters[2]), counters[1]())
local function replaced() return one end
local function loopOver()
  local sum = 0
  for i = 1, 100 do
    if i == 50 then debug.setupvalue(replaced, 1, 1000) end
    sum = sum + replaced()
  end
  return sum
end
one = 1
print(loopOver())

print(pcall(debug.getupvalue, 1, 1))
print(pcall(debug.getupvalue, first))
print(pcall(debug.setupvalue, first, 1))
print(pcall(debug.upvalueid, {}, 1))
print(pcall(debug.upvaluejoin, first, 9, second, 1))
print(pcall(debug.upvaluejoin, first, 1, second, 9))
print(pcall(debug.upvaluejoin, string.gmatch('', ''), 1, second, 1))
print(pcall(debug.upvaluejoin, first, 1, print, 1))
print(debug.getupvalue(load('return x'), 1) == '_ENV')

-- User values: no userdata at hand has any.
print(debug.getuservalue(io.stdin), debug.getuservalue(1), select('#', debug.getuservalue(io.stdin, 1)), debug.setuservalue(io.stdin, 1))
print(pcall(debug.setuservalue, 1, 2))
print(pcall(debug.setuservalue, io.stdin))
print(debug.setcstacklimit(1000), pcall(debug.setcstacklimit))
