-- Equal elements end up in the order in which PUC leaves them: the same comparisons and exchanges.
local function test(n, keys, seed)
  local t = {}
  local x = seed
  for i = 1, n do x = (x * 1103515245 + 12345) % 2147483648 t[i] = {k = x % keys, i = i} end
  local calls = 0
  table.sort(t, function(a, b) calls = calls + 1 return a.k < b.k end)
  local h = 0
  for i = 1, n do h = (h * 31 + t[i].i) % 1000000007 end
  print(n, keys, calls, h)
end
for _, n in ipairs{2,3,4,5,10,50,99,100,101,102,103,150,200,500,1000,5000} do for _, k in ipairs{1,2,5,50,1000000} do test(n, k, n * 7 + k) end end
local t = {3, 0.0, -0.0, 1, 0, -0.0, 2.5, -1, 0} table.sort(t) for i = 1, #t do io.write(tostring(t[i]), " ") end print()
local t = {3.5, 0.0, -0.0, 1.5, 0.0, -0.0, 2.5, -1.5, 0.0} table.sort(t) for i = 1, #t do io.write(tostring(t[i]), " ") end print()
local t = {3, 1, 2.0, 2, 1.0, 3.0, 1, 2} table.sort(t) for i = 1, #t do io.write(tostring(t[i]), " ") end print()
local t = {3, 1, 2.0, 2, 1.0, 3.0, 1, 2} table.sort(t, function(a, b) return a > b end) for i = 1, #t do io.write(tostring(t[i]), " ") end print()
