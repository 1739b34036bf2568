/**
 * A small heap for tests of the IR: a stack, tables with records and arrays, upvalues, a dictionary, and the helpers that work on them. Only
 * as true to the core as the contract of the IR is: what helpers write is what their rows say, and room is always made by moving.
 *
 * [0, 8192) VM state | stack | slots (records, upvalues, dictionary) | plain words (tables, arrays)
 */
import {
  ARRAY_FLOAT, ARRAY_INT, SLOT_SIZE, SLOT_TAG, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_KIND, TABLE_SHAPE, TABLE_SIZE,
  TABLE_SLOT_CAPACITY, TABLE_SLOTS, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_TABLE, UPVALUE_LOCATION,
} from '../../../src/bytecode/layout.ts';
import type { IRValue } from '../../../jit/ir/arithmetic.ts';
import type { EvaluationHost } from '../../../jit/ir/evaluate.ts';
import type { HelperName } from '../../../jit/ir/helper-table.ts';

const SIZE = 1 << 18;
const STACK = 8192 + 256;
const SLOTS = 12288;
const WORDS = 1 << 17;
export const STACK_SLOTS = 12;
export const RECORD_SLOTS = 3;
export const ARRAY_LENGTH = 8;

export class TestHeap implements EvaluationHost {
  readonly memory: DataView;
  readonly base = STACK;
  private nextSlots = SLOTS;
  private nextWords = WORDS;
  private calls = 0;
  readonly tables: number[] = [];
  readonly upvalues: number[] = [];
  readonly dictionary: number;

  constructor(readonly bytes = new ArrayBuffer(SIZE)) {
    this.memory = new DataView(bytes);
    this.dictionary = this.allocateSlots(4);
    for (let index = 0; index < 4; index++) this.writeSlot(this.dictionary + index * SLOT_SIZE, TAG_INT, BigInt(index));
    for (let index = 0; index < 4; index++) this.tables.push(this.createTable(index));
    for (let index = 0; index < 2; index++) this.upvalues.push(this.createUpvalue(index));
    for (let slot = 0; slot < STACK_SLOTS; slot++) this.writeSlot(STACK + slot * SLOT_SIZE, TAG_NIL, undefined);
  }

  /** The same heap, to run something else on. */
  copy(): TestHeap {
    const heap = new TestHeap();
    new Uint8Array(heap.bytes).set(new Uint8Array(this.bytes));
    heap.nextSlots = this.nextSlots;
    heap.nextWords = this.nextWords;
    heap.calls = this.calls;
    return heap;
  }

  writeSlot(address: number, tag: number, value: IRValue | undefined): void {
    if (tag === TAG_INT) this.memory.setBigInt64(address, value as bigint, true);
    else if (tag === TAG_FLOAT) this.memory.setFloat64(address, value as number, true);
    else if (tag >= TAG_LIGHT) this.memory.setUint32(address, value as number, true);
    this.memory.setUint32(address + SLOT_TAG, tag, true);
  }

  setStack(slot: number, tag: number, value?: IRValue): void {
    this.writeSlot(STACK + slot * SLOT_SIZE, tag, value);
  }

  /** All that a program could see: slots by tag and payload, words as they are. */
  contents(): unknown[] {
    const seen: unknown[] = [];
    for (let address = STACK; address < STACK + STACK_SLOTS * SLOT_SIZE; address += SLOT_SIZE) seen.push(this.slotAt(address));
    for (let address = SLOTS; address < this.nextSlots; address += SLOT_SIZE) seen.push(this.slotAt(address));
    for (let address = WORDS; address < this.nextWords; address += 4) seen.push(this.memory.getUint32(address, true));
    return seen;
  }

  call(helper: HelperName, args: readonly IRValue[]): IRValue {
    switch (helper) {
      case 'sin':
        return Math.sin(args[0] as number);
      case 'traceNewTable': {
        const table = this.createTable(0);
        this.memory.setUint32(table + TABLE_ARRAY_LENGTH, 0, true);
        return table;
      }
      case 'traceTableSet': {
        const slots = this.memory.getUint32((args[0] as number) + TABLE_SLOTS, true);
        this.writeSlot(slots, TAG_INT, BigInt(++this.calls));
        this.memory.setUint32((args[0] as number) + TABLE_SHAPE, 100 + 100 * (this.calls % 2), true);
        return 1;
      }
      case 'traceTableGetString':
        return this.dictionary + SLOT_SIZE * ((args[1] as number) % 4);
      default:
        throw new Error(`the test heap has no ${helper}`);
    }
  }

