-- Metatables made for one object each that all have the same __index, and what happens when one of them changes.
local Class = { kind = "class" }
function Class:get(k) return self.v + k end
local function new(v) return setmetatable({ v = v }, { __index = Class }) end

do -- in a loop, each object has its own
  local seen, sum = {}, 0
  for i = 1, 200 do
    local o = new(i)
    sum = sum + o:get(i)
    seen[getmetatable(o)] = true
  end
  local count = 0
  for metatable in pairs(seen) do
    count = count + 1
    assert(metatable.__index == Class and next(metatable, "__index") == nil)
  end
  print("own", sum, count)
end

local function total(objects, rounds)
  local sum = 0
  for i = 1, rounds do
    for _, o in ipairs(objects) do sum = sum + o:get(i) end
  end
  return sum
end

do -- another __index in one of them
  local objects = { new(1), new(2), new(3), new(4) }
  print("before", total(objects, 100))
  getmetatable(objects[2]).__index = { get = function(_, k) return -k end }
  print("one differs", total(objects, 100), objects[2].kind, objects[3].kind)
  objects[5] = new(5)
  print("a later one", total(objects, 100))
  getmetatable(objects[2]).__index = Class
  print("back again", total(objects, 100), objects[2].kind)
  getmetatable(objects[3]).__index = function(_, name) return name == "get" and function() return 1000 end or nil end
  print("a function", total(objects, 100), objects[3].kind)
  getmetatable(objects[4]).__index = nil
  print("none", pcall(total, objects, 1))
end

