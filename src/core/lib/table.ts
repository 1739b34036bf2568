/**
 * Table functions (manual, section 6.6) on plain tables. Where a metatable has `__index`, `__newindex` or `__len`, or the argument is
 * an object that stands for a table, the companion in src/stdlib/lua/table.lua does the work with full semantics.
 */
import {
  ARRAY_MIXED, EXTRA_STACK, SLOT_SIZE, STRING_LENGTH, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_KIND, TABLE_METATABLE, TAG_INT, TAG_STRING,
  TAG_TABLE, THREAD_STACK, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { barrierMoved } from '../collect/mark-table';
import { appendInteger, appendString, appendText, startMessage, throwBareMessage, throwMessage } from '../errors/message';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_tableConcat, BUILTIN_ID_tableInsert, BUILTIN_ID_tableMove, BUILTIN_ID_tableRemove, BUILTIN_ID_tableUnpack } from '../generated/builtin-ids';
import { EVENT_INDEX, EVENT_LEN, EVENT_NEWINDEX } from '../generated/metamethods';
import { bufferAdvance, bufferFinish, bufferReserve, bufferStart, bufferString } from '../strings/buffer';
import { NUMBER_ROOM, writeNumber } from '../number/print';
import { metamethodOf, metatableOf } from '../objects/metamethod';
import { stringFromLiteral } from '../strings/string';
import { tableAppendValues, tableGetInt, tableLength, tableSetInt, tableSetString } from '../objects/table';
import { arrayGetFast, arraySetFast } from '../objects/table-array';
import { newTable } from '../objects/table-new';
import { copyValue, pointerOf, setInt, setNil, setObject, tagOf } from '../base/value';
import { STEPS_PER_UNIT, work } from '../base/budget';
import { growStack, stackLimit } from '../run/stack';
import { appendTypeName, checkInteger, checkString, isNoneOrNil, optInteger, slotOf, throwTypeError } from './arguments';
import { returnString } from './base';
import { callCompanion } from './companion';

/** What a function does with its table: bits of the metamethods that stand for it. */
export const READ: u32 = 1;
export const WRITE: u32 = 2;
export const LENGTH: u32 = 4;

/**
 * Checks a table argument as PUC's checktab.
 * @returns the table if it can be accessed raw, else 0: the companion has to do the work
 */
export function plainTable(base: u32, count: i32, n: i32, access: u32): u32 {
  const slot = slotOf(base, n);
  const isTable = count >= n && tagOf(slot) == TAG_TABLE;
  const metatable = count >= n ? metatableOf(slot) : 0;
  if (!metatable) {
    if (!isTable) throwTypeError(base, count, n, 'table');
    return pointerOf(slot);
  }
  const present = (metamethodOf(metatable, EVENT_INDEX) ? READ : 0) | (metamethodOf(metatable, EVENT_NEWINDEX) ? WRITE : 0) |
    (metamethodOf(metatable, EVENT_LEN) ? LENGTH : 0);
  if (isTable) return present & access ? 0 : pointerOf(slot);
  if ((present & access) != access) throwTypeError(base, count, n, 'table');
  return 0;
}

// @ts-ignore: decorator
@inline function getElement(table: u32, index: i64, result: u32): void {
  if (!arrayGetFast(table, index, result)) tableGetInt(table, index, result);
}

// @ts-ignore: decorator
@inline function setElement(table: u32, index: i64, value: u32): void {
  if (!arraySetFast(table, index, value)) tableSetInt(table, index, value);
}

/**
 * Moves the elements first..last by one place up or down if all places are inside the array part.
 * @returns false: nothing done
 */
