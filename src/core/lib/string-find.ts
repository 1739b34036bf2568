/**
 * The pattern functions: find, match, gmatch, gsub (manual, section 6.4). gsub with a function, or with a table that has metamethods,
 * is its companion's work, built on matchFrom.
 */
import {
  BUILTIN_FUNCTION, BUILTIN_HANDLE, BUILTIN_ID, BUILTIN_NAME, BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, SLOT_SIZE, STRING_BYTES, STRING_LENGTH,
  TABLE_METATABLE, TAG_BUILTIN, TAG_CLOSURE, TAG_INT, TAG_NIL, TAG_STRING, TAG_TABLE, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { appendString, appendText, startMessage, throwMessage } from '../errors/message';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_stringGmatchStep, BUILTIN_ID_stringGsub } from '../generated/builtin-ids';
import { EVENT_INDEX } from '../generated/metamethods';
import { bufferAdvance, bufferByte, bufferBytes, bufferFinish, bufferReserve, bufferStart, bufferString } from '../strings/buffer';
import { newObject } from '../memory/heap';
import { isDigit, writeInteger } from '../number/digits';
import { NUMBER_ROOM, writeNumber } from '../number/print';
import { metamethodOf } from '../objects/metamethod';
import { PROGRAM_FLAGS, PROGRAM_PLAIN } from '../strings/pattern-program';
import { tableGet } from '../objects/table';
import { intOf, isFalsy, pointerOf, setInt, setObject, tagOf } from '../base/value';
import { work } from '../base/budget';
import { checkInteger, checkString, optInteger, slotOf, throwTypeError } from './arguments';
import { returnNil, returnString } from './base';
import { callCompanion } from './companion';
import {
  captureAddress, captureSize, isAnchored, isPositionCapture, matchAt, nextStart, placeOf, prepareMatch, writeCapture, writeCaptures,
} from './pattern';
import { startPosition } from './string';

const PERCENT: u32 = 37;
/** Comparing more bytes than this is worth counting. */
const LONG: u32 = 256;
/** Bytes searched between two looks at the budget (a power of two). */
const PIECE: u32 = 65536;

/** Address of the first place in [s, end) where the bytes occur, 0 for none. */
function findBytes(s: u32, end: u32, bytes: u32, length: u32): u32 {
  if (length == 0) return s;
  if (end - s < length) return 0;
  const last = end - length;
  const first = load<u8>(bytes);
  for (; s <= last; s++) {
    if ((s & (PIECE - 1)) == 0) work(PIECE);
    if (load<u8>(s) != first) continue;
    if (length > LONG) work(length);
    if (memory.compare(s + 1, bytes + 1, length - 1) == 0) return s;
  }
  return 0;
}

export function stringFind(thread: u32, base: u32, count: i32): i32 { return search(base, count, true); }
export function stringMatch(thread: u32, base: u32, count: i32): i32 { return search(base, count, false); }

function search(base: u32, count: i32, find: bool): i32 {
  const source = checkString(base, count, 1);
  const pattern = checkString(base, count, 2);
  const start = source + STRING_BYTES;
  const length = load<u32>(source, STRING_LENGTH);
  const end = start + length;
  const init = startPosition(optInteger(base, count, 3, 1), length) - 1;
  if (init > <i64>length) return returnNil(base);
  const patternLength = load<u32>(pattern, STRING_LENGTH);
  let s = start + <u32>init;
  if (find && ((count >= 4 && !isFalsy(slotOf(base, 4))) || (load<u32>(prepareMatch(source, pattern, true), PROGRAM_FLAGS) & PROGRAM_PLAIN) != 0)) {
    work(min(end - s, PIECE));
    s = findBytes(s, end, pattern + STRING_BYTES, patternLength);
    if (!s) return returnNil(base);
    setInt(base - SLOT_SIZE, <i64>(s - start) + 1);
    setInt(base, <i64>(s - start + patternLength));
    return 2;
  }
  if (!find) prepareMatch(source, pattern, true);
  for (s = nextStart(s); s <= end; s = nextStart(s + 1)) {
    const matchEnd = matchAt(s);
    if (matchEnd) {
      if (!find) return writeCaptures(s, matchEnd, base - SLOT_SIZE, true);
      const captures = writeCaptures(s, matchEnd, base + SLOT_SIZE, false);
      setInt(base - SLOT_SIZE, placeOf(s));
      setInt(base, placeOf(matchEnd) - 1);
      return 2 + captures;
    }
    if (isAnchored()) break;
  }
  return returnNil(base);
}

