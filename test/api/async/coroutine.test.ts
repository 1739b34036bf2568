/** Coroutines that the host iterates over. */
import { describe, expect, test } from 'vitest';
import { machineOf } from '../../../src/api/engine-port.ts';
import { type LuaFunction, MoontraceError, type Vm } from '../../../src/api/index-node.ts';
import { COMPILED, debugCore, EAGER, INTERPRETED } from '../../support/engine.ts';
import { failureOf, makeVm } from './harness.ts';

const SOURCE = `
  local first, last = ...
  local closer <close> = setmetatable({}, { __close = function(_, e) closed = tostring(e) end })
  for i = first or 1, last or 3 do local got = coroutine.yield(i, i * i) if got then sum = (sum or 0) + got end end
  return 'end'`;

const make = (vm: Vm, source = SOURCE) => vm.coroutine(vm.load(source, '=co'));

describe.each([INTERPRETED, COMPILED, EAGER].map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test('for...of gives what it yields, each time all values', () => {
    expect([...make(makeVm(mode))]).toEqual([[1, 1], [2, 4], [3, 9]]);
  });

  test('next passes values in, and tells the results at the end', () => {
    const vm = makeVm(mode);
    const co = make(vm);
    expect(co.next(5, 6)).toEqual({ done: false, value: [5, 25] });
    expect(co.isDone).toBe(false);
    expect(co.next(10)).toEqual({ done: false, value: [6, 36] });
    expect(co.next(20)).toEqual({ done: true, value: ['end'] });
    expect([co.isDone, co.next(), vm.getGlobal('sum'), vm.getGlobal('closed')]).toEqual([true, { done: true, value: [] }, 30, 'nil']);
  });

  test('for await waits for the host', async () => {
    const vm = makeVm(mode);
    const seen: unknown[] = [];
    for await (const [value] of make(vm, 'for i = 1, 40 do coroutine.yield((wait(i))) end return wait()')) seen.push(value);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test('leaving a loop closes it', async () => {
    const vm = makeVm(mode);
    for (const _value of make(vm)) break;
    expect(vm.getGlobal('closed')).toBe('nil');
    vm.setGlobal('closed', undefined);
    const co = make(vm, `local c <close> = setmetatable({}, { __close = function() wait() closed = 'later' end }) while true do coroutine.yield(wait(1)) end`);
    for await (const _value of co) break;
    expect([vm.getGlobal('closed'), co.isDone]).toEqual(['later', true]);
    expect(co.return([7])).toEqual({ done: true, value: [7] });
  });
});

describe('errors', () => {
  test('an error ends it, what is open is closed', () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const co = make(vm, `local c <close> = setmetatable({}, { __close = function(_, e) closed = e end }) coroutine.yield(1) error('oh')`);
    co.next();
    expect(() => co.next()).toThrow(expect.objectContaining({ code: 'runtime', message: 'co:1: oh' }));
    expect([co.isDone, vm.getGlobal('closed'), co.next()]).toEqual([true, 'co:1: oh', { done: true, value: [] }]);
    const failing = make(vm, `local c <close> = setmetatable({}, { __close = function() error('closer', 0) end }) coroutine.yield(1)`);
    failing.next();
    expect(() => failing.return()).toThrow('closer');
    expect(failing.isDone).toBe(true);
  });

  test('a plain step cannot wait; the program may catch that', () => {
    const vm = makeVm(INTERPRETED);
    expect(() => make(vm, 'wait()').next()).toThrow(expect.objectContaining({ message: expect.stringContaining('callAsync') }));
    expect(make(vm, 'coroutine.yield((pcall(wait)))').next()).toEqual({ done: false, value: [false] });
  });

  test('a coroutine that runs cannot be resumed', () => {
    const vm = makeVm(INTERPRETED);
    const co = make(vm, 'again()');
    let error: unknown;
    vm.setGlobal('again', () => {
      try {
        co.next();
      } catch (caught) {
        error = caught;
      }
    });
    co.next();
    expect(error).toMatchObject({ message: 'cannot resume non-suspended coroutine' });
  });

  test('steps that are asked for at once come one after the other', async () => {
    const vm = makeVm(INTERPRETED);
    const co = make(vm, 'for i = 1, 3 do coroutine.yield(wait(i)) end');
    expect((await Promise.all([co.nextAsync(), co.nextAsync(), co.nextAsync(), co.nextAsync()])).map(({ value }) => value)).toEqual([[1], [2], [3], []]);
  });

  test('limits are for each step', async () => {
    const vm = makeVm(INTERPRETED);
    const co = vm.coroutine(vm.load('while true do for i = 1, ... do end coroutine.yield(1) end'), { fuel: 2000 });
    for (let i = 0; i < 10; i++) expect(co.next(1000).done).toBe(false);
    const spinning = vm.coroutine(vm.load('while true do end'), { fuel: 2000 });
    expect(() => spinning.next()).toThrow(expect.objectContaining({ code: 'fuel' }));
    expect(spinning.isDone).toBe(true);
    const waiting = vm.coroutine(vm.load('while true do coroutine.yield(wait()) end'), { wallTimeout: 1000 });
    for (let i = 0; i < 5; i++) await waiting.nextAsync();
  });

  test('wrong use', async () => {
    const vm = makeVm(INTERPRETED);
    expect(() => vm.coroutine(5 as unknown as LuaFunction)).toThrow(MoontraceError);
    expect(() => vm.coroutine(makeVm(INTERPRETED).load(''))).toThrow(expect.objectContaining({ code: 'bad-handle' }));
    const co = make(vm);
    expect(() => co.next(Symbol('s') as never)).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(co.isDone).toBe(false);
    vm.close();
    expect(() => co.next()).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(await failureOf(co.nextAsync())).toMatchObject({ code: 'closed' });
  });

  test('dropped ones are garbage', () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const func = vm.load(SOURCE);
    for (let i = 0; i < 500; i++) vm.coroutine(func).next();
    vm.collect();
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
  });
});
