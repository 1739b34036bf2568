/**
 * Mathematical functions (manual, section 6.7). The transcendental ones are computed by the core (math-*.ts) rather than by the host: the same
 * digits everywhere, and those of the C library but for rare last ones.
 */
import { SLOT_SIZE, TAG_FLOAT, TAG_INT, VM_RANDOM } from '../../bytecode/layout';
import { callCompanion } from './companion';
import { BUILTIN_ID_mathMax, BUILTIN_ID_mathMin } from '../generated/builtin-ids';
import { checkAny, checkInteger, checkNumber, isNoneOrNil } from './arguments';
import { throwArgument, throwText } from '../base/raise';
import { hostEntropy } from '../base/host';
import { returnInt, returnNil, returnString } from './base';
import { binaryLogarithm, decimalLogarithm, exponential, logarithm } from '../number/exponential';
import { hyperbolicCosine, hyperbolicSine, hyperbolicTangent } from '../number/hyperbolic';
import { arccosine, arcsine, arctangent2 } from '../number/inverse';
import { cosine, sine, tangent } from '../number/trigonometric';
import { floatFitsInt, floatPow, floatRemainder, lessNumbers, toIntegerSlot } from '../number/arithmetic';
import { stringFromLiteral } from '../strings/string';
import { copyValue, intOf, setBoolean, setFloat, setInt, tagOf } from '../base/value';

const PI: f64 = 3.141592653589793;

// @ts-ignore: decorator
@inline function returnFloat(base: u32, value: f64): i32 {
  setFloat(base - SLOT_SIZE, value);
  return 1;
}

/** An integral float as an integer if it fits. */
// @ts-ignore: decorator
@inline function returnIntegral(base: u32, value: f64): i32 {
  return floatFitsInt(value) ? returnInt(base, <i64>value) : returnFloat(base, value);
}

/** Is the first argument an integer? A string is none: the number it converts to is taken as a float. */
// @ts-ignore: decorator
@inline function isIntegerArgument(base: u32, count: i32): bool { return count >= 1 && tagOf(base) == TAG_INT; }

export function mathAbs(thread: u32, base: u32, count: i32): i32 {
  if (!isIntegerArgument(base, count)) return returnFloat(base, abs<f64>(checkNumber(base, count, 1)));
  const value = intOf(base);
  return returnInt(base, value < 0 ? -value : value);
}

export function mathFloor(thread: u32, base: u32, count: i32): i32 {
  if (isIntegerArgument(base, count)) return returnInt(base, intOf(base));
  return returnIntegral(base, floor<f64>(checkNumber(base, count, 1)));
}

export function mathCeil(thread: u32, base: u32, count: i32): i32 {
  if (isIntegerArgument(base, count)) return returnInt(base, intOf(base));
  return returnIntegral(base, ceil<f64>(checkNumber(base, count, 1)));
}

export function mathFmod(thread: u32, base: u32, count: i32): i32 {
  if (count >= 2 && tagOf(base) == TAG_INT && tagOf(base + SLOT_SIZE) == TAG_INT) {
    const divisor = intOf(base + SLOT_SIZE);
    if (divisor == 0) throwArgument(2, 'zero');
    return returnInt(base, intOf(base) % divisor);
  }
  // In this order, as compilers of PUC's source do.
  const divisor = checkNumber(base, count, 2);
  return returnFloat(base, floatRemainder(checkNumber(base, count, 1), divisor));
}

/** The integral part towards zero (an integer if it fits) and the fraction. */
export function mathModf(thread: u32, base: u32, count: i32): i32 {
  if (isIntegerArgument(base, count)) {
    setInt(base - SLOT_SIZE, intOf(base));
    setFloat(base, 0);
    return 2;
  }
  const value = checkNumber(base, count, 1);
  const whole = trunc<f64>(value);
  returnIntegral(base, whole);
  setFloat(base, whole == value ? 0 : value - whole);
  return 2;
}

