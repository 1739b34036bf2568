/**
 * Files as the core sees them: userdata (USERDATA_IS_FILE) with buffers in linear memory, so that lines and numbers are written and read
 * without the host, which only fills and drains. What the file is made on is the host's, behind the userdata's handle.
 *
 * Output is held back in [out, out + pending); input that nobody has taken yet is [in + position, in + end). A line, and whatever else is read at
 * once, always lies in one piece: the input buffer grows until it holds it, and is given back when that has been taken.
 *
 * What was read is lost when there is no memory for all of it, as in C.
 *
 * Invariants: every import may be left by an exception (a limit, an error of the host's), and may close the file: fields are looked at
 * again behind it. No address into a buffer is kept across one.
 *
 * Why not the buffer of buffer.ts for lines: the host may run Lua while it fills.
 */
import {
  FILE_BUFFER, FILE_CLOSED, FILE_END, FILE_FLAGS, FILE_INPUT, FILE_INPUT_SIZE, FILE_LINE, FILE_MODE, FILE_OUTPUT, FILE_OUTPUT_SIZE, FILE_PENDING,
  FILE_POSITION, FILE_SIZE, FILE_UNBUFFERED, FILE_WRITES, OBJECT_EXTRA, TAG_INT, TAG_STRING, USERDATA_IS_FILE, VM_STDOUT,
} from '../../bytecode/layout';
import { copyBytes } from '../base/bytes';
import { hostFileInput, hostFileOutput } from '../base/host';
import { MAX_STRING } from '../strings/buffer';
import { freeRaw } from '../memory/free';
import { allocateRaw, reallocateRaw, tryReallocateRaw } from '../memory/heap';
import { isDigit, writeInteger } from '../number/digits';
import { NUMBER_ROOM, writeFloat } from '../number/print';
import { digitValue, isSpace, parseNumber } from '../number/read';
import { newUserdata } from '../objects/function';
import { newString, tryNewStringInPieces } from '../strings/string';
import { floatOf, intOf, setObject, tagOf } from '../base/value';
import { throwMemoryError, throwText } from '../base/raise';
import { STEPS_PER_UNIT, work } from '../base/budget';

const NEWLINE: u32 = 10;
/** Bytes that are searched, or given to the host, between two looks at the budget. */
const PIECE: u32 = 65536;

/** Host API: a file on what the host has under `handle`. @param flags FILE_* @param mode FILE_FULL... */
export function newFile(handle: u32, flags: u32, mode: u32): u32 {
  const file = newUserdata(FILE_SIZE, handle);
  store<u8>(file, USERDATA_IS_FILE, OBJECT_EXTRA);
  store<u32>(file, flags, FILE_FLAGS);
  store<u32>(file, mode, FILE_MODE);
  store<u32>(file, FILE_BUFFER, FILE_OUTPUT_SIZE);
  return file;
}

// @ts-ignore: decorator
@inline export function isClosed(file: u32): bool { return (load<u32>(file, FILE_FLAGS) & FILE_CLOSED) != 0; }

// ---- Output. All return whether it went well; the host knows what was wrong.

/** Is the byte among these? */
function hasByte(bytes: u32, end: u32, byte: u32): bool { return findByte(bytes, end, byte) != end; }

/** First place of a byte in [at, end), `end` if it is not there: eight bytes at a time. */
function findByte(at: u32, end: u32, byte: u32): u32 {
  const pattern: u64 = <u64>byte * 0x0101010101010101;
  for (; at + 8 <= end; at += 8) {
    const x = load<u64>(at) ^ pattern;
    const zeros = (x - 0x0101010101010101) & ~x & 0x8080808080808080;
    if (zeros) return at + (<u32>ctz<u64>(zeros) >> 3);
  }
  while (at < end && load<u8>(at) != byte) at++;
  return at;
}

/** Writes out what is held back, and gives up what was read ahead. */
function drain(file: u32): bool { return hostFileOutput(file, 0, 0) >= 0; }

/** Something of the host's is to run: what was printed comes before. Nobody waits for it, so it may fail. */
export function flushOutput(): void {
  const file = load<u32>(VM_STDOUT);
  if (file && load<u32>(file, FILE_PENDING)) drain(file);
}

