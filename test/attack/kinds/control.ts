/** Programs that run for ever by each way a program can: loops, calls, metamethods, coroutines, closers, handlers, finalisers. */
import { endless, type Kind } from '../program.ts';

const loop = (body: string): string => `while true do ${body} end`;
const meta = (event: string, body: string): string => `local mt = {} local t = setmetatable({}, mt) mt.${event} = function(a, b, ...) ${body} end`;

export const loops: Kind = {
  name: 'loops and calls',
  programs: endless({
    'an empty loop': loop(''),
    'repeat until false': 'repeat until false',
    'goto': '::again:: goto again',
    'goto over labels': 'local i = 0 ::a:: i = i + 1 goto c ::b:: goto a ::c:: if i % 2 == 0 then goto b else goto a end',
    'a loop to infinity': 'for i = 1, math.huge do end',
    'a loop of floats': 'for i = 1.0, math.huge, 0.5 do end',
    'a loop of step 1 to maxinteger': 'for i = math.mininteger, math.maxinteger do end',
    'nested loops': 'for a = 1, 1e9 do for b = 1, 1e9 do for c = 1, 1e9 do end end end',
    'many empty loops': loop('for i = 1, 0 do end for i = 1, 0 do end for i = 1, 0 do end'),
    'an iterator': 'for x in function() return 1 end do end',
    'an iterator by __call': 'for x in setmetatable({}, { __call = function() return 1 end }) do end',
    'pairs of a table that changes': 'local t = {} for i = 1, 1000 do t[i] = i end while true do for k in pairs(t) do t[k] = t[k] + 1 end end',
    'calls': 'local function f(x) return x end while true do f(1) end',
    'tail calls': 'local function f() return f() end f()',
    'tail calls of two': 'local g local function f(n) return g(n + 1) end function g(n) return f(n + 1) end f(1)',
    'doubling recursion': 'local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)',
    'recursion that overflows, caught': 'local function f(n) return 1 + f(n + 1) end while true do pcall(f, 1) end',
    'recursion through pcall': 'local function f() pcall(f) end while true do f() end',
    'recursion through metamethods': 'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end while true do pcall(function() return t[1] end) end',
    'recursion through tostring': 'local t = setmetatable({}, { __tostring = function(t) return tostring(t) end }) while true do pcall(tostring, t) end',
    'recursion through sort': 'local function f() table.sort({3, 2, 1}, function(a, b) f() return a < b end) end while true do pcall(f) end',
    'recursion through gsub': `local function f() (('x'):rep(3)):gsub('x', f) end while true do pcall(f) end`,
    'recursion through load': `local function f() load(function() f() end) end while true do pcall(f) end`,
    'calls with a hundred thousand arguments': 'local t = {} for i = 1, 1e5 do t[i] = i end local function f(...) return select("#", ...) end while true do f(table.unpack(t)) end',
    'varargs that grow': 'local function f(...) if select("#", ...) < 2000 then return f(1, ...) end end while true do f() end',
    'a __call cycle': 'local z = setmetatable({}, {}) getmetatable(z).__call = z z()',
    'a __call chain': 'local z = print for i = 1, 1e5 do z = setmetatable({}, { __call = z }) end while true do pcall(z) end',
    'an __index chain of tables': 'local t = {} for i = 1, 1e5 do t = setmetatable({}, { __index = t }) end while true do pcall(function() return t.x end) end',
    'an __index cycle': 'local t = {} setmetatable(t, { __index = t }) while true do pcall(function() return t.x end) end',
    'a __newindex chain of tables': 'local t = {} for i = 1, 1e5 do t = setmetatable({}, { __newindex = t }) end while true do pcall(function() t.x = nil end) end',
    'errors that are caught': loop('pcall(error, 1)'),
    'operand errors that are caught': loop('pcall(function() return nil + 1 end)'),
    'errors with deep tracebacks': `local function deep(n) if n == 0 then error('x') end deep(n - 1) end while true do pcall(deep, 1e4) end`,
    'xpcall with an endless handler': `xpcall(error, function() while true do end end)`,
    'xpcall with a handler that fails': loop('xpcall(error, function(e) error(e) end)'),
    'xpcall with itself as handler': loop('xpcall(error, xpcall, xpcall)'),
    'pcall of an endless loop': loop('pcall(function() while true do end end)'),
    'pcall of pcall of pcall': loop('pcall(pcall, pcall, pcall, pcall, error)'),
    'a closer that does not end': 'local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end',
    'closers that fail, for ever': `local mt = { __close = function() error('again') end } while true do pcall(function() local a <close> = setmetatable({}, mt) local b <close> = setmetatable({}, mt) end) end`,
    'a closer that opens another': `local function open() return setmetatable({}, { __close = function() local x <close> = open() end }) end while true do pcall(function() local x <close> = open() end) end`,
    'closers of a for loop': `while true do for i in next, {1}, nil, setmetatable({}, { __close = function() end }) do end end`,
    'hundreds of closers': `local mt = { __close = function() end } local function f(n) if n > 0 then local x <close> = setmetatable({}, mt) f(n - 1) end end while true do pcall(f, 150) end`,
  }),
};

