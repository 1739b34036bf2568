/** Four threads at once: nothing is lost or done twice, and the heap is sound. A million operations: `node test/fuzz/shared.mjs`. */
import { expect, test } from 'vitest';
import { SharedVm } from '../../../src/api/index-node.ts';
import { differences, type Done, OPERATIONS, PROGRAM } from './operations.ts';
import { withThreads } from './threads.ts';

const OPERATIONS_EACH = 1500;

test('what four threads do comes to the same as one after the other', async () => {
  const shared = SharedVm.from();
  shared.eval(PROGRAM);
  const done = (await withThreads(shared, 4, (...threads) => Promise.all(threads.map((thread, place) => thread.run(OPERATIONS, OPERATIONS_EACH, 12345 + 7919 * place))))) as Done[];
  expect(differences(shared, done)).toEqual([]);
  expect(done.reduce((sum, { transfer }) => sum + transfer, 0)).toBeGreaterThan(1000);
  expect(done.reduce((sum, { fuel }) => sum + fuel, 0)).toBeGreaterThan(50);
  shared.close();
});
