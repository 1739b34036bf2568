-- Messages of the parser and the lexer, with line and token, as lua5.4 words them.

local sources = {
  "x =", "x = 1 1", "local", "local function", "for", "for i = 1", "for i = 1 do", "for i in", "if x", "if x then", "while true do", "repeat",
  "return return", "x = = 1", "f(", "f(1,", "a.b:c = 1", "a.1 = 2", "x = {", "x = { 1, 2", "x = }", "(a) = 1", "f() = 1", "a, f() = 1, 2", "local a.b = 1",
  "x = 'unfinished", "x = \"unfinished\n\"", "x = [[unfinished", "x = [==[ ]=]", "--[[ unfinished", "x = '\\q'", "x = '\\300'", "x = '\\xZZ'", "x = '\\u{110000000}'",
  "x = '\\u{zz}'", "x = 1e", "x = 0x", "x = 3..2", "x = 12abc", "x = 1.2.3", "x @ y", "x = $", "x ! y", "goto", "goto 1", "::a", "break",
  "function", "function f", "function f(", "function f(a,) end", "function f(... , a) end", "function f.a:b.c() end", "x = function", "x = ...", "function f() return ... end",
  "local x <const>", "x = not", "x = #", "x = a b", "x = 1 + ", "x = (1", "x = a[1", "x = a.", "x = a:", "x = a:b", "end", "else", "until x", "do", "do end end",
  "return 1,", "\n\nx = = 1", "x = 'a' .. ", "local function f() x = = end", "--\nx = ~", "x = 5 and", "if x then else elseif y then end", "and", "x[1] 2", "for 1 = 1, 2 do end",
  "for a, b = 1, 2 do end", "for a.b in c do end", "x = '\\\n", "x = \"abc", "x = [=abc", "local a <close> = nil local b <x> = 1",
}
for _, source in ipairs(sources) do
  local chunk, message = load(source, "=src")
  print(chunk == nil, message)
end
print(load("x = ", "@file.lua"))
print(load("x = ", "a source text of one line that is fairly long, so that it needs to be cut somewhere"))
print(load("x =\nsecond line", "first line\nsecond line"))
print(load("x = ", "=" .. ("n"):rep(100)))
print(load("x = ", "@" .. ("path/"):rep(30)))
print(load("\27Lua", "=b", "t"))
print(load("return 1", "=b", "b"))
print(pcall(load, 5))
print(type(load(function() return nil end)))
print(pcall(load, function() return {} end))
print(pcall(load, function() error("in reader", 0) end))
local pieces, at = { "return ", "1 ", "+ 41" }, 0
print(load(function() at = at + 1 return pieces[at] end)())
print(load("return ...", "=v")(1, 2, 3))
local env = { y = 5 }
print(load("x = y * 2 return x", "=e", "t", env)(), env.x, x)
