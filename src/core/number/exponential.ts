/**
 * Exponentials and logarithms. NativeMath's are those of current C libraries (Arm's optimized routines), so their last digits agree with C's
 * but for one argument in a thousand; this module owns what it lacks: log10 as C computes it, and the signs of NaNs.
 */

const NEGATIVE_NAN: f64 = -NaN;

// @ts-ignore: decorator
@inline export function exponential(x: f64): f64 { return x != x ? x : NativeMath.exp(x); }

// @ts-ignore: decorator
@inline export function logarithm(x: f64): f64 { return x != x ? x : x < 0 ? NEGATIVE_NAN : NativeMath.log(x); }

// @ts-ignore: decorator
@inline export function binaryLogarithm(x: f64): f64 { return x != x ? x : x < 0 ? NEGATIVE_NAN : NativeMath.log2(x); }

/** x = 2^k m with m in [1, 2), or in [0.5, 1) for k < 0: k log10(2) + log(m) / log(10), log10(2) in two parts. NaN is positive here. */
export function decimalLogarithm(x: f64): f64 {
  if (!(x > 0) || x == Infinity) return x != x ? x : x < 0 ? NaN : x == 0 ? -Infinity : x;
  let exponent: f64 = 0;
  if (x < 2.2250738585072014e-308) {
    exponent = -54;
    x *= 18014398509481984;
  }
  const bits = reinterpret<u64>(x);
  const power = <i32>(bits >> 52) - 1023;
  exponent += power;
  const isNegative = exponent < 0;
  if (isNegative) exponent += 1;
  const m = reinterpret<f64>((bits & 0xfffffffffffff) | (<u64>(isNegative ? 1022 : 1023) << 52));
  const small = exponent * 3.694239077158931e-13 + 0.4342944819032518 * NativeMath.log(m);
  return small + exponent * 0.30102999566361177;
}
