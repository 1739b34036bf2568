/**
 * Random trees of traces over typed stack slots, for comparing compiled code with the IR evaluator. Every tree ends: each pass through the root spends fuel.
 */
import { TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TABLE, TAG_TRUE } from '../../../src/bytecode/layout.ts';
import { RecordingAborted } from '../../../jit/abort-reasons.ts';
import { typeOfTag } from '../../../jit/ir/operations.ts';
import { type IRRef, NONE, type Snapshot, type SnapshotEntry, Trace } from '../../../jit/ir/trace.ts';
import { DEFAULT_OPTIONS } from '../../../jit/build/options.ts';
import { rebuiltAndOptimised } from '../passes/core.ts';
import { PlainBuilder } from '../passes/plain-builder.ts';
import type { Tree } from './harness.ts';

/** Where the loop of a root is. */
export const rootPc = (root: number): number => root * 4096;
export const FUEL_SLOT = 12;
export const SLOTS = 14;
const INTEGER_SLOTS = [0, 1, 2, 3, FUEL_SLOT];
const FLOAT_SLOTS = [4, 5, 6];
/** Their type changes while the program runs. */
const CHANGING_SLOTS = [10, 11];

/** Tags of the slots when the program starts. */
export const INITIAL_TAGS: readonly number[] = Array.from({ length: SLOTS }, (_, slot) =>
  INTEGER_SLOTS.includes(slot) || CHANGING_SLOTS.includes(slot) ? TAG_INT : FLOAT_SLOTS.includes(slot) ? TAG_FLOAT : TAG_TABLE,
);

/** A deterministic generator of numbers below `n`. */
export type Random = (n: number) => number;

export function createRandom(seed: number): Random {
  let state = seed | 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * n);
  };
}

interface Value {
  readonly ref: IRRef;
  readonly tag: number;
}

/** Records one random trace. */
class Recording {
  readonly builder: PlainBuilder;
  readonly #written = new Map<number, Value>();
  readonly #read = new Map<number, Value>();
  #pc: number;

  constructor(
    readonly trace: Trace,
    readonly random: Random,
    readonly tags: readonly number[],
    /** No slot changes its type. */
    readonly stable: boolean,
    /** Number of roots it may lead to. */
    readonly roots: number,
  ) {
    this.builder = new PlainBuilder(trace);
    this.#pc = trace.startPc;
    this.#mark();
  }

  run(length: number): void {
    const { builder, trace, random } = this;
    if (trace.parent === undefined) {
      const fuel = builder.emit('SUB', 'i64', this.#get(FUEL_SLOT).ref, builder.int(1n));
      this.#set(FUEL_SLOT, { ref: fuel, tag: TAG_INT });
      builder.guard(builder.emit('GT', 'i32', fuel, builder.int(0n)), true);
    }
    for (let i = 0; i < length; i++) this.#step();
    const isRoot = trace.parent === undefined;
    const target = isRoot && random(3) > 0 ? trace.number : 1 + random(this.roots);
    const leads = isRoot || random(4) > 0;
    this.#pc = leads ? rootPc(target) : this.#pc + 8;
    trace.endSnapshot = trace.snapshots.push(this.#snapshot()) - 1;
    if (leads) trace.link = target === trace.number ? { kind: 'loop' } : { kind: 'root', pc: this.#pc, trace: target };
    trace.stackSlots = SLOTS;
  }

  #step(): void {
    this.#mark();
    const choice = this.random(10);
    if (choice < 3) this.#guard();
    else if (choice < 8) this.#compute();
    else if (choice < 9) this.#set(this.#pick([7, 8, 9]), this.#get(this.#pick([7, 8, 9])));
    else if (!this.stable) this.#change();
  }

  #compute(): void {
    const { builder } = this;
    if (this.random(2) === 0) {
      const op = this.#pick(['ADD', 'SUB', 'MUL', 'BXOR', 'BAND', 'MIN', 'MAX', 'SHL', 'MOD', 'IDIV'] as const);
      const divides = op === 'MOD' || op === 'IDIV';
      const b = divides || this.random(3) === 0 ? builder.int(BigInt(this.random(9) + 1)) : this.#integer();
      this.#set(this.#pick([0, 1, 2, 3]), { ref: builder.emit(op, 'i64', this.#integer(), b), tag: TAG_INT });
    } else {
      const op = this.#pick(['ADD', 'SUB', 'MUL', 'MIN', 'DIV', 'MOD'] as const);
      const b = this.random(3) === 0 ? builder.emit('I2F', 'f64', this.#integer()) : this.#float();
      this.#set(this.#pick(FLOAT_SLOTS), { ref: builder.emit(op, 'f64', this.#float(), b), tag: TAG_FLOAT });
    }
  }

  /** Stores something of another type. */
  #change(): void {
    const slot = this.#pick(CHANGING_SLOTS);
    const choice = this.random(4);
    if (choice === 0) this.#set(slot, { ref: this.#float(), tag: TAG_FLOAT });
    else if (choice === 1) this.#set(slot, { ref: NONE, tag: this.random(2) ? TAG_NIL : TAG_TRUE });
    else this.#set(slot, this.random(2) ? this.#get(this.#pick(CHANGING_SLOTS)) : { ref: this.#integer(), tag: TAG_INT });
  }

  #guard(): void {
    const { builder } = this;
    const bits = builder.emit('BAND', 'i64', this.#integer(), builder.int(BigInt(1 << this.random(3))));
    const condition = this.random(4) === 0 ? builder.emit('LT', 'i32', this.#float(), this.#float()) : builder.emit('EQ', 'i32', bits, builder.int(0n));
    builder.guard(condition, this.random(2) === 0);
  }

  #integer(): IRRef {
    return this.#get(this.#pick([0, 1, 2, 3])).ref;
  }

  #float(): IRRef {
    return this.#get(this.#pick(FLOAT_SLOTS)).ref;
  }

