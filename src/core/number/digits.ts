/** Decimal digits, and writing integers. */
import { ONES } from '../base/bytes';

// @ts-ignore: decorator
@inline export function isDigit(byte: u32): bool { return byte - 48 < 10; }

/** Goes over digits, eight at a time: those that do not count any more may be millions. @returns where there may be another byte */
export function skipDigits(at: u32, end: u32): u32 {
  const HIGH: u64 = 0xf0 * ONES;
  for (; at + 8 <= end; at += 8) {
    const word = load<u64>(at);
    if ((word & HIGH) != 0x30 * ONES || ((word + 6 * ONES) & HIGH) != 0x30 * ONES) break;
  }
  return at;
}

/** The same, over one byte again and again. */
export function skipByte(at: u32, end: u32, byte: u32): u32 {
  const word = <u64>byte * ONES;
  while (at + 8 <= end && load<u64>(at) == word) at += 8;
  return at;
}

/** "00" .. "99" */
const PAIRS = <u32>memory.data<u8>([
  48,48,48,49,48,50,48,51,48,52,48,53,48,54,48,55,48,56,48,57,49,48,49,49,49,50,49,51,49,52,49,53,49,54,49,55,49,56,49,57,
  50,48,50,49,50,50,50,51,50,52,50,53,50,54,50,55,50,56,50,57,51,48,51,49,51,50,51,51,51,52,51,53,51,54,51,55,51,56,51,57,
  52,48,52,49,52,50,52,51,52,52,52,53,52,54,52,55,52,56,52,57,53,48,53,49,53,50,53,51,53,52,53,53,53,54,53,55,53,56,53,57,
  54,48,54,49,54,50,54,51,54,52,54,53,54,54,54,55,54,56,54,57,55,48,55,49,55,50,55,51,55,52,55,53,55,54,55,55,55,56,55,57,
  56,48,56,49,56,50,56,51,56,52,56,53,56,54,56,55,56,56,56,57,57,48,57,49,57,50,57,51,57,52,57,53,57,54,57,55,57,56,57,57,
]);

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
