/**
 * string.pack, packsize and unpack (manual, section 6.4.2).
 * A format is read option by option into the globals below. Sizes are those of C on 64-bit machines, whatever the host.
 */
import { SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_STRING, THREAD_STACK } from '../../bytecode/layout';
import { appendByte, appendInteger, appendText, startMessage, throwMessage } from '../errors/message';
import { throwArgument, throwText } from '../base/raise';
import { bufferAdvance, bufferByte, bufferBytes, bufferFill, bufferFinish, bufferReserve, bufferStart } from '../strings/buffer';
import { isDigit } from '../number/digits';
import { newStringInPieces } from '../strings/string';
import { setFloat, setInt, setNil, setObject } from '../base/value';
import { work } from '../base/budget';
import { growStack, stackLimit } from '../run/stack';
import { checkInteger, checkNumber, checkString, optInteger, slotOf } from './arguments';
import { returnInt } from './base';
import { startPosition } from './string';

// What an option stands for.
const SIGNED: u32 = 0;
const UNSIGNED: u32 = 1;
const FLOAT: u32 = 2;
const DOUBLE: u32 = 3;
const FIXED: u32 = 4;
const COUNTED: u32 = 5;
const TERMINATED: u32 = 6;
const PADDING: u32 = 7;
const ALIGNMENT: u32 = 8;
const NOTHING: u32 = 9;

const MAX_INTEGER_SIZE: i32 = 16;
const NATIVE_ALIGNMENT: i32 = 8;
const LARGEST_SIZE: i64 = 0x7fffffff;
/** Steps that an option counts for; what it copies is paid for as it is copied. */
const OPTION_STEPS: u32 = 8;
/** Bytes of the format that are paid for at once. */
const PIECE: u32 = 4096;

/** The format not yet read: up to its end or its first zero byte. */
let at: u32 = 0;
let end: u32 = 0;
let paidTo: u32 = 0;
let littleEndian = true;
let maxAlignment: i32 = 1;
/** Bytes of the option just read, and padding bytes in front of it. */
let size: i32 = 0;
let padding: u32 = 0;

function startFormat(format: u32): void {
  at = format + STRING_BYTES;
  end = at + load<u32>(format, STRING_LENGTH);
  for (let place = at; place < end; place++) if (!load<u8>(place)) end = place;
  paidTo = at;
  littleEndian = true;
  maxAlignment = 1;
}

/** Pays for the options of the next part of the format. */
function payAhead(): void {
  const part = min(end - at, PIECE);
  paidTo = at + part;
  work(part * OPTION_STEPS);
}

// @ts-ignore: decorator
@inline function hasDigit(): bool { return at < end && isDigit(load<u8>(at)); }

/** The number written behind an option. */
function readNumber(otherwise: i32): i32 {
  if (!hasDigit()) return otherwise;
  let n = 0;
  do n = n * 10 + <i32>load<u8>(at++) - 48; while (hasDigit() && n <= 214748363);
  return n;
}

function readIntegerSize(otherwise: i32): i32 {
  const n = readNumber(otherwise);
  if (n <= 0 || n > MAX_INTEGER_SIZE) {
    startMessage('integral size (');
    appendInteger(n);
    appendText(') out of limits [1,16]');
    throwMessage();
  }
  return n;
}

/** Reads an option and sets `size`. @returns its kind */
function readOption(): u32 {
  const option = <u32>load<u8>(at++);
  size = 0;
  switch (option) {
    case 98: size = 1; return SIGNED; // b
    case 66: size = 1; return UNSIGNED; // B
    case 104: size = 2; return SIGNED; // h
    case 72: size = 2; return UNSIGNED; // H
    case 108: case 106: size = 8; return SIGNED; // l j
    case 76: case 74: case 84: size = 8; return UNSIGNED; // L J T
    case 102: size = 4; return FLOAT; // f
    case 110: case 100: size = 8; return DOUBLE; // n d
    case 105: size = readIntegerSize(4); return SIGNED; // i
    case 73: size = readIntegerSize(4); return UNSIGNED; // I
    case 115: size = readIntegerSize(8); return COUNTED; // s
    case 99: // c
      size = readNumber(-1);
      if (size == -1) throwText("missing size for format option 'c'");
      return FIXED;
    case 122: return TERMINATED; // z
    case 120: size = 1; return PADDING; // x
    case 88: return ALIGNMENT; // X
    case 32: break;
    case 60: littleEndian = true; break;
    case 62: littleEndian = false; break;
    case 61: littleEndian = true; break;
    case 33: maxAlignment = readIntegerSize(NATIVE_ALIGNMENT); break;
    default:
      startMessage("invalid format option '");
      appendByte(option);
      appendByte(39);
      throwMessage();
  }
  return NOTHING;
}

