/** Hashes: what strings hash to, and how long the chains of a dictionary become. Counted, not timed. */
import { describe, expect, it } from 'vitest';
import * as layout from '../../../src/bytecode/layout.ts';
import { type Ref, TestCore, type Value } from '../harness.ts';

const SEEDS = [1, 2, 3, 77, 12345];
const KEYS = 1500;
const MASK = (1n << 64n) - 1n;

/** The longest chain of a table's dictionary. */
function longestChain(core: TestCore, table: Ref): number {
  const size = core.u32(table.pointer + layout.TABLE_DICT_SIZE);
  const first = core.u32(table.pointer + layout.TABLE_DICT);
  const links = Array.from({ length: size }, (_, i) => core.u32(first + i * layout.DICT_NODE_SIZE + layout.SLOT_LINK));
  const behind = new Set(links);
  let longest = 0;
  for (let i = 0; i < size; i++) {
    if (behind.has(first + i * layout.DICT_NODE_SIZE)) continue;
    let length = 1;
    for (let link = links[i]!; link; link = links[(link - first) / layout.DICT_NODE_SIZE]!) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}

function longestOf(core: TestCore, keys: Value[]): number {
  const table = core.table(0, 200);
  core.pin(table);
  keys.forEach((key, i) => {
    core.set(table, key, BigInt(i));
  });
  expect(core.u32(table.pointer + layout.TABLE_DICT_SIZE)).toBeGreaterThanOrEqual(new Set(keys).size);
  return longestChain(core, table);
}

const numbers = (make: (i: bigint) => bigint): Value[] => Array.from({ length: KEYS }, (_, i) => BigInt.asIntN(64, make(BigInt(i + 1))));
const floats = (make: (i: number) => number): Value[] => Array.from({ length: KEYS }, (_, i) => make(i + 1));

/** Keys that collide, or form long chains, in tables with a hash too simple. None lies in a table's array part. */
const NUMBERS: Record<string, Value[]> = {
  sequential: numbers((i) => i + (1n << 40n)),
  negative: numbers((i) => -i),
  ...Object.fromEntries([8n, 16n, 24n, 31n, 32n, 33n, 40n, 45n, 48n, 52n].map((bits) => [`i << ${bits}`, numbers((i) => i << bits)])),
  'high bits with a tail': numbers((i) => (i << 45n) | 7n),
  'i * 65537': numbers((i) => i * 65537n),
  'i * (2^32 + 1)': numbers((i) => i * 0x100000001n),
  'multiples of the inverse of the golden ratio': numbers((i) => i * 0xf1de83e19937733dn),
  'packed pairs': numbers((i) => ((i % 40n) << 32n) | (i / 40n)),
  'packed bytes': numbers((i) => ((i % 12n) << 48n) | (((i / 12n) % 12n) << 24n) | (i / 144n)),
  squares: numbers((i) => i * i * 1000003n),
  'one bit and another': numbers((i) => (1n << (i % 61n)) ^ (1n << (20n + i / 61n)) ^ (i << 3n)),
  'powers as floats': floats((i) => 2 ** (i - 1050) * 1.5),
  'fractions': floats((i) => i + 0.5),
  'i / 1024': floats((i) => i / 1024 + 2 ** -30),
  'large floats': floats((i) => i * 2 ** 70),
  'mantissas that differ in high bits': floats((i) => 2 ** 900 * (1 + i / 2048)),
};

/** As many texts as there are keys. */
const texts = (make: (i: number) => string): Value[] => Array.from({ length: KEYS }, (_, i) => make(i));
const flip = (bit: number, length: number): string => {
  const bytes = Buffer.alloc(length, 'a');
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes.toString('latin1');
};
const words = (list: bigint[]): string => {
  const bytes = Buffer.alloc(list.length * 8);
  list.forEach((word, i) => bytes.writeBigUInt64LE(word & MASK, i * 8));
  return bytes.toString('latin1');
};
/** Words whose differences in bit 63 cancel each other in (h ^ w) * m, folded by 32 bits, for every seed and every odd m. */
const cancelling = (n: number, blocks: number): string => {
  let carry = 0n;
  return words(Array.from({ length: blocks }, (_, i) => {
    const bit = i < blocks - 1 ? BigInt((n >> i) & 1) : 0n;
    const word = (0x1111111111111111n * BigInt(i + 1)) ^ (bit << 63n) ^ carry;
    carry = bit ? (1n << 63n) | (1n << 31n) : 0n;
    return word;
  }));
};
/** The words of a string in an order that n chooses. */
const permuted = (n: number, blocks: number): string => {
  const from = Array.from({ length: blocks }, (_, i) => BigInt(i + 1) * 0x0101010101010101n);
  const to: bigint[] = [];
  for (let rest = n, left = blocks; left > 0; rest = Math.floor(rest / left), left--) to.push(...from.splice(rest % left, 1));
  return words(to);
};

const STRINGS: Record<string, Value[]> = {
  'one bit of 200 bytes': texts((i) => flip(i, 200)),
  'one bit of lengths around a word': texts((i) => flip(i % 328, 41 + (i % 328 >> 3 > 40 ? 8 : Math.floor(i / 328)))),
  'cancelling differences': texts((i) => cancelling(i, 16)),
  'words in another order': texts((i) => permuted(i, 8)),
  'zeros of many lengths': texts((i) => '\0'.repeat(41 + i)),
  'a word of wyhash as a factor': texts((i) => words([0xa0761d6478bd642fn, BigInt(i), 0xe7037ed1a0b428dbn, BigInt(i), 0x8ebc6af09c88c6e3n, BigInt(i)])),
  counted: texts((i) => `${'key '.repeat(12)}${i}`),
};

const SHORT: Record<string, Value[]> = {
  'one bit, 40 bytes': texts((i) => flip(i % 320, 40)),
  'one bit, all lengths': texts((i) => flip(i % 64, 8 + (i >> 6))),
  'cancelling differences': texts((i) => cancelling(i % 16, 5)),
  'words in another order': texts((i) => permuted(i % 120, 5)),
  'two halves that change together': texts((i) => words([BigInt(i) << 32n, BigInt(i), MASK - BigInt(i)])),
  'high bits of halves': texts((i) => words([BigInt(i & 1) << 31n | BigInt(i & 2) << 62n, BigInt(i >> 2) << 53n])),
  counted: texts((i) => `key${i}`),
};

describe('dictionaries', () => {
  it.each(Object.entries({ ...NUMBERS, ...STRINGS }))('have short chains whatever the seed: %s', async (_, keys) => {
    for (const seed of SEEDS) expect(longestOf(await TestCore.create(seed), keys)).toBeLessThanOrEqual(11);
  });

  it('have short chains of numbers that were chosen', async () => {
    const meet = (bits: bigint) => (i: bigint): boolean => BigInt.asUintN(64, i * 0x9e3779b97f4a7c15n) >> (64n - bits) === 5n;
    const chosen = (bits: bigint, blocks: number): Value[] =>
      Array.from({ length: blocks }, (_, block) => Array.from({ length: 1024 }, (_, i) => (BigInt(block * 7919 + 1) << 20n) + BigInt(i)).filter(meet(bits))).flat().slice(0, KEYS);
    for (const seed of SEEDS) {
      const core = await TestCore.create(seed);
      expect(longestOf(core, chosen(5n, 1))).toBeLessThanOrEqual(34);
      expect(longestOf(core, chosen(6n, 100))).toBeLessThanOrEqual(16);
      expect(longestOf(core, chosen(11n, 1500))).toBeLessThanOrEqual(11);
    }
  });

  it('have short chains of objects, also of those whose addresses were chosen', async () => {
    for (const seed of SEEDS) {
      const core = await TestCore.create(seed);
      const all = Array.from({ length: 40_000 }, () => core.table());
      const holder = core.table();
      core.pin(holder);
      all.forEach((table, i) => {
        core.set(holder, BigInt(i + 1), table);
      });
      expect(longestOf(core, all.slice(0, KEYS))).toBeLessThanOrEqual(11);
      const byAddress = (test: (address: number) => boolean): Ref[] => all.filter(({ pointer }) => test(pointer)).slice(0, KEYS);
      const golden = byAddress((address) => BigInt.asUintN(64, BigInt(address) * 0x9e3779b97f4a7c15n) >> 58n === 5n);
      expect(golden.length).toBeGreaterThan(400);
      expect(longestOf(core, golden)).toBeLessThanOrEqual(45);
      expect(longestOf(core, byAddress((address) => address % 4096 < 256))).toBeLessThanOrEqual(11);
    }
  });

  it('draw their keys anew for each VM', async () => {
    const orders = new Set<string>();
    for (const seed of SEEDS) {
      const core = await TestCore.create(seed);
      const table = core.table();
      const order: Value[] = [];
      for (const key of NUMBERS['i << 40']!.slice(0, 50)) core.set(table, key, true);
      core.traverse(table, (key) => order.push(key));
      orders.add(order.join());
    }
    expect(orders.size).toBe(SEEDS.length);
  });
});

describe('strings', () => {
  it.each(Object.entries(SHORT))('of up to 40 bytes have hashes of their own: %s', async (_, keys) => {
    for (const seed of SEEDS) {
      const core = await TestCore.create(seed);
      const different = [...new Set(keys as string[])];
      const hashes = different.map((text) => core.u32(core.string(text) + layout.STRING_HASH));
      expect(different.length - new Set(hashes).size).toBeLessThanOrEqual(1);
      const places = new Map<number, number>();
      for (const hash of hashes) places.set(hash >>> 21, (places.get(hash >>> 21) ?? 0) + 1);
      expect(Math.max(...places.values())).toBeLessThanOrEqual(11);
      core.verify();
    }
  });

  it('longer ones have SipHash-1-3', async () => {
    // The example of the paper's appendix, for the function below.
    expect(sipHash(2, 4, [0x0706050403020100n, 0x0f0e0d0c0b0a0908n], Buffer.from(Array.from({ length: 15 }, (_, i) => i)))).toBe(0xa129ca6149be45e5n);
    const core = await TestCore.create(5);
    const key = [0, 8].map((at) => core.view.getBigUint64(layout.VM_HASH_KEYS + at, true));
    for (let length = 41; length < 300; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * i + length) & 0xff));
      const hash = core.call['hashOfString']!(core.string(bytes.toString('latin1'))) >>> 0;
      expect(BigInt(hash)).toBe(sipHash(1, 3, key, bytes) & 0xffffffffn);
    }
  });
});

/** SipHash-c-d, written after the paper. */
function sipHash(c: number, d: number, [k0, k1]: bigint[], bytes: Buffer): bigint {
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;
  let [v0, v1, v2, v3] = [k0! ^ 0x736f6d6570736575n, k1! ^ 0x646f72616e646f6dn, k0! ^ 0x6c7967656e657261n, k1! ^ 0x7465646279746573n];
  const rounds = (count: number): void => {
    for (; count; count--) {
      v0 = (v0 + v1) & MASK;
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = (v2 + v3) & MASK;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = (v0 + v3) & MASK;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = (v2 + v1) & MASK;
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const padded = Buffer.concat([bytes, Buffer.alloc(8 - (bytes.length % 8))]);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    rounds(c);
    v0 ^= word;
  }
  v2 ^= 0xffn;
  rounds(d);
  return v0 ^ v1 ^ v2 ^ v3;
}
