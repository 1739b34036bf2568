/**
 * Tables: dispatch over the three parts (record, array, dictionary; drawn in layout.ts), the record part itself, metatables, and the
 * helpers of compiled code. All accesses here are raw.
 *
 * Which part a key belongs to: short strings to the record part while the table has a shape, else to the dictionary; integers up to the
 * array's length, and the one behind it, to the array; all others to the dictionary. A table leaves its shape for good when it has too
 * many fields, when its shape has too many transitions, or when fields come from computed keys (a table used as a map).
 *
 * Every write allocates before it changes anything: functions named try... return false when memory ran out (or the key is bad), and
 * the table's contents are then as they were; the others raise the error. `value` and `result` must not lie inside the table's own parts.
 */
import {
  ARRAY_EMPTY, DICT_NODE_VALUE, OBJECT_EXTRA, OBJECT_FLAGS, SHAPE_COUNT, SLOT_SIZE, STRING_SHORT, TABLE_ABSENT, TABLE_IS_METATABLE, TABLE_SHAPE, TABLE_SLOTS,
  TABLE_SLOT_CAPACITY, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_STRING, VM_GLOBALS, VM_METATABLE_EPOCH,
} from '../../bytecode/layout';
import { throwMemoryError, throwRuntimeText } from '../base/raise';
import { barrier, barrierField } from '../memory/colour';
import { tryReallocateRaw } from '../memory/heap';
import { charge } from '../base/budget';
import { leaveRepresentative } from './metatable-equivalence';
import { MAX_FIELDS, MAX_GLOBAL_FIELDS, hasTransition, shapeLookup, shapeTransition } from './shape';
import { tryAppend } from './table-append';
import { arrayGetFast, arrayKind, arrayLength, hasDictIntegers, tryAppendRun, tryEnsureArray, tryReserveArray, trySetElement } from './table-array';
import { canonicalPayload, findExact, findInteger, findKey, tryInSteps, tryLeaveShape, trySetInDictionary } from './table-dictionary';
import { forgetRefused } from './table-draft';
import { tryNewTable } from './table-new';
import { tableRecordSlot } from './table-record';
import { copyValue, floatOf, intOf, isNil, pointerOf, setNil, tagOf } from '../base/value';

export { arrayGetFast, arraySetFast } from './table-array';
export { tableNext, tryNext } from './table-next';

const MIN_SLOTS: u32 = 4;
/** A table with this many fields is taken for a map when a computed key asks for a shape that does not exist yet. */
const MAX_COMPUTED_FIELDS: u32 = 16;

// ---- Keys

/** A float key's integer, if it has one: `key` is then stored in `integer`. */
// @ts-ignore: decorator
@inline function isIntegral(key: f64): bool { return key >= -9223372036854775808.0 && key < 9223372036854775808.0 && trunc(key) == key; }

// @ts-ignore: decorator
@inline function isShort(s: u32): bool { return (load<u8>(s, OBJECT_FLAGS) & STRING_SHORT) != 0; }

// ---- Reading

// @ts-ignore: decorator
@inline function readNode(node: u32, result: u32): void {
  if (node) copyValue(result, node + DICT_NODE_VALUE);
  else setNil(result);
}

/** result := table[key] */
export function tableGetInt(table: u32, key: i64, result: u32): void {
  if (!arrayGetFast(table, key, result)) readNode(findInteger(table, key), result);
}

/** result := table[key] for a short string. */
export function tableGetString(table: u32, key: u32, result: u32): void {
  const slot = tableRecordSlot(table, key);
  if (slot) copyValue(result, slot);
  else setNil(result);
}

/** result := table[key] for any string. */
export function tableGetAnyString(table: u32, key: u32, result: u32): void {
  if (isShort(key)) tableGetString(table, key, result);
  else readNode(findKey(table, TAG_STRING, key), result);
}

