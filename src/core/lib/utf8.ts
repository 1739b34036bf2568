/**
 * The utf8 library (manual, section 6.5). A position is a byte offset from 0 in here, a 1-based place outside.
 * "Strict" accepts what Unicode has, "lax" all of the original UTF-8: up to six bytes, 2^31 - 1.
 */
import { SLOT_SIZE, STRING_BYTES, STRING_LENGTH, THREAD_STACK } from '../../bytecode/layout';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_utf8Codes, BUILTIN_ID_utf8CodesStep } from '../generated/builtin-ids';
import { bufferAdvance, bufferFinish, bufferReserve, bufferStart } from '../strings/buffer';
import { toIntegerSlot } from '../number/arithmetic';
import { encodeUtf8 } from '../strings/utf8-encode';
import { intOf, isFalsy, setInt } from '../base/value';
import { work } from '../base/budget';
import { growStack, stackLimit } from '../run/stack';
import { checkInteger, checkString, optInteger, slotOf } from './arguments';
import { returnInt, returnNil, returnString } from './base';
import { companionOf } from './companion';

const MAX_UNICODE: u32 = 0x10ffff;
const MAX_CODE: u32 = 0x7fffffff;
/** Smallest code of a sequence with so many continuation bytes; none makes a byte above ASCII invalid. */
const SMALLEST = <u32>memory.data<u32>([0xffffffff, 0x80, 0x800, 0x10000, 0x200000, 0x4000000]);
const INVALID = 'invalid UTF-8 code';
/** Bytes looked at between two looks at the budget. */
const PIECE: u32 = 1 << 16;

/** Code of the sequence decoded last. */
let code: u32 = 0;

/** The byte at an address, 0 at the end. */
// @ts-ignore: decorator
@inline function byteAt(at: u32, end: u32): u32 { return at < end ? <u32>load<u8>(at) : 0; }
// @ts-ignore: decorator
@inline function isContinuation(byte: u32): bool { return (byte & 0xc0) == 0x80; }

/** Decodes the sequence at `at` into `code`. @returns the address behind it, 0 if it is not valid */
function decode(at: u32, end: u32, strict: bool): u32 {
  let lead = byteAt(at++, end);
  if (lead < 0x80) {
    code = lead;
    return at;
  }
  let value: u32 = 0;
  let count: u32 = 0;
  for (; lead & 0x40; lead <<= 1) {
    const next = byteAt(at++, end);
    if (!isContinuation(next)) return 0;
    value = (value << 6) | (next & 0x3f);
    count++;
  }
  if (count > 5) return 0;
  value |= (lead & 0x7f) << (count * 5);
  if (value > MAX_CODE || value < load<u32>(SMALLEST + (count << 2))) return 0;
  if (strict && (value > MAX_UNICODE || value - 0xd800 < 0x800)) return 0;
  code = value;
  return at;
}

/** A place that may count from the end; before the start is 0. */
function relativePlace(place: i64, length: u32): i64 {
  if (place >= 0) return place;
  return place < -(<i64>length) ? 0 : <i64>length + place + 1;
}

// @ts-ignore: decorator
@inline function isLax(base: u32, count: i32, n: i32): bool { return count >= n && !isFalsy(slotOf(base, n)); }

export function utf8Char(thread: u32, base: u32, count: i32): i32 {
  bufferStart();
  for (let n = 1; n <= count; n++) {
    const value = checkInteger(base, count, n);
    if (<u64>value > <u64>MAX_CODE) throwArgument(n, 'value out of range');
    bufferAdvance(encodeUtf8(bufferReserve(8), <u32>value));
  }
  return returnString(base, bufferFinish());
}

export function utf8Codepoint(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const first = relativePlace(optInteger(base, count, 2, 1), length);
  const last = relativePlace(optInteger(base, count, 3, first), length);
  const strict = !isLax(base, count, 4);
  if (first < 1) throwArgument(2, 'out of bounds');
  if (last > <i64>length) throwArgument(3, 'out of bounds');
  if (first > last) return 0;
  const room = <u32>(last - first) + 1;
  if (room > stackLimit() - (base - load<u32>(thread, THREAD_STACK)) / SLOT_SIZE) throwText('stack overflow (string slice too long)');
  work(room);
  base += growStack(thread, base, room * SLOT_SIZE);
  const end = s + STRING_BYTES + length;
  const stop = s + STRING_BYTES + <u32>last;
  let results = 0;
  for (let at = s + STRING_BYTES + <u32>first - 1; at < stop; results++) {
    at = decode(at, end, strict);
    if (!at) throwText(INVALID);
    setInt(base + <u32>results * SLOT_SIZE, <i64>code);
  }
  memory.copy(base - SLOT_SIZE, base, <u32>results * SLOT_SIZE);
  return results;
}

