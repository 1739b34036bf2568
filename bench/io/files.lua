-- lua5.4 bench/io/files.lua folder: writes what the programs read.
local folder = ...
local state = 1
local function random(n)
  state = (state * 1103515245 + 12345) % 2147483648
  return state // 65536 % n + 1
end
local file <close> = assert(io.open(folder .. '/numbers.txt', 'w'))
for i = 1, 1000000 do file:write(i * 37 % 1000003, ' some text ', i, '\n') end
local words = {}
for i = 1, 2000 do
  local letters = {}
  for j = 1, random(8) + 1 do letters[j] = string.char(96 + random(26)) end
  words[i] = table.concat(letters)
end
local text <close> = assert(io.open(folder .. '/text.txt', 'w'))
for _ = 1, 1000000 do text:write(words[random(2000)], ' ', words[random(50)], ', ', words[random(2000)], '.\n') end
