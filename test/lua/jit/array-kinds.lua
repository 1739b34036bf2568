-- Loops over packed arrays that meet another kind of element midway, in reading and in writing.

local function sum(t, n)
  local s = 0
  for i = 1, n do
    local v = t[i]
    if v == nil then s = s + 1000000 elseif type(v) == "string" then s = s + #v else s = s + (v == true and 1 or v or 0) end
  end
  return s
end
local function plain(t, n)
  local s = 0
  for i = 1, n do s = s + t[i] end
  return s
end
local ints, floats = {}, {}
for i = 1, 2500 do ints[i] = i floats[i] = i * 0.5 end
print(plain(ints, 2500), plain(floats, 2500), sum(ints, 2500), sum(floats, 2600))
ints[2000] = 0.25
print(plain(ints, 2500), ints[1999], ints[2000], ints[2001])
ints[2100] = "17"
print(plain(ints, 2500), sum(ints, 2500))
ints[2200] = nil
print(pcall(plain, ints, 2500))
print(sum(ints, 2500))
ints[2200] = true
print(pcall(plain, ints, 2500))
-- the store that changes the kind happens inside the loop that reads the array
local t = {}
for i = 1, 2000 do t[i] = i end
local s = 0
for i = 1, 2000 do
  if i == 1000 then t[1500] = 0.5 end
  if i == 1600 then t[1700] = "3" end
  s = s + t[i]
  t[i] = t[i] * 2
end
print(s, t[1], t[1500], t[1700], t[2000], math.type(t[1499]), math.type(t[1700]))
-- filling with each kind in turn, in one function
local function fill(n, make)
  local list = {}
  for i = 1, n do list[i] = make(i) end
  return list
end
local makers = {
  function(i) return i end, function(i) return i + 0.5 end, function(i) return i % 2 == 0 end, function(i) return "s" .. i % 7 end,
  function(i) return i % 100 == 0 and i or i / 2 end, function(i) return { i } end,
}
for k, make in ipairs(makers) do
  local list = fill(1500, make)
  print(k, #list, type(list[1]), type(list[1500]), math.type(list[100]), math.type(list[101]))
end
-- two arrays of different kinds through the same copy loop, also onto itself
local function copy(from, to, n) for i = 1, n do to[i] = from[i] end return to end
local c = copy(floats, copy(ints, {}, 2500), 1200)
print(c[1], c[1200], c[1201], c[2100], c[2200])
copy(c, c, 2500)
print(c[1], c[1200], c[1201], #c)
-- booleans and integers in one table, counted
local flags = {}
for i = 1, 2500 do flags[i] = false end
for i = 1, 2500, 3 do flags[i] = true end
flags[1252] = 5
local set = 0
for i = 1, 2500 do if flags[i] then set = set + 1 end end
print(set)
-- NaN, -0.0 and huge values survive packing
local odd = {}
for i = 1, 2000 do odd[i] = i % 3 == 0 and 0/0 or (i % 3 == 1 and -0.0 or math.huge) end
local nans, zeros, infs = 0, 0, 0
for i = 1, 2000 do
  local v = odd[i]
  if v ~= v then nans = nans + 1 elseif v == 0 and 1 / v < 0 then zeros = zeros + 1 elseif v == math.huge then infs = infs + 1 end
end
print(nans, zeros, infs)
