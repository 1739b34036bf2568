/**
 * string.format (manual, section 6.4): C's printf directives with PUC's restrictions on flags, plus %q.
 * A directive is scanned once into the globals below, then checked against the flags its conversion allows.
 */
import {
  SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_STRING, TAG_TRUE,
} from '../../bytecode/layout';
import { checkInteger, checkNumber, checkString, slotOf } from './arguments';
import { bufferAdvance, bufferByte, bufferBytes, bufferFill, bufferFinish, bufferLength, bufferReserve, bufferRewind, bufferStart, bufferText } from '../strings/buffer';
import { chargeUnits, work } from '../base/budget';
import { callCompanion } from './companion';
import { fillBytes, moveBytesUp } from '../base/bytes';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_stringFormat } from '../generated/builtin-ids';
import { EVENT_TOSTRING } from '../generated/metamethods';
import { bufferPointer, bufferValue, returnString } from './base';
import { appendByte, appendBytes, appendText, startMessage, throwMessage } from '../errors/message';
import { metamethodOfValue } from '../objects/metamethod';
import { decimalLength, isDigit, writeDigits, writeInteger } from '../number/digits';
import { writeMagnitude, writeNonFinite } from '../number/print-float';
import { floatOf, intOf, pointerOf, setInt, tagOf } from '../base/value';

const MINUS: u32 = 1;
const PLUS: u32 = 2;
const SPACE: u32 = 4;
const ALTERNATE: u32 = 8;
const ZERO: u32 = 16;

/** Longest directive, with its conversion and without the percent sign. */
const MAX_DIRECTIVE: u32 = 22;
/** Bytes a formatted float may take: 309 digits, point, 99 decimals, sign. */
const FLOAT_ROOM: u32 = 512;
/** Bytes looked at between two looks at the budget, a power of two. */
const PIECE: u32 = 1 << 16;

// The directive being formatted.
let directive: u32 = 0;
let directiveLength: u32 = 0;
let flags: u32 = 0;
let width: u32 = 0;
let precision: i32 = -1;

function flagBit(byte: u32): u32 {
  switch (byte) {
    case 45: return MINUS;
    case 43: return PLUS;
    case 32: return SPACE;
    case 35: return ALTERNATE;
    case 48: return ZERO;
    default: return 0;
  }
}

/** Finds the extent of the directive whose text (behind the percent sign) is at `at`. */
function scanDirective(at: u32, end: u32): void {
  let length: u32 = 0;
  while (at + length < end) {
    const byte = <u32>load<u8>(at + length);
    if (!flagBit(byte) && !isDigit(byte) && byte != 46) break;
    length++;
  }
  directive = at;
  directiveLength = at + length < end ? length + 1 : length;
  if (length + 1 >= MAX_DIRECTIVE) throwText('invalid format (too long)');
}

/** Appends the directive to the message, up to a zero byte, as C would. */
function appendDirective(): void {
  appendByte(37);
  let shown: u32 = 0;
  while (shown < directiveLength && load<u8>(directive + shown)) shown++;
  appendBytes(directive, shown);
}

function throwBadSpecification(): void {
  startMessage("invalid conversion specification: '");
  appendDirective();
  appendByte(39);
  throwMessage();
}

/** Reads flags, width and precision, and raises an error for those the conversion does not take. */
function readDirective(allowed: u32, takesPrecision: bool): void {
  let at = directive;
  const last = directive + directiveLength - 1;
  flags = 0;
  width = 0;
  precision = -1;
  for (let bit: u32; at < last && (bit = flagBit(load<u8>(at))) & allowed; at++) flags |= bit;
  if (at < last && load<u8>(at) != 48) {
    for (let n = 0; n < 2 && isDigit(load<u8>(at)); n++) width = width * 10 + load<u8>(at++) - 48;
  }
  if (takesPrecision && load<u8>(at) == 46) {
    precision = 0;
    at++;
    for (let n = 0; n < 2 && isDigit(load<u8>(at)); n++) precision = precision * 10 + load<u8>(at++) - 48;
  }
  if (at != last) throwBadSpecification();
}

/** Appends what was written behind the buffer's end with the width applied: `length` bytes of which `prefix` stay before zeros. */
function padInPlace(out: u32, length: u32, prefix: u32, zeros: bool): void {
  if (length < width) {
    const missing = width - length;
    if (flags & MINUS) fillBytes(out + length, 32, missing);
    else if (zeros) {
      moveBytesUp(out + prefix + missing, out + prefix, length - prefix);
      fillBytes(out + prefix, 48, missing);
    } else {
      moveBytesUp(out + missing, out, length);
      fillBytes(out, 32, missing);
    }
    length = width;
  }
  bufferAdvance(length);
}

/** Applies precision and width to what was appended since the buffer's length was `start`. */
function padFrom(start: u32): void {
  let length = bufferLength() - start;
  bufferRewind(length);
  if (precision >= 0) length = min(length, <u32>precision);
  padInPlace(bufferReserve(max(length, width)), length, 0, false);
}

