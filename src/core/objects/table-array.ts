/**
 * The array part of tables: keys 1..TABLE_ARRAY_LENGTH, without tags where all values are integers or all are floats.
 *
 *   INT, FLOAT   payload[capacity] (8 bytes each), no nils below the length
 *   MIXED        payload[capacity] | tag byte[capacity]; nils allowed below the length, not at it
 *   EMPTY        nothing allocated; the capacity is what the first store will allocate
 *
 * Invariants: see layout.ts. The kind only goes EMPTY -> INT or FLOAT -> MIXED, except that an array of length 0 may change between INT and
 * FLOAT, and that a MIXED array that is mostly holes when it should grow is spilled into the dictionary (a queue whose head moves on
 * would else grow for ever). The key behind the length is never in the dictionary: appending fetches it, and those after it, from there.
 *
 * Functions named try... return false when memory ran out and then have not changed the table's contents.
 * A value slot must not lie inside the table's own parts, which may move.
 */
import {
  ARRAY_EMPTY, ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, OBJECT_FLAGS, SLOT_TAG, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT_INTEGERS,
  TABLE_KIND, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_STRING, VM_DRAFT, VM_REFUSED,
} from '../../bytecode/layout';
import { barrier, barrierValues } from '../memory/colour';
import { freeRaw } from '../memory/free';
import { mayAllocateRaw, resizeInPlace, tryReallocateRaw } from '../memory/heap';
import { arrayBytes } from '../memory/release';
import { keepSpare, tryTakeSpare } from '../memory/spare';
import { charge } from '../base/budget';
import { tagOf } from '../base/value';
import { ELEMENTS_AT_ONCE, LARGE_ARRAY, RESHAPE, refuse, stepOn } from './table-draft';

const MIN_CAPACITY: u32 = 4;
/** Beyond this many elements arrays grow by half instead of doubling. */
const DOUBLING_LIMIT: u32 = 1 << 16;
/** The least part of its size by which a large array grows: a 64th, as a power of two. */
const LEAST_STEP_SHIFT: u32 = 6;
export const MAX_ARRAY: u32 = 1 << 28;

// @ts-ignore: decorator
@inline export function arrayLength(table: u32): u32 { return load<u32>(table, TABLE_ARRAY_LENGTH); }
// @ts-ignore: decorator
@inline export function arrayKind(table: u32): u32 { return load<u8>(table, TABLE_KIND); }
// @ts-ignore: decorator
@inline export function elementAddress(table: u32, index: u32): u32 { return load<u32>(table, TABLE_ARRAY) + index * 8; }
/** Address of the tag byte of element `index` (0-based) of a MIXED array. */
// @ts-ignore: decorator
@inline export function elementTagAddress(table: u32, index: u32): u32 {
  return load<u32>(table, TABLE_ARRAY) + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8 + index;
}
// @ts-ignore: decorator
@inline export function hasDictIntegers(table: u32): bool { return (load<u8>(table, OBJECT_FLAGS) & TABLE_DICT_INTEGERS) != 0; }
/** Kind of array that holds values of this tag without tags, or MIXED. */
// @ts-ignore: decorator
@inline export function kindOfTag(tag: u32): u32 { return tag == TAG_INT ? ARRAY_INT : tag == TAG_FLOAT ? ARRAY_FLOAT : ARRAY_MIXED; }

/** Reads key `key` if it is in the array part. @returns false if it is not (look in the dictionary) */
// @ts-ignore: decorator
@inline export function arrayGetFast(table: u32, key: i64, result: u32): bool {
  if (<u64>(key - 1) >= <u64>arrayLength(table)) return false;
  const index = <u32>key - 1;
  const kind = arrayKind(table);
  const payload = load<u64>(elementAddress(table, index));
  store<u64>(result, payload);
  store<u32>(result, kind == ARRAY_INT ? TAG_INT : kind == ARRAY_FLOAT ? TAG_FLOAT : <u32>load<u8>(elementTagAddress(table, index)), SLOT_TAG);
  return true;
}

