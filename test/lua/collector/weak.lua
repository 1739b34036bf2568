-- Weak tables: which entries go, and when.
local function size(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end

for _, mode in ipairs { "k", "v", "kv" } do
  local t = setmetatable({}, { __mode = mode })
  local key, value = {}, {}
  -- record, array and dictionary part; strong and forgotten keys and values; strings and numbers are values.
  t.kept, t.gone = value, {}
  t.text, t.number = "text" .. mode, 12
  for i = 1, 10 do t[i] = i % 2 == 0 and value or {} end
  t[key], t[{}] = value, value
  t[value], t[key] = {}, key
  t[("long key "):rep(10)] = {}
  t[("long key "):rep(11)] = ("long value "):rep(10)
  t[1.5], t[true] = {}, value
  collectgarbage()
  print(mode, size(t), t.kept == value, t.gone == nil, t.text, t.number, t[1] == nil, t[2] == value, t[10] == value, t[key] ~= nil, t[value] == nil, t[1.5] == nil, t[true] == value)
  print(t[("long key "):rep(10)] == nil, t[("long key "):rep(11)] ~= nil)
end

-- An array whose end went is shorter; one with holes takes new values.
do
  local t = setmetatable({}, { __mode = "v" })
  local a, b = {}, {}
  t[1], t[2], t[3], t[4] = a, {}, b, {}
  collectgarbage()
  print(#t == 1 or #t == 3, t[1] == a, t[2], t[3] == b, t[4])
  t[2], t[4] = a, b
  collectgarbage()
  print(#t, t[2] == a, t[4] == b)
end

-- Ephemerons: a value that refers to its own key does not keep it.
do
  local t = setmetatable({}, { __mode = "k" })
  for _ = 1, 10 do local k = {} t[k] = { k } end
  local first = {}
  local last = first
  for i = 1, 50 do local k = { i } t[last] = k last = k end
  collectgarbage()
  print(size(t))
  local n, at = 0, first
  while t[at] do at = t[at] n = n + at[1] end
  print(n)
  first, last, at = nil, nil, nil
  collectgarbage()
  print(size(t))
end

-- Chains of ephemerons over several tables, in both directions.
do
  local tables = {}
  for i = 1, 10 do tables[i] = setmetatable({}, { __mode = "k" }) end
  local start = {}
  local at = start
  for i = 1, 100 do local nextKey = { i } tables[i * 7 % 10 + 1][at] = nextKey at = nextKey end
  at = nil
  collectgarbage()
  local n = 0
  at = start
  for i = 1, 100 do at = tables[i * 7 % 10 + 1][at] n = n + at[1] end
  print(n)
end

-- Objects with finalisers: gone as values before, as keys only after.
do
  local values = setmetatable({}, { __mode = "v" })
  local keys = setmetatable({}, { __mode = "k" })
  local o = setmetatable({ name = "o" }, { __gc = function(o) print("finaliser", values[1], keys[o]) end })
  values[1], keys[o] = o, "still here"
  o = nil
  collectgarbage()
  -- Not by `size`: a loop may be one in which the collector goes on.
  print(next(values), next(keys) == nil)
  collectgarbage()
  print(next(values), next(keys) == nil)
end

-- A table may become weak, and strong again.
do
  local t = { {}, {}, x = {} }
  collectgarbage()
  print(size(t))
  setmetatable(t, { __mode = "v" })
  collectgarbage()
  print(size(t))
  local mt = { __mode = "v" }
  local u = setmetatable({ {} }, mt)
  mt.__mode = nil
  collectgarbage()
  print(size(u))
  mt.__mode = "something with v in it"
  collectgarbage()
  print(size(u))
end

-- A weak metatable loses its metamethods.
do
  local mt = setmetatable({}, { __mode = "v" })
  local t = setmetatable({}, mt)
  mt.__index = { x = "found" }
  mt.__add = function() return "added" end
  print(t.x, t + 1)
  collectgarbage()
  print(t.x, pcall(function() return t + 1 end) == false)
end

-- Removing while traversing, with the keys collected under the traversal.
do
  local t, n = {}, 0
  for i = 1, 100 do t[{ i }] = i end
  for k in pairs(t) do
    t[k] = nil
    k = nil
    n = n + 1
    if n % 10 == 0 then collectgarbage() end
  end
  print(n, next(t))
end

-- A large weak cache under steps of the collector.
do
  local cache = setmetatable({}, { __mode = "v" })
  local held = {}
  for i = 1, 20000 do
    local entry = { i }
    cache["entry" .. i] = entry
    if i % 100 == 0 then held[#held + 1] = entry end
  end
  collectgarbage()
  local n = 0
  for k, v in pairs(cache) do n = n + v[1] end
  print(n, #held)
end