/** Sign of a number that is not negative, 0 for none. */
// @ts-ignore: decorator
@inline function positiveSign(): u32 { return flags & PLUS ? 43 : flags & SPACE ? 32 : 0; }

/** %d, %i, %u: the magnitude in decimal. */
function formatDecimal(magnitude: u64, negative: bool): void {
  const out = bufferReserve(256);
  let at = out;
  const sign = negative ? 45 : positiveSign();
  if (sign) store<u8>(at++, sign);
  let digits = magnitude == 0 && precision == 0 ? 0 : decimalLength(magnitude);
  digits = max(digits, <u32>max(precision, 0));
  writeDigits(at, magnitude, digits);
  padInPlace(out, at - out + digits, at - out, (flags & ZERO) != 0 && precision < 0);
}

/** %x, %X, %o. @param shift bits of a digit  @param letters what makes a digit above 9 a letter */
function formatBits(value: u64, shift: u64, letters: u32): void {
  const out = bufferReserve(256);
  let at = out;
  let digits: u32 = value == 0 && precision != 0 ? 1 : 0;
  for (let rest = value; rest; rest >>= shift) digits++;
  if (flags & ALTERNATE) {
    if (shift == 3) digits += u32(value != 0 || digits == 0);
    else if (value) {
      store<u8>(at, 48);
      // 'x' or 'X'
      store<u8>(at, letters + 33, 1);
      at += 2;
    }
  }
  digits = max(digits, <u32>max(precision, 0));
  for (let i = digits; i > 0; i--) {
    const digit = <u32>value & ((1 << <u32>shift) - 1);
    store<u8>(at + i - 1, digit < 10 ? 48 + digit : letters + digit);
    value >>= shift;
  }
  padInPlace(out, at - out + digits, at - out, (flags & ZERO) != 0 && precision < 0);
}

/** %a %e %f %g and capitals. */
function formatFloat(value: f64, conversion: u32): void {
  const out = bufferReserve(FLOAT_ROOM);
  const isFinite = abs(value) < Infinity;
  let at = out;
  const sign = reinterpret<i64>(value) < 0 ? 45 : positiveSign();
  if (sign) store<u8>(at++, sign);
  let prefix = at - out;
  if (isFinite) at += writeMagnitude(at, abs(value), conversion | 32, precision, (flags & ALTERNATE) != 0);
  else at += writeNonFinite(at, value);
  if ((conversion | 32) == 97 && isFinite) prefix += 2;
  if (conversion < 97) for (let i = out; i < at; i++) if (load<u8>(i) >= 97) store<u8>(i, load<u8>(i) - 32);
  padInPlace(out, at - out, prefix, (flags & ZERO) != 0 && isFinite);
}

/** Bytes with the width applied, in a string of any length. */
function formatBytes(bytes: u32, length: u32): void {
  const missing = length < width ? width - length : 0;
  if (!(flags & MINUS)) bufferFill(32, missing);
  bufferBytes(bytes, length);
  if (flags & MINUS) bufferFill(32, missing);
}

/** %q of a string: a literal the parser reads back. */
function quoteString(s: u32): void {
  const length = load<u32>(s, STRING_LENGTH);
  bufferByte(34);
  for (let i: u32 = 0; i < length; i++) {
    if ((i & (PIECE - 1)) == 0) work(min(PIECE, length - i));
    const byte = <u32>load<u8>(s + i, STRING_BYTES);
    if (byte == 34 || byte == 92 || byte == 10) {
      bufferByte(92);
      bufferByte(byte);
    } else if (byte < 32 || byte == 127) {
      // Three digits where a digit follows, else as few as possible.
      const digits = i + 1 < length && isDigit(load<u8>(s + i + 1, STRING_BYTES)) ? 3 : decimalLength(byte);
      bufferByte(92);
      writeDigits(bufferReserve(3), byte, digits);
      bufferAdvance(digits);
    } else bufferByte(byte);
  }
  bufferByte(34);
}

/** %q */
function quoteValue(slot: u32, argument: i32): void {
  const tag = tagOf(slot);
  if (tag == TAG_STRING) quoteString(pointerOf(slot));
  else if (tag == TAG_INT) {
    if (intOf(slot) == i64.MIN_VALUE) bufferText('0x8000000000000000');
    else bufferAdvance(writeInteger(bufferReserve(24), intOf(slot)));
  } else if (tag == TAG_FLOAT) {
    const value = floatOf(slot);
    if (value != value) bufferText('(0/0)');
    else if (abs(value) == Infinity) bufferText(value > 0 ? '1e9999' : '-1e9999');
    else {
      flags = width = 0;
      precision = -1;
      formatFloat(value, 97);
    }
  } else if (tag <= TAG_TRUE) bufferValue(slot);
  else throwArgument(argument, 'value has no literal form');
}

