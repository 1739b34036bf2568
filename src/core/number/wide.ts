/**
 * Exact scaling by powers of ten that 128 bits are enough for: a float's significand has 53 bits, 5^27 has 63.
 */

const FIVES = <u32>memory.data<u64>([
  1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625, 30517578125,
  152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625, 476837158203125, 2384185791015625, 11920928955078125,
  59604644775390625, 298023223876953125, 1490116119384765625, 7450580596923828125,
]);
/** Largest power of five there is. */
export const MAX_FIVE = 27;

/** 5^power, 0 <= power <= MAX_FIVE */
// @ts-ignore: decorator
@inline export function powerOfFive(power: u32): u64 { return load<u64>(FIVES + (power << 3)); }

/** High 64 bits of a * b. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const low = (a & 0xffffffff) * (b & 0xffffffff);
  const middle = (a >> 32) * (b & 0xffffffff) + (low >> 32);
  const other = (a & 0xffffffff) * (b >> 32) + (middle & 0xffffffff);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/**
 * value * 10^k rounded half to even. `value` is positive, finite and normal, the result must be below 2^62, 0 <= k <= MAX_FIVE.
 */
export function scaleDecimal(value: f64, k: u32): u64 {
  const bits = reinterpret<u64>(value);
  const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
  const five = powerOfFive(k);
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
  return whole + u64(half && (rest || (whole & 1) == 1));
}
