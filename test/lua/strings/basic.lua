-- string.sub, byte, char, rep, reverse, upper, lower, len: positions from both ends, borders, bytes above 127.

local s = "moontrace"
print(s:sub(1, 4), s:sub(5), s:sub(-5), s:sub(-5, -3), s:sub(0), s:sub(10), s:sub(3, 2), s:sub(-100, 100), s:sub(math.mininteger, math.maxinteger))
print(s:byte(), s:byte(2), s:byte(-1), s:byte(100), s:byte(1, 3), s:byte(0, 2), s:byte(8, 100))
print(string.char(), string.char(72, 105), #string.char(0, 255), string.char(0, 1):byte(1, 2))
print(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1), ("ab"):rep(3, "-"), ("ab"):rep(1, "-"), (""):rep(1000) == "")
print(s:len(), #s, #"", #"a\0b", ("héllo"):len(), s:upper(), ("AbÇ"):lower(), s:reverse(), (""):reverse())
print("a\0b" == "a\0b", "a\0b" == "a\0c", ("a\0b"):byte(2), "\x41\u{48}\65\z
       joined", '\'"', "tab\tnew\\n")
print([[
first newline dropped
]] .. [==[a]]b]==])
print(("x"):rep(3):upper():lower():len())
print(pcall(string.rep))
print(pcall(string.rep, "x", "y"))
print(pcall(string.rep, "x", 1 << 40))
print(pcall(string.char, 256))
print(pcall(string.char, -1))
print(pcall(string.sub))
print(pcall(string.byte, {}))
print(pcall(string.sub, "x", 1.5))
print(pcall(function() return ("x"):nothing() end))
print(pcall(function() return #5 end))
print(pcall(function() local t = nil return #t end))
print(pcall(function() return (5):rep(2) end))
print(("10"):rep(2) + 1, ("%d"):format(3.0), #tostring(12.5))

-- Hot loops over the bytes of a string, with positions that run off its end.
local text = ("the quick brown fox "):rep(150)
local sum, spaces, outside = 0, 0, 0
for i = 1, #text + 20 do
  local code = text:byte(i)
  if code == nil then outside = outside + 1 elseif code == 32 then spaces = spaces + 1 else sum = sum + code end
end
print(sum, spaces, outside)
local same = 0
for i = 1, #text do
  if text:sub(i, i) == "o" then same = same + 1 end
  if string.sub(text, i, i + 2) == "the" then same = same + 1000 end
  if text:sub(-i, -i) == "q" then same = same + 100000 end
end
print(same)
local codes = {}
for i = 1, 2600 do codes[i] = string.char(97 + i % 26) end
print(#table.concat(codes), table.concat(codes, "", 1, 30))
local lengths = 0
for i = 0, 2000 do lengths = lengths + #(("ab"):rep(i % 5)) end
print(lengths)
