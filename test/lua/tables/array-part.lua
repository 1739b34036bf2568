-- Arrays: growth, packed kinds and their changes, holes, nil in the middle, shrinking from the end, odd keys.

local function sum(t)
  local total = 0
  for i = 1, #t do total = total + t[i] end
  return total
end

local t = {}
for i = 1, 3000 do t[i] = i end
print(#t, sum(t), t[0], t[3001], t[-1], t[1.0], t[2.5])
-- integers, then one float: the array holds both and each keeps its type
t[1500] = 0.5
print(sum(t), math.type(t[1499]), math.type(t[1500]), t[1500])
-- floats, then one integer
local f = {}
for i = 1, 3000 do f[i] = i / 4 end
f[10] = 7
print(sum(f), math.type(f[10]), math.type(f[11]), f[11])
-- an integral float stays a float, as a value; as a key it is the integer
f[20] = 3.0
print(math.type(f[20]), f[20.0] == f[20], f[2^53])
-- strings and booleans among numbers
local mixed = {}
for i = 1, 2000 do
  if i % 4 == 0 then mixed[i] = "s" .. i elseif i % 4 == 1 then mixed[i] = i % 8 == 1 elseif i % 4 == 2 then mixed[i] = i else mixed[i] = i + 0.5 end
end
print(#mixed, mixed[1], mixed[5], mixed[2], mixed[3], mixed[4], mixed[2000])
-- nil in the middle and at the end
mixed[1000] = nil
print(mixed[999], mixed[1000], mixed[1001])
for i = 2000, 11, -1 do mixed[i] = nil end
print(#mixed, mixed[10], mixed[11])
-- grows again after it was emptied
for i = 11, 500 do mixed[i] = i end
print(#mixed, mixed[500])
-- backwards, and from the middle outwards
local back = {}
for i = 1000, 1, -1 do back[i] = i * 2 end
print(#back, sum(back))
local out = { [50] = 50 }
for d = 1, 49 do out[50 - d] = 50 - d out[50 + d] = 50 + d end
print(#out, sum(out))
-- keys beside the array part
local odd = { 1, 2, 3, [-1] = "minus", [0] = "zero", [2.5] = "half", [1 << 40] = "far" }
print(#odd, odd[-1], odd[0], odd[2.5], odd[1 << 40], odd[2^40])
-- append with a hole filled later
local hole = {}
for i = 1, 100 do if i ~= 50 then hole[i] = i end end
hole[50] = 50
print(#hole, sum(hole))
-- boundaries of constructor sizes
local many = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
  31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60 }
print(#many, sum(many))
local nils = { nil, nil, 3 }
print(nils[1], nils[3], #{ n = 1, 10, 20, m = 2, 30 })
-- storing nil in a fresh place changes nothing
local empty = {}
for i = 1, 2000 do empty[i] = nil end
print(#empty, next(empty))
-- a stack: push and pop past the start again and again
local stack, depth, checksum = {}, 0, 0
for i = 1, 4000 do
  if i % 7 < 4 then
    depth = depth + 1
    stack[depth] = i
  elseif depth > 0 then
    checksum = (checksum * 31 + stack[depth]) % 1000003
    stack[depth] = nil
    depth = depth - 1
  end
end
print(depth, #stack, checksum)
