/** A VM that threads share: what one does the others see; what is of one thread is refused in another. */
import { describe, expect, test } from 'vitest';
import { type LuaFunction, SharedVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/vm.ts';
import { HostFailure } from '../../../src/hosts/environment.ts';
import { Thread, withThreads } from './threads.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const cause = (expected: string) => expect.objectContaining({ cause: expected });

/** Runs a test with a VM that has the usual libraries, and closes it. */
async function withShared(action: (shared: SharedVm) => Promise<void>): Promise<void> {
  const shared = SharedVm.create();
  shared.openBase().openMath().openString().openTable().openCoroutine();
  try {
    await action(shared);
  } finally {
    shared.close();
  }
}

test('threads see what others have done, and its memory grow', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    shared.setGlobal('x', 'of the first thread');
    expect(await first.run('return [shared.getGlobal("x"), shared.handles, shared.thread]')).toEqual(['of the first thread', 3, first.worker.threadId]);
    await first.run('shared.eval("big = {} for i = 1, 200000 do big[i] = { i } end text = string.rep(\'x\', 5000000)")');
    const pages = machineOf(shared.withVm((vm) => vm)).memory.wasm.buffer.byteLength / 65536;
    expect(shared.eval('return #big, big[77777][1], #text, text:sub(-3)')).toEqual([200000, 77777, 5000000, 'xxx']);
    expect(pages).toBeGreaterThan(200);
    expect(await second.run('return shared.eval("big[1] = nil text = nil collectgarbage() return #big, big[200000][1]")')).toEqual([200000, 200000]);
    expect(String(shared.getGlobal('big'))).toMatch(/^table/);
    expect(shared.withVm((vm) => vm.doString('return ("ä€"):rep(2000)')[0])).toBe('ä€'.repeat(2000));
    expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
  });
  expect(shared.handles).toBe(1);
}));

test('tickets are good in every thread', () => withShared(async (shared) => {
  await withThreads(shared, 1, async (thread) => {
    const table = shared.pin([10, 20]);
    const [func] = shared.eval<[LuaFunction]>('local n = 0 return function(t) n = n + 1 return n, t and t[2] end');
    const counter = shared.pin(func);
    expect(await thread.run('return shared.call(args[1], shared.read(args[0]))', table, counter)).toEqual([1, 20]);
    expect(func.call()).toEqual([2, undefined]);
    const theirs = (await thread.run('return shared.pin("theirs")')) as typeof table;
    expect(shared.read(theirs)).toBe('theirs');
    shared.write(theirs, 'ours');
    expect(await thread.run('const value = shared.read(args[0]); shared.unpin(args[0]); return value', theirs)).toBe('ours');
    expect(shared.read(theirs)).toBeUndefined();
    await expect(thread.run('shared.unpin(args[0])', theirs)).rejects.toEqual(code('stale-root'));
  });
}));

test('libraries opened by one thread work in all', () => withShared(async (shared) => {
  await withThreads(shared, 1, async (thread) => {
    await thread.run('shared.open("os", "utf8", "debug")');
    expect(shared.eval('return type(os.time()), utf8.len("äö"), type(debug.traceback())')).toEqual(['number', 2, 'string']);
    shared.open('io', 'package');
    expect(await thread.run('return shared.eval("return io.type(io.stdout), type(require), os.getenv and 1")')).toEqual(['file', 'function', 1]);
    await thread.run('shared.eval("file = io.tmpfile() file:write(1)")');
    expect(() => shared.eval('file:write(2)  file:seek("set")')).toThrow(expect.objectContaining({ cause: code('wrong-thread') }));
    expect(() => shared.eval('file:close()')).toThrow(expect.objectContaining({ cause: code('wrong-thread') }));
    expect(await thread.run('return shared.eval("file:seek(\'set\') local t = file:read(\'a\') file:close() return t")')).toEqual(['12']);
  });
}));

