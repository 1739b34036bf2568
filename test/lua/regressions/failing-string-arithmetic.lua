-- The message of each failure once took memory that belonged to the heap.
local words = {}
for i = 1, 3000 do
  local word = 'word' .. i
  local ok, message = pcall(function() return word % 10 end)
  words[i] = ok and 'no error' or message:gsub('^.-:%d+: ', '')
end
print(#words, words[1], words[3000])
print(pcall(getmetatable('').__unm, {}))
print(pcall(getmetatable('').__idiv, 'x', nil))
