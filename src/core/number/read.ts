/**
 * Reading numerals (manual, 3.1 and 3.4.3): decimal and hexadecimal, integer and float, with white space around and a sign.
 * Decimal integers too large for an integer become floats, hexadecimal ones wrap around. No `inf`, no `nan`.
 */
import { charge } from '../base/budget';
import { ONES } from '../base/bytes';
import { setFloat, setInt } from '../base/value';
import { isDigit, skipByte, skipDigits } from './digits';
import { readDecimal, scaleBinary, scaleTen } from './read-float';

/** Digits that a float depends on, at most, and steps that each of them is worth where all count. */
const EXACT_DIGITS: u32 = 800;
const EXACT_STEPS: u32 = 24;

/** Bytes C's isspace accepts. */
// @ts-ignore: decorator
@inline export function isSpace(byte: u32): bool { return byte == 32 || byte - 9 < 5; }

/** Value of a digit in bases up to 36; 255 for other bytes. */
export function digitValue(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 26 ? letter + 10 : 255;
}

/** Parses the whole of [bytes, bytes + length). @returns false: not a numeral; `result` is then unchanged */
export function parseNumber(bytes: u32, length: u32, result: u32): bool {
  charge(2 * length);
  let at = bytes;
  let end = bytes + length;
  at = skipByte(at, end, 32);
  while (at < end && isSpace(load<u8>(at))) at++;
  while (end - at >= 8 && load<u64>(end - 8) == 32 * ONES) end -= 8;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  if (at == end) return false;
  const first: u32 = load<u8>(at);
  const negative = first == 45;
  if (negative || first == 43) at++;
  if (at + 1 < end && load<u8>(at) == 48 && (load<u8>(at, 1) | 32) == 120) return parseHexadecimal(at + 2, end, negative, result);
  return parseDecimal(at, end, negative, result);
}

function parseDecimal(start: u32, end: u32, negative: bool, result: u32): bool {
  let at = start;
  let mantissa: u64 = 0;
  // Decimal exponent of the mantissa's last digit, without the written one; digits beyond what the mantissa holds make it inexact.
  let exponent: i32 = 0;
  let exact = true;
  let digits: u32 = 0;
  let written = 0;
  at = skipByte(at, end, 48);
  digits = at - start;
  for (; at < end && isDigit(load<u8>(at)); at++, digits++) {
    const digit = <u64>load<u8>(at) - 48;
    if (mantissa > 922337203685477580) {
      exact = false;
      at = skipDigits(at + 1, end) - 1;
    }
    if (exact) mantissa = mantissa * 10 + digit;
  }
  if (at == end) {
    if (!digits) return false;
    // 2^63 itself is an integer only with a minus sign.
    if (exact && mantissa <= <u64>i64.MAX_VALUE + <u64>negative) {
      setInt(result, negative ? -(<i64>mantissa) : <i64>mantissa);
      return true;
    }
  } else if (load<u8>(at) == 46) {
    const point = ++at;
    if (!mantissa) at = skipByte(at, end, 48);
    exponent = point - at;
    digits += at - point;
    for (; at < end && isDigit(load<u8>(at)); at++, digits++) {
      const digit = <u64>load<u8>(at) - 48;
      if (mantissa > 922337203685477580) {
        exact = false;
        at = skipDigits(at + 1, end) - 1;
      }
      if (exact) {
        mantissa = mantissa * 10 + digit;
        exponent--;
      }
    }
  }
  if (!digits) return false;
  if (at < end && (load<u8>(at) | 32) == 101) {
    at++;
    written = parseExponent(at, end);
    if (written == NO_EXPONENT) return false;
    at = end;
  }
  if (at != end) return false;
  if (!exact) charge(min(end - start, EXACT_DIGITS) * EXACT_STEPS);
  const value = exact ? scaleTen(mantissa, exponent + written) : readDecimal(start, end, written);
  setFloat(result, negative ? -value : value);
  return true;
}

const NO_EXPONENT = i32.MIN_VALUE;

/** Sign and digits that fill [at, end); clipped far outside of the floats' range. */
function parseExponent(start: u32, end: u32): i32 {
  let at = start;
  let negative = false;
  if (at < end) {
    const sign = load<u8>(at);
    negative = sign == 45;
    if (negative || sign == 43) at++;
  }
  if (at == end) return NO_EXPONENT;
  let value = 0;
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (!isDigit(byte)) return NO_EXPONENT;
    if (value < 100000000) value = value * 10 + <i32>(byte - 48);
  }
  return negative ? -value : value;
}

/** The part behind 0x. */
function parseHexadecimal(start: u32, end: u32, negative: bool, result: u32): bool {
  let at = start;
  let wrapped: u64 = 0;
  // For floats: the leading 60 bits or more of the digits, with a sticky last bit, times 2^exponent.
  let mantissa: u64 = 0;
  let exponent: i32 = 0;
  let digits = 0;
  let isFloat = false;
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 46 && !isFloat) {
      isFloat = true;
      continue;
    }
    const digit = digitValue(byte);
    if (digit > 15) break;
    digits++;
    wrapped = (wrapped << 4) | digit;
    if (mantissa >> 60 == 0) {
      mantissa = (mantissa << 4) | digit;
      if (isFloat) exponent -= 4;
    } else {
      mantissa |= u64(digit != 0);
      if (!isFloat) exponent += 4;
    }
  }
  if (!digits) return false;
  if (at < end) {
    if ((load<u8>(at) | 32) != 112) return false;
    const written = parseExponent(at + 1, end);
    if (written == NO_EXPONENT) return false;
    exponent += written;
    isFloat = true;
  }
  if (isFloat) {
    const value = scaleBinary(mantissa, exponent);
    setFloat(result, negative ? -value : value);
  } else setInt(result, negative ? -(<i64>wrapped) : <i64>wrapped);
  return true;
}
