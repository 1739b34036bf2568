-- Finalisers: when they run, in which order, and what becomes of the object.
local function object(name, gc)
  return setmetatable({ name = name }, { __gc = gc or function(o) print("finalised", o.name) end })
end

-- Reverse order of marking.
do
  local first, second, third = object("first"), object("second"), object("third")
end
collectgarbage()

-- Called once; an object brought back is not finalised again unless it is marked again.
do
  local kept
  local count = 0
  local mt = { __gc = function(o) count = count + 1 kept = o end }
  setmetatable({}, mt)
  collectgarbage()
  print(count, type(kept))
  kept = nil
  collectgarbage()
  print(count, kept)
  kept = setmetatable({}, mt)
  setmetatable(kept, nil)
  setmetatable(kept, mt)
  kept = nil
  collectgarbage()
  print(count, type(kept))
  setmetatable(kept, mt)
  kept = nil
  collectgarbage()
  print(count, type(kept))
end

-- The field must be there when the metatable is set; what it holds then does not matter, what it holds in the end is called.
do
  local late = {}
  setmetatable({ name = "late" }, late)
  late.__gc = function() print("never") end
  local changed = { __gc = true }
  setmetatable({ name = "changed" }, changed)
  changed.__gc = function(o) print("finalised", o.name) end
  local removed = { __gc = function() print("never") end }
  setmetatable({ name = "removed" }, removed)
  removed.__gc = nil
  collectgarbage()
end

-- Objects reachable from a finalised one are still whole when its finaliser runs.
do
  local inner = object("inner")
  object("outer", function(o) print("finalised", o.name, o.inner.name, getmetatable(o.inner) ~= nil) end).inner = inner
end
collectgarbage()
collectgarbage()

-- A finaliser that makes garbage and objects with finalisers.
do
  local depth = 0
  local mt = {}
  mt.__gc = function()
    depth = depth + 1
    for i = 1, 200 do local t = { i, tostring(i) } end
    if depth < 3 then setmetatable({}, mt) end
  end
  setmetatable({}, mt)
  for _ = 1, 5 do collectgarbage() end
  print("depth", depth)
end

-- collectgarbage fails inside a finaliser.
object("inside", function()
  print(collectgarbage(), collectgarbage("count"), collectgarbage("step"), collectgarbage("isrunning"), collectgarbage("stop"))
  print(pcall(collectgarbage, "nonsense"))
end)
collectgarbage()
print(collectgarbage("isrunning"))

-- Errors in finalisers go no further.
object("failing", function() error("not seen") end)
object("failing", function() local x = nil; x() end)
object("failing", function() error({}) end)
setmetatable({}, { __gc = "not a function" })
object("after the failing ones")
print(pcall(collectgarbage))

-- A finaliser may be any callable value, and gets the object alone.
do
  local callable = setmetatable({}, { __call = function(self, o, ...) print("called", o.name, select("#", ...)) end })
  object("by __call", callable)
  object("by a builtin", print == nil or rawlen)
end
collectgarbage()

-- They run between two instructions of whatever allocates; its values are not disturbed.
do
  local seen = 0
  local mt = { __gc = function(o) seen = seen + 1 return 1, 2, 3 end }
  local function pack(...) return select("#", ...), ... end
  local sum = 0
  for i = 1, 30000 do
    setmetatable({}, mt)
    local n, a, b, c = pack(i, { i }, "s" .. i % 10)
    sum = sum + n + a + #b + #c
    local text = "a" .. i % 10 .. "b" .. i % 10
    sum = sum + #text
  end
  collectgarbage()
  print(sum, seen)
end

-- Marked again and again while the collector works.
do
  local alive, done = {}, 0
  local mt = { __gc = function(o) done = done + 1 end }
  for i = 1, 20000 do
    alive[i % 100] = setmetatable({ i }, mt)
    if i % 7 == 0 then collectgarbage("step") end
  end
  for k in pairs(alive) do alive[k] = nil end
  collectgarbage()
  print(done)
end

-- At the end of the program, in reverse order, with the collector's help refused.
AtEnd = {}
for i = 1, 3 do
  AtEnd[i] = object("at the end " .. i, function(o)
    print("finalised", o.name, collectgarbage("count"))
    setmetatable({}, { __gc = function() print("never") end })
  end)
end
