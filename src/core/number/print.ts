/**
 * Writing numbers: integers in decimal, floats as C's "%.14g" (plus ".0" if that looks like an integer).
 *
 * Floats: a float is m * 2^e with m < 2^53. For 0 <= k <= 27, 5^k fits 64 bits, so the product m * 5^k is exact in 128 bits and
 * value * 10^k = product * 2^(e + k) rounds exactly, half to even as printf does. That covers magnitudes from 1e-14 to 1e14 with
 * 14 digits and most "%.nf"; the host formats the rest. Why not Grisu or Ryu: they find the shortest digits, Lua wants a fixed number.
 */
import { TAG_INT } from '../../bytecode/layout';
import { hostFormatFloat } from '../host';
import { newString } from '../objects/string';
import { floatOf, intOf, tagOf } from '../objects/value';

/** Bytes that are enough for any number in tostring's form. */
export const NUMBER_ROOM: u32 = 512;
const scratch = <u32>memory.data(512, 16);

/** Significant digits of "%.14g", and 10^14. */
const DIGITS = 14;
const DIGITS_LIMIT: u64 = 100000000000000;

/** "00" .. "99" */
const PAIRS = <u32>memory.data<u8>([
  48,48,48,49,48,50,48,51,48,52,48,53,48,54,48,55,48,56,48,57,49,48,49,49,49,50,49,51,49,52,49,53,49,54,49,55,49,56,49,57,
  50,48,50,49,50,50,50,51,50,52,50,53,50,54,50,55,50,56,50,57,51,48,51,49,51,50,51,51,51,52,51,53,51,54,51,55,51,56,51,57,
  52,48,52,49,52,50,52,51,52,52,52,53,52,54,52,55,52,56,52,57,53,48,53,49,53,50,53,51,53,52,53,53,53,54,53,55,53,56,53,57,
  54,48,54,49,54,50,54,51,54,52,54,53,54,54,54,55,54,56,54,57,55,48,55,49,55,50,55,51,55,52,55,53,55,54,55,55,55,56,55,57,
  56,48,56,49,56,50,56,51,56,52,56,53,56,54,56,55,56,56,56,57,57,48,57,49,57,50,57,51,57,52,57,53,57,54,57,55,57,56,57,57,
]);

/** 5^0 .. 5^27 */
const FIVES = <u32>memory.data<u64>([
  1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625, 30517578125,
  152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625, 476837158203125, 2384185791015625, 11920928955078125,
  59604644775390625, 298023223876953125, 1490116119384765625, 7450580596923828125,
]);
/** Largest k of scaleDecimal. */
export const MAX_SCALE = 27;

/** Number of decimal digits of n; 1 for 0. */
export function decimalLength(n: u64): u32 {
  let length: u32 = 1;
  while (n >= 10000) {
    n /= 10000;
    length += 4;
  }
  return n < 10 ? length : n < 100 ? length + 1 : n < 1000 ? length + 2 : length + 3;
}

/** Writes n in exactly `length` digits, with zeros in front. */
export function writeDigits(out: u32, n: u64, length: u32): void {
  let at = out + length;
  while (n > u32.MAX_VALUE && at >= out + 2) {
    at -= 2;
    store<u16>(at, load<u16>(PAIRS + (<u32>(n % 100) << 1)));
    n /= 100;
  }
  let small = <u32>n;
  while (at >= out + 2) {
    at -= 2;
    store<u16>(at, load<u16>(PAIRS + ((small % 100) << 1)));
    small /= 100;
  }
  if (at > out) store<u8>(out, 48 + small % 10);
}

/** Writes an integer in decimal. @returns bytes written */
export function writeInteger(out: u32, value: i64): u32 {
  let start = out;
  let n = <u64>value;
  if (value < 0) {
    store<u8>(start++, 45);
    n = -n;
  }
  const length = decimalLength(n);
  writeDigits(start, n, length);
  return start - out + length;
}

