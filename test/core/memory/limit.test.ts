/**
 * The memory limit: garbage never makes "not enough memory", whoever allocates; nothing hides from the account: fragments, handles, host objects,
 * what errors leave on the stack; memory itself stays near the limit.
 */
import { describe, expect, it } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { createVm, LuaError, type LuaTable, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';

const MB = 1 << 20;
const ENGINES: readonly (readonly [name: string, make: (options: VmOptions) => Vm])[] = [
  ['interpreted', (options) => createVm(options)],
  ['compiled', (options) => createVm({ ...options, jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

/** Bytes of linear memory. */
const memorySize = (vm: Vm): number => machineOf(vm).memory.wasm.buffer.byteLength;

/** Code of the error that an action ends with, 'none' if it ends well. */
function outcome(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return error.code;
  }
}

/** Programs with little alive that allocate many times the limit of 8 MB, and what they return. */
const GARBAGE: Readonly<Record<string, readonly [source: string, result: unknown]>> = {
  'errors that are caught': ["local bad = 0 for i = 1, 2e4 do local _, e = pcall(string.rep) if e == 'not enough memory' then bad = bad + 1 end end return bad", 0],
  'strings of a third of the limit': ["local n = 0 for i = 1, 40 do n = n + #('x'):rep(3 << 20) end return n", 40 * 3 * MB],
  'long concatenations': ["local x, n = ('x'):rep(1 << 20), 0 for i = 1, 40 do n = n + #(x .. i .. x) end return n > 0", true],
  'concatenations with metamethods between': [
    "local x = ('x'):rep(1 << 20) local o = setmetatable({}, { __concat = function(a, b) return type(a) == 'string' and a or b end }) local n = 0 for i = 1, 40 do n = n + #(x .. o .. x .. i) end return n > 40 << 20", true,
  ],
  'arrays that grow': ['for i = 1, 30 do local t = {} for j = 1, 1e5 do t[j] = j end end return true', true],
  'packed arguments': ['local t = {} for i = 1, 5e4 do t[i] = i end for i = 1, 30 do local p = table.pack(table.unpack(t)) end return true', true],
  'insertion at the front': ['for i = 1, 30 do local t = {} for j = 1, 2e4 do t[j] = j end table.insert(t, 1, "x") assert(t[1] == "x" and t[20001] == 20000) end return true', true],
  'deep stacks': ['local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end for i = 1, 20 do coroutine.wrap(function() assert(f(2e4) == 2e4) end)() end return true', true],
  'coroutines': ['for i = 1, 5e4 do coroutine.wrap(function() coroutine.yield() end)() end return true', true],
  'formatted strings': ["for i = 1, 30 do local s = ('%s|%s'):format(('a'):rep(1 << 19), ('b'):rep(1 << 19)) assert(#s == (1 << 20) + 1) end return true", true],
  'captures and replacements': ["local s = ('a,'):rep(2e5) for i = 1, 30 do local x = s:gsub(',', ';') assert(#x == #s) local y = s:match('(.*),') assert(#y == #s - 1) end return true", true],
  'chunks': ["for i = 1, 2000 do assert(load('local a = ' .. i .. ' return function() return a end -- ' .. ('x'):rep(5000)))() end return true", true],
  'host strings': ["local n = 0 for i = 1, 40 do n = n + #long() end return n", 40 * 2 * MB],
  'host objects': ['for i = 1, 2e4 do object() end return true', true],
  'host errors': ['for i = 1, 2e4 do pcall(fail) end return true', true],
};

describe.each(ENGINES)('%s', (_, make) => {
  it.each(Object.entries(GARBAGE))('garbage is no lack of memory: %s', (_name, [source, result]) => {
    const vm = make({ memoryLimit: 8 * MB, timeout: 50_000 });
    const text = 'y'.repeat(2 * MB);
    vm.register({
      long: () => text,
      object: () => ({}),
      fail: () => {
        throw new Error('x');
      },
    });
    expect(vm.doString(source)).toEqual([result]);
    expect(memorySize(vm)).toBeLessThan(17 * MB);
    vm.close();
  });

  it('a long string is built where it stays', () => {
    const vm = make({ memoryLimit: 40 * MB });
    vm.doString(`local piece, t = ('x'):rep(1e5), {} for i = 1, 240 do t[i] = piece end
      local s = table.concat(t) assert(#s == 24e6 and s:sub(-1) == 'x')`);
    expect(memorySize(vm)).toBeLessThan(44 * MB);
    vm.close();
  });

  it('a stack that becomes deep is moved while it is small only', () => {
    const vm = make({ timeout: 50_000 });
    // A stack of 16 MB, and frames of as much.
    vm.doString('local function f(n) return 1 + f(n + 1) end for i = 1, 3 do assert(not pcall(f, 1)) end');
    expect(memorySize(vm)).toBeLessThan(40 * MB);
    vm.close();
  });

  it.each([14, 17, 18, 19])('a stack that overflows near a limit of %i MB is not moved again and again', (size) => {
    const vm = make({ memoryLimit: size * MB, timeout: 10_000 });
    expect(vm.doString('local function f() return 1 + f() end return pcall(f)')).toEqual([false, 'not enough memory']);
    // What it took is there for the next.
    expect(vm.doString(`return #('x'):rep(${(size / 2) * MB})`)).toEqual([(size / 2) * MB]);
    vm.close();
  });

  it('a deep stack is given back: by a collection, and when the host calls again', () => {
    const vm = make({ memoryLimit: 20 * MB });
    const deep = 'local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end f(100000)';
    expect(vm.doString(`${deep} collectgarbage() return collectgarbage("count") < 2000`)).toEqual([true]);
    vm.doString(deep);
    expect(vm.doString(`return #('x'):rep(${15 * MB})`)).toEqual([15 * MB]);
    vm.close();
  });

  it('a program may wait for a finaliser while its allocations fail', () => {
    const vm = make({ memoryLimit: 8 * MB, timeout: 50_000 });
    const source = `local kept, done = ('x'):rep(5 << 20), 0
      setmetatable({}, { __gc = function() done = done + 1 end })
      repeat local ok = pcall(string.rep, 'x', 4 << 20) until done > 0
      return ok, done, #kept`;
    expect(vm.doString(source)).toEqual([undefined, 1, 5 * MB]);
    vm.close();
  });

  it('what the program kept before it ran out is garbage for the next call', () => {
    const vm = make({ memoryLimit: 8 * MB });
    for (let i = 0; i < 5; i++) {
      expect(vm.doString('return pcall(function() local t = {} while true do t[#t + 1] = { 1, 2, 3 } end end)')).toEqual([false, 'not enough memory']);
      vm.setGlobal('s', 'x'.repeat(3 * MB));
      vm.newTable([1, 2, 3]);
      expect(vm.doString('return #s')).toEqual([3 * MB]);
      vm.setGlobal('s', undefined);
    }
    vm.close();
  });

  it('fragments count: a string kept from each block', () => {
    const vm = make({ memoryLimit: 24 * MB });
    const source = `local keep = {}
      while true do
        for size = 16, 2000, 16 do
          for i = 1, 8192 // size * 10 do
            local s = ('x'):rep(size - 8) .. #keep .. i
            if i % (8192 // size) == 0 then keep[#keep + 1] = s end
          end
        end
      end`;
    expect(outcome(() => vm.doString(source))).toBe('memory');
    expect(memorySize(vm)).toBeLessThan(24 * MB + 16 * MB + 2 * MB);
    expect(vm.doString('return #("x"):rep(4 << 20)')).toEqual([4 * MB]);
    vm.close();
  });

  it('errors that leave a call leave nothing behind', () => {
    const vm = make({ memoryLimit: 8 * MB });
    for (let i = 0; i < 4000; i++) expect(outcome(() => vm.doString(`error("x") --${'x'.repeat(2000)}`))).toBe('runtime');
    vm.collect();
    expect(vm.stats().memoryUsed).toBeLessThan(2 * MB);
    vm.close();
  });

  it('handles and what is behind them count', () => {
    const vm = make({ memoryLimit: 8 * MB });
    const held: unknown[] = [];
    vm.setGlobal('hold', (value) => {
      held.push((value as LuaTable).keep());
    });
    expect(outcome(() => vm.doString('while true do hold({}) end'))).toBe('memory');
    expect(held.length).toBeLessThan(16_000);
    vm.close();
  });
});
