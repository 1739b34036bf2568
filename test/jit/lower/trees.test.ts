/** Trees of traces as one function, against separate functions linked as the core links them, and against the IR evaluator. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ROUND_BITS, SLOT_SIZE, SLOT_TAG, TAG_FLOAT, TAG_INT, TAG_LIGHT, VM_TRACE_BUDGET } from '../../../src/bytecode/layout.ts';
import type { Backend } from '../../../jit/backend/backend.ts';
import { evaluateTrace } from '../../../jit/ir/evaluate.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { printTrace } from '../../../jit/ir/print.ts';
import type { InstalledTrace } from '../../../jit/install/trace-installer.ts';
import { type Snapshot, Trace } from '../../../jit/ir/trace.ts';
import { lowerTrees, type TraceTree } from '../../../jit/lower/lower-trees.ts';
import { findLinkedTrees } from '../../../jit/lower/linked-trees.ts';
import { BACKENDS, BASE, loadBackends, Machine, recordedTree, type Tree } from './harness.ts';
import { createRandom, createRandomTrees, FUEL_SLOT, INITIAL_TAGS, rootPc, SLOTS } from './random-trees.ts';

/** for j = j, m-1 do sum = sum + (i * j) end, and round it for i = i, n-1, with j from 0. Slots: i, n, j, m, sum. */
const INNER = `
  trace 1 start=4096 slots=8
  %0 = SLOAD.i64 slot=2 tag=int exit=0
  %1 = SLOAD.i64 slot=3 tag=int exit=0
  %2 = SLOAD.i64 slot=0 tag=int exit=0
  %3 = SLOAD.f64 slot=4 tag=float exit=0
  %4 = MUL.i64 %2, %0
  %5 = I2F.f64 %4
  %6 = ADD.f64 %3, %5
  %7 = ADD.i64 %0, 1
  %8 = LT.i32 %7, %1
  %9 = GUARD %8 exit=1
  %10 = LOOP exit=2
  %11 = MUL.i64 %2, %7
  %12 = I2F.f64 %11
  %13 = ADD.f64 %6, %12
  %14 = ADD.i64 %7, 1
  %15 = LT.i32 %14, %1
  %16 = GUARD %15 exit=3
  %17 = PHI.f64 %6, %13
  %18 = PHI.i64 %7, %14
  snapshot 0 pc=4096 {}
  snapshot 1 pc=4200 { 2: int %7; 4: float %6 }
  snapshot 2 pc=4096 { 2: int %7; 4: float %6 }
  snapshot 3 pc=4200 { 2: int %14; 4: float %13 }
  link loop end=2
`;
const outer = (number: number, exit: number): string => `
  trace ${number} start=4200 slots=8 parent=1:${exit}
  %0 = SLOAD.i64 slot=0 tag=int exit=0
  %1 = SLOAD.i64 slot=1 tag=int exit=0
  %2 = ADD.i64 %0, 1
  %3 = LT.i32 %2, %1
  %4 = GUARD %3 exit=1
  snapshot 0 pc=4200 {}
  snapshot 1 pc=4300 { 0: int %2 }
  snapshot 2 pc=4096 { 0: int %2; 2: int 0 }
  link root pc=4096 trace=1 end=2
`;

interface Outcome {
  readonly pc: number;
  readonly slots: readonly unknown[];
}

const readSlots = (machine: Machine): unknown[] =>
  Array.from({ length: SLOTS }, (_, slot) => {
    const tag = machine.memory.load(BASE + slot * SLOT_SIZE + SLOT_TAG);
    if (tag === TAG_INT || tag === TAG_FLOAT) return machine.get(slot);
    return tag >= TAG_LIGHT ? `${tag}:${machine.memory.load(BASE + slot * SLOT_SIZE)}` : `${tag}`;
  });

function prepare(machine: Machine, seed: number): void {
  const random = createRandom(seed);
  INITIAL_TAGS.forEach((tag, slot) => {
    if (tag === TAG_INT) machine.setInt(slot, random(40) - 10);
    else if (tag === TAG_FLOAT) machine.setFloat(slot, (random(100) - 30) / 4);
    else machine.setObject(slot, 0x20000 + random(50) * 16);
  });
  machine.setInt(FUEL_SLOT, 25);
}

/** What exits have in common if they are one. */
const restored = ({ pc, frames, entries }: Snapshot): string => JSON.stringify([pc, frames, entries]);

/** The side trace at an exit of a trace. */
function sideAt(trees: readonly Tree[], { number, snapshots }: Trace, exit: number): Trace | undefined {
  return trees.flatMap(({ sides }) => sides).find(({ parent }) => parent!.trace === number && restored(snapshots[parent!.exit]!) === restored(snapshots[exit]!));
}

