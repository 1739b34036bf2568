-- A class that only a finished inner scope used stays alive while its trace does.
local weak, s = setmetatable({}, {__mode = "v"}), 0
local function scope()
  local C = {} C.__index = C function C.get(o) return o.v end weak[1] = C
  local o = setmetatable({v = 1}, C) for _ = 1, 4000 do s = s + o:get() end
end
scope() collectgarbage() print(weak[1])
