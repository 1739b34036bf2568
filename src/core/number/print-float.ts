/**
 * C's printf for floats: a, e, f, g, exact to the last digit, rounded half to even.
 *
 * Digits are made from the front and only as many as are wanted: those of the whole part by dividing it by 10^9, those of the fraction by
 * multiplying it by 10^9, which also makes it 9 bits shorter. What is left says on which side of a tie the value is. Where all digits
 * fit an integer, one exact multiplication gives them (scaleDecimal).
 *
 * The digits of one number are in DIGITS while it is written: 0.ddd * 10^point.
 */
import { BIG_BYTES, bigDivide, bigIsZero, bigSet, bigShiftLeft } from './bignum';
import { decimalLength, writeDigits } from './digits';
import { MAX_FIVE, scaleDecimal } from './wide';

/** Whole part (309 digits), or as many digits of a fraction as any directive asks for, in groups of 9. */
const DIGITS = <u32>memory.data(512, 8);
const WHOLE = <u32>memory.data(<i32>BIG_BYTES, 8);
/** A fraction as limbs behind the binary point, the highest first: up to 1074 bits. */
const FRACTION = <u32>memory.data(34 * 4, 8);

const GROUP = 9;
const GROUP_VALUE: u32 = 1000000000;
/** Most digits that scaleDecimal's result may have. */
const MAX_SCALED = 17;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;

// Scratch of one number: digits made, place of the point, whether anything is left behind them.
let count: i32 = 0;
let point: i32 = 0;
let hasRest: bool = false;

// @ts-ignore: decorator
@inline function digitAt(i: i32): u8 { return i >= 0 && i < count ? load<u8>(DIGITS + i) : 48; }

/** Exponent and significand: value = result * 2^exponentOf(value). */
// @ts-ignore: decorator
@inline function significandOf(value: f64): u64 {
  const bits = reinterpret<u64>(value) & 0x7fffffffffffffff;
  return bits >> 52 ? (bits & 0xfffffffffffff) | 0x10000000000000 : bits;
}
// @ts-ignore: decorator
@inline function exponentOf(value: f64): i32 { return <i32>max<u64>((reinterpret<u64>(value) >> 52) & 0x7ff, 1) - 1075; }

/** Digits of an integer become the first ones. */
function takeInteger(n: u64): void {
  count = point = n ? <i32>decimalLength(n) : 0;
  if (n) writeDigits(DIGITS, n, <u32>count);
}

/** significand * 2^exponent, exponent > 0, is the whole part. Its groups come out last first. */
function takeLargeInteger(significand: u64, exponent: i32): void {
  bigSet(WHOLE, significand);
  bigShiftLeft(WHOLE, exponent);
  // At most 309 digits, written from place 315 downwards, then moved to the front.
  let at = DIGITS + 35 * GROUP;
  while (!bigIsZero(WHOLE)) {
    at -= GROUP;
    writeDigits(at, bigDivide(WHOLE, GROUP_VALUE), GROUP);
  }
  while (load<u8>(at) == 48) at++;
  count = point = <i32>(DIGITS + 35 * GROUP - at);
  memory.copy(DIGITS, at, count);
}

/** significand / 2^bits < 1 as limbs. @returns how many */
function startFraction(significand: u64, bits: i32): i32 {
  const limbs = (bits + 31) >> 5;
  memory.fill(FRACTION, 0, limbs << 2);
  const shift = <u64>((limbs << 5) - bits);
  // The low end, of up to 53 + 31 bits.
  store<u32>(FRACTION + ((limbs - 1) << 2), <u32>(significand << shift));
  if (limbs > 1) store<u32>(FRACTION + ((limbs - 2) << 2), <u32>((significand << shift) >> 32));
  if (limbs > 2 && shift > 11) store<u32>(FRACTION + ((limbs - 3) << 2), <u32>(significand >> (64 - shift)));
  return limbs;
}

/** Multiplies the fraction by 10^9. @returns what came in front of the point */
function nextGroup(limbs: i32): u32 {
  let carry: u64 = 0;
  for (let i = limbs - 1; i >= 0; i--) {
    carry += <u64>load<u32>(FRACTION + (i << 2)) * GROUP_VALUE;
    store<u32>(FRACTION + (i << 2), <u32>carry);
    carry >>= 32;
  }
  return <u32>carry;
}

