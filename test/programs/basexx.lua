-- basexx: each encoding of bytes of all lengths and values, back again, with characters to ignore.
local basexx = require 'basexx'

local all = {}
for i = 0, 255 do all[i + 1] = string.char(i) end
all = table.concat(all)

local names = { 'bit', 'hex', 'base32', 'crockford', 'base64', 'url64' }
for _, name in ipairs(names) do
  local to, from = basexx['to_' .. name], basexx['from_' .. name]
  for _, text in ipairs { '', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar', '\0', '\255\254\253' } do
    local encoded = to(text)
    print(name, encoded, from(encoded) == text)
  end
  local encoded = to(all)
  print(#encoded, encoded:sub(-24), from(encoded) == all)
end
print(basexx.to_z85('\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B'), basexx.from_z85 'HelloWorld' == '\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B')
print(basexx.from_base64('Zm9v\nYmFy', '\n'), basexx.from_hex('66 6F-6f', ' -'), basexx.from_bit('0110 0110', ' '))
print(basexx.from_base64 'Zm9v!mFy', basexx.from_hex '6x', basexx.from_base32 '1')
print(basexx.to_base64(all):rep(2):gsub('%u', '', 10))