/** High 64 bits of a * b. */
function multiplyHigh(a: u64, b: u64): u64 {
  const low = (a & 0xffffffff) * (b & 0xffffffff);
  const middle = (a >> 32) * (b & 0xffffffff) + (low >> 32);
  const other = (a & 0xffffffff) * (b >> 32) + (middle & 0xffffffff);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/**
 * value * 10^k rounded half to even. `value` is positive, finite and normal, the result must be below 2^62, 0 <= k <= MAX_SCALE.
 */
export function scaleDecimal(value: f64, k: u32): u64 {
  const bits = reinterpret<u64>(value);
  const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
  const five = load<u64>(FIVES + (k << 3));
  const low = mantissa * five;
  const exponent = <i32>(bits >> 52) - 1075 + <i32>k;
  if (exponent >= 0) return low << exponent;
  const high = multiplyHigh(mantissa, five);
  const drop = <u64>-exponent;
  if (drop > 127) return 0;
  let whole: u64, half: bool, rest: bool;
  if (drop < 64) {
    whole = (low >> drop) | (high << (64 - drop));
    half = ((low >> (drop - 1)) & 1) != 0;
    rest = (low & ((<u64>1 << (drop - 1)) - 1)) != 0;
  } else if (drop == 64) {
    whole = high;
    half = low >> 63 != 0;
    rest = low << 1 != 0;
  } else {
    whole = high >> (drop - 64);
    half = ((high >> (drop - 65)) & 1) != 0;
    rest = low != 0 || (high & ((<u64>1 << (drop - 65)) - 1)) != 0;
  }
  return whole + <u64>(half && (rest || (whole & 1) == 1));
}

/** Writes a NaN or an infinity, signs as C's printf. @returns bytes written */
export function writeNonFinite(out: u32, value: f64): u32 {
  let at = out;
  if (reinterpret<i64>(value) < 0) store<u8>(at++, 45);
  store<u8>(at, value == value ? 105 : 110);
  store<u8>(at, value == value ? 110 : 97, 1);
  store<u8>(at, value == value ? 102 : 110, 2);
  return at + 3 - out;
}

/** Writes a float as tostring. @returns bytes written (< NUMBER_ROOM) */
export function writeFloat(out: u32, value: f64): u32 {
  const magnitude = abs(value);
  let at = out;
  if (magnitude < <f64>DIGITS_LIMIT) {
    if (reinterpret<i64>(value) < 0) store<u8>(at++, 45);
    let whole = <u64>magnitude;
    const isLast = whole == DIGITS_LIMIT - 1;
    // All digits are in front of the point there, and rounding may reach the limit, where an exponent begins.
    if (isLast) whole = scaleDecimal(magnitude, 0);
    if (isLast ? whole < DIGITS_LIMIT : <f64>whole == magnitude) {
      const length = decimalLength(whole);
      writeDigits(at, whole, length);
      store<u16>(at + length, 0x302e);
      return at + length + 2 - out;
    }
    if (magnitude >= 1e-13 && !isLast) return at - out + writeFraction(at, magnitude);
  } else if (!(magnitude < Infinity)) return writeNonFinite(out, value);
  // No ".0" here: the host's text has an exponent, since integral values below 1e14 were written above.
  return <u32>hostFormatFloat(out, value, 103, 0, 0, DIGITS);
}

/** Writes a positive value with a fraction, 1e-13 <= value < 1e14. @returns bytes written */
function writeFraction(out: u32, value: f64): u32 {
  // Decimal exponent from the binary one: never too large, at most one too small. 78913 / 2^18 is log10(2), nearly.
  const binary = <i32>(reinterpret<u64>(value) >> 52) - 1023;
  let exponent = (binary * 78913) >> 18;
  let digits = scaleDecimal(value, <u32>(DIGITS - 1 - exponent));
  if (digits >= DIGITS_LIMIT) digits = scaleDecimal(value, <u32>(DIGITS - 1 - ++exponent));
  let count: i32 = DIGITS;
  while (digits % 10 == 0) {
    digits /= 10;
    count--;
  }
  if (exponent >= -4) {
    if (exponent < 0) {
      // 0.000ddd
      const zeros = -exponent - 1;
      store<u16>(out, 0x2e30);
      for (let i = 0; i < zeros; i++) store<u8>(out + i, 48, 2);
      writeDigits(out + 2 + zeros, digits, count);
      return 2 + zeros + count;
    }
    const before = exponent + 1;
    if (count <= before) {
      // The fraction was rounded away: ddd00.0
      writeDigits(out, digits, count);
      for (let i = count; i < before; i++) store<u8>(out + i, 48);
      store<u16>(out + before, 0x302e);
      return before + 2;
    }
    // Digits one place to the right, then the whole part back over the gap of the point.
    writeDigits(out + 1, digits, count);
    memory.copy(out, out + 1, before);
    store<u8>(out + before, 46);
    return count + 1;
  }
  // d.ddde-XX
  writeDigits(out + 1, digits, count);
  store<u8>(out, load<u8>(out, 1));
  store<u8>(out, 46, 1);
  let length: u32 = count == 1 ? 1 : count + 1;
  store<u16>(out + length, 0x2d65);
  store<u16>(out + length, load<u16>(PAIRS + (<u32>-exponent << 1)), 2);
  return length + 4;
}

/** Writes a number slot as tostring. @returns bytes written (< NUMBER_ROOM) */
export function writeNumber(out: u32, slot: u32): u32 {
  return tagOf(slot) == TAG_INT ? writeInteger(out, intOf(slot)) : writeFloat(out, floatOf(slot));
}

/** The string of a number slot, as tostring and concatenation make it. */
export function numberToString(slot: u32): u32 {
  return newString(scratch, writeNumber(scratch, slot));
}
