/**
 * The number modules of the core compiled on their own, so that their tests need no VM: an entry in AssemblyScript, given to asc as text,
 * exports what the tests call. Slots and text live at fixed addresses of the memory's second half.
 */
import asc from 'assemblyscript/asc';
import { readFileSync } from 'node:fs';
import { TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';

const ENTRY = `
import { setFloat, setInt } from './src/core/base/value';
import { writeNumber } from './src/core/number/print';
import { parseNumber } from './src/core/number/read';
import * as number from './src/core/number/arithmetic';
export function parse(bytes: u32, length: u32, slot: u32): bool { return parseNumber(bytes, length, slot); }
export function writeFloat(out: u32, slot: u32, value: f64): u32 { setFloat(slot, value); return writeNumber(out, slot); }
export function writeFloatBits(out: u32, slot: u32, bits: u64): u32 { setFloat(slot, reinterpret<f64>(bits)); return writeNumber(out, slot); }
export function writeInt(out: u32, slot: u32, value: i64): u32 { setInt(slot, value); return writeNumber(out, slot); }
export function pow(a: f64, b: f64): f64 { return number.floatPow(a, b); }
export function modulo(a: f64, b: f64): f64 { return number.floatModulo(a, b); }
export function floorDivide(a: f64, b: f64): f64 { return number.floatFloorDivide(a, b); }
export function integerDivide(a: i64, b: i64): i64 { return number.integerDivide(a, b); }
export function integerModulo(a: i64, b: i64): i64 { return number.integerModulo(a, b); }
export function shiftLeft(a: i64, n: i64): i64 { return number.shiftLeft(a, n); }
export function shiftRight(a: i64, n: i64): i64 { return number.shiftRight(a, n); }
export function hasExactInt(f: f64): bool { return number.floatHasExactInt(f); }
export function lessIntFloat(i: i64, f: f64): bool { return number.lessIntFloat(i, f); }
export function lessEqualIntFloat(i: i64, f: f64): bool { return number.lessEqualIntFloat(i, f); }
export function lessFloatInt(f: f64, i: i64): bool { return number.lessFloatInt(f, i); }
export function lessEqualFloatInt(f: f64, i: i64): bool { return number.lessEqualFloatInt(f, i); }
export function equalIntFloat(i: i64, f: f64): bool { return number.equalIntFloat(i, f); }
export function forPrepare(slot: u32): bool { return number.forPrepare(slot); }
`;

const TEXT = 0x18000;
const SLOT = 0x1f000;

export interface NumberExports {
  parse(bytes: number, length: number, slot: number): number;
  writeFloat(out: number, slot: number, value: number): number;
  writeFloatBits(out: number, slot: number, bits: bigint): number;
  writeInt(out: number, slot: number, value: bigint): number;
  pow(a: number, b: number): number;
  modulo(a: number, b: number): number;
  floorDivide(a: number, b: number): number;
  integerDivide(a: bigint, b: bigint): bigint;
  integerModulo(a: bigint, b: bigint): bigint;
  shiftLeft(a: bigint, n: bigint): bigint;
  shiftRight(a: bigint, n: bigint): bigint;
  hasExactInt(f: number): number;
  lessIntFloat(i: bigint, f: number): number;
  lessEqualIntFloat(i: bigint, f: number): number;
  lessFloatInt(f: number, i: bigint): number;
  lessEqualFloatInt(f: number, i: bigint): number;
  equalIntFloat(i: bigint, f: number): number;
  forPrepare(slot: number): number;
}

/** A Lua number: integers are bigint, floats number. */
export type LuaNumber = bigint | number;

export class NumberCore {
  readonly exports: NumberExports;
  readonly #view: DataView;

  private constructor(exports: NumberExports, memory: WebAssembly.Memory) {
    this.exports = exports;
    this.#view = new DataView(memory.buffer);
  }

  static async create(): Promise<NumberCore> {
    const root = new URL('../../..', import.meta.url);
    let binary: Uint8Array | undefined;
    const { error, stderr } = await asc.main(
      ['entry.ts', '--outFile', 'out.wasm', '--runtime', 'stub', '--importMemory', '--memoryBase', '8192', '--enable', 'nontrapping-f2i,bulk-memory', '-O1', '--noAssert', '--use', 'CHECKED=0'],
      {
        readFile: (name) => {
          if (name === 'entry.ts') return ENTRY;
          try {
            return readFileSync(new URL(name, root), 'utf8');
          } catch {
            return null;
          }
        },
        writeFile: (_name, contents) => {
          if (typeof contents !== 'string') binary = contents;
        },
        listFiles: () => [],
      },
    );
    if (error || !binary) throw new Error(stderr.toString());
    const memory = new WebAssembly.Memory({ initial: 2 });
    const bytes = new Uint8Array(memory.buffer);
    const text = (start: number, length: number): string => Buffer.from(bytes.slice(start, start + length)).toString('latin1');
    const thrown = (message: string) => () => {
      throw new Error(message);
    };
    const imports = {
      fmod: (a: number, b: number) => a % b,
      throwText: (start: number, length: number) => {
        throw new Error(text(start, length));
      },
      throwOperandError: (kind: number, _slot: number, which: number) => {
        throw new Error(`operand error ${kind} ${which}`);
      },
    };
    const host = new Proxy(imports, { get: (target, name) => Reflect.get(target, name) ?? thrown(String(name)) });
    const module = await WebAssembly.compile(binary as Uint8Array<ArrayBuffer>);
    const instance = await WebAssembly.instantiate(module, { env: { memory, abort: thrown('abort') }, host: host as unknown as WebAssembly.ModuleImports });
    return new NumberCore(instance.exports as unknown as NumberExports, memory);
  }

  /** Text of a number as tostring. */
  format(value: LuaNumber): string {
    const { exports } = this;
    return this.#text(typeof value === 'bigint' ? exports.writeInt(TEXT, SLOT, value) : exports.writeFloat(TEXT, SLOT, value));
  }

  formatBits(bits: bigint): string {
    return this.#text(this.exports.writeFloatBits(TEXT, SLOT, bits));
  }

  /** Value of a numeral; undefined if it is none. */
  parse(numeral: string): LuaNumber | undefined {
    for (let i = 0; i < numeral.length; i++) this.#view.setUint8(TEXT + i, numeral.charCodeAt(i));
    return this.exports.parse(TEXT, numeral.length, SLOT) ? this.#read(SLOT) : undefined;
  }

  /** Prepares a loop. @returns its control slots, undefined if it does not run */
  forPrepare(init: LuaNumber, limit: LuaNumber, step: LuaNumber): LuaNumber[] | undefined {
    for (const [i, value] of [init, limit, step].entries()) this.#write(SLOT + 16 * i, value);
    return this.exports.forPrepare(SLOT) ? [0, 1, 2, 3].map((i) => this.#read(SLOT + 16 * i)) : undefined;
  }

  #text(length: number): string {
    return Array.from({ length }, (_, i) => String.fromCharCode(this.#view.getUint8(TEXT + i))).join('');
  }

  #read(slot: number): LuaNumber {
    return this.#view.getUint32(slot + 8, true) === TAG_INT ? this.#view.getBigInt64(slot, true) : this.#view.getFloat64(slot, true);
  }

  #write(slot: number, value: LuaNumber): void {
    if (typeof value === 'bigint') this.#view.setBigInt64(slot, value, true);
    else this.#view.setFloat64(slot, value, true);
    this.#view.setUint32(slot + 8, typeof value === 'bigint' ? TAG_INT : TAG_FLOAT, true);
  }
}