/** Reads the next option; sets `size`, and `padding` for an option that begins at `offset`. @returns its kind */
function nextOption(offset: u64): u32 {
  if (at >= paidTo) payAhead();
  const kind = readOption();
  let alignment = size;
  if (kind == ALIGNMENT) {
    // Aligns as the option behind it would, which is not packed.
    const aligned = at == end ? FIXED : readOption();
    alignment = size;
    size = 0;
    if (aligned == FIXED || alignment == 0) throwArgument(1, "invalid next option for option 'X'");
  }
  padding = 0;
  if (alignment > 1 && kind != FIXED) {
    alignment = min(alignment, maxAlignment);
    if (alignment & (alignment - 1)) throwArgument(1, 'format asks for alignment not power of 2');
    padding = <u32>(alignment - <i32>(offset & <u64>(alignment - 1))) & (alignment - 1);
  }
  return kind;
}

export function stringPacksize(thread: u32, base: u32, count: i32): i32 {
  startFormat(checkString(base, count, 1));
  let total: i64 = 0;
  while (at < end) {
    const kind = nextOption(total);
    if (kind == COUNTED || kind == TERMINATED) throwArgument(1, 'variable-length format');
    const room = <i64>size + padding;
    if (total > LARGEST_SIZE - room) throwArgument(1, 'format result too large');
    total += room;
  }
  return returnInt(base, total);
}

// ---- Packing

/** Where byte i of an integer (0 is the lowest) goes in `size` bytes. */
// @ts-ignore: decorator
@inline function place(i: i32): u32 { return littleEndian ? i : size - 1 - i; }

function packInteger(value: i64): void {
  const out = bufferReserve(size);
  for (let i = 0; i < size; i++) {
    // Bytes beyond the value repeat its sign.
    store<u8>(out + place(i), <u8>value);
    value >>= 8;
  }
  bufferAdvance(size);
}

/** As packInteger with zeros beyond the value. */
function packUnsigned(value: u64): void {
  const out = bufferReserve(size);
  for (let i = 0; i < size; i++) {
    store<u8>(out + place(i), <u8>value);
    value >>= 8;
  }
  bufferAdvance(size);
}

// @ts-ignore: decorator
@inline function hasZero(s: u32): bool {
  work(load<u32>(s, STRING_LENGTH));
  for (let i: u32 = 0, length = load<u32>(s, STRING_LENGTH); i < length; i++) if (!load<u8>(s + i, STRING_BYTES)) return true;
  return false;
}

export function stringPack(thread: u32, base: u32, count: i32): i32 {
  startFormat(checkString(base, count, 1));
  let argument = 1;
  // PUC's messages know an argument that is missing as nil.
  setNil(slotOf(base, ++count));
  // Strings make the result longer than what their options say.
  let total: u64 = 0;
  bufferStart();
  while (at < end) {
    const kind = nextOption(total);
    total += padding + <u32>size;
    bufferFill(0, padding);
    if (kind <= TERMINATED) argument++;
    switch (kind) {
      case SIGNED: {
        const value = checkInteger(base, count, argument);
        if (size < 8) {
          const limit = <i64>1 << (size * 8 - 1);
          if (value < -limit || value >= limit) throwArgument(argument, 'integer overflow');
        }
        packInteger(value);
        break;
      }
      case UNSIGNED: {
        const value = checkInteger(base, count, argument);
        if (size < 8 && <u64>value >= <u64>1 << (size * 8)) throwArgument(argument, 'unsigned overflow');
        packUnsigned(value);
        break;
      }
      case FLOAT:
        packUnsigned(reinterpret<u32>(<f32>checkNumber(base, count, argument)));
        break;
      case DOUBLE:
        packUnsigned(reinterpret<u64>(checkNumber(base, count, argument)));
        break;
      case FIXED: {
        const s = checkString(base, count, argument);
        const length = load<u32>(s, STRING_LENGTH);
        if (length > <u32>size) throwArgument(argument, 'string longer than given size');
        bufferBytes(s + STRING_BYTES, length);
        bufferFill(0, <u32>size - length);
        break;
      }
      case COUNTED: {
        const s = checkString(base, count, argument);
        const length = load<u32>(s, STRING_LENGTH);
        if (size < 4 && length >= <u32>1 << (size * 8)) throwArgument(argument, 'string length does not fit in given size');
        packUnsigned(length);
        bufferBytes(s + STRING_BYTES, length);
        total += length;
        break;
      }
      case TERMINATED: {
        const s = checkString(base, count, argument);
        if (hasZero(s)) throwArgument(argument, 'string contains zeros');
        const length = load<u32>(s, STRING_LENGTH);
        bufferBytes(s + STRING_BYTES, length);
        bufferByte(0);
        total += <u64>length + 1;
        break;
      }
      case PADDING:
        bufferByte(0);
        break;
    }
  }
  setObject(base - SLOT_SIZE, TAG_STRING, bufferFinish());
  return 1;
}

