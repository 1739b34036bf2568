/**
 * Random recordings. The generator executes each instruction on a heap as it emits it, so that guards hold in the first iteration, as they do
 * in a real recording; what happens in later iterations is left to chance.
 */
import { ARRAY_FLOAT, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TABLE } from '../../../src/bytecode/layout.ts';
import { isInteger, type IRValue } from '../../../jit/ir/arithmetic.ts';
import { Evaluator } from '../../../jit/ir/evaluate.ts';
import { Field, type IROpName, type IRType } from '../../../jit/ir/ir-table.ts';
import { type IRRef, NONE, type Snapshot, Trace } from '../../../jit/ir/trace.ts';
import { PlainBuilder } from './plain-builder.ts';
import { RECORD_SLOTS, type TestHeap } from './test-heap.ts';

/** A small generator of pseudo-random numbers (mulberry32): the same seed, the same trace. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Value {
  readonly ref: IRRef;
  readonly tag: number;
}

const INT_OPERATIONS: readonly IROpName[] = ['ADD', 'ADD', 'ADD', 'SUB', 'SUB', 'MUL', 'BAND', 'BOR', 'BXOR', 'SHL', 'SHR', 'MIN', 'MAX', 'NEG', 'BNOT', 'ABS'];
const FLOAT_OPERATIONS: readonly IROpName[] = ['ADD', 'ADD', 'SUB', 'MUL', 'DIV', 'IDIV', 'MOD', 'MIN', 'MAX', 'NEG', 'ABS', 'SQRT', 'FLOOR', 'CEIL'];
const UNARY = new Set<IROpName>(['NEG', 'BNOT', 'ABS', 'SQRT', 'FLOOR', 'CEIL']);
const COMPARISONS: readonly IROpName[] = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE'];
const CALL_SLOT = 9;

/** Slots of the initial stack, by type. */
const ENTRY_TAGS = [TAG_INT, TAG_INT, TAG_INT, TAG_FLOAT, TAG_FLOAT, TAG_TABLE, TAG_TABLE, TAG_TABLE] as const;

export class RandomTrace {
  readonly trace = new Trace(1, 4096, undefined);
  private readonly builder = new PlainBuilder(this.trace);
  private readonly evaluator: Evaluator;
  private readonly loaded = new Map<number, Value>();
  private readonly written = new Map<number, Value>();
  private readonly values: Record<'i64' | 'f64' | 'i32', IRRef[]> = { i64: [], f64: [], i32: [] };
  private pc = 4096;
  private done = 0;
  /** What this recording does: a few kinds of actions only, so that they meet each other often. */
  private readonly actions: readonly (() => void)[];

  /** @param heap what the recording runs on; it is changed by it */
  constructor(
    private readonly random: (below: number) => number,
    private readonly heap: TestHeap,
  ) {
    this.evaluator = new Evaluator(this.trace, heap);
    const all = [
      () => this.integerArithmetic(), () => this.integerArithmetic(), () => this.division(), () => this.floatArithmetic(), () => this.conversion(),
      () => this.comparison(), () => this.readRecord(), () => this.readRecord(), () => this.writeRecord(), () => this.writeRecord(),
      () => this.array(false), () => this.array(true), () => this.array(true), () => this.shape(), () => this.newTable(), () => this.upvalue(false),
      () => this.upvalue(true), () => this.dictionary(), () => this.helper(), () => this.room(), () => this.builtin(), () => this.writeSlot(),
      () => this.writeSlot(), () => this.writeSlot(), () => this.scratch(), () => this.roundTrip(), () => this.equality(),
    ];
    this.actions = random(4) === 0 ? all : Array.from({ length: 2 + random(8) }, () => all[random(all.length)]!);
  }

  /** Fills the stack; to be done before the heap is copied. */
  static prepare(random: (below: number) => number, heap: TestHeap): void {
    ENTRY_TAGS.forEach((tag, slot) => {
      heap.setStack(slot, tag, tag === TAG_INT ? BigInt(random(12) - 4) : tag === TAG_FLOAT ? random(9) / 2 - 2 : heap.tables[random(4)]!);
    });
  }

