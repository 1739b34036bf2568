-- strings: builds, cuts and inspects strings: a text of n words, a caesar cipher, a run-length code.
-- Exercises: concatenation, table.concat, string.byte, char, sub, rep and #.

local LETTERS = "etaoinshrdlu"

local function buildText(n)
  local words = {}
  local state = 7
  for i = 1, n do
    state = (state * 421 + 1663) % 7875
    local word = ""
    for _ = 1, state % 6 + 2 do
      state = (state * 421 + 1663) % 7875
      local at = state % #LETTERS + 1
      word = word .. string.sub(LETTERS, at, at)
    end
    if state % 9 == 0 then word = word .. string.rep("z", state % 4 + 1) end
    words[i] = word
  end
  return table.concat(words, " ")
end

local function cipher(text, shift)
  local letters = {}
  for i = 1, #text do
    local code = string.byte(text, i)
    if code ~= 32 then code = (code - 97 + shift) % 26 + 97 end
    letters[i] = string.char(code)
  end
  return table.concat(letters)
end

local function runLengths(text)
  local out, count = {}, 0
  local previous, length = string.byte(text, 1), 1
  for i = 2, #text + 1 do
    local code = string.byte(text, i)
    if code == previous then
      length = length + 1
    else
      count = count + 1
      out[count] = length > 1 and length .. string.char(previous) or string.char(previous)
      previous, length = code, 1
    end
  end
  return table.concat(out)
end

local function checksum(text)
  local sum = 1
  for i = 1, #text do
    sum = (sum * 31 + string.byte(text, i)) % 1000003
  end
  return sum
end

local function run(n)
  local text = buildText(n)
  local secret = cipher(text, 5)
  local packed = runLengths(text)
  local same = cipher(secret, 21) == text
  return string.format("%d %d %d %s", #text, checksum(secret), checksum(packed), tostring(same))
end

return { run = run, n = 100000, small = 120, slow = 3000, luajit = true }