export function writeBytes(file: u32, bytes: u32, length: u32): bool {
  if (length >= STEPS_PER_UNIT) work(min(length, PIECE));
  if (load<u32>(file, FILE_POSITION) != load<u32>(file, FILE_END) && !drain(file)) return false;
  const size = load<u32>(file, FILE_OUTPUT_SIZE);
  const mode = load<u32>(file, FILE_MODE);
  if (length >= size || mode == FILE_UNBUFFERED || !(load<u32>(file, FILE_FLAGS) & FILE_WRITES)) {
    if (load<u32>(file, FILE_PENDING) && !drain(file)) return false;
    for (; length > PIECE; length -= PIECE) {
      if (hostFileOutput(file, bytes, PIECE) < 0) return false;
      bytes += PIECE;
      work(min(length - PIECE, PIECE));
    }
    return hostFileOutput(file, bytes, length) >= 0;
  }
  if (load<u32>(file, FILE_PENDING) + length > size && !drain(file)) return false;
  if (!load<u32>(file, FILE_OUTPUT)) store<u32>(file, allocateRaw(FILE_BUFFER), FILE_OUTPUT);
  const pending = load<u32>(file, FILE_PENDING);
  copyBytes(load<u32>(file, FILE_OUTPUT) + pending, bytes, length);
  store<u32>(file, pending + length, FILE_PENDING);
  return mode != FILE_LINE || !hasByte(bytes, bytes + length, NEWLINE) || drain(file);
}

const scratch = <u32>memory.data(512, 16);

/** One byte, in a buffer if there is room. */
export function writeByte(file: u32, byte: u32): bool {
  store<u8>(scratch, byte);
  return writeBytes(file, scratch, 1);
}

/** Writes a number. @param isPlain floats with integral values get no ".0" (C's "%.14g") */
export function writeNumberTo(file: u32, slot: u32, isPlain: bool): bool {
  // Straight into the buffer if that is full-buffered output under way, with room; the host's modes are 0 for that.
  const pending = load<u32>(file, FILE_PENDING);
  const direct = pending != 0 && load<u32>(file, FILE_MODE) == 0 && pending + NUMBER_ROOM <= load<u32>(file, FILE_OUTPUT_SIZE);
  const out = direct ? load<u32>(file, FILE_OUTPUT) + pending : scratch;
  let length: u32;
  if (tagOf(slot) == TAG_INT) length = writeInteger(out, intOf(slot));
  else {
    length = writeFloat(out, floatOf(slot));
    if (isPlain && load<u16>(out + length - 2) == 0x302e) length -= 2;
  }
  if (!direct) return writeBytes(file, scratch, length);
  store<u32>(file, pending + length, FILE_PENDING);
  // Last: the host may write the buffer out.
  if (length >= STEPS_PER_UNIT) work(length);
  return true;
}

// ---- Input

/** The last read failed; the host knows why. */
let hasFailed = false;

export function startReading(): void { hasFailed = false; }
export function readingFailed(): bool { return hasFailed; }

// @ts-ignore: decorator
@inline function available(file: u32): u32 { return load<u32>(file, FILE_END) - load<u32>(file, FILE_POSITION); }
// @ts-ignore: decorator
@inline function inputStart(file: u32): u32 { return load<u32>(file, FILE_INPUT) + load<u32>(file, FILE_POSITION); }
// @ts-ignore: decorator
@inline function take(file: u32, count: u32): void { store<u32>(file, load<u32>(file, FILE_POSITION) + count, FILE_POSITION); }

/** Host API: makes more input available. @returns bytes; 0 at the end or after a failure */
export function fillFile(file: u32): i32 {
  const rest = available(file);
  const position = load<u32>(file, FILE_POSITION);
  const size = load<u32>(file, FILE_INPUT_SIZE);
  if (!size) {
    store<u32>(file, allocateRaw(FILE_BUFFER), FILE_INPUT);
    store<u32>(file, FILE_BUFFER, FILE_INPUT_SIZE);
  } else if (position && (rest == 0 || load<u32>(file, FILE_END) == size)) {
    const input = load<u32>(file, FILE_INPUT);
    memory.copy(input, input + position, rest);
    store<u32>(file, 0, FILE_POSITION);
    store<u32>(file, rest, FILE_END);
  } else if (rest == size) growInput(file, size);
  const count = hostFileInput(file);
  if (count > 0) work(<u32>count);
  else if (count < 0) hasFailed = true;
  return count;
}

/** Doubles the buffer. */
function growInput(file: u32, size: u32): void {
  const isTooLarge = <u64>size * 2 > MAX_STRING;
  const input = isTooLarge ? 0 : tryReallocateRaw(load<u32>(file, FILE_INPUT), size, size * 2);
  if (!input) {
    dropInput(file);
    if (isTooLarge) throwText('resulting string too large');
    throwMemoryError();
  }
  store<u32>(file, input, FILE_INPUT);
  store<u32>(file, size * 2, FILE_INPUT_SIZE);
}

/** Gives the buffer back, and what is in it up. */
function dropInput(file: u32): void {
  freeRaw(load<u32>(file, FILE_INPUT), load<u32>(file, FILE_INPUT_SIZE));
  store<u32>(file, 0, FILE_INPUT);
  store<u32>(file, 0, FILE_INPUT_SIZE);
  store<u32>(file, 0, FILE_POSITION);
  store<u32>(file, 0, FILE_END);
}

