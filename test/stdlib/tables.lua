-- Table functions on plain tables and on objects with metamethods, which log each access.
-- proxies
local log = {}
local function proxy(t) return setmetatable({}, {__index=function(_,k) log[#log+1]="r"..tostring(k) return t[k] end, __newindex=function(_,k,v) log[#log+1]="w"..tostring(k) t[k]=v end, __len=function() log[#log+1]="#" return #t end}) end
local function flush() print(table.concat(log," ")) log={} end
local p = proxy{1,2,3}
table.insert(p,4) flush() table.insert(p,1,0) flush() print(table.remove(p)) flush() print(table.remove(p,1)) flush() print(table.concat(p,",")) flush() print(table.unpack(p)) flush()
table.move(p,1,3,2) flush() table.sort(p,function(a,b) return a>b end) log = {} print(table.concat(p,",")) flush() table.sort(p) log={} print(table.concat(p,",")) log={}
print(pcall(table.insert,setmetatable({},{__len=function() return "x" end}),1)) print(pcall(table.insert,setmetatable({},{__len=function() return 2.0 end}),1))
print(pcall(table.insert,nil,1)) print(pcall(table.concat,1)) print(pcall(table.unpack)) print(pcall(table.sort)) print(pcall(table.remove,{},1)) print(table.remove({})) print(table.remove({1,2,3},4)) print(pcall(table.move,{},1,2)) print(pcall(table.insert,{},"x",1)) print(pcall(table.insert,{},1.5,1)) print(pcall(table.concat,{},1,2)) print(pcall(table.concat,{{}})) print(table.concat({1,2.5,"x"},"-"))
print(select(2,pcall(function() local t={} table.concat({1,t}) end))) print(pcall(table.move,{},1,2,3,4)) print(pcall(table.move,{},-1,math.maxinteger,2)) print(table.pack().n)
print(pcall(table.unpack,{},1,1e8)) print(pcall(table.move,{},1,math.maxinteger,2)) print(pcall(table.concat,setmetatable({},{__len=function() return "x" end})))
print(pcall(table.unpack,1,1,2)) print(select(2,pcall(function() table.unpack(nil) end))) print(select(2,pcall(function() table.unpack("abc",1,2) end)))
print(select(2,pcall(function() local a = table.unpack(5,1,2) end)))