  #get(slot: number): Value {
    const known = this.#written.get(slot) ?? this.#read.get(slot);
    if (known) return known;
    const tag = this.tags[slot]!;
    const ref = this.builder.emitExiting('SLOAD', typeOfTag(tag), NONE, NONE, NONE, slot, tag);
    const value = { ref: typeOfTag(tag) === 'void' ? NONE : ref, tag };
    this.#read.set(slot, value);
    return value;
  }

  #set(slot: number, value: Value): void {
    this.#written.set(slot, value);
  }

  /** The next recorded instruction. */
  #mark(): void {
    const state = this.#snapshot();
    this.#pc += 8;
    this.builder.setSnapshotSource(() => state);
  }

  #snapshot(): Snapshot {
    const entries = [...this.#written].map(([slot, { ref, tag }]): SnapshotEntry => ({ slot, ref, tag }));
    return { pc: this.#pc, frames: [], length: 0, entries };
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)]!;
  }
}

/**
 * @param stable no slot changes its type: then it does not matter where the trees are left and entered again
 * @param count number of trees, which lead into one another
 * @returns undefined if the optimiser gave a root up
 */
export function createRandomTrees(seed: number, stable: boolean, count: number): Tree[] | undefined {
  const random = createRandom(seed);
  const trees: { root: Trace; sides: Trace[] }[] = [];
  for (let number = 1; number <= count; number++) {
    const loop = random(4) > 0;
    const root = record(new Recording(new Trace(number, rootPc(number), undefined), random, INITIAL_TAGS, stable, count), 3 + random(14), loop);
    if (root === undefined) return undefined;
    trees.push({ root, sides: [] });
  }
  let number = count;
  for (const tree of trees) {
    const tagsAt = new Map<Trace, readonly number[]>([[tree.root, INITIAL_TAGS]]);
    for (let attempt = random(8); attempt > 0; attempt--) {
      const parents = [tree.root, ...tree.sides];
      const parent = parents[random(parents.length)]!;
      const exits = exitsOf(parent);
      const chosen = exits[random(exits.length)];
      if (chosen === undefined || tree.sides.some((side) => side.parent!.trace === parent.number && side.parent!.exit === chosen)) continue;
      const sideSeed = random(1e9);
      // The same place in pre-roll, loop and the copies of the parent gets the same side.
      const { pc } = parent.snapshots[chosen]!;
      for (const twin of parents.filter(({ startPc }) => startPc === parent.startPc)) {
        for (const exit of exitsOf(twin).filter((other) => twin.snapshots[other]!.pc === pc)) {
          const tags = [...tagsAt.get(twin)!];
          for (const { slot, tag } of twin.snapshots[exit]!.entries) tags[slot] = tag;
          const sideRandom = createRandom(sideSeed);
          const recording = new Recording(new Trace(++number, pc * 16, { trace: twin.number, exit }), sideRandom, tags, stable, count);
          const side = record(recording, 1 + sideRandom(8), false);
          if (side === undefined) continue;
          tagsAt.set(side, tags);
          tree.sides.push(side);
        }
      }
    }
  }
  return trees;
}

/** Exits that may get a side trace: all but the one that ends everything. */
function exitsOf({ instructions, snapshots }: Trace): number[] {
  const exits = instructions.filter(({ op, snapshot }) => snapshot >= 0 && op !== 'LOOP').map(({ snapshot }) => snapshot);
  return [...new Set(exits.filter((exit) => snapshots[exit]!.pc % rootPc(1) !== 0))];
}

/** @returns undefined if the optimiser gave the trace up */
function record(recording: Recording, length: number, loop: boolean): Trace | undefined {
  recording.run(length);
  try {
    return rebuiltAndOptimised(recording.trace, { ...DEFAULT_OPTIONS, loop, verify: true });
  } catch (error) {
    if (error instanceof RecordingAborted) return undefined;
    throw error;
  }
}
