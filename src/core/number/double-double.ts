/**
 * Arithmetic on pairs of doubles, high + low with |low| at most half a unit in the last place of high: about 106 bits.
 * Functions return the high part and leave the low one in `low`, which the next of them overwrites.
 * No fused multiply-add: Wasm has none, and results must be the same everywhere.
 */

/** Low part of the last result. */
export let low: f64 = 0;

/** Makes `tail` the low part of a result that is known without. */
// @ts-ignore: decorator
@inline export function setLow(tail: f64): void { low = tail; }

const SPLIT: f64 = 134217729;

/** What a * b, rounded to `product`, lacks. No operand may be so large that splitting it overflows. */
// @ts-ignore: decorator
@inline export function productError(a: f64, b: f64, product: f64): f64 {
  const sa = a * SPLIT;
  const ah = sa - (sa - a);
  const al = a - ah;
  const sb = b * SPLIT;
  const bh = sb - (sb - b);
  const bl = b - bh;
  return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
}

/** a + b exactly. */
// @ts-ignore: decorator
@inline export function addExactly(a: f64, b: f64): f64 {
  const sum = a + b;
  const part = sum - a;
  low = (a - (sum - part)) + (b - part);
  return sum;
}

/** Renormalises a pair whose parts may overlap, |high| >= |rest|. */
// @ts-ignore: decorator
@inline export function normalise(high: f64, rest: f64): f64 {
  const sum = high + rest;
  low = rest - (sum - high);
  return sum;
}

// @ts-ignore: decorator
@inline export function add(ah: f64, al: f64, bh: f64, bl: f64): f64 {
  const sum = addExactly(ah, bh);
  return normalise(sum, low + (al + bl));
}

// @ts-ignore: decorator
@inline export function multiply(ah: f64, al: f64, bh: f64, bl: f64): f64 {
  const product = ah * bh;
  return normalise(product, productError(ah, bh, product) + (ah * bl + al * bh));
}

// @ts-ignore: decorator
@inline export function divide(ah: f64, al: f64, bh: f64, bl: f64): f64 {
  const quotient = ah / bh;
  const product = quotient * bh;
  const rest = ((ah - product) - productError(quotient, bh, product)) + al - quotient * bl;
  return normalise(quotient, rest / bh);
}

/** Square root of a positive pair. */
export function squareRoot(ah: f64, al: f64): f64 {
  const root = sqrt<f64>(ah);
  const square = root * root;
  const rest = ((ah - square) - productError(root, root, square)) + al;
  return normalise(root, rest / (2 * root));
}
