/**
 * Views of a VM's linear memory. Growth detaches the buffer a view looks at, so a view is never kept across a call into the core:
 * the getters below look whether theirs was detached (its length is 0 then) and make new ones.
 *
 * An address that comes from the core is negative from 2 GB on, as Wasm's i32 are: only this file makes indices of addresses.
 *
 * Why not compare `memory.buffer` each time: that getter is a host call; the length of a detached array is a field.
 *
 * Shared memory detaches nothing when it grows: there the core says so (the import `grown`), and who takes the lock looks whether another thread had it grow.
 */
import { VM_MEMORY_END } from '../bytecode/layout.ts';

/** The greatest size, in pages of 64 KiB. */
const MAX_PAGES = 65536;

/** @param pages of 64 KiB to start with */
export const newMemory = (pages: number): WebAssembly.Memory => new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES });

let nothing: WebAssembly.Memory | undefined;

export class Memory {
  #wasm: WebAssembly.Memory;
  #u8: Uint8Array;
  #u32: Uint32Array;
  #i32: Int32Array;
  #f64: Float64Array;
  #i64: BigInt64Array;

  constructor(wasm: WebAssembly.Memory) {
    this.#wasm = wasm;
    const { buffer } = wasm;
    this.#u8 = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i64 = new BigInt64Array(buffer);
  }

  get wasm(): WebAssembly.Memory {
    return this.#wasm;
  }

  /** Bytes of the VM: there may be pages behind that it has no use for yet. */
  get size(): number {
    return this.load(VM_MEMORY_END);
  }

  /** Looks at nothing from now on: the memory is no more this VM's. What is still read is undefined, what is stored goes nowhere. */
  letGo(): void {
    nothing ??= new WebAssembly.Memory({ initial: 0, maximum: 0 });
    this.#wasm = nothing;
    this.refresh();
  }

  /** Bytes: index is the address. */
  get u8(): Uint8Array {
    if (this.#u8.length === 0) this.refresh();
    return this.#u8;
  }

  /** 32-bit words: index is address >>> 2. */
  get u32(): Uint32Array {
    if (this.#u32.length === 0) this.refresh();
    return this.#u32;
  }

  get i32(): Int32Array {
    if (this.#i32.length === 0) this.refresh();
    return this.#i32;
  }

  /** 64-bit floats: index is address >>> 3. */
  get f64(): Float64Array {
    if (this.#f64.length === 0) this.refresh();
    return this.#f64;
  }

  get i64(): BigInt64Array {
    if (this.#i64.length === 0) this.refresh();
    return this.#i64;
  }

  /** The u32 at a byte address. */
  load(address: number): number {
    return this.u32[address >>> 2] as number;
  }

  /** The i32 at a byte address. */
  loadSigned(address: number): number {
    return this.i32[address >>> 2] as number;
  }

  /** Stores a u32 or i32 at a byte address. */
  store(address: number, value: number): void {
    this.u32[address >>> 2] = value;
  }

  loadByte(address: number): number {
    return this.u8[address >>> 0] as number;
  }

  storeByte(address: number, value: number): void {
    this.u8[address >>> 0] = value;
  }

  /** The bytes [address, address + length), as a view: valid until the core runs or allocates. */
  viewBytes(address: number, length: number): Uint8Array {
    const start = address >>> 0;
    return this.u8.subarray(start, start + length);
  }

  /** A copy of them. */
  copyBytes(address: number, length: number): Uint8Array {
    return this.viewBytes(address, length).slice();
  }

  storeBytes(address: number, bytes: Uint8Array): void {
    this.u8.set(bytes, address >>> 0);
  }

  moveBytes(to: number, from: number, length: number): void {
    const start = from >>> 0;
    this.u8.copyWithin(to >>> 0, start, start + length);
  }

  /** Shared memory may have grown in another thread. */
  refreshIfGrown(): void {
    if (this.size !== this.#u8.length) this.refresh();
  }

  /** Makes views of all there is. */
  refresh(): void {
    const { buffer } = this.#wasm;
    this.#u8 = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i64 = new BigInt64Array(buffer);
  }
}
