-- The utf8 library: every function, strict and lax, positions, all kinds of damage.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    out[i] = type(v) == 'string' and '"' .. v:gsub('[^ -~]', function(c) return '\\' .. c:byte() end) .. '"' or tostring(v)
  end
  print(table.concat(out, ' '))
end
local function fails(f, ...) p(select(2, pcall(f, ...))) end

p(utf8.char(), utf8.char(65), utf8.char(0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff, 0x1fffff, 0x200000, 0x3ffffff, 0x4000000, 0x7fffffff))
p(utf8.charpattern)
local text = 'aé€😀\u{10FFFF}z'
p(utf8.len(text), utf8.len(text, 2), utf8.len(text, 4, 6), utf8.len(text, -1), utf8.len(''), utf8.len('', 1), utf8.len('abc', 4), utf8.len('abc', 3, 2))
p(utf8.codepoint(text, 1, -1))
p(utf8.codepoint(text), utf8.codepoint(text, 2), utf8.codepoint(text, -1), utf8.codepoint(text, 3, 2))
for n = -7, 7 do p(n, utf8.offset(text, n), utf8.offset(text, n, n > 0 and 1 or #text + 1)) end
p(utf8.offset('abc', 1, 4), utf8.offset('abc', -1, 4), utf8.offset('abc', 0, 4), utf8.offset(text, 0, 3), utf8.offset(text, 0, 6), utf8.offset('', 1), utf8.offset('', 0))
for place, code in utf8.codes(text) do p(place, code) end
for c in text:gmatch(utf8.charpattern) do p(c) end

local damaged = { '\xff', '\xc0\x80', '\xc1\xbf', '\xe0\x80\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xf8\x88\x80\x80\x80', '\xfc\x84\x80\x80\x80\x80', '\xfe\x80\x80\x80\x80\x80\x80', 'ab\xe2\x82', '\xe2\x28\xa1', '\u{D7FF}\u{E000}' }
for _, s in ipairs(damaged) do
  p(s, utf8.len(s))
  p(s, utf8.len(s, 1, -1, true))
  p(s, pcall(utf8.codepoint, s, 1, #s))
  p(s, pcall(utf8.codepoint, s, 1, #s, true))
  p(s, pcall(function()
    local n = 0
    for _, c in utf8.codes(s, true) do n = n + c end
    return n
  end))
end
fails(utf8.char, -1)
fails(utf8.char, 65, 0x80000000)
fails(utf8.char, 'x')
fails(utf8.char, 1.5)
fails(utf8.len, 'abc', 5)
fails(utf8.len, 'abc', 0)
fails(utf8.len, 'abc', 1, 4)
fails(utf8.len, 'abc', -4)
fails(utf8.len)
fails(utf8.codepoint, 'abc', 4)
fails(utf8.codepoint, 'abc', 0)
fails(utf8.codepoint, 'abc', 1, 4)
fails(utf8.offset, 'abc', 1, 5)
fails(utf8.offset, 'abc', 1, -4)
fails(utf8.offset, 'é', 1, 2)
fails(utf8.offset, 'abc')
fails(utf8.codes)
fails(utf8.codes, {})
local total = 0
for i = 1, 2000 do
  local s = utf8.char(i, i * 7 % 0xD800, 65)
  total = total + utf8.len(s) + utf8.codepoint(s, 1) + utf8.offset(s, 3)
  for place, code in utf8.codes(s) do total = total + place * code % 11 end
end
p(total)
