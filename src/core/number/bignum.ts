/**
 * Natural numbers of some thousand bits, for reading and printing floats exactly. A number is an address of BIG_BYTES in static memory:
 *
 *   +0 length in limbs | +4 limbs (u32), the lowest first; no zero limb on top
 *
 * The longest: 801 decimal digits, or 5^1125, and a bit: 2,700 bits.
 */

const MAX_LIMBS: u32 = 96;
export const BIG_BYTES: u32 = 4 + MAX_LIMBS * 4;

/** 5^0 .. 5^13, all that fit a limb. */
const FIVES = <u32>memory.data<u32>([1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125]);

// @ts-ignore: decorator
@inline function lengthOf(n: u32): u32 { return load<u32>(n); }
// @ts-ignore: decorator
@inline function limb(n: u32, i: u32): u32 { return load<u32>(n + (i << 2), 4); }
// @ts-ignore: decorator
@inline function setLimb(n: u32, i: u32, value: u32): void { store<u32>(n + (i << 2), value, 4); }

export function bigSet(n: u32, value: u64): void {
  store<u64>(n, value, 4);
  store<u32>(n, u32(value != 0) + u32(value >> 32 != 0));
}

// @ts-ignore: decorator
@inline export function bigIsZero(n: u32): bool { return lengthOf(n) == 0; }

/** n = n * factor + addend */
export function bigMultiplyAdd(n: u32, factor: u32, addend: u32): void {
  const length = lengthOf(n);
  let carry = <u64>addend;
  for (let i: u32 = 0; i < length; i++) {
    carry += <u64>limb(n, i) * factor;
    setLimb(n, i, <u32>carry);
    carry >>= 32;
  }
  if (carry) {
    setLimb(n, length, <u32>carry);
    store<u32>(n, length + 1);
  }
}

/** n = n * 5^power */
export function bigMultiplyFive(n: u32, power: u32): void {
  for (; power > 13; power -= 13) bigMultiplyAdd(n, load<u32>(FIVES + (13 << 2)), 0);
  bigMultiplyAdd(n, load<u32>(FIVES + (power << 2)), 0);
}

/** n = n / divisor @returns the remainder */
export function bigDivide(n: u32, divisor: u32): u32 {
  const length = lengthOf(n);
  let rest: u64 = 0;
  for (let i = length; i-- > 0;) {
    rest = (rest << 32) | limb(n, i);
    setLimb(n, i, <u32>(rest / divisor));
    rest %= divisor;
  }
  trim(n, length);
  return <u32>rest;
}

function trim(n: u32, length: u32): void {
  while (length && !limb(n, length - 1)) length--;
  store<u32>(n, length);
}

export function bigBitLength(n: u32): u32 {
  const length = lengthOf(n);
  return length ? (length << 5) - <u32>clz(limb(n, length - 1)) : 0;
}

export function bigShiftLeft(n: u32, bits: u32): void {
  const limbs = bits >> 5;
  const shift = <u64>(bits & 31);
  const length = lengthOf(n);
  if (!length) return;
  let above: u64 = 0;
  for (let i = length; i-- > 0;) {
    const pair = <u64>limb(n, i) << shift;
    setLimb(n, i + limbs + 1, <u32>(above | (pair >> 32)));
    above = pair & 0xffffffff;
  }
  setLimb(n, limbs, <u32>above);
  memory.fill(n + 4, 0, limbs << 2);
  trim(n, length + limbs + 1);
}

/**
 * n = n mod d (Knuth, The Art of Computer Programming, 4.3.1, one step of algorithm D).
 * @param d its highest bit is that of a limb  @returns the quotient, which must be below 2^32
 */
export function bigDivideStep(n: u32, d: u32): u32 {
  const length = lengthOf(d);
  const above: u64 = lengthOf(n) > length ? limb(n, length) : 0;
  if (lengthOf(n) < length) return 0;
  let quotient = min<u64>(((above << 32) | limb(n, length - 1)) / limb(d, length - 1), 0xffffffff);
  let carry: u64 = 0;
  let borrow: i64 = 0;
  for (let i: u32 = 0; i < length; i++) {
    carry += quotient * limb(d, i);
    borrow += <i64>limb(n, i) - <i64>(carry & 0xffffffff);
    setLimb(n, i, <u32>borrow);
    carry >>= 32;
    borrow >>= 32;
  }
  // The estimate is at most two too large.
  for (borrow += above - carry; borrow < 0; quotient--) {
    carry = 0;
    for (let i: u32 = 0; i < length; i++) {
      carry += <u64>limb(n, i) + limb(d, i);
      setLimb(n, i, <u32>carry);
      carry >>= 32;
    }
    borrow += carry;
  }
  trim(n, length);
  return <u32>quotient;
}

/** The 64 highest bits, the lowest of them set if anything below is (sticky); the number itself if it has no more than 64. */
export function bigTop(n: u32): u64 {
  const bits = bigBitLength(n);
  if (bits <= 64) return load<u64>(n, 4) & (lengthOf(n) == 1 ? 0xffffffff : u64.MAX_VALUE);
  const from = bits - 64;
  const low = from >> 5;
  const shift = <u64>(from & 31);
  let top = ((<u64>limb(n, low + 1) << 32) | limb(n, low)) >> shift;
  if (shift) top |= <u64>limb(n, low + 2) << (64 - shift);
  let sticky = shift != 0 && (limb(n, low) & ((1 << <u32>shift) - 1)) != 0;
  for (let i: u32 = 0; i < low && !sticky; i++) sticky = limb(n, i) != 0;
  return top | u64(sticky);
}
