/** A JIT on every thread: what one has compiled all run, and nobody does once it was thrown away. */
import { expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { SharedVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/vm.ts';
import { differences, type Done, OPERATIONS, PROGRAM } from './operations.ts';
import { Thread } from './threads.ts';

const EAGER = { tunables: { share: 100, hotloop: 2, hotexit: 2, penaltystart: 4, penaltyfactor: 2 } };
const SUM = 'function sum(n) local s = 0 for i = 1, n do s = s + (i % 7) * 2 end return s end';

async function withThread<Result>(shared: SharedVm, jit: typeof EAGER | undefined, action: (thread: Thread) => Promise<Result>): Promise<Result> {
  const thread = new Thread(shared.handle, jit);
  shared.watch(thread.worker);
  try {
    return await action(thread);
  } finally {
    await thread.end();
  }
}

test('a trace compiled in one thread runs in others, with a JIT and without', async () => {
  const shared = SharedVm.from({ jit: createJit(EAGER) });
  shared.eval(SUM);
  expect(shared.call('sum', 1000)).toEqual([6006]);
  const before = shared.traceDispatchedCount;
  expect(before).toBeGreaterThan(0);
  for (const jit of [undefined, EAGER]) {
    await withThread(shared, jit, async (thread) => {
      expect(await thread.run('const before = shared.traceDispatchedCount; return [shared.call("sum", 1000), shared.traceDispatchedCount > before, shared.withVm((vm) => vm.stats().compiled)]')).toEqual([[6006], true, 0]);
      // Exits that are hot, and are none of its own.
      expect(await thread.run('let last; for (let i = 0; i < 200; i++) last = shared.call("sum", i); return last')).toEqual([1188]);
    });
  }
  shared.close();
});

test('what a thread has compiled goes with it, and what others have stays', async () => {
  const shared = SharedVm.from({ jit: createJit(EAGER) });
  shared.eval(SUM);
  shared.eval('function other(n) local t = {} for i = 1, n do t[i] = i % 3 == 0 and i or tostring(i) end return #t end');
  shared.call('sum', 1000);
  const own = machineOf(shared.withVm((vm) => vm)).codeSharing?.entered ?? 0;
  await withThread(shared, EAGER, async (thread) => {
    expect(await thread.run('shared.call("other", 2000); return shared.withVm((vm) => vm.stats().compiled) > 0')).toBe(true);
    const before = shared.traceDispatchedCount;
    expect(shared.call('other', 2000)).toEqual([2000]);
    expect(shared.traceDispatchedCount).toBeGreaterThan(before);
    await thread.run('shared.close()');
    expect([shared.call('other', 2000), shared.call('sum', 1000)]).toEqual([[2000], [6006]]);
  });
  expect(shared.traceDispatchedCount).toBeGreaterThan(own);
  expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
  shared.close();
});

test('code of functions that another thread has collected is thrown away', async () => {
  const shared = SharedVm.from({ jit: createJit(EAGER) });
  await withThread(shared, EAGER, async (thread) => {
    for (let round = 0; round < 5; round++) {
      shared.eval(`function f${round}(n) local t = {} for i = 1, n do t[i] = { i } end return #t end f${round}(100)`);
      expect(await thread.run('return shared.call(args[0], 50)', `f${round}`)).toEqual([50]);
      await thread.run('shared.eval(args[0])', `f${round} = nil collectgarbage() collectgarbage()`);
    }
    shared.eval('collectgarbage()');
    expect(shared.withVm((vm) => vm.stats().traces.length)).toBeLessThan(5);
    expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
  });
  shared.close();
});

test('threads that compile and threads that do not, at once', async () => {
  const shared = SharedVm.from({ jit: createJit(EAGER) });
  shared.eval(PROGRAM);
  const threads = [undefined, EAGER, EAGER].map((jit) => new Thread(shared.handle, jit));
  for (const { worker } of threads) shared.watch(worker);
  const done = (await Promise.all(threads.map((thread, place) => thread.run(OPERATIONS, 500, 777 + 31 * place)))) as Done[];
  const compiled = await Promise.all(threads.slice(1).map((thread) => thread.run('return shared.withVm((vm) => vm.stats().compiled)')));
  expect(compiled.every((count) => (count as number) > 0)).toBe(true);
  expect(differences(shared, done)).toEqual([]);
  await Promise.all(threads.map((thread) => thread.end()));
  expect(differences(shared, done)).toEqual([]);
  shared.close();
});

test('a thread that compiles is terminated', async () => {
  const shared = SharedVm.from({ jit: createJit(EAGER) });
  shared.eval(`${SUM} count = 0`);
  let refused = 0;
  for (let round = 0; round < 4 && refused === 0; round++) {
    const thread = new Thread(shared.handle, EAGER);
    shared.watch(thread.worker);
    const started = thread.posted();
    thread.run('shared.register({ started: () => post(1) }); shared.eval("started() while true do sum(50) count = count + 1 end")').catch(() => {});
    await started;
    await new Promise((resolve) => void setTimeout(resolve, 3 * round));
    await thread.end();
    try {
      expect(await shared.withVmAsync((vm) => vm.doString('return sum(1000)'))).toEqual([6006]);
      expect(await withThread(shared, undefined, (other) => other.run('return shared.call("sum", 1000)'))).toEqual([6006]);
    } catch (error) {
      expect(error).toEqual(expect.objectContaining({ code: 'abandoned' }));
      refused++;
    }
  }
  expect(refused).toBeLessThan(2);
});