/** Address of the slot of a key that the array part has no value of, 0 if there is none; it may hold nil. @param tag of the key, neither a float's nor nil */
// @ts-ignore: decorator
@inline export function slotOutsideArray(table: u32, tag: u32, key: u32): u32 {
  let node: u32;
  if (tag == TAG_STRING && isShort(pointerOf(key))) {
    if (load<u32>(table, TABLE_SHAPE)) return tableRecordSlot(table, pointerOf(key));
    node = findExact(table, TAG_STRING, load<u64>(key));
  } else if (tag == TAG_INT) node = findExact(table, TAG_INT, load<u64>(key));
  else node = findKey(table, tag, canonicalPayload(tag, key));
  return node ? node + DICT_NODE_VALUE : 0;
}

/** result := table[key]; `result` may be the key's slot. */
export function tableGet(table: u32, key: u32, result: u32): void {
  const tag = tagOf(key);
  switch (tag) {
    case TAG_INT: tableGetInt(table, intOf(key), result); break;
    case TAG_STRING: tableGetAnyString(table, pointerOf(key), result); break;
    case TAG_NIL: setNil(result); break;
    case TAG_FLOAT: {
      const number = floatOf(key);
      if (isIntegral(number)) {
        tableGetInt(table, <i64>number, result);
        break;
      }
      readNode(findKey(table, tag, load<u64>(key)), result);
      break;
    }
    default: readNode(findKey(table, tag, canonicalPayload(tag, key)), result);
  }
}

/** #table without metamethods: a border. */
// @ts-ignore: decorator
@inline export function tableLength(table: u32): i64 { return <i64>arrayLength(table); }

// ---- Writing

/** table[key] := value; false when memory ran out. */
export function trySetInt(table: u32, key: i64, value: u32): bool {
  const index = <u64>(key - 1);
  const length = <u64>arrayLength(table);
  if (index < length) return trySetElement(table, <u32>index, value);
  if (index == length && !isNil(value)) return tryAppend(table, value);
  return trySetInDictionary(table, TAG_INT, <u64>key, value);
}

/** A store of this key into a metatable changes what metamethods there are: caches must hear of it. */
// @ts-ignore: decorator
@inline function noteMetamethod(table: u32, key: u32): void {
  if (!load<u8>(key, OBJECT_EXTRA) || !(load<u8>(table, OBJECT_FLAGS) & TABLE_IS_METATABLE)) return;
  leaveRepresentative(table);
  store<u32>(table, 0, TABLE_ABSENT);
  store<u32>(VM_METATABLE_EPOCH, load<u32>(VM_METATABLE_EPOCH) + 1);
}

/** table[key] := value for a short string; false when memory ran out. */
function trySetString(table: u32, key: u32, value: u32): bool { return trySetField(table, key, value, false); }

/** @param computed the key is not a constant of the program */
function trySetField(table: u32, key: u32, value: u32, computed: bool): bool {
  noteMetamethod(table, key);
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    const index = shapeLookup(shape, key);
    if (index >= 0) {
      copyValue(load<u32>(table, TABLE_SLOTS) + index * SLOT_SIZE, value);
      barrier(table, value);
      return true;
    }
    if (isNil(value)) return true;
    const child = childFor(table, shape, key, computed);
    if (child) return tryAddField(table, shape, child, value);
    if (!tryLeaveShape(table)) return false;
  }
  return trySetInDictionary(table, TAG_STRING, key, value);
}

/** The shape with one field more, 0 if the table should rather leave its shape. */
function childFor(table: u32, shape: u32, key: u32, computed: bool): u32 {
  const count = load<u32>(shape, SHAPE_COUNT);
  const isGlobals = table == load<u32>(VM_GLOBALS);
  if (count >= (isGlobals ? MAX_GLOBAL_FIELDS : MAX_FIELDS)) return 0;
  if (computed && count >= MAX_COMPUTED_FIELDS && !isGlobals && !hasTransition(shape, key)) return 0;
  return shapeTransition(shape, key);
}