/** Slot of the largest argument, or of the smallest; 0 if not all are numbers. */
// @ts-ignore: decorator
@inline function extreme(base: u32, count: i32, largest: bool): u32 {
  checkAny(count, 1);
  let best = base;
  for (let slot = base; slot < base + (<u32>count << 4); slot += SLOT_SIZE) {
    if (tagOf(slot) - TAG_INT >= 2) return 0;
    if (largest ? lessNumbers(best, slot) : lessNumbers(slot, best)) best = slot;
  }
  return best;
}

export function mathMax(thread: u32, base: u32, count: i32): i32 {
  const best = extreme(base, count, true);
  if (!best) return callCompanion(thread, base, count, BUILTIN_ID_mathMax);
  copyValue(base - SLOT_SIZE, best);
  return 1;
}

export function mathMin(thread: u32, base: u32, count: i32): i32 {
  const best = extreme(base, count, false);
  if (!best) return callCompanion(thread, base, count, BUILTIN_ID_mathMin);
  copyValue(base - SLOT_SIZE, best);
  return 1;
}

export function mathSqrt(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, sqrt<f64>(checkNumber(base, count, 1))); }
export function mathExp(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, exponential(checkNumber(base, count, 1))); }
export function mathSin(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, sine(checkNumber(base, count, 1))); }
export function mathCos(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, cosine(checkNumber(base, count, 1))); }
export function mathTan(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, tangent(checkNumber(base, count, 1))); }
export function mathAsin(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, arcsine(checkNumber(base, count, 1))); }
export function mathAcos(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, arccosine(checkNumber(base, count, 1))); }
export function mathDeg(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, checkNumber(base, count, 1) * (180.0 / PI)); }
export function mathRad(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, checkNumber(base, count, 1) * (PI / 180.0)); }

export function mathAtan(thread: u32, base: u32, count: i32): i32 {
  const y = checkNumber(base, count, 1);
  const x = isNoneOrNil(base, count, 2) ? 1.0 : checkNumber(base, count, 2);
  return returnFloat(base, arctangent2(y, x));
}

export function mathLog(thread: u32, base: u32, count: i32): i32 {
  const x = checkNumber(base, count, 1);
  if (isNoneOrNil(base, count, 2)) return returnFloat(base, logarithm(x));
  const radix = checkNumber(base, count, 2);
  if (radix == 2) return returnFloat(base, binaryLogarithm(x));
  if (radix == 10) return returnFloat(base, decimalLogarithm(x));
  return returnFloat(base, logarithm(x) / logarithm(radix));
}

export function mathTointeger(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  if (toIntegerSlot(base, base - SLOT_SIZE)) return 1;
  return returnNil(base);
}

export function mathType(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  if (tagOf(base) == TAG_INT) return returnString(base, stringFromLiteral('integer'));
  if (tagOf(base) == TAG_FLOAT) return returnString(base, stringFromLiteral('float'));
  return returnNil(base);
}

export function mathUlt(thread: u32, base: u32, count: i32): i32 {
  const a = checkInteger(base, count, 1);
  const b = checkInteger(base, count, 2);
  setBoolean(base - SLOT_SIZE, <u64>a < <u64>b);
  return 1;
}

// ---- What 5.4 keeps of 5.3 (LUA_COMPAT_MATHLIB).

export function mathCosh(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, hyperbolicCosine(checkNumber(base, count, 1))); }
export function mathSinh(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, hyperbolicSine(checkNumber(base, count, 1))); }
export function mathTanh(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, hyperbolicTangent(checkNumber(base, count, 1))); }
export function mathLog10(thread: u32, base: u32, count: i32): i32 { return returnFloat(base, decimalLogarithm(checkNumber(base, count, 1))); }

export function mathPow(thread: u32, base: u32, count: i32): i32 {
  const x = checkNumber(base, count, 1);
  return returnFloat(base, floatPow(x, checkNumber(base, count, 2)));
}