describe('host functions', () => {
  test('of a name are each thread’s own', () => withShared(async (shared) => {
    await withThreads(shared, 2, async (first, second) => {
      shared.register({ who: () => 'main' }, 'host').setGlobal('where', () => 'here');
      await first.run('shared.register({ who: () => "first" }, "host").register({ where: () => "there" })');
      expect(await Promise.all([first.run('return shared.eval("return host.who(), where()")'), shared.eval('return host.who(), where()')])).toEqual([['first', 'there'], ['main', 'here']]);
      await expect(second.run('shared.eval("host.who()")')).rejects.toEqual(cause('wrong-thread'));
      await expect(second.run('shared.eval("host.who()")')).rejects.toEqual(expect.objectContaining({ message: "it is not of this thread: 'host.who' is not registered" }));
      expect(await second.run('return shared.eval("return pcall(where)")[0]')).toBe(false);
      // The program has put another in its place; who comes later leaves it.
      shared.eval('host.who = function() return "Lua" end');
      await second.run('shared.register({ who: () => "second" }, "host")');
      expect(await second.run('return shared.eval("return host.who()")')).toEqual(['Lua']);
    });
  }));

  test('without a name are of one thread, as objects are', () => withShared(async (shared) => {
    await withThreads(shared, 1, async (thread) => {
      shared.setGlobal('t', { f: () => 'mine' });
      shared.setGlobal('e', new Map([['x', 1]]));
      shared.withVm((vm) => vm.setGlobal('date', vm.fromJS(new Date(0), 'opaque')));
      expect(shared.eval('return t.f(), e.x')).toEqual(['mine', 1]);
      await expect(thread.run('shared.eval("t.f()")')).rejects.toEqual(cause('wrong-thread'));
      expect(await thread.run('return String(shared.getGlobal("date"))')).toBe('(object)');
      expect(shared.getGlobal('date')).toEqual(new Date(0));
      await thread.run('shared.setGlobal("theirs", { g: () => 5 })');
      expect(() => shared.eval('theirs.g()')).toThrow(expect.objectContaining({ cause: code('wrong-thread') }));
      expect(await thread.run('return shared.eval("return theirs.g()")')).toEqual([5]);
    });
  }));

  test('are let go of where they are when another thread has collected them', () => withShared(async (shared) => {
    await withThreads(shared, 1, async (thread) => {
      const { hostObjects } = machineOf(shared.withVm((vm) => vm));
      for (let i = 0; i < 100; i++) shared.withVm((vm) => vm.newTable({ f: () => i, o: { get: () => i } }).release());
      const before = hostObjects.counts.functions;
      expect(before).toBeGreaterThan(99);
      await thread.run('shared.eval("collectgarbage() collectgarbage()")');
      shared.eval('');
      expect(hostObjects.counts.functions).toBeLessThan(10);
    });
  }));

  test('that throw are errors as usual', () => withShared(async (shared) => {
    await withThreads(shared, 1, async (thread) => {
      shared.register({ fail: () => { throw new HostFailure('no', 5); } });
      await thread.run('shared.register({ fail: () => { throw new RangeError("theirs") } })');
      await expect(thread.run('shared.eval("fail()")')).rejects.toEqual(expect.objectContaining({ message: 'theirs', code: 'runtime' }));
      expect(() => shared.eval('fail()')).toThrow('no');
      await thread.run('shared.eval("caught = select(2, pcall(fail))")');
      expect(shared.eval('return type(caught)')).toEqual(['userdata']);
      expect(() => shared.eval('error(caught)')).toThrow();
    });
  }));
});

