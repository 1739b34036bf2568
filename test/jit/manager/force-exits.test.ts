/** Forced exits: one in front of each instruction that leaves, never between a store and the guard of its result. */
import { expect, test } from 'vitest';
import { parseTrace } from '../../../jit/build/parse.ts';
import { RecordedTrace } from '../../../jit/ir/recorded-trace.ts';
import { verifyTrace } from '../../../jit/ir/verify.ts';
import { forceExits } from '../../../jit/manager/force-exits.ts';

/** What stands behind the stepping of the counter. */
function force(body: string): string[] {
  const trace = parseTrace(`trace 1 start=0 slots=4\n${body}\nsnapshot 0 pc=0 {}\nsnapshot 1 pc=8 { 0: table %0 }\nlink interpreter end=1`);
  const forced = forceExits(RecordedTrace.of(trace)).contents;
  verifyTrace(forced, 'test');
  return forced.instructions.slice(4).map(({ op, snapshot }) => (snapshot < 0 ? op : `${op} ${snapshot}`));
}

test('in front of what leaves', () => {
  expect(force('%0 = SLOAD.i32 slot=0 tag=table exit=0\n%1 = FLOAD.i32 %0 field=table.length\n%2 = GUARD %1 exit=1')).toEqual([
    'NE', 'GUARD 0', 'SLOAD 0', 'FLOAD', 'NE', 'GUARD 1', 'GUARD 1',
  ]);
});

test('in front of a helper that stores, for the guard of its result', () => {
  expect(force('%0 = SLOAD.i32 slot=0 tag=table\n%1 = CALL.i32 traceTableSet(%0, i:0, i:16)\n%2 = GUARD %1 exit=1')).toEqual(['SLOAD', 'NE', 'GUARD 1', 'CALL', 'GUARD 1']);
  expect(force('%0 = SLOAD.i32 slot=0 tag=table\n%1 = CALL.i32 traceNewTable(i:0, i:0)\n%2 = GUARD %1 exit=1')).toEqual(['SLOAD', 'CALL', 'NE', 'GUARD 1', 'GUARD 1']);
});
