-- Every arithmetic, bit, comparison, length, concat and unary metamethod; which operand's is taken; errors.

local log
local function tag(v) return type(v) == "table" and v.name or tostring(v) end
local meta = {}
for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" } do
  meta["__" .. event] = function(a, b) return event .. "(" .. tag(a) .. "," .. tag(b) .. ")" end
end
meta.__unm = function(a, b) return "unm(" .. tag(a) .. "," .. tag(b) .. ")" end
meta.__bnot = function(a, b) return "bnot(" .. tag(a) .. "," .. tag(b) .. ")" end
meta.__len = function(a) return "len(" .. tag(a) .. ")" end
meta.__eq = function(a, b) log = "eq(" .. tag(a) .. "," .. tag(b) .. ")" return 1 end
meta.__lt = function(a, b) log = "lt(" .. tag(a) .. "," .. tag(b) .. ")" return nil end
meta.__le = function(a, b) log = "le(" .. tag(a) .. "," .. tag(b) .. ")" return "yes" end
local a, b = setmetatable({ name = "a" }, meta), setmetatable({ name = "b" }, meta)
print(a + b, a + 1, 1 + a, a - 2.5, 2.5 - a, a * "s", "s" * a)
print(a / 1, a % 1, 1 ^ a, a // 2, 3 // a, -a, ~a, #a)
print(a & 1, 1 | a, a ~ b, a << 2, 2 >> a, a .. "x", "x" .. a, 1 .. a, a .. b)
print(a == b, log, a ~= b, a == a, a == 1, a < b, log, a > b, log, a <= b, log, a >= 1, log, 1 < a, log)
print(a + nil, nil + a, a .. nil, { name = "plain" } + a)
print("x" .. "y" .. a .. "z" .. "w")
local other = setmetatable({ name = "o" }, { __add = function() return "other" end })
print(other + a, a + other)
for _, f in ipairs {
  function() return {} + 1 end, function() return 1 - {} end, function() return -{} end, function() return #nil end, function() return {} .. "x" end,
  function() return ~{} end, function() return 1 & {} end, function() return {} < 1 end, function() return other < a and other <= 1 end, function() return other - 1 end,
} do
  print(pcall(f))
end
-- the result of __len and of __eq is adjusted; metamethods that are not functions but callables
local callable = setmetatable({}, { __call = function(_, x, y) return "called " .. tag(x) .. " " .. tag(y) end })
local viaCall = setmetatable({ name = "v" }, { __add = callable, __len = function() return 1, 2 end })
print(viaCall + 1, (#viaCall))

-- Numbers with operators in a hot loop; then the metamethod is exchanged midway.
local N = {}
N.__index = N
local function num(v) return setmetatable({ v = v }, N) end
local function value(x) return type(x) == "table" and x.v or x end
N.__add = function(x, y) return num(value(x) + value(y)) end
N.__mul = function(x, y) return num(value(x) * value(y)) end
N.__unm = function(x) return num(-x.v) end
N.__lt = function(x, y) return value(x) < value(y) end
N.__le = function(x, y) return value(x) <= value(y) end
N.__eq = function(x, y) return x.v == y.v end
N.__len = function(x) return x.v // 1 end
N.__concat = function(x, y) return tostring(value(x)) .. tostring(value(y)) end
local acc, less, equal = num(0), 0, 0
for i = 1, 3000 do
  if i == 1500 then N.__add = function(x, y) return num(value(x) - value(y)) end end
  acc = acc + num(i) * 2 + i
  if acc < num(1000000) then less = less + 1 end
  if num(i % 3) == num(1) then equal = equal + 1 end
  if -acc <= 0 then less = less + #num(2.5) end
end
print(acc.v, less, equal, acc .. "!", 1 .. acc)