  callBuiltin(slot: number, _count: number, _results: number): boolean {
    this.calls++;
    this.setStack(slot, TAG_INT, BigInt(this.calls));
    const address = this.base + 5 * SLOT_SIZE;
    const seen = this.memory.getUint32(address + SLOT_TAG, true) === TAG_TABLE ? this.memory.getUint32(address, true) : this.tables[0]!;
    this.writeSlot(this.memory.getUint32(seen + TABLE_SLOTS, true) + SLOT_SIZE, TAG_FLOAT, this.calls / 2);
    this.writeSlot(this.memory.getUint32(this.upvalues[0]! + UPVALUE_LOCATION, true), TAG_INT, BigInt(this.calls * 3));
    return true;
  }

  makeRoom(part: 'array' | 'record', table: number): boolean {
    if (part === 'array') {
      const moved = this.allocateWords(8 * ARRAY_LENGTH);
      this.move(table + TABLE_ARRAY, moved, 8 * ARRAY_LENGTH);
    } else {
      const moved = this.allocateSlots(RECORD_SLOTS);
      this.move(table + TABLE_SLOTS, moved, RECORD_SLOTS * SLOT_SIZE);
    }
    return true;
  }

  private createTable(index: number): number {
    const { memory } = this;
    const table = this.allocateWords(TABLE_SIZE);
    memory.setUint32(table + TABLE_SHAPE, 100 + 100 * (index % 2), true);
    memory.setUint8(table + TABLE_KIND, index % 2 === 0 ? ARRAY_FLOAT : ARRAY_INT);
    const slots = this.allocateSlots(RECORD_SLOTS);
    for (let slot = 0; slot < RECORD_SLOTS; slot++) this.writeSlot(slots + slot * SLOT_SIZE, TAG_INT, BigInt(slot + index));
    memory.setUint32(table + TABLE_SLOTS, slots, true);
    memory.setUint32(table + TABLE_SLOT_CAPACITY, RECORD_SLOTS, true);
    const array = this.allocateWords(8 * ARRAY_LENGTH);
    for (let element = 0; element < ARRAY_LENGTH; element++) {
      if (index % 2 === 0) memory.setFloat64(array + 8 * element, element + 0.5, true);
      else memory.setBigInt64(array + 8 * element, BigInt(element), true);
    }
    memory.setUint32(table + TABLE_ARRAY, array, true);
    memory.setUint32(table + TABLE_ARRAY_LENGTH, ARRAY_LENGTH, true);
    memory.setUint32(table + TABLE_ARRAY_CAPACITY, ARRAY_LENGTH, true);
    return table;
  }

  private createUpvalue(index: number): number {
    const upvalue = this.allocateWords(16);
    const location = this.allocateSlots(1);
    this.writeSlot(location, TAG_INT, BigInt(index));
    this.memory.setUint32(upvalue + UPVALUE_LOCATION, location, true);
    return upvalue;
  }

  private move(pointer: number, to: number, size: number): void {
    const from = this.memory.getUint32(pointer, true);
    new Uint8Array(this.bytes).copyWithin(to, from, from + size);
    // The old place must not be read any more.
    new Uint8Array(this.bytes).fill(0xee, from, from + size);
    this.memory.setUint32(pointer, to, true);
  }

  private slotAt(address: number): unknown {
    const tag = this.memory.getUint32(address + SLOT_TAG, true);
    if (tag === TAG_INT) return this.memory.getBigInt64(address, true);
    if (tag === TAG_FLOAT) return ['float', this.memory.getFloat64(address, true)];
    return tag >= TAG_LIGHT ? [tag, this.memory.getUint32(address, true)] : `tag ${tag}`;
  }

  private allocateSlots(count: number): number {
    const address = this.nextSlots;
    this.nextSlots += count * SLOT_SIZE;
    if (this.nextSlots > WORDS) throw new HeapFull();
    return address;
  }

  private allocateWords(size: number): number {
    const address = this.nextWords;
    this.nextWords += (size + 7) & ~7;
    if (this.nextWords > SIZE) throw new HeapFull();
    return address;
  }
}

/** The test heap is used up: the run is of no use. */
export class HeapFull extends Error {}
