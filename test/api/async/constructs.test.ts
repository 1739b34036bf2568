/** A host function is waited for wherever Lua can call one, in each mode: what the program computes is what it computes when nothing has to be waited for. */
import { describe, expect, test } from 'vitest';
import { makeVm, MODES } from './harness.ts';

/** Programs by what they wait in. `wait` gives its arguments back. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  'a call': 'local a, b = wait(1, 2) return a + b, (wait(3)), wait()',
  'a tail call': 'return (function(...) return wait(...) end)(1, nil, 3)',
  'arguments and constructors': 'local t = { wait(1), wait(2, 3) } return #t, math.max(wait(4), wait(6, 5))',
  'a loop': 'local n = 0 for i = 1, 60 do n = n + wait(i) end return n',
  'some rounds of a hot loop': 'local n = 0 for i = 1, 300 do n = n + (i % 50 == 0 and wait(i) or i) end return n',
  'a function that a hot loop inlines': 'local function f(i) if i % 40 == 0 then return wait(i) end return i end local n = 0 for i = 1, 200 do n = n + f(i) end return n',
  pcall: `
    local log = {}
    log[1] = select(2, pcall(wait, 'direct'))
    log[2] = select(2, pcall(function() return wait('inside') end))
    log[3] = select(2, pcall(function() wait() error('after', 0) end))
    log[4] = select(2, pcall(pcall, pcall, function() return wait('nested') end))
    return table.unpack(log)`,
  xpcall: `
    return xpcall(function() wait() error('oh', 0) end, function(message) return wait(message .. '!') end)`,
  'an error that waited': `
    local ok, message = pcall(function() local x <close> = setmetatable({}, { __close = function(_, e) wait() error(wait(e) .. '2', 0) end }) error('1', 0) end)
    return ok, message`,
  'arithmetic metamethods': `
    local o = setmetatable({}, {
      __add = function(a, b) return wait('add') end, __sub = function() return wait('sub') end, __mul = function() return wait('mul') end,
      __div = function() return wait('div') end, __mod = function() return wait('mod') end, __pow = function() return wait('pow') end,
      __unm = function() return wait('unm') end, __idiv = function() return wait('idiv') end, __band = function() return wait('band') end,
      __bor = function() return wait('bor') end, __bxor = function() return wait('bxor') end, __shl = function() return wait('shl') end,
      __shr = function() return wait('shr') end, __bnot = function() return wait('bnot') end, __len = function() return wait('len') end,
      __concat = function() return wait('concat') end })
    return o + 1, 1 - o, o * o, o / 1, o % 1, o ^ 2, -o, o // 1, o & 1, 1 | o, o ~ 1, o << 1, o >> 1, ~o, #o, o .. 'x', 'x' .. 'y' .. o`,
  comparisons: `
    local m = { __lt = function(a, b) return wait(a.n < b.n) end, __le = function(a, b) return wait(a.n <= b.n) end, __eq = function(a, b) return wait(a.n == b.n) end }
    local function new(n) return setmetatable({ n = n }, m) end
    local a, b = new(1), new(2)
    local taken = 0
    if a < b then taken = taken + 1 end
    if not (b <= a) then taken = taken + 2 end
    if a ~= b then taken = taken + 4 end
    while b < a do taken = 100 end
    return a < b, a > b, a <= b, a >= b, a == b, a ~= b, a == new(1), taken`,
  'index and newindex': `
    local store = {}
    local o = setmetatable({}, { __index = function(_, k) return wait(k) end, __newindex = function(_, k, v) rawset(store, wait(k), wait(v)) end })
    o.field = 1 o[2] = o[3] o[wait('k')] = wait('v')
    local method = setmetatable({}, { __index = function(_, k) return function(_, x) return wait(k) .. x end end })
    return o.x, o[1], o[true], store.field, store[2], store.k, method:m('!')`,
  'a function as __index, deep': `
    local o = setmetatable({}, { __index = setmetatable({}, { __index = function(_, k) return wait(k .. '?') end }) })
    return o.a, rawget(o, 'a')`,
  __call: 'local o = setmetatable({}, { __call = function(_, ...) return wait(...) end }) return o(1, 2), pcall(o, 3)',
  'wait itself as a metamethod': 'local o = setmetatable({}, { __index = wait, __add = wait, __call = wait, __unm = wait }) return rawequal(o.x, o), rawequal(o + 1, o), rawequal((o(1)), o), rawequal(-o, o)',
  iterators: `
    local log = {}
    local function range(n) return function(_, i) i = i + 1 if wait(i) <= n then return i, wait(i * 2) end end, nil, 0 end
    for i, twice in range(5) do log[#log + 1] = i .. ':' .. twice end
    for value in wait, 7 do log[#log + 1] = tostring(value) break end
    for k, v in pairs(setmetatable({}, { __pairs = function() return wait(next), wait({ a = 1 }), nil end })) do log[#log + 1] = k .. v end
    for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 4 then return wait(i * 10) end end })) do log[#log + 1] = i .. '=' .. v end
    return table.concat(log, ' ')`,
  'the closing value of a for': `
    local log = {}
    for i in function(_, i) i = (i or 0) + 1 return wait(i) end, nil, nil, setmetatable({}, { __close = function() log[#log + 1] = wait('closed') end }) do if i == 2 then break end end
    return log[1]`,
  'table.sort': `
    local t = { 5, 2, 8, 1, 9, 3, 7, 4, 6 }
    table.sort(t, function(a, b) return wait(a) < b end)
    local objects = {}
    for i, n in ipairs { 3, 1, 2 } do objects[i] = setmetatable({ n = n }, { __lt = function(a, b) return wait(a.n) < b.n end }) end
    table.sort(objects)
    return table.concat(t), objects[1].n, objects[2].n, objects[3].n, pcall(table.sort, { 3, 2, 1 }, wait)`,
  'table functions': `
    local t = setmetatable({}, { __index = function(_, i) return wait(i) end, __len = function() return wait(3) end, __newindex = function(t, k, v) rawset(t, wait(k), v) end })
    table.insert(t, 'x')
    return table.concat(t, ','), select('#', table.unpack(t)), table.remove(t), #table.move(t, 1, 3, 1, {})`,
  'gsub, gmatch': `
    local words = {}
    for word in ('a b c'):gmatch('%a') do words[#words + 1] = wait(word) end
    return ('hello'):gsub('l', function(c) return wait(c:upper()) end), ('abc'):gsub('.', wait), ('xyz'):gsub('%a', setmetatable({}, { __index = function(_, k) return wait(k .. '.') end })), table.concat(words)`,
  'tostring, print, format, concat': `
    local o = setmetatable({}, { __tostring = function() return wait('text') end, __name = 'T' })
    return tostring(o), ('%s|%10s'):format(o, o), #tostring(o)`,
  __close: `
    local log = {}
    local function resource(name) return setmetatable({}, { __close = function(_, e) log[#log + 1] = wait(name) .. tostring(e) end }) end
    do local a <close> = resource('a') local b <close> = resource('b') end
    local function f() local c <close> = resource('c') return wait('result') end
    log[#log + 1] = f()
    pcall(function() local d <close> = resource('d') local e <close> = resource('e') error('boom', 0) end)
    local function g() local h <close> = resource('h') return (function(...) return ... end)(1, 2, wait(3)) end
    return table.concat(log, ' '), g()`,
  goto: 'local n = 0 do ::again:: local x <close> = setmetatable({}, { __close = function() n = wait(n + 1) end }) if n < 3 then goto again end end return n',
  coroutines: `
    local log = {}
    local co = coroutine.create(function(a) for i = 1, 3 do a = coroutine.yield(wait(a + i)) end return wait('end') end)
    for i = 1, 4 do local _, v = coroutine.resume(co, wait(i * 10)) log[i] = tostring(v) end
    local wrapped = coroutine.wrap(function() wait() coroutine.yield(1) error(wait('inside'), 0) end)
    log[#log + 1] = tostring(wrapped())
    log[#log + 1] = tostring(select(2, pcall(wrapped)))
    return table.concat(log, ' '), coroutine.status(co)`,
  'nested coroutines': `
    local function generator(depth) return coroutine.wrap(function() if depth == 0 then for i = 1, 3 do coroutine.yield(wait(i)) end return end for v in generator(depth - 1) do coroutine.yield(wait(v * 2)) end end) end
    local sum = 0
    for v in generator(4) do sum = sum + v end
    return sum`,
  'yields and waits in turn': `
    local co = coroutine.wrap(function() local t = { 3, 1, 2 } table.sort(t, function(a, b) coroutine.yield(a) return wait(a) < wait(b) end) return table.concat(t) end)
    local last
    repeat last = wait(co()) until type(last) == 'string'
    return last`,
  'coroutine.close': `
    local log = {}
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() log[#log + 1] = wait('x') end }) coroutine.yield() end)
    coroutine.resume(co)
    return coroutine.close(co), log[1], coroutine.status(co)`,
  'status and running': `
    local main, isMain = coroutine.running()
    local co co = coroutine.create(function() wait() return coroutine.status(main), coroutine.status(co), coroutine.isyieldable() end)
    return isMain, coroutine.isyieldable(), wait(coroutine.resume(co)), pcall(coroutine.yield), coroutine.resume(main)`,
  require: `
    package.preload.one = function(name) return wait({ name = name }) end
    table.insert(package.searchers, 1, function(name) if name == 'two' then return wait(function(...) return wait(...) end), 'data' end return wait('nothing') end)
    return require('one').name, require('two'), require('one') == require('one')`,
  'load and what it made': 'return load("local a = wait(...) return wait(a), _ENV == _G")(5), load(function() return nil end)',
  'variable arguments': 'local function f(...) wait() return select("#", ...), ... end return f(1, nil, 3), (function(...) local a = wait(...) return a, ... end)(7, 8)',
  upvalues: `
    local function counter() local n = 0 return function() n = wait(n + 1) return n end end
    local a, b = counter(), counter()
    a() a() b()
    return a(), b()`,
  'garbage collection meanwhile': `
    local weak = setmetatable({}, { __mode = 'k' })
    local kept = {} weak[kept] = 'kept' weak[{}] = 'dropped'
    local text = ('x'):rep(100) .. wait('y')
    collectgarbage() wait() collectgarbage()
    local n = 0 for _ in pairs(weak) do n = n + 1 end
    return n, weak[kept], #text`,
  'many results': 'local t = {} for i = 1, 300 do t[i] = i end return select("#", wait(table.unpack(t))), (select(300, wait(table.unpack(t))))',
  'a deep stack': 'local function f(n) if n == 0 then return wait("bottom") end return (f(n - 1)) end return f(5000)',
  hooks: `
    local events = {}
    debug.sethook(function(e) events[#events + 1] = e:sub(1, 1) end, 'cr')
    local a, b = wait(1, 2)
    debug.sethook()
    return a, b, table.concat(events)`,
  'tracebacks': `
    local text
    local function f() local ok, message = xpcall(function() wait() error('x') end, debug.traceback) text = message end
    f()
    return (text:gsub('%[C%]: in [^\\n]*', '[C]'))`,
};

describe.each(MODES.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test.each(Object.entries(CONSTRUCTS))('%s', async (_name, source) => {
    const plain = makeVm(mode, {}, () => false);
    const expected = plain.doString(source, '=chunk');
    for (const isLater of [() => true, (call: number) => call % 2 === 0, (call: number) => call % 3 === 2]) {
      const vm = makeVm(mode, {}, isLater);
      const results = await vm.doStringAsync(source, '=chunk');
      expect(results.map(shown)).toEqual(expected.map(shown));
      vm.close();
    }
    plain.close();
  });
});

/** Handles of two VMs are alike if they are of a kind. */
const shown = (value: unknown): unknown => (typeof value === 'object' && value !== null ? value.constructor.name : value);
