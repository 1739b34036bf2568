-- `a <= b` without __le: not (b < a) by __lt, as 5.4 is built by default (LUA_COMPAT_LT_LE).

local calls = {}
local function value(x) return type(x) == "table" and x.n or x end
local mt = {}
function mt.__lt(a, b)
  calls[#calls + 1] = value(a) .. "<" .. value(b)
  return value(a) < value(b)
end
local function N(n) return setmetatable({ n = n }, mt) end

print(N(1) <= N(2), N(2) <= N(2), N(3) <= N(2), N(1) >= N(2), N(2) >= N(2), N(3) >= N(2))
print(N(1) <= 1, N(1) <= 0, 1 <= N(1), 2 <= N(1), N(1) >= 1.5, not (N(1) <= 0), N(2) <= 2.5)
print(table.concat(calls, " "))

-- In hot loops.
local a, b, n = N(1), N(2), 0
for i = 1, 300 do
  a.n = i % 5
  if a <= b then n = n + 1 end
  if b >= a then n = n + 1 end
  if b <= a then n = n + 10000 end
end
for i = 1, 300 do
  a.n = i
  if a <= 150 then n = n + 1 end
  if a >= 100 then n = n + 1000 end
end
print(n)

-- __le comes first where there is one, also in the second operand.
local le = setmetatable({ n = 5 }, { __le = function() return "yes" end, __lt = function() error("asked") end })
print(le <= 1, 1 <= le, N(1) <= le)

-- No metamethod at all, one that cannot be called, no result, an error.
print((select(2, pcall(function() return {} <= {} end)):gsub("^.-:%d+: ", "")))
print((select(2, pcall(function() return setmetatable({}, { __lt = 1 }) <= 1 end)):gsub("^.-:%d+: ", "")))
print(setmetatable({}, { __lt = function() end }) <= 1)
print(select(2, pcall(function() return setmetatable({}, { __lt = function() error("no", 0) end }) <= 1 end)))

-- A yield in the metamethod.
local co = coroutine.wrap(function()
  local t = setmetatable({}, { __lt = function(x, y) return coroutine.yield(type(x), type(y)) end })
  return t <= 1, 1 <= t, t >= 1
end)
print(co())
print(co(true))
print(co(nil))
print(co(1))
