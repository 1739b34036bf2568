-- Concatenation in loops: short and long strings, numbers in between, concat metamethods, table.concat.

local s = ""
for i = 1, 2500 do s = s .. string.char(65 + i % 26) end
print(#s, s:sub(1, 26), s:sub(-5))
local t = {}
for i = 1, 3000 do t[#t + 1] = i .. (i % 3 == 0 and "" or ",") end
local joined = table.concat(t)
print(#joined, joined:sub(-40))
print(table.concat({ 1, 2.5, "x" }, "-"), table.concat({}, "x"), table.concat({ "a" }, "x"), table.concat({ "a", "b", "c" }, "", 2, 3), table.concat({ 1, 2, 3 }, ", ", 3, 2))
print(pcall(table.concat, { 1, {}, 3 }))
print(pcall(table.concat, { 1, nil, 3 }, "", 1, 3))
print(pcall(table.concat, { true }))
print(pcall(table.concat, nil))

-- Many operands in one expression, in both directions of growth.
local a, b = "", ""
for i = 1, 500 do
  a = a .. "<" .. i .. ">"
  b = "<" .. i .. ">" .. b
end
print(#a, #b, a:sub(1, 12), b:sub(1, 15), #(a .. b .. a .. b .. "end"))

-- Short strings are equal however they were made; long ones too.
local keys, hits = { abc = 1, abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc = 2 }, 0
for i = 1, 2000 do
  local key = i % 2 == 0 and "ab" .. "c" or ("ab" .. "c"):rep(16)
  hits = hits + keys[key]
end
print(hits)

local Rope = {}
Rope.__concat = function(x, y)
  return setmetatable({ text = (x.text or x) .. (y.text or y) }, Rope)
end
setmetatable(Rope, { __index = function() return nil end })
getmetatable("").__index = function(_, key) if key ~= "text" then return string[key] end end
local rope = setmetatable({ text = "" }, Rope)
for i = 1, 2000 do
  if i % 2 == 0 then rope = rope .. "r" else rope = "l" .. rope end
end
print(#rope.text, rope.text:sub(995, 1006))
getmetatable("").__index = string

-- The operand becomes a table without the metamethod midway.
local ok, message = pcall(function()
  local piece, out = "x", ""
  for i = 1, 3000 do
    if i == 2000 then piece = {} end
    out = out .. piece
  end
end)
print(ok, message)
-- Numbers of both kinds and their spellings.
local kinds = {}
for i = 1, 2000 do
  local n = i % 4 == 0 and i or (i % 4 == 1 and i + 0.0 or (i % 4 == 2 and -i or i / 4))
  kinds[i % 8 + 1] = "n" .. n
end
print(table.concat(kinds, " "))
