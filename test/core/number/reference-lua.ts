/** PUC Lua as the reference (support/needs.ts tells whether it is installed), and values to compare. */
import { execFileSync } from 'node:child_process';

/** Lines a script prints under PUC Lua. */
export function referenceLines(script: string): string[] {
  const output = execFileSync('lua5.4', ['-'], { input: Buffer.from(script, 'latin1'), maxBuffer: 1 << 28 });
  return output.toString('latin1').replace(/\n$/, '').split('\n');
}

const bits = new DataView(new ArrayBuffer(8));

export function bitsOf(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigUint64(0);
}

export function floatOf(pattern: bigint): number {
  bits.setBigUint64(0, pattern);
  return bits.getFloat64(0);
}

/** Pseudo-random 64-bit patterns (splitmix64), the same in every run. */
export function* patterns(count: number, seed = 1n): Generator<bigint> {
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    yield mixed ^ (mixed >> 31n);
  }
}
