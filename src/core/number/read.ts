/**
 * Reading numerals (manual, 3.1 and 3.4.3): decimal and hexadecimal, integer and float, with white space around and a sign.
 * Decimal integers too large for an integer become floats, hexadecimal ones wrap around. No `inf`, no `nan`.
 *
 * Floats with few digits are converted here, exactly; the others' conversion is the host's (it, too, rounds correctly).
 */
import { hostParseFloat } from '../host';
import { setFloat, setInt } from '../objects/value';

/** Bytes C's isspace accepts. */
// @ts-ignore: decorator
@inline export function isSpace(byte: u32): bool { return byte == 32 || byte - 9 < 5; }
// @ts-ignore: decorator
@inline export function isDigit(byte: u32): bool { return byte - 48 < 10; }

/** Value of a digit in bases up to 36; 255 for other bytes. */
export function digitValue(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 26 ? letter + 10 : 255;
}

/** Powers of ten that are exact floats: 10^0 .. 10^22. */
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** Parses the whole of [bytes, bytes + length). @returns false: not a numeral; `result` is then unchanged */
export function parseNumber(bytes: u32, length: u32, result: u32): bool {
  let at = bytes;
  let end = bytes + length;
  while (at < end && isSpace(load<u8>(at))) at++;
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
  // Decimal exponent of the mantissa's last digit; digits beyond what the mantissa holds make it inexact.
  let exponent: i32 = 0;
  let exact = true;
  let digits: u32 = 0;
  for (; at < end && isDigit(load<u8>(at)); at++, digits++) {
    const digit = <u64>load<u8>(at) - 48;
    if (mantissa > 922337203685477580) exact = false;
    if (exact) mantissa = mantissa * 10 + digit;
    else exponent++;
  }
  if (at == end) {
    if (!digits) return false;
    // 2^63 itself is an integer only with a minus sign.
    if (exact && mantissa <= <u64>i64.MAX_VALUE + <u64>negative) {
      setInt(result, negative ? -(<i64>mantissa) : <i64>mantissa);
      return true;
    }
  } else if (load<u8>(at) == 46) {
    for (at++; at < end && isDigit(load<u8>(at)); at++, digits++) {
      const digit = <u64>load<u8>(at) - 48;
      if (mantissa > 922337203685477580) exact = false;
      if (exact) {
        mantissa = mantissa * 10 + digit;
        exponent--;
      }
    }
  }
  if (!digits) return false;
  if (at < end && (load<u8>(at) | 32) == 101) {
    at++;
    const written = parseExponent(at, end);
    if (written == NO_EXPONENT) return false;
    exponent += written;
    at = end;
  }
  if (at != end) return false;
  let value: f64;
  if (mantissa == 0 && exact) value = 0;
  else if (exact && mantissa <= 9007199254740992 && exponent >= -22 && exponent <= 22) {
    const scale = load<f64>(POWERS + (<usize>abs(exponent) << 3));
    value = exponent < 0 ? <f64>mantissa / scale : <f64>mantissa * scale;
  } else value = hostParseFloat(start, end - start);
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
      mantissa |= <u64>(digit != 0);
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

/** mantissa * 2^exponent, rounded once. The mantissa's last bit may be sticky if its first four are not all zero. */
function scaleBinary(mantissa: u64, exponent: i32): f64 {
  if (mantissa == 0) return 0;
  const shift = <i32>clz(mantissa);
  const normal = mantissa << shift;
  const scale = exponent - shift;
  if (scale + 63 > 1023) return Infinity;
  if (scale + 63 >= -1022) {
    // Two factors, since 2^scale alone may be subnormal.
    const value = <f64>normal * reinterpret<f64>(<u64>(1023 - 63) << 52);
    return value * reinterpret<f64>(<u64>(scale + 63 + 1023) << 52);
  }
  // Subnormal: count units of 2^-1074 by hand, rounding half to even.
  const drop = -1074 - scale;
  if (drop > 64) return 0;
  const units: u64 = drop == 64 ? 0 : normal >> drop;
  const rest: u64 = drop == 64 ? normal : normal << (64 - drop);
  const half: u64 = 0x8000000000000000;
  return reinterpret<f64>(units + <u64>(rest > half || (rest == half && (units & 1) == 1)));
}
