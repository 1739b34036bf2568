-- Closures made in a loop over the variables of the loop itself: each keeps its own, also of the values that compiled code has in registers only.
local function collect(iterate, ...)
  local made = {}
  for key, value in iterate(...) do
    made[key] = function(x) return value, key, x end
  end
  return made
end

local function show(made)
  local keys = {}
  for key in pairs(made) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do print(key, made[key](1)) end
end

show(collect(pairs, { add = '+', sub = '-', mul = '*', div = '/', mod = '%', pow = '^' }))
show(collect(ipairs, { 'a', 'b', 'c', 'd', 'e' }))
show(collect(string.gmatch, 'k1=v1 k2=v2 k3=v3 k4=v4', '(%w+)=(%w+)'))

local numbers = {}
for i = 1, 8 do
  local square = i * i
  numbers[i] = function() square = square + 1 return i, square end
end
for i = 1, 8 do print(numbers[i]()) end
for i = 1, 8 do print(numbers[i]()) end

-- A variable that is written after the closure was made, and one that another closure of the same iteration shares.
local pairsOf = {}
for i = 1, 8 do
  local shared, late = i, nil
  local function get() return shared, late end
  late = i * 10
  pairsOf[i] = { get = get, set = function(x) shared = x end }
  shared = shared + 100
end
for i = 1, 8 do
  if i % 2 == 0 then pairsOf[i].set(-i) end
  print(pairsOf[i].get())
end
