/**
 * Sine, cosine and tangent, correctly rounded but for about one argument in a thousand million. C's library, which PUC calls, is nearly that
 * good, so the digits agree; those of a host's Math (0.8 units in the last place or worse) do not.
 *
 * The argument is reduced to a pair within pi/4; the first terms of the series are computed as pairs, the rest, which
 * is small, as a double. Invalid operations give the NaN of x86-64, with its sign bit set.
 */
import { add, addExactly, divide, low, multiply, normalise, setLow } from './double-double';

const NEGATIVE_NAN: f64 = -NaN;

const HALF_PI: f64 = 1.5707963267948966;
const HALF_PI_LOW: f64 = 6.123233995736766e-17;
const TWO_OVER_PI: f64 = 0.6366197723675814;
/** pi/2 in three parts of 33 bits, whose products with numbers up to 2^20 are exact, and the rest. */
const PART_1: f64 = 1.5707963267341256;
const PART_2: f64 = 6.077100506303966e-11;
const PART_3: f64 = 2.0222662487111665e-21;
const REST: f64 = 8.4784276603689e-32;
const MAX_IN_PARTS: f64 = 1647099;

/** The bits of 2/pi behind the point, behind a word of zeros. */
const BITS = memory.data<u64>([
  0,
  0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
  0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
  0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
  0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
  0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
]);

/** The reduced argument. */
let high: f64 = 0;
let rest: f64 = 0;

/** Reduces a finite x to [-pi/4, pi/4]. @returns the number of quarter turns taken off, modulo 4 */
function reduce(x: f64): u32 {
  if (abs(x) <= 0.7853981633974483) {
    high = x;
    rest = 0;
    return 0;
  }
  if (abs(x) > MAX_IN_PARTS) return reduceLarge(x);
  const turns = nearest(x * TWO_OVER_PI);
  // Each step is exact but the last.
  let y = addExactly(x - turns * PART_1, -turns * PART_2);
  const error = low;
  y = addExactly(y, -turns * PART_3);
  high = normalise(y, low + (error - turns * REST));
  rest = low;
  return <u32>(<i32>turns & 3);
}

/** 64 bits of the table from bit `at` on. */
function bitsFrom(at: u32): u64 {
  const word = BITS + ((at >> 6) << 3);
  const shift = <u64>(at & 63);
  return shift ? (load<u64>(word) << shift) | (load<u64>(word, 8) >> (64 - shift)) : load<u64>(word);
}

