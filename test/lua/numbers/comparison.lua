-- Comparisons: mixed integers and floats are compared by value, exactly; NaN is unordered; strings by bytes.

local nan = 0/0
local values = { 0, -0.0, 1, 1.0, 1.5, -1, math.maxinteger, math.mininteger, 2^53, 2^53 + 1, (1 << 53) + 1, 2^63, -2^63, math.huge, -math.huge, nan }
for i, a in ipairs(values) do
  local row = {}
  for j, b in ipairs(values) do
    row[j] = (a == b and "=" or ".") .. (a < b and "<" or ".") .. (a <= b and "l" or ".") .. (a > b and ">" or ".") .. (a >= b and "g" or ".")
  end
  print(i, table.concat(row, " "))
end
print(math.maxinteger + 0.0 == math.maxinteger, math.maxinteger < math.maxinteger + 0.0, math.mininteger == -2^63, (1 << 53) + 1 > 2^53)
print(nan == nan, nan ~= nan, nan < nan, not (nan >= nan), 0.0 == -0.0, 1/0.0 == 1/-0.0)
print("a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a", "10" < "9", "a" <= "a", "ab" > "a", "\xff" > "a")
print(1 == "1", "1" == 1, nil == false, {} == {}, print == print, true == 1)
print(pcall(function() return 1 < "2" end))
print(pcall(function() return {} < {} end))
print(pcall(function() return nil > 1 end))
print(pcall(function() return true <= false end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() return print < print end))
print(pcall(function() return {} <= 1 end))

-- Loops whose comparison mixes types, and changes its types.
local below, equal = 0, 0
for i = 1, 3000 do
  local f = i / 2
  if i < 1500.5 then below = below + 1 end
  if f == i // 2 then equal = equal + 1 end
  if f <= i then below = below + 1 end
end
print(below, equal)
local x, n = 0, 0
while x < 2000 do
  n = n + 1
  x = x + (n < 1000 and 1 or 0.5)
end
print(x, n)
local changes = 0
local words = { "pear", "apple", "fig", "apple", "kiwi" }
for i = 1, 3000 do
  if words[i % 5 + 1] < words[(i + 1) % 5 + 1] then changes = changes + 1 end
  if words[i % 5 + 1] == words[(i + 2) % 5 + 1] then changes = changes + 100 end
end
print(changes)
local order, v = 0, 1
for i = 1, 2500 do
  if i == 1000 then v = 1.5 elseif i == 2000 then v = nan end
  if v < 2 then order = order + 1 end
  if not (v >= 2) then order = order + 10 end
  if v ~= v then order = order + 100 end
end
print(order)
