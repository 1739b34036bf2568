/**
 * Drives the data side of the core: a checked build whose entry also exports what only the core itself uses. Values of the model:
 * undefined is nil, bigint an integer, number a float, string a byte string (Latin-1), Ref an object.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import * as layout from '../../src/bytecode/layout.ts';

const root = join(import.meta.dirname, '../..');

/** The entry: the core's own, and the internals under test. */
const ENTRY = `
export * from './index';
export { reallocateRaw, tryAllocateRaw } from './memory/heap';
export { newStringUninitialised, internFinished, hashOfString, equalStrings, compareStrings } from './strings/string';
export { shapeLookup, shapeTransition, shapeWithMetatable, shapeKeyAt } from './objects/shape';
export { tableGetInt, tableGetAnyString, tableSetInt, trySet, trySetInt, tableAppendValues, tableReserveArray, tableToDictionaryMode } from './objects/table';
export { tableRecordSlot } from './objects/table-record';
export { metamethodOf } from './objects/metamethod';
import { arrayGetFast, arraySetFast } from './objects/table';
export function getFast(table: u32, key: i64, result: u32): bool { return arrayGetFast(table, key, result); }
export function setFast(table: u32, key: i64, value: u32): bool { return arraySetFast(table, key, value); }
`;

const COMMON = [
  '--runtime', 'stub', '--importMemory', '--exportTable', '--memoryBase', '8192', '--enable', 'bulk-memory,sign-extension,nontrapping-f2i,mutable-globals',
  '--exportStart', 'start', '--noExportMemory', '-O1', '--debug', '--use', 'CHECKED=1',
];

