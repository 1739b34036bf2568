-- next, pairs, ipairs: every key once, whatever the order; assigning nil and existing keys during the walk is allowed.

local function summary(t)
  local count, numbers, strings = 0, 0, {}
  for k, v in pairs(t) do
    count = count + 1
    if type(k) == "number" then numbers = numbers + k * (type(v) == "number" and v or 1) else strings[#strings + 1] = tostring(k) .. "=" .. tostring(v) end
  end
  table.sort(strings)
  return count, numbers, table.concat(strings, " ")
end

local t = { 10, 20, 30, x = 1, y = 2, [2.5] = 4, [true] = "yes", [-3] = 5 }
print(summary(t))
print(summary({}), next({}), next({ 5 }), type(next), rawlen({ 1, 2 }), rawlen("abc"))
t.x = nil
t[2] = nil
print(summary(t))
for i = 1, 2000 do t[i] = i end
for i = 1, 2000 do t["k" .. i] = i end
local count, numbers = summary(t)
print(count, numbers)
-- clearing while walking
local cleared = 0
for k in pairs(t) do
  t[k] = nil
  cleared = cleared + 1
end
print(cleared, next(t))
-- changing values while walking
local u = {}
for i = 1, 1000 do u[i] = i u["s" .. i] = i end
for k, v in pairs(u) do u[k] = v * 2 end
local total = 0
for _, v in pairs(u) do total = total + v end
print(total)
-- clearing every second entry while walking
local walked = 0
for k, v in pairs(u) do
  walked = walked + 1
  if v % 4 == 0 then u[k] = nil end
end
local left = 0
for _ in pairs(u) do left = left + 1 end
print(walked, left)
-- ipairs stops at the first nil and sees what is appended while it runs
local list = { 1, 2, 3, nil, 5 }
local seen = 0
for i in ipairs(list) do seen = i end
print(seen)
local grow = { 1 }
for i, v in ipairs(grow) do if i < 2500 then grow[i + 1] = v + 1 end end
print(#grow, grow[#grow])
-- ipairs through __index
local proxy = setmetatable({}, { __index = function(_, i) if i <= 2100 then return i * i end end })
local squares = 0
for _, v in ipairs(proxy) do squares = squares + v end
print(squares)
-- __pairs takes over
local ranged = setmetatable({}, { __pairs = function(self) return function(_, k) k = (k or 0) + 1 if k <= 2000 then return k, k % 3 end end, self, nil end })
local sum = 0
for k, v in pairs(ranged) do sum = sum + k * v end
print(sum)
-- next by hand
local byHand, k, v = 0, nil, nil
local w = { a = 1, b = 2, c = 3, 4, 5, 6 }
repeat
  k, v = next(w, k)
  byHand = byHand + (v or 100)
until k == nil
print(byHand)
print(pcall(next, { 1 }, "no such key"))
print(pcall(next, 5))
print(pcall(pairs))
print(pcall(ipairs))
print(pcall(function() for _ in pairs(nil) do end end))
print(pcall(function() for _ in 5 do end end))
print(pcall(function() local t = {} for _ in t.x do end end))
-- one loop over tables of different kinds
local tables = { { 1, 2, 3 }, { 1.5, 2.5 }, { a = 1 }, {}, { "x", b = "y" }, { [100] = 1 } }
local entries = 0
for round = 1, 600 do
  for _ in pairs(tables[round % #tables + 1]) do entries = entries + 1 end
end
print(entries)
