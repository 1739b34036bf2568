/**
 * From decimal and binary mantissas to floats, rounded once, half to even.
 *
 * In order of cost: a mantissa of 53 bits and a power of ten that is a float itself take one operation; 64 bits and a power of five below
 * 2^64 take 128-bit arithmetic; everything else is the quotient or product of two natural numbers, of which 64 bits and a sticky
 * one decide. No more than MAX_DIGITS digits matter: the number in the middle between two floats has at most 767.
 */
import { BIG_BYTES, bigBitLength, bigDivideStep, bigIsZero, bigMultiplyAdd, bigMultiplyFive, bigSet, bigShiftLeft, bigTop } from './bignum';
import { decimalLength, isDigit, skipByte, skipDigits } from './digits';
import { MAX_FIVE, multiplyHigh, powerOfFive } from './wide';

const MAX_DIGITS: i32 = 800;
/** Values of 0.ddd * 10^n are infinite above the one n, zero below the other. */
const MAX_EXPONENT: i32 = 310;
const MIN_EXPONENT: i32 = -326;

const NUMERATOR = <u32>memory.data(<i32>BIG_BYTES, 8);
const DENOMINATOR = <u32>memory.data(<i32>BIG_BYTES, 8);

/** Powers of ten that are exact floats: 10^0 .. 10^22. */
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** mantissa * 10^exponent */
export function scaleTen(mantissa: u64, exponent: i32): f64 {
  if (mantissa == 0) return 0;
  if (mantissa <= 9007199254740992 && exponent >= -22 && exponent <= 22) {
    const scale = load<f64>(POWERS + (<usize>abs(exponent) << 3));
    return exponent < 0 ? <f64>mantissa / scale : <f64>mantissa * scale;
  }
  if (exponent >= 0 && exponent <= MAX_FIVE) {
    const five = powerOfFive(exponent);
    return scaleWide(multiplyHigh(mantissa, five), mantissa * five, false, exponent);
  }
  if (exponent < 0 && exponent >= -MAX_FIVE) {
    // mantissa * 2^(up + 64) / 5^k, the lower half bit by bit. With its first bit on top the mantissa is above the divisor, which is below 2^63.
    const five = powerOfFive(-exponent);
    const up = clz(mantissa);
    const aligned = mantissa << up;
    let rest = aligned % five;
    let low: u64 = 0;
    for (let i = 0; i < 64; i++) {
      rest <<= 1;
      low <<= 1;
      if (rest >= five) {
        rest -= five;
        low |= 1;
      }
    }
    return scaleWide(aligned / five, low, rest != 0, exponent - 64 - <i32>up);
  }
  bigSet(NUMERATOR, mantissa);
  return scaleBig(<i32>decimalLength(mantissa), exponent);
}

/** (high * 2^64 + low) * 2^exponent; `sticky`: and a little more. */
function scaleWide(high: u64, low: u64, sticky: bool, exponent: i32): f64 {
  if (!high) return scaleBinary(low | <u64>sticky, exponent);
  const shift = clz(high);
  const top = shift ? (high << shift) | (low >> (64 - shift)) : high;
  return scaleBinary(top | <u64>(sticky || low << shift != 0), exponent + 64 - <i32>shift);
}

/** The float nearest to the decimal digits, at most one point among them, at the start of [start, end), times 10^exponent. */
export function readDecimal(start: u32, end: u32, exponent: i32): f64 {
  let digits: i32 = 0;
  let isFraction = false;
  let isCut = false;
  bigSet(NUMERATOR, 0);
  for (let at = start; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 46) isFraction = true;
    else if (!isDigit(byte)) break;
    else if (digits == 0 && byte == 48) {
      const next = skipByte(at + 1, end, 48);
      if (isFraction) exponent -= next - at;
      at = next - 1;
    } else if (digits < MAX_DIGITS) {
      bigMultiplyAdd(NUMERATOR, 10, byte - 48);
      digits++;
      if (isFraction) exponent--;
    } else {
      isCut = isCut || byte != 48;
      const next = isCut ? skipDigits(at + 1, end) : skipByte(at + 1, end, 48);
      if (!isFraction) exponent += next - at;
      at = next - 1;
    }
  }
  if (isCut) {
    bigMultiplyAdd(NUMERATOR, 10, 1);
    exponent--;
    digits++;
  }
  return scaleBig(digits, exponent);
}

/** NUMERATOR, which has that many decimal digits, * 10^exponent. */
function scaleBig(digits: i32, exponent: i32): f64 {
  if (digits == 0 || digits + exponent < MIN_EXPONENT) return 0;
  if (digits + exponent > MAX_EXPONENT) return Infinity;
  if (exponent >= 0) {
    bigMultiplyFive(NUMERATOR, exponent);
    const bits = <i32>bigBitLength(NUMERATOR);
    return scaleBinary(bigTop(NUMERATOR), exponent + max(bits - 64, 0));
  }
  bigSet(DENOMINATOR, 1);
  bigMultiplyFive(DENOMINATOR, -exponent);
  // Aligned so that the first of two steps gives a quotient of 31 or 32 bits.
  let down = -<i32>bigBitLength(DENOMINATOR) & 31;
  let up = <i32>bigBitLength(DENOMINATOR) + down + 31 - <i32>bigBitLength(NUMERATOR);
  if (up < 0) {
    down += (31 - up) & ~31;
    up += (31 - up) & ~31;
  }
  bigShiftLeft(DENOMINATOR, down);
  bigShiftLeft(NUMERATOR, up);
  const high = <u64>bigDivideStep(NUMERATOR, DENOMINATOR);
  bigShiftLeft(NUMERATOR, 32);
  const quotient = (high << 32) | bigDivideStep(NUMERATOR, DENOMINATOR);
  return scaleBinary(quotient | u64(!bigIsZero(NUMERATOR)), exponent + down - up - 32);
}

/** mantissa * 2^exponent, rounded once. The mantissa's last bit may be sticky if its first four are not all zero. */
export function scaleBinary(mantissa: u64, exponent: i32): f64 {
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
  return reinterpret<f64>(units + u64(rest > half || (rest == half && (units & 1) == 1)));
}
