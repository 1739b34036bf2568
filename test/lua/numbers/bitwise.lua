-- Bit operators on integers, and on floats with integral values; shifts of 64 and beyond.

print(0xF0 & 0x3C, 0xF0 | 0x0F, 0xFF ~ 0x0F, ~0, ~5, 1 << 63, 1 << 62, -1 >> 1, -1 >> 63)
for _, shift in ipairs { 0, 1, 31, 32, 63, 64, 65, 100, -1, -63, -64, -65, math.maxinteger, math.mininteger } do
  print(shift, 1 << shift, -1 << shift, 1 >> shift, -1 >> shift, 0x123456789abcdef >> shift)
end
print(3.0 & 1, 2^53 | 1, -1.0 >> 60, 1 << 4.0, ~3.0)
-- Strings are not converted by bit operators (the string library's metamethods cover arithmetic only).
print(pcall(function() return "7" & 3 end))
print(pcall(function() return 1 << "3" end))
print(pcall(function() return 1.5 & 1 end))
print(pcall(function() return 2^63 | 0 end))
print(pcall(function() return "1.5" & 1 end))
print(pcall(function() return "x" & 1 end))
print(pcall(function() return {} | 1 end))
print(pcall(function() return 1 << nil end))
print(pcall(function() return 0/0 ~ 1 end))

local h, mixed = 0xcbf29ce484222325, 0
for i = 1, 3000 do
  h = (h ~ (i & 0xff)) * 0x100000001b3
  mixed = mixed ~ (h >> (i % 70)) ~ (h << (i % 70 - 3)) ~ (i | ~h)
end
print(h, mixed)

-- A variable shift whose sign changes in the middle of the loop.
local total = 0
for i = -1500, 1500 do
  total = total + ((i * 12345) << (i // 20)) + ((i * 54321) >> (i // 20))
end
print(total)

-- Floats with integral values as operands of a compiled loop; then one that is not integral.
local ok, message = pcall(function()
  local bits, f = 0, 0.0
  for i = 1, 3000 do
    if i == 2900 then f = 0.5 end
    bits = bits ~ (f | i)
    f = f + 2.0
  end
  return bits
end)
print(ok, message)
