-- The sign of a NaN, which print shows: what the operations leave, and what a compiler might make of them.
local function hide(x) return x end
local inf, zero, one = hide(math.huge), hide(0.0), hide(1.0)
local minus = hide(zero / zero)
local plus = hide(-minus)

local function test(name, f, ...)
  local r
  for k = 1, 60 do r = f(k, ...) end
  print(name, r)
end
for _, nan in ipairs({ minus, plus }) do
  local function each(name, f) return test(name, f, nan) end
  each("x + -y", function(k, y) local r for i = 1, k do r = 1.0 * i + -y end return r end)
  each("-y + x", function(k, y) local r for i = 1, k do r = -y + 1.0 * i end return r end)
  each("x - -y", function(k, y) local r for i = 1, k do r = 1.0 * i - -y end return r end)
  each("-x * -y", function(k, y) local r for i = 1, k do r = -(1.0 * i) * -y end return r end)
  each("-y / -x", function(k, y) local r for i = 1, k do r = -y / -(1.0 * i) end return r end)
  each("y * -1", function(k, y) local r for i = 1, k do r = y * -1 end return r end)
  each("y / -1", function(k, y) local r for i = 1, k do r = y / -1 end return r end)
  each("y * 1", function(k, y) local r for i = 1, k do r = y * 1 end return r end)
  each("y + 0", function(k, y) local r for i = 1, k do r = y + 0 end return r end)
  each("0 - y", function(k, y) local r for i = 1, k do r = 0.0 - y end return r end)
  each("-(1 - y)", function(k, y) local r for i = 1, k do r = -(one - y) end return r end)
  each("--y", function(k, y) local r for i = 1, k do r = -(-y) end return r end)
  each("y / 4", function(k, y) local r for i = 1, k do r = y / 4 end return r end)
  for _, power in ipairs({ -3, -1, -0.5, 0, 0.5, 1, 2, 3, 4.0, 1e300, inf, -inf }) do
    each("y ^ " .. power, function(k, y) local r for i = 1, k do r = y ^ power end return r end)
  end
  each("y ^ 1", function(k, y) local r for i = 1, k do r = y ^ 1 end return r end)
  each("y ^ 2", function(k, y) local r for i = 1, k do r = y ^ 2 end return r end)
  each("abs", function(k, y) local r for i = 1, k do r = math.abs(-y) end return r end)
  each("min", function(k, y) local r for i = 1, k do r = math.min(y, i) end return r end)
  each("max", function(k, y) local r for i = 1, k do r = math.max(y, i) end return r end)
  each("floor", function(k, y) local r for i = 1, k do r = math.floor(y) end return r end)
  each("y // 1", function(k, y) local r for i = 1, k do r = y // 1 end return r end)
  each("y % 3", function(k, y) local r for i = 1, k do r = y % 3 end return r end)
  each("sin", function(k, y) local r for i = 1, k do r = math.sin(y) end return r end)
  each("elements", function(k, y) local t = { 1.5, 2.5 } for i = 1, k do t[1] = -y t[2] = t[1] + 1 end return t[1] .. " " .. t[2] end)
  each("fields", function(k, y) local t = { x = 1.5 } for i = 1, k do t.x = -y end return t.x end)
end
test("x - x", function(k) local r for i = 1, k do r = inf - inf end return r end)
test("x + -x", function(k) local r for i = 1, k do r = inf + -inf end return r end)
test("-x + x", function(k) local r for i = 1, k do r = -inf + inf end return r end)
test("-(x - x)", function(k) local r for i = 1, k do r = -(inf - inf) end return r end)
test("0 * x", function(k) local r for i = 1, k do r = zero * inf end return r end)
test("-0 * -x", function(k) local r for i = 1, k do r = -zero * -inf end return r end)
test("0 / 0", function(k) local r for i = 1, k do local a, b = 0, 0 r = a / b end return r end)
test("-(0 / 0)", function(k) local r for i = 1, k do local a, b = 0, 0 r = -(a / b) end return r end)
test("0/0 folded", function(k) local r for i = 1, k do r = 0/0 end return r end)
test("-(0/0) folded", function(k) local r for i = 1, k do r = -(0/0) end return r end)
test("0 // 0", function(k) local r for i = 1, k do r = zero // zero end return r end)
test("x % 0", function(k) local r for i = 1, k do r = (i + 0.0) % zero end return r end)
test("inf % 3", function(k) local r for i = 1, k do r = inf % 3 end return r end)
test("fmod", function(k) local r for i = 1, k do r = math.fmod(i, zero) end return r end)
test("sqrt", function(k) local r for i = 1, k do r = math.sqrt(-i) end return r end)
test("negative ^ 0.5", function(k) local r for i = 1, k do r = (-1.0 * i) ^ 0.5 end return r end)
test("turns", function(k) local r = minus for i = 1, k do r = -r end return r end)