function tryAddField(table: u32, shape: u32, child: u32, value: u32): bool {
  const count = load<u32>(shape, SHAPE_COUNT);
  const capacity = load<u32>(table, TABLE_SLOT_CAPACITY);
  if (count >= capacity) {
    const grown = max(capacity * 2, MIN_SLOTS);
    const slots = tryReallocateRaw(load<u32>(table, TABLE_SLOTS), capacity * SLOT_SIZE, grown * SLOT_SIZE);
    if (!slots) return false;
    store<u32>(table, slots, TABLE_SLOTS);
    store<u32>(table, grown, TABLE_SLOT_CAPACITY);
  }
  copyValue(load<u32>(table, TABLE_SLOTS) + count * SLOT_SIZE, value);
  store<u32>(table, child, TABLE_SHAPE);
  barrierField(table, value);
  return true;
}

/** table[key] := value; false when memory ran out or the key is nil or NaN. */
export function trySet(table: u32, key: u32, value: u32): bool {
  const tag = tagOf(key);
  switch (tag) {
    case TAG_INT: return trySetInt(table, intOf(key), value);
    case TAG_STRING: {
      const s = pointerOf(key);
      return isShort(s) ? trySetField(table, s, value, true) : trySetInDictionary(table, TAG_STRING, s, value);
    }
    case TAG_NIL: return false;
    case TAG_FLOAT: {
      const number = floatOf(key);
      if (isIntegral(number)) return trySetInt(table, <i64>number, value);
      return number == number && trySetInDictionary(table, tag, load<u64>(key), value);
    }
    default: return trySetInDictionary(table, tag, canonicalPayload(tag, key), value);
  }
}

/** table[key] := value. Raises "table index is nil", "table index is NaN", "not enough memory". */
export function tableSet(table: u32, key: u32, value: u32): void {
  while (!trySet(table, key, value)) {
    if (isNil(key)) throwRuntimeText('table index is nil');
    if (tagOf(key) == TAG_FLOAT && floatOf(key) != floatOf(key)) throwRuntimeText('table index is NaN');
    if (!tryInSteps(table)) throwMemoryError();
  }
}

export function tableSetInt(table: u32, key: i64, value: u32): void {
  while (!trySetInt(table, key, value)) if (!tryInSteps(table)) throwMemoryError();
}

/** For short strings. */
export function tableSetString(table: u32, key: u32, value: u32): void {
  while (!trySetString(table, key, value)) if (!tryInSteps(table)) throwMemoryError();
}

/** Room for `count` array elements in all. */
export function tableReserveArray(table: u32, count: u32): void {
  while (!tryReserveArray(table, count)) if (!tryInSteps(table)) throwMemoryError();
}

/** SETLIST: table[last + 1], ..., table[last + count] := the values in consecutive slots. */
export function tableAppendValues(table: u32, last: u32, values: u32, count: u32): void {
  while (!tryAppendValues(table, last, values, count)) if (!tryInSteps(table)) throwMemoryError();
}

/** The same; false when memory ran out: some may be stored then. */
export function tryAppendValues(table: u32, last: u32, values: u32, count: u32): bool {
  if (!count) return true;
  charge(count);
  if (last >= arrayLength(table) && !hasDictIntegers(table)) return tryAppendRun(table, last, values, count);
  for (let i: u32 = 0; i < count; i++) if (!trySetInt(table, <i64>last + 1 + i, values + i * SLOT_SIZE)) return false;
  return true;
}

/** Gives up the table's shape. */
export function tableToDictionaryMode(table: u32): void {
  if (!tryLeaveShape(table) && !tryInSteps(table)) throwMemoryError();
}

// ---- Helpers of compiled code: they never throw. 1 = done, 0 = could not, the table's contents are unchanged.

export function traceTableGet(table: u32, key: u32, result: u32): i32 {
  tableGet(table, key, result);
  return 1;
}

export function traceTableSet(table: u32, key: u32, value: u32): i32 { return i32(trySet(table, key, value) || forgetRefused()); }

/** Room for one more element of the array's present kind. */
export function traceAppendGrow(table: u32): i32 {
  const kind = arrayKind(table);
  return i32((kind != ARRAY_EMPTY && tryEnsureArray(table, kind, arrayLength(table) + 1)) || forgetRefused());
}

/** A new table, 0 when memory ran out. */
export function traceNewTable(arraySize: u32, recordSize: u32): u32 { return tryNewTable(arraySize, recordSize); }
