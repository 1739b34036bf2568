-- Integer arithmetic wraps at 64 bits; // and % round towards minus infinity; float operands make floats.

local max, min = math.maxinteger, math.mininteger
print(max + 1 == min, min - 1 == max, -min == min, max * 2, min * -1, max * max)
print(min // -1, min % -1, max // -1, max % -2, min // 1)
for _, a in ipairs { 7, -7, 0, max, min } do
  for _, b in ipairs { 3, -3, 1, -1, max, min } do
    print(a, b, a // b, a % b, (a // b) * b + a % b == a)
  end
end
print(7 // 2.0, -7 // 2.0, 7 % -2.5, -7 % 2.5, 5.5 // 1, -5.5 // 1, -0.0 // 1)
print(1 / 0, -1 / 0, 1 // 0.0, -1 // 0.0, 0 / 0 ~= 0 / 0, 5 % math.huge, -5 % math.huge, 5 % -math.huge)
print(3 / 2, 4 / 2, 2 ^ 2, 2 ^ 0.5, 10 // 3, 10.0 // 3, 1e15, 1e16, 123456789012345678)
print(0x7fffffffffffffff, 0xffffffffffffffff, 0x1p4, 0xA.8p0, 1e2, .5, 3., 0x.1)
print(9007199254740993, 9007199254740993 + 0.0, 2^53 == 2^53 + 1)
print(math.type(1), math.type(1.0), math.type("1"), math.type(2^31), math.type(1 // 1), math.type(1 // 1.0))

-- The same in loops that get compiled.
local sum, product, quotient = 0, 1, 0
for i = 1, 3000 do
  sum = sum + i * 0x9E3779B97F4A7C15
  product = product * 6364136223846793005 + i
  quotient = quotient + product // i + product % -i + product // -7
end
print(sum, product, quotient)
local x = max - 1500
local wrapped = 0
for _ = 1, 3000 do
  x = x + 1
  if x < 0 then wrapped = wrapped + 1 end
end
print(x, wrapped)
