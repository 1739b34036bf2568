/** What coroutines can do here beyond PUC Lua (yields across library functions), and threads as the host sees them. */
import { expect, test } from 'vitest';
import { createVm, type LuaFunction, results } from '../../../src/api/index-node.ts';

const run = (source: string): unknown[] => createVm().doString(source);

test('yields cross the callbacks of library functions', () => {
  expect(run(`
    local co = coroutine.wrap(function()
      local t = { 3, 1, 2 }
      table.sort(t, function(a, b) coroutine.yield('sort') return a < b end)
      local s = string.gsub('ab', '.', function(c) return coroutine.yield('gsub ' .. c) end)
      local u = string.gsub('xy', '.', setmetatable({}, { __index = function(_, k) return coroutine.yield('index ' .. k) end }))
      local text = tostring(setmetatable({}, { __tostring = function() return coroutine.yield('tostring') end }))
      local formatted = string.format('%s', setmetatable({}, { __tostring = function() return coroutine.yield('format') end }))
      package.preload.m = function() return coroutine.yield('require') end
      return table.concat(t), s, u, text, formatted, (require 'm')
    end)
    local log = {}
    local results = table.pack(co())
    while results.n == 1 do
      local what = results[1]
      log[#log + 1] = what
      results = table.pack(co(what:upper()))
    end
    return table.concat(log, ','), table.unpack(results, 1, results.n)
  `)).toEqual([
    'sort,sort,gsub a,gsub b,index x,index y,tostring,format,require',
    '123', 'GSUB AGSUB B', 'INDEX XINDEX Y', 'TOSTRING', 'FORMAT', 'REQUIRE',
  ]);
});

test('library functions that stand for C functions refuse a direct yield', () => {
  expect(run(`
    return coroutine.wrap(function()
      local inside
      string.gsub('a', '.', function() inside = coroutine.isyieldable() end)
      return inside, pcall(table.sort, { 1, 2, 3 }, coroutine.yield)
    end)()
  `)).toEqual([false, false, 'attempt to yield across a C-call boundary']);
});

test('a yield cannot cross a host function, but a coroutine inside it can', () => {
  const vm = createVm();
  vm.setGlobal('call', (f: unknown) => results(...(f as LuaFunction).call()));
  expect(vm.doString(`
    return coroutine.wrap(function()
      local sum = call(function()
        local gen = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end)
        return gen() + gen()
      end)
      return sum, coroutine.isyieldable(), pcall(call, coroutine.yield)
    end)()
  `)).toEqual([3, true, false, 'attempt to yield across a C-call boundary']);
});

test('errors of coroutines reach the host with the traceback of the thread that resumed them', () => {
  const vm = createVm();
  let error: unknown;
  try {
    vm.doString("local function f() coroutine.wrap(function() error('deep', 0) end)() end f()", '=chunk');
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ message: 'chunk:1: deep' });
  expect((error as { traceback: string }).traceback).toContain("chunk:1: in local 'f'");
  expect(vm.doString('return 1 + 1')).toEqual([2]);
});

test('threads pass through the host', () => {
  const vm = createVm();
  const [thread] = vm.doString('return coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end)');
  vm.setGlobal('given', thread as object);
  expect(vm.doString('return type(given), coroutine.resume(given, 1)')).toEqual(['thread', true, 2]);
  expect(vm.doString('return coroutine.resume(given, 21)')).toEqual([true, 42]);
  expect(vm.doString('return coroutine.status(given)')).toEqual(['dead']);
});

test('limits of the host end coroutines, too', () => {
  const vm = createVm({ fuel: 200_000 });
  expect(() => vm.doString(`
    while true do pcall(coroutine.wrap(function() while true do coroutine.yield() end end)) local co = coroutine.create(function() while true do end end) coroutine.resume(co) end
  `)).toThrow('out of fuel');
  vm.fuel = 100_000;
  expect(vm.doString('return coroutine.wrap(function() return coroutine.isyieldable() end)()')).toEqual([true]);
});

test('memory of coroutines is counted and given back', () => {
  const vm = createVm({ memoryLimit: 8_000_000 });
  vm.doString('all = {} for i = 1, 1000 do all[i] = coroutine.wrap(function() coroutine.yield() end) all[i]() end');
  const held = vm.stats().memoryUsed;
  vm.doString('all = nil');
  vm.collect();
  expect(held - vm.stats().memoryUsed).toBeGreaterThan(1_000_000);
  expect(() => vm.doString('local all = {} for i = 1, 1e6 do all[i] = coroutine.create(print) end')).toThrow('not enough memory');
  expect(vm.doString('local ok, message = pcall(function() local all = {} for i = 1, 1e6 do all[i] = coroutine.create(print) end end) return ok, message')).toEqual([false, 'not enough memory']);
});
