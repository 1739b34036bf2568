-- The math library: results, types, errors; then its functions in hot loops.

print(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.floor(5), math.floor(1e100), math.ceil(-0.5))
print(math.abs(-5), math.abs(-5.5), math.abs(math.mininteger), math.abs(-0.0))
print(math.max(1, 2.5, -1), math.max(2, 2.0), math.min(3, 1, 2), math.min(1.5), math.max(-0.0, 0.0))
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(7.5, 2), math.fmod(-6, 2), math.fmod(5, math.huge))
print(math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(math.huge))
print(math.sqrt(16), math.sqrt(2), math.pi, math.huge, math.maxinteger, math.mininteger)
print(math.ult(1, -1), math.ult(-1, 1), math.ult(2, 3), math.type(nil))
print(string.format("%.12f %.12f %.12f %.12f", math.sin(1), math.cos(1), math.tan(0.5), math.exp(1)))
print(string.format("%.12f %.12f %.12f %.12f", math.log(10), math.log(8, 2), math.log(1000, 10), math.log(5, 3)))
print(string.format("%.12f %.12f %.12f %.12f", math.asin(0.5), math.acos(0.5), math.atan(1), math.atan(1, -1)))
print(string.format("%.3f %.3f", math.deg(math.pi), math.rad(180)))
for _, call in ipairs {
  function() return math.floor("x") end, function() return math.floor() end, function() return math.max() end,
  function() return math.fmod(1, 0) end, function() return math.abs({}) end, function() return math.tointeger() end,
  function() return math.sqrt(nil) end, function() return math.random(0, -1) end, function() return math.ult(1.5, 2) end,
} do
  print(pcall(call))
end
print(math.fmod(1.0, 0) ~= math.fmod(1.0, 0), math.floor("7.9"), math.sqrt("4"))

-- random: ranges and types only, the sequence is the implementation's own.
math.randomseed(42)
local inside = true
for _ = 1, 2000 do
  local f, a, b = math.random(), math.random(6), math.random(-3, 3)
  inside = inside and f >= 0 and f < 1 and a >= 1 and a <= 6 and b >= -3 and b <= 3
  inside = inside and math.type(f) == "float" and math.type(a) == "integer"
end
print(inside)

local floors, high, low, roots = 0, -math.huge, math.huge, 0
for i = 1, 3000 do
  local x = (i - 1500) / 7
  floors = floors + math.floor(x) + math.ceil(x) * 2
  high = math.max(high, x % 13)
  low = math.min(low, x % 13, i)
  roots = roots + math.sqrt(math.abs(x))
end
print(floors, math.type(floors), high, low, string.format("%.6f", roots))
-- floor of a float that does not fit an integer any more.
local x, last = 1.0, nil
for _ = 1, 2000 do
  last = math.floor(x)
  x = x * 1.05
end
print(math.type(last), last == x / 1.05 or last > 1e40)
local biggest = 0
for i = 1, 3000 do
  biggest = math.max(biggest, i % 2 == 0 and i or i + 0.5)
  if i == 2500 then biggest = math.max(biggest, 1 << 40) end
end
print(biggest, math.type(biggest))
