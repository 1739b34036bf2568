-- load with a reader function: what is read, in which order, and what goes wrong inside.

local function reader(pieces, log)
  local at = 0
  return function()
    at = at + 1
    log.calls = at
    return pieces[at]
  end
end

local function try(...)
  local log = {}
  local f, message = load(reader({ ... }, log), "=source")
  print(f and "compiles" or message, log.calls)
  return f
end

-- Tokens over several pieces.
print(try("ret", "urn 'a", "b", "\\", "x4", "1' .. [", "=", "[long\r", "\n]", "=", "] -", "- comment", "\n .. 1", ".5e", "+1 .. 0x", "A")())
print(try("return --[", "[ com", "ment ]", "] 1 /", "/ 2, 3 <", "< 4, 5 ~", "= 6, 7 ", ".", ". 8, {.", "..} ~= 0, 9 >", "> 1, 2 ", ">", "= 1")())
print(#try("return '", ("x"):rep(1000), "' .. ", "'\\z  ", "  \\u{4", "8}\\12", "3'")())

-- One byte at a time.
local text = [==[
local a <const>, t = 0x1F, { [1] = "x\n\065\u{7FFFFFFF}", y = [[
long]], 3.25e2 } -- comment
::top:: for i = 1, 3 do if i == 2 then goto out end a2 = (a2 or 0) + i ~= 7 and 1 or 2 end ::out::
return a // 1, t[1], t.y, t[2], a2, ... ]==]
local at = 0
print(load(function() at = at + 1 return text:sub(at, at) end)(1, 2))

-- The reader is not called again once the text cannot be valid, nor behind its end.
try("x = = 1", "y", "z")
try("x =", " =", " 1")
try("return 'abc\n", "def'")
try("return 'a\\q", "bc'")
try("return '\\3", "00", "'")
try("return 1x", " ")
try("return 3", ".e+", "x ", "y")
try("local x <const> = 1;", "x = 2;", "y = 3")
try("goto nowhere", " return", " 1")
try("break ", "return")
try("for i = 1", " do end end", " x = 1")
try("return 1", "")
try("", "return")
try()
try(nil)
try("return [==", "[ x")
try("return [==", " x")
try("--[[ x", "y")
try("\27Lua", ("junk"):rep(10))
print(load(function() return "\27Lu" end, "=endless"))
local n = 0
print(load(function() n = n + 1 return "x = }" end))
print(load(function() n = n + 1 return " x" end, "@name"))
print(n)

-- Modes, names, environments, numbers as pieces.
print(load(reader({ "return 1", "x" }, {}), "=n", "b"))
print(load(reader({ "\27", "x" }, {}), "=n", "t"))
print(load(reader({ "return ", 12, 34.5 }, {}))())
print(load(reader({ "x = 1 return _ENV" }, {}), "n", "t", { "env" })().x)
print(load(reader({ "return _ENV" }, {}), "n", "t", nil)())
print(pcall(load(reader({ "error('m')" }, {}), "@file.lua")))
print(pcall(load(reader({ "error('m')" }, {}))))
local dumped = string.dump(function(...) return select("#", ...) end)
at = 0
print(load(function() at = at + 1 if at <= #dumped then return dumped:sub(at, at) end end)(1, nil, nil))

-- Errors inside the reader are results, whatever they are. (Under pcall: no message handler changes them.)
assert(pcall(function()
print(load(function() error("inside", 0) end))
print(load(function() error("inside") end))
print(load(function() return nil + 1 end))
local object = setmetatable({}, { __tostring = function() return "object" end })
print(select(2, load(function() error(object) end)) == object, select("#", load(function() error() end)), load(function() error() end))
print(load(function() return {} end))
print(load(function() return true end))
print(load(function() return load end))
end))
print(pcall(load, 1, 2), pcall(load, {}), pcall(load), pcall(load, print, {}), pcall(load, print, "n", {}))
print(pcall(load, nil))
print(select(2, load(function() return select(2, load(function() return "x = " end, "=inner")) end, "=outer")))
local depth = 0
local function nested() depth = depth + 1 return (load(nested)) and "" or nil end
print(type(load(nested)), depth > 100 and depth < 250)

-- A reader cannot yield; a coroutine of its own can.
print(coroutine.wrap(function() return load(function() coroutine.yield() end) end)())
local words = coroutine.wrap(function() for word in ("return 1 + 2"):gmatch("%S+%s*") do coroutine.yield(word) end end)
print(load(words)())

-- What a reader sees of its caller.
load(function()
  local info = debug.getinfo(2, "Sn")
  print(info.what, info.name, debug.getinfo(3, "S").what)
end)
print(type(load(function() print((debug.traceback("trace", 1):gsub("\n\t", "|"):match("^[^|]*|[^|]*|[^|]*|[^|]*"))) end)))

-- Collections and growing stacks while reading.
local function deep(k) if k == 0 then return 0 end return 1 + deep(k - 1) end
local pieces = 0
local f = load(function()
  pieces = pieces + 1
  if pieces > 200 then return nil end
  if pieces % 50 == 0 then collectgarbage() deep(pieces * 10) end
  return "local t" .. pieces % 150 .. " = { '" .. ("s" .. pieces):rep(3) .. "' } "  .. (pieces % 100 == 0 and "do end " or "") .. (pieces == 150 and "do " or pieces == 200 and "end " or "")
end)
print(type(f), pieces)

-- In hot loops.
local sum = 0
for i = 1, 100 do
  local done = false
  sum = sum + load(function() if done then return nil end done = true return "return " .. i end)()
end
print(sum)
