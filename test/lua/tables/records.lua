-- Records: fields added in different orders, removed, re-added, many at once; objects of several shapes at one place.

local function point(x, y) return { x = x, y = y } end
local function reversed(x, y) return { y = y, x = x } end
local function late(x, y) local p = {} p.x = x p.y = y return p end
local function wide(x, y) return { a = 1, x = x, b = 2, y = y, c = 3 } end

local makers = { point, reversed, late, wide }
local function total(make, n)
  local sum = 0
  for i = 1, n do
    local p = make(i, i + 0.5)
    sum = sum + p.x * 2 + p.y
  end
  return sum
end
for _, make in ipairs(makers) do print(total(make, 2000)) end
local sum = 0
for i = 1, 4000 do
  local p = makers[i % 4 + 1](i, -i)
  p.x = p.x + p.y
  p.z = p.x
  sum = sum + p.z + p.y
end
print(sum)

-- a field that changes its type; a missing field; a field set to nil and back
local o = { value = 0, name = "o" }
for i = 1, 3000 do
  if i == 1000 then o.value = 0.5 elseif i == 2000 then o.value = "7" end
  o.value = o.value + 1
  if i % 1000 == 500 then o.name = nil elseif i % 1000 == 600 then o.name = "back" end
  if o.name == nil then sum = sum + 1 end
  if o.missing then sum = sum + 1000000 end
end
print(o.value, math.type(o.value), o.name, sum)

-- a field appears midway in a hot loop, in another table with the same fields so far
local a, b = point(1, 2), point(3, 4)
local seen = 0
for i = 1, 3000 do
  local p = i % 2 == 0 and a or b
  if i == 2000 then b.extra = 10 end
  if p.extra then seen = seen + p.extra end
  p.x = p.x + 1
end
print(seen, a.x, b.x, a.extra, b.extra)

-- hundreds of fields, by name and by computed name
local big = {}
for i = 1, 500 do big["f" .. i] = i end
for i = 1, 500, 2 do big["f" .. i] = nil end
local left = 0
for i = 1, 500 do left = left + (big["f" .. i] or 0) end
print(left, big.f2, big.f3)
for i = 1, 500 do big["f" .. i] = (big["f" .. i] or 0) + 1 end
print(big.f1, big.f2, big.f500)

-- record and array in the same table
local both = { n = 0 }
for i = 1, 2000 do
  both[i] = i
  both.n = both.n + both[i]
  both.last = i
end
print(both.n, #both, both.last)

-- strings as dictionary keys, counted
local counts = {}
local letters = "abracadabra"
for i = 1, 3300 do
  local c = letters:sub(i % #letters + 1, i % #letters + 1)
  counts[c] = (counts[c] or 0) + 1
end
print(counts.a, counts.b, counts.r, counts.c, counts.d, counts.e)
-- booleans, tables and functions as keys
local key1, key2 = {}, function() end
local map = { [true] = 1, [false] = 2, [key1] = 3, [key2] = 4 }
local sum2 = 0
for i = 1, 2000 do sum2 = sum2 + map[i % 2 == 0] + map[key1] + map[key2] + (map[{}] or 0) end
print(sum2)