/** Makes the digits of a magnitude: at least `significant` of them, or `places` behind the point, and one more, if there are as many. */
function makeDigits(value: f64, significant: i32, places: i32): void {
  const significand = significandOf(value);
  const exponent = exponentOf(value);
  count = point = 0;
  hasRest = false;
  if (exponent > 0) {
    takeLargeInteger(significand, exponent);
    return;
  }
  const bits = -exponent;
  const whole = bits < 53 ? significand >> bits : 0;
  takeInteger(whole);
  let limbs = bits ? startFraction(significand - (bits < 53 ? whole << bits : 0), bits) : 0;
  for (;;) {
    while (limbs && !load<u32>(FRACTION + ((limbs - 1) << 2))) limbs--;
    hasRest = limbs != 0;
    if (!limbs || count > (significant ? significant : max(point + places, 0))) return;
    // A fraction that begins too far behind what is wanted.
    if (!count && !significant && -point > places) return;
    const group = nextGroup(limbs);
    if (count) {
      writeDigits(DIGITS + count, group, GROUP);
      count += GROUP;
    } else {
      const length = group ? <i32>decimalLength(group) : 0;
      point -= GROUP - length;
      writeDigits(DIGITS, group, <u32>length);
      count = length;
    }
  }
}

/** Rounds to the first n digits, half to even. */
function round(n: i32): void {
  if (n >= count) return;
  let up: bool = false;
  if (n >= 0) {
    const next = load<u8>(DIGITS + n);
    let isMore = hasRest;
    for (let i = n + 1; i < count && !isMore; i++) isMore = load<u8>(DIGITS + i) != 48;
    up = next > 53 || (next == 53 && (isMore || (n > 0 && (load<u8>(DIGITS + n - 1) & 1) == 1)));
  }
  count = max(n, 0);
  if (!up) return;
  let at = n - 1;
  while (at >= 0 && load<u8>(DIGITS + at) == 57) at--;
  count = at + 1;
  if (at >= 0) store<u8>(DIGITS + at, load<u8>(DIGITS + at) + 1);
  else {
    // All were nines, or there were none.
    store<u8>(DIGITS, 49);
    count = 1;
    point++;
  }
}

/** Digits of a magnitude rounded to `wanted` significant ones. @returns the decimal exponent of the first */
function significantDigits(value: f64, wanted: i32): i32 {
  if (value == 0) {
    count = 0;
    return 0;
  }
  if (wanted <= MAX_SCALED && value >= SMALLEST_NORMAL) {
    // Decimal exponent from the binary one: never too large, at most one too small. 78913 / 2^18 is log10(2), nearly.
    let exponent = ((exponentOf(value) + 52) * 78913) >> 18;
    const limit = powerOfTen(wanted);
    if (wanted - 1 - exponent <= MAX_FIVE && exponent + 1 < wanted && exponent > -300) {
      let digits = scaleDecimal(value, <u32>(wanted - 1 - exponent));
      if (digits >= limit) digits = scaleDecimal(value, <u32>(wanted - 1 - ++exponent));
      takeInteger(digits);
      point = exponent + 1;
      return exponent;
    }
  }
  makeDigits(value, wanted, 0);
  round(wanted);
  return point - 1;
}

function powerOfTen(n: i32): u64 {
  let power: u64 = 1;
  for (let i = 0; i < n; i++) power *= 10;
  return power;
}

/** Writes digits from..to of the number. @returns where they end */
function writeRange(out: u32, from: i32, to: i32): u32 {
  for (let i = from; i < to; i++) store<u8>(out++, digitAt(i));
  return out;
}

/** e+XX @returns where it ends */
function writeExponent(out: u32, exponent: i32): u32 {
  store<u8>(out, 101);
  store<u8>(out, exponent < 0 ? 45 : 43, 1);
  const magnitude = <u64>abs(exponent);
  const length = max<u32>(decimalLength(magnitude), 2);
  writeDigits(out + 2, magnitude, length);
  return out + 2 + length;
}

