/** callAsync and its like: errors, limits, aborts, many at once, and what cannot wait. */
import { describe, expect, test } from 'vitest';
import { createVm, Interrupt, LuaError, type LuaFunction, type LuaValue, MoontraceError, results } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { COMPILED, debugCore, EAGER, INTERPRETED } from '../../support/engine.ts';
import { failureOf, makeVm } from './harness.ts';

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const never = new Promise<never>(() => {});

/** A VM whose `hang` never comes back, and whose `closed` gets what was closed. */
function makeHanging(options = {}) {
  const closed: unknown[] = [];
  const vm = makeVm(INTERPRETED, { core: debugCore(), ...options });
  vm.setGlobal('hang', () => never).setGlobal('sleep', (ms) => sleep(ms as number)).setGlobal('note', (what) => void closed.push(what));
  vm.doString(`
    function resource(name, action) return setmetatable({}, { __close = function(_, e) note(name) if action then action(e) end end }) end
    function spin() while true do end end`);
  return { vm, closed };
}

describe('results and errors', () => {
  test('all results come, handles as the same objects', async () => {
    const vm = createVm().setGlobal('later', async (value: LuaValue) => value);
    const table = vm.newTable([1]);
    expect(await (vm.load('return 1, nil, later(...), "x"')).callAsync(table)).toEqual([1, undefined, table, 'x']);
    expect(await vm.doStringAsync('')).toEqual([]);
  });

  test('several results that were promised', async () => {
    const vm = createVm().setGlobal('f', async () => results(1, 2)).setGlobal('g', async () => {});
    expect(await vm.doStringAsync("return f(), select('#', f()), select('#', g())")).toEqual([1, 2, 0]);
  });

  test('what is thrown later is an error at the call, with its traceback, and the cause when it leaves', async () => {
    const cause = new TypeError('no net');
    const vm = createVm().setGlobal('f', async () => {
      await sleep(1);
      throw cause;
    });
    expect(await vm.doStringAsync('local ok, e = pcall(f) return ok, tostring(e)')).toEqual([false, 'no net']);
    const error = await failureOf(vm.doStringAsync('local function g() f() end g()', '=chunk'));
    expect(error).toMatchObject({ code: 'runtime', message: 'no net', cause });
    expect((error as LuaError).traceback).toMatch(/\[C\]: in (global |function )'f'\n\tchunk:1: in (local|upvalue) 'g'/);
  });

  test('what cannot enter Lua is an error at the call', async () => {
    const vm = createVm().setGlobal('f', async () => Symbol('s') as never);
    expect(await vm.doStringAsync('local ok, e = pcall(f) return ok, tostring(e)')).toEqual([false, expect.stringContaining('Symbol(s)')]);
  });

  test('anything that has a then is waited for', async () => {
    const vm = createVm().setGlobal('f', () => Object.fromEntries([['then', (done: (value: number) => void) => done(5)]]));
    expect(await vm.doStringAsync('return f()')).toEqual([5]);
  });

  test('wrong use is a rejection', async () => {
    const vm = createVm();
    expect(await failureOf(vm.load('return 1').callAsync(Symbol('s') as never))).toMatchObject({ code: 'bad-value' });
    expect(await failureOf(vm.doStringAsync('return (', '=x'))).toMatchObject({ code: 'syntax' });
    expect(await failureOf(vm.doStringAsync('', '=x', { fuel: -1 }))).toMatchObject({ code: 'bad-option' });
    expect(await failureOf(vm.doStringAsync('', '=x', { no: 1 } as never))).toMatchObject({ code: 'bad-option' });
    expect(await failureOf(vm.doFileAsync('there-is-none.lua'))).toMatchObject({ code: 'no-such-file' });
    vm.close();
    expect(await failureOf(vm.doStringAsync(''))).toMatchObject({ code: 'closed' });
  });
});

