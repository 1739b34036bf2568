/**
 * What the recorder reads from linear memory: value slots, frames, prototypes, tables and shapes, as they are while the program is
 * being single-stepped. Owns no state; every answer is only good until the next step.
 */
import { SCRATCH_RECORDED, SCRATCH_RECORDED_KEY } from '../../../src/bytecode/host-scratch.ts';
import {
  CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT, FRAME_BASE, FRAME_CLOSURE, FRAME_KIND, FRAME_PC, FRAME_RESULTS, FRAME_TOP,
  FRAME_VARARGS, OBJECT_EXTRA, OBJECT_FLAGS, PROTO_CODE, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, SHAPE_COUNT, SHAPE_KEY, SHAPE_METATABLE, SHAPE_PARENT, SLOT_TAG, STRING_LENGTH, STRING_SHORT, TABLE_ARRAY_LENGTH,
  TABLE_DICT_SIZE, TABLE_IS_OUTDATED, TABLE_IS_REPRESENTED, TABLE_KIND, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_INT, TAG_NIL, THREAD_FRAME, THREAD_HOOK_MASK, THREAD_OPEN_UPVALUES, THREAD_STACK, THREAD_TOP,
  UPVALUE_LOCATION, UPVALUE_NEXT, VM_EVENT_NAMES, VM_GLOBALS, VM_METATABLE_EPOCH, VM_THREAD,
} from '../../../src/bytecode/layout.ts';
import { METAMETHODS } from '../../../src/bytecode/metamethods.ts';
import type { CoreExports } from '../../../src/engine/core-module.ts';
import type { Memory } from '../../../src/engine/memory.ts';

export type MetamethodName = (typeof METAMETHODS)[number];

/** A frame as it stands in memory. */
export interface FrameView {
  readonly address: number;
  readonly base: number;
  readonly pc: number;
  readonly closure: number;
  readonly results: number;
  readonly kind: number;
  readonly varargs: number;
  readonly top: number;
}

/** A value in a slot of the heap: its tag, and where its payload is. */
export interface FoundValue {
  readonly tag: number;
  readonly address: number;
}

export class HeapReader {
  constructor(
    readonly memory: Memory,
    readonly core: CoreExports,
  ) {}

  u32(address: number): number {
    return this.memory.load(address);
  }

  tag(slot: number): number {
    return this.memory.load(slot + SLOT_TAG);
  }

  int(slot: number): bigint {
    return this.memory.i64[slot >>> 3]!;
  }

  float(slot: number): number {
    return this.memory.f64[slot >>> 3]!;
  }

  pointer(slot: number): number {
    return this.memory.load(slot);
  }

  // ---- Threads and frames

  get thread(): number {
    return this.memory.load(VM_THREAD);
  }

  /** Has a hook been set? Single steps would leave it out. */
  get isHooked(): boolean {
    return this.memory.load(this.thread + THREAD_HOOK_MASK) !== 0;
  }

  get stack(): number {
    return this.memory.load(this.thread + THREAD_STACK);
  }

  get stackTop(): number {
    return this.memory.load(this.thread + THREAD_TOP);
  }

  get frame(): FrameView {
    return this.frameAt(this.memory.load(this.thread + THREAD_FRAME));
  }

  frameAt(address: number): FrameView {
    const load = (offset: number): number => this.memory.load(address + offset);
    return {
      address,
      base: load(FRAME_BASE),
      pc: load(FRAME_PC),
      closure: load(FRAME_CLOSURE),
      results: load(FRAME_RESULTS) | 0,
      kind: load(FRAME_KIND),
      varargs: load(FRAME_VARARGS),
      top: load(FRAME_TOP),
    };
  }

  /** Slots between a frame's own function slot and the one it was called in: not 0 once a vararg function has moved its frame. */
  varargRoom({ closure, pc }: FrameView, varargs: number): number {
    const proto = this.protoOf(closure);
    const hasMoved = this.u32(proto + PROTO_IS_VARARG) !== 0 && pc !== this.u32(proto + PROTO_CODE);
    return hasMoved ? this.u32(proto + PROTO_PARAMETER_COUNT) + varargs + 1 : 0;
  }

  // ---- Functions

  protoOf(closure: number): number {
    return this.memory.load(closure + CLOSURE_PROTO);
  }

  upvalueCount(closure: number): number {
    return this.memory.load(closure + CLOSURE_UPVALUE_COUNT);
  }

  upvalueOf(closure: number, index: number): number {
    return this.memory.load(closure + CLOSURE_UPVALUES + 4 * index);
  }

  locationOf(upvalue: number): number {
    return this.memory.load(upvalue + UPVALUE_LOCATION);
  }

