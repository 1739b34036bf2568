-- Classes with inheritance: method calls through several levels, super calls, overriding and redefinition midway.

local Base = {}
Base.__index = Base
function Base.new(class, v) return setmetatable({ v = v }, class) end
function Base:get() return self.v end
function Base:name() return "base" end
function Base:describe() return self:name() .. self:get() end

local Mid = setmetatable({}, { __index = Base })
Mid.__index = Mid
function Mid:get() return Base.get(self) * 2 end

local Leaf = setmetatable({}, { __index = Mid })
Leaf.__index = Leaf
function Leaf:name() return "leaf" end

local b, m, l = Base:new(1), Mid.new(Mid, 2), Leaf.new(Leaf, 3)
print(b:describe(), m:describe(), l:describe(), l.new == Base.new)

local all = { b, m, l }
local sum = 0
for i = 1, 3000 do
  sum = sum + l:get() + all[i % 3 + 1]:get()
end
print(sum)
-- the method is redefined in the class, then overridden in the object, then removed again
sum = 0
for i = 1, 4000 do
  if i == 1000 then function Mid:get() return self.v + 0.5 end end
  if i == 2000 then l.get = function() return 1000 end end
  if i == 3000 then l.get = nil end
  sum = sum + l:get()
end
print(sum)
-- the class of an object changes midway; its metatable is exchanged
sum = 0
for i = 1, 3000 do
  if i == 1000 then setmetatable(l, Base) elseif i == 2000 then setmetatable(l, { __index = { get = function() return 7 end } }) end
  sum = sum + l:get()
end
print(sum)
-- a field added to an object midway, to all objects of the class in turn
local objects = {}
for i = 1, 50 do objects[i] = Leaf:new(i) end
sum = 0
for i = 1, 3000 do
  local o = objects[i % 50 + 1]
  if i % 60 == 0 then o.bonus = i end
  sum = sum + o:get() + (o.bonus or 0)
end
print(sum)
-- getters and setters in a loop, state machine style
local Toggle = {}
Toggle.__index = Toggle
function Toggle.new(on) return setmetatable({ on = on }, Toggle) end
function Toggle:value() return self.on end
function Toggle:activate() self.on = not self.on return self end
local toggle = Toggle.new(true)
local trues = 0
for _ = 1, 3001 do if toggle:activate():value() then trues = trues + 1 end end
print(trues, toggle:value())
-- an accessor object whose fields hold other objects
local function node(v, nextNode) return { v = v, next = nextNode } end
local listHead
for i = 1, 1000 do listHead = node(i, listHead) end
local walk = 0
for _ = 1, 5 do
  local n = listHead
  while n do walk = walk + n.v n = n.next end
end
print(walk)
print(pcall(function() return l:nothing() end))
print(pcall(function() local n n:get() end))
print(pcall(function() return Base.get() end))
print(tostring(setmetatable({}, { __tostring = function() return "shown" end })), tostring(setmetatable({}, { __name = "Kind" })):sub(1, 5))
local C = setmetatable({}, { __call = function(class, ...) return select("#", ...) + 1 end })
local called = 0
for i = 1, 2000 do called = called + C(i, i) + C() end
print(called)
