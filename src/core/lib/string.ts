/** String functions on bytes (manual, section 6.4); format and the pattern functions have modules of their own. */
import { EXTRA_STACK, SLOT_SIZE, STRING_BYTES, STRING_LENGTH } from '../../bytecode/layout';
import { ONES } from '../base/bytes';
import { copyInPieces } from '../base/pieces';
import { throwArgument, throwText } from '../base/raise';
import { MAX_STRING, bufferAdvance, bufferFinish, bufferReserve, bufferStart } from '../strings/buffer';
import { internFinished, newStringInPieces, newStringUninitialised, stringFromLiteral } from '../strings/string';
import { setInt } from '../base/value';
import { work } from '../base/budget';
import { growStack, stackLimit } from '../run/stack';
import { checkInteger, checkString, isNoneOrNil, optInteger } from './arguments';
import { returnInt, returnString } from './base';

/** Bytes copied, and bytes looked at one by one, between two looks at the budget. */
const PIECE: u32 = 1 << 16;

/** Start of a range as a 1-based place: negative counts from the end, before the start is 1. */
export function startPosition(position: i64, length: u32): i64 {
  if (position > 0) return position;
  if (position == 0 || position < -(<i64>length)) return 1;
  return <i64>length + position + 1;
}

/** End of a range: behind the end is the end, before the start 0. */
function endPosition(position: i64, length: u32): i64 {
  if (position > <i64>length) return length;
  if (position >= 0) return position;
  return position < -(<i64>length) ? 0 : <i64>length + position + 1;
}

export function stringLen(thread: u32, base: u32, count: i32): i32 {
  return returnInt(base, <i64>load<u32>(checkString(base, count, 1), STRING_LENGTH));
}

export function stringSub(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const first = startPosition(checkInteger(base, count, 2), length);
  const last = endPosition(optInteger(base, count, 3, -1), length);
  if (first == 1 && last == <i64>length) return returnString(base, s);
  const size = first > last ? 0 : <u32>(last - first + 1);
  return returnString(base, newStringInPieces(s + STRING_BYTES + <u32>(first - 1), size));
}

export function stringByte(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const from = optInteger(base, count, 2, 1);
  const first = startPosition(from, length);
  const last = endPosition(optInteger(base, count, 3, from), length);
  if (first > last) return 0;
  const results = last - first + 1;
  if (results >= <i64>stackLimit()) throwText('stack overflow (string slice too long)');
  if (results > <i64>EXTRA_STACK) base += growStack(thread, base, <u32>results * SLOT_SIZE);
  work(<u32>results);
  const bytes = s + STRING_BYTES + <u32>(first - 1);
  for (let i: u32 = 0; i < <u32>results; i++) setInt(base - SLOT_SIZE + i * SLOT_SIZE, <i64>load<u8>(bytes + i));
  return <i32>results;
}

export function stringChar(thread: u32, base: u32, count: i32): i32 {
  work(count);
  bufferStart();
  const out = bufferReserve(count);
  for (let n = 1; n <= count; n++) {
    const code = checkInteger(base, count, n);
    if (<u64>code > 255) throwArgument(n, 'value out of range');
    store<u8>(out + n - 1, <u8>code);
  }
  bufferAdvance(count);
  return returnString(base, bufferFinish());
}

export function stringLower(thread: u32, base: u32, count: i32): i32 { return changeCase(base, count, 65); }
export function stringUpper(thread: u32, base: u32, count: i32): i32 { return changeCase(base, count, 97); }

/** Flips the case of those of the 26 letters from `first` on that are among the eight bytes of a word: bit 7 of a sum says whether the lower seven are the letter's or more. */
// @ts-ignore: decorator
@inline function flipLetters(word: u64, first: u32): u64 {
  const low = word & 127 * ONES;
  const isLetter = ((low + <u64>(128 - first) * ONES) ^ (low + <u64>(128 - first - 26) * ONES)) & ~word & 128 * ONES;
  return word ^ (isLetter >> 2);
}

/** Flips the case of the 26 letters from `first` on. */
function changeCase(base: u32, count: i32, first: u32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const result = newStringUninitialised(length);
  for (let i: u32 = 0; i < length; ) {
    const stop = min(i + PIECE, length);
    work(stop - i);
    for (; i + 8 <= stop; i += 8) store<u64>(result + i, flipLetters(load<u64>(s + i, STRING_BYTES), first), STRING_BYTES);
    for (; i < stop; i++) {
      const byte = <u32>load<u8>(s + i, STRING_BYTES);
      store<u8>(result + i, byte - first < 26 ? byte ^ 32 : byte, STRING_BYTES);
    }
  }
  return returnString(base, internFinished(result));
}

export function stringReverse(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const length = load<u32>(s, STRING_LENGTH);
  const result = newStringUninitialised(length);
  const last = s + STRING_BYTES + length - 1;
  for (let i: u32 = 0; i < length; ) {
    const stop = min(i + PIECE, length);
    work(stop - i);
    for (; i < stop; i++) store<u8>(result + i, load<u8>(last - i), STRING_BYTES);
  }
  return returnString(base, internFinished(result));
}

export function stringRep(thread: u32, base: u32, count: i32): i32 {
  const s = checkString(base, count, 1);
  const times = checkInteger(base, count, 2);
  const separator = isNoneOrNil(base, count, 3) ? 0 : checkString(base, count, 3);
  const length = load<u32>(s, STRING_LENGTH);
  const separatorLength = separator ? load<u32>(separator, STRING_LENGTH) : 0;
  const unit = <u64>length + separatorLength;
  if (times <= 0 || unit == 0) return returnString(base, stringFromLiteral(''));
  if (<u64>times > MAX_STRING || unit * <u64>times - separatorLength > MAX_STRING) throwText('resulting string too large');
  if (times == 1) return returnString(base, s);
  const total = <u32>(unit * <u64>times - separatorLength);
  const result = newStringUninitialised(total);
  const out = result + STRING_BYTES;
  copyInPieces(out, s + STRING_BYTES, length);
  if (separator) copyInPieces(out + length, separator + STRING_BYTES, min(separatorLength, total - length));
  // Double what is there until the rest fits.
  for (let done = <u32>min<u64>(unit, total); done < total; ) {
    const size = min(done, total - done);
    copyInPieces(out + done, out, size);
    done += size;
  }
  return returnString(base, internFinished(result));
}
