/** Calls that the host runs in slices. */
import { describe, expect, test } from 'vitest';
import { machineOf } from '../../../src/api/engine-port.ts';
import { type LuaExecution, type LuaFunction, MoontraceError } from '../../../src/api/index-node.ts';
import { debugCore, INTERPRETED } from '../../support/engine.ts';
import { makeVm, MODES } from './harness.ts';

const SOURCE = `
  local n = ...
  local sum, parts = 0, {}
  local co = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end)
  for i = 1, n do sum = sum + co() parts[#parts + 1] = i .. '' end
  table.sort(parts, function(a, b) return a > b end)
  return sum, parts[1], pcall(error, 'x', 0)`;

/** Steps to the end, waiting where that is asked for. */
async function finish(execution: LuaExecution, fuel: number): Promise<{ readonly results: unknown[]; readonly states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const result = execution.step(fuel);
    states.push(result.state);
    if (result.state === 'done') return { results: result.results, states };
    if (result.state === 'suspended') await result.ready;
  }
}

test.each(MODES.map((mode) => [mode.name, mode] as const))('the same comes of any size of slices, %s', async (_, mode) => {
  const vm = makeVm(mode);
  const func = vm.load(SOURCE);
  const expected = func.call(60);
  for (const fuel of [1, 7, 100, 1e9]) {
    const { results, states } = await finish(vm.start(func, [60]), fuel);
    expect(results).toEqual(expected);
    if (fuel === 1) expect(states.length).toBeGreaterThan(20);
    if (fuel === 1e9) expect(states).toEqual(['done']);
  }
  vm.close();
});

test('arguments that its stack has no room for are an error of their own', () => {
  const vm = makeVm(INTERPRETED, { stackLimit: 1000 });
  expect(() => vm.start(vm.load('return ...'), new Array(2000).fill(1))).toThrow(expect.objectContaining({ code: 'stack', message: expect.stringContaining('stack overflow') as string }));
  expect(vm.doString('return 1')).toEqual([1]);
  vm.close();
});

