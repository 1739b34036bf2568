-- NaN, infinities and minus zero through arithmetic, loops and tables.

local nan, inf = 0/0, math.huge
local function zero(x) return 1 / x > 0 and "+0" or "-0" end
local function show(x) return x ~= x and "nan" or tostring(x) end
print(zero(0.0), zero(-0.0), zero(0.0 * -1), zero(-0.0 + 0), zero(-0.0 - 0.0), zero(0.0 + -0.0), zero(-0.0 * -1))
print(show(inf - inf), show(inf * 0), show(nan + 1), inf + 1, -inf // 2, show(inf % 2), 2 % inf, show(inf // inf))
print(inf == inf, inf > math.maxinteger, -inf < math.mininteger, inf ^ 0, nan ^ 0, 0 ^ 0, show((-8) ^ (1/3)))
print(1e308 * 10, -1e308 * 10, 5e-324, 5e-324 / 2, 2^1023 * 2)
local t = {}
t[0.0] = "zero"
print(t[-0.0], t[0], next(t))
t[1e300] = "big" t[inf] = "inf"
print(t[1e300], t[inf], t[-inf], t[nan])
print(pcall(function() t[nan] = 1 end))
print(pcall(function() t[nil] = 1 end))
print(pcall(rawset, t, nan, 1))
t[2^53] = "float key" print(t[1 << 53], math.type(next({ [2.0] = 1 })))

-- A product that reaches zero from below, and an accumulator that becomes infinite and then NaN.
local x, flips = -1.0, 0
for _ = 1, 3000 do
  x = x * 0.5
  if x == 0 then flips = flips + 1 end
end
print(zero(x), flips)
local y, trace = 1.0, { finite = 0, infinite = 0, nan = 0 }
for i = 1, 3000 do
  if i == 2500 then y = y - y else y = y * 2 end
  local kind = y ~= y and "nan" or (y == inf and "infinite" or "finite")
  trace[kind] = trace[kind] + 1
end
print(trace.finite, trace.infinite, trace.nan)
-- The sign of a zero survives a loop-carried negation.
local z, negative = 0.0, 0
for _ = 1, 2001 do
  z = -z
  if 1 / z < 0 then negative = negative + 1 end
end
print(zero(z), negative)
-- An integer zero negated stays an integer zero.
local k = 0
for _ = 1, 2001 do k = -k end
print(k, math.type(k))
