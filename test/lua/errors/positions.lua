-- Which errors name a position: those of Lua code and of argument checks do, those that a library function runs into do not.

local function message(f, ...)
  local ok, text = pcall(f, ...)
  print(ok, text)
end

-- The same operation from Lua code and from a library function.
message(function() local t = {} t[nil] = 1 end)
message(function() rawset({}, nil, 1) end)
message(rawset, {}, nil, 1)
message(function() local t = {} t[0 / 0] = 1 end)
message(function() rawset({}, 0 / 0, 1) end)
message(function() next({}, 1) end)
message(function() for _ in next, {}, 1 do end end)
message(function() return {} < 1 end)
message(function() table.sort({ 1, 'x', 2 }) end)
message(function() table.sort({ {}, {} }) end)
message(function() string.gsub('a', 'a', setmetatable({}, { __index = 1 })) end)

-- Metamethods that cannot be called are not the caller's variables.
message(function() return pairs(setmetatable({}, { __pairs = 1 })) end)
message(function() return tostring(setmetatable({}, { __tostring = 1 })) end)
message(function() return ipairs(setmetatable({}, { __index = 1 }))({}, 'x') end)

-- Tracebacks show no helpers of the library.
local function trace(f, ...)
  local _, text = xpcall(f, debug.traceback, ...)
  print((text:gsub("\n[^\n]*'xpcall'.*", '')))
end
trace(function() table.sort({ 1, 'x', 2 }) end)
trace(function() table.sort({ 1, 2, 3 }, function(a, b) error('comparing') end) end)
trace(function() string.gsub('a', 'a', setmetatable({}, { __index = 1 })) end)
trace(function() string.gsub('a', 'a', function() error('replacing') end) end)
trace(function() for _ in utf8.codes('a\xff') do end end)
trace(function() for _ in ipairs(setmetatable({}, { __index = function() error('indexing') end })) do end end)