describe('where nobody can wait', () => {
  test('a plain call raises an error that names callAsync, before an async function has begun', () => {
    let calls = 0;
    const vm = createVm().setGlobal('f', async () => ++calls).setGlobal('g', () => Promise.reject(new Error('nobody hears')));
    expect(() => vm.doString('f()')).toThrow(expect.objectContaining({ code: 'runtime', message: expect.stringContaining('callAsync'), cause: expect.objectContaining({ code: 'not-async' }) }));
    expect(vm.doString('local ok, e = pcall(g) return ok, tostring(e)')).toEqual([false, expect.stringContaining('callAsync')]);
    expect(calls).toBe(0);
  });

  test('nor can a call of the host within one that could', async () => {
    const vm = makeVm(INTERPRETED);
    vm.setGlobal('call', (f) => results(...(f as LuaFunction).call()));
    expect(await vm.doStringAsync('return wait(1), pcall(call, function() return wait(2) end)')).toEqual([1, false, expect.objectContaining({ code: 'not-async' })]);
    vm.setGlobal('callAsync', async (f) => results(...(await (f as LuaFunction).callAsync())));
    expect(await vm.doStringAsync('return callAsync(function() return wait(2) end)')).toEqual([2]);
  });

  test('nor finalisers, hooks, readers of load', async () => {
    const vm = makeVm(INTERPRETED);
    const refused = [false, expect.objectContaining({ code: 'not-async' })];
    expect(await vm.doStringAsync('local r setmetatable({}, { __gc = function() r = { pcall(wait) } end }) collectgarbage() return table.unpack(r)')).toEqual(refused);
    expect(await vm.doStringAsync('local r debug.sethook(function() debug.sethook() r = { pcall(wait) } end, "l") local x\n return table.unpack(r)')).toEqual(refused);
    expect(await vm.doStringAsync('local r load(function() r = { pcall(wait) } end) return table.unpack(r)')).toEqual(refused);
    expect(await vm.doStringAsync('return wait(1)')).toEqual([1]);
  });

  test('while Lua is shut, starting one is refused', async () => {
    let result: Promise<unknown> | undefined;
    const vm = createVm({ onSlice: () => (result ??= func?.callAsync()) });
    const func: LuaFunction | undefined = vm.load('return 1');
    vm.doString('for i = 1, 1e6 do end');
    expect(await failureOf(result as Promise<unknown>)).toMatchObject({ code: 'busy' });
  });
});

