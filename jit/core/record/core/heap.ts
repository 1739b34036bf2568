/**
 * What the recorder reads from the VM's memory: value slots, frames, prototypes, tables and shapes, as they are while the program is being single-stepped.
 * Owns no state; every answer is only good until the next step.
 */
import {
  CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT, FRAME_BASE, FRAME_CLOSURE, FRAME_PC, FRAME_TOP, OBJECT_EXTRA, OBJECT_FLAGS, PROTO_CODE, PROTO_IS_VARARG,
  PROTO_PARAMETER_COUNT, SHAPE_COUNT, SHAPE_KEY, SHAPE_METATABLE, SHAPE_PARENT, SLOT_SIZE, SLOT_TAG, STRING_LENGTH, STRING_SHORT,
  TABLE_ARRAY_LENGTH, TABLE_DICT_SIZE, TABLE_IS_OUTDATED, TABLE_IS_REPRESENTED, TABLE_KIND, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_INT, TAG_NIL,
  THREAD_FRAME, THREAD_HOOK_MASK, THREAD_OPEN_UPVALUES, THREAD_STACK, THREAD_TOP, UPVALUE_LOCATION, UPVALUE_NEXT, VM_EVENT_NAMES, VM_GLOBALS, VM_METATABLE_EPOCH, VM_THREAD,
} from '../../../../src/bytecode/layout';
import { EVENT_INDEX } from '../../../../src/core/generated/metamethods';
import { SCRATCH_RECORDED, SCRATCH_RECORDED_KEY } from '../../generated/host-scratch';
import { load32, load64, load8, loadFloat, store32, store64, tableGet, tableGetString } from '../../base/host';

export { SCRATCH_RECORDED };

function word(address: u32): u32 {
  return load32(address);
}

export { word as u32 };

export function byte(address: u32): u32 {
  return load8(address);
}

export function tag(slot: u32): u32 {
  return load32(slot + SLOT_TAG);
}

export function int(slot: u32): i64 {
  return load64(slot);
}

export function float(slot: u32): f64 {
  return loadFloat(slot);
}

export function pointer(slot: u32): u32 {
  return load32(slot);
}

// ---- Threads and frames

/** A frame as it stands in memory. */
export class FrameView {
  base: u32;
  pc: u32;
  closure: u32;
  top: u32;

  constructor(public address: u32) {
    this.base = load32(address + FRAME_BASE);
    this.pc = load32(address + FRAME_PC);
    this.closure = load32(address + FRAME_CLOSURE);
    this.top = load32(address + FRAME_TOP);
  }
}

/** Has a hook been set? Single steps would leave it out. */
export function isHooked(): bool {
  return load32(thread() + THREAD_HOOK_MASK) != 0;
}

export function thread(): u32 {
  return load32(VM_THREAD);
}

export function stack(): u32 {
  return load32(thread() + THREAD_STACK);
}

export function stackTop(): u32 {
  return load32(thread() + THREAD_TOP);
}

export function frame(): FrameView {
  return new FrameView(load32(thread() + THREAD_FRAME));
}

/** Where the program stands. */
export function pc(): u32 {
  return load32(load32(thread() + THREAD_FRAME) + FRAME_PC);
}

/** Slots between a frame's own function slot and the one it was called in: not 0 once a vararg function has moved its frame. */
export function varargRoom(frame: FrameView, varargs: i32): i32 {
  const proto = protoOf(frame.closure);
  const hasMoved = load32(proto + PROTO_IS_VARARG) != 0 && frame.pc != load32(proto + PROTO_CODE);
  return hasMoved ? <i32>load32(proto + PROTO_PARAMETER_COUNT) + varargs + 1 : 0;
}

// ---- Functions

export function protoOf(closure: u32): u32 {
  return load32(closure + CLOSURE_PROTO);
}

export function upvalueCount(closure: u32): u32 {
  return load32(closure + CLOSURE_UPVALUE_COUNT);
}

export function upvalueOf(closure: u32, index: i32): u32 {
  return load32(closure + CLOSURE_UPVALUES + 4 * <u32>index);
}

export function locationOf(upvalue: u32): u32 {
  return load32(upvalue + UPVALUE_LOCATION);
}

/** Slots of the running thread from `base` up that open upvalues point to. */
export function openLocations(base: u32): Array<u32> {
  const locations: Array<u32> = [];
  for (let upvalue = load32(thread() + THREAD_OPEN_UPVALUES); upvalue != 0; upvalue = load32(upvalue + UPVALUE_NEXT)) {
    const location = locationOf(upvalue);
    if (location < base) break;
    locations.push(location);
  }
  return locations;
}

