/**
 * table.sort (manual, section 6.6). Arrays of integers, of floats, or of strings without a comparator are sorted here, in place in the
 * array part; everything else is the companion's work (src/stdlib/lua/table.lua), which calls the comparator from Lua.
 *
 * Quicksort with the median of three as pivot, falling back to heap sort where the pivots are bad: no recursion on the larger side.
 */
import {
  ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, SLOT_SIZE, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_KIND, TAG_BUILTIN, TAG_CLOSURE, TAG_INT,
  TAG_STRING, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { barrierMoved } from '../collect/mark-table';
import { appendText, startMessage, throwBareMessage } from '../errors/message';
import { throwArgument } from '../base/raise';
import { BUILTIN_ID_tableSort } from '../generated/builtin-ids';
import { EVENT_LT } from '../generated/metamethods';
import { lessNumbers } from '../number/arithmetic';
import { metamethodOfValue } from '../objects/metamethod';
import { compareStrings, equalStrings } from '../strings/string';
import { tableLength } from '../objects/table';
import { copyValue, pointerOf, setBoolean, setInt, setNil, tagOf } from '../base/value';
import { isOverdrawn, work } from '../base/budget';
import { callInstead } from '../run/call';
import { appendTypeName, checkAny, isNoneOrNil, namedTypeOf, slotOf, throwTypeError } from './arguments';
import { callCompanion } from './companion';
import { LENGTH, READ, WRITE, plainTable } from './table';

/** Ranges up to this many elements are sorted by insertion. */
const SMALL: i32 = 12;
/** Steps that moving an element through a heap counts for. */
const SIFT_STEPS: u32 = 32;

// @ts-ignore: decorator
@inline function isString<T>(): bool { return isInteger<T>() && !isSigned<T>(); }
/** Order of two payloads: i64 and f64 as numbers, u64 as string pointers. */
// @ts-ignore: decorator
@inline function less<T>(a: T, b: T): bool {
  if (isString<T>()) return compareStrings(<u32>a, <u32>b) < 0;
  return a < b;
}

// @ts-ignore: decorator
@inline function at<T>(data: u32, i: i32): T { return load<T>(data + (<u32>i << 3)); }
// @ts-ignore: decorator
@inline function put<T>(data: u32, i: i32, value: T): void { store<T>(data + (<u32>i << 3), value); }

function sortByInsertion<T>(data: u32, low: i32, high: i32): void {
  for (let i = low + 1; i <= high; i++) {
    const value = at<T>(data, i);
    let j = i - 1;
    for (; j >= low && less<T>(value, at<T>(data, j)); j--) {
      put<T>(data, j + 1, at<T>(data, j));
      if (!isString<T>() || !isOverdrawn()) continue;
      // Long strings take long to compare. In between the array must be a permutation of what it was.
      put<T>(data, j, value);
      work(0);
    }
    put<T>(data, j + 1, value);
  }
}

function sortByHeap<T>(data: u32, low: i32, high: i32): void {
  const count = high - low + 1;
  for (let i = count / 2 - 1; i >= 0; i--) {
    siftDown<T>(data, low, i, count);
    work(SIFT_STEPS);
  }
  for (let end = count - 1; end > 0; end--) {
    const value = at<T>(data, low);
    put<T>(data, low, at<T>(data, low + end));
    put<T>(data, low + end, value);
    siftDown<T>(data, low, 0, end);
    work(SIFT_STEPS);
  }
}

function siftDown<T>(data: u32, low: i32, root: i32, count: i32): void {
  const value = at<T>(data, low + root);
  while (true) {
    let child = 2 * root + 1;
    if (child >= count) break;
    if (child + 1 < count && less<T>(at<T>(data, low + child), at<T>(data, low + child + 1))) child++;
    if (!less<T>(value, at<T>(data, low + child))) break;
    put<T>(data, low + root, at<T>(data, low + child));
    root = child;
  }
  put<T>(data, low + root, value);
}

/** @param depth partitions left before the range counts as a bad case */
function sortRange<T>(data: u32, low: i32, high: i32, depth: i32): void {
  while (high - low >= SMALL) {
    // In between the array is a permutation of what it was.
    work(high - low);
    if (depth-- == 0) {
      sortByHeap<T>(data, low, high);
      return;
    }
    const first = at<T>(data, low);
    const middle = at<T>(data, low + (high - low) / 2);
    const last = at<T>(data, high);
    const pivot = less<T>(first, middle)
      ? less<T>(middle, last) ? middle : less<T>(first, last) ? last : first
      : less<T>(first, last) ? first : less<T>(middle, last) ? last : middle;
    let i = low - 1;
    let j = high + 1;
    // The pivot itself stops both scans.
    while (true) {
      do i++; while (less<T>(at<T>(data, i), pivot));
      do j--; while (less<T>(pivot, at<T>(data, j)));
      if (isString<T>() && isOverdrawn()) work(0);
      if (i >= j) break;
      const value = at<T>(data, i);
      put<T>(data, i, at<T>(data, j));
      put<T>(data, j, value);
    }
    if (j - low < high - j) {
      sortRange<T>(data, low, j, depth);
      low = j + 1;
    } else {
      sortRange<T>(data, j + 1, high, depth);
      high = j;
    }
  }
  sortByInsertion<T>(data, low, high);
}

/** NaN or -0.0, whose places the companion finds as PUC does: values that compare equal are no longer the same. */
function hasOddFloats(data: u32, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const value = at<f64>(data, i);
    if (value != value || at<u64>(data, i) == 0x8000000000000000) return true;
  }
  return false;
}

