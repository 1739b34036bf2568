/** Fuel, time limits and interruption: in the interpreter, in traces, and in long library functions. */
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { createVm, Interrupt, LuaError, type Vm, type VmOptions } from '../../../src/api/index-node.ts';

const ENGINES: readonly (readonly [name: string, make: (options: VmOptions) => Vm])[] = [
  ['interpreted', (options) => createVm(options)],
  ['compiled', (options) => createVm({ ...options, jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

/** Code of the error that the chunk ends with, 'none' if it ends well. */
function outcome(vm: Vm, source: string): string {
  try {
    vm.doString(source, '=limits');
    return 'none';
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return error.code;
  }
}

/** Calls of library functions that take very long. */
const LONG_CALLS: Readonly<Record<string, string>> = {
  'a pattern that backtracks': '(("a"):rep(1000)):find(("a*"):rep(30) .. "b")',
  'a pattern of lazy repetitions': '(("a"):rep(5000)):find((".-"):rep(10) .. "b")',
  'a pattern with a long set': 'for i = 1, 30 do (("a"):rep(100)):find(i .. ("[" .. ("b"):rep(1e6) .. "]*"):rep(3) .. "$") end',
  'a long pattern on a long string': '(("a"):rep(1e6)):find(("a"):rep(1e5) .. ".b")',
  'a search for a long string': '(("a"):rep(2e6)):find(("a"):rep(1e6) .. "b", 1, true)',
  'balanced brackets': '(("("):rep(3e5)):find("%b()")',
  'gsub': '(("a"):rep(3e5)):gsub("(.-)b", "%1")',
  'gmatch': 'for x in (("a"):rep(3e5)):gmatch("a-b") do end',
  'table.move': 'table.move({}, 1, math.maxinteger - 1, 2)',
  'table.concat through __index': 'table.concat(setmetatable({}, { __index = function() return "" end }), "", 1, math.maxinteger)',
  'sorting a large table': 'local t = {} for i = 1, 1e5 do t[i] = (i * 7919) % 100003 end for i = 1, 1e4 do table.sort(t) t[1] = i end',
  'inserting at the front': 'local t = {} for i = 1, 1e6 do table.insert(t, 1, i) end',
  'building strings': 'for i = 1, 1e9 do local s = ("x"):rep(1e6) end',
};

/** Programs that do not end by themselves, or not for a long time. */
const ENDLESS: Readonly<Record<string, string>> = {
  'an empty loop': 'while true do end',
  'a numeric loop': 'for i = 1, math.huge do end',
  'a loop that works': 'local t, i = {}, 0 while true do i = i + 1 t[i % 100] = i end',
  'goto': '::again:: goto again',
  'calls': 'local function f(x) return x end while true do f(1) end',
  'tail calls': 'local function f() return f() end f()',
  'recursion': 'local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)',
  'errors that are caught': 'while true do pcall(error, 1) end',
  'operand errors that are caught': 'while true do pcall(function() return nil + 1 end) end',
  'pcall of an endless loop': 'while true do pcall(function() while true do end end) end',
  'xpcall with a handler that does not end': 'xpcall(function() while true do end end, function() while true do end end)',
  'a closer that does not end': 'local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end',
  'an iterator': 'for x in function() return 1 end do end',
  'an __index chain': 'local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) while true do pcall(function() return t[1] end) end',
  'a coroutine': 'coroutine.wrap(function() while true do end end)()',
  'coroutines that are resumed': 'while true do coroutine.resume(coroutine.create(function() while true do end end)) end',
  'a generator': 'for x in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end',
  'coroutines within coroutines': 'local function f(n) local co = coroutine.wrap(f) co(n + 1) end while true do pcall(f, 1) end',
  'a finaliser that does not end': 'while true do setmetatable({}, { __gc = function() while true do end end }) end',
  'a finaliser that makes another': 'local function f() setmetatable({}, { __gc = f }) end f() while true do f() end',
  'a message handler that fails': 'while true do xpcall(error, function(e) error(e) end) end',
  'sorting': 'local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end',
};

describe.each(ENGINES)('%s', (_, make) => {
  it.each(Object.entries(ENDLESS))('fuel ends %s, and the VM goes on', (_name, source) => {
    const vm = make({ fuel: 200_000 });
    expect(outcome(vm, source)).toBe('fuel');
    expect(vm.fuel).toBe(0);
    expect(outcome(vm, 'for i = 1, 10 do end')).toBe('fuel');
    vm.fuel = 100_000;
    expect(vm.doString('local s = 0 for i = 1, 10 do s = s + i end return s')).toEqual([55]);
    vm.close();
  });

  it.each(Object.entries(ENDLESS))('a time limit ends %s', (_name, source) => {
    const vm = make({ timeout: 30 });
    expect(outcome(vm, source)).toBe('timeout');
    expect(vm.doString('return 1 + 1')).toEqual([2]);
    vm.close();
  });

  it('fuel that is taken away while a program waits for more ends it', () => {
    let slices = 0;
    const vm: Vm = createVm({
      onSlice: () => {
        slices++;
        vm.fuel = 0;
      },
    });
    expect(outcome(vm, 'while true do end')).toBe('fuel');
    expect(slices).toBe(1);
    vm.close();
  });

  it.each(Object.entries(LONG_CALLS))('fuel and time end %s', (_name, source) => {
    const vm = make({ fuel: 3_000_000 });
    expect(outcome(vm, source)).toBe('fuel');
    vm.fuel = 1000;
    expect(vm.doString('return ("abc"):find("b")')).toEqual([2, 2]);
    vm.close();
    const timed = make({ timeout: 50 });
    const start = performance.now();
    expect(outcome(timed, source)).toBe('timeout');
    expect(performance.now() - start).toBeLessThan(5000);
    timed.close();
  });

  it('says where', () => {
    const vm = make({ fuel: 1000 });
    expect(() => vm.doString('local i = 0\nwhile true do\ni = i + 1 end', '=where')).toThrow(/^where:[23]: out of fuel$/);
    vm.close();
  });

  it('lets Lua catch what the host says it may', () => {
    const vm = make({ fuel: 50_000, catchable: ['fuel'] });
    const source = 'local ok, e = pcall(function() while true do end end) caught = e while true do end';
    expect(outcome(vm, source)).toBe('fuel');
    vm.fuel = 1000;
    expect(vm.getGlobal('caught')).toMatch(/^limits:1: out of fuel$/);
    vm.close();
  });

  it('calls no closer of a program that was stopped', () => {
    const vm = make({ fuel: 10_000 });
    expect(outcome(vm, 'local x <close> = setmetatable({}, { __close = function() closed = true end }) while true do end')).toBe('fuel');
    vm.fuel = 1000;
    expect(vm.getGlobal('closed')).toBe(undefined);
    vm.close();
  });

  it('counts what a host function runs', () => {
    const vm = make({ fuel: 100_000 });
    let calls = 0;
    vm.setGlobal('again', () => {
      calls++;
      vm.doString('for i = 1, 1000 do end');
    });
    expect(outcome(vm, 'while true do again() end')).toBe('fuel');
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(110);
    vm.close();
  });

  it('is stopped by another thread', async () => {
    const interrupt = new Interrupt();
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads');
       setTimeout(() => Atomics.store(new Int32Array(workerData), 0, 1), 50);`,
      { eval: true, workerData: interrupt.buffer },
    );
    const vm = make({ interrupt, timeout: 50_000 });
    await new Promise((resolve) => worker.once('online', resolve));
    expect(outcome(vm, 'local i = 0 while true do i = i + 1 end')).toBe('interrupt');
    expect(vm.doString('return "usable"')).toEqual(['usable']);
    vm.close();
    await worker.terminate();
  });

  it('is stopped by a host function', () => {
    const interrupt = new Interrupt();
    const vm = make({ interrupt });
    vm.setGlobal('stop', () => interrupt.request());
    expect(() => vm.doString('for i = 1, 1e12 do if i == 1e5 then stop() end end', '=stopped')).toThrow('stopped:1: interrupted!');
    vm.close();
  });
});

describe('fuel', () => {
  it('is spent alike in every run of an interpreted program', () => {
    const spent = (): number => {
      const vm = createVm({ fuel: 1e9 });
      vm.doString('local function f(n) return n < 2 and n or f(n - 1) + f(n - 2) end f(15) for i = 1, 1000 do pcall(error, i) pcall(string.rep) end');
      const used = 1e9 - vm.fuel;
      vm.close();
      return used;
    };
    expect(spent()).toBe(spent());
    expect(spent()).toBeGreaterThan(2000);
  });

  it('overshoots by little in compiled code', () => {
    const vm = createVm({ fuel: 1_000_000, jit: createJit({ tunables: { share: 100, hotloop: 2 } }) });
    expect(outcome(vm, 'count = 0 while true do count = count + 1 end')).toBe('fuel');
    vm.fuel = 1000;
    const count = vm.getGlobal('count') as number;
    expect(count).toBeGreaterThan(990_000);
    expect(count).toBeLessThan(1_001_000);
    vm.close();
  });

  it('is unlimited by default', () => {
    const vm = createVm();
    expect(vm.fuel).toBe(Number.POSITIVE_INFINITY);
    vm.doString('for i = 1, 1e6 do end');
    expect(vm.fuel).toBe(Number.POSITIVE_INFINITY);
    vm.close();
  });

  it('refuses what is no amount', () => {
    expect(() => createVm({ fuel: -1 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => createVm({ fuel: Number.NaN })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => createVm({ timeout: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('stack', () => {
  const deep = 'local function f(n) return 1 + f(n + 1) end return pcall(f, 1)';

  it('ends deep recursion with an error that Lua can catch', () => {
    const vm = createVm({ stackLimit: 5000 });
    expect(vm.doString(`${deep}`)).toEqual([false, expect.stringMatching(/stack overflow/)]);
    expect(outcome(vm, 'local function f(n) return 1 + f(n + 1) end return f(1)')).toBe('stack');
    expect(outcome(vm, 'local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end f(500)')).toBe('none');
    expect(outcome(vm, 'coroutine.wrap(function() local function f(n) return 1 + f(n + 1) end return f(1) end)()')).toBe('stack');
    vm.close();
  });

  it('or cannot, if the host says so', () => {
    const vm = createVm({ catchable: [] });
    expect(outcome(vm, deep)).toBe('stack');
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
    vm.close();
  });

  it('refuses what is no limit', () => {
    for (const stackLimit of [0, 10, 1.5, 2e6]) expect(() => createVm({ stackLimit })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('memory', () => {
  const bomb = 'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end';

  it('can be caught by default', () => {
    const vm = createVm({ memoryLimit: 4 << 20 });
    expect(vm.doString(`return pcall(function() ${bomb} end)`)).toEqual([false, 'not enough memory']);
    vm.close();
  });

  it('cannot, if the host says so', () => {
    const vm = createVm({ memoryLimit: 4 << 20, catchable: [] });
    expect(outcome(vm, `while true do pcall(function() ${bomb} end) end`)).toBe('memory');
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
    vm.close();
  });
});

describe('readers of load', () => {
  it('stop at the memory limit, which is a result or ends the program', () => {
    const source = `return load(function() return 'x = 1 do end ' end)`;
    expect(createVm({ memoryLimit: 4 << 20 }).doString(source)).toEqual([undefined, 'not enough memory']);
    expect(outcome(createVm({ memoryLimit: 4 << 20, catchable: [] }), source)).toBe('memory');
  });

  it('stop at the fuel limit', () => {
    expect(outcome(createVm({ fuel: 100_000 }), `while true do load(function() return ' ' end) end`)).toBe('fuel');
  });

  it('have bytes, error values and the VM intact afterwards', () => {
    const vm = createVm();
    expect(vm.doString(`local t = {} local f, e = load(function() error(t) end) return f, e == t, #select(2, load(function() error('\\xff\\0', 0) end))`)).toEqual([undefined, true, 2]);
    expect(vm.doString(`return load(function() end)`)).toHaveLength(1);
  });
});

describe.each(ENGINES)('straight code, %s', (_, make) => {
  /** Statements whose work is the length of their operands, of a megabyte each. */
  it.each([
    'x = l < r', 'x = l <= r', 'x = l > r', 'x = l == m', 'x = l ~= m', 'if l < r then x = 1 end', 'x = t[m]', 't[m] = 1', 'x = rawequal(l, m)', 'x = rawget(t, m)', 'x = next(t, m)', 'x = o.a < o.b', 'x = l .. 1',
  ])('%s ends where its fuel does', (statement) => {
    const vm = make({ fuel: 1_000_000 });
    const source = `local text = ('x'):rep(1 << 20) L, M, R, N = text .. 'a', text .. 'a', text .. 'b', 0
      local f = assert(load('local l, m, r, x, t, o = L, M, R, nil, { [L] = 1 }, { a = L, b = R } ' .. ('${statement} N = N + 1 '):rep(3000)))
      f()`;
    expect(outcome(vm, source)).toBe('fuel');
    vm.fuel = Infinity;
    expect(vm.doString('return N < 600')).toEqual([true]);
  });
});

describe('the time that the JIT takes', () => {
  it('is the program\'s, however little work that does meanwhile', () => {
    const vm = createVm({ timeout: 100, jit: createJit({ tunables: { share: 100, hotloop: 1, hotexit: 1 } }) });
    const start = performance.now();
    expect(outcome(vm, `local p = {} for i = 1, 2000 do p[i] = 'for i = 1, 100 do x = x + i end' end
      x = 0 local f = load(table.concat(p, '\\n')) while true do f() end`)).toBe('timeout');
    // It took six seconds.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