function shiftInArray(table: u32, first: i64, last: i64, up: bool): bool {
  if (first > last) return true;
  const low = up ? first : first - 1;
  const high = up ? last + 1 : last;
  if (low < 1 || high > <i64>load<u32>(table, TABLE_ARRAY_LENGTH)) return false;
  const data = load<u32>(table, TABLE_ARRAY);
  const from = <u32>first - 1;
  const to = up ? from + 1 : from - 1;
  const count = <u32>(last - first) + 1;
  work(count);
  memory.copy(data + to * 8, data + from * 8, count * 8);
  if (load<u8>(table, TABLE_KIND) == ARRAY_MIXED) {
    const tags = data + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8;
    memory.copy(tags + to, tags + from, count);
    barrierMoved(table, to, to + count);
  }
  return true;
}

export function tableConcat(thread: u32, base: u32, count: i32): i32 {
  const table = plainTable(base, count, 1, READ | LENGTH);
  if (!table) return callCompanion(thread, base, count, BUILTIN_ID_tableConcat);
  const separator = isNoneOrNil(base, count, 2) ? 0 : checkString(base, count, 2);
  const first = optInteger(base, count, 3, 1);
  const last = isNoneOrNil(base, count, 4) ? tableLength(table) : checkInteger(base, count, 4);
  const separated = separator != 0 && load<u32>(separator, STRING_LENGTH) != 0;
  const value = base + (<u32>count + 1) * SLOT_SIZE;
  bufferStart();
  for (let i = first; i <= last; i++) {
    getElement(table, i, value);
    const tag = tagOf(value);
    if (tag == TAG_STRING) bufferString(pointerOf(value));
    else if (tag - TAG_INT < 2) bufferAdvance(writeNumber(bufferReserve(NUMBER_ROOM), value));
    else throwBadElement(tag, i);
    work(STEPS_PER_UNIT);
    // Here rather than in the condition: the last index may be the largest integer.
    if (i == last) break;
    if (separated) bufferString(separator);
  }
  return returnString(base, bufferFinish());
}

function throwBadElement(tag: u32, index: i64): void {
  startMessage('invalid value (');
  appendString(load<u32>(VM_TYPE_NAMES + (tag << 2)));
  appendText(') at index ');
  appendInteger(index);
  appendText(" in table for 'concat'");
  throwMessage();
}

export function tableInsert(thread: u32, base: u32, count: i32): i32 {
  const table = plainTable(base, count, 1, READ | WRITE | LENGTH);
  if (!table) return callCompanion(thread, base, count, BUILTIN_ID_tableInsert);
  const end = tableLength(table) + 1;
  if (count == 2) {
    setElement(table, end, base + SLOT_SIZE);
    return 0;
  }
  if (count != 3) throwText("wrong number of arguments to 'insert'");
  const position = checkInteger(base, count, 2);
  if (<u64>position - 1 >= <u64>end) throwArgument(2, 'position out of bounds');
  const moved = base + 3 * SLOT_SIZE;
  if (position < end) {
    // The new element first, for a moment: the table becomes what it must be to hold it while nothing has moved yet.
    setElement(table, end, base + 2 * SLOT_SIZE);
    setNil(base - SLOT_SIZE);
    getElement(table, end - 1, moved);
    setElement(table, end, moved);
    if (!shiftInArray(table, position, end - 2, true)) {
      for (let i = end - 1; i > position; i--) {
        work(STEPS_PER_UNIT);
        getElement(table, i - 1, moved);
        setElement(table, i, moved);
      }
    }
  }
  setElement(table, position, base + 2 * SLOT_SIZE);
  return 0;
}

export function tableRemove(thread: u32, base: u32, count: i32): i32 {
  const table = plainTable(base, count, 1, READ | WRITE | LENGTH);
  if (!table) return callCompanion(thread, base, count, BUILTIN_ID_tableRemove);
  const size = tableLength(table);
  let position = optInteger(base, count, 2, size);
  if (position != size && <u64>position - 1 > <u64>size) throwArgument(2, 'position out of bounds');
  const moved = base + 3 * SLOT_SIZE;
  const removed = moved + SLOT_SIZE;
  getElement(table, position, removed);
  if (position < size && shiftInArray(table, position + 1, size, false)) position = size;
  for (; position < size; position++) {
    work(STEPS_PER_UNIT);
    getElement(table, position + 1, moved);
    setElement(table, position, moved);
  }
  setNil(moved);
  tableSetInt(table, position, moved);
  copyValue(base - SLOT_SIZE, removed);
  return 1;
}

