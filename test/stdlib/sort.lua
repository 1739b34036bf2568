-- table.sort: all kinds of arrays, comparators, errors.
print(select(2,pcall(function() table.sort({1,"x",3}) end))) print(select(2,pcall(function() table.sort({{},{},{}}) end)))
print(select(2,pcall(function() table.sort({setmetatable({},{__name="Foo"}),{}}) end)))
print(select(2,pcall(function() table.sort({3,2,1},function(a,b) error("boom") end) end)))
print(select(2,pcall(function() table.sort({3,2,1},function(a,b) error("boom",2) end) end)))
print(select(2,pcall(function() table.sort({3,2,1,5,6},function(a,b) return true end) end)))
-- sort
math.randomseed(7) local function check(t,f) table.sort(t,f) for i=2,#t do if f and f(t[i],t[i-1]) or not f and t[i]<t[i-1] then return "BAD" end end return "ok" end
for _,n in ipairs{0,1,2,3,5,12,13,50,100,1000,5000} do local a,b,c,d={}, {}, {}, {} for i=1,n do a[i]=math.random(100) b[i]=math.random() c[i]=tostring(math.random(1000)) d[i]=i%3==0 and math.random() or math.random(10) end
 io.write(check(a)," ",check(b)," ",check(c)," ",check(d)," ",check(a,function(x,y) return x>y end)," ",check(c,function(x,y) return #x<#y end),"\n") end
local s={} for i=1,3000 do s[i]=i end check(s) print(check(s,function(a,b) return a>b end),s[1],s[3000]) for i=1,3000 do s[i]=5 end print(check(s),check(s,function(a,b) return a<b end))
local o = {} for i=1,10 do o[i]=setmetatable({v=(i*7)%10},{__lt=function(a,b) return a.v<b.v end}) end table.sort(o) for i=1,10 do io.write(o[i].v," ") end print()
