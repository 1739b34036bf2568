-- Basic functions: conversions, arguments, metamethods, positions in messages.
print(select(2,pcall(function() assert(false) end)))
print(select(2,pcall(function() for i,v in ipairs(nil) do end end)))
print(select(2,pcall(function() for i,v in ipairs() do end end)))
print(select(2,pcall(function() for i=1,"10" do end end)))
print(select(2,pcall(function() for i=1,10,0 do end end)))
print(tostring(setmetatable({},{__tostring=function() return "T" end})), pcall(string.format,"%s|%s|%d",setmetatable({},{__tostring=function() return "T" end}),setmetatable({},{__tostring=function() return "U" end}),3)) for k,v,x in pairs(setmetatable({},{__pairs=function(t) return function(_,k) if not k then return 1,2 end end,t,nil end})) do print(k,v,x) end
for i,v in ipairs(setmetatable({10},{__index={[2]=20,[3]=30}})) do io.write(i,"=",v," ") end print(next({})) print(next({5})) print(rawequal(1,1.0),rawequal("a","a"),rawequal({}, {}),rawlen({1,2}),rawlen("abc"),rawget(setmetatable({},{__index={x=1}}),"x"))
print(pcall(error)) print(pcall(error,nil)) print(pcall(error,"x",2)) print(select('#',select(-2,1,2,3)))
print(tostring(1e15),1e14,1e16,123456.789e3,2^53,2^63,-0.0,1e100,0.1,1/3, 1e15+0.5)
print(tonumber("0x"),tonumber("0x.p1"),tonumber("0x1p"),tonumber("0x1p4"),tonumber("  12  "),tonumber("1e"),tonumber("1e+5"),tonumber("9223372036854775808"),tonumber("0xffffffffffffffffff"),tonumber(""),tonumber("1 2"),tonumber("0x.8"),tonumber("5."),tonumber(".5"),tonumber("."),tonumber("inf"),tonumber("nan"),tonumber("1_0"))
print(tonumber("7fffffffffffffff",16),tonumber("zz",36),tonumber("-ff",16),tonumber("8",8),tonumber(" 11 ",2),tonumber("1e1",16), tonumber("ffffffffffffffffff",16))
print(pcall(string.rep,"x",1<<40)) print(pcall(string.rep,"x",1<<62)) 
print(pcall(setmetatable,{},1)) print(pcall(setmetatable,{})) print(pcall(setmetatable,setmetatable({},{__metatable=1}),{})) print(pcall(tostring)) print(pcall(tostring,setmetatable({},{__tostring=function() return 1 end})))  print(pcall(type)) print(pcall(rawequal,1)) print(pcall(rawget,{})) print(pcall(next,{},1)) print(pcall(getmetatable)) print(getmetatable("").__index==string)
for _,n in ipairs{40,43,44,45,46,47,50,60} do local f=load(" error('x') --"..("a"):rep(n-14)) print(n, select(2,pcall(f))) end
for _,n in ipairs{40,43,44,45,46,47,50,60} do local f=load(" error('x') --"..("a"):rep(n-14).."\n") print(n, select(2,pcall(f))) end
for _,n in ipairs{56,57,58,59,60,61,62} do local f=load("error('x')", "@"..("a"):rep(n-2).."b") print(n, select(2,pcall(f))) end
for _,n in ipairs{56,57,58,59,60,61,62} do local f=load("error('x')", "="..("a"):rep(n-2).."b") print(n, select(2,pcall(f))) end
print(select(2,pcall(load("error('x')",""))))
