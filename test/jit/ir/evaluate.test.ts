/** The evaluator, by what it leaves on the stack. */
import { expect, test } from 'vitest';
import { SLOT_SIZE, SLOT_TAG, TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';
import { evaluateTrace } from '../../../jit/ir/evaluate.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { TestHeap } from '../passes/test-heap.ts';

const integer = (heap: TestHeap, slot: number): bigint => heap.memory.getBigInt64(heap.base + slot * SLOT_SIZE, true);

const COUNT = `
  trace 1 start=0 slots=4
  %0 = SLOAD.i64 slot=0 tag=int exit=0
  %1 = ADD.i64 %0, 1
  %2 = LT.i32 %1, 10
  %3 = GUARD %2 exit=0
  snapshot 0 pc=0 {}
  snapshot 1 pc=8 { 0: int %1 }
  link loop end=1`;

test('a recording runs until a guard fails, its end going to the stack', () => {
  const heap = new TestHeap();
  heap.setStack(0, TAG_INT, 3n);
  expect(evaluateTrace(parseTrace(COUNT), heap)).toBe(0);
  expect(integer(heap, 0)).toBe(9n);
});

test('the budget leaves at the end of an iteration', () => {
  const heap = new TestHeap();
  heap.setStack(0, TAG_INT, 3n);
  expect(evaluateTrace(parseTrace(COUNT), heap, 2)).toBe(1);
  expect(integer(heap, 0)).toBe(6n);
});

test('a tag that does not fit leaves at once', () => {
  const heap = new TestHeap();
  heap.setStack(0, TAG_FLOAT, 3);
  expect(evaluateTrace(parseTrace(COUNT), heap)).toBe(0);
  expect(heap.memory.getUint32(heap.base + SLOT_TAG, true)).toBe(TAG_FLOAT);
});

test('PHIs are assigned at once', () => {
  const heap = new TestHeap();
  heap.setStack(0, TAG_INT, 1n);
  heap.setStack(1, TAG_INT, 2n);
  const trace = parseTrace(`
    trace 1 start=0 slots=4
    %0 = SLOAD.i64 slot=0 tag=int exit=0
    %1 = SLOAD.i64 slot=1 tag=int exit=0
    %2 = LOOP exit=1
    %3 = PHI.i64 %0, %1
    %4 = PHI.i64 %1, %0
    snapshot 0 pc=0 {}
    snapshot 1 pc=0 { 0: int %0; 1: int %1 }
    link loop end=1`);
  expect(evaluateTrace(trace, heap, 3)).toBe(1);
  expect([integer(heap, 0), integer(heap, 1)]).toEqual([2n, 1n]);
});
