-- The functions of math that 5.4 keeps of 5.3 (LUA_COMPAT_MATHLIB), as it is built by default.

local function row(name, f, ...)
  local list = {}
  for _, x in ipairs { ... } do list[#list + 1] = string.format("%.14g", f(x)) end
  print(name, table.concat(list, " "))
end

local xs = { 0, -0.0, 1e-20, 1e-5, -0.25, 0.5, 1, -1.5, 3, 10, -21, 30, 300, -709.9, 710.1, 711, math.huge, -math.huge }
row("cosh", math.cosh, table.unpack(xs))
row("sinh", math.sinh, table.unpack(xs))
row("tanh", math.tanh, table.unpack(xs))
row("log10", math.log10, 0.5, 1, 2, 10, 1000, 1e-300, 5e-324, 0, math.huge)

for _, x in ipairs { 0, -0.0, 1, -1, 0.75, 1e300, 5e-324, -2.5e-310, 2 ^ 53, math.huge, -math.huge } do
  local m, e = math.frexp(x)
  print(x, m, e, math.type(m), math.type(e), math.ldexp(m, e) == x)
end
local m, e = math.frexp(0 / 0)
print(m ~= m, e)
print(math.ldexp(1, 10), math.ldexp(3, -1074), math.ldexp(1, 1023), math.ldexp(1, 1024), math.ldexp(1, -1075), math.ldexp(5, 2.0))
print(math.ldexp(0.75, 1 << 32), math.ldexp(0, 5000), math.ldexp(1, -5000), math.ldexp("0x10", "2"))
print(math.pow(2, 10), math.pow(2, 0.5), math.pow(-8, 1), math.pow("3", 2), math.pow(0, 0), math.pow(10, -2))

for _, call in ipairs {
  function() return math.cosh() end, function() return math.sinh("x") end, function() return math.pow(1) end,
  function() return math.frexp({}) end, function() return math.ldexp(1, 0.5) end, function() return math.ldexp(1) end,
  function() return math.log10(nil) end, function() return math.tanh(print) end,
} do
  print(pcall(call))
end

local sum = 0
for i = 1, 200 do
  local m, e = math.frexp(i)
  sum = sum + math.pow(i, 2) + math.log10(i) + math.ldexp(m, e) + math.cosh(i / 100) + math.sinh(i / 100) + math.tanh(i / 100)
end
print(string.format("%.9f", sum))
