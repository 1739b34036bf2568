-- Recursion without end, of every kind: the errors, that they can be caught, and that everything works afterwards.

local function message(f, ...)
  local ok, text = pcall(f, ...)
  text = tostring(text):gsub('^[^\n]-:%d+: ', '')
  print(ok, #text < 60 and text or text:sub(1, 20) .. '...')
end

-- Lua functions fill the stack
local function plain() return 1 + plain() end
message(plain)
local function many(a, b, c, d, e, f, g, h) return 1 + many(a, b, c, d, e, f, g, h) end
message(many)
local function variable(...) return 1 + variable(1, ...) end
message(variable)
local deep = 0
local function count(n) deep = n return 1 + count(n + 1) end
pcall(count, 1)
print(deep > 100000 and deep < 1000000)

-- what nests C calls in lua stops at 200
local function levels(f)
  local n = 0
  local ok, text = pcall(f, function() n = n + 1 end)
  print(ok, (tostring(text):gsub('^[^\n]-:%d+: ', '')), n >= 150 and n <= 200 and 'about 200' or n)
end
levels(function(tick) local t = setmetatable({}, { __index = function(t, k) tick() return t[k + 1] end }) return t[1] end)
levels(function(tick) local t = setmetatable({}, { __newindex = function(t, k, v) tick() t[k + 1] = v end }) t[1] = 1 end)
levels(function(tick) local t t = setmetatable({}, { __add = function(a, b) tick() return a + b end }) return t + 1 end)
levels(function(tick) local t t = setmetatable({}, { __concat = function(a, b) tick() return a .. b end }) return t .. 'x' end)
levels(function(tick) local t t = setmetatable({}, { __eq = function(a, b) tick() return a == b end }) return t == setmetatable({}, getmetatable(t)) end)
levels(function(tick) local t t = setmetatable({}, { __lt = function(a, b) tick() return a < b end }) return t < t end)
levels(function(tick) local t t = setmetatable({}, { __len = function(a) tick() return #a end }) return #t end)
levels(function(tick) local t t = setmetatable({}, { __unm = function(a) tick() return -a end }) return -t end)
levels(function(tick) local t t = setmetatable({}, { __tostring = function(a) tick() return tostring(a) end }) return tostring(t) end)
levels(function(tick) local function f() tick() return (string.gsub('x', '.', f)) end return f() end)
levels(function(tick) local function f() tick() table.sort({ 1, 2, 3 }, f) end return f() end)
levels(function(tick) local function f() tick() local x <close> = setmetatable({}, { __close = f }) end return f() end)
levels(function(tick) local function f() tick() local ok, e = pcall(f) if not ok then error(e, 0) end end return f() end)
levels(function(tick) local function f() tick() local ok, e = coroutine.resume(coroutine.create(f)) if not ok then error(e, 0) end end return f() end)

-- chains that are no recursion
local chain = {}
for _ = 1, 3000 do chain = setmetatable({}, { __index = chain }) end
message(function() return chain.x end)
local loop = {}
setmetatable(loop, { __index = loop, __newindex = loop })
message(function() return loop.x end)
message(function() loop.x = 1 end)

-- errors in the handling of errors
print(xpcall(error, error))
print(xpcall(error, function() error('again') end))
print(xpcall(error, function() local x = nil + 1 end))
local function repeated() assert(pcall(repeated)) end
print(xpcall(repeated, repeated))
print(xpcall(plain, plain))
print(select('#', xpcall(plain, function(m) return 'handled', 'dropped' end)))
print(xpcall(plain, function(m) return (m:gsub('^.*: ', '')) end))
local tries = 0
print(xpcall(error, function(m) tries = tries + 1 if tries < 5 then error('more') end return 'settled' end))
print(xpcall(function() return select(2, xpcall(error, function(m) return 'inner ' .. tostring(m) end, 'x')) end, print))
print(pcall(xpcall, plain))
print(pcall(xpcall))

-- the same inside coroutines
print(coroutine.wrap(function() return (select(2, pcall(plain)):gsub('^.*: ', '')) end)())
print((select(2, coroutine.resume(coroutine.create(plain))):gsub('^.*: ', '')))
print(coroutine.wrap(function() return xpcall(plain, plain) end)())

-- nested source
local function nested(open, middle, close, n)
  local f, text = load('return ' .. open:rep(n) .. middle .. close:rep(n))
  if f then return 'ok' end
  return (text:gsub('\n.*', ''))
end
print(nested('(', '1', ')', 100), nested('(', '1', ')', 1000))
print(nested('{', '', '}', 100), nested('{', '', '}', 1000))
print(nested('-', '1', '', 100), nested('- ', '1', '', 1000))
print(nested('function() return ', '1', ' end', 50), nested('function() return ', '1', ' end', 1000))

-- nested patterns
message(string.rep, 'x', -1)
message(string.match, ('a'):rep(300), ('.?'):rep(300))
message(string.match, ('('):rep(40), ('(.)'):rep(40))

-- too many values
message(table.unpack, {}, 1, 1e7)
message(function() return select('#', table.unpack({}, 1, 1e6)) end)
message(string.byte, ('x'):rep(2000000), 1, -1)
message(function() local t = {} for i = 1, 300 do t[i] = 'v' .. i end return load('local ' .. table.concat(t, ', ')) end)