function writeFixed(out: u32, value: f64, places: i32, alternate: bool): u32 {
  if (value == 0) count = point = 0;
  else if (places <= MAX_SCALED && value >= SMALLEST_NORMAL && value * <f64>powerOfTen(places) <= 4e18) {
    takeInteger(scaleDecimal(value, places));
    point -= places;
  } else {
    makeDigits(value, 0, places);
    round(point + places);
  }
  if (point > 0) out = writeRange(out, 0, point);
  else store<u8>(out++, 48);
  if (places || alternate) store<u8>(out++, 46);
  return writeRange(out, point, point + places);
}

/** d.ddde+XX with `digits` digits. */
function writeScientific(out: u32, exponent: i32, digits: i32, alternate: bool): u32 {
  store<u8>(out++, digitAt(0));
  if (digits > 1 || alternate) store<u8>(out++, 46);
  return writeExponent(writeRange(out, 1, digits), exponent);
}

function writeGeneral(out: u32, value: f64, precision: i32, alternate: bool): u32 {
  const wanted = max(precision, 1);
  const exponent = significantDigits(value, wanted);
  let digits = wanted;
  if (!alternate) {
    digits = min(digits, count);
    while (digits > 1 && digitAt(digits - 1) == 48) digits--;
    digits = max(digits, 1);
  }
  if (exponent < -4 || exponent >= wanted) return writeScientific(out, exponent, digits, alternate);
  if (exponent < 0) {
    store<u16>(out, 0x2e30);
    memory.fill(out + 2, 48, -exponent - 1);
    return writeRange(out + 1 - exponent, 0, digits);
  }
  out = writeRange(out, 0, exponent + 1);
  if (digits > exponent + 1 || alternate) store<u8>(out++, 46);
  return writeRange(out, exponent + 1, digits);
}

/** 0x1.hhhp+d. @param precision hexadecimal digits behind the point, negative for as many as there are */
function writeHexadecimal(out: u32, value: f64, precision: i32, alternate: bool): u32 {
  let significand = significandOf(value);
  let digits: i32 = 13;
  if (precision < 0) {
    for (let rest = significand; digits && !(rest & 15); rest >>= 4) digits--;
    significand >>= (13 - digits) << 2;
  } else if (precision < 13) {
    const shift = <u64>(13 - precision) << 2;
    const rest = significand & ((<u64>1 << shift) - 1);
    const half = <u64>1 << (shift - 1);
    significand >>= shift;
    significand += u64(rest > half || (rest == half && (significand & 1) == 1));
    digits = precision;
  }
  store<u16>(out, 0x7830);
  out += 2;
  for (let i = digits; i >= 0; i--) {
    const digit = <u8>((significand >> (<u64>i << 2)) & 15);
    store<u8>(out++, digit < 10 ? 48 + digit : 87 + digit);
    if (i == digits && (digits || precision > 0 || alternate)) store<u8>(out++, 46);
  }
  for (let i = digits; i < precision; i++) store<u8>(out++, 48);
  const exponent = value == 0 ? 0 : exponentOf(value) + 52;
  store<u8>(out++, 112);
  store<u8>(out++, exponent < 0 ? 45 : 43);
  const length = decimalLength(<u64>abs(exponent));
  writeDigits(out, <u64>abs(exponent), length);
  return out + length;
}

/** Writes "inf" or "nan". @returns bytes written */
export function writeNonFinite(out: u32, value: f64): u32 {
  store<u8>(out, value == value ? 105 : 110);
  store<u8>(out, value == value ? 110 : 97, 1);
  store<u8>(out, value == value ? 102 : 110, 2);
  return 3;
}

/**
 * Writes a magnitude as printf does, without sign and width.
 * @param value finite, not negative
 * @param conversion one of a e f g
 * @param precision digits, negative: none given  @param alternate the flag #
 * @returns bytes written: below 312 + precision
 */
export function writeMagnitude(out: u32, value: f64, conversion: u32, precision: i32, alternate: bool): u32 {
  if (conversion == 97) return writeHexadecimal(out, value, precision, alternate) - out;
  if (precision < 0) precision = 6;
  if (conversion == 102) return writeFixed(out, value, precision, alternate) - out;
  if (conversion == 103) return writeGeneral(out, value, precision, alternate) - out;
  return writeScientific(out, significantDigits(value, precision + 1), precision + 1, alternate) - out;
}
