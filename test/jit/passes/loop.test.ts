/** Loop optimisation: pre-roll, LOOP, body, PHIs and snapshots. */
import { describe, expect, test } from 'vitest';
import { RecordingAborted } from '../../../jit/abort-reasons.ts';
import { dedent, fully } from './text.ts';

test('a sum over a float array: one guard, one load and two additions an element remain', () => {
  expect(
    fully(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=1 tag=int exit=0
      %1 = SLOAD.i64 slot=2 tag=int
      %2 = GT.i32 %1, 0
      %3 = GUARD %2 exit=0
      %4 = SUB.i64 %1, 1
      %5 = ADD.i64 %0, 1
      %6 = SLOAD.i32 slot=5 tag=table exit=1
      %7 = FLOAD.i32 %6 field=table.kind
      %8 = EQ.i32 %7, i:2
      %9 = GUARD %8 exit=1
      %10 = FLOAD.i32 %6 field=table.length
      %11 = ADD.i64 %5, -1
      %12 = ZEXT.i64 %10
      %13 = ULT.i32 %11, %12
      %14 = GUARD %13 exit=1
      %15 = FLOAD.i32 %6 field=table.array
      %16 = WRAP.i32 %11
      %17 = ALOAD.f64 %15, %16
      %18 = SLOAD.f64 slot=0 tag=float exit=2
      %19 = ADD.f64 %18, %17
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4104 { 1: int %5; 2: int %4; 4: int %5 }
      snapshot 2 pc=4112 { 1: int %5; 2: int %4; 4: int %5 }
      snapshot 3 pc=4096 { 0: float %19; 1: int %5; 2: int %4 }
      link loop end=3`),
  ).toBe(
    dedent(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=1 tag=int exit=0
      %1 = SLOAD.i64 slot=2 tag=int
      %2 = LT.i32 0, %1
      %3 = GUARD %2 exit=0
      %4 = ADD.i64 %1, -1
      %5 = ADD.i64 %0, 1
      %6 = SLOAD.i32 slot=5 tag=table exit=1
      %7 = FLOAD.i32 %6 field=table.kind
      %8 = EQ.i32 %7, i:2
      %9 = GUARD %8 exit=1
      %10 = FLOAD.i32 %6 field=table.length
      %11 = ZEXT.i64 %10
      %12 = ULT.i32 %0, %11
      %13 = GUARD %12 exit=1
      %14 = FLOAD.i32 %6 field=table.array
      %15 = WRAP.i32 %0
      %16 = ALOAD.f64 %14, %15
      %17 = SLOAD.f64 slot=0 tag=float exit=2
      %18 = ADD.f64 %17, %16
      %19 = LOOP exit=3
      %20 = LT.i32 0, %4
      %21 = GUARD %20 exit=4
      %22 = ADD.i64 %4, -1
      %23 = ADD.i64 %5, 1
      %24 = ULT.i32 %5, %11
      %25 = GUARD %24 exit=5
      %26 = WRAP.i32 %5
      %27 = ALOAD.f64 %14, %26
      %28 = ADD.f64 %18, %27
      %29 = PHI.i64 %4, %22
      %30 = PHI.i64 %5, %23
      %31 = PHI.f64 %18, %28
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4104 { 1: int %5; 2: int %4; 4: int %5 }
      snapshot 2 pc=4112 { 1: int %5; 2: int %4; 4: int %5 }
      snapshot 3 pc=4096 { 0: float %18; 1: int %5; 2: int %4 }
      snapshot 4 pc=4096 { 0: float %18; 1: int %5; 2: int %4 }
      snapshot 5 pc=4104 { 0: float %18; 1: int %23; 2: int %22; 4: int %23 }
      link loop end=3`),
  );
});

/** LOOP and what is behind it, without snapshots. */
function body(text: string): string {
  const lines = fully(text).split('\n');
  return `${lines.slice(lines.findIndex((line) => line.includes('LOOP'))).filter((line) => line.startsWith('%')).join('\n')}\n`;
}

