/** Guards, exits, loops, PHIs and budgets, lowered by both backends. Traces in their textual form (jit/ir/print.ts). */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  EXIT_FLAGS, EXIT_FLAG_BUDGET, EXIT_FLAG_ENTER, EXIT_FRAMES, EXIT_FRAME_BASE, EXIT_FRAME_CALLER_PC, EXIT_FRAME_COUNT, EXIT_FRAME_KIND,
  EXIT_FRAME_RESULTS, EXIT_PC, EXIT_THRESHOLD, ROUND_BITS, TAG_FALSE, TAG_NIL, TRACE_EXITS, TRACE_FUNCTION, TRACE_MAX_FRAMES, TRACE_NUMBER,
  TRACE_STACK, VM_COLLECT_DUE, VM_TRACE_BUDGET,
} from '../../../src/bytecode/layout.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { BACKENDS, HEAP, loadBackends, lowerTrace, Machine } from './harness.ts';

/** Counts slot 0 up by slot 1 until it is not below slot 2. */
const COUNTER = `
  trace 1 start=4096 slots=4
  %0 = SLOAD.i64 slot=0 tag=int exit=0
  %1 = SLOAD.i64 slot=1 tag=int exit=0
  %2 = SLOAD.i64 slot=2 tag=int exit=0
  %3 = ADD.i64 %0, %1
  %4 = LT.i32 %3, %2
  %5 = GUARD %4 exit=1
  %6 = LOOP exit=2
  %7 = ADD.i64 %3, %1
  %8 = LT.i32 %7, %2
  %9 = GUARD %8 exit=3
  %10 = PHI.i64 %3, %7
  snapshot 0 pc=4096 {}
  snapshot 1 pc=4112 { 0: int %3 }
  snapshot 2 pc=4096 { 0: int %3 }
  snapshot 3 pc=4112 { 0: int %7 }
  link loop end=2
`;

