/** Random recordings, evaluated as recorded and as optimised, with all and with random subsets of the passes: the same exits and the same heap. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { RecordingAborted } from '../../../jit/abort-reasons.ts';
import { evaluateTrace } from '../../../jit/ir/evaluate.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { printTrace } from '../../../jit/ir/print.ts';
import type { Trace } from '../../../jit/ir/trace.ts';
import type { OptimiserOptions } from '../../../jit/build/options.ts';
import { optimised, rebuilt, rebuiltAndOptimised } from './core.ts';
import { createRandom, RandomTrace } from './random-trace.ts';
import { HeapFull, TestHeap } from './test-heap.ts';

const CASES = Number(process.env['MOONTRACE_RANDOM_CASES'] ?? 1000);
const SEED = Number(process.env['MOONTRACE_RANDOM_SEED'] ?? 1);

function run(trace: Trace, heap: TestHeap, budget: number) {
  const { pc, frames } = trace.snapshots[evaluateTrace(trace, heap, budget)]!;
  return { pc, frames, heap: heap.contents() };
}

test('optimised traces behave as recorded', () => {
  let stable = 0;
  for (let seed = SEED; seed < SEED + CASES; seed++) {
    const random = createRandom(seed);
    const heap = new TestHeap();
    RandomTrace.prepare(random, heap);
    const before = heap.copy();
    const recorded = new RandomTrace(random, heap).record(4 + random(40));
    const text = printTrace(recorded);
    const bits = seed % 2 === 0 ? 63 : random(64);
    const [fold, cse, forward, loop, dse, dce] = [1, 2, 4, 8, 16, 32].map((bit) => (bits & bit) !== 0) as [boolean, boolean, boolean, boolean, boolean, boolean];
    const options: OptimiserOptions = { fold, cse, forward, loop: loop || seed % 3 !== 0, dse, dce, verify: true };
    const budget = random(6);
    let result: Trace;
    try {
      const source = parseTrace(text);
      result = seed % 5 === 0 ? optimised(rebuilt(source, options), options) : rebuiltAndOptimised(source, options);
    } catch (error) {
      if (error instanceof RecordingAborted) continue;
      throw new Error(`seed ${seed}, ${JSON.stringify(options)}\n${text}`, { cause: error });
    }
    stable++;
    try {
      const expected = run(recorded, before.copy(), options.loop ? budget : 0);
      const actual = run(result, before.copy(), budget);
      if (isDeepStrictEqual(actual, expected)) continue;
      expect(actual, `seed ${seed}, budget ${budget}, ${JSON.stringify(options)}\n${text}\n${printTrace(result)}`).toEqual(expected);
    } catch (error) {
      if (!(error instanceof HeapFull)) throw error;
    }
  }
  expect(stable).toBeGreaterThan(CASES / 4);
});