// ---- gmatch: the iterator is a builtin with upvalues.

const ITERATOR_SOURCE: u32 = BUILTIN_UPVALUES;
const ITERATOR_PATTERN: u32 = BUILTIN_UPVALUES + 16;
/** Offset at which to go on, and the end of the last match (-1 at first): an empty match must not follow directly. */
const ITERATOR_OFFSET: u32 = BUILTIN_UPVALUES + 32;
const ITERATOR_LAST: u32 = BUILTIN_UPVALUES + 48;
const ITERATOR_UPVALUES: u32 = 4;

export function stringGmatch(thread: u32, base: u32, count: i32): i32 {
  const source = checkString(base, count, 1);
  const pattern = checkString(base, count, 2);
  const length = load<u32>(source, STRING_LENGTH);
  const init = min(startPosition(optInteger(base, count, 3, 1), length) - 1, <i64>length + 1);
  const iterator = newObject(TAG_BUILTIN, BUILTIN_UPVALUES + ITERATOR_UPVALUES * SLOT_SIZE);
  store<u32>(iterator, <u32>stringGmatchStep.index, BUILTIN_FUNCTION);
  store<u32>(iterator, 0, BUILTIN_NAME);
  store<u32>(iterator, 0, BUILTIN_HANDLE);
  store<u32>(iterator, BUILTIN_ID_stringGmatchStep, BUILTIN_ID);
  store<u32>(iterator, ITERATOR_UPVALUES, BUILTIN_UPVALUE_COUNT);
  setObject(iterator + ITERATOR_SOURCE, TAG_STRING, source);
  setObject(iterator + ITERATOR_PATTERN, TAG_STRING, pattern);
  setInt(iterator + ITERATOR_OFFSET, init);
  setInt(iterator + ITERATOR_LAST, -1);
  setObject(base - SLOT_SIZE, TAG_BUILTIN, iterator);
  return 1;
}

export function stringGmatchStep(thread: u32, base: u32, count: i32): i32 {
  const iterator = pointerOf(base - SLOT_SIZE);
  // debug.setupvalue may have put anything there.
  if (tagOf(iterator + ITERATOR_SOURCE) != TAG_STRING || tagOf(iterator + ITERATOR_PATTERN) != TAG_STRING) throwText('invalid upvalue');
  const source = pointerOf(iterator + ITERATOR_SOURCE);
  const pattern = pointerOf(iterator + ITERATOR_PATTERN);
  const start = source + STRING_BYTES;
  const length = load<u32>(source, STRING_LENGTH);
  const last = start + <u32>intOf(iterator + ITERATOR_LAST);
  if (<u64>intOf(iterator + ITERATOR_OFFSET) > <u64>length + 1) throwText('invalid upvalue');
  prepareMatch(source, pattern, false);
  for (let s = nextStart(start + <u32>intOf(iterator + ITERATOR_OFFSET)); s <= start + length; s = nextStart(s + 1)) {
    const end = matchAt(s);
    if (end && end != last) {
      setInt(iterator + ITERATOR_OFFSET, <i64>(end - start));
      setInt(iterator + ITERATOR_LAST, <i64>(end - start));
      return writeCaptures(s, end, base - SLOT_SIZE, true);
    }
  }
  setInt(iterator + ITERATOR_OFFSET, <i64>length + 1);
  return 0;
}

/**
 * (source, pattern, place, last, firstOnly) -> start, end, captures...: the first match at or behind `place` that does not end at `last`;
 * `end` is the place behind the match, firstOnly leaves the other captures out (and unchecked). nil for none.
 */
export function stringMatchFrom(thread: u32, base: u32, count: i32): i32 {
  const source = checkString(base, count, 1);
  const pattern = checkString(base, count, 2);
  const start = source + STRING_BYTES;
  const length = load<u32>(source, STRING_LENGTH);
  const place = checkInteger(base, count, 3);
  if (place < 1 || place > <i64>length + 1) throwArgument(3, 'out of bounds');
  const last = start + <u32>checkInteger(base, count, 4) - 1;
  prepareMatch(source, pattern, true);
  for (let s = nextStart(start + <u32>place - 1); s <= start + length; s = nextStart(s + 1)) {
    const end = matchAt(s);
    if (end && end != last) {
      let captures = 1;
      if (count < 5 || isFalsy(slotOf(base, 5))) captures = writeCaptures(s, end, base + SLOT_SIZE, true);
      else writeCapture(0, s, end, base + SLOT_SIZE);
      setInt(base - SLOT_SIZE, placeOf(s));
      setInt(base, placeOf(end));
      return 2 + captures;
    }
    if (isAnchored()) break;
  }
  return returnNil(base);
}

