/** A thread that is gone in the middle of running a shared VM: the next one goes on with it, or is told that it cannot be used. */
import { describe, expect, test } from 'vitest';
import { SharedVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/vm.ts';
import { AT_WORK } from '../../../src/engine/shared/cells.ts';
import { VM_MOVING } from '../../../src/bytecode/layout.ts';
import { Thread } from './threads.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

/** What the threads are in the middle of: nothing of it ends by itself. */
const PROGRAMS = [
  'local s = 0 while true do s = s + 1 end',
  'while true do local t = {} for i = 1, 100 do t[i] = { i, tostring(i) } end end',
  'while true do kept[#kept % 500 + 1] = string.rep("x", #kept % 50) kept["k" .. math.random(1000)] = {} end',
  'while true do pcall(function() local x <close> = setmetatable({}, { __close = function() end }) error("e") end) end',
  'local co = coroutine.wrap(function() while true do coroutine.yield(#tostring({})) end end) while true do co() end',
  'while true do load("local a = 1 return function(b) return a + b end")()(2) end',
  'while true do local t = {} for i = 1, 200 do t[i] = math.random(1000) end table.sort(t) table.concat(t, ",") end',
  'while true do collectgarbage("step") local t = setmetatable({}, { __gc = function() end }) end',
];

function newVm(): SharedVm {
  const shared = SharedVm.from();
  shared.eval('count, kept = 0, {}');
  return shared;
}

/** Uses all that may have been left in disorder. */
const CHECK = `count = count + 1
  collectgarbage()
  local t = {} for i = 1, 300 do t[i] = i; t['k' .. i] = { i } end
  local ok, message = pcall(error, 'e')
  local co = coroutine.wrap(function(...) coroutine.yield(select('#', ...)) return load('return 7')() end)
  return count, #t, ok, message, co(1, 2), co()`;

test('a worker is terminated inside Lua again and again', async () => {
  let shared = newVm();
  let count = 0;
  let refused = 0;
  for (let round = 0; round < 2 * PROGRAMS.length; round++) {
    const thread = new Thread(shared.handle);
    shared.watch(thread.worker);
    const started = thread.posted();
    thread.run('shared.register({ started: () => post(1) }); shared.eval("started() " + args[0])', PROGRAMS[round % PROGRAMS.length]).catch(() => {});
    await started;
    await new Promise((resolve) => void setTimeout(resolve, round % 7));
    await thread.end();
    try {
      expect(await shared.withVmAsync((vm) => vm.doString(CHECK))).toEqual([++count, 300, false, 'e', 2, 7]);
      expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
      expect(shared.handles).toBe(1);
    } catch (error) {
      expect(error).toEqual(code('abandoned'));
      expect(() => shared.eval('return 1')).toThrow(code('abandoned'));
      expect(() => SharedVm.attach(shared.handle)).toThrow(code('abandoned'));
      refused++;
      count = 0;
      shared = newVm();
    }
  }
  expect(refused).toBeLessThan(PROGRAMS.length);
});

describe('threads that wait', () => {
  test('go on when the one before them is gone', async () => {
    const shared = newVm();
    const [first, second, third] = [1, 2, 3].map(() => new Thread(shared.handle)) as [Thread, Thread, Thread];
    for (const { worker } of [first, second, third]) shared.watch(worker);
    await Promise.all([first.run(''), second.run(''), third.run('')]);
    const started = first.posted();
    first.run('shared.register({ started: () => post(1) }); shared.eval("count = 10 started() while true do end")').catch(() => {});
    await started;
    const waiting = second.run('return shared.eval("count = count + 1 return count")');
    third.run('shared.eval("count = count + 100")').catch(() => {});
    await new Promise((resolve) => void setTimeout(resolve, 30));
    await third.end();
    await first.end();
    expect(await waiting).toEqual([11]);
    expect(shared.eval('return count')).toEqual([11]);
    expect(shared.handles).toBe(2);
    await second.end();
    shared.close();
  });

  test('whose host function ends the thread as well', async () => {
    const shared = newVm();
    const thread = new Thread(shared.handle);
    shared.watch(thread.worker);
    thread.run('shared.register({ leave: () => process.exit(3) }); shared.eval("count = 5 leave()")').catch(() => {});
    await new Promise((resolve) => void thread.worker.once('exit', resolve));
    expect(await shared.withVmAsync((vm) => vm.doString('return count'))).toEqual([5]);
    shared.close();
  });
});

describe('what cannot be put right', () => {
  const broken = (damage: (words: Uint32Array) => void): SharedVm => {
    const shared = newVm();
    const words = new Uint32Array(shared.handle.memory.buffer);
    words[AT_WORK] = 2;
    damage(words);
    return shared;
  };

  test('is refused: keys on the move', () => {
    const shared = broken((words) => {
      words[VM_MOVING >>> 2] = 65536;
    });
    expect(() => shared.eval('return 1')).toThrow(code('abandoned'));
    expect(() => shared.getGlobal('count')).toThrow(code('abandoned'));
  });

  test('is refused: a heap that is none', () => {
    const shared = newVm();
    const table = machineOf(shared.withVm((vm) => vm)).slots;
    expect(table).toBeDefined();
    const globals = shared.withVm((vm) => machineOf(vm).memory.load(1032));
    const words = new Uint32Array(shared.handle.memory.buffer);
    words[AT_WORK] = 2;
    words[(globals >>> 2) + 1] = 12345677;
    expect(() => shared.eval('return 1')).toThrow(code('abandoned'));
    expect(() => shared.withVm(() => 1)).toThrow(code('abandoned'));
  });

  test('a count that is wrong is put right', () => {
    const shared = broken((words) => {
      words[1080 >>> 2] = (words[1080 >>> 2] as number) + 4096;
    });
    expect(shared.eval('return count')).toEqual([0]);
    shared.close();
  });
});
