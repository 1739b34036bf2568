/** Dead code and dead stores. */
import { describe, expect, test } from 'vitest';
import { dedent, eliminated } from './text.ts';

const HEAD = `
  trace 1 start=0 slots=4
  %0 = SLOAD.i32 slot=0 tag=table exit=0
  %1 = SLOAD.i64 slot=1 tag=int exit=0`;

/** The lines from %2 on that remain. */
const remaining = (lines: string, options: { dse?: boolean; dce?: boolean }, end = '{}'): string[] =>
  eliminated(`${HEAD}\n${lines}\nsnapshot 0 pc=0 {}\nsnapshot 1 pc=8 { 2: int %1 }\nsnapshot 2 pc=0 ${end}\nlink interpreter end=2`, options)
    .split('\n')
    .filter((line) => line.startsWith('%'))
    .slice(2);

describe('dead stores', () => {
  test('an overwritten store goes', () => {
    expect(remaining('%2 = HSTORE %0, %1 index=0 tag=int\n%3 = HSTORE %0, _ index=0 tag=nil', { dse: true })).toEqual(['%3 = HSTORE %0, _ index=0 tag=nil']);
  });

  test.each([
    ['an exit', '%3 = GUARD %0 exit=1'],
    ['a read of the class', '%3 = HTAG.i32 %0 index=1'],
    ['a call', '%3 = CALL.i32 traceTableSet(%0, i:0, i:0)'],
  ])('%s in between keeps it', (_, line) => {
    expect(remaining(`%2 = HSTORE %0, %1 index=0 tag=int\n${line}\n%4 = HSTORE %0, _ index=0 tag=nil`, { dse: true })).toHaveLength(3);
  });

  test('other places and classes do not matter', () => {
    const lines = '%2 = HSTORE %0, %1 index=0 tag=int\n%3 = HSTORE %0, %1 index=1 tag=int\n%4 = FSTORE %0, i:1 field=table.length\n%5 = HSTORE %0, _ index=0 tag=nil';
    expect(remaining(lines, { dse: true })).toHaveLength(3);
  });
});

describe('dead code', () => {
  test('unused values, loads and allocating reads go, effects and guards stay', () => {
    const lines = `%2 = ADD.i64 %1, 1
      %3 = FLOAD.i32 %0 field=table.length
      %4 = CALL.i32 traceChar(%2)
      %5 = CALL.i32 traceTableSet(%0, i:0, i:0)
      %6 = EQ.i32 %3, i:0
      %7 = GUARD %6 exit=0`;
    expect(remaining(lines, { dce: true })).toEqual([
      '%3 = FLOAD.i32 %0 field=table.length',
      '%5 = CALL.i32 traceTableSet(%0, i:0, i:0)',
      '%6 = EQ.i32 %3, i:0',
      '%7 = GUARD %6 exit=0',
    ]);
  });

  test('what the end of the trace restores is used', () => {
    expect(remaining('%2 = ADD.i64 %1, 1\n%3 = ADD.i64 %1, 2', { dce: true }, '{ 1: int %2 }')).toEqual(['%2 = ADD.i64 %1, 1']);
  });

  test('PHIs that only feed themselves go, snapshots nobody uses too', () => {
    expect(
      eliminated(
        `trace 1 start=0 slots=4
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = SLOAD.i64 slot=1 tag=int exit=0
        %2 = LOOP exit=2
        %3 = ADD.i64 %0, 1
        %4 = ADD.i64 %1, 1
        %5 = LT.i32 %3, 9
        %6 = GUARD %5 exit=2
        %7 = PHI.i64 %0, %3
        %8 = PHI.i64 %1, %4
        snapshot 0 pc=0 {}
        snapshot 1 pc=8 {}
        snapshot 2 pc=16 { 0: int %0 }
        link loop end=2`,
        { dce: true, dse: true },
      ),
    ).toBe(
      dedent(`trace 1 start=0 slots=4
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = SLOAD.i64 slot=1 tag=int exit=0
        %2 = LOOP exit=1
        %3 = ADD.i64 %0, 1
        %5 = LT.i32 %3, 9
        %6 = GUARD %5 exit=1
        %7 = PHI.i64 %0, %3
        snapshot 0 pc=0 {}
        snapshot 1 pc=16 { 0: int %0 }
        link loop end=1`),
    );
  });
});