/** High half of a product. */
function highHalf(a: u64, b: u64): u64 {
  const middle = (a >> 32) * (b & 0xffffffff) + (((a & 0xffffffff) * (b & 0xffffffff)) >> 32);
  const other = (a & 0xffffffff) * (b >> 32) + (middle & 0xffffffff);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/**
 * Payne and Hanek: x = m * 2^e times those 192 bits of 2/pi that decide on the quarter (the two bits in front of the point) and, with at
 * least 128 bits, on the fraction. Bits of higher weight contribute multiples of four.
 */
function reduceLarge(x: f64): u32 {
  const bits = reinterpret<u64>(x);
  const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
  const first = <u32>((bits >> 52) & 0x7ff) - 1075 + 62;
  const middle = bitsFrom(first + 64);
  const lowest = bitsFrom(first + 128);
  let p0 = mantissa * lowest;
  let p1 = mantissa * middle;
  let p2 = mantissa * bitsFrom(first) + highHalf(mantissa, middle);
  const carry = highHalf(mantissa, lowest);
  p1 += carry;
  p2 += u64(p1 < carry);
  let turns = <u32>(p2 >> 62);
  // The fraction, from the top bit down; from one half on it counts from the next quarter backwards.
  p2 = (p2 << 2) | (p1 >> 62);
  p1 = (p1 << 2) | (p0 >> 62);
  p0 <<= 2;
  const isNegative = <i64>p2 < 0;
  if (isNegative) {
    turns++;
    p1 = ~p1 + u64(p0 == 0);
    p2 = ~p2 + u64(p0 == 0 && p1 == 0);
  }
  let shift = <u64>clz(p2);
  if (shift == 64) {
    p2 = p1;
    p1 = p0;
    shift += clz(p2);
  }
  const up = shift & 63;
  if (up) {
    p2 = (p2 << up) | (p1 >> (64 - up));
    p1 <<= up;
  }
  const scale = reinterpret<f64>((1023 - shift) << 52);
  const top = <f64>(p2 >> 11) * reinterpret<f64>(<u64>(1023 - 53) << 52) * scale;
  const bottom = <f64>(((p2 & 0x7ff) << 42) | (p1 >> 22)) * reinterpret<f64>(<u64>(1023 - 106) << 52) * scale;
  const sign: f64 = isNegative != (x < 0) ? -1 : 1;
  high = sign * multiply(top, bottom, HALF_PI, HALF_PI_LOW);
  rest = sign * low;
  return x < 0 ? (4 - turns) & 3 : turns & 3;
}

/** Sine of the reduced argument, as a pair. */
function kernelSine(): f64 {
  const x = high;
  const xl = rest;
  // Tiny arguments: the cube would be subnormal, and is nothing next to x.
  if (abs(x) < 1e-100) {
    setLow(xl);
    return x;
  }
  const zh = multiply(x, xl, x, xl);
  const zl = low;
  const cube = multiply(zh, zl, x, xl);
  const cubeLow = low;
  const fifth = multiply(cube, cubeLow, zh, zl);
  const fifthLow = low;
  const tail = fifth * zh * (-1.984126984126984e-4 + zh * (2.7557319223985893e-6 + zh * (-2.505210838544172e-8 + zh * (1.6059043836821613e-10 +
    zh * (-7.647163731819816e-13 + zh * 2.8114572543455206e-15)))));
  let sum = multiply(fifth, fifthLow, 0.008333333333333333, 1.1564823173178714e-19);
  sum = normalise(sum, low + tail);
  const sumLow = low;
  const third = multiply(cube, cubeLow, 0.16666666666666666, 9.25185853854297e-18);
  sum = add(-third, -low, sum, sumLow);
  return add(x, xl, sum, low);
}

/** Cosine of the reduced argument, as a pair. */
function kernelCosine(): f64 {
  const zh = multiply(high, rest, high, rest);
  const zl = low;
  const square = multiply(zh, zl, zh, zl);
  const squareLow = low;
  const tail = square * zh * (-1.388888888888889e-3 + zh * (2.48015873015873e-5 + zh * (-2.755731922398589e-7 + zh * (2.08767569878681e-9 +
    zh * (-1.1470745597729725e-11 + zh * (4.779477332387385e-14 + zh * -1.5619206968586225e-16))))));
  let sum = multiply(square, squareLow, 0.041666666666666664, 2.3129646346357427e-18);
  sum = add(-0.5 * zh, -0.5 * zl, sum, low + tail);
  return add(1, 0, sum, low);
}

/** Sine of x (a quarter turn ahead: cosine). */
// @ts-ignore: decorator
@inline function sineFrom(turns: u32): f64 {
  const value = turns & 1 ? kernelCosine() : kernelSine();
  return turns & 2 ? -value : value;
}

// @ts-ignore: decorator
@inline function isFinite(x: f64): bool { return abs(x) < Infinity; }
/** The result for what is not finite. */
// @ts-ignore: decorator
@inline function invalid(x: f64): f64 { return x != x ? x : NEGATIVE_NAN; }

export function sine(x: f64): f64 {
  if (!isFinite(x)) return invalid(x);
  if (abs(x) < 1e-100) return x;
  return sineFrom(reduce(x));
}

export function cosine(x: f64): f64 {
  if (!isFinite(x)) return invalid(x);
  return sineFrom(reduce(x) + 1);
}

export function tangent(x: f64): f64 {
  if (!isFinite(x)) return invalid(x);
  if (abs(x) < 1e-100) return x;
  const turns = reduce(x);
  const s = kernelSine();
  const sl = low;
  const c = kernelCosine();
  const cl = low;
  return turns & 1 ? -divide(c, cl, s, sl) : divide(s, sl, c, cl);
}
