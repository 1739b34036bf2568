-- the generator starts with another sequence in each program
local draws, distinct = {}, 0
for _ = 1, 100 do
  local x, n = math.random(), math.random(0)
  if x >= 0 and x < 1 and not draws[x] and not draws[n] then distinct = distinct + 1 end
  draws[x], draws[n] = true, true
end
print(distinct > 95)

-- The math library: seeded random sequences, functions of integers and floats, special values, messages.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    out[i] = math.type(v) == 'float' and (v ~= v and 'nan' or ('%.13g'):format(v) .. (v == math.floor(v) and 'f' or '')) or tostring(v)
  end
  print(table.concat(out, ' '))
end
local function fails(f, ...) p(select(2, pcall(f, ...))) end

for _, seed in ipairs { 0, 1, 42, -1, 123456789, math.maxinteger, 2.0, 0x7fffffff } do
  p(math.randomseed(seed))
  p(math.random(0), math.random(0), ('%a'):format(math.random()), math.random(10), math.random(-5, 5), math.random(1 << 40), math.random(3, 3), math.random(math.mininteger, math.maxinteger))
end
p(math.randomseed(7, 11))
local histogram = {}
for _ = 1, 6000 do
  local n = math.random(6)
  histogram[n] = (histogram[n] or 0) + 1
end
p(table.unpack(histogram))
p(select('#', math.randomseed()), math.random() < 1)

local inf, nan = math.huge, 0 / 0
local floats = { 0.0, -0.0, 0.5, -0.5, 1.0, 2.0, -2.5, 10.0, 100.25, 1e-10, 1e15, -1e15, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1e300, 1e-300, inf, -inf, nan, 5e-324, 0.1, 3 }
for _, f in ipairs { 'abs', 'ceil', 'floor', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'deg', 'rad', 'modf', 'tointeger', 'type' } do
  for _, v in ipairs(floats) do p(f, v, math[f](v)) end
end
for _, a in ipairs { 0, 1, -1, 7, -7, 2.5, -2.5, inf, -inf, nan, math.maxinteger, math.mininteger, 1e308, 0.0, -0.0 } do
  for _, b in ipairs { 1, -1, 3, -3, 2, 10, 0.5, inf, -inf, nan, math.mininteger } do
    p(a, b, math.fmod(a, b), math.atan(a, b), a ^ b, math.log(a, b), math.max(a, b), math.min(a, b), a // b, a % b)
  end
end
p(math.fmod(5, 0.0), pcall(math.fmod, 5, 0), math.fmod(math.mininteger, -1), math.fmod(-6, 2), math.fmod(-6, 4.0))
p(math.ult(1, 2), math.ult(-1, 2), math.ult(2, -1), math.ult(0, 0), math.tointeger('8'), math.tointeger('x'), math.tointeger(3.5), math.tointeger({}))
p(math.log(8, 2), math.log(1000, 10), math.log(27, 3), math.log(0), math.log(2, 2.0), math.log(1024, 2), math.log(1e-5, 10), math.log(8, 0))
p(math.max('10', '9'), math.min('a', 'b', 'A'), math.max(1, 2.5), math.max(2, 2.0), math.min(2.0, 2), math.max(1), math.max('x'))
local V = setmetatable({}, { __lt = function(a, b) return type(a) == 'number' end })
-- A string is converted to a float, also where it names an integer that floats cannot tell from others.
for _, s in ipairs { '9007199254740993', '-9007199254740993', '0x10aaaaaaaaaaaaa', '0x7fffffffffffffff', '9223372036854775808', ' 5 ', '-2.5' } do
  print(s, math.floor(s), math.ceil(s), math.abs(s), math.modf(s))
end
p(math.max(1, V) == V, math.max(V, 1) == V, math.min(1, V), math.abs('0x10'), math.abs('-3'), math.floor('2.7'), math.sqrt('16'))
p(math.abs(math.mininteger), math.ceil(-0.5), math.floor(-0.5), math.ceil(1e100), math.floor(2 ^ 62), math.floor(-2 ^ 63), math.ceil(2 ^ 63), math.pi, math.huge, math.maxinteger, math.mininteger)

fails(math.random, 0, 1, 2)
fails(math.random, 5, 1)
fails(math.random, -1)
fails(math.random, 1.5)
fails(math.random, 'x')
fails(math.randomseed, 'x')
fails(math.floor, {})
fails(math.floor)
fails(math.abs, 'x')
fails(math.max)
fails(math.min)
fails(math.max, 1, 'x')
fails(math.max, nil, 1)
fails(math.min, {}, {})
fails(math.fmod, 1)
fails(math.fmod, 'x', 'y')
fails(math.log, 'x')
fails(math.log, 1, {})
fails(math.tointeger)
fails(math.type)
fails(math.ult, 1)
fails(math.ult, 1.5, 2)
-- Through a Lua function: some lua5.4 have math.atan2 as well, and a message names whichever of the two it finds first.
fails(function()
  local angle = math.atan(1, 'x')
  return angle
end)

-- the same digits in compiled loops
local sum = 0
for i = 1, 4000 do
  local x = i / 100
  sum = sum + math.sin(x) * math.cos(x) + math.atan(x, i) + math.fmod(i, 7) + math.exp(-x) + math.log(x) + math.tan(x / 100) + math.asin(x / 40) + math.acos(x / 40) + math.log(x, 10)
end
p(('%.9f'):format(sum))
math.randomseed(99)
local total = 0
for _ = 1, 4000 do total = total + math.random(100) + math.random(-3, 3) end
p(total)