describe('many at once', () => {
  test.each([INTERPRETED, COMPILED, EAGER])('each has its own variables, in any order, $name', async (mode) => {
    const vm = makeVm(mode, {}, (call) => call % 7 !== 3);
    const func = vm.load(`
      local id, n = ...
      local sum = 0
      local co = coroutine.wrap(function() for i = 1, n do coroutine.yield(wait(i)) end end)
      for i = 1, n do sum = sum + co() if i % 5 == id % 5 then wait() end end
      return id, sum`);
    const results = await Promise.all(Array.from({ length: 200 }, (_, id) => func.callAsync(id, 10 + (id % 13))));
    expect(results).toEqual(results.map((_, id) => [id, ((10 + (id % 13)) * (11 + (id % 13))) / 2]));
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('each is a main thread of its own', async () => {
    const vm = makeVm(INTERPRETED);
    const func = vm.load('local t, isMain = coroutine.running() wait() seen = seen or {} assert(isMain and t == coroutine.running() and not seen[t]) seen[t] = true return pcall(coroutine.yield)');
    for (const result of await Promise.all(Array.from({ length: 20 }, () => func.callAsync()))) expect(result).toEqual([false, 'attempt to yield from outside a coroutine']);
  });

  test('nothing is left of them', async () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const func = vm.load('local t = {} for i = 1, 20 do t[i] = { wait(i) } end return #t');
    const run = async (): Promise<number> => {
      await Promise.all(Array.from({ length: 100 }, () => func.callAsync()));
      vm.collect();
      return vm.stats().memoryUsed;
    };
    await run();
    const before = await run();
    for (let i = 0; i < 5; i++) await run();
    expect(await run()).toBeLessThan(before + 4096);
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
    expect(machineOf(vm).suspended.size).toBe(0);
  });

  test('a host function can begin one in the middle of another, and wait for it', async () => {
    const vm = makeVm(INTERPRETED);
    const fib = vm.load('local n = ... if n < 2 then return n end return wait(fib(n - 1)) + fib(n - 2)');
    vm.setGlobal('fib', async (n) => (await fib.callAsync(n as number))[0]);
    expect(await fib.callAsync(12)).toEqual([144]);
  });

  test('closing the VM rejects them', async () => {
    const { vm, closed } = makeHanging();
    const running = [vm.doStringAsync('local x <close> = resource("x") hang()'), vm.doStringAsync('while true do sleep(1) end')];
    vm.close();
    for (const call of running) expect(await failureOf(call)).toMatchObject({ code: 'closed' });
    expect(closed).toEqual([]);
  });

  test('a host function closes the VM in one of them', async () => {
    const { vm } = makeHanging();
    vm.setGlobal('close', () => vm.close());
    const other = vm.doStringAsync('hang()');
    expect(await failureOf(vm.doStringAsync('sleep(1) pcall(close) return 1'))).toMatchObject({ code: 'closed' });
    expect(await failureOf(other)).toMatchObject({ code: 'closed' });
  });
});

describe('limits', () => {
  const code = (error: unknown): unknown => (error instanceof LuaError ? error.code : error);

  test('fuel is a call\'s own, on top of the VM\'s', async () => {
    const { vm } = makeHanging();
    const spin = vm.load('local n = ... for i = 1, n do if i % 1000 == 0 then sleep(0) end end return "done"');
    const calls = [spin.with({ fuel: 2000 }).callAsync(5000), spin.callAsync(5000), spin.with({ fuel: 20_000 }).callAsync(5000)];
    expect(await Promise.all(calls.map(failureOf))).toEqual([expect.objectContaining({ code: 'fuel' }), { resolved: ['done'] }, { resolved: ['done'] }]);
    vm.fuel = 3000;
    expect(code(await failureOf(spin.callAsync(5000)))).toBe('fuel');
    expect(vm.fuel).toBe(0);
    vm.fuel = Number.POSITIVE_INFINITY;
    expect(await spin.callAsync(1000)).toEqual(['done']);
  });

  test('what others do costs a call nothing', async () => {
    const { vm } = makeHanging();
    const spin = vm.load('local n, ms = ... for i = 1, n do end sleep(ms) for i = 1, n do end return "done"');
    const small = spin.with({ fuel: 5000, timeout: 200 }).callAsync(1000, 20);
    const large = Array.from({ length: 5 }, () => spin.callAsync(3e6, 1));
    expect(await small).toEqual(['done']);
    await Promise.all(large);
  });

  test('timeout is time that it runs, wallTimeout includes waiting', async () => {
    const { vm, closed } = makeHanging();
    const func = vm.load('local x <close> = resource("x") local ms = ... sleep(ms) return "done"');
    expect(await func.with({ timeout: 50 }).callAsync(120)).toEqual(['done']);
    expect(code(await failureOf(func.with({ wallTimeout: 30 }).callAsync(10_000)))).toBe('timeout');
    expect(closed).toEqual(['x']);
    expect(code(await failureOf(vm.load('spin()').with({ timeout: 20 }).callAsync()))).toBe('timeout');
    expect(code(await failureOf(vm.load('spin()').with({ wallTimeout: 20 }).callAsync()))).toBe('timeout');
    expect(code(await failureOf(vm.load('while true do for i = 1, 1e4 do end wait() end').with({ timeout: 30 }).callAsync()))).toBe('timeout');
    expect(() => vm.load('spin()').with({ timeout: 20 }).call()).toThrow(expect.objectContaining({ code: 'timeout' }));
    expect(vm.load('return 1').with({ timeout: 20, fuel: 1000 }).call1()).toBe(1);
  });

  test("the VM's own limits hold for each", async () => {
    const vm = makeVm(INTERPRETED, { timeout: 5000, outputLimit: 100, memoryLimit: 8 << 20, stackLimit: 5000, stdout() {} });
    const run = async (source: string, options = {}): Promise<unknown> => code(await failureOf(vm.doStringAsync(source, '=x', options)));
    expect(await run('while true do wait() end', { timeout: 20 })).toBe('timeout');
    expect(await run('while true do wait() print(("x"):rep(20)) end')).toBe('output');
    expect(await run('local t = {} while true do t[#t + 1] = ("x"):rep(1e5) .. #t end')).toBe('memory');
    expect(await run('local function f() wait() return 1 + f() end f()')).toBe('stack');
    expect(await vm.doStringAsync('print("fine") return wait(1)')).toEqual([1]);
  });

  test('a timeout that Lua may catch comes again', async () => {
    const vm = makeVm(INTERPRETED, { catchable: ['timeout'] });
    vm.setGlobal('hang', () => never);
    const error = await failureOf(vm.doStringAsync('local ok, e = pcall(hang) caught = e hang() hang()', '=x', { wallTimeout: 20 }));
    expect(error).toMatchObject({ code: 'timeout' });
    expect(vm.getGlobal('caught')).toBe('time limit exceeded');
  });

  test('an interrupt stops the one that runs', async () => {
    const interrupt = new Interrupt();
    const vm = makeVm(INTERPRETED, { interrupt });
    const call = vm.doStringAsync('while true do wait() end');
    await sleep(5);
    interrupt.request();
    expect(code(await failureOf(call))).toBe('interrupt');
  });

  test('yieldEvery lets timers have their turn', async () => {
    const vm = makeVm(COMPILED);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const call = vm.load('local n = 0 while not stop do n = n + 1 end return n > 0').with({ yieldEvery: 5 }).callAsync();
    while (ticks <= 3) await sleep(1);
    vm.setGlobal('stop', true);
    expect(await call).toEqual([true]);
    clearInterval(timer);
  });

  test('a limit of a call within is an error like all others for the call around', () => {
    const vm = createVm();
    vm.setGlobal('limited', (f) => (f as LuaFunction).with({ fuel: 1000 }).call());
    expect(vm.doString('return pcall(limited, function() while true do end end)')).toEqual([false, expect.stringContaining('out of fuel')]);
  });
});

describe('aborts', () => {
  test('one that waits closes what it has open, in all its coroutines, and rejects with the reason', async () => {
    const { vm, closed } = makeHanging();
    const controller = new AbortController();
    const reason = new Error('user left');
    const call = vm.doStringAsync(`
      local a <close> = resource('a')
      coroutine.wrap(function()
        local b <close> = resource('b')
        local co = coroutine.create(function()
          local c <close> = resource('c', function(e) note(tostring(e)) end)
          pcall(pcall, hang)
          note('not reached')
        end)
        coroutine.resume(co)
        note('not reached')
      end)()
      note('not reached')`, '=chunk', { signal: controller.signal });
    await sleep(1);
    controller.abort(reason);
    const error = await failureOf(call);
    expect(error).toMatchObject({ name: 'LuaError', code: 'abort', cause: reason });
    expect((error as LuaError).traceback).toContain("'hang'");
    expect(closed).toEqual(['c', expect.stringContaining('aborted'), 'b', 'a']);
    expect(vm.doString('return 1 + 1')).toEqual([2]);
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
  });

  test.each([
    ['at a loop', 'while true do end'],
    ['under pcall', 'while true do pcall(spin) end'],
    ['in a coroutine', 'coroutine.wrap(function() local y <close> = resource("y") spin() end)()'],
  ])('one that runs, %s', async (_name, action) => {
    const { vm, closed } = makeHanging();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 15);
    const call = vm.doStringAsync(`local x <close> = resource('x') ${action}`, '=chunk', { signal: controller.signal, yieldEvery: 4 });
    expect(await failureOf(call)).toMatchObject({ code: 'abort' });
    expect(closed.at(-1)).toBe('x');
  });

  test('one in the middle of a library function', async () => {
    const controller = new AbortController();
    let slices = 0;
    const { vm, closed } = makeHanging({ onSlice: () => slices++ > 3 && controller.abort() });
    const call = vm.doStringAsync(`local x <close> = resource('x'); (("a"):rep(30000)):find(".-.-.-b")`, '=chunk', { signal: controller.signal });
    expect(await failureOf(call)).toMatchObject({ code: 'abort' });
    expect(closed).toEqual(['x']);
  });

  test('a host function aborts the call that called it', async () => {
    const { vm, closed } = makeHanging();
    const controller = new AbortController();
    vm.setGlobal('stop', () => controller.abort('enough'));
    expect(await failureOf(vm.doStringAsync('local x <close> = resource("x") stop() while true do end', '=chunk', { signal: controller.signal }))).toMatchObject({ code: 'abort', cause: 'enough' });
    const other = new AbortController();
    vm.setGlobal('stop', () => {
      other.abort();
      return never;
    });
    expect(await failureOf(vm.doStringAsync('local x <close> = resource("x") stop()', '=chunk', { signal: other.signal }))).toMatchObject({ code: 'abort' });
    expect(closed).toEqual(['x', 'x']);
  });

  test('through a host function that calls Lua, whether it lets the error through or not', async () => {
    for (const isKept of [false, true]) {
      const { vm, closed } = makeHanging();
      const controller = new AbortController();
      vm.setGlobal('stop', () => controller.abort());
      vm.setGlobal('call', (f) => {
        try {
          (f as LuaFunction).call();
        } catch (error) {
          if (!isKept) throw error;
        }
      });
      const call = vm.doStringAsync('local x <close> = resource("x") pcall(call, function() local y <close> = resource("y") stop() while true do end end) while true do end', '=c', { signal: controller.signal });
      expect(await failureOf(call)).toMatchObject({ code: 'abort' });
      expect(closed).toEqual(['y', 'x']);
    }
  });

  test('before it has begun: nothing runs', async () => {
    const { vm, closed } = makeHanging();
    expect(await failureOf(vm.doStringAsync('note("ran")', '=c', { signal: AbortSignal.abort('no') }))).toMatchObject({ code: 'abort', cause: 'no' });
    expect(() => vm.load('note("ran") for i = 1, 10 do end').with({ signal: AbortSignal.abort() }).call()).toThrow(expect.objectContaining({ code: 'abort' }));
    expect(closed).toEqual([]);
  });

  test('after it is over: nothing happens', async () => {
    const { vm } = makeHanging();
    const controller = new AbortController();
    expect(await vm.doStringAsync('return 1', '=c', { signal: controller.signal })).toEqual([1]);
    controller.abort();
    expect(vm.doString('return 2')).toEqual([2]);
  });

  test('closers may wait, fail, and be stopped by a limit', async () => {
    const { vm, closed } = makeHanging();
    const controller = new AbortController();
    const start = (source: string, options = {}) => failureOf(vm.doStringAsync(source, '=c', { signal: controller.signal, ...options }));
    const calls = [
      start('local a <close> = resource("a1") local b <close> = resource("b1", function() sleep(5) note("woken") end) hang()'),
      start('local a <close> = resource("a2", function(e) note(tostring(e)) end) local b <close> = resource("b2", function() error("closer", 0) end) hang()'),
      start('local a <close> = resource("a3") local b <close> = resource("b3", spin) hang()', { timeout: 40 }),
      start('local a <close> = resource("a4") local b <close> = resource("b4", hang) hang()', { wallTimeout: 80 }),
    ];
    await sleep(1);
    controller.abort();
    const [first, second, third, fourth] = await Promise.all(calls);
    expect(first).toMatchObject({ code: 'abort' });
    expect(second).toMatchObject({ code: 'abort' });
    expect(third).toMatchObject({ code: 'timeout' });
    expect(fourth).toMatchObject({ code: 'timeout' });
    expect(closed.filter((name) => String(name).endsWith('1') || name === 'woken')).toEqual(['b1', 'woken', 'a1']);
    expect(closed.filter((name) => /2$|closer/.test(String(name)))).toEqual(['b2', 'a2', 'closer']);
    expect(closed).not.toContain('a3');
    expect(closed).not.toContain('a4');
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('a promise that comes after the abort changes nothing', async () => {
    const { vm } = makeHanging();
    const controller = new AbortController();
    const late: unknown[] = [];
    let settle: (value: number) => void = () => {};
    vm.setGlobal('slow', () => new Promise<number>((resolve) => {
      settle = resolve;
    }));
    vm.setGlobal('reached', () => void late.push(1));
    const call = failureOf(vm.doStringAsync('slow() reached()', '=c', { signal: controller.signal }));
    controller.abort();
    settle(1);
    expect(await call).toMatchObject({ code: 'abort' });
    await sleep(2);
    expect(late).toEqual([]);
  });

  test('catchable cannot name it', () => {
    expect(() => createVm({ catchable: ['abort'] as never })).toThrow(MoontraceError);
  });
});
