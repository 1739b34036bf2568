/**
 * Traces built by hand and run without a VM: a memory, a function table, and a core whose exports are given by the test.
 */
import { ROUND_BITS, SLOT_SIZE, SLOT_TAG, TAG_FLOAT, TAG_INT, TAG_TABLE, VM_TRACE_BUDGET } from '../../../src/bytecode/layout.ts';
import { Memory, newMemory } from '../../../src/engine/memory.ts';
import type { Backend } from '../../../jit/backend/backend.ts';
import { createBinaryenBackend } from '../../../jit/backend/binaryen-backend.ts';
import { createEncoderBackend } from '../../../jit/backend/encoder-backend.ts';
import { type InstalledTrace, TraceInstaller } from '../../../jit/install/trace-installer.ts';
import type { IROpName, IRType } from '../../../jit/ir/ir-table.ts';
import { type IRRef, NONE, type SnapshotFrame, Trace, type TraceLink } from '../../../jit/ir/trace.ts';
import { RecordedTrace } from '../../../jit/ir/recorded-trace.ts';
import { type LoweredFunction, lowerTrees, type TraceTree } from '../../../jit/lower/lower-trees.ts';
import { evaluatePure } from '../../../jit/ir/arithmetic.ts';

export const BACKENDS: readonly Backend[] = [createEncoderBackend(), createBinaryenBackend({ validate: true })];
export const loadBackends = (): Promise<unknown> => Promise.all(BACKENDS.map((backend) => backend.load()));

/** Where the harness puts the root frame's base, and objects of the tests. */
export const BASE = 0x10000;
export const HEAP = 0x20000;

interface InstructionOptions {
  readonly immediate?: number;
  readonly immediate2?: number;
  readonly snapshot?: number;
  readonly args?: readonly IRRef[];
}

/** Entry of a snapshot: slot, reference (undefined for nil, false, true), tag (that of the reference's type unless given). */
export type Entry = readonly [slot: number, ref?: IRRef, tag?: number];

/** Appends to a trace exactly what it is told. */
export class TraceWriter {
  readonly trace: Trace;

  constructor(number = 1, startPc = 0x1000, parent?: { trace: number; exit: number }) {
    this.trace = new Trace(number, startPc, parent);
  }

  int(value: bigint | number): IRRef {
    return ~(this.trace.constants.push({ op: 'KINT', type: 'i64', value: BigInt(value) }) - 1);
  }

  float(value: number): IRRef {
    return ~(this.trace.constants.push({ op: 'KFLT', type: 'f64', value }) - 1);
  }

  i32(value: number): IRRef {
    return ~(this.trace.constants.push({ op: 'KI32', type: 'i32', value }) - 1);
  }

  op(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, options: InstructionOptions = {}): IRRef {
    const { immediate = 0, immediate2 = 0, snapshot = -1, args = [] } = options;
    return this.trace.instructions.push({ op, type, a, b, c, immediate, immediate2, snapshot, args }) - 1;
  }

  /** A stack slot on entry, its tag checked if a snapshot is given. */
  slot(slot: number, type: IRType, snapshot = -1, tag = TAGS[type]): IRRef {
    return this.op('SLOAD', type, NONE, NONE, NONE, { immediate: slot, immediate2: tag, snapshot });
  }

  snapshot(pc: number, entries: readonly Entry[], frames: readonly SnapshotFrame[] = []): number {
    const full = entries.map(([slot, ref = NONE, tag]) => ({ slot, ref, tag: tag ?? TAGS[this.trace.typeOf(ref)] }));
    return this.trace.snapshots.push({ pc, frames, entries: full, length: 0 }) - 1;
  }

  guard(condition: IRRef, snapshot: number): void {
    this.op('GUARD', 'void', condition, NONE, NONE, { snapshot });
  }

  loop(snapshot: number): void {
    this.op('LOOP', 'void', NONE, NONE, NONE, { snapshot });
  }

