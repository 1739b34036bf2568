/** Waiting for a cell by a promise, with and without Atomics.waitAsync. */
import { afterEach, test } from 'vitest';
import { takePlace } from '../../../src/engine/shared/clients.ts';
import { VmLock } from '../../../src/engine/shared/lock.ts';
import { waitAsync } from '../../../src/engine/shared/wait-async.ts';

const atomics = Atomics as unknown as { waitAsync?: unknown };
const original = atomics.waitAsync;
afterEach(() => {
  atomics.waitAsync = original;
});

const newCells = (): Int32Array => new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);

test.each([true, false])('is over when the cell is notified, or holds something else (Atomics.waitAsync: %s)', async (isThere) => {
  if (!isThere) delete atomics.waitAsync;
  const cells = newCells();
  await waitAsync(cells, 0, 1);
  const waiting = waitAsync(cells, 0, 0);
  Atomics.store(cells, 0, 1);
  Atomics.notify(cells, 0);
  await waiting;
});

test('a lock is waited for without it', async () => {
  delete atomics.waitAsync;
  const cells = newCells();
  const [first, second] = [1, 2].map((thread) => new VmLock(cells, takePlace(cells, thread))) as [VmLock, VmLock];
  first.acquire();
  const waiting = second.acquireAsync();
  setTimeout(() => first.release(), 5);
  await waiting;
  second.release();
  first.acquire();
  first.release();
});