describe('steps', () => {
  test('two programs in turn, and other calls between', () => {
    const vm = makeVm(INTERPRETED);
    const count = vm.load('local name, n = ... for i = 1, n do _G[name] = i end return name');
    const a = vm.start(count, ['a', 5000]);
    const b = vm.start(count, ['b', 5000]);
    expect(a.state).toBe('running');
    let steps = 0;
    while (a.state !== 'done' || b.state !== 'done') {
      if (a.state !== 'done') a.step(500);
      if (b.state !== 'done') b.step(700);
      expect(vm.doString('return 1')).toEqual([1]);
      steps++;
    }
    expect(steps).toBeGreaterThan(5);
    expect([a.step(), b.step(), vm.getGlobal('a'), vm.getGlobal('b')]).toEqual([{ state: 'done', results: ['a'] }, { state: 'done', results: ['b'] }, 5000, 5000]);
  });

  test('a step stops near what it is given', () => {
    const vm = makeVm(INTERPRETED, { fuel: 1e9 });
    const execution = vm.start(vm.load('while true do end'));
    for (const fuel of [100, 10_000, 1000, 0]) {
      const before = vm.fuel;
      expect(execution.step(fuel)).toEqual({ state: 'running' });
      expect(before - vm.fuel).toBeGreaterThanOrEqual(fuel);
      expect(before - vm.fuel).toBeLessThan(fuel + 50);
    }
  });

  test('it waits for the host', async () => {
    const vm = makeVm(INTERPRETED);
    let settle: (value: string) => void = () => {};
    vm.setGlobal('ask', () => new Promise<string>((resolve) => {
      settle = resolve;
    }));
    const execution = vm.start(vm.load('return (ask())'));
    const first = execution.step();
    expect(first.state).toBe('suspended');
    expect(execution.step().state).toBe('suspended');
    settle('answer');
    await (first as { ready: Promise<void> }).ready;
    expect(execution.state).toBe('running');
    expect(execution.step()).toEqual({ state: 'done', results: ['answer'] });
    const { results } = await finish(vm.start(vm.load('local n = 0 for i = 1, 20 do n = n + wait(i) end return n')), 3);
    expect(results).toEqual([210]);
  });

  test('an error ends it, and comes again', () => {
    const vm = makeVm(INTERPRETED);
    const execution = vm.start(vm.load("error('oh', 0)"));
    expect(() => execution.step()).toThrow('oh');
    expect(execution.state).toBe('done');
    expect(() => execution.step()).toThrow('oh');
  });

  test('limits are for the whole', () => {
    const vm = makeVm(INTERPRETED);
    const execution = vm.start(vm.load('while true do end'), [], { fuel: 5000 });
    let steps = 0;
    expect(() => {
      for (;;) {
        execution.step(1000);
        steps++;
      }
    }).toThrow(expect.objectContaining({ code: 'fuel' }));
    expect(steps).toBe(4);
  });

  test('wallTimeout counts where it waits', async () => {
    const vm = makeVm(INTERPRETED).setGlobal('hang', () => new Promise(() => {}));
    const execution = vm.start(vm.load('hang()'), [], { wallTimeout: 10 });
    expect(execution.step().state).toBe('suspended');
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(() => execution.step()).toThrow(expect.objectContaining({ code: 'timeout' }));
  });

  test('what it waits for comes to an end with its time, and with its VM', async () => {
    const vm = makeVm(INTERPRETED).setGlobal('hang', () => new Promise(() => {}));
    const timed = vm.start(vm.load('hang()'), [], { wallTimeout: 20 });
    await expect(finish(timed, 100)).rejects.toThrow(expect.objectContaining({ code: 'timeout' }));
    const closed = finish(vm.start(vm.load('hang()')), 100);
    vm.close();
    await expect(closed).rejects.toThrow(expect.objectContaining({ code: 'closed' }));
  });

  test('abort: the next step closes what is open', () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const source = vm.load(`local x <close> = setmetatable({}, { __close = function() for i = 1, 1000 do end closed = true end }) while true do end`);
    const execution = vm.start(source);
    execution.step(100);
    execution.abort('why');
    expect(execution.step(100)).toEqual({ state: 'running' });
    expect(() => execution.step(10_000)).toThrow(expect.objectContaining({ code: 'abort', cause: 'why' }));
    expect(vm.getGlobal('closed')).toBe(true);
    execution.abort();
    const controller = new AbortController();
    const other = vm.start(source, [], { signal: controller.signal });
    other.step(100);
    controller.abort();
    expect(() => other.step()).toThrow(expect.objectContaining({ code: 'abort' }));
    const fresh = vm.start(source);
    fresh.abort();
    expect(() => fresh.step()).toThrow(expect.objectContaining({ code: 'abort' }));
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
  });

  test('a step within a step', () => {
    const vm = makeVm(INTERPRETED);
    const inner = vm.start(vm.load('local n = 0 for i = 1, 100 do n = n + i end return n'));
    const errors: unknown[] = [];
    vm.setGlobal('inner', () => {
      const result = inner.step(30);
      return result.state === 'done' ? result.results[0] : undefined;
    });
    vm.setGlobal('outer', () => {
      try {
        outer.step();
      } catch (error) {
        errors.push(error);
      }
    });
    const outer: LuaExecution = vm.start(vm.load('outer() local r repeat r = inner() until r return r'));
    expect(outer.step()).toEqual({ state: 'done', results: [5050] });
    expect(errors).toEqual([expect.objectContaining({ code: 'busy' })]);
  });

  test('it does not stop in a finaliser', () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const execution = vm.start(vm.load(`
      for i = 1, 20 do setmetatable({}, { __gc = function() for i = 1, 300 do local t = {} end finalised = (finalised or 0) + 1 end }) collectgarbage() end`));
    while (execution.step(10).state !== 'done') vm.collect();
    vm.collect();
    expect(vm.getGlobal('finalised')).toBe(20);
  });

  test('wrong use', () => {
    const vm = makeVm(INTERPRETED);
    const func = vm.load('return 1');
    expect(() => vm.start(5 as unknown as LuaFunction)).toThrow(MoontraceError);
    expect(() => vm.start(func, 5 as never)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    expect(() => vm.start(func, [Symbol('s') as never])).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(() => vm.start(func, [], { timeout: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => vm.start(makeVm(INTERPRETED).load(''))).toThrow(expect.objectContaining({ code: 'bad-handle' }));
    const execution = vm.start(func);
    for (const fuel of [-1, Number.NaN, '5', null]) expect(() => execution.step(fuel as never)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    vm.close();
    expect(() => execution.step()).toThrow(expect.objectContaining({ code: 'closed' }));
  });
});

describe('finish', () => {
  const WAITING = 'local n = 0 for i = 1, 3 do n = n + wait(i) end return n';

  test('goes on with one that waits', async () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const execution = vm.start(vm.load(WAITING));
    expect(execution.step().state).toBe('suspended');
    expect(await execution.finish()).toEqual([6]);
    expect(await execution.finish()).toEqual([6]);
    expect(execution.step()).toEqual({ state: 'done', results: [6] });
  });

  test('nobody else makes it go on meanwhile', async () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const execution = vm.start(vm.load(WAITING));
    const both = [execution.finish(), execution.finish()];
    expect(() => execution.step()).toThrow(expect.objectContaining({ code: 'busy' }));
    expect(await Promise.all(both)).toEqual([[6], [6]]);
  });

  test('one that fails', async () => {
    const vm = makeVm(INTERPRETED);
    const execution = vm.start(vm.load("wait() error('oh', 0)"));
    await expect(execution.finish()).rejects.toThrow('oh');
    expect(() => execution.step()).toThrow('oh');
  });

  test('limits are those it was begun with', async () => {
    const vm = makeVm(INTERPRETED).setGlobal('hang', () => new Promise(() => {}));
    await expect(vm.start(vm.load('hang()'), [], { wallTimeout: 20 }).finish()).rejects.toThrow(expect.objectContaining({ code: 'timeout' }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await vm.start(vm.load('local t = os.clock() + 0.3 while os.clock() < t do end'), [], { yieldEvery: 1 }).finish();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  test('of a closed VM', async () => {
    const vm = makeVm(INTERPRETED).setGlobal('hang', () => new Promise(() => {}));
    const execution = vm.start(vm.load('hang()'));
    execution.step();
    vm.close();
    await expect(execution.finish()).rejects.toThrow(expect.objectContaining({ code: 'closed' }));
  });
});

test('what was printed is written out when an error ends the call', async () => {
  const written: string[] = [];
  const vm = makeVm(INTERPRETED, { stdout: (bytes) => written.push(new TextDecoder().decode(bytes)) });
  await expect(vm.doStringAsync("wait() print('before') error('oh')")).rejects.toThrow('oh');
  expect(written.join('')).toBe('before\n');
});