// ---- Unpacking

/** The integer in `size` bytes; those beyond 64 bits have to be its sign. */
function unpackInteger(bytes: u32, signed: bool): i64 {
  let value: i64 = 0;
  for (let i = min(size, 8) - 1; i >= 0; i--) value = (value << 8) | load<u8>(bytes + place(i));
  if (size < 8) {
    const unused = <i64>64 - size * 8;
    if (signed) value = (value << unused) >> unused;
  } else {
    const filler: u32 = signed && value < 0 ? 255 : 0;
    for (let i = 8; i < size; i++) {
      if (load<u8>(bytes + place(i)) == filler) continue;
      startMessage('');
      appendInteger(size);
      appendText('-byte integer does not fit into Lua Integer');
      throwMessage();
    }
  }
  return value;
}

export function stringUnpack(thread: u32, base: u32, count: i32): i32 {
  const format = checkString(base, count, 1);
  const data = checkString(base, count, 2);
  const length = load<u32>(data, STRING_LENGTH);
  const first = startPosition(optInteger(base, count, 3, 1), length) - 1;
  if (first > <i64>length) throwArgument(3, 'initial position out of string');
  startFormat(format);
  const start = data + STRING_BYTES;
  let offset = <u32>first;
  // Results go above the arguments, which are roots of what is read from, and down to their place at the end.
  const rootOffset = base - load<u32>(thread, THREAD_STACK);
  const limit = stackLimit() - rootOffset / SLOT_SIZE - count - 1;
  let results: u32 = 0;
  let to = base + <u32>count * SLOT_SIZE;
  while (at < end) {
    const kind = nextOption(offset);
    if (<u64>padding + <u32>size > <u64>(length - offset)) throwArgument(2, 'data string too short');
    offset += padding;
    if (kind <= TERMINATED) {
      if (results + 2 > limit) throwText('stack overflow (too many results)');
      to += growStack(thread, to, 2 * SLOT_SIZE);
      const bytes = start + offset;
      switch (kind) {
        case SIGNED: setInt(to, unpackInteger(bytes, true)); break;
        case UNSIGNED: setInt(to, unpackInteger(bytes, false)); break;
        case FLOAT: setFloat(to, <f64>reinterpret<f32>(<u32>unpackInteger(bytes, false))); break;
        case DOUBLE: setFloat(to, reinterpret<f64>(unpackInteger(bytes, false))); break;
        case FIXED: setObject(to, TAG_STRING, newStringInPieces(bytes, size)); break;
        case COUNTED: {
          const counted = <u64>unpackInteger(bytes, false);
          if (counted > <u64>(length - offset - size)) throwArgument(2, 'data string too short');
          setObject(to, TAG_STRING, newStringInPieces(bytes + size, <u32>counted));
          offset += <u32>counted;
          break;
        }
        case TERMINATED: {
          let stop = offset;
          while (stop < length && load<u8>(start + stop)) stop++;
          work(stop - offset);
          if (stop == length) throwArgument(2, "unfinished string for format 'z'");
          setObject(to, TAG_STRING, newStringInPieces(bytes, stop - offset));
          offset = stop + 1;
          break;
        }
      }
      to += SLOT_SIZE;
      results++;
    }
    offset += size;
  }
  to += growStack(thread, to, SLOT_SIZE);
  setInt(to, <i64>offset + 1);
  base = load<u32>(thread, THREAD_STACK) + rootOffset;
  memory.copy(base - SLOT_SIZE, base + <u32>count * SLOT_SIZE, (results + 1) * SLOT_SIZE);
  return results + 1;
}