describe('loop-carried values', () => {
  test('two variables that swap are PHIs of each other', () => {
    expect(
      body(`
        trace 1 start=0 slots=4
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = SLOAD.i64 slot=1 tag=int exit=0
        %2 = LT.i32 %0, %1
        %3 = GUARD %2 exit=0
        snapshot 0 pc=0 {}
        snapshot 1 pc=0 { 0: int %1; 1: int %0 }
        link loop end=1`),
    ).toBe(dedent(`
      %4 = LOOP exit=1
      %5 = LT.i32 %1, %0
      %6 = GUARD %5 exit=2
      %7 = PHI.i64 %0, %1
      %8 = PHI.i64 %1, %0`));
  });

  test('a value stored in one iteration and loaded in the next stays in a local', () => {
    expect(
      body(`
        trace 1 start=0 slots=4
        %0 = SLOAD.i32 slot=0 tag=table exit=0
        %1 = FLOAD.i32 %0 field=table.slots
        %2 = HTAG.i32 %1 index=0
        %3 = EQ.i32 %2, i:4
        %4 = GUARD %3 exit=0
        %5 = HLOAD.f64 %1 index=0
        %6 = MUL.f64 %5, f:0.5
        %7 = LT.i32 %6, f:1
        %8 = GUARDN %7 exit=0
        %9 = HSTORE %1, %6 index=0 tag=float
        snapshot 0 pc=0 {}
        snapshot 1 pc=0 {}
        link loop end=1`),
    ).toBe(dedent(`
      %10 = LOOP exit=1
      %11 = MUL.f64 %6, f:0.5
      %12 = LT.i32 %11, f:1
      %13 = GUARDN %12 exit=2
      %14 = HSTORE %1, %11 index=0 tag=float
      %15 = PHI.f64 %6, %11`));
  });

  test('an element stored at i + 1 is the element loaded at i in the next iteration', () => {
    const text = body(`
      trace 1 start=0 slots=4
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = SLOAD.i32 slot=1 tag=table exit=0
      %2 = FLOAD.i32 %1 field=table.array
      %3 = WRAP.i32 %0
      %4 = ALOAD.f64 %2, %3
      %5 = ADD.i64 %0, 1
      %6 = WRAP.i32 %5
      %7 = SQRT.f64 %4
      %8 = LT.i32 %7, f:1
      %9 = GUARDN %8 exit=0
      %10 = ASTORE %2, %6, %7
      snapshot 0 pc=0 {}
      snapshot 1 pc=0 { 0: int %5 }
      link loop end=1`);
    expect(text).not.toContain('ALOAD');
    expect(text).toContain('PHI.f64 %7');
  });

  test('the chain of a linked list is walked with one table in a local', () => {
    const text = body(`
      trace 1 start=0 slots=4
      %0 = SLOAD.i32 slot=0 tag=table exit=0
      %1 = FLOAD.i32 %0 field=table.shape
      %2 = EQ.i32 %1, @64
      %3 = GUARD %2 exit=0
      %4 = FLOAD.i32 %0 field=table.slots
      %5 = HTAG.i32 %4 index=0
      %6 = EQ.i32 %5, i:7
      %7 = GUARD %6 exit=0
      %8 = HLOAD.i32 %4 index=0
      snapshot 0 pc=0 {}
      snapshot 1 pc=0 { 0: table %8 }
      link loop end=1`);
    expect(text.match(/PHI/g)).toHaveLength(1);
    expect(text.match(/FLOAD|HTAG|HLOAD/g)).toHaveLength(4);
  });

  test('what the loop makes constant needs no PHI', () => {
    expect(
      body(`
        trace 1 start=0 slots=4
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = SLOAD.i64 slot=1 tag=int exit=0
        %2 = ADD.i64 %1, 1
        %3 = LT.i32 %2, 100
        %4 = GUARD %3 exit=0
        snapshot 0 pc=0 {}
        snapshot 1 pc=0 { 0: int 7; 1: int %2 }
        link loop end=1`).match(/PHI/g),
    ).toHaveLength(1);
  });
});

describe('snapshots in the loop', () => {
  test('restore slots of the iteration before that this one has not written yet', () => {
    expect(
      fully(`
        trace 1 start=0 slots=4
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = LT.i32 %0, 100
        %2 = GUARD %1 exit=0
        %3 = ADD.i64 %0, 1
        %4 = MUL.i64 %0, 3
        snapshot 0 pc=0 {}
        snapshot 1 pc=0 { 0: int %3; 2: int %4; 3: nil }
        link loop end=1`),
    ).toContain('snapshot 2 pc=0 { 0: int %3; 2: int %4; 3: nil }');
  });
});

describe('instability', () => {
  const abort = (text: string): RecordingAborted => {
    try {
      fully(text);
    } catch (error) {
      if (error instanceof RecordingAborted) return error;
      throw error;
    }
    throw new Error('no abort');
  };

  test('an integer that becomes a float', () => {
    const { reason, detail } = abort(`
      trace 1 start=0 slots=4
      %0 = SLOAD.i64 slot=3 tag=int exit=0
      %1 = I2F.f64 %0
      %2 = ADD.f64 %1, f:0.5
      snapshot 0 pc=0 {}
      snapshot 1 pc=0 { 3: float %2 }
      link loop end=1`);
    expect([reason, detail]).toEqual(['type-instability', 'slot 3 has tag 3 at the start, 4 at the end']);
  });

  test('a field whose type changes', () => {
    expect(abort(`
      trace 1 start=0 slots=4
      %0 = SLOAD.i32 slot=0 tag=table exit=0
      %1 = HTAG.i32 %0 index=0
      %2 = EQ.i32 %1, i:3
      %3 = GUARD %2 exit=0
      %4 = HSTORE %0, f:0.5 index=0 tag=float
      snapshot 0 pc=0 {}
      snapshot 1 pc=0 {}
      link loop end=1`).reason).toBe('type-instability');
  });
});
