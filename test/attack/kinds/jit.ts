/** Programs against the JIT: what makes it compile too much, keep too much, or believe what no longer holds. */
import { endless, holding, type Kind } from '../program.ts';

export const jit: Kind = {
  name: 'JIT',
  programs: [
    ...endless({
      'thousands of loops': `local p = {} for i = 1, 2000 do p[i] = 'for i = 1, 100 do x = x + i end' end x = 0 local f = load(table.concat(p, '\\n')) while true do f() end`,
      'a fresh chunk each time': `local n = 0 while true do n = n + 1 load('local s = 0 for i = 1, 300 do s = s + (i % 7) * 2 end return s', '=request' .. n)() end`,
      'a fresh chunk that loops long': `local n = 0 while true do n = n + 1 load('local s = 0 for i = 1, 20000 do s = s + (i % 7) * 2 end return s', '=request' .. n)() end`,
      'a fresh closure each time': 'while true do local function f(n) local s = 0 for i = 1, n do s = s + i end return s end f(2000) end',
      'types that change in a loop': `local v = { 1, 1.5, 'x', {}, true, print } local i = 0 while true do i = i + 1 local x = v[i % 6 + 1] if x == 1 then v[1] = i else v[1] = 1 end end`,
      'shapes that change in a loop': `local i = 0 while true do i = i + 1 local t = { x = i } t['f' .. i % 50] = i t.x = t['f' .. i % 50] end`,
      'branches that fan out': 'local i, s = 0, 0 while true do i = i + 1 for b = 0, 20 do if i >> b & 1 == 1 then s = s + b else s = s - b end end end',
      'deep inlined calls': 'local f = function(x) return x end for i = 1, 30 do local g = f f = function(x) return g(x) + 1 end end while true do f(1) end',
      'recursion in a loop': 'local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end while true do fib(15) end',
      'a trace of allocations': 'local l while true do l = { l and 1, {} } end',
      'a trace of concatenations': `local i = 0 while true do i = i + 1 local s = 'a' .. i .. 'b' end`,
      'a trace that calls slow helpers': `local a, b = ('x'):rep(4 << 20) .. 'a', ('x'):rep(4 << 20) .. 'b' local n = 0 while true do if a < b then n = n + 1 end end`,
      'a trace over a long text as key': `local t, n = {}, 0 while true do n = n + 1 t[('x'):rep(1 << 16)] = n end`,
      'a trace that fails and is caught': `local n = 0 while true do n = n + 1 pcall(function() for i = 1, 200 do if i == 150 then error('x') end end end) end`,
      'inner loops that end at once': 'while true do for i = 1, 1 do for k = 1, 1 do end end end',
      'loops over floats that become integers': 'while true do for x = 1.0, 100 do local y = x // 1 | 0 end end',
      'stores to a table that others read': 'local t = {} for i = 1, 1000 do t[i] = i end while true do for i = 2, 1000 do t[i] = t[i - 1] + 1 end end',
      'metatables that change under a trace': 'local t, a, b = {}, { __index = function() return 1 end }, { __index = { x = 2 } } while true do for i = 1, 100 do setmetatable(t, i % 2 == 0 and a or b) local x = t.x end end',
      'globals that change under a trace': `while true do for i = 1, 100 do x = i if i == 50 then print = tostring end local y = type(x) end end`,
      'upvalues shared by traces': 'local c = 0 local function inc() c = c + 1 end while true do for i = 1, 100 do inc() end end',
      'collections in a trace': `while true do for i = 1, 100 do local t = {} if i % 50 == 0 then collectgarbage('step') end end end`,
      'coroutines in a trace': 'local co = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end) while true do for i = 1, 100 do co() end end',
    }),
    ...holding({
      'an error through a trace': `local keys = {} for i = 1, 6000 do keys[i] = 'x' end keys[5500] = 'none' local t, count = { x = 1, y = 2 } local function f() local c = 0 count = function() return c end for i = 1, 6000 do c = c + 1 local _ = next(t, keys[i]) end end pcall(f) return count() == 5500`,
      'a shape stored by a trace': `collectgarbage('stop') local ballast = {} for i = 1, 20000 do ballast[i] = { i } end
        local function setB(l) for i = 1, #l do l[i].b = i end end
        local function objects(n, key) local l = { { b = 0 } } for i = 2, n do l[i] = { [key] = i } end return l end
        setB(objects(6000, 'a')) local old = objects(60, 'a') collectgarbage() collectgarbage() collectgarbage('stop') for _ = 1, 10 do collectgarbage('step', 1) end
        setB(old) for r = 1, 12 do for _ = 1, 2 do setB(objects(2600, 'k' .. r)) end end repeat until collectgarbage('step', 1)
        for i = 1, 400 do ballast[i] = { ['p' .. i] = 1, ['q' .. i] = 2 } end
        local names = {} for k, v in pairs(old[5]) do names[#names + 1] = k .. '=' .. tostring(v) end table.sort(names) return table.concat(names, ' ') == 'a=5 b=5'`,
      'a metatable of strings that changes': `local function text(x) local s for _ = 1, 5000 do s = tostring(x) end return s end local a = text('abc') getmetatable('').__tostring = function() return 'S' end local b = text('abc') getmetatable('').__tostring = nil return #a == 3 and #b == 1`,
      'a class that a trace keeps alive': `local weak, s = setmetatable({}, { __mode = 'v' }), 0 local function scope() local C = {} C.__index = C function C.get(o) return o.v end weak[1] = C local o = setmetatable({ v = 1 }, C) for _ = 1, 4000 do s = s + o:get() end end scope() collectgarbage() collectgarbage() return weak[1] == nil`,
      'integers that overflow in a trace': 'local x = math.maxinteger - 100 for i = 1, 5000 do x = x + 1 end return x == math.mininteger + 4899',
      'a loop that ends at maxinteger': 'local n = 0 for i = math.maxinteger - 3000, math.maxinteger do n = n + 1 end return n == 3001',
      'division by zero in a trace': `local ok = pcall(function() for i = 3000, 0, -1 do local x = 10 // i end end) return not ok`,
      'minus zero through a trace': 'local z for i = 3000, 0, -1 do z = -(i * 1.0) end return 1 / z == -math.huge',
      'NaN as a key in a trace': `local t, n = {}, 0 for i = 1, 3000 do local ok = pcall(function() t[i > 2990 and 0/0 or i] = i end) if not ok then n = n + 1 end end return n == 10`,
      'a table that is emptied under its loop': 'local t = {} for i = 1, 5000 do t[i] = i end local s = 0 for i, v in ipairs(t) do s = s + v if i == 4000 then for k = 4001, 5000 do t[k] = nil end end end return s == 4000 * 4001 // 2',
    }),
  ],
};
