-- Objects that change while a loop over them is hot: fields added, removed, retyped; methods and metatables exchanged.

local Shape = {}
Shape.__index = Shape
function Shape.new(w, h) return setmetatable({ w = w, h = h }, Shape) end
function Shape:area() return self.w * self.h end
function Shape:grow(k) self.w = self.w + k return self end

local s, o = 0, Shape.new(2, 3)
for i = 1, 4000 do
  if i == 500 then o.colour = "red" end
  if i == 1000 then o.w = 0.5 end
  if i == 1500 then o.colour = nil end
  if i == 2000 then function Shape:area() return self.w + self.h end end
  if i == 2500 then o.area = function() return -1 end end
  if i == 3000 then o.area = nil end
  if i == 3500 then Shape.area = nil Shape.area = function(self) return self.h end end
  s = s + o:area()
  o:grow(1)
end
print(s, o.w, o.h, o.colour)
-- a field deleted and looked up in the class instead
Shape.kind = "class"
local own, class = 0, 0
for i = 1, 3000 do
  if i % 500 == 0 then o.kind = "own" elseif i % 500 == 250 then o.kind = nil end
  if o.kind == "own" then own = own + 1 else class = class + 1 end
end
print(own, class)
-- the metatable goes and comes
local calls = 0
local meta = { __index = function() calls = calls + 1 return 10 end }
local p, total = { x = 1 }, 0
for i = 1, 4000 do
  if i % 1000 == 500 then setmetatable(p, meta) elseif i % 1000 == 0 then setmetatable(p, nil) end
  total = total + p.x + (p.y or 0)
end
print(total, calls)
-- a metamethod added to a metatable that is in use
local mm = {}
local q = setmetatable({}, mm)
local failed, worked = 0, 0
for i = 1, 3000 do
  if i == 1000 then mm.__add = function(_, v) return v end elseif i == 2000 then mm.__add = nil end
  if pcall(function() worked = worked + (q + i) end) then calls = calls + 1 else failed = failed + 1 end
end
print(failed, worked)
-- __index added, __newindex added, while plain accesses are hot
local n = setmetatable({}, mm)
local found = 0
for i = 1, 4000 do
  if i == 1000 then mm.__index = { z = 5 } elseif i == 2000 then mm.__index = function() return 7 end elseif i == 3000 then n.z = 1 end
  found = found + (n.z or 0)
end
print(found)
local stored, redirected = setmetatable({}, {}), {}
for i = 1, 3000 do
  if i == 1500 then getmetatable(stored).__newindex = redirected end
  stored["k" .. i % 2000] = i
end
local inStored, inRedirected = 0, 0
for _ in pairs(stored) do inStored = inStored + 1 end
for _ in pairs(redirected) do inRedirected = inRedirected + 1 end
print(inStored, inRedirected)
-- many classes through one call site
local classes, instances = {}, {}
for k = 1, 12 do
  local C = { id = k }
  C.__index = C
  C.value = function(self) return self.base + k end
  classes[k] = C
  instances[k] = setmetatable(k % 2 == 0 and { base = k } or { extra = 0, base = k + 0.5 }, C)
end
local sum = 0
for i = 1, 6000 do sum = sum + instances[i % 12 + 1]:value() end
print(sum)
-- objects that are made, used and dropped in the loop, some of which escape
local kept = {}
local energy = 0
for i = 1, 3000 do
  local particle = { x = i, y = -i, v = { dx = 1, dy = 0.5 } }
  particle.x = particle.x + particle.v.dx
  particle.v.dy = particle.v.dy * 2
  energy = energy + particle.x + particle.y + particle.v.dy
  if i % 600 == 0 then kept[#kept + 1] = particle end
end
print(energy, #kept, kept[1].x, kept[5].x, kept[5].v.dy)
-- a method called through a local copy, a field of functions, and with a string name
local op = { add = function(a, b) return a + b end, sub = function(a, b) return a - b end }
local names, r = { "add", "sub", "add" }, 0
for i = 1, 3000 do r = op[names[i % 3 + 1]](r, i) end
print(r)
