/** Host functions that one thread calls for all others. */
import { expect, test } from 'vitest';
import { SharedVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/vm.ts';
import { withThreads } from './threads.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const cause = (expected: string) => expect.objectContaining({ cause: expected });

async function withShared(action: (shared: SharedVm) => Promise<void>): Promise<void> {
  const shared = SharedVm.from();
  try {
    await action(shared);
  } finally {
    shared.close();
  }
}

test('the Lua of another thread waits for them', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    const seen: unknown[] = [];
    shared.serve({
      ask: (question, table) => {
        seen.push(question, (table as { get(key: number): unknown }).get(1));
        return `answer ${String(question)}`;
      },
      pair: () => [1, 2],
      fail: () => { throw new RangeError('not here'); },
    }, 'main');
    expect(await first.run('return shared.eval("return main.ask(7, { 40 }), #main.pair()")')).toEqual(['answer 7', 2]);
    expect(await second.run('return shared.eval("local s = 0 for i = 1, 200 do s = s + #main.ask(i, { i }) end return s")')).toEqual([1892]);
    expect(seen.slice(0, 4)).toEqual([7, 40, 1, 1]);
    expect(await second.run('return shared.eval("return select(2, pcall(main.fail))") !== undefined')).toBe(true);
    await expect(second.run('shared.eval("main.fail()")')).rejects.toEqual(expect.objectContaining({ code: 'runtime', message: 'not here' }));
    expect(shared.eval('return main.ask(1, {})')).toEqual(['answer 1']);
    // Who has registered one calls his own.
    await first.run('shared.register({ ask: () => "mine" }, "main")');
    expect(await first.run('return shared.eval("return main.ask(1, {})")')).toEqual(['mine']);
    expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
  });
}));

test('they call Lua, and what the one who waits serves', () => withShared(async (shared) => {
  await withThreads(shared, 1, async (thread) => {
    shared.serve({ apply: (func, value) => (func as { call(value: unknown): unknown[] }).call(value)[0] as number });
    await thread.run('shared.serve({ double: (x) => x * 2 })');
    expect(await thread.run('return shared.eval("return apply(function(x) return x + 1 end, 41), apply(double, 4), apply(function(x) return apply(double, x) end, 5)")')).toEqual([42, 8, 10]);
    expect(await thread.run('return shared.eval("local co = coroutine.wrap(function(x) while true do x = coroutine.yield(apply(double, x)) end end) return co(1), co(2), co(3)")')).toEqual([2, 4, 6]);
    expect(await thread.run('return shared.eval("return pcall(apply, error, \'inside\')")')).toEqual([false, 'inside']);
    await expect(thread.run('shared.eval("apply(function() error(\'inside\') end)")')).rejects.toEqual(expect.objectContaining({ message: expect.stringContaining('inside') as string }));
  });
}));

test('a thread that waits for the VM serves as well', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    await first.run('shared.serve({ slow: (x) => x + 1 })');
    const running = second.run('shared.register({ started: () => post(1) }); return shared.eval("started() local s = 0 for i = 1, 100 do s = slow(s) end return s")');
    await second.posted();
    const waiting = first.run('return shared.eval("return 5")');
    expect([await running, await waiting]).toEqual([[100], [5]]);
  });
}));

test('an interrupt reaches the Lua that they call', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    await first.run('shared.serve({ spin: (f) => { post(1); return f.call()[0] } })');
    const running = second.run('shared.eval("spin(function() while true do end end)")');
    await first.posted();
    shared.interrupt.request();
    await expect(running).rejects.toEqual(code('interrupt'));
    expect(await first.run('return shared.eval("return 1")')).toEqual([1]);
  });
}));

test('without the thread they are refused', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    await first.run('shared.serve({ gone: () => 1, never: async () => 1 })');
    expect(await second.run('return shared.eval("return gone()")')).toEqual([1]);
    await expect(second.run('shared.eval("never()")')).rejects.toEqual(expect.objectContaining({ message: expect.stringContaining('has to be waited for') as string }));
    await first.run('shared.close()');
    await expect(second.run('shared.eval("gone()")')).rejects.toEqual(cause('wrong-thread'));
    const patient = SharedVm.attach(shared.handle, { thread: 99 });
    patient.close();
    expect(() => shared.eval('gone()')).toThrow(expect.objectContaining({ cause: code('wrong-thread') }));
  });
}));

test('a thread that is gone in the middle of one is noticed', async () => {
  const shared = SharedVm.from();
  await withThreads(shared, 2, async (first, second) => {
    await first.run('shared.serve({ leave: () => process.exit(1) })');
    await expect(second.run('shared.eval("leave()")')).rejects.toEqual(code('core-failure'));
    expect(() => shared.eval('return 1')).toThrow(code('abandoned'));
  });
});
