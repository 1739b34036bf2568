/** The lock of shared VMs: nothing is done twice or lost, nobody waits for ever, whoever is gone is passed over. */
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { clientTicket, clientThread, LOCK, MAX_CLIENTS } from '../../../src/engine/shared/cells.ts';
import { countPlaces, leavePlace, takePlace } from '../../../src/engine/shared/clients.ts';
import { bury, VmLock } from '../../../src/engine/shared/lock.ts';
import { bundled } from '../../support/bundle.ts';

interface Options {
  readonly rounds?: number;
  readonly isAsync?: boolean;
  readonly dies?: 'holding' | 'waiting';
}

const newMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const start = (memory: WebAssembly.Memory, { rounds = 0, isAsync = false, dies }: Options = {}): Worker =>
  new Worker(bundled('test/engine/shared/lock-worker.ts'), { workerData: { memory, rounds, isAsync, dies } });

const THIS_THREAD = 0x7fff;

describe('threads that add to one cell', () => {
  test.each([
    ['blocking', [false, false, false]],
    ['waiting asynchronously', [true, true, true]],
    ['both', [false, true, false]],
  ])('%s', async (_, kinds) => {
    const memory = newMemory();
    const cells = new Int32Array(memory.buffer);
    const workers = kinds.map((isAsync) => start(memory, { rounds: 3000, isAsync }));
    const lock = new VmLock(cells, takePlace(cells, THIS_THREAD));
    const ends = Promise.all(workers.map((worker) => once(worker, 'message')));
    for (let round = 0; round < 300; round++) {
      await lock.acquireAsync();
      cells[0] = (cells[0] as number) + 1;
      lock.release();
      if (round % 10 === 0) await new Promise((resolve) => void setTimeout(resolve));
    }
    await ends;
    expect(cells[0]).toBe(9300);
    expect(cells[LOCK]).toBe(0);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});

describe('a thread that is gone', () => {
  test('leaves what it held to others', async () => {
    const memory = newMemory();
    const cells = new Int32Array(memory.buffer);
    const worker = start(memory, { dies: 'holding' });
    await once(worker, 'message');
    const { threadId } = worker;
    const lock = new VmLock(cells, takePlace(cells, THIS_THREAD));
    const taken = lock.acquireAsync();
    await worker.terminate();
    expect(cells[LOCK]).not.toBe(0);
    expect(bury(cells, threadId)).toBe(1);
    await taken;
    lock.release();
    expect([cells[LOCK], countPlaces(cells), bury(cells, threadId)]).toEqual([0, 1, 0]);
  });

  test('is passed over in the line', async () => {
    const memory = newMemory();
    const cells = new Int32Array(memory.buffer);
    const lock = new VmLock(cells, takePlace(cells, THIS_THREAD));
    lock.acquire();
    const worker = start(memory, { dies: 'waiting' });
    await once(worker, 'message');
    while (Atomics.load(cells, clientTicket(1)) === 0) await new Promise((resolve) => void setTimeout(resolve));
    const { threadId } = worker;
    await worker.terminate();
    bury(cells, threadId);
    lock.release();
    expect(cells[LOCK]).toBe(0);
    lock.acquire();
    lock.release();
  });

  test('is passed over when its turn comes in the moment that it is buried', () => {
    const cells = new Int32Array(newMemory().buffer);
    const lock = new VmLock(cells, takePlace(cells, THIS_THREAD));
    const other = takePlace(cells, 5);
    lock.acquire();
    // Its ticket was seen, and the lock handed to it, before that was taken away.
    cells[clientThread(other)] = -1;
    cells[clientTicket(other)] = 7;
    cells[LOCK] = (cells[LOCK] as number) | 0x8000;
    lock.release();
    expect(cells[LOCK]).toBe(0);
  });
});

describe('on one thread', () => {
  test('who may not block is refused, and can wait otherwise', async () => {
    const cells = new Int32Array(newMemory().buffer);
    const first = new VmLock(cells, takePlace(cells, 1));
    const second = new VmLock(cells, takePlace(cells, 2), false);
    first.acquire();
    expect(() => second.acquire()).toThrow(expect.objectContaining({ code: 'would-block' }));
    const waiting = second.acquireAsync();
    first.release();
    await waiting;
    second.release();
    second.acquire();
    second.release();
    expect(cells[LOCK]).toBe(0);
  });

  test('two handles do not wait for each other', () => {
    const cells = new Int32Array(newMemory().buffer);
    const first = new VmLock(cells, takePlace(cells, 1));
    const second = new VmLock(cells, takePlace(cells, 1));
    first.acquire();
    expect(() => second.acquire()).toThrow(expect.objectContaining({ code: 'busy' }));
    first.release();
    second.acquire();
    second.release();
    expect(cells[LOCK]).toBe(0);
  });

  test('who gives waiting up is out of the line', async () => {
    const cells = new Int32Array(newMemory().buffer);
    const first = new VmLock(cells, takePlace(cells, 1));
    const second = new VmLock(cells, takePlace(cells, 2));
    first.acquire();
    const controller = new AbortController();
    const waiting = second.acquireAsync(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    first.release();
    expect(cells[LOCK]).toBe(0);
  });

  test('the line is in the order of arrival', async () => {
    const cells = new Int32Array(newMemory().buffer);
    const locks = [1, 2, 3, 4].map((thread) => new VmLock(cells, takePlace(cells, thread)));
    const order: number[] = [];
    locks[0]?.acquire();
    const turns = [3, 1, 2].map(async (place) => {
      await locks[place]?.acquireAsync();
      order.push(place);
      locks[place]?.release();
    });
    locks[0]?.release();
    await Promise.all(turns);
    expect(order).toEqual([3, 1, 2]);
  });

  test('places are taken again, and run out', () => {
    const cells = new Int32Array(newMemory().buffer);
    for (let i = 0; i < MAX_CLIENTS; i++) expect(takePlace(cells, i + 1)).toBe(i);
    expect(() => takePlace(cells, 99)).toThrow(expect.objectContaining({ code: 'busy' }));
    leavePlace(cells, 7);
    expect([countPlaces(cells), takePlace(cells, 99)]).toEqual([MAX_CLIENTS - 1, 7]);
  });
});