/** Takes `length` bytes as a string. @param skipped bytes behind them that are taken, too */
function takeString(file: u32, length: u32, skipped: u32, result: u32): void {
  const s = tryNewStringInPieces(inputStart(file), length);
  take(file, length + skipped);
  const size = load<u32>(file, FILE_INPUT_SIZE);
  if (size > FILE_BUFFER && available(file) <= FILE_BUFFER) {
    // Moved to the front, and the rest of the buffer given back.
    const input = load<u32>(file, FILE_INPUT);
    const rest = available(file);
    memory.copy(input, inputStart(file), rest);
    store<u32>(file, 0, FILE_POSITION);
    store<u32>(file, rest, FILE_END);
    store<u32>(file, reallocateRaw(input, size, FILE_BUFFER), FILE_INPUT);
    store<u32>(file, FILE_BUFFER, FILE_INPUT_SIZE);
  }
  if (!s) throwMemoryError();
  setObject(result, TAG_STRING, s);
}

/** A line. @returns false at the end */
export function readLine(file: u32, keepsNewline: bool, result: u32): bool {
  let seen: u32 = 0;
  for (;;) {
    while (seen < available(file)) {
      const start = inputStart(file);
      const end = start + min(available(file), seen + PIECE);
      const found = findByte(start + seen, end, NEWLINE);
      work(found - start - seen);
      seen = found - start;
      if (found == end) continue;
      takeString(file, seen + u32(keepsNewline), u32(!keepsNewline), result);
      return true;
    }
    if (fillFile(file) > 0) continue;
    if (!seen || hasFailed) return false;
    takeString(file, available(file), 0, result);
    return true;
  }
}

/** Up to `count` bytes; fewer only at the end. @returns false if there are none */
export function readBytes(file: u32, count: u64, result: u32): bool {
  while (<u64>available(file) < count) if (fillFile(file) <= 0) break;
  const length = <u32>min(<u64>available(file), count);
  if (hasFailed) return false;
  work(length);
  takeString(file, length, 0, result);
  return length > 0;
}

/** The byte behind `count` others without taking any, -1 at the end. */
// @ts-ignore: decorator
@inline function peek(file: u32, count: u32): i32 {
  return count < available(file) || fillFile(file) > 0 ? <i32>load<u8>(inputStart(file) + count) : -1;
}

/** Is there anything more? The result is an empty string. */
export function readNothing(file: u32, result: u32): bool {
  setObject(result, TAG_STRING, newString(scratch, 0));
  return peek(file, 0) >= 0;
}

// ---- Numerals (l_read_number)

const MAX_NUMERAL: u32 = 200;
/** Bytes of the numeral so far: it begins with the next byte to be taken, and is taken as a whole. */
let numeralLength: u32 = 0;
let isTooLong = false;

/** It has `length` bytes now, unless that is too many. */
// @ts-ignore: decorator
@inline function extend(length: u32): bool {
  isTooLong = length > MAX_NUMERAL;
  numeralLength = min(length, MAX_NUMERAL);
  return !isTooLong;
}

/** Adds the next byte if it is one of two. */
function accept(file: u32, first: i32, second: i32): bool {
  const byte = peek(file, numeralLength);
  return (byte == first || byte == second) && extend(numeralLength + 1);
}

/** @returns how many */
function addDigits(file: u32, isHex: bool): u32 {
  const before = numeralLength;
  let length = before;
  for (let byte = peek(file, length); length <= MAX_NUMERAL && (isDigit(byte) || (isHex && digitValue(byte) < 16)); byte = peek(file, length)) length++;
  extend(length);
  return numeralLength - before;
}

/** Takes the longest prefix that looks like a numeral, up to 200 bytes. @returns whether it is one */
export function readNumber(file: u32, result: u32): bool {
  numeralLength = 0;
  isTooLong = false;
  while (isSpace(peek(file, 0))) take(file, 1);
  accept(file, 43, 45);
  let isHex = false;
  let count: u32 = 0;
  if (accept(file, 48, 48)) {
    if (accept(file, 120, 88)) isHex = true;
    else count = 1;
  }
  count += addDigits(file, isHex);
  if (accept(file, 46, 46)) count += addDigits(file, isHex);
  if (count > 0 && (isHex ? accept(file, 112, 80) : accept(file, 101, 69))) {
    accept(file, 43, 45);
    addDigits(file, false);
  }
  const numeral = inputStart(file);
  // The host may have closed the file.
  take(file, min(numeralLength, available(file)));
  return !isTooLong && !hasFailed && parseNumber(numeral, numeralLength, result);
}
