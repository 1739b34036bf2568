/**
 * Inverse trigonometric functions, all by way of the arc tangent of a pair, rounded as well as those in trigonometric.ts.
 * Owns the NaNs: C's asin and acos give a positive one for arguments outside of [-1, 1].
 */
import { add, addExactly, divide, low, multiply, normalise, productError, setLow, squareRoot } from './double-double';

const PI: f64 = 3.141592653589793;
const PI_LOW: f64 = 1.2246467991473532e-16;
const HALF_PI: f64 = 1.5707963267948966;
const HALF_PI_LOW: f64 = 6.123233995736766e-17;

/** atan(i / 16) as pairs. */
const TABLE = memory.data<f64>([
  0.0, 0.0,
  0.06241880999595735, -1.5490756308295046e-18,
  0.12435499454676144, -3.1253241424539383e-18,
  0.18534794999569476, 4.180692268843079e-18,
  0.24497866312686414, 1.0698755618734451e-17,
  0.3028848683749714, -1.1010827903001369e-17,
  0.35877067027057225, -2.4623815582638635e-17,
  0.4124104415973873, -1.587652227770689e-17,
  0.4636476090008061, 2.2698777452961687e-17,
  0.5123894603107377, -2.5462781472855804e-17,
  0.5585993153435624, -5.4556305485916264e-18,
  0.6022873461349642, 2.950430737228402e-17,
  0.6435011087932844, 1.5834785051444286e-17,
  0.6823165548747481, 6.943223671560008e-18,
  0.7188299996216245, -2.1478388444456983e-17,
  0.7531512809621944, -2.4256934659182068e-17,
  0.7853981633974483, 3.061616997868383e-17,
]);

/** atan of the pair q, 0 <= q <= 1, as a pair. */
function kernelArctangent(q: f64, ql: f64): f64 {
  if (q < 1e-100) {
    setLow(ql);
    return q;
  }
  const i = <u32>nearest(q * 16);
  let t = q;
  let tl = ql;
  if (i) {
    // atan q = atan c + atan((q - c) / (1 + q c))
    const c = <f64>i * 0.0625;
    const product = q * c;
    const productLow = productError(q, c, product) + ql * c;
    const above = addExactly(q - c, ql);
    const aboveLow = low;
    const below = addExactly(1, product);
    const belowLow = low + productLow;
    t = divide(above, aboveLow, below, belowLow);
    tl = low;
  }
  const z = multiply(t, tl, t, tl);
  const zl = low;
  const cube = multiply(z, zl, t, tl);
  const cubeLow = low;
  const tail = cube * z * (0.2 + z * (-0.14285714285714285 + z * (0.1111111111111111 + z * (-0.09090909090909091 + z * (0.07692307692307693 +
    z * -0.06666666666666667)))));
  const third = multiply(cube, cubeLow, 0.3333333333333333, 1.850371707708594e-17);
  t = add(t, tl, -third, tail - low);
  return add(load<f64>(TABLE + (i << 4)), load<f64>(TABLE + (i << 4), 8), t, low);
}

/** Angle of the point (x, y) in the first quadrant, both pairs, not both zero. */
function angle(y: f64, yl: f64, x: f64, xl: f64): f64 {
  if (y <= x) {
    const q = divide(y, yl, x, xl);
    return kernelArctangent(q, low);
  }
  const q = divide(x, xl, y, yl);
  const rest = kernelArctangent(q, low);
  return add(HALF_PI, HALF_PI_LOW, -rest, -low);
}

export function arctangent2(y: f64, x: f64): f64 {
  if (x != x || y != y) return x + y;
  let ay = abs(y);
  let ax = abs(x);
  const isLeft = reinterpret<i64>(x) < 0;
  let result: f64;
  if (ay == 0) result = isLeft ? PI : 0;
  else if (ax == 0) result = HALF_PI;
  else if (ax == Infinity) result = ay == Infinity ? (isLeft ? 2.356194490192345 : 0.7853981633974483) : isLeft ? PI : 0;
  else if (ay == Infinity) result = HALF_PI;
  else {
    // Away from the ends of the range, where pairs lose bits; quotients beyond these bounds need no pairs.
    const ratio = ay / ax;
    if (ratio > 1e40) result = HALF_PI;
    else if (ratio < 1e-40) result = isLeft ? PI : ratio;
    else {
      if (ax > 1e150 || ay > 1e150) {
        ax *= 7.458340731200207e-155;
        ay *= 7.458340731200207e-155;
      } else if (ax < 1e-150 || ay < 1e-150) {
        ax *= 1.3407807929942597e154;
        ay *= 1.3407807929942597e154;
      }
      result = angle(ay, 0, ax, 0);
      if (isLeft) result = add(PI, PI_LOW, -result, -low);
    }
  }
  return copysign<f64>(result, y);
}

/** sqrt(1 - x^2) as a pair. */
function complement(x: f64): f64 {
  const square = x * x;
  const error = productError(x, x, square);
  const difference = addExactly(1, -square);
  const high = normalise(difference, low - error);
  return squareRoot(high, low);
}

export function arcsine(x: f64): f64 {
  const magnitude = abs(x);
  if (!(magnitude <= 1)) return x != x ? x : NaN;
  if (magnitude == 1) return copysign<f64>(HALF_PI, x);
  if (magnitude < 1e-20) return x;
  const c = complement(magnitude);
  return copysign<f64>(angle(magnitude, 0, c, low), x);
}

export function arccosine(x: f64): f64 {
  const magnitude = abs(x);
  if (!(magnitude <= 1)) return x != x ? x : NaN;
  if (magnitude == 1) return x == 1 ? 0 : PI;
  const c = magnitude < 1e-20 ? 1 : complement(magnitude);
  const value = angle(c, magnitude < 1e-20 ? 0 : low, magnitude, 0);
  return x < 0 ? add(PI, PI_LOW, -value, -low) : value;
}