/** %s of a string. */
function formatString(s: u32, argument: i32): void {
  const bytes = s + STRING_BYTES;
  let length = load<u32>(s, STRING_LENGTH);
  if (directiveLength == 1) {
    bufferBytes(bytes, length);
    return;
  }
  for (let i: u32 = 0; i < length; i++) {
    if ((i & (PIECE - 1)) == 0) work(min(PIECE, length - i));
    if (!load<u8>(bytes + i)) throwArgument(argument, 'string contains zeros');
  }
  readDirective(MINUS, true);
  if (precision >= 0) length = min(length, <u32>precision);
  formatBytes(bytes, length);
}

function throwBadConversion(): void {
  startMessage("invalid conversion '");
  appendDirective();
  appendText("' to 'format'");
  throwMessage();
}

function formatDirective(conversion: u32, base: u32, count: i32, argument: i32): void {
  const slot = slotOf(base, argument);
  switch (conversion) {
    case 99: { // c
      readDirective(MINUS, false);
      const out = bufferReserve(128);
      store<u8>(out, <u8>checkInteger(base, count, argument));
      padInPlace(out, 1, 0, false);
      break;
    }
    case 100: case 105: { // d i
      const value = checkInteger(base, count, argument);
      readDirective(MINUS | PLUS | ZERO | SPACE, true);
      formatDecimal(value < 0 ? <u64>-value : <u64>value, value < 0);
      break;
    }
    case 117: { // u
      const value = checkInteger(base, count, argument);
      readDirective(MINUS | ZERO, true);
      formatDecimal(<u64>value, false);
      break;
    }
    case 111: case 120: case 88: { // o x X
      const value = checkInteger(base, count, argument);
      readDirective(MINUS | ALTERNATE | ZERO, true);
      formatBits(<u64>value, conversion == 111 ? 3 : 4, conversion == 88 ? 55 : 87);
      break;
    }
    case 97: case 65: // a A
      readDirective(MINUS | PLUS | ALTERNATE | ZERO | SPACE, true);
      formatFloat(checkNumber(base, count, argument), conversion);
      break;
    case 101: case 69: case 102: case 103: case 71: { // e E f g G
      const value = checkNumber(base, count, argument);
      readDirective(MINUS | PLUS | ALTERNATE | ZERO | SPACE, true);
      formatFloat(value, conversion);
      break;
    }
    case 112: { // p
      readDirective(MINUS, false);
      const start = bufferLength();
      if (tagOf(slot) < TAG_LIGHT) bufferText('(null)');
      else bufferPointer(pointerOf(slot));
      padFrom(start);
      break;
    }
    case 113: // q
      if (directiveLength != 1) throwText("specifier '%q' cannot have modifiers");
      quoteValue(slot, argument);
      break;
    case 115: // s
      if (tagOf(slot) == TAG_STRING) formatString(pointerOf(slot), argument);
      else {
        const start = bufferLength();
        bufferValue(slot);
        if (directiveLength > 1) {
          readDirective(MINUS, true);
          padFrom(start);
        }
      }
      break;
    default:
      throwBadConversion();
  }
}

export function stringFormat(thread: u32, base: u32, count: i32): i32 { return formatArguments(thread, base, count, 0); }

/** (n, ...): as string.format(...), where arguments up to number n are what `__tostring` gave and are taken as they are. */
export function stringFormatConverted(thread: u32, base: u32, count: i32): i32 {
  const converted = <i32>checkInteger(base, count, 1);
  memory.copy(base, base + SLOT_SIZE, <u32>(count - 1) * SLOT_SIZE);
  return formatArguments(thread, base, count - 1, converted);
}

function formatArguments(thread: u32, base: u32, count: i32, converted: i32): i32 {
  const format = checkString(base, count, 1);
  const end = format + STRING_BYTES + load<u32>(format, STRING_LENGTH);
  let argument = 1;
  work(end - format);
  bufferStart();
  for (let at = format + STRING_BYTES; at < end;) {
    const run = at;
    while (at < end && load<u8>(at) != 37) at++;
    if (at > run) bufferBytes(run, at - run);
    if (at == end) break;
    at++;
    if (at < end && load<u8>(at) == 37) {
      bufferByte(37);
      at++;
      continue;
    }
    chargeUnits(1);
    argument++;
    if (argument > count) throwArgument(argument, 'no value');
    scanDirective(at, end);
    at += directiveLength;
    const conversion: u32 = directiveLength ? load<u8>(at - 1) : 0;
    if (conversion == 115 && argument > converted && metamethodOfValue(slotOf(base, argument), EVENT_TOSTRING)) return convertFirst(thread, base, count, argument);
    formatDirective(conversion, base, count, argument);
  }
  return returnString(base, bufferFinish());
}

/** An argument of %s has `__tostring`: the companion replaces it by its string and formats again. */
function convertFirst(thread: u32, base: u32, count: i32, argument: i32): i32 {
  memory.copy(base + SLOT_SIZE, base, <u32>count * SLOT_SIZE);
  setInt(base, argument);
  return callCompanion(thread, base, count + 1, BUILTIN_ID_stringFormat);
}