  /** Records so many actions and closes the loop. */
  record(actions: number): Trace {
    const { trace } = this;
    trace.stackSlots = 12;
    for (let count = 0; count < actions; count++) {
      this.pc += 8;
      this.builder.setSnapshotSource(() => this.snapshot());
      this.actions[this.random(this.actions.length)]!();
      this.execute();
    }
    this.pc = 4096;
    trace.endSnapshot = trace.snapshots.push(this.snapshot()) - 1;
    trace.link = { kind: 'loop' };
    return trace;
  }

  private snapshot(): Snapshot {
    return { pc: this.pc, frames: [], length: 0, entries: [...this.written].map(([slot, { ref, tag }]) => ({ slot, ref, tag })) };
  }

  private emit(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    const ref = this.builder.emit(op, type, a, b, c, immediate, immediate2);
    this.execute();
    return ref;
  }

  private execute(): void {
    for (; this.done < this.trace.instructions.length; this.done++) {
      if (this.evaluator.execute(this.done) !== undefined) throw new Error('a guard of the recording failed');
    }
  }

  private valueOf(ref: IRRef): IRValue {
    return this.evaluator.value(ref);
  }

  /** Guards that a condition is what it is. */
  private guard(condition: IRRef): boolean {
    const truth = this.valueOf(condition) !== 0;
    if (condition >= 0) this.builder.guard(condition, truth);
    this.execute();
    return truth;
  }

