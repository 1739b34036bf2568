-- Builtins as metamethods and iterators that raise errors: a traceback made while the error is handled shows them.
local function run(f) print(xpcall(f, debug.traceback)) end
local rep = string.rep
local t = setmetatable({}, {
  __add = rep, __index = rep, __newindex = rep, __concat = rep, __len = rep, __unm = rep, __eq = rep, __lt = rep, __le = rep, __call = rep, __close = rep,
})
run(function() return t + 1 end)
run(function() return t.x end)
run(function() t.x = 1 end)
run(function() return t .. 'x' end)
run(function() return #t end)
run(function() return -t end)
run(function() return t == setmetatable({}, {}) end)
run(function() return t < t end)
run(function() return 1 <= t end)
run(function() return t() end)
run(function() local x <close> = t end)
run(function() for _ in t do end end)
run(function() for _ in rep do end end)

local raising = setmetatable({}, { __index = error, __add = error, __call = error, __tostring = function() return 'RAISING' end })
run(function() return raising.key end)
run(function() return raising + 'x' end)
run(function() raising() end)
local strict = setmetatable({}, { __index = function(_, key) error('no field ' .. key, 2) end })
run(function() return strict.key end)

-- Strings' own metamethods are functions of the library.
run(function() return 'x' + 1 end)
run(function() return 2 ^ 'x' end)
run(function() return -'x' end)
run(function() return 'x' // setmetatable({}, { __idiv = function() error('inside') end }) end)
run(function() return 'x' % setmetatable({}, { __mod = 1 }) end)