function inputHash(): string {
  const hash = createHash('sha256').update(ENTRY).update(COMMON.join(' '));
  for (const folder of ['src/core', 'src/bytecode']) {
    for (const name of readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).sort()) {
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Compiles the entry, once for each state of the sources. */
async function compileCore(): Promise<WebAssembly.Module> {
  const path = join(root, 'build', `core.test-${inputHash()}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(root, 'build'), { recursive: true });
    let binary: Uint8Array | undefined;
    const { error, stderr } = await asc.main(['src/core/test-entry.ts', ...COMMON, '--outFile', 'out.wasm'], {
      readFile: (name: string) => (name.endsWith('core/test-entry.ts') ? ENTRY : existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null),
      writeFile: (name: string, contents: string | Uint8Array) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    });
    if (error || !binary) throw new Error(`the core does not compile: ${String(stderr)}`);
    const temporary = `${path}.${process.pid}.${Math.random()}`;
    writeFileSync(temporary, binary);
    for (const old of readdirSync(join(root, 'build'))) if (/^core\.test-[0-9a-f]+\.wasm$/.test(old)) rmSync(join(root, 'build', old), { force: true });
    renameSync(temporary, path);
  }
  return new WebAssembly.Module(readFileSync(path));
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Reference to an object of the heap. */
export class Ref {
  constructor(
    readonly tag: number,
    readonly pointer: number,
  ) {}
}

export type Value = undefined | boolean | bigint | number | string | Ref;

/** What the core raised. */
export class CoreError extends Error {}

type Exports = Record<string, (...args: (number | bigint)[]) => number>;

export class TestCore {
  readonly memory = new WebAssembly.Memory({ initial: 2, maximum: 65536 });
  readonly call: Exports;
  /** 64 scratch slots outside the heap's objects. */
  readonly slots: number;
  #entropy: number;

  private constructor(module: WebAssembly.Module, entropy: number) {
    this.#entropy = entropy;
    const host = new Proxy({}, { get: (_, name) => (...args: number[]) => this.#hostCall(String(name), args) });
    const env = { memory: this.memory, abort: (_message: number, _file: number, line: number) => { throw new Error(`assertion failed, line ${line}`); } };
    const instance = new WebAssembly.Instance(module, { host, env } as unknown as WebAssembly.Imports);
    this.call = instance.exports as unknown as Exports;
    this.call['start']?.();
    this.call['init']!();
    this.slots = this.call['allocateRaw']!(64 * 16);
    new Uint8Array(this.memory.buffer, this.slots, 64 * 16).fill(0);
  }

  /** @param entropy what the core's random keys follow from */
  static async create(entropy = 1): Promise<TestCore> {
    compiled ??= compileCore();
    return new TestCore(await compiled, entropy);
  }

  #hostCall(name: string, args: number[]): number {
    if (name === 'entropy') {
      this.#entropy = (Math.imul(this.#entropy, 0x19660d) + 0x3c6ef35f) | 0;
      return this.#entropy;
    }
    if (name === 'throwText' || name === 'throwBareText') throw new CoreError(this.bytes(args[0]!, args[1]!));
    if (name === 'throwError') throw new CoreError(this.read(this.u32(layout.VM_THREAD) + layout.THREAD_ERROR) as string);
    if (name === 'look' || name === 'refill' || name === 'grown') return 0;
    throw new Error(`unexpected call of host.${name}`);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }
  u32(address: number): number {
    return this.view.getUint32(address, true);
  }
  u8(address: number): number {
    return this.view.getUint8(address);
  }
  setU32(address: number, value: number): void {
    this.view.setUint32(address, value, true);
  }
  bytes(address: number, length: number): string {
    return Buffer.from(this.memory.buffer, address, length).toString('latin1');
  }
  get bytesUsed(): number {
    return this.u32(layout.VM_BYTES_USED);
  }
  /** Address of scratch slot `i`. */
  slot(i: number): number {
    return this.slots + i * 16;
  }

  string(text: string): number {
    const address = layout.VM_STATE_END + 8192;
    // Text up to 40 KB goes through the unused pages in front of the heap.
    Buffer.from(this.memory.buffer).write(text, address, 'latin1');
    return this.call['newString']!(address, text.length) >>> 0;
  }
  text(pointer: number): string {
    return this.bytes(pointer + layout.STRING_BYTES, this.u32(pointer + layout.STRING_LENGTH));
  }
  table(arraySize = 0, recordSize = 0): Ref {
    return new Ref(layout.TAG_TABLE, this.call['newTable']!(arraySize, recordSize) >>> 0);
  }

  write(slot: number, value: Value): number {
    // Making a string may grow the memory: take the view afterwards.
    const pointer = typeof value === 'string' ? this.string(value) : value instanceof Ref ? value.pointer : 0;
    const view = this.view;
    let tag: number = layout.TAG_NIL;
    if (typeof value === 'boolean') tag = value ? layout.TAG_TRUE : layout.TAG_FALSE;
    else if (typeof value === 'bigint') {
      tag = layout.TAG_INT;
      view.setBigInt64(slot, value, true);
    } else if (typeof value === 'number') {
      tag = layout.TAG_FLOAT;
      view.setFloat64(slot, value, true);
    } else if (pointer) {
      tag = value instanceof Ref ? value.tag : layout.TAG_STRING;
      view.setBigUint64(slot, BigInt(pointer), true);
    }
    view.setUint32(slot + layout.SLOT_TAG, tag, true);
    return slot;
  }
  read(slot: number): Value {
    const tag = this.u32(slot + layout.SLOT_TAG);
    switch (tag) {
      case layout.TAG_NIL: return undefined;
      case layout.TAG_FALSE: return false;
      case layout.TAG_TRUE: return true;
      case layout.TAG_INT: return this.view.getBigInt64(slot, true);
      case layout.TAG_FLOAT: return this.view.getFloat64(slot, true);
      case layout.TAG_STRING: return this.text(this.u32(slot));
      default: return new Ref(tag, this.u32(slot));
    }
  }

  get(table: Ref, key: Value): Value {
    this.call['tableGet']!(table.pointer, this.write(this.slot(0), key), this.slot(1));
    return this.read(this.slot(1));
  }
  set(table: Ref, key: Value, value: Value): void {
    this.call['tableSet']!(table.pointer, this.write(this.slot(0), key), this.write(this.slot(1), value));
  }
  length(table: Ref): number {
    return Number(this.call['tableLength']!(table.pointer));
  }
  /** All pairs by tableNext; `visit` may assign to existing fields. */
  traverse(table: Ref, visit: (key: Value, value: Value) => void): void {
    const pair = this.slot(8);
    this.write(pair, undefined);
    while (this.call['tableNext']!(table.pointer, pair, pair)) visit(this.read(pair), this.read(pair + 16));
  }
  kind(table: Ref): number {
    return this.u8(table.pointer + layout.TABLE_KIND);
  }
  shape(table: Ref): number {
    return this.u32(table.pointer + layout.TABLE_SHAPE);
  }
  pin(object: Ref): number {
    return this.call['pinObject']!(object.pointer) >>> 0;
  }
  collect(): void {
    this.call['collectFull']!();
  }
  /** Throws if the heap is not sound. */
  verify(): void {
    const code = this.call['verifyHeap']!();
    if (code) throw new Error(`heap check ${code} failed for the object at ${this.u32(layout.VM_HEAP + 976)}`);
  }
}