  private keep(type: 'i64' | 'f64' | 'i32', ref: IRRef): IRRef {
    this.values[type].push(ref);
    return ref;
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)]!;
  }

  private value(type: 'i64' | 'f64' | 'i32'): IRRef {
    const kind = this.random(6);
    const known = this.values[type];
    if (known.length > 0 && kind < 4) return kind < 2 ? known[known.length - 1 - this.random(Math.min(4, known.length))]! : this.pick(known);
    if (kind === 4 && type === 'i64') return this.builder.int(this.pick([0n, 1n, -1n, 2n, 8n, 3n, 64n, -(2n ** 63n), 255n, 0xffffffffn]));
    if (kind === 4 && type === 'f64') return this.builder.float(this.pick([0, -0, 1, -1, 2, 0.5, 3, Infinity]));
    return this.slot(this.pick(type === 'i64' ? [0, 1, 2] : type === 'f64' ? [3, 4] : [5, 6, 7]), type);
  }

  /** The value of a slot, if it has this type just now. */
  private slot(slot: number, type: 'i64' | 'f64' | 'i32'): IRRef {
    const tag = ENTRY_TAGS[slot]!;
    let value = this.written.get(slot) ?? this.loaded.get(slot);
    if (value === undefined) {
      value = { ref: this.builder.emitExiting('SLOAD', type, NONE, NONE, NONE, slot, tag), tag };
      this.execute();
      this.loaded.set(slot, value);
    }
    if (value.tag === tag) return value.ref;
    return type === 'i64' ? this.builder.int(5n) : type === 'f64' ? this.builder.float(1.5) : this.builder.pointer(this.heap.tables[this.random(4)]!);
  }

  private integerArithmetic(): void {
    const op = this.pick(INT_OPERATIONS);
    this.keep('i64', this.emit(op, 'i64', this.value('i64'), UNARY.has(op) ? NONE : this.random(2) === 0 ? this.builder.int(BigInt(this.random(5) - 1)) : this.value('i64')));
  }

  private division(): void {
    const divisor = this.random(2) === 0 ? this.builder.int(this.pick([1n, -1n, 2n, 16n, 3n, -4n])) : this.value('i64');
    const isZero = this.emit('EQ', 'i32', divisor, this.builder.int(0n));
    if (!this.guard(isZero) && this.valueOf(divisor) !== 0n) this.keep('i64', this.emit(this.pick(['IDIV', 'MOD']), 'i64', this.value('i64'), divisor));
  }

  private floatArithmetic(): void {
    const op = this.pick(FLOAT_OPERATIONS);
    this.keep('f64', this.emit(op, 'f64', this.value('f64'), UNARY.has(op) ? NONE : this.value('f64')));
  }

  private conversion(): void {
    if (this.random(2) === 0) {
      this.keep('f64', this.emit('I2F', 'f64', this.value('i64')));
      return;
    }
    const value = this.value('f64');
    if (this.guard(this.emit('ISINT', 'i32', value)) && isInteger(this.valueOf(value) as number)) this.keep('i64', this.emit('F2I', 'i64', value));
  }

  private comparison(): void {
    const type = this.pick(['i64', 'f64', 'i32'] as const);
    const op = type === 'i32' ? this.pick<IROpName>(['EQ', 'NE']) : this.pick(COMPARISONS);
    const a = this.value(type);
    const b = this.value(type);
    this.guard(this.emit(op, 'i32', a, b));
  }

  /** Integer to float and back. */
  private roundTrip(): void {
    const value = this.emit('I2F', 'f64', this.value('i64'));
    if (this.guard(this.emit('ISINT', 'i32', value)) && isInteger(this.valueOf(value) as number)) this.keep('i64', this.emit('F2I', 'i64', value));
  }

  private equality(): void {
    this.guard(this.emit('EQ', 'i32', this.value('i32'), this.value('i32')));
  }

  private load(table: IRRef, field: number): IRRef {
    return this.emit('FLOAD', 'i32', table, NONE, NONE, field);
  }

  private readRecord(): void {
    const slots = this.load(this.value('i32'), Field['table.slots']);
    this.readTagged('HTAG', 'HLOAD', slots, this.random(RECORD_SLOTS));
  }

  private readTagged(tagOp: IROpName, loadOp: IROpName, address: IRRef, index = 0): void {
    const tag = this.emit(tagOp, 'i32', address, NONE, NONE, index);
    const actual = this.valueOf(tag) as number;
    this.guard(this.emit('EQ', 'i32', tag, this.builder.i32(actual)));
    const type = actual === TAG_INT ? 'i64' : actual === TAG_FLOAT ? 'f64' : actual === TAG_TABLE ? 'i32' : undefined;
    if (type !== undefined) this.keep(type, this.emit(loadOp, type, address, NONE, NONE, index));
  }

  private anyValue(): Value {
    switch (this.random(8)) {
      case 0: case 1: case 2:
        return { ref: this.value('i64'), tag: TAG_INT };
      case 3: case 4:
        return { ref: this.value('f64'), tag: TAG_FLOAT };
      case 5: case 6:
        return { ref: this.value('i32'), tag: TAG_TABLE };
      default:
        return { ref: NONE, tag: TAG_NIL };
    }
  }

  /** Behind each store of an object. */
  private barrier(owner: IRRef, value: IRRef, tag: number): void {
    if (tag === TAG_TABLE) this.emit('BARRIER', 'void', owner, value);
  }

  private writeRecord(): void {
    const table = this.value('i32');
    const slots = this.load(table, Field['table.slots']);
    const { ref, tag } = this.anyValue();
    this.emit('HSTORE', 'void', slots, ref, NONE, this.random(RECORD_SLOTS), tag);
    this.barrier(table, ref, tag);
  }

  private array(store: boolean): void {
    const table = this.value('i32');
    const kind = this.load(table, Field['table.kind']);
    const actual = this.valueOf(kind) as number;
    this.guard(this.emit('EQ', 'i32', kind, this.builder.i32(actual)));
    const type = actual === ARRAY_FLOAT ? 'f64' : 'i64';
    const start = this.random(2) === 0 ? this.value('i64') : this.emit('BAND', 'i64', this.value('i64'), this.builder.int(3n));
    const index = this.random(2) === 0 ? start : this.emit('ADD', 'i64', start, this.builder.int(BigInt(this.random(4) - 1)));
    const length = this.emit('ZEXT', 'i64', this.load(table, Field['table.length']));
    if (!this.guard(this.emit('ULT', 'i32', index, length))) return;
    const array = this.load(table, Field['table.array']);
    const element = this.emit('WRAP', 'i32', index);
    if (store) this.emit('ASTORE', 'void', array, element, this.value(type));
    else this.keep(type, this.emit('ALOAD', type, array, element));
  }

  private shape(): void {
    const table = this.value('i32');
    if (this.random(4) === 0) {
      const shape = this.builder.i32(this.pick([100, 200, 300]));
      this.emit('FSTORE', 'void', table, shape, NONE, Field['table.shape']);
      this.barrier(table, shape, TAG_TABLE);
      return;
    }
    const shape = this.load(table, Field['table.shape']);
    this.guard(this.emit('EQ', 'i32', shape, this.builder.i32(this.valueOf(shape) as number)));
  }

  private newTable(): void {
    const table = this.builder.call('traceNewTable', this.builder.i32(0), this.builder.i32(RECORD_SLOTS));
    this.execute();
    this.guard(table);
    this.keep('i32', table);
  }

  private upvalue(store: boolean): void {
    const upvalue = this.builder.pointer(this.pick(this.heap.upvalues));
    const location = this.load(upvalue, Field['upvalue.location']);
    if (!store) {
      this.readTagged('UTAG', 'ULOAD', location);
      return;
    }
    const { ref, tag } = this.anyValue();
    this.emit('USTORE', 'void', location, ref, NONE, 0, tag);
    this.barrier(upvalue, ref, tag);
  }

  private dictionary(): void {
    const table = this.value('i32');
    const address = this.builder.call('traceTableGetString', table, this.builder.pointer(this.random(4)));
    this.execute();
    if (this.random(2) === 0) {
      this.readTagged('DTAG', 'DLOAD', address);
      return;
    }
    const { ref, tag } = this.anyValue();
    this.emit('DSTORE', 'void', address, ref, NONE, 0, tag);
    this.barrier(table, ref, tag);
  }

  private helper(): void {
    if (this.random(2) === 0) {
      this.keep('f64', this.builder.call('sin', this.value('f64')));
    } else if (this.random(3) === 0) {
      this.builder.call('traceTableSet', this.value('i32'), this.builder.i32(0), this.builder.i32(0));
    }
  }

  private room(): void {
    const table = this.value('i32');
    if (this.random(2) === 0) this.emit('SLOT_ROOM', 'void', table, NONE, NONE, 1);
    else this.emit('APPEND_ROOM', 'void', table, this.load(table, Field['table.length']));
  }

  private builtin(): void {
    if (this.random(3) !== 0) return;
    this.emit('CALLB', 'void', this.builder.i32(1), NONE, NONE, CALL_SLOT, 0);
    // The snapshot is on the stack now: slots count as written for ever.
    for (const [slot, value] of this.loaded) if (!this.written.has(slot)) this.written.set(slot, value);
    const tag = this.emit('STAG', 'i32', NONE, NONE, NONE, CALL_SLOT);
    this.guard(this.emit('EQ', 'i32', tag, this.builder.i32(TAG_INT)));
    const result = this.keep('i64', this.emit('LOADS', 'i64', NONE, NONE, NONE, CALL_SLOT));
    this.written.set(CALL_SLOT, { ref: result, tag: TAG_INT });
  }

  private writeSlot(): void {
    const slot = this.random(ENTRY_TAGS.length + 1);
    const tag = ENTRY_TAGS[slot];
    if (tag === undefined || this.random(60) === 0) this.written.set(slot, this.anyValue());
    else this.written.set(slot, { ref: this.value(tag === TAG_INT ? 'i64' : tag === TAG_FLOAT ? 'f64' : 'i32'), tag });
  }

  private scratch(): void {
    const index = this.random(2);
    const { ref, tag } = this.anyValue();
    this.emit('RSTORE', 'void', ref, NONE, NONE, index, tag);
    if (this.random(2) === 0) this.emit('RTAG', 'i32', NONE, NONE, NONE, index);
  }
}