/** Are all elements of a mixed array part strings? */
function allStrings(table: u32, length: u32): bool {
  const tags = load<u32>(table, TABLE_ARRAY) + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8;
  for (let i: u32 = 0; i < length; i++) if (load<u8>(tags + i) != TAG_STRING) return false;
  return true;
}

/** Sorts a plain table by `<` if its elements are all of one basic type. @returns false: not done */
function sortPlain(table: u32, length: i64): bool {
  if (<i64>load<u32>(table, TABLE_ARRAY_LENGTH) != length) return false;
  work(<u32>length);
  const data = load<u32>(table, TABLE_ARRAY);
  const last = <i32>length - 1;
  const depth = 2 * (64 - <i32>clz<i64>(length));
  switch (<u32>load<u8>(table, TABLE_KIND)) {
    case ARRAY_INT:
      sortRange<i64>(data, 0, last, depth);
      return true;
    case ARRAY_FLOAT:
      if (hasOddFloats(data, <i32>length)) return false;
      sortRange<f64>(data, 0, last, depth);
      return true;
    case ARRAY_MIXED:
      if (!allStrings(table, <u32>length)) return false;
      sortRange<u64>(data, 0, last, depth);
      barrierMoved(table, 0, <u32>length);
      return true;
    default:
      return false;
  }
}

export function tableSort(thread: u32, base: u32, count: i32): i32 {
  const table = plainTable(base, count, 1, READ | WRITE | LENGTH);
  const comparator = slotOf(base, 2);
  const compared = !isNoneOrNil(base, count, 2);
  const size = comparator + SLOT_SIZE;
  if (table) {
    const length = tableLength(table);
    if (length < 2) return 0;
    if (length >= i32.MAX_VALUE) throwArgument(1, 'array too big');
    if (!compared && sortPlain(table, length)) return 0;
    setInt(size, length);
  } else setNil(size);
  if (!compared) setNil(comparator);
  else if (tagOf(comparator) != TAG_CLOSURE && tagOf(comparator) != TAG_BUILTIN) throwTypeError(base, count, 2, 'function');
  return callCompanion(thread, base, 3, BUILTIN_ID_tableSort);
}

function throwNoOrder(first: u32, second: u32): void {
  const name = namedTypeOf(first);
  const other = namedTypeOf(second);
  // Type names are the same string for the two tags of booleans.
  const same = name || other ? name && other && equalStrings(name, other) : load<u32>(VM_TYPE_NAMES + (tagOf(first) << 2)) == load<u32>(VM_TYPE_NAMES + (tagOf(second) << 2));
  startMessage(same ? 'attempt to compare two ' : 'attempt to compare ');
  appendTypeName(first);
  if (same) appendText(' values');
  else {
    appendText(' with ');
    appendTypeName(second);
  }
  throwBareMessage();
}

/** (a, b) -> a < b, the comparator where none is given: raises errors as a function of the core, without a position. */
export function tableLessThan(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 2);
  const second = base + SLOT_SIZE;
  if (tagOf(base) - TAG_INT < 2 && tagOf(second) - TAG_INT < 2) {
    setBoolean(base - SLOT_SIZE, lessNumbers(base, second));
    return 1;
  }
  if (tagOf(base) == TAG_STRING && tagOf(second) == TAG_STRING) {
    setBoolean(base - SLOT_SIZE, compareStrings(pointerOf(base), pointerOf(second)) < 0);
    return 1;
  }
  let handler = metamethodOfValue(base, EVENT_LT);
  if (!handler) handler = metamethodOfValue(second, EVENT_LT);
  if (!handler) throwNoOrder(base, second);
  copyValue(base - SLOT_SIZE, handler);
  return callInstead(thread, base - SLOT_SIZE, 2, 0);
}