/** m in [0.5, 1) and e with x = m 2^e; zeros, infinities and NaN have e = 0. */
export function mathFrexp(thread: u32, base: u32, count: i32): i32 {
  let x = checkNumber(base, count, 1);
  let exponent: i64 = 0;
  if (x != 0 && abs<f64>(x) < Infinity) {
    if (abs<f64>(x) < 2.2250738585072014e-308) {
      x *= 18014398509481984;
      exponent = -54;
    }
    const bits = reinterpret<u64>(x);
    exponent += <i64>((bits >> 52) & 0x7ff) - 1022;
    x = reinterpret<f64>((bits & 0x800fffffffffffff) | (<u64>1022 << 52));
  }
  setFloat(base - SLOT_SIZE, x);
  setInt(base, exponent);
  return 2;
}

/** x 2^e; C's int is what e is cut to. */
export function mathLdexp(thread: u32, base: u32, count: i32): i32 {
  const x = checkNumber(base, count, 1);
  return returnFloat(base, NativeMath.scalbn(x, <i32>checkInteger(base, count, 2)));
}

// ---- Random numbers: xoshiro256** (Blackman and Vigna), with PUC's seeding and projection, so that seeds give PUC's sequences.

function nextRandom(): u64 {
  const s0 = load<u64>(VM_RANDOM);
  const s1 = load<u64>(VM_RANDOM, 8);
  const s2 = load<u64>(VM_RANDOM, 16) ^ s0;
  const s3 = load<u64>(VM_RANDOM, 24) ^ s1;
  store<u64>(VM_RANDOM, s0 ^ s3);
  store<u64>(VM_RANDOM, s1 ^ s2, 8);
  store<u64>(VM_RANDOM, s2 ^ (s1 << 17), 16);
  store<u64>(VM_RANDOM, rotl<u64>(s3, 45), 24);
  return rotl<u64>(s1 * 5, 7) * 9;
}

/** Seeds the generator with a pair of integers. */
function seedRandom(first: u64, second: u64): void {
  store<u64>(VM_RANDOM, first);
  store<u64>(VM_RANDOM, 0xff, 8);
  store<u64>(VM_RANDOM, second, 16);
  store<u64>(VM_RANDOM, 0, 24);
  for (let i = 0; i < 16; i++) nextRandom();
}

function randomInteger(): i64 {
  return (<i64>hostEntropy() << 32) | <i64>hostEntropy();
}

/** How a VM starts: with another sequence each time. */
export function seedRandomly(): void {
  seedRandom(randomInteger(), randomInteger());
}

/** A number in [0, limit], uniformly: draws are cut to the bits of the limit until one fits. */
function project(draw: u64, limit: u64): u64 {
  if ((limit & (limit + 1)) == 0) return draw & limit;
  const mask = <u64>-1 >> clz<u64>(limit);
  while ((draw &= mask) > limit) draw = nextRandom();
  return draw;
}

export function mathRandom(thread: u32, base: u32, count: i32): i32 {
  const draw = nextRandom();
  let low: i64 = 1;
  let high: i64;
  if (count == 0) return returnFloat(base, <f64>(draw >> 11) * (0.5 / (<f64>(<u64>1 << 52))));
  if (count == 1) {
    high = checkInteger(base, count, 1);
    if (high == 0) return returnInt(base, <i64>draw);
  } else if (count == 2) {
    low = checkInteger(base, count, 1);
    high = checkInteger(base, count, 2);
  } else {
    throwText('wrong number of arguments');
    return 0;
  }
  if (low > high) throwArgument(1, 'interval is empty');
  return returnInt(base, <i64>(project(draw, <u64>high - <u64>low) + <u64>low));
}

/** Returns the two components of the seed. */
export function mathRandomseed(thread: u32, base: u32, count: i32): i32 {
  let first: i64;
  let second: i64 = 0;
  if (count == 0) {
    first = randomInteger();
    second = randomInteger();
  } else {
    first = checkInteger(base, count, 1);
    if (!isNoneOrNil(base, count, 2)) second = checkInteger(base, count, 2);
  }
  seedRandom(first, second);
  setInt(base - SLOT_SIZE, first);
  setInt(base, second);
  return 2;
}
