-- Strings to numbers in arithmetic, numbers to strings in concatenation, tostring and tonumber.

print("10" + 5, "3" * "4", "0x10" + 0, "1e1" + 0, " 7 " + 0, "10" // "3", "7" % 2, -"2", "2" ^ 2, "9" / 3)
print(math.type("10" + 5), math.type("10.0" + 5), "9223372036854775807" + 0, "9223372036854775808" + 0)
print(10 .. 20, 1.5 .. "x", -0.0 .. "", 2^63 .. "", 1e100 .. "", 100 .. "", 1e15 .. " " .. 1e14)
print(tostring(1), tostring(1.0), tostring(-0.0), tostring(1e15), tostring(1e16), tostring(0.1), tostring(1/3), tostring(nil), tostring(true))
print(tostring(math.huge), tostring(-math.huge), 3.14159265358979, 123456.789e3, 2^24, 2^-10, 1e-5)
print(tonumber("10"), tonumber("0x1p4"), tonumber("  12  "), tonumber("1e"), tonumber(""), tonumber(" "), tonumber("1 2"), tonumber("0x"), tonumber("1e5"))
print(tonumber("10", 2), tonumber("ff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("-7f", 16), tonumber("7", 8), tonumber("1.0", 10))
print(tonumber("nan"), tonumber("inf"), tonumber("0b1"), tonumber("1_000"), tonumber("١"), tonumber("1\0"))
print(tonumber(nil), tonumber({}), tonumber(true), tonumber(5), tonumber(5.5))
print(pcall(tonumber))
print(pcall(tonumber, 10, 2))
print(pcall(tonumber, "10", 1))
print(pcall(tonumber, "10", 99))
print(pcall(function() return "a" + 1 end))
print(pcall(function() return {} .. "x" end))
print(pcall(function() return 1 + nil end))
print(pcall(function() return -{} end))
print(pcall(function() return "10" + {} end))
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger(2^63), math.tointeger({}))

-- Strings as operands in a hot loop, the result an integer at first and a float later.
local sum = 0
local text = "3"
for i = 1, 3000 do
  if i == 2000 then text = "0.5" end
  sum = sum + text * i
end
print(sum, math.type(sum))
local joined = ""
for i = 1, 600 do joined = joined .. i .. (i / 2) .. "," end
print(#joined, joined:sub(-30))