export function tablePack(thread: u32, base: u32, count: i32): i32 {
  const table = newTable(count, 1);
  if (count) tableAppendValues(table, 0, base, count);
  const total = base + (<u32>count << 4);
  setInt(total, count);
  tableSetString(table, stringFromLiteral('n'), total);
  setObject(base - SLOT_SIZE, TAG_TABLE, table);
  return 1;
}

/** Raises "attempt to <operation> a <type> value". */
function throwOperation(operation: string, slot: u32): void {
  startMessage('attempt to ');
  appendText(operation);
  appendText(' a ');
  appendTypeName(slot);
  appendText(' value');
  throwBareMessage();
}

export function tableUnpack(thread: u32, base: u32, count: i32): i32 {
  const isTable = count > 0 && tagOf(base) == TAG_TABLE;
  const table = isTable ? pointerOf(base) : 0;
  if (!isTable || load<u32>(table, TABLE_METATABLE)) {
    const metatable = count ? metatableOf(base) : 0;
    if (metatable) {
      if (metamethodOf(metatable, EVENT_INDEX) || metamethodOf(metatable, EVENT_LEN)) return callCompanion(thread, base, count, BUILTIN_ID_tableUnpack);
    }
  }
  const first = optInteger(base, count, 2, 1);
  if (!count) setNil(base);
  if (!isTable && isNoneOrNil(base, count, 3)) throwOperation('get length of', base);
  const last = isNoneOrNil(base, count, 3) ? tableLength(table) : checkInteger(base, count, 3);
  if (first > last) return 0;
  const extra = <u64>last - <u64>first;
  const used = (base - load<u32>(thread, THREAD_STACK)) / SLOT_SIZE;
  if (extra >= <u64>stackLimit() - used - 1) throwText('too many results to unpack');
  if (!isTable) throwOperation('index', base);
  const results = <u32>extra + 1;
  work(results);
  if (results > EXTRA_STACK) base += growStack(thread, base, results * SLOT_SIZE);
  for (let i: u32 = 0; i < results; i++) getElement(table, first + <i64>i, base - SLOT_SIZE + i * SLOT_SIZE);
  return <i32>results;
}

export function tableMove(thread: u32, base: u32, count: i32): i32 {
  const target = isNoneOrNil(base, count, 5) ? 1 : 5;
  const first = checkInteger(base, count, 2);
  const last = checkInteger(base, count, 3);
  const to = checkInteger(base, count, 4);
  const source = plainTable(base, count, 1, READ);
  const destination = plainTable(base, count, target, WRITE);
  const result = slotOf(base, target);
  if (last >= first) {
    if (!(first > 0 || last < i64.MAX_VALUE + first)) throwArgument(3, 'too many elements to move');
    const elements = last - first + 1;
    if (to > i64.MAX_VALUE - elements + 1) throwArgument(4, 'destination wrap around');
    if (!source || !destination) return callCompanion(thread, base, count, BUILTIN_ID_tableMove);
    const value = base + (<u32>count + 1) * SLOT_SIZE;
    // Backwards where the ranges overlap so that a forward copy would overwrite what it has yet to read.
    const forwards = to > last || to <= first || source != destination;
    if (source == destination && to <= last && first < to + elements) setNil(base - SLOT_SIZE);
    for (let i: i64 = 0; i < elements; i++) {
      work(STEPS_PER_UNIT);
      const offset = forwards ? i : elements - 1 - i;
      getElement(source, first + offset, value);
      setElement(destination, to + offset, value);
    }
  }
  copyValue(base - SLOT_SIZE, result);
  return 1;
}
