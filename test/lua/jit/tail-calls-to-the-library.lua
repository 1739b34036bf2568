-- Tail calls of library functions: some are written in Lua, and leave their caller's frame in place as builtins do.
local function concat(...) return table.concat({ ... }, ',') end
local function show(v) return tostring(v) end
local function lines(...) return io.lines('/dev/null', ...) end
local function each(s, f) return s:gsub('%a', f) end
local function sorted(t, less) return table.sort(t, less) end
local function all(t) return table.unpack(t) end
local function called(f, ...) return pcall(f, ...) end
local function chain(...) return concat(...) end
local function where() return debug.traceback('here') end

local object = setmetatable({}, { __tostring = function() return 'object' end })
local count, text = 0, ''
for i = 1, 200 do
  for _ in lines('n', 'l') do count = count + 1 end
  for _ in lines() do count = count + 1 end
  text = chain(i, i % 7, show(i), show(object))
  count = count + select('#', all({ i, i, i })) + select(2, each('abc', function(c) return c:upper() end))
  sorted({ 3, 1, i }, function(a, b) return a > b end)
  local ok, result = called(each, 'x', function() return i end)
  text = text .. tostring(ok) .. result
  if i % 50 == 0 then print(i, count, text) end
end
print(where())

-- Errors below such a call name the frames as they are.
local function fails(n) return table.sort({ 3, 2, 1, 5 }, function() if n > 20 then error('too many') end return false end) end
for i = 1, 30 do
  local ok, message = xpcall(fails, debug.traceback, i)
  if not ok then
    print(i, message)
    break
  end
end