/** What the core does, with the evaluator for compiled code: follow side traces and links until neither is left. */
function runEvaluated(trees: readonly Tree[], seed: number): Outcome {
  const machine = new Machine();
  prepare(machine, seed);
  const memory = new DataView(machine.memory.wasm.buffer);
  const host = { memory, base: BASE, call: () => 0, callBuiltin: () => false, makeRoom: () => false };
  let trace = trees[0]!.root;
  for (;;) {
    const exit = evaluateTrace(trace, host, 1e9);
    const { link, endSnapshot, instructions, snapshots } = trace;
    const atEnd = exit === endSnapshot && instructions.every(({ snapshot }) => snapshot !== exit);
    const next = atEnd && link.kind === 'root' ? trees[link.trace - 1]!.root : sideAt(trees, trace, exit);
    if (!next) return { pc: snapshots[exit]!.pc, slots: readSlots(machine) };
    trace = next;
  }
}

/** Entries of one function, by the root or side trace they stand for. */
type Compiled = ReadonlyMap<Trace, InstalledTrace>;

const compileApart = (machine: Machine, backend: Backend, trees: readonly Tree[]): Compiled =>
  new Map(trees.flatMap(({ root, sides }) => [root, ...sides]).map((trace) => [trace, machine.install(backend, trace)]));

const compileTrees = (machine: Machine, backend: Backend, trees: readonly Tree[]): Compiled =>
  new Map(trees.map((tree) => [tree.root, machine.install(backend, tree.root, tree.sides)]));

function compileTogether(machine: Machine, backend: Backend, trees: readonly Tree[]): Compiled {
  const compiled = new Map(trees.map(({ root }) => [root, machine.install(backend, root)]));
  const lowered = lowerTrees(trees.map(recordedTree), true);
  expect(machine.installer.replace([...compiled.values()], lowered, backend.compile(lowered.code)!)).toBeUndefined();
  return compiled;
}

/** The same with compiled code. */
function runCompiled(compile: typeof compileApart, backend: Backend, trees: readonly Tree[], seed: number, budget = 1000): Outcome {
  const machine = new Machine();
  const compiled = compile(machine, backend, trees);
  const all = trees.flatMap(({ root, sides }) => [root, ...sides]);
  prepare(machine, seed);
  let trace = trees[0]!.root;
  for (;;) {
    machine.memory.store(VM_TRACE_BUDGET, budget << ROUND_BITS);
    const installed = compiled.get(trace)!;
    const { kind, pc, trace: number, snapshot } = installed.exits[machine.enter(installed)]!;
    const side = kind === 'guard' ? sideAt(trees, all.find((other) => other.number === number)!, snapshot) : undefined;
    if (kind === 'budget' || kind === 'link') {
      expect(pc % rootPc(1)).toBe(0);
      trace = trees[pc / rootPc(1) - 1]!.root;
    } else if (side) trace = side;
    else return { pc, slots: readSlots(machine) };
  }
}

