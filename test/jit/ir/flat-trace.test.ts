/** Traces as words: what TypeScript writes the JIT's core reads, and the other way round. */
import { expect, test } from 'vitest';
import { RecordingAborted } from '../../../jit/abort-reasons.ts';
import { DEFAULT_OPTIONS } from '../../../jit/build/options.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { JitCore } from '../../../jit/core-module.ts';
import { flattenTrace, unflattenTrace } from '../../../jit/ir/flat-trace.ts';
import { RecordedTrace } from '../../../jit/ir/recorded-trace.ts';
import type { Trace, TraceLink } from '../../../jit/ir/trace.ts';
import { optimised } from '../passes/core.ts';
import { createRandom, RandomTrace } from '../passes/random-trace.ts';
import { TestHeap } from '../passes/test-heap.ts';
import { EVERYTHING } from './everything.ts';

const core = new JitCore();

/** Into the core and out of it again. */
function expectUnchanged(trace: Trace): void {
  core.exports.reset();
  const words = flattenTrace(trace);
  const copied = core.readWords((core.exports['copyTrace'] as (words: number) => number)(core.write(words)));
  expect(copied).toEqual(words);
  expect(unflattenTrace(copied)).toEqual(trace);
}

const LINKS: readonly TraceLink[] = [{ kind: 'loop' }, { kind: 'root', pc: 0xa000_0030, trace: 7 }, { kind: 'side' }, { kind: 'return' }, { kind: 'interpreter' }];

/** Each number its own, addresses beyond the half of the memory. */
function everything(link: TraceLink, endSnapshot: number): Trace {
  const trace = parseTrace(EVERYTHING);
  const snapshots = trace.snapshots.map((snapshot, index) => ({ ...snapshot, length: 70 + index }));
  return Object.assign(trace, { startPc: 0x8000_0010, functionProto: 0x9000_0020, link, endSnapshot, resultSnapshot: 1, deadSlots: [3, -1, 8], snapshots });
}

test.each(LINKS)('a trace with everything, ended by $kind', (link) => {
  for (const endSnapshot of [0, 1, 2]) expectUnchanged(everything(link, endSnapshot));
});

test('an unfinished trace without anything', () => expectUnchanged(Object.assign(parseTrace('trace 1 start=0 slots=0\n'), { endSnapshot: -1 })));

test('random recordings, and what the optimiser makes of them', () => {
  let count = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const random = createRandom(seed);
    const heap = new TestHeap();
    RandomTrace.prepare(random, heap);
    const recorded = new RandomTrace(random, heap).record(4 + random(40));
    expectUnchanged(recorded);
    try {
      expectUnchanged(optimised(recorded, DEFAULT_OPTIONS));
      count++;
    } catch (error) {
      if (!(error instanceof RecordingAborted)) throw error;
    }
  }
  expect(count).toBeGreaterThan(50);
});

test.each(LINKS)('the words tell what a trace is as a whole, ended by $kind', (link) => {
  const trace = everything(link, 1);
  const recorded = RecordedTrace.of(trace);
  const { number, startPc, parent, functionProto } = trace;
  expect(recorded).toMatchObject({ number, startPc, parent, functionProto, link, size: trace.instructions.length, calls: 3, callsInRound: 1, endsInRootFrame: false });
  expect(RecordedTrace.of(everything(link, 2)).endsInRootFrame).toBe(true);
  expect(recorded.contents).toEqual(trace);
});
