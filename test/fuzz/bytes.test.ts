/** A short run of the byte-level fuzzer with a fixed seed: each target, against lua5.4 and the heap checker. */
import { describe, expect, test } from 'vitest';
import { runBatch, TARGETS } from './bytes/targets.ts';

const seed = 20260;

describe.each(Object.keys(TARGETS))('%s', (name) => {
  test.each([0, 1])('batch %i', (index) => {
    expect(runBatch(seed, index, [name]).problems).toEqual([]);
  });
});
