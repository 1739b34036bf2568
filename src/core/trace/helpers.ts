/**
 * Helpers compiled code calls (jit/ir/helper-table.ts), beyond those the modules themselves offer. They never collect, and report failure instead
 * of raising: the trace then leaves in front of the operation and the interpreter repeats it and raises the error.
 */
import {
  SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_STRING,
  VM_BYTES_LIMIT, VM_BYTES_USED, VM_THREAD, VM_TRACE_SCRATCH,
} from '../../bytecode/layout';
import { barrierObject } from '../collect/cycle';
import { joinStrings } from '../run/concat';
import { closeUpvalues, instantiate } from '../objects/function';
import { tryReallocateRaw } from '../memory/heap';
import { numberToString } from '../number/print';
import { compareStrings, equalStrings, tryNewString } from '../objects/string';
import { tableAppendValues, tableNext, tableRecordSlot, trySetMetatable } from '../objects/table';
import { isNil, pointerOf, setNil, setObject, tagOf } from '../objects/value';

/** Room that must be left under the memory limit for a helper whose allocations raise: it then surely does not. */
const HEADROOM: u64 = 65536;

function hasRoom(bytes: u64): bool {
  const limit = load<u32>(VM_BYTES_LIMIT);
  return limit == 0 || bytes + HEADROOM + load<u32>(VM_BYTES_USED) <= limit;
}

/** Makes sure that a table has a record slot `index`. @returns 0 if out of memory */
export function traceSlotRoom(table: u32, index: u32): i32 {
  const capacity = load<u32>(table, TABLE_SLOT_CAPACITY);
  if (index < capacity) return 1;
  const wanted = max(capacity * 2, max(index + 1, 4));
  const slots = tryReallocateRaw(load<u32>(table, TABLE_SLOTS), capacity * SLOT_SIZE, wanted * SLOT_SIZE);
  if (!slots) return 0;
  for (let i = capacity; i < wanted; i++) setNil(slots + i * SLOT_SIZE);
  store<u32>(table, slots, TABLE_SLOTS);
  store<u32>(table, wanted, TABLE_SLOT_CAPACITY);
  return 1;
}

/** Write barrier: a black `owner` now refers to `object`. */
export function traceBarrier(owner: u32, object: u32): void {
  barrierObject(owner, object);
}

/** Address of the value slot of a short-string key, 0 if absent or nil. */
export function traceTableGetString(table: u32, name: u32): u32 {
  const slot = tableRecordSlot(table, name);
  return slot && !isNil(slot) ? slot : 0;
}

/** next(table, key in the slot at `key`): key and value into that slot and the one behind. @returns 1, or 0 at the end */
export function traceNext(table: u32, key: u32): i32 {
  return tableNext(table, key, key) ? 1 : 0;
}

/** A closure of `proto` in the running frame, whose slots up to the ones it captures are in memory. */
export function traceNewClosure(proto: u32, base: u32, enclosing: u32): u32 {
  return hasRoom(0) ? instantiate(load<u32>(VM_THREAD), proto, enclosing, base) : 0;
}

/** Closes the open upvalues of slots from `level` up, whose values are in memory. */
export function traceCloseUpvalues(level: u32): void {
  closeUpvalues(load<u32>(VM_THREAD), level);
}

/** table[last + 1], ..., table[last + count] := the values in scratch slots 0..count-1. @returns 0 if out of memory */
export function traceAppendValues(table: u32, last: u32, count: u32): i32 {
  if (!hasRoom(count * 32)) return 0;
  tableAppendValues(table, last, VM_TRACE_SCRATCH, count);
  return 1;
}

/** Joins the strings and numbers in scratch slots 0..count-1. */
export function traceConcat(count: u32): u32 {
  let total: u64 = 0;
  if (!hasRoom(0)) return 0;
  for (let i: u32 = 0; i < count; i++) {
    const slot = VM_TRACE_SCRATCH + i * SLOT_SIZE;
    if (tagOf(slot) != TAG_STRING) setObject(slot, TAG_STRING, numberToString(slot));
    total += load<u32>(pointerOf(slot), STRING_LENGTH);
  }
  return hasRoom(total) && total < 0x7fffff00 ? joinStrings(VM_TRACE_SCRATCH, count) : 0;
}

/** tostring of the number in scratch slot `index`. */
export function traceToString(index: u32): u32 {
  return hasRoom(0) ? numberToString(VM_TRACE_SCRATCH + index * SLOT_SIZE) : 0;
}

/** string.sub(s, from, to). */
export function traceSubstring(s: u32, from: i64, to: i64): u32 {
  const length = <i64>load<u32>(s, STRING_LENGTH);
  if (from < 0) from = max<i64>(length + from + 1, 1);
  else if (from == 0) from = 1;
  if (to > length) to = length;
  else if (to < 0) to = length + to + 1;
  if (from > to) return tryNewString(s, 0);
  if (from == 1 && to == length) return s;
  return tryNewString(s + STRING_BYTES + <u32>(from - 1), <u32>(to - from + 1));
}

/** string.char of one code. */
export function traceChar(code: i64): u32 {
  const scratch: u32 = VM_TRACE_SCRATCH;
  store<u8>(scratch, <u8>code);
  return tryNewString(scratch, 1);
}

export function traceEqualStrings(a: u32, b: u32): i32 {
  return equalStrings(a, b) ? 1 : 0;
}

export function traceCompareStrings(a: u32, b: u32): i32 {
  return compareStrings(a, b);
}

/** setmetatable without the check of `__metatable`. */
export function traceSetMetatable(table: u32, metatable: u32): i32 {
  return hasRoom(0) && trySetMetatable(table, metatable) ? 1 : 0;
}