do -- __newindex in one of them, after new fields were seen to need none
  local Point = { z = 0 }
  local function point(x) return setmetatable({ x = x }, { __index = Point }) end
  local function extend(o, n) o.y = n o.z = n * 2 return o.x + o.y + o.z end
  local sum = 0
  for i = 1, 100 do sum = sum + extend(point(i), i) end
  local plain, special = point(1), point(1)
  local log = {}
  getmetatable(special).__newindex = function(t, k, v) log[#log + 1] = k rawset(t, k, -v) end
  for _ = 1, 3 do
    for _, o in ipairs { plain, special, point(1), special } do sum = sum + extend(o, 5) end
  end
  print("newindex", sum, plain.y, special.y, table.concat(log, " "))
  sum = 0
  for i = 1, 100 do
    local o = point(i)
    if i % 10 == 0 then getmetatable(o).__newindex = function(t, k, v) rawset(t, k, v + 1000) end end
    sum = sum + extend(o, i)
  end
  print("newindex in a loop", sum)
end

do -- every other metamethod, stored later
  local Number = { name = "number" }
  local function number(v) return setmetatable({ v = v }, { __index = Number }) end
  local a, b, c = number(1), number(2), number(1)
  for _ = 1, 50 do assert(a.name == "number" and a ~= c and not pcall(function() return a + b end) and #a == 0) end
  local metatable = getmetatable(a)
  metatable.__add = function(x, y) return x.v + y.v end
  metatable.__eq = function(x, y) return x.v == y.v end
  metatable.__len = function(x) return x.v * 10 end
  metatable.__call = function(x, y) return x.v + y end
  metatable.__lt = function(x, y) return x.v < y.v end
  metatable.__concat = function() return "joined" end
  metatable.__tostring = function() return "a" end
  metatable.__name = "Number"
  for _ = 1, 50 do
    assert(a + b == 3 and b + a == 3 and a == c and c == a and #a == 10 and #b == 0 and a(5) == 6 and a < b and b .. a == "joined" and tostring(a) == "a")
  end
  print("others", pcall(function() return b + c end))
  print("others", pcall(function() return b(1) end))
  metatable.__metatable = "locked"
  print("locked", getmetatable(a), getmetatable(b).__index == Number, pcall(setmetatable, a, nil))
end

do -- changed in the middle of a loop that has seen them alike
  local objects = {}
  for i = 1, 8 do objects[i] = new(i) end
  local sum = 0
  for i = 1, 400 do
    local o = objects[i % 8 + 1]
    if i == 300 then getmetatable(objects[3]).__index = { get = function() return 1000000 end } end
    sum = sum + o:get(i)
  end
  print("in the middle", sum)
end

do -- shared, exchanged, removed and set again
  local a, b = new(1), new(2)
  setmetatable(b, getmetatable(a))
  print("shared", getmetatable(a) == getmetatable(b), a:get(1), b:get(1))
  getmetatable(a).__index = { get = function() return "new" end }
  print("shared", a:get(1), b:get(1))
  setmetatable(a, nil)
  print("removed", a.get, b:get(1))
  setmetatable(a, { __index = Class })
  print("set again", a:get(1), b:get(1))
end

do -- an object with so many fields that it has no shape, a metatable with many fields
  local big, metatable = new(1), nil
  for i = 1, 300 do big["field" .. i] = i end
  metatable = getmetatable(big)
  for i = 1, 300 do metatable["note" .. i] = i end
  local other = setmetatable({ v = 7 }, metatable)
  local sum = 0
  for i = 1, 100 do sum = sum + big:get(i) + other:get(i) end
  metatable.__index = { get = function(_, k) return k end }
  for i = 1, 100 do sum = sum + big:get(i) + other:get(i) + new(1):get(i) end
  print("big", sum, big.kind, other.kind)
end

do -- classes that are alike themselves
  local Base = {}
  function Base:name() return "base" end
  local function class() return setmetatable({}, { __index = Base }) end
  local A, B = class(), class()
  function A:get() return 1 end
  local function make(c) return setmetatable({}, { __index = c }) end
  local function names(round)
    local out = {}
    for _ = 1, round do
      for _, o in ipairs { make(A), make(B), make(A), make(B) } do out[#out + 1] = o:name():sub(1, 1) end
    end
    return table.concat(out)
  end
  print("classes", #names(50))
  local a, b = make(A), make(B)
  getmetatable(B).__index = { name = function() return "other" end }
  print("classes", names(2), a:name(), b:name(), #names(50))
  function Base:name() return "changed" end
  print("classes", names(2), a:name(), b:name())
end

do -- collected and made again
  local Temporary = { value = 5 }
  local function sum(n)
    local s = 0
    for i = 1, n do s = s + setmetatable({ i }, { __index = Temporary }).value end
    return s
  end
  for _ = 1, 5 do
    assert(sum(60) == 300)
    collectgarbage()
  end
  local kept = setmetatable({}, { __mode = "k" })
  local keep = setmetatable({}, { __index = Temporary })
  kept[getmetatable(keep)] = true
  kept[getmetatable(setmetatable({}, { __index = Temporary }))] = true
  collectgarbage()
  local count = 0
  for _ in pairs(kept) do count = count + 1 end
  print("collected", count, keep.value, sum(60))
end

do -- metatables whose __index is weak
  local metatables = {}
  for i = 1, 3 do
    local class = { value = i }
    for j = 1, 3 do
      local metatable = { __index = class }
      setmetatable({}, metatable)
      metatables[#metatables + 1] = setmetatable(metatable, { __mode = "v" })
    end
  end
  collectgarbage()
  local values = {}
  for i, metatable in ipairs(metatables) do
    values[i] = tostring(setmetatable({}, metatable).value)
    metatable.__index = { value = "again" .. i }
    values[i] = values[i] .. setmetatable({}, metatable).value
  end
  print("weak", table.concat(values, " "))
end

do -- a weak __index is gone when a finaliser brings its objects back
  local saved
  local metatable = {}
  local function make()
    local class = { value = 1 }
    setmetatable({}, { __index = class })
    metatable.__index = class
    local first, second = setmetatable({}, metatable), setmetatable({}, { __index = class })
    setmetatable(metatable, { __mode = "v" })
    setmetatable({ first, second }, { __gc = function(pair) saved = { pair[1], pair[2] } end })
  end
  make();
  (function() local a, b, c, d, e, f, g, h = 1, 2, 3, 4, 5, 6, 7, 8 return a + b + c + d + e + f + g + h end)()
  collectgarbage()
  collectgarbage()
  local function value(o) return o.value end
  print("brought back", rawget(metatable, "__index"), value(saved[2]), value(saved[1]))
  metatable.__index = { value = 2 }
  print("brought back", value(saved[2]), value(saved[1]))
end