describe.each(BACKENDS)('$name', (backend) => {
  beforeAll(loadBackends);

  test('a nested loop runs inside one function and stores nothing on its way', () => {
    const machine = new Machine();
    const installed = machine.install(backend, parseTrace(INNER), [parseTrace(outer(2, 3)), parseTrace(outer(3, 1))]);
    [0, 6, 0, 7].forEach((value, slot) => machine.setInt(slot, value));
    machine.setFloat(4, 0);
    const exit = installed.exits[machine.enter(installed)]!;
    expect([exit.kind, exit.trace, exit.pc]).toEqual(['guard', 2, 4300]);
    expect([0, 1, 2, 3, 4].map((slot) => machine.get(slot))).toEqual([6n, 6n, 7n, 7n, 15 * 21]);
  });

  test('the budget counts inner iterations and jumps back; leaving and entering again changes nothing', () => {
    for (const budget of [1, 2, 3, 5, 8, 13]) {
      const machine = new Machine({}, budget);
      const installed = machine.install(backend, parseTrace(INNER), [parseTrace(outer(2, 3)), parseTrace(outer(3, 1))]);
      [0, 6, 0, 7].forEach((value, slot) => machine.setInt(slot, value));
      machine.setFloat(4, 0);
      let entries = 0;
      while (installed.exits[machine.enter(installed)]!.kind === 'budget') entries++;
      expect(entries).toBeGreaterThan(36 / budget - 2);
      expect([0, 1, 2, 3, 4].map((slot) => machine.get(slot))).toEqual([6n, 6n, 7n, 7n, 15 * 21]);
    }
  });

  test('compiled alone, a side trace leaves to its root', () => {
    const machine = new Machine();
    const installed = machine.install(backend, parseTrace(outer(2, 3)));
    machine.setInt(0, 1);
    machine.setInt(1, 5);
    expect(installed.exits[machine.enter(installed)]).toMatchObject({ kind: 'link', pc: 4096 });
    expect([0, 2].map((slot) => machine.get(slot))).toEqual([2n, 0n]);
  });

  test('a side trace that expects another type than its parent left always leaves', () => {
    const machine = new Machine();
    const side = parseTrace(outer(2, 3).replace('slot=0 tag=int', 'slot=2 tag=int').replace('SLOAD.i64 slot=2 tag=int', 'SLOAD.f64 slot=2 tag=float').replace('ADD.i64 %0, 1', 'ADD.i64 %1, 1'));
    const installed = machine.install(backend, parseTrace(INNER), [side]);
    [0, 6, 0, 7].forEach((value, slot) => machine.setInt(slot, value));
    machine.setFloat(4, 0);
    expect(installed.exits[machine.enter(installed)]).toMatchObject({ kind: 'guard', trace: 2, pc: 4200 });
    expect(machine.get(2)).toBe(7n);
  });

  test('builtin calls in a tree see the real stack', () => {
    const seen: unknown[] = [];
    const machine: Machine = new Machine({
      traceCallBuiltin: () => {
        seen.push([machine.get(0), machine.get(2), machine.get(4)]);
        return 0;
      },
    });
    const side = parseTrace(outer(2, 3).replace('%4 = GUARD', '%4 = CALLB i:0 slot=6 count=0 exit=2\n  %5 = GUARD'));
    const installed = machine.install(backend, parseTrace(INNER), [side]);
    [0, 3, 0, 3].forEach((value, slot) => machine.setInt(slot, value));
    machine.setFloat(4, 0);
    expect(installed.exits[machine.enter(installed)]).toMatchObject({ kind: 'guard', trace: 2, pc: 4300 });
    expect(seen).toEqual([[1n, 0n, 0], [2n, 0n, 3], [3n, 0n, 9]]);
    expect([0, 2, 4].map((slot) => machine.get(slot))).toEqual([3n, 0n, 9]);
  });

  /** Runs random trees compiled in some way and compares. @returns number of programs that ran */
  function compare(count: number, stable: boolean, compile: typeof compileApart, budget: (seed: number) => number): number {
    let ran = 0;
    for (let seed = 1; seed <= 120; seed++) {
      const trees = createRandomTrees(seed, stable, count);
      if (!trees) continue;
      const shown = (): string => trees.flatMap(({ root, sides }) => [root, ...sides]).map(printTrace).join('');
      expect(runCompiled(compile, backend, trees, seed, budget(seed)), `seed ${seed}\n${shown()}`).toEqual(runEvaluated(trees, seed));
      ran++;
    }
    return ran;
  }
  const ENOUGH = (): number => 1000;
  const SMALL = (seed: number): number => 1 + (seed % 5);

  test.each([['apart', compileApart], ['as one function', compileTrees]] as const)('random trees %s', (_, compile) => {
    expect(compare(1, false, compile, ENOUGH)).toBeGreaterThan(40);
  });

  test('random trees that leave again and again', () => {
    expect(compare(1, true, compileTrees, SMALL)).toBeGreaterThan(40);
  });

  test.each([2, 3])('%i random trees in one function', (count) => {
    expect(compare(count, false, compileTogether, ENOUGH)).toBeGreaterThan(20);
    expect(compare(count, true, compileTogether, SMALL)).toBeGreaterThan(20);
  });
});

describe('linked trees', () => {
  const tree = (number: number, ...links: readonly [target: number, frames?: number][]): TraceTree => {
    const traces = [[number] as const, ...links].map(([target, frames = 0], index) => {
      const trace = new Trace(index === 0 ? number : number * 10 + index, 4096, index === 0 ? undefined : { trace: number, exit: 0 });
      trace.snapshots.push({ pc: 4096, entries: [], length: 0, frames: Array.from({ length: frames }, () => ({ base: 4, callerPc: 0, results: 0, kind: 0 })) });
      trace.endSnapshot = 0;
      trace.link = index === 0 ? { kind: 'loop' } : { kind: 'root', pc: 4096, trace: target };
      return trace;
    });
    return recordedTree({ root: traces[0]!, sides: traces.slice(1) });
  };
  const find = (start: number, ...trees: readonly TraceTree[]): number[] => {
    const byNumber = new Map(trees.map((each) => [each.root.number, each]));
    return findLinkedTrees(byNumber.get(start)!, byNumber).map(({ root }) => root.number);
  };

  test('are those that lead back', () => {
    expect(find(1, tree(1, [2]), tree(2, [1]), tree(3, [1]))).toEqual([1, 2]);
    expect(find(2, tree(1, [2]), tree(2, [3]), tree(3, [1], [4]), tree(4))).toEqual([2, 3, 1]);
    expect(find(1, tree(1, [1], [2]), tree(2))).toEqual([1]);
  });

  test('are in one frame, and there', () => {
    expect(find(1, tree(1, [2, 1]), tree(2, [1]))).toEqual([1]);
    expect(find(1, tree(1, [9]))).toEqual([1]);
  });
});