  /** Slots of the running thread from `base` up that open upvalues point to. */
  openLocations(base: number): readonly number[] {
    const locations: number[] = [];
    for (let upvalue = this.u32(this.thread + THREAD_OPEN_UPVALUES); upvalue !== 0; upvalue = this.u32(upvalue + UPVALUE_NEXT)) {
      if (this.locationOf(upvalue) < base) break;
      locations.push(this.locationOf(upvalue));
    }
    return locations;
  }

  // ---- Strings

  stringLength(string: number): number {
    return this.memory.load(string + STRING_LENGTH);
  }

  /** Interned, so that the same text is the same object. */
  isShort(string: number): boolean {
    return (this.flags(string) & STRING_SHORT) !== 0;
  }

  /** For strings: not 0 for the names of metamethods. */
  extra(object: number): number {
    return this.memory.loadByte(object + OBJECT_EXTRA);
  }

  // ---- Tables and shapes

  get globals(): number {
    return this.memory.load(VM_GLOBALS);
  }

  shape(table: number): number {
    return this.memory.load(table + TABLE_SHAPE);
  }

  metatable(table: number): number {
    return this.memory.load(table + TABLE_METATABLE);
  }

  arrayKind(table: number): number {
    return this.memory.loadByte(table + TABLE_KIND);
  }

  arrayLength(table: number): number {
    return this.memory.load(table + TABLE_ARRAY_LENGTH);
  }

  dictionarySize(table: number): number {
    return this.memory.load(table + TABLE_DICT_SIZE);
  }

  shapeMetatable(shape: number): number {
    return this.memory.load(shape + SHAPE_METATABLE);
  }

  /**
   * Does a shape (0: none) say which metamethods its tables have, as long as the metatable epoch is the same? Not once tables whose
   * metatables had one representative differ (src/core/objects/metatable-equivalence.ts).
   */
  shapeProvesMetamethods(shape: number): boolean {
    if (shape === 0) return false;
    const metatable = this.shapeMetatable(shape);
    return metatable === 0 || (this.flags(metatable) & TABLE_IS_OUTDATED) === 0;
  }

  /** Will shapes name a representative for this table as a metatable? */
  hasRepresentative(metatable: number): boolean {
    return (this.flags(metatable) & TABLE_IS_REPRESENTED) !== 0;
  }

  /** Is this a table with nothing but `__index` among its string keys, as those made for one object each mostly are? */
  saysOnlyIndex(metatable: number): boolean {
    const shape = this.shape(metatable);
    return shape !== 0 && this.shapeCount(shape) === 1 && this.shapeKey(shape) === this.eventName('index');
  }

  flags(object: number): number {
    return this.memory.loadByte(object + OBJECT_FLAGS);
  }

  shapeParent(shape: number): number {
    return this.memory.load(shape + SHAPE_PARENT);
  }

  shapeKey(shape: number): number {
    return this.memory.load(shape + SHAPE_KEY);
  }

  shapeCount(shape: number): number {
    return this.memory.load(shape + SHAPE_COUNT);
  }

  /** Slot index of a short string in a shape, -1 if it has no such key. Walks the parents: cold. */
  shapeLookup(shape: number, key: number): number {
    for (let at = shape; at !== 0; at = this.shapeParent(at)) {
      if (this.shapeKey(at) === key) return this.shapeCount(at) - 1;
    }
    return -1;
  }

  /** Address of record slot `index`. */
  recordSlot(table: number, index: number): number {
    return this.memory.load(table + TABLE_SLOTS) + index * 16;
  }

  /** Raw get of a short string: the value is copied to host scratch. */
  getString(table: number, key: number): FoundValue {
    this.core.tableGetString(table, key, SCRATCH_RECORDED);
    return { tag: this.tag(SCRATCH_RECORDED), address: SCRATCH_RECORDED };
  }

  /** Raw get of any key: the value is copied to host scratch. */
  get(table: number, keySlot: number): FoundValue {
    this.core.tableGet(table, keySlot, SCRATCH_RECORDED);
    return { tag: this.tag(SCRATCH_RECORDED), address: SCRATCH_RECORDED };
  }

  /** Raw get of an integer. */
  getInteger(table: number, index: bigint): FoundValue {
    this.memory.i64[SCRATCH_RECORDED_KEY >>> 3] = index;
    this.memory.store(SCRATCH_RECORDED_KEY + SLOT_TAG, TAG_INT);
    return this.get(table, SCRATCH_RECORDED_KEY);
  }

  eventName(event: MetamethodName): number {
    return this.memory.load(VM_EVENT_NAMES + 4 * METAMETHODS.indexOf(event));
  }

  /** The metamethod in a metatable (0 = none); its value is copied to host scratch. */
  metamethod(metatable: number, event: MetamethodName): FoundValue {
    if (metatable === 0) return NOTHING;
    return this.getString(metatable, this.eventName(event));
  }

  get metatableEpoch(): number {
    return this.memory.load(VM_METATABLE_EPOCH);
  }
}

/** Nil. */
const NOTHING: FoundValue = { tag: TAG_NIL, address: 0 };
