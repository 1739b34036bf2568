/**
 * Helpers compiled code calls (jit/ir/helper-table.ts), beyond those the modules themselves offer. They never collect, and report failure instead
 * of raising: the trace then leaves in front of the operation and the interpreter repeats it and raises the error. None of them calls anything
 * that may raise: test/core/trace/helpers.test.ts proves it on the call graph.
 */
import { SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_STRING, VM_THREAD, VM_TRACE_SCRATCH } from '../../bytecode/layout';
import { barrierObject } from '../memory/colour';
import { tryReallocateRaw } from '../memory/heap';
import { tryNumberToString } from '../number/print';
import { closeUpvalues, tryInstantiate } from '../objects/function';
import { trySetMetatable } from '../objects/metatable';
import { AT_ONCE } from '../base/pieces';
import { compareStrings, equalStrings, tryNewString } from '../strings/string';
import { tryAppendValues } from '../objects/table';
import { forgetRefused } from '../objects/table-draft';
import { tryNext } from '../objects/table-next';
import { tableRecordSlot } from '../objects/table-record';
import { isNil, setNil, setObject, tagOf } from '../base/value';
import { tryJoinStrings } from '../run/concat';

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

/** next(table, key in the slot at `key`): key and value into that slot and the one behind. @returns 1; 0 at the end; -1 for a key the table does not have */
export function traceNext(table: u32, key: u32): i32 {
  return tryNext(table, key, key);
}

/** A closure of `proto` in the running frame, whose slots up to the ones it captures are in memory. */
export function traceNewClosure(proto: u32, base: u32, enclosing: u32): u32 {
  return tryInstantiate(load<u32>(VM_THREAD), proto, enclosing, base);
}

/** Closes the open upvalues of slots from `level` up, whose values are in memory. */
export function traceCloseUpvalues(level: u32): void {
  closeUpvalues(load<u32>(VM_THREAD), level);
}

/** table[last + 1], ..., table[last + count] := the values in scratch slots 0..count-1. @returns 0 if out of memory */
export function traceAppendValues(table: u32, last: u32, count: u32): i32 {
  return i32(tryAppendValues(table, last, VM_TRACE_SCRATCH, count) || forgetRefused());
}

/** Joins the strings and numbers in scratch slots 0..count-1. */
export function traceConcat(count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const slot = VM_TRACE_SCRATCH + i * SLOT_SIZE;
    if (tagOf(slot) == TAG_STRING) continue;
    const text = tryNumberToString(slot);
    if (!text) return 0;
    setObject(slot, TAG_STRING, text);
  }
  return tryJoinStrings(VM_TRACE_SCRATCH, count);
}

/** tostring of the number in scratch slot `index`. */
export function traceToString(index: u32): u32 {
  return tryNumberToString(VM_TRACE_SCRATCH + index * SLOT_SIZE);
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
  // What is long is copied with looks at limits, by the interpreter.
  return to - from >= <i64>AT_ONCE ? 0 : tryNewString(s + STRING_BYTES + <u32>(from - 1), <u32>(to - from + 1));
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
  return i32(trySetMetatable(table, metatable) || forgetRefused());
}
