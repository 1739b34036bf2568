/** A thread of lock.test.ts: adds to a cell that nothing but the lock protects, and writes down in which order it got it. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { takePlace } from '../../../src/engine/shared/clients.ts';
import { VmLock } from '../../../src/engine/shared/lock.ts';

const { memory, rounds, isAsync, dies } = workerData as { memory: WebAssembly.Memory; rounds: number; isAsync: boolean; dies: 'holding' | 'waiting' | undefined };
const cells = new Int32Array(memory.buffer);
const lock = new VmLock(cells, takePlace(cells, threadId));

async function run(): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    if (isAsync) await lock.acquireAsync();
    else lock.acquire();
    const before = cells[0] as number;
    for (let i = 0; i < 20; i++) cells[1] = i;
    cells[0] = before + 1;
    lock.release();
  }
}

if (dies !== undefined) {
  if (dies === 'holding') lock.acquire();
  parentPort?.postMessage('there');
  if (dies === 'waiting') lock.acquire();
  Atomics.wait(cells, 2, 0);
}
void run().then(() => parentPort?.postMessage('done'));