export function utf8Len(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const first = relativePlace(optInteger(base, count, 2, 1), length);
  const last = relativePlace(optInteger(base, count, 3, -1), length);
  const strict = !isLax(base, count, 4);
  if (first < 1 || first > <i64>length + 1) throwArgument(2, 'initial position out of bounds');
  if (last > <i64>length) throwArgument(3, 'final position out of bounds');
  const start = s + STRING_BYTES;
  const end = start + length;
  const stop = start + <u32>last;
  let n: i64 = 0;
  let paid = start + <u32>first - 1;
  for (let at = paid; at < stop; n++) {
    if (at >= paid) {
      work(min(PIECE, stop - at));
      paid = at + PIECE;
    }
    const next = decode(at, end, strict);
    if (!next) {
      returnNil(base);
      setInt(base, <i64>(at - start) + 1);
      return 2;
    }
    at = next;
  }
  return returnInt(base, n);
}

export function utf8Offset(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  let n = checkInteger(base, count, 2);
  const given = relativePlace(optInteger(base, count, 3, n >= 0 ? 1 : <i64>length + 1), length);
  if (given < 1 || given > <i64>length + 1) throwArgument(3, 'position out of bounds');
  const start = s + STRING_BYTES;
  const end = start + length;
  const from = start + <u32>given - 1;
  let at = from;
  if (n == 0) {
    while (at > start && isContinuation(byteAt(at, end))) at--;
    work(from - at);
    return returnInt(base, <i64>(at - start) + 1);
  }
  if (isContinuation(byteAt(at, end))) throwText('initial position is a continuation byte');
  let paid = from;
  if (n < 0) {
    for (; n < 0 && at > start; n++) {
      do at--; while (at > start && isContinuation(load<u8>(at)));
      if (paid - at < PIECE) continue;
      work(paid - at);
      paid = at;
    }
  } else {
    for (n--; n > 0 && at < end; n--) {
      do at++; while (isContinuation(byteAt(at, end)));
      if (at - paid < PIECE) continue;
      work(at - paid);
      paid = at;
    }
  }
  work(at > paid ? at - paid : paid - at);
  return n == 0 ? returnInt(base, <i64>(at - start) + 1) : returnNil(base);
}

export function utf8Codes(thread: u32, base: u32, count: i32): i32 {
  const lax = isLax(base, count, 2);
  const s = checkString(base, count, 1);
  if (load<u32>(s, STRING_LENGTH) && isContinuation(load<u8>(s, STRING_BYTES))) throwArgument(1, INVALID);
  companionOf(lax ? BUILTIN_ID_utf8CodesStep : BUILTIN_ID_utf8Codes, base - SLOT_SIZE);
  setInt(base + SLOT_SIZE, 0);
  return 3;
}

/** The iterators of codes: (s, place) -> the place of the next character, its code. */
export function utf8CodesStep(thread: u32, base: u32, count: i32): i32 { return stepCodes(base, count, true); }
export function utf8CodesStepLax(thread: u32, base: u32, count: i32): i32 { return stepCodes(base, count, false); }

const control = <u32>memory.data(16, 8);

function stepCodes(base: u32, count: i32, strict: bool): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  // What is no integer counts as 0, a negative place as one behind the end.
  const place: u64 = count >= 2 && toIntegerSlot(base + SLOT_SIZE, control) ? intOf(control) : 0;
  if (place >= <u64>length) return 0;
  const start = s + STRING_BYTES;
  const end = start + length;
  let at = start + <u32>place;
  while (isContinuation(byteAt(at, end))) at++;
  work(at - start - <u32>place);
  if (at == end) return 0;
  const next = decode(at, end, strict);
  if (!next || isContinuation(byteAt(next, end))) throwText(INVALID);
  setInt(base - SLOT_SIZE, <i64>(at - start) + 1);
  setInt(base, <i64>code);
  return 2;
}