/**
 * Stores where nothing but the element changes: over an element, or behind the last within the capacity, a value that fits the kind.
 * @returns false if it is not that simple (call tableSetInt)
 */
// @ts-ignore: decorator
@inline export function arraySetFast(table: u32, key: i64, value: u32): bool {
  const length = arrayLength(table);
  const index = <u64>(key - 1);
  if (index > <u64>length) return false;
  const kind = arrayKind(table);
  const tag = tagOf(value);
  if (kind == ARRAY_MIXED ? tag == TAG_NIL : kind != kindOfTag(tag)) return false;
  if (index == <u64>length) {
    if (length >= load<u32>(table, TABLE_ARRAY_CAPACITY) || hasDictIntegers(table)) return false;
    store<u32>(table, length + 1, TABLE_ARRAY_LENGTH);
  }
  writeElement(table, kind, <u32>index, value);
  return true;
}

/** Stores a value that fits the kind into an element below the capacity. */
// @ts-ignore: decorator
@inline export function writeElement(table: u32, kind: u32, index: u32, value: u32): void {
  store<u64>(elementAddress(table, index), load<u64>(value));
  if (kind != ARRAY_MIXED) return;
  const tag = tagOf(value);
  store<u8>(elementTagAddress(table, index), <u8>tag);
  if (tag >= TAG_STRING) barrier(table, value);
}

/** Copies element `index` (0-based, below the length) into a slot. */
export function readElement(table: u32, index: u32, result: u32): void {
  arrayGetFast(table, <i64>index + 1, result);
}

// @ts-ignore: decorator
@inline export function elementIsNil(table: u32, index: u32): bool {
  return arrayKind(table) == ARRAY_MIXED && load<u8>(elementTagAddress(table, index)) == TAG_NIL;
}

/** Writes the tags of so many elements of a MIXED array: those at `from`, or those that all elements of the old kind had. */
function writeTags(to: u32, from: u32, oldKind: u32, count: u32): void {
  if (oldKind == ARRAY_MIXED) memory.copy(to, from, count);
  else memory.fill(to, oldKind == ARRAY_INT ? <u8>TAG_INT : <u8>TAG_FLOAT, count);
}

/** Gives the array another kind and capacity (not below its length); MIXED never becomes another kind. */
function tryReshape(table: u32, kind: u32, capacity: u32): bool {
  const oldKind = arrayKind(table);
  const oldCapacity = load<u32>(table, TABLE_ARRAY_CAPACITY);
  if (capacity > MAX_ARRAY) return false;
  const length = arrayLength(table);
  const oldBytes = arrayBytes(oldKind, oldCapacity);
  const bytes = arrayBytes(kind, capacity);
  let array = load<u32>(table, TABLE_ARRAY);
  if (length < LARGE_ARRAY) {
    array = tryReallocateRaw(array, oldBytes, bytes);
    if (!array) return false;
  } else {
    const isInPlace = resizeInPlace(array, oldBytes, bytes);
    if (!isInPlace && !mayAllocateRaw(bytes)) return false;
    if (!isInPlace || kind == ARRAY_MIXED) return refuse(RESHAPE, kind, capacity);
  }
  charge(length);
  if (kind == ARRAY_MIXED) writeTags(array + capacity * 8, array + oldCapacity * 8, oldKind, length);
  store<u32>(table, array, TABLE_ARRAY);
  store<u32>(table, capacity, TABLE_ARRAY_CAPACITY);
  store<u8>(table, <u8>kind, TABLE_KIND);
  return true;
}