// ---- Strings

export function stringLength(string: u32): u32 {
  return load32(string + STRING_LENGTH);
}

/** Interned, so that the same text is the same object. */
export function isShort(string: u32): bool {
  return (flags(string) & STRING_SHORT) != 0;
}

/** For strings: not 0 for the names of metamethods. */
export function extra(object: u32): u32 {
  return load8(object + OBJECT_EXTRA);
}

// ---- Tables and shapes

export function globals(): u32 {
  return load32(VM_GLOBALS);
}

export function shape(table: u32): u32 {
  return load32(table + TABLE_SHAPE);
}

export function metatable(table: u32): u32 {
  return load32(table + TABLE_METATABLE);
}

export function arrayKind(table: u32): u32 {
  return load8(table + TABLE_KIND);
}

export function arrayLength(table: u32): u32 {
  return load32(table + TABLE_ARRAY_LENGTH);
}

export function dictionarySize(table: u32): u32 {
  return load32(table + TABLE_DICT_SIZE);
}

export function shapeMetatable(shape: u32): u32 {
  return load32(shape + SHAPE_METATABLE);
}

/**
 * Does a shape (0: none) say which metamethods its tables have, as long as the metatable epoch is the same? Not once tables whose
 * metatables had one representative differ (src/core/objects/metatable-equivalence.ts).
 */
export function shapeProvesMetamethods(shape: u32): bool {
  if (shape == 0) return false;
  const metatable = shapeMetatable(shape);
  return metatable == 0 || (flags(metatable) & TABLE_IS_OUTDATED) == 0;
}

/** Will shapes name a representative for this table as a metatable? */
export function hasRepresentative(metatable: u32): bool {
  return (flags(metatable) & TABLE_IS_REPRESENTED) != 0;
}

/** Is this a table with nothing but `__index` among its string keys, as those made for one object each mostly are? */
export function saysOnlyIndex(metatable: u32): bool {
  const itsShape = shape(metatable);
  return itsShape != 0 && shapeCount(itsShape) == 1 && shapeKey(itsShape) == eventName(EVENT_INDEX);
}

export function flags(object: u32): u32 {
  return load8(object + OBJECT_FLAGS);
}

export function shapeParent(shape: u32): u32 {
  return load32(shape + SHAPE_PARENT);
}

export function shapeKey(shape: u32): u32 {
  return load32(shape + SHAPE_KEY);
}

export function shapeCount(shape: u32): i32 {
  return load32(shape + SHAPE_COUNT);
}

/** Slot index of a short string in a shape, -1 if it has no such key. Walks the parents: cold. */
export function shapeLookup(shape: u32, key: u32): i32 {
  for (let at = shape; at != 0; at = shapeParent(at)) {
    if (shapeKey(at) == key) return shapeCount(at) - 1;
  }
  return -1;
}

/** Address of record slot `index`. */
export function recordSlot(table: u32, index: i32): u32 {
  return load32(table + TABLE_SLOTS) + <u32>index * SLOT_SIZE;
}

/** Raw get of a short string: the value is copied to SCRATCH_RECORDED. @returns its tag */
export function getString(table: u32, key: u32): u32 {
  tableGetString(table, key, SCRATCH_RECORDED);
  return tag(SCRATCH_RECORDED);
}

/** Raw get of any key: the value is copied to SCRATCH_RECORDED. @returns its tag */
export function get(table: u32, keySlot: u32): u32 {
  tableGet(table, keySlot, SCRATCH_RECORDED);
  return tag(SCRATCH_RECORDED);
}

/** Raw get of an integer. @returns the tag of the value, which is copied to SCRATCH_RECORDED */
export function getInteger(table: u32, index: i64): u32 {
  store64(SCRATCH_RECORDED_KEY, index);
  store32(SCRATCH_RECORDED_KEY + SLOT_TAG, TAG_INT);
  return get(table, SCRATCH_RECORDED_KEY);
}

/** @param event EVENT_* */
export function eventName(event: u32): u32 {
  return load32(VM_EVENT_NAMES + 4 * event);
}

/** The metamethod in a metatable (0 = none); its value is copied to SCRATCH_RECORDED. @param event EVENT_* @returns its tag */
export function metamethod(metatable: u32, event: u32): u32 {
  return metatable == 0 ? TAG_NIL : getString(metatable, eventName(event));
}

export function metatableEpoch(): u32 {
  return load32(VM_METATABLE_EPOCH);
}
