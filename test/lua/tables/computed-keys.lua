-- Keys that are computed, beside and behind the array part: what is read and replaced without metamethods, and what needs them.
local function get(t, k) return t[k] end
local function set(t, k, v) t[k] = v end
local long = ('long'):rep(20)
local object = {}
local keys = {'short', long, 1, 2, 100, -1, 0, 1.5, 2^53, 3.0, true, false, object, print, math.huge}

-- Absent, stored, replaced, removed, stored again; in records, in dictionaries and in tables with holes.
local many = {} for i = 1, 200 do many['field' .. i] = i end
for kind, t in ipairs {{}, {a = 1, b = 2}, {1, nil, 3}, many} do
  for i, k in ipairs(keys) do
    local before = get(t, k)
    set(t, k, i) local stored = get(t, k)
    set(t, k, 'x' .. i) local replaced = get(t, k)
    set(t, k, nil) local removed = get(t, k)
    set(t, k, i) set(t, k, before)
    print(kind, i, before, stored, replaced, removed, get(t, k) == before)
  end
end
print(get(many, ('long'):rep(20)), get(many, 3), get({[3] = 'three'}, 3.0), get({}, nil), pcall(set, {}, nil, 1))
print(select(2, pcall(set, {}, 0 / 0, 1)), get({}, 0 / 0))

-- Metamethods are asked for what is absent only.
local log = {}
local watched = setmetatable({short = 1, [true] = 2, [7] = 3}, {
  __index = function(_, k) log[#log + 1] = 'get ' .. tostring(k) return 'default' end,
  __newindex = function(t, k, v) log[#log + 1] = 'set ' .. tostring(k) rawset(t, k, v) end,
})
for _, k in ipairs {'short', true, 7, 'other', false, 8} do
  print(k, get(watched, k))
  set(watched, k, 'new') set(watched, k, 'newer')
  print(k, get(watched, k))
end
set(watched, 'short', nil) set(watched, 'short', 'again')
print(table.concat(log, ', '))

-- Inherited fields by computed names, through changes of the classes.
local Base, Class = {}, {}
Class.__index = Class
setmetatable(Class, {__index = Base})
local names = {'own', 'class', 'base', 'none'}
local instance = setmetatable({own = 1}, Class)
Class.class, Base.base = 2, 3
local function show(label)
  local values = {}
  for round = 1, 3 do for i, name in ipairs(names) do values[i] = tostring(instance[name]) end end
  print(label, table.concat(values, ' '))
end
show('first')
Base.none = 4 show('added to the base')
Class.base = 5 show('added to the class')
Class.base = nil show('taken from the class')
instance.none = 6 show('own now')
instance.none = nil show('nil again')
set(Class, '__index', Base) show('another __index, by a computed name')
set(Class, '__index', function(_, name) return name end) show('a function')
set(Class, '__index', nil) show('none')
setmetatable(instance, nil) show('no metatable')

-- Methods of objects of several kinds in one place.
local function call(o, ...) return o:len(...) end
local counted = {len = function(self, x) return 'record', x end}
local dictionary = {} for i = 1, 200 do dictionary[i * 1000], dictionary['f' .. i] = i, i end
dictionary.len = function(self, x) return 'dictionary', x end
local inherited = setmetatable({}, {__index = setmetatable({}, {__index = counted})})
local computed = setmetatable({}, {__index = function(_, name) return function(_, x) return name, x end end})
for round = 1, 3 do for i, o in ipairs {counted, 'text', dictionary, inherited, computed, long} do print(round, i, call(o, round)) end end
print(pcall(call, 1), select(2, pcall(call, nil)))
debug.setmetatable(1, {__index = {len = function(n) return n + 1 end}})
print(call(1), call(2.5))
debug.setmetatable(1, nil)
print(pcall(call, 1))

-- What is equal and what comes first.
local function compare(a, b) return a == b, a ~= b, a == 'x', b ~= 'x', a < b, a <= b, a > b, a >= b end
print(compare('x', 'y')) print(compare('x', 'x')) print(compare('', 'x')) print(compare('x\0a', 'x\0b')) print(compare(long, ('long'):rep(20))) print(compare(long, long .. '!'))
local function equal(a, b) return a == b, b == a, a ~= b end
local same = {__eq = function() return true end}
local plain, left, right = {}, setmetatable({}, same), setmetatable({}, {})
print(equal(plain, {})) print(equal(plain, plain)) print(equal(left, right)) print(equal(plain, left)) print(equal(plain, right)) print(equal(plain, 'x')) print(equal(print, type)) print(equal(1, 1.0)) print(equal('1', 1))
