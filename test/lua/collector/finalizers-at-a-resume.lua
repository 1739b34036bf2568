-- Finalisers that wait while a coroutine is resumed are called in the thread that runs then, not above the frame that resumed it.
local sort, wrap, yield = table.sort, coroutine.wrap, coroutine.yield
local function selfTest()
    local t = {} for i = 1, 300 do t[i] = (i * 7919) % 307 t['k' .. i] = i end
    sort(t, function(a, b) return a < b end)
    for i = 2, 300 do if t[i - 1] > t[i] then return 'sort' end end
    local sum = 0
    for x in wrap(function() for i = 1, 50 do yield(i) end end) do sum = sum + x end
    return sum
end
local n = 0
local function g() n = n + 1 if n < 60000 then setmetatable({}, { __gc = g }) end end g() for i = 1, 60000 do g() end
print(pcall(selfTest))
