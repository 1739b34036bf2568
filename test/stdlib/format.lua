-- string.format: directives, flags, and what is refused.
local function p(...) print(...) end
p(pcall(string.format,"%.3q",1)) p(pcall(string.format,"%5%",1))p(pcall(string.format,"%5",1))
print(#string.format("%s",("x"):rep(200)),#string.format("%20s",("x"):rep(200)),#string.format("%-99.99s",("x"):rep(200)))
print(string.format("%#o %#x %#X %#o %x",8,255,255,0,0),string.format("%#x",0),string.format("[%8.3x] [%-8x] [%08x] [%+08d] [% 5d] [%08.3d] [%+.0d]",10,10,10,10,10,10,0))
print(string.format("[%10.2f] [%-10.2f] [%+.2f] [%010.2f] [% .2f] [%.0f] [%#.0f] [%10f]",3.14159,3.14159,3.14159,-3.14159,3.14159,2.5,2.5,0/0))
print(string.format("[%10f] [%-10f] [%+f] [%010f] [%E]",1/0,-1/0,1/0,-1/0,1/0), string.format("%5.1f|%G|%g",0/0,1/0,-(0/0)))
print(pcall(string.format,"%s")) p(pcall(string.format,"%d",nil)) p(pcall(string.format,"%",1)) p(pcall(string.format,"%t",1)) p(pcall(string.format,"%ll",1)) p(pcall(string.format, "%0123456789012345678901d",1))
print(string.format("%d %s %s",3,{} ~= nil,nil),string.format("%-3c|",65),pcall(string.format,"%c",256)) p(string.format("%.3s",setmetatable({},{__tostring=function() return "abcdef" end})))
p(("abc"):byte(-1),("abc"):byte(10),("abc"):byte(0)) p(("abc"):sub(-2),("abc"):sub(2,1),("abc"):sub(0),("abc"):sub(-100,2),("abc"):sub(math.mininteger,math.maxinteger))
p(pcall(string.byte,("x"):rep(1e7),1,-1)) p(pcall(string.byte, "abc", 1.5)) p(("x"):rep(3.0)) p(pcall(string.len,1)) p(string.len(12.5))
p(pcall(string.format,"%d",setmetatable({},{__name="My"})))
p(pcall(string.format,"%s",setmetatable({},{__tostring=function() return {} end}))) p(pcall(tostring,setmetatable({},{__tostring=function() return {} end}))) 
p(pcall(string.format,"%10s",setmetatable({},{__tostring=function() return 12 end})))
p(pcall(string.format,"%d %d",1)) p(pcall(string.format,"%z",1)) p(pcall(string.format,"%5z",1)) p(pcall(string.format,"%.123d",1)) p(pcall(string.format,"%5.d|%5.x",1,0))
p(pcall(string.format,"%.14g %.17g %.3g %5.3g|%-9.2e|%+.1e",0.1,0.1,1234567,0.5,12345.678,0.00012))
p(pcall(string.format, "%i %u", -1, 3)) p(pcall(string.format, "%+u", 3)) p(pcall(string.format, "%#d", 3)) p(pcall(string.format,"%+x",3)) p(pcall(string.format,"%a %.2a %A",1.0,1.999,0.1)) p(pcall(string.format,"%+c",3)) p(pcall(string.format,"%u",-3))
local seed = 1
local function random(low, high) seed = (seed * 1103515245 + 12345) % 2147483648 local x = seed / 2147483648 return low and low + seed // 1024 % (high - low + 1) or x end
for _,f in ipairs{"%5.3f","%10.2e","%-12g|","%+.3f","%.0f","%.10f","%015.4f","%.3g","%#.3g","%.17g","%.1f","%20.15f","%a"} do for i=1,40 do local x=(random()-0.5)*10^random(-8, 12) io.write(string.format(f,x)," ") end for _,x in ipairs{0,0.5,1.5,2.5,0.125,1e15,123456789012,-0.0,1e300,2^-1022,0.05,0.25,0.35,99.95,999999.5} do io.write(string.format(f,x)," ") end print() end
print(string.format('%q %q %q',-0.0,3.0,0.1), string.format("%q",true),string.format("%q",nil),string.format("%q","a\0001\127\200\t"))
print(pcall(string.format,"%.3q",1),pcall(string.format,"%5%",1),pcall(string.format,"%5",1),pcall(string.format,"%5.5.5d",1))
