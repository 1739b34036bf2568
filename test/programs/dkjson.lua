-- dkjson: encoding with order and indentation, decoding, errors, round trips of documents made by a small generator.
local json = require 'dkjson'

print(json.version)
print(json.encode({ 1, 2.5, 'three', true, json.null, { nested = {} } }))
print(json.encode({ zebra = 1, apple = { 1, 2 }, mango = 'x' }, { indent = true, keyorder = { 'mango', 'zebra', 'apple' } }))
print(json.encode('quote " backslash \\ control \1\t\n unicode \u{e9}\u{1F600} \u{2028}'))
print(json.encode({ [1] = 'a', [2] = 'b', [4] = 'd', n = 4 }, { keyorder = { '1', '2', '4', 'n' } }))
print(json.encode(setmetatable({}, { __jsontype = 'object' })), json.encode(setmetatable({}, { __jsontype = 'array' })))
print(json.encode(setmetatable({ 1 }, { __tojson = function() return '"custom"' end })))
print(json.encode({ 0 / 0, 1 / 0, -1 / 0, 1e300, 1e15, 123456789012, -0.5 }))
print(pcall(json.encode, { print }))
print(json.encode({ print }, { exception = function(reason, value) return '"' .. reason .. ' ' .. type(value) .. '"' end }))
local cycle = {}
cycle.cycle = cycle
print(pcall(json.encode, cycle))
print(json.quotestring('a\u{7f}b'))

local document = [==[
{ "string": "a\u00e9\ud83d\ude00\n\/", "numbers": [0, -1, 3.25, 1e3, 12345678901234567890, 0.1E-2],
  "nothing": null, "flags": [true, false], /* comment */ "deep": [[[[{"x": {}}]]]] }]==]
local value, position, message = json.decode(document, 1, nil)
print(position, #document, message)
print(value.string, #value.string, value.nothing, value.flags[1], value.flags[2])
for i, number in ipairs(value.numbers) do print(i, number, math.type(number)) end
print(type(value.deep[1][1][1][1].x), getmetatable(value.deep).__jsontype, getmetatable(value).__jsontype)
print(json.decode('[null]', 1, json.null)[1] == json.null)
for _, bad in ipairs { '', '{', '[1,', '{"a" 1}', '"open', 'nul', '[1 2]', '{"a":}' } do print(bad, pcall(function() local found, at, why = json.decode(bad) return type(found), at, why end)) end
print(select(2, json.decode('{"a": 1} trailing')))

-- A linear congruence gives the same documents everywhere.
local seed = 42
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n
end
local function make(depth)
  local kind = random(depth > 4 and 4 or 6)
  if kind == 0 then return random(100000) - 50000 end
  if kind == 1 then return random(1000) / 8 end
  if kind == 2 then return random(2) == 0 end
  if kind == 3 then
    local text = {}
    for i = 1, random(12) do text[i] = utf8.char(32 + random(500)) end
    return table.concat(text)
  end
  local made = {}
  if kind == 4 then
    for i = 1, random(6) do made[i] = make(depth + 1) end
    return setmetatable(made, { __jsontype = 'array' })
  end
  for _ = 1, random(6) do made['key' .. random(50)] = make(depth + 1) end
  return setmetatable(made, { __jsontype = 'object' })
end
local keys = {}
for i = 0, 49 do keys[i + 1] = 'key' .. i end
local total, same = 0, 0
for _ = 1, 150 do
  local text = json.encode(make(0), { keyorder = keys })
  local again = json.encode(json.decode(text, 1, json.null), { keyorder = keys })
  total = total + #text
  if text == again then same = same + 1 end
end
print(total, same)