const EVENTS: Readonly<Record<string, string>> = {
  __add: 't + 1', __sub: 't - 1', __mul: 't * 1', __div: 't / 1', __mod: 't % 1', __pow: 't ^ 1', __idiv: 't // 1', __band: 't & 1', __bor: 't | 1', __bxor: 't ~ 1', __shl: 't << 1', __shr: 't >> 1',
  __unm: '-t', __bnot: '~t', __concat: 't .. 1', __len: '#t', __eq: 't == setmetatable({}, mt)', __lt: 't < t', __le: 't <= t', __index: 't[1]', __call: 't()', __tostring: 'tostring(t)', __pairs: 'pairs(t)',
};

export const metamethods: Kind = {
  name: 'metamethods',
  programs: [
    ...endless(Object.fromEntries(Object.entries(EVENTS).map(([event, use]) => [`${event} that does not return`, `${meta(event, 'while true do end')} local x = ${use}`]))),
    ...endless({
      '__newindex that does not return': `${meta('__newindex', 'while true do end')} t.x = 1`,
      '__close that does not return': `${meta('__close', 'while true do end')} do local x <close> = t end`,
      '__gc that does not return': `setmetatable({}, { __gc = function() while true do end end }) while true do collectgarbage() end`,
      '__name of a megabyte in messages': `local t = setmetatable({}, { __name = ('n'):rep(1 << 20) }) while true do pcall(function() return t + 1 end) pcall(string.rep, t) end`,
      '__metatable of a megabyte': `local t = setmetatable({}, { __metatable = ('n'):rep(1 << 20) }) while true do local x = getmetatable(t) .. 1 pcall(setmetatable, t, {}) end`,
      '__lt in sort': `local mt = { __lt = function() return true end } local t = {} for i = 1, 1000 do t[i] = setmetatable({}, mt) end while true do pcall(table.sort, t) end`,
      '__concat of a long row': `local t = setmetatable({}, { __concat = function(a, b) return ('x'):rep(1 << 16) end }) while true do local x = t .. 1 .. 2 .. 3 .. 4 .. t end`,
      '__len that lies, in the table library': `local t = setmetatable({}, { __len = function() return math.maxinteger end }) while true do pcall(table.insert, t, 1) pcall(table.remove, t) pcall(table.unpack, t) end`,
      '__index that makes elements, in table.concat': `table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, math.maxinteger)`,
      '__mode that changes all the time': `local mt = {} local t = setmetatable({}, mt) while true do mt.__mode = 'k' t[{}] = {} mt.__mode = 'v' collectgarbage('step') mt.__mode = nil end`,
      'metatables that change all the time': 'local a, b, t = { __index = function() return 1 end }, {}, {} while true do setmetatable(t, a) local x = t.x setmetatable(t, b) x = t.x setmetatable(t, nil) end',
      'string methods through a replaced metatable': `local mt = getmetatable('') local old = mt.__index mt.__index = function(s, k) return old[k] end local s = ('x'):rep(1000) while true do local x = s:upper() end`,
    }),
  ],
};

export const coroutines: Kind = {
  name: 'coroutines',
  programs: endless({
    'a loop within': 'coroutine.wrap(function() while true do end end)()',
    'resumed for ever': 'while true do coroutine.resume(coroutine.create(function() while true do end end)) end',
    'a generator': 'for x in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end',
    'a chain of generators': 'local function chain(n) return coroutine.wrap(function() if n == 0 then while true do coroutine.yield(1) end end for x in chain(n - 1) do coroutine.yield(x) end end) end for x in chain(100) do end',
    'within coroutines': 'local function f(n) local co = coroutine.wrap(f) co(n + 1) end while true do pcall(f, 1) end',
    'made and dropped': 'while true do coroutine.create(function() end) end',
    'left suspended': 'while true do coroutine.wrap(function() coroutine.yield() end)() end',
    'closed with endless closers': 'while true do local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() while true do end end }) coroutine.yield() end) coroutine.resume(co) coroutine.close(co) end',
    'closed with closers that fail': `while true do local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() error('x') end }) coroutine.yield() end) coroutine.resume(co) coroutine.close(co) end`,
    'passing a hundred thousand values': 'local t = {} for i = 1, 1e5 do t[i] = i end local co = coroutine.wrap(function(...) while true do coroutine.yield(...) end end) while true do co(table.unpack(t)) end',
    'with deep stacks': 'local function deep(n) if n == 0 then return coroutine.yield() end deep(n - 1) return 1 end while true do local co = coroutine.create(deep) coroutine.resume(co, 5000) coroutine.close(co) end',
    'resuming themselves': 'local co co = coroutine.create(function() while true do coroutine.resume(co) end end) coroutine.resume(co)',
    'yielding in sort': 'local co = coroutine.wrap(function() while true do pcall(table.sort, {3, 2, 1}, coroutine.yield) end end) while true do co() end',
    'yielding in pcall and metamethods': 'local t = setmetatable({}, { __index = coroutine.yield }) local co = coroutine.wrap(function() while true do pcall(function() return t.x end) end end) while true do co() end',
    'errors through many': `local function f(n) if n == 0 then error({}) end return coroutine.wrap(f)(n - 1) end while true do pcall(f, 100) end`,
    'status and running': 'local co = coroutine.create(function() end) while true do coroutine.status(co) coroutine.running() coroutine.isyieldable() end',
  }),
};