/** As tryReshape, for a large array whose elements, or their tags, have to move: in steps. @throws what the host raises: out of fuel, interrupted */
export function tryReshapeInSteps(table: u32, kind: u32, capacity: u32): bool {
  if (resizeInPlace(load<u32>(table, TABLE_ARRAY), arrayBytes(arrayKind(table), load<u32>(table, TABLE_ARRAY_CAPACITY)), arrayBytes(kind, capacity))) {
    if (kind == ARRAY_MIXED) moveTags(table, capacity);
    store<u32>(table, capacity, TABLE_ARRAY_CAPACITY);
    store<u8>(table, <u8>kind, TABLE_KIND);
    return true;
  }
  const array = tryTakeSpare(arrayBytes(kind, capacity));
  if (!array) return false;
  store<u32>(VM_DRAFT, array, TABLE_ARRAY);
  store<u32>(VM_DRAFT, capacity, TABLE_ARRAY_CAPACITY);
  const oldKind = arrayKind(table);
  const length = arrayLength(table);
  for (let i: u32 = 0; i < length; i += ELEMENTS_AT_ONCE) {
    const count = min(length - i, ELEMENTS_AT_ONCE);
    memory.copy(elementAddress(VM_DRAFT, i), elementAddress(table, i), count * 8);
    if (kind == ARRAY_MIXED) writeTags(elementTagAddress(VM_DRAFT, i), elementTagAddress(table, i), oldKind, count);
    stepOn(count);
  }
  freeRaw(load<u32>(table, TABLE_ARRAY), arrayBytes(oldKind, load<u32>(table, TABLE_ARRAY_CAPACITY)));
  store<u32>(table, array, TABLE_ARRAY);
  store<u32>(table, capacity, TABLE_ARRAY_CAPACITY);
  store<u8>(table, <u8>kind, TABLE_KIND);
  keepSpare();
  return true;
}

/** Writes the tags to where they are behind so many payloads, in a block that has room for them. */
function moveTags(table: u32, capacity: u32): void {
  const kind = arrayKind(table);
  const length = arrayLength(table);
  const from = elementTagAddress(table, 0);
  const to = elementAddress(table, capacity);
  if (kind == ARRAY_MIXED && to < from + length) {
    charge(length);
    memory.copy(to, from, length);
    return;
  }
  for (let i: u32 = 0; i < length; i += ELEMENTS_AT_ONCE) {
    const count = min(length - i, ELEMENTS_AT_ONCE);
    writeTags(to + i, from + i, kind, count);
    stepOn(count);
  }
}

/** Makes room for `length` elements of values that `kind` can hold (the array may become MIXED, its elements stay). */
export function tryEnsureArray(table: u32, kind: u32, length: u32): bool {
  const oldKind = arrayKind(table);
  const capacity = load<u32>(table, TABLE_ARRAY_CAPACITY);
  // A constructor's size is exact, so that next still knows keys behind it for invalid.
  if (oldKind == ARRAY_EMPTY) return tryReshape(table, kind, max(length, capacity ? capacity : MIN_CAPACITY));
  const newKind = oldKind == kind || (arrayLength(table) == 0 && oldKind != ARRAY_MIXED) ? kind : ARRAY_MIXED;
  if (length <= capacity) {
    if (newKind == oldKind) return true;
    if (newKind == ARRAY_MIXED) return tryReshape(table, newKind, capacity);
    store<u8>(table, <u8>newKind, TABLE_KIND);
    return true;
  }
  // Where memory is short it grows by less, but not by single elements: each time that asks for a collection.
  let step = capacity < DOUBLING_LIMIT ? capacity : capacity >> 1;
  while (!tryReshape(table, newKind, max(max(capacity + step, length), MIN_CAPACITY))) {
    if (load<u32>(VM_REFUSED) || step <= capacity >> LEAST_STEP_SHIFT || capacity + step <= length) return false;
    step >>= 2;
  }
  return true;
}

/** Elements of a MIXED array that are not nil. */
export function countElements(table: u32): u32 {
  const length = arrayLength(table);
  if (arrayKind(table) != ARRAY_MIXED) return length;
  let count: u32 = 0;
  const tags = elementTagAddress(table, 0);
  for (let i: u32 = 0; i < length; i++) count += u32(load<u8>(tags + i) != TAG_NIL);
  return count;
}

