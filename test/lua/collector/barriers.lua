-- What is stored into old objects while the collector works must stay: each kind of store, with small steps in between.
local function step() collectgarbage("step", 1) end
local function check(name, t, n, get)
  for i = 1, n do
    local v = get(t, i)
    assert(type(v) == "table" and v[1] == i, name .. " lost " .. i)
  end
  print(name, "complete")
end

-- Array, record, dictionary; growing from small to large.
do
  local t = {}
  for i = 1, 20000 do t[i] = { i } if i % 5 == 0 then step() end end
  check("array", t, 20000, function(t, i) return t[i] end)
  for i = 1, 20000 do t[i] = { i } if i % 5 == 0 then step() end end
  check("array replaced", t, 20000, function(t, i) return t[i] end)
  local d = {}
  for i = 1, 20000 do d["key" .. i] = { i } if i % 5 == 0 then step() end end
  check("dictionary", d, 20000, function(t, i) return t["key" .. i] end)
  local f = {}
  for i = 1, 20000 do f[i + 0.5] = { i } if i % 5 == 0 then step() end end
  check("float keys", f, 20000, function(t, i) return t[i + 0.5] end)
  local k, keys = {}, {}
  for i = 1, 5000 do keys[i] = { i } k[keys[i]] = { i } if i % 5 == 0 then step() end end
  keys = nil
  local n = 0
  for key, value in pairs(k) do assert(key[1] == value[1]) n = n + 1 end
  print("table keys", n)
end

-- Objects whose shape grows after they are old.
do
  local objects = {}
  for i = 1, 2000 do objects[i] = {} end
  for round = 1, 12 do
    for i = 1, 2000 do objects[i]["field" .. round] = { i } if i % 50 == 0 then step() end end
  end
  for round = 1, 12 do check("field " .. round, objects, 2000, function(t, i) return t[i]["field" .. round] end) end
end

-- Values that move inside a large table: insert, remove, sort, move, spilling a queue into the dictionary.
do
  local t = {}
  for i = 1, 12000 do t[i] = { i } end
  for i = 1, 300 do
    table.insert(t, 1, table.remove(t))
    step()
    table.insert(t, 6000, table.remove(t, 3))
    step()
  end
  local seen = {}
  for i = 1, #t do seen[t[i][1]] = t[i] end
  check("moved", seen, 12000, function(t, i) return t[i] end)
  local words = {}
  for i = 1, 12000 do words[i] = ("w%06d"):format(i * 7919 % 12000) end
  for _ = 1, 5 do table.sort(words) step() words[1], words[12000] = words[12000], words[1] step() end
  table.sort(words)
  print(words[1], words[12000], #words)
  local queue, first = {}, 1
  for i = 1, 40000 do
    queue[i] = { i }
    if i > 5000 then assert(queue[first][1] == first) queue[first] = false first = first + 1 end
    if i % 5 == 0 then step() end
  end
  print("queue", first)
  local m = table.move(t, 1, #t, 3, {})
  t = nil
  for _ = 1, 50 do step() end
  local sum = 0
  for i = 3, 12002 do sum = sum + m[i][1] end
  print("table.move", sum)
end

-- Upvalues, open and closed.
do
  local closures = {}
  for i = 1, 2000 do
    local value
    closures[i] = { function(v) value = v end, function() return value end }
  end
  for i = 1, 2000 do closures[i][1]({ i }) if i % 5 == 0 then step() end end
  check("upvalues", closures, 2000, function(t, i) return t[i][2]() end)
  local open = { 0 }
  local function set(v) open = v end
  for i = 1, 2000 do set({ i }) if i % 3 == 0 then step() end assert(open[1] == i) end
  print("open upvalue", open[1])
end

-- Metatables set on old tables.
do
  local t = {}
  for i = 1, 3000 do t[i] = {} end
  for i = 1, 3000 do setmetatable(t[i], { __index = { { i } } }) if i % 10 == 0 then step() end end
  check("metatables", t, 3000, function(t, i) return t[i][1] end)
end

-- Strings that die and are made again while they are swept.
do
  local t = {}
  for round = 1, 30 do
    for i = 1, 300 do t[i] = "string" .. i % 97 .. "/" .. round % 3 end
    step()
    for i = 1, 300 do t[i] = nil end
    step()
  end
  local a = "string" .. 5 .. "/" .. 1
  local k = {}
  k[a] = 1
  print(k["string5/" .. 1])
end

-- Globals and the string metatable's library.
for i = 1, 500 do _G["global" .. i] = { i } if i % 5 == 0 then step() end end
check("globals", _G, 500, function(t, i) return t["global" .. i] end)
