-- What depends on the system is tested by type and relation only: os.time, os.clock, os.getenv, _VERSION, io.write.

print(_VERSION, _G._G == _G, type(os.time()), math.type(os.time()), type(os.clock()), math.type(os.clock()))
local c1 = os.clock()
local spin = 0
for i = 1, 20000 do spin = spin + i end
print(os.clock() >= c1, spin, os.time() > 1600000000, os.getenv("SURELY_NOT_SET_ANYWHERE"))
print(type(io.write), io.write("") == io.stdout, io.write("a", 1, 2.5, "\n") ~= nil)
print(pcall(io.write, {}))
print(collectgarbage("count") > 0, type(collectgarbage()), collectgarbage("step") ~= nil)
for _, name in ipairs {
  "assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile", "next", "pairs", "pcall", "print", "rawequal", "rawget",
  "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "warn", "xpcall",
} do
  if type(_G[name]) ~= "function" then print("missing", name) end
end
print(loadfile("surely/not/there.lua"))
print(pcall(dofile, "surely/not/there.lua"))
print(type(tostring(print)), tostring(print):sub(1, 9), tostring({}):sub(1, 6))
print(print("print returns nothing"))
print(select("#", print()))
local shown = {}
for i = 1, 2000 do
  if i % 500 == 0 then shown[#shown + 1] = i end
end
print(table.unpack(shown))
print(nil, true, 1, 1.0, "s", -0.0, 1e100)