/** Stores nil into element `index`, below the length. */
function tryRemoveElement(table: u32, index: u32): bool {
  const last = index == arrayLength(table) - 1;
  if (arrayKind(table) != ARRAY_MIXED) {
    if (last) {
      store<u32>(table, index, TABLE_ARRAY_LENGTH);
      return true;
    }
    if (!tryReshape(table, ARRAY_MIXED, load<u32>(table, TABLE_ARRAY_CAPACITY))) return false;
  }
  store<u8>(elementTagAddress(table, index), TAG_NIL);
  if (last) trimLength(table, index);
  return true;
}

/** Sets the length of a MIXED array to that of the last element below `length` that is not nil. */
export function trimLength(table: u32, length: u32): void {
  const tags = elementTagAddress(table, 0);
  const from = length;
  while (length != 0 && load<u8>(tags + length - 1) == TAG_NIL) length--;
  charge(from - length);
  store<u32>(table, length, TABLE_ARRAY_LENGTH);
}

/** Stores any value into element `index`, below the length. */
export function trySetElement(table: u32, index: u32, value: u32): bool {
  const tag = tagOf(value);
  if (tag == TAG_NIL) return tryRemoveElement(table, index);
  let kind = arrayKind(table);
  if (kind != ARRAY_MIXED && kind != kindOfTag(tag)) {
    if (!tryReshape(table, ARRAY_MIXED, load<u32>(table, TABLE_ARRAY_CAPACITY))) return false;
    kind = ARRAY_MIXED;
  }
  writeElement(table, kind, index, value);
  return true;
}

/**
 * Stores a non-nil value at `index` at or above the length, within the capacity of a MIXED array, leaving nils in between.
 * The caller sees to the keys behind.
 */
export function putSparse(table: u32, index: u32, value: u32): void {
  const length = arrayLength(table);
  if (index >= length) {
    charge((index - length) >> 3);
    memory.fill(elementTagAddress(table, length), <u8>TAG_NIL, index - length);
    store<u32>(table, index + 1, TABLE_ARRAY_LENGTH);
  }
  writeElement(table, ARRAY_MIXED, index, value);
}

/** Room for `count` elements in all; the kind is left open while there are none. */
export function tryReserveArray(table: u32, count: u32): bool {
  if (count <= load<u32>(table, TABLE_ARRAY_CAPACITY)) return true;
  if (arrayKind(table) != ARRAY_EMPTY) return tryReshape(table, arrayKind(table), count);
  if (count > MAX_ARRAY) return false;
  store<u32>(table, count, TABLE_ARRAY_CAPACITY);
  return true;
}

/**
 * table[last + 1 ..] := `count` values in consecutive slots, where no key above the length exists and last >= length: decides on the kind
 * once. Nils become holes.
 */
export function tryAppendRun(table: u32, last: u32, values: u32, count: u32): bool {
  let kind = last > arrayLength(table) ? ARRAY_MIXED : kindOfTag(tagOf(values));
  for (let i: u32 = 1; i < count && kind != ARRAY_MIXED; i++) if (kindOfTag(tagOf(values + i * 16)) != kind) kind = ARRAY_MIXED;
  if (!tryEnsureArray(table, kind, last + count)) return false;
  kind = arrayKind(table);
  if (kind != ARRAY_MIXED) {
    for (let i: u32 = 0, to = elementAddress(table, last); i < count; i++, to += 8) store<u64>(to, load<u64>(values + i * 16));
    store<u32>(table, last + count, TABLE_ARRAY_LENGTH);
    return true;
  }
  const length = arrayLength(table);
  if (last > length) memory.fill(elementTagAddress(table, length), <u8>TAG_NIL, last - length);
  const tags = elementTagAddress(table, last);
  for (let i: u32 = 0, to = elementAddress(table, last); i < count; i++, to += 8) {
    store<u64>(to, load<u64>(values + i * 16));
    store<u8>(tags + i, <u8>tagOf(values + i * 16));
  }
  trimLength(table, last + count);
  barrierValues(table, values, count);
  return true;
}