describe('classes', () => {
  class Counter {
    n = 0;
    add(by: number): number {
      this.n += by;
      return this.n;
    }
  }
  const REGISTER = 'class Counter { n = 0; add(by) { return (this.n += by) } } globalThis.Counter = Counter; shared.register(Counter, { methods: ["add"], fields: ["n"], constructor: true });';

  test('are registered in each thread; instances are of their own', () => withShared(async (shared) => {
    await withThreads(shared, 2, async (first, second) => {
      const counter = new Counter();
      shared.register(Counter, { methods: ['add'], fields: ['n'], constructor: true }).setUserdata('counter', counter);
      await first.run(REGISTER);
      expect(await first.run('return shared.eval("theirs = Counter.new() return theirs:add(5), theirs.n")')).toEqual([5, 5]);
      expect(shared.eval('return counter:add(2), counter.n, Counter().n')).toEqual([2, 2, 0]);
      await expect(first.run('shared.eval("counter:add(1)")')).rejects.toEqual(cause('wrong-thread'));
      expect(() => shared.eval('return theirs.n')).toThrow(expect.objectContaining({ cause: code('wrong-thread') }));
      await expect(second.run('shared.eval("return counter.n")')).rejects.toEqual(cause('wrong-thread'));
      await expect(first.run(REGISTER)).rejects.toBeDefined();
      expect(() => shared.eval('return counter.add(1)')).toThrow('Counter expected, got number');
      expect(counter.n).toBe(2);
    });
  }));
});

test('an interrupt reaches what runs from anywhere', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    const running = first.run('shared.register({ started: () => post(1) }); shared.eval("started() while true do end")');
    await first.posted();
    shared.interrupt.request();
    await expect(running).rejects.toEqual(code('interrupt'));
    const again = first.run('shared.eval("started() while true do end")');
    await first.posted();
    const stopped = expect(again).rejects.toEqual(code('interrupt'));
    await second.run('new api.Interrupt(args[0]).request()', shared.handle.interrupt);
    await stopped;
    expect(shared.eval('return 1')).toEqual([1]);
  });
}));

test('who may not block waits in line', () => withShared(async (shared) => {
  const patient = SharedVm.attach(shared.handle, { blocks: false, thread: 4711 });
  await withThreads(shared, 1, async (thread) => {
    const running = thread.run('shared.register({ started: () => post(1) }); shared.eval("started() for i = 1, 3e6 do end n = (n or 0) + 1")');
    await thread.posted();
    expect(() => patient.eval('return 1')).toThrow(code('would-block'));
    await expect(patient.lockAsync(AbortSignal.timeout(1))).rejects.toBeDefined();
    expect(await patient.withVmAsync((vm) => vm.doString('return n'))).toEqual([1]);
    const unlock = await patient.lockAsync();
    expect(patient.eval('return 2')).toEqual([2]);
    unlock();
    await running;
    const attaching = thread.run('shared.eval("started() for i = 1, 3e6 do end")');
    await thread.posted();
    expect(() => SharedVm.attach(shared.handle, { blocks: false, thread: 4712 })).toThrow(code('would-block'));
    const later = await SharedVm.attachAsync(shared.handle, { blocks: false, thread: 4712 });
    expect(later.eval('return 3')).toEqual([3]);
    later.close();
    await attaching;
  });
  patient.close();
}));

test('what a thread held is let go of when it closes its handle', () => withShared(async (shared) => {
  shared.eval('weak = setmetatable({}, { __mode = "v" })');
  const thread = new Thread(shared.handle);
  await thread.run('globalThis.kept = shared.eval("local t = { {}, {} } weak[1] = t weak[2] = function() return t end return weak[1], weak[2]")');
  shared.eval('collectgarbage() collectgarbage()');
  expect(shared.eval('return #weak')).toEqual([2]);
  await thread.run('shared.close()');
  await expect(thread.run('shared.eval("")')).rejects.toEqual(code('closed'));
  await expect(thread.run('kept[0].get(1)')).rejects.toEqual(code('closed'));
  shared.eval('collectgarbage() collectgarbage()');
  expect(shared.eval('return weak[1], weak[2]')).toEqual([undefined, undefined]);
  expect(shared.handles).toBe(1);
  await thread.end();
}));
