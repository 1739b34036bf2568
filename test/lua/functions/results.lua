-- As many results as are wanted, from functions with and without variable arguments.
local function fixed(a, b) return a, b, 'end' end
local function open(...) return ... end
local function mixed(first, ...) local a, b = ... return first, b, a, ... end
local function passing(...) return fixed(...) end
local function through(...) return (select('#', ...)), open(...) end
local function captured(...) local a = ... local function f() a = (a or 0) + 1 return a end return f(), f(), ... end
local functions = {fixed, open, mixed, passing, through, captured}
for i, f in ipairs(functions) do
  for count = 0, 3 do
    local arguments = {10, 20, 30}
    local function unpacked() return table.unpack(arguments, 1, count) end
    f(unpacked())
    local a = f(unpacked())
    local b, c = f(unpacked())
    local d, e, g, h, k, l = f(unpacked())
    local list = {f(unpacked())}
    print(i, count, a, b, c, d, e, g, h, k, l, #list, (f(unpacked())), select('#', f(unpacked())))
    print(i, count, pcall(f, unpacked()))
    print(i, count, coroutine.wrap(function(...) return f(...) end)(unpacked()))
  end
end

-- More than a few.
local function numbers(n) local t = {} for i = 1, n do t[i] = i end return table.unpack(t) end
for _, n in ipairs {7, 8, 9, 50, 200} do
  print(n, select('#', open(numbers(n))), (select(n, passing and open(numbers(n)))), select('#', pcall(open, numbers(n))), select(-1, mixed(numbers(n))))
end

-- From metamethods, iterators, and with variables to be closed.
local t = setmetatable({}, {__index = function(_, ...) return ... end, __add = function(...) return select('#', ...), ... end, __call = function(_, ...) return ... end})
print(t.name, t + 1, t(1, 2, 3))
for a, b, c in function(_, i) i = (i or 0) + 1 if i < 3 then return i, open(i, i) end end do print(a, b, c) end
local function closing(...) local c <close> = setmetatable({}, {__close = function() print('closed') end}) return ..., 'last' end
print(closing(1, 2)) print((closing()))
