/** SharedVm on one thread: what luna's SendVm offers, method by method, and misuse. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { Interrupt, type LuaFunction, type SharedHandle, SharedVm, Vm } from '../../../src/api/index-node.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

class Point {
  x = 1;
  move(by: number): number {
    this.x += by;
    return this.x;
  }
}

describe('as SendVm', () => {
  test('new: without libraries, interpreted', () => {
    const shared = SharedVm.create();
    expect(shared.withVm((vm) => [...vm.globals.keys()])).toEqual([]);
    expect(shared.traceDispatchedCount).toBe(0);
    shared.close();
  });

  test('from_vm: with the options of createVm', () => {
    const out: string[] = [];
    const shared = SharedVm.from({ without: ['os.execute'], stdout: (bytes) => void out.push(Buffer.from(bytes).toString()) });
    expect(shared.eval('print("hello") return type(os.getenv), os.execute, math.type(1)')).toEqual(['function', undefined, 'integer']);
    expect(out.join('')).toBe('hello\n');
    shared.close();
  });

  test('open_base, open_math, open_string, open_table, open_coroutine', () => {
    const shared = SharedVm.create();
    shared.openBase();
    expect(shared.eval('return select("#", 1, 2), math, string, table, coroutine, pcall(error, "e")')).toEqual([2, undefined, undefined, undefined, undefined, false, 'e']);
    shared.openMath().openString();
    expect(shared.eval('return math.max(1, 3), ("x"):rep(3), table, coroutine')).toEqual([3, 'xxx', undefined, undefined]);
    shared.openTable().openCoroutine().openUtf8();
    expect(shared.eval('return table.concat({1, 2}, "-"), coroutine.wrap(function(a) return a end)(7), utf8.char(228), _G.math == math')).toEqual(['1-2', 7, 'ä', true]);
    shared.open('math', 'os', 'package');
    expect(shared.eval('return type(os.time()), require("math") == math, package.loaded.string == string')).toEqual(['number', true, true]);
    expect(shared.eval('local t = {} for i = 1, 50 do t[i] = (i * 7) % 50 end table.sort(t, function(a, b) return a > b end) return t[1], pcall(string.rep)')).toEqual([49, false, "bad argument #1 to 'string.rep' (string expected, got no value)"]);
    shared.close();
  });

  test('eval, with errors as LuaError', () => {
    const shared = SharedVm.create();
    expect(shared.eval('return 1 + 1, "a" .. "b"')).toEqual([2, 'ab']);
    expect(() => shared.eval('return +', 'chunk')).toThrow(code('syntax'));
    expect(() => shared.eval('local a = nil; a.b = 1', '=chunk')).toThrow("chunk:1: attempt to index a nil value (local 'a')");
    expect(shared.eval('return 3')).toEqual([3]);
    shared.close();
  });

  test('call_value: a handle, a ticket, a name', () => {
    const shared = SharedVm.create();
    const [func] = shared.eval<[LuaFunction]>('function double(x) return x * 2, "more" end return double');
    expect(shared.call(func, 4)).toEqual([8, 'more']);
    expect(shared.call('double', 5)).toEqual([10, 'more']);
    expect(shared.call(shared.pin(func), 6)).toEqual([12, 'more']);
    expect(() => shared.call('nothing')).toThrow(code('bad-argument'));
    expect(() => shared.call(shared.pin(3))).toThrow(code('bad-argument'));
    shared.close();
  });

  test('set_global, get_global', () => {
    const shared = SharedVm.create();
    shared.setGlobal('a', 'text').setGlobal('b', [1, 2]).setGlobal('f', (x) => Number(x) + 1);
    expect([shared.getGlobal('a'), shared.getGlobal('missing'), ...shared.eval('return #b, f(41)')]).toEqual(['text', undefined, 2, 42]);
    shared.setGlobal('f', () => 'other');
    expect(shared.eval('return f()')).toEqual(['other']);
    shared.close();
  });

  test('intern_str: a string is kept by a ticket', () => {
    const shared = SharedVm.create();
    expect(shared.read(shared.pin('a string'))).toBe('a string');
    shared.close();
  });

  test('set_userdata: an instance of a registered class', () => {
    const shared = SharedVm.create();
    const point = new Point();
    shared.register(Point, { methods: ['move'], fields: ['x'], constructor: true }).setUserdata('point', point);
    expect(shared.eval('return point:move(4), point.x, Point.new().x, Point():move(1)')).toEqual([5, 5, 1, 2]);
    expect([point.x, shared.getGlobal('point')]).toEqual([5, point]);
    shared.close();
  });

  test('pin_host, read_host, unpin', () => {
    const shared = SharedVm.create();
    const ticket = shared.pin({ list: [1, 2] });
    expect(structuredClone(ticket)).toEqual(ticket);
    expect(String(shared.read(structuredClone(ticket)))).toMatch(/^table: /);
    shared.write(ticket, 'other');
    expect(shared.read(ticket)).toBe('other');
    shared.unpin(ticket);
    expect(shared.read(ticket)).toBeUndefined();
    expect(() => shared.unpin(ticket)).toThrow(code('stale-root'));
    expect(() => shared.call(ticket)).toThrow(code('stale-root'));
    shared.pin(1);
    shared.unpinAll();
    expect(shared.withVm((vm) => vm.rootCount)).toBe(0);
    shared.close();
  });

  test('with_vm', () => {
    const shared = SharedVm.create();
    expect(shared.withVm((vm) => [vm instanceof Vm, vm.fuel, vm.stats().memoryUsed > 1000, vm.doString('return 4')])).toEqual([true, Number.POSITIVE_INFINITY, true, [4]]);
    expect(() => shared.withVm(async () => {})).toThrow(code('bad-argument'));
    expect(() => shared.withVm(() => { throw new RangeError('own'); })).toThrow('own');
    shared.close();
  });

  test('clone and Debug: handles of one VM', () => {
    const shared = SharedVm.create();
    shared.setGlobal('x', 1);
    const second = SharedVm.attach(shared.handle);
    const third = SharedVm.attach(structuredClone(shared.handle) as unknown as SharedHandle, { thread: 77 });
    expect([second.getGlobal('x'), third.getGlobal('x'), third.thread, inspect(shared), String(shared)]).toEqual([1, 1, 77, 'SharedVm { handles: 3 }', '[object SharedVm]']);
    second.close();
    third.setGlobal('x', 2);
    third.close();
    expect([shared.handles, shared.getGlobal('x')]).toEqual([1, 2]);
    shared.close();
  });
});

describe('on one thread', () => {
  test('fuel is the VM’s', () => {
    const shared = SharedVm.create({ fuel: 100_000 });
    const other = SharedVm.attach(shared.handle);
    shared.eval('for i = 1, 30000 do end');
    const left = other.withVm((vm) => vm.fuel);
    expect(left).toBeLessThan(70_001);
    expect(left).toBeGreaterThan(60_000);
    expect(() => other.eval('while true do end')).toThrow(code('fuel'));
    expect(shared.withVm((vm) => vm.fuel)).toBe(0);
    shared.withVm((vm) => { vm.fuel = 1000; });
    expect(other.eval('return 1')).toEqual([1]);
    other.close();
    shared.close();
  });

  test('time, memory and output are limited', () => {
    const timed = SharedVm.create({ timeout: 30 });
    expect(() => timed.eval('while true do end')).toThrow(code('timeout'));
    timed.close();
    const shared = SharedVm.from({ memoryLimit: 4 << 20, outputLimit: 10, stdout: () => {} });
    expect(() => shared.eval('print(("x"):rep(100))')).toThrow(code('output'));
    expect(() => shared.eval('local t = {} for i = 1, 1e7 do t[i] = {} end')).toThrow(code('memory'));
    expect(shared.eval('return 1')).toEqual([1]);
    shared.close();
  });

  test('an interrupt stops the next program', () => {
    const shared = SharedVm.create();
    new Interrupt(shared.handle.interrupt).request();
    expect(() => shared.eval('local function f() end f() f() for i = 1, 10 do end')).toThrow(code('interrupt'));
    shared.interrupt.request();
    expect(() => shared.eval('while true do end')).toThrow(code('interrupt'));
    expect(shared.eval('return 1')).toEqual([1]);
    shared.close();
  });

  test('actions that wait hold it, others of the thread get in, and all in turn', async () => {
    const shared = SharedVm.create();
    shared.setGlobal('n', 0);
    const steps: string[] = [];
    const turns = ['a', 'b', 'c'].map((name) => shared.withVmAsync(async (vm) => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => void setTimeout(resolve, 2));
      vm.doString('n = n + 1');
      steps.push(`${name} ends`);
      return name;
    }));
    await Promise.resolve();
    expect(shared.getGlobal('n')).toBe(0);
    expect(await Promise.all(turns)).toEqual(['a', 'b', 'c']);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(shared.getGlobal('n')).toBe(3);
    const unlock = await shared.lockAsync();
    expect(() => shared.close()).toThrow(code('busy'));
    unlock();
    unlock();
    shared.close();
  });

  test('actions run at once while the thread has it, and it is held until the last is done', async () => {
    const shared = SharedVm.create();
    const other = SharedVm.attach(shared.handle, { thread: 77, blocks: false });
    const unlock = await shared.lockAsync();
    expect(await shared.withVmAsync((vm) => vm.doString('return 1'))).toEqual([1]);
    expect(await shared.withVmAsync(() => shared.withVmAsync((vm) => vm.doString('return 2')))).toEqual([2]);
    await expect(shared.withVmAsync(() => { throw new RangeError('own'); })).rejects.toThrow('own');
    await expect(shared.withVmAsync(() => 1, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    const steps: string[] = [];
    let finish = (): void => {};
    const waiting = shared.withVmAsync(() => new Promise<void>((resolve) => (finish = resolve)));
    const next = shared.lockAsync().then((end) => {
      steps.push('next');
      end();
    });
    const stranger = other.withVmAsync(() => void steps.push('stranger'));
    unlock();
    expect(() => other.eval('return 1')).toThrow(code('would-block'));
    expect(shared.eval('return 3')).toEqual([3]);
    expect(await shared.withVmAsync(() => 4)).toBe(4);
    expect(steps).toEqual([]);
    finish();
    await Promise.all([waiting, next, stranger]);
    expect(steps.sort()).toEqual(['next', 'stranger']);
    expect(await other.withVmAsync((vm) => vm.doString('return 5'))).toEqual([5]);
    other.close();
    shared.close();
  });

  test('an action that a host function begins waits for the program it is called by', async () => {
    const shared = SharedVm.create();
    let isDone = false;
    let later: Promise<boolean> | undefined;
    const begin = (): void => {
      later = shared.withVmAsync(() => isDone);
    };
    shared.register({ begin });
    shared.eval('begin()');
    isDone = true;
    expect(await later).toBe(true);
    await shared.withVmAsync(async (vm) => {
      vm.doString('begin()');
      expect(await later).toBe(true);
    });
    shared.close();
  });

  test('waiting is given up', async () => {
    const shared = SharedVm.create();
    const unlock = await shared.lockAsync();
    const controller = new AbortController();
    const waiting = shared.lockAsync(controller.signal);
    let isUnlocked = false;
    const behind = shared.lockAsync().then((end) => {
      end();
      return isUnlocked;
    });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(shared.withVmAsync(() => 1, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    isUnlocked = true;
    unlock();
    expect(await behind).toBe(true);
    await expect(shared.withVmAsync(() => 1, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(await shared.withVmAsync(() => 2)).toBe(2);
    shared.close();
  });

  test('host functions wait under callAsync', async () => {
    const shared = SharedVm.create();
    shared.register({ later: async (x) => Number(x) + 1 });
    const [func] = shared.eval<[LuaFunction]>('return function(x) return later(x) + later(x) end');
    expect(await Promise.all([func.callAsync(1), func.callAsync(10)])).toEqual([[4], [22]]);
    expect(await shared.withVmAsync((vm) => vm.doStringAsync('return later(5)'))).toEqual([6]);
    shared.close();
  });

  test('handles are given back when the VM is held again', () => {
    const shared = SharedVm.create();
    const table = shared.withVm((vm) => vm.newTable([1, 2, 3]));
    expect(table.length).toBe(3);
    table.release();
    expect(() => table.length).toThrow(code('released'));
    shared.openBase();
    expect(shared.eval('local weak = setmetatable({ {} }, { __mode = "v" }) collectgarbage() return #weak')).toEqual([0]);
    shared.close();
  });

  test('the last handle closes the VM, and calls finalisers', () => {
    const closed: string[] = [];
    const shared = SharedVm.create();
    shared.openBase().register({ note: (text) => void closed.push(String(text)) });
    shared.eval('setmetatable({}, { __gc = function() note("gc") end })');
    const second = SharedVm.attach(shared.handle);
    second.register({ note: (text) => void closed.push(String(text)) });
    shared.close();
    shared.close();
    expect(closed).toEqual([]);
    expect(() => shared.eval('')).toThrow(code('closed'));
    expect(() => shared.withVm(() => 1)).toThrow(code('closed'));
    second.close();
    expect(closed).toEqual(['gc']);
    expect(() => SharedVm.attach(shared.handle)).toThrow(code('closed'));
  });
});

describe('misuse', () => {
  test('of options', () => {
    expect(() => SharedVm.create({ thread: -1 })).toThrow(code('bad-option'));
    expect(() => SharedVm.create({ blocks: 1 } as never)).toThrow(code('bad-option'));
    expect(() => SharedVm.create({ core: 1 } as never)).toThrow(code('bad-option'));
    expect(() => SharedVm.create({ nonsense: 1 } as never)).toThrow(code('bad-option'));
    expect(() => SharedVm.create({ libraries: ['nope'] } as never)).toThrow(code('bad-option'));
    const interpreting = SharedVm.create();
    expect(() => SharedVm.attach(interpreting.handle, { jit: createJit() })).toThrow(code('not-shared'));
    expect(interpreting.handles).toBe(1);
    interpreting.close();
  });

  test('of handles', async () => {
    const shared = SharedVm.create();
    for (const handle of [undefined, 1, {}, { ...shared.handle, memory: 1 }, { ...shared.handle, version: '0.0.0' }, { ...shared.handle, options: 3 }]) {
      expect(() => SharedVm.attach(handle as never)).toThrow(code('bad-argument'));
    }
    const memories = [{ initial: 100, maximum: 65536, shared: true }, { initial: 0, maximum: 65536, shared: true }, { initial: 100 }].map((size) => new WebAssembly.Memory(size));
    const filled = new WebAssembly.Memory({ initial: 100, maximum: 65536, shared: true });
    new Uint8Array(filled.buffer).fill(255);
    for (const memory of [...memories, filled]) {
      expect(() => SharedVm.attach({ ...shared.handle, memory })).toThrow(code('bad-argument'));
      await expect(SharedVm.attachAsync({ ...shared.handle, memory })).rejects.toThrow(code('bad-argument'));
    }
    expect(() => SharedVm.attach(shared.handle, { fuel: 3 } as never)).toThrow(code('bad-option'));
    expect(() => SharedVm.attach(shared.handle, { stdout: 3 } as never)).toThrow(code('bad-option'));
    expect(shared.handles).toBe(1);
    shared.close();
  });

  test('of methods', () => {
    const shared = SharedVm.create();
    for (const name of ['nope', undefined]) expect(() => shared.open(name as never)).toThrow(code('bad-argument'));
    expect(() => shared.register(3 as never)).toThrow(code('bad-argument'));
    expect(() => shared.register({ f: 3 } as never)).toThrow(code('bad-argument'));
    expect(() => shared.register({ f: () => 1 }, 3 as never)).toThrow(code('bad-argument'));
    expect(() => shared.setGlobal(1 as never, 1)).toThrow(code('bad-argument'));
    expect(() => shared.setUserdata('x', 3 as never)).toThrow(code('bad-argument'));
    expect(() => shared.call({ index: 1 } as never)).toThrow(code('bad-argument'));
    expect(() => shared.read({} as never)).toThrow(code('bad-argument'));
    expect(() => shared.bury(-1)).toThrow(code('bad-argument'));
    expect(() => shared.watch({} as never)).toThrow(code('bad-argument'));
    for (const action of ['close', 'snapshot', 'fork'] as const) expect(() => shared.withVm((vm) => void vm[action]())).toThrow(code('not-shared'));
    expect(shared.bury(12345)).toBe(false);
    expect(shared.eval('return 1')).toEqual([1]);
    shared.close();
  });

  test('no two handles of one thread at a time', () => {
    const shared = SharedVm.create();
    const other = SharedVm.attach(shared.handle);
    expect(() => shared.withVm(() => other.eval('return 1'))).toThrow(code('busy'));
    expect(other.eval('return 1')).toEqual([1]);
    other.close();
    shared.close();
  });
});