describe.each(BACKENDS)('$name', (backend) => {
  beforeAll(loadBackends);

  test('a loop runs until its guard fails, then restores the values of that iteration', () => {
    const machine = new Machine();
    const installed = machine.install(backend, parseTrace(COUNTER));
    machine.setInt(0, 0);
    machine.setInt(1, 3);
    machine.setInt(2, 100);
    const exit = installed.exits[machine.enter(installed)]!;
    expect([exit.kind, exit.snapshot, exit.pc]).toEqual(['guard', 3, 4112]);
    expect(machine.get(0)).toBe(102n);
    machine.setInt(0, 98);
    expect(installed.exits[machine.enter(installed)]!.snapshot).toBe(1);
    expect(machine.get(0)).toBe(101n);
  });

  test('a wrong tag leaves at the start and stores nothing', () => {
    const machine = new Machine();
    const installed = machine.install(backend, parseTrace(COUNTER));
    machine.setInt(0, 0);
    machine.setFloat(1, 3);
    machine.setInt(2, 100);
    const exit = installed.exits[machine.enter(installed)]!;
    expect([exit.kind, exit.snapshot]).toEqual(['guard', 0]);
    expect(machine.get(0)).toBe(0n);
  });

  test('the budget ends a loop between two iterations', () => {
    const machine = new Machine({}, 10);
    const installed = machine.install(backend, parseTrace(COUNTER));
    machine.setInt(0, 0);
    machine.setInt(1, 1);
    machine.setInt(2, 1000);
    const exit = installed.exits[machine.enter(installed)]!;
    expect([exit.kind, exit.pc]).toEqual(['budget', 4096]);
    expect(machine.get(0)).toBe(10n);
  });

  test('a collection that is due ends a loop that allocates', () => {
    const machine = new Machine({ traceNewTable: () => machine.memory.store(VM_COLLECT_DUE, 1) ?? HEAP });
    const installed = machine.install(backend, parseTrace(`
      trace 1 start=4096 slots=4
      %0 = LOOP exit=0
      %1 = CALL.i32 traceNewTable(i:0, i:0)
      %2 = GUARD %1 exit=0
      snapshot 0 pc=4096 {}
      link loop end=0`));
    expect(installed.exits[machine.enter(installed)]!.kind).toBe('budget');
  });

  test('PHIs are assigned at once: swaps and rotations', () => {
    const trace = parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = SLOAD.i64 slot=1 tag=int exit=0
      %2 = SLOAD.i64 slot=2 tag=int exit=0
      %3 = SLOAD.f64 slot=3 tag=float exit=0
      %4 = SLOAD.f64 slot=4 tag=float exit=0
      %5 = LOOP exit=1
      %6 = PHI.i64 %0, %1
      %7 = PHI.i64 %1, %2
      %8 = PHI.i64 %2, %0
      %9 = PHI.f64 %3, %4
      %10 = PHI.f64 %4, %3
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4096 { 0: int %0; 1: int %1; 2: int %2; 3: float %3; 4: float %4 }
      link loop end=1`);
    for (const [budget, integers, floats] of [[1, [1n, 2n, 3n], [0.5, 1.5]], [2, [2n, 3n, 1n], [1.5, 0.5]], [3, [3n, 1n, 2n], [0.5, 1.5]]] as const) {
      const machine = new Machine({}, budget);
      [1, 2, 3].forEach((value, slot) => machine.setInt(slot, value));
      [0.5, 1.5].forEach((value, index) => machine.setFloat(3 + index, value));
      machine.enter(machine.install(backend, trace));
      expect([0, 1, 2].map((slot) => machine.get(slot))).toEqual(integers);
      expect([3, 4].map((slot) => machine.get(slot))).toEqual(floats);
    }
  });

  test('PHIs with constants, invariant values and computed ones', () => {
    const machine = new Machine({}, 4);
    const installed = machine.install(backend, parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = SLOAD.i64 slot=1 tag=int exit=0
      %2 = SLOAD.i64 slot=2 tag=int exit=0
      %3 = LOOP exit=1
      %4 = ADD.i64 %2, %0
      %5 = PHI.i64 %0, 7
      %6 = PHI.i64 %2, %4
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4096 { 0: int %0; 2: int %2; 5: int %1 }
      link loop end=1`));
    [1, 2, 100].forEach((value, slot) => machine.setInt(slot, value));
    machine.enter(installed);
    expect([0, 2, 5].map((slot) => machine.get(slot))).toEqual([7n, 100n + 1n + 7n + 7n, 2n]);
  });

  test('exits store objects zero-extended, constants, nil and booleans', () => {
    const machine = new Machine();
    machine.setObject(0, 0x8000_0040);
    for (let slot = 1; slot < 9; slot++) machine.memory.i64[(0x10000 + slot * 16) >>> 3] = -1n;
    const installed = machine.install(backend, parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i32 slot=0 tag=table exit=0
      snapshot 0 pc=4096 {}
      snapshot 1 pc=5000 { 1: table %0; 2: string @2147483712; 3: int -9223372036854775808; 4: float f:-0; 5: nil; 6: false; 7: float f:nan:7ff8000000000001; 8: int 4294967296 }
      link interpreter end=1`));
    expect(installed.exits[machine.enter(installed)]!.kind).toBe('end');
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((slot) => machine.get(slot))).toEqual([
      `7:${0x8000_0040}`, `6:${0x8000_0040}`, -(2n ** 63n), -0, `${TAG_NIL}:-1`, `${TAG_FALSE}:-1`, Number.NaN, 4294967296n,
    ]);
  });

  test('GUARD, GUARDN and every kind of condition', () => {
    for (const [guard, condition, passes, fails] of [
      ['GUARD', 'LT.i32 %0, 5', 4, 5], ['GUARDN', 'LT.i32 %0, 5', 5, 4], ['GUARD', 'EQ.i32 %0, 0', 0, 1], ['GUARDN', 'EQ.i32 %0, 0', 1, 0],
      ['GUARDN', 'NE.i32 %0, 0', 0, 3], ['GUARD', 'ULT.i32 %0, 10', 9, -1], ['GUARDN', 'ULT.i32 %0, 10', -1, 9], ['GUARDN', 'GE.i32 %0, 5', 4, 5],
    ] as const) {
      const machine = new Machine();
      const installed = machine.install(backend, parseTrace(`
        trace 1 start=4096 slots=8
        %0 = SLOAD.i64 slot=0 tag=int exit=0
        %1 = ${condition}
        %2 = ${guard} %1 exit=1
        snapshot 0 pc=4096 {}
        snapshot 1 pc=5000 {}
        link interpreter end=1`));
      machine.setInt(0, passes);
      expect(installed.exits[machine.enter(installed)]!.kind, `${guard} ${condition}`).toBe('end');
      machine.setInt(0, fails);
      expect(installed.exits[machine.enter(installed)]!.kind, `${guard} ${condition}`).toBe('guard');
    }
  });

  test('NaN fails an ordered guard and passes its negation', () => {
    const trace = (guard: string, op: string): string => `
      trace 1 start=4096 slots=8
      %0 = SLOAD.f64 slot=0 tag=float exit=0
      %1 = ${op}.i32 %0, f:5
      %2 = ${guard} %1 exit=1
      snapshot 0 pc=4096 {}
      snapshot 1 pc=5000 {}
      link interpreter end=1`;
    for (const op of ['LT', 'LE', 'GT', 'GE', 'EQ']) {
      for (const [guard, kind] of [['GUARD', 'guard'], ['GUARDN', 'end']] as const) {
        const machine = new Machine();
        machine.setFloat(0, Number.NaN);
        const installed = machine.install(backend, parseTrace(trace(guard, op)));
        expect(installed.exits[machine.enter(installed)]!.kind, `${guard} ${op}`).toBe(kind);
      }
    }
  });

  test('guards with equal snapshots share an exit', () => {
    const { exits } = lowerTrace(parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = SLOAD.i64 slot=1 tag=int exit=1
      %2 = SLOAD.i64 slot=2 tag=int exit=2
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4096 {}
      snapshot 2 pc=4104 {}
      link interpreter end=2`));
    expect(exits.map(({ kind, snapshot }) => [kind, snapshot])).toEqual([['end', 2], ['guard', 2], ['guard', 0]]);
  });

  test('snapshots are equal that restore the same', () => {
    const frame = '[base=5 caller=64 results=1 kind=0]';
    const state = `pc=4096 { 3: int %0 } ${frame}`;
    const exitsWith = (other: string): number => lowerTrace(parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=0 tag=int
      %1 = SLOAD.i64 slot=1 tag=int
      %2 = SLOAD.i64 slot=2 tag=int exit=0
      %3 = SLOAD.i64 slot=3 tag=int exit=1
      snapshot 0 ${state}
      snapshot 1 ${other}
      snapshot 2 pc=5000 {}
      link interpreter end=2`)).exits.length;
    expect(exitsWith(state)).toBe(2);
    const differences = [['pc=4096', 'pc=4104'], ['3:', '4:'], ['%0', '%1'], ['int %0', 'nil'], ['{ 3: int %0 }', '{ 3: int %0; 4: nil }'], [frame, ''], ['base=5', 'base=6'], ['caller=64', 'caller=68'], ['results=1', 'results=2'], ['kind=0', 'kind=512']];
    for (const [part, other] of differences) expect(exitsWith(state.replace(part!, other!)), other).toBe(3);
  });

  test('a recording without LOOP repeats from its start through the stack', () => {
    const machine = new Machine({}, 5);
    const installed = machine.install(backend, parseTrace(`
      trace 1 start=4096 slots=8
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = ADD.i64 %0, 2
      %2 = LT.i32 %1, 7
      %3 = GUARD %2 exit=2
      snapshot 0 pc=4096 {}
      snapshot 1 pc=4096 { 0: int %1 }
      snapshot 2 pc=4100 { 0: int %1 }
      link loop end=1`));
    machine.setInt(0, 0);
    expect(installed.exits[machine.enter(installed)]!.pc).toBe(4100);
    expect(machine.get(0)).toBe(8n);
    machine.setInt(0, -1000);
    expect(installed.exits[machine.enter(installed)]!.kind).toBe('budget');
    expect(machine.get(0)).toBe(-990n);
  });

  test('descriptors say what the core has to do', () => {
    const machine = new Machine();
    const installed = machine.install(backend, parseTrace(`
      trace 7 start=4096 slots=12
      %0 = SLOAD.i64 slot=0 tag=int exit=0
      %1 = LT.i32 %0, 5
      %2 = GUARD %1 exit=1
      snapshot 0 pc=4096 {}
      snapshot 1 pc=5000 { 3: closure @256; 7: closure @272 } [base=4 caller=4200 results=2 kind=0] [base=8 caller=4300 results=-1 kind=512]
      snapshot 2 pc=6000 {}
      link root pc=6000 trace=3 end=2`));
    const { memory } = machine;
    const { descriptor } = installed;
    expect([TRACE_NUMBER, TRACE_FUNCTION, TRACE_EXITS, TRACE_STACK, TRACE_MAX_FRAMES].map((at) => memory.load(descriptor + at))).toEqual([
      7, installed.tableSlot, installed.exitAddress(0), 12 * 16, 2,
    ]);
    const guard = installed.exitAddress(installed.findExit(7, 1)!);
    expect([EXIT_PC, EXIT_FLAGS, EXIT_THRESHOLD, EXIT_FRAME_COUNT].map((at) => memory.load(guard + at))).toEqual([5000, 0, 20, 2]);
    const frames = memory.load(guard + EXIT_FRAMES);
    const words = [EXIT_FRAME_BASE, EXIT_FRAME_CALLER_PC, EXIT_FRAME_RESULTS, EXIT_FRAME_KIND];
    expect(words.map((at) => memory.load(frames + at))).toEqual([64, 4200, 2, 0]);
    expect(words.map((at) => memory.load(frames + 16 + at))).toEqual([128, 4300, 0xffffffff, 512]);
    const link = installed.exitAddress(installed.exits.findIndex(({ kind }) => kind === 'link'));
    expect([EXIT_PC, EXIT_FLAGS, EXIT_THRESHOLD].map((at) => memory.load(link + at))).toEqual([6000, EXIT_FLAG_ENTER, 0]);
    expect(installed.exitAt(guard)).toBe(installed.findExit(7, 1));
    expect(installed.exitAt(guard + 4)).toBeUndefined();
    const loop = machine.install(backend, parseTrace(COUNTER));
    const budget = loop.exitAddress(loop.exits.findIndex(({ kind }) => kind === 'budget'));
    expect([EXIT_PC, EXIT_FLAGS, EXIT_THRESHOLD].map((at) => memory.load(budget + at))).toEqual([4096, EXIT_FLAG_BUDGET, 0]);
    memory.store(VM_TRACE_BUDGET, 1 << ROUND_BITS);
  });

  test('traces are replaced in place and removed, and their table slots used again', () => {
    const machine = new Machine();
    const lowered = lowerTrace(parseTrace(COUNTER));
    const first = machine.installLowered(backend, 1, lowered);
    const slot = first.tableSlot;
    expect(machine.installer.replace([first], lowered, backend.compile(lowered.code)!)).toBeUndefined();
    expect(machine.memory.load(first.descriptor + TRACE_FUNCTION)).toBe(first.tableSlot);
    machine.installer.uninstall(first);
    expect(machine.core.table.get(slot)).toBeNull();
    expect(machine.installLowered(backend, 2, lowered).tableSlot).toBe(first.tableSlot);
  });

  test('a module the engine refuses is a result, not an exception', () => {
    const machine = new Machine();
    const lowered = lowerTrace(parseTrace(COUNTER));
    expect(machine.installer.install(1, lowered, new Uint8Array([0, 1, 2, 3]))).toContain('WebAssembly');
    const installed = machine.installLowered(backend, 1, lowered);
    const { tableSlot } = installed;
    expect(machine.installer.replace([installed], lowered, new Uint8Array([0, 1, 2, 3]))).toContain('WebAssembly');
    expect(installed.tableSlot).toBe(tableSlot);
  });
});
