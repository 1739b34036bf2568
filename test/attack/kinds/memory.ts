/** What programs make the VM and the host allocate. The process must not grow by more than the limit and what an engine needs. */
import { ending, holding, type Kind, MEGABYTE } from '../program.ts';

const fail = (vm: { setGlobal(name: string, value: () => void): unknown }): void => {
  vm.setGlobal('fail', () => {
    throw new Error('x');
  });
};

export const memory: Kind = {
  name: 'memory',
  programs: [
    ...ending('memory', {
      'a list that grows': 'local t = {} while true do t[#t + 1] = #t end',
      'a list of tables': 'local t = {} while true do t[#t + 1] = {} end',
      'a linked list': 'local l while true do l = { l } end',
      'a map of texts': `local t = {} while true do local k = 'key' .. #t t[k] = true t[#t + 1] = k end`,
      'long texts': `local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end`,
      'a text that doubles': `local s = 'x' while true do s = s .. s end`,
      'rep of too much': `return ('x'):rep(1 << 30)`,
      'closures': 'local t = {} while true do t[#t + 1] = function() return t end end',
      'coroutines': 'local t = {} while true do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) t[#t + 1] = co end',
      'a deep stack in coroutines': 'local t = {} local function deep(n) if n == 0 then coroutine.yield() else deep(n - 1) end return 1 end while true do local co = coroutine.create(deep) coroutine.resume(co, 10000) t[#t + 1] = co end',
      'finalisers registered': 'local t, mt = {}, { __gc = function() end } while true do t[#t + 1] = setmetatable({}, mt) end',
      'weak tables that are kept': `local t = {} while true do t[#t + 1] = setmetatable({ {} }, { __mode = 'v' }) end`,
      'shapes': `local t = {} while true do local r = {} for i = 1, 60 do r['f' .. (#t * 61 + i)] = i end t[#t + 1] = r end`,
      'metatables and shapes': 'local t = {} while true do local mt = {} mt.__index = mt t[#t + 1] = setmetatable({ x = 1 }, mt) end',
      'table.concat of much': `local s, t = ('x'):rep(1 << 20), {} for i = 1, 200 do t[i] = s end return table.concat(t)`,
      'gsub that grows': `return (('x'):rep(1e5)):gsub('x', ('y'):rep(1e5))`,
      'gsub that grows by a function': `local n = 0 return (('x'):rep(1e5)):gsub('x', function() n = n + 1 return ('y'):rep(1e4) .. n end)`,
      'format that grows': `local s = ('x'):rep(1 << 20) local t = {} for i = 1, 100 do t[i] = s end return (('%s'):rep(100)):format(table.unpack(t))`,
      'pack that grows': `local s = ('x'):rep(1 << 20) local t = {} for i = 1, 100 do t[i] = s end return string.pack(('s'):rep(100), table.unpack(t))`,
      'upper of much': `local t = {} local s = ('x'):rep(10 << 20) while true do t[#t + 1] = s:upper() end`,
      'table.pack of much': 'local t, r = {}, {} for i = 1, 1e5 do t[i] = i end while true do r[#r + 1] = table.pack(table.unpack(t)) end',
      'table.move to far places': 'local t = {} for i = 1, 1e5 do t[i] = i end for i = 1, 1e9 do table.move(t, 1, 1e5, i * 1e5 + 1) end',
    }),
    ...ending('runtime', { 'rep of far too much': `return ('x'):rep(1 << 40)` }),
    ...ending('memory runtime', {
      'an error object that grows': `local function f(n) local ok, e = pcall(f, n .. n) error(e) end f(('x'):rep(1000))`,
      'code that is kept': `local t = {} while true do t[#t + 1] = assert(load('local a = ' .. #t .. ' return function() for i = 1, 10 do a = a + i end return a end'))() end`,
    }),
    ...ending('memory stack runtime', {
      'recursion with long texts': `local function f(s) return f(s .. 'x') .. 'y' end return f(('x'):rep(10000))`,
      'recursion through varargs': 'local function f(...) return 1 + f(1, ...) end return f()',
      'recursion of coroutines': 'local function f() return coroutine.wrap(f)() end return f()',
    }),
    ...holding({
      'texts that are garbage': `for i = 1, 50 do local s = ('x'):rep(25 << 20) end return true`,
      'texts made piece by piece': `for round = 1, 20 do local s = '' for i = 1, 2000 do s = s .. ('x'):rep(100) end end return true`,
      'errors that are caught': `local bad = 0 for i = 1, 1e5 do local _, e = pcall(string.rep) if e == 'not enough memory' then bad = bad + 1 end end return bad == 0`,
      'memory errors that are caught': `local n = 0 for i = 1, 20 do local ok, e = pcall(function() local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end end) if not ok and e == 'not enough memory' then n = n + 1 end end return n == 20`,
      'memory errors of rep, caught': `local n = 0 for i = 1, 1000 do local ok, e = pcall(string.rep, 'x', 1 << 30) if not ok then n = n + 1 end end return n == 1000`,
      'one text per block is kept': `local keep = {} pcall(function() for size = 16, 2000, 16 do for i = 1, 8192 // size * 40 do local s = ('x'):rep(size - 8) .. i if i % (8192 // size) == 0 then keep[#keep + 1] = s end end end end) keep = nil local t = {} for i = 1, 3e5 do t[i] = i .. '' end return #t == 3e5`,
      'sizes that change': `for size = 1, 100 do local t = {} for i = 1, 3000 do t[i] = ('x'):rep(size * 40) .. i end end return true`,
      'coroutines that are garbage': 'for i = 1, 1e5 do coroutine.wrap(function() coroutine.yield() end)() end return true',
      'chunks that are garbage': `for i = 1, 1e4 do load('return ' .. i)() end return true`,
      'host errors that are caught': 'for i = 1, 3e5 do pcall(fail) end return true',
      'a queue that moves along': 'local t, first = {}, 1 for i = 1, 2e6 do t[i] = i if i > 100 then t[first] = nil first = first + 1 end end return true',
    }, { prepare: fail }),
    ...holding({ 'errors under a small limit': `local bad = 0 for i = 1, 3e5 do local _, e = pcall(string.rep) if e == 'not enough memory' then bad = bad + 1 end end return bad == 0` }, { options: { memoryLimit: 8 * MEGABYTE } }),
  ],
};