// ---- gsub

/** Appends capture i of the match. */
function bufferCapture(i: i32, s: u32, end: u32): void {
  const start = captureAddress(i, s);
  const size = captureSize(i, s, end);
  if (isPositionCapture(size)) bufferAdvance(writeInteger(bufferReserve(24), placeOf(start)));
  else bufferBytes(start, size);
}

/** Appends a replacement string with its %0 .. %9 filled in. */
function bufferReplacement(replacement: u32, s: u32, end: u32): void {
  let at = replacement + STRING_BYTES;
  const last = at + load<u32>(replacement, STRING_LENGTH);
  while (at < last) {
    const run = at;
    while (at < last && load<u8>(at) != PERCENT) at++;
    work(at - run);
    bufferBytes(run, at - run);
    if (at == last) break;
    const selector: u32 = at + 1 < last ? load<u8>(at, 1) : 0;
    if (selector == PERCENT) bufferByte(PERCENT);
    else if (selector == 48) bufferBytes(s, end - s);
    else if (isDigit(selector)) bufferCapture(<i32>selector - 49, s, end);
    else throwText("invalid use of '%' in replacement string");
    at += 2;
  }
}

/** Appends what the table holds for the first capture; the match itself if that is nil or false. @returns whether it replaces the match */
function bufferLookup(table: u32, s: u32, end: u32, scratch: u32): bool {
  writeCapture(0, s, end, scratch);
  tableGet(table, scratch, scratch);
  const tag = tagOf(scratch);
  if (isFalsy(scratch)) bufferBytes(s, end - s);
  else if (tag == TAG_STRING) bufferString(pointerOf(scratch));
  else if (tag - TAG_INT < 2) bufferAdvance(writeNumber(bufferReserve(NUMBER_ROOM), scratch));
  else {
    startMessage('invalid replacement value (a ');
    appendString(load<u32>(VM_TYPE_NAMES + (tag << 2)));
    appendText(')');
    throwMessage();
  }
  return !isFalsy(scratch);
}

export function stringGsub(thread: u32, base: u32, count: i32): i32 {
  const source = checkString(base, count, 1);
  const pattern = checkString(base, count, 2);
  const start = source + STRING_BYTES;
  const length = load<u32>(source, STRING_LENGTH);
  const kind: u32 = count < 3 ? TAG_NIL : tagOf(slotOf(base, 3));
  const limit = optInteger(base, count, 4, <i64>length + 1);
  const isFunction = kind == TAG_CLOSURE || kind == TAG_BUILTIN;
  if (!isFunction && kind != TAG_TABLE && kind != TAG_STRING && kind - TAG_INT >= 2) throwTypeError(base, count, 3, 'string/function/table');
  let replacement = pointerOf(slotOf(base, 3));
  const metatable = kind == TAG_TABLE ? load<u32>(replacement, TABLE_METATABLE) : 0;
  if (isFunction || (metatable && metamethodOf(metatable, EVENT_INDEX))) {
    setInt(slotOf(base, 4), limit);
    return callCompanion(thread, base, 4, BUILTIN_ID_stringGsub);
  }
  if (kind != TAG_TABLE) replacement = checkString(base, count, 3);
  prepareMatch(source, pattern, true);
  const sourceEnd = start + length;
  const scratch = base + (<u32>count + 1) * SLOT_SIZE;
  let matches: i64 = 0;
  let changed = false;
  let last: u32 = 0;
  let s = nextStart(start);
  // What lies before `copied` is in the buffer.
  let copied = start;
  bufferStart();
  while (matches < limit && s <= sourceEnd) {
    const end = matchAt(s);
    if (end && end != last) {
      matches++;
      bufferBytes(copied, s - copied);
      if (kind != TAG_TABLE) {
        bufferReplacement(replacement, s, end);
        changed = true;
      } else if (bufferLookup(replacement, s, end, scratch)) changed = true;
      copied = last = end;
      s = nextStart(end);
    } else s = nextStart(s + 1);
    if (isAnchored()) break;
  }
  if (!changed) {
    returnString(base, source);
  } else {
    bufferBytes(copied, sourceEnd - copied);
    returnString(base, bufferFinish());
  }
  setInt(base, matches);
  return 2;
}
