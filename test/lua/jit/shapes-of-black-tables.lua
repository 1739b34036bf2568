-- A trace gives tables that the collector has done with a new shape; then the tree that named the shape is gone, and the collector goes on.
collectgarbage("stop")
local ballast = {} for i = 1, 20000 do ballast[i] = {i} end
local function setB(l) for i = 1, #l do l[i].b = i end end
local function objects(n, key) local l = {{b = 0}} for i = 2, n do l[i] = {[key] = i} end return l end
setB(objects(6000, "a"))
local old = objects(60, "a")
collectgarbage() collectgarbage() collectgarbage("stop")
for _ = 1, 10 do collectgarbage("step", 1) end
setB(old)
for r = 1, 12 do for _ = 1, 2 do setB(objects(2600, "k" .. r)) end end
for _ = 1, 2000 do if collectgarbage("step", 8) then break end end
for i = 1, 400 do ballast[i] = {["p" .. i] = 1, ["q" .. i] = 2} end
local names = {} for k, v in pairs(old[5]) do names[#names + 1] = k .. "=" .. tostring(v) end
table.sort(names) print(table.concat(names, " "))