  phi(left: IRRef, right: IRRef): void {
    this.op('PHI', this.trace.typeOf(left), left, right);
  }

  end(snapshot: number, link: TraceLink = { kind: 'interpreter' }): Trace {
    this.trace.endSnapshot = snapshot;
    this.trace.link = link;
    this.trace.stackSlots = 16;
    return this.trace;
  }
}

const TAGS: Readonly<Record<IRType, number>> = { i64: TAG_INT, f64: TAG_FLOAT, i32: TAG_TABLE, void: 0 };

/** A tree of traces by hand. */
export interface Tree {
  readonly root: Trace;
  readonly sides: readonly Trace[];
}

export const recordedTree = ({ root, sides }: Tree): TraceTree => ({ root: RecordedTrace.of(root), sides: sides.map((side) => RecordedTrace.of(side)) });

export const lowerTrace = (root: Trace, sides: readonly Trace[] = []): LoweredFunction => lowerTrees([recordedTree({ root, sides })], true);

export type CoreFunctions = Readonly<Record<string, (...args: number[]) => number | void>>;

/** A memory with a stack, and what a trace may import. */
export class Machine {
  readonly memory = new Memory(newMemory(4));
  readonly core;
  readonly installer: TraceInstaller;
  #free = 0x30000;

  constructor(functions: CoreFunctions = {}, budget = 1000) {
    this.core = {
      table: new WebAssembly.Table({ element: 'anyfunc', initial: 2 }),
      allocateRaw: (size: number) => {
        const address = this.#free;
        this.#free += (size + 15) & ~15;
        return address;
      },
      freeRaw: () => {},
      pow: (a: number, b: number) => evaluatePure('POW', 'f64', a, b) as number,
      fmod: (a: number, b: number) => a % b,
      sin: Math.sin,
      ...functions,
    };
    this.installer = new TraceInstaller({ memory: this.memory, core: this.core }, 20);
    this.memory.store(VM_TRACE_BUDGET, budget << ROUND_BITS);
  }

  setInt(slot: number, value: bigint | number): void {
    this.memory.i64[(BASE + slot * SLOT_SIZE) >>> 3] = BigInt(value);
    this.setTag(slot, TAG_INT);
  }

  setFloat(slot: number, value: number): void {
    this.memory.f64[(BASE + slot * SLOT_SIZE) >>> 3] = value;
    this.setTag(slot, TAG_FLOAT);
  }

  setObject(slot: number, value: number, tag = TAG_TABLE): void {
    this.memory.i64[(BASE + slot * SLOT_SIZE) >>> 3] = BigInt(value);
    this.setTag(slot, tag);
  }

  setTag(slot: number, tag: number): void {
    this.memory.store(BASE + slot * SLOT_SIZE + SLOT_TAG, tag);
  }

  /** Value of a slot by its tag: bigint, number, or `tag:payload` for the others. */
  get(slot: number): bigint | number | string {
    const address = BASE + slot * SLOT_SIZE;
    const tag = this.memory.load(address + SLOT_TAG);
    if (tag === TAG_INT) return this.memory.i64[address >>> 3]!;
    if (tag === TAG_FLOAT) return this.memory.f64[address >>> 3]!;
    return `${tag}:${this.memory.i64[address >>> 3]}`;
  }

  install(backend: Backend, root: Trace, sides: readonly Trace[] = []): InstalledTrace {
    return this.installLowered(backend, root.number, lowerTrace(root, sides));
  }

  installLowered(backend: Backend, number: number, lowered: LoweredFunction): InstalledTrace {
    const installed = this.installer.install(number, lowered, backend.compile(lowered.code)!);
    if (typeof installed === 'string') throw new Error(installed);
    return installed;
  }

  /** Enters a trace as the core does. @returns the exit number */
  enter(installed: InstalledTrace): number {
    return (this.core.table.get(installed.tableSlot) as (base: number) => number)(BASE);
  }
}
