/**
 * The hash functions, keyed for each VM with entropy of the host: no program knows beforehand which keys meet in one chain. Hashes have 32 bits, of
 * which the top ones are the good ones (placeOf).
 *
 * - Long strings: SipHash-1-3 (Aumasson and Bernstein 2012, with the rounds that Rust, Ruby and Python use for their tables), a
 *   pseudo-random function of the 128-bit key. Multiplicative hashes such as wyhash are faster, but have differences and blind multiplications
 *   that collide whatever the seed.
 * - Short strings: NH (Black et al. 1999, the inner hash of UMAC) over their words and their length, brought to 32 bits by multiply-shift
 *   (Dietzfelbinger et al. 1997). Two given strings have the same hash with a probability of about 2^-32 over the keys, and meet in one of
 *   2^n places with at most 2 / 2^n. Programs see no order of the string table that would tell them more.
 *   They serve the dictionaries of tables as well: to read one is cheaper than to hash an address.
 * - Numbers and addresses, in blocks of 1024 numbers and of 64 KB: two multiplications of the block's number by secret odd numbers with a fold between them, plus Fibonacci
 *   hashing (Knuth 6.4) within. The last secret one is multiply-shift, with its bound; the first one breaks up progressions, which multiply-shift
 *   alone maps to progressions. Numbers close together and objects made one after the other, which is what most dictionaries have for keys, meet less often than at random; and
 *   of the 2^10 numbers or 2^11 objects of a block at most 32 or 45 can be chosen to fill one chain of a table with them alone.
 *
 *   VM_HASH_KEYS: u64 SipHash key (2) | multipliers, odd (2) | NH keys (6, the last for the length)
 */
import { VM_HASH_KEYS } from '../../bytecode/layout';
import { work } from './budget';
import { hostEntropy } from './host';
import { AT_ONCE } from './pieces';

const FIRST: u32 = 16;
const SECOND: u32 = 24;
const NH: u32 = 32;
const NH_LENGTH: u32 = NH + 40;
const GOLDEN_RATIO: u64 = 0x9e3779b97f4a7c15;

/** Draws the keys. Before the first string. */
export function initHash(): void {
  for (let at: u32 = 0; at <= NH_LENGTH; at += 8) store<u64>(VM_HASH_KEYS + at, (<u64>hostEntropy() << 32) | <u64>hostEntropy());
  for (let at = FIRST; at <= SECOND; at += 8) store<u64>(VM_HASH_KEYS + at, load<u64>(VM_HASH_KEYS + at) | 1);
}

/** The place in a table of `size` (a power of two) that a hash names. */
// @ts-ignore: decorator
@inline export function placeOf(hash: u32, size: u32): u32 { return (hash >> 1) >> clz(size); }

// @ts-ignore: decorator
@inline function mixed(word: u64): u64 {
  const product = word * load<u64>(VM_HASH_KEYS, FIRST);
  return (product ^ (product >> 32)) * load<u64>(VM_HASH_KEYS, SECOND);
}

/** @param shift log2 of the size of a block */
// @ts-ignore: decorator
@inline function hashInBlock(word: u64, shift: u64): u32 { return <u32>((mixed(word >> shift) + word * GOLDEN_RATIO) >> 32); }

// @ts-ignore: decorator
@inline export function hashNumber(bits: u64): u32 { return hashInBlock(bits, 10); }

// @ts-ignore: decorator
@inline export function hashAddress(address: u32): u32 { return hashInBlock(<u64>address, 16); }

/** Half a word each, with its key. */
// @ts-ignore: decorator
@inline function pair(word: u64, key: u32): u64 {
  const keys = load<u64>(VM_HASH_KEYS + key);
  return <u64>(<u32>word + <u32>keys) * <u64>(<u32>(word >> 32) + <u32>(keys >> 32));
}

/** Of at most MAX_SHORT_STRING bytes. The last word overlaps the one before, so that no byte is read alone. */
export function hashShort(bytes: u32, length: u32): u32 {
  let hash = pair(<u64>length, NH_LENGTH);
  if (length >= 8) {
    const last = length - 8;
    let at: u32 = 0;
    for (; at < last; at += 8) hash += pair(load<u64>(bytes + at), NH + at);
    hash += pair(load<u64>(bytes + last), NH + at);
  } else if (length >= 4) {
    hash += pair(<u64>load<u32>(bytes) | (<u64>load<u32>(bytes + length - 4) << 32), NH);
  } else if (length) {
    hash += pair(<u64>load<u8>(bytes) | (<u64>load<u8>(bytes + (length >> 1)) << 8) | (<u64>load<u8>(bytes + length - 1) << 16), NH);
  }
  return <u32>((hash * load<u64>(VM_HASH_KEYS, SECOND)) >> 32);
}

/** Of more than 8 bytes: SipHash-1-3, the lower half. */
export function hashLong(bytes: u32, length: u32): u32 { return sipHash(bytes, length, false); }

/** The same with looks at the limits. @throws what the host raises: out of fuel, interrupted */
export function hashInPieces(bytes: u32, length: u32): u32 { return sipHash(bytes, length, true); }

// @ts-ignore: decorator
@inline function sipHash(bytes: u32, length: u32, inPieces: bool): u32 {
  const key0 = load<u64>(VM_HASH_KEYS);
  const key1 = load<u64>(VM_HASH_KEYS, 8);
  let v0 = key0 ^ 0x736f6d6570736575;
  let v1 = key1 ^ 0x646f72616e646f6d;
  let v2 = key0 ^ 0x6c7967656e657261;
  let v3 = key1 ^ 0x7465646279746573;
  const end = bytes + (length & ~7);
  const rest = (load<u64>(bytes + length - 8) >> 8) >> <u64>(56 - (length & 7) * 8);
  for (let at = bytes; at <= end; at += 8) {
    if (inPieces && !((end - at) & (AT_ONCE - 1))) work(AT_ONCE >> 3);
    const word = at < end ? load<u64>(at) : rest | (<u64>length << 56);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 = rotl<u64>(v0, 32) + v3;
    v2 += v1;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 = rotl<u64>(v2, 32);
    v0 ^= word;
  }
  // The same round again: a function could not return four values, and memory for them would cost more than the lines.
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 += v1;
    v2 += v3;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 = rotl<u64>(v0, 32) + v3;
    v2 += v1;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 = rotl<u64>(v2, 32);
  }
  return <u32>(v0 ^ v1 ^ v2 ^ v3);
}
