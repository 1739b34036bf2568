/**
 * A core and its memory, apart from the machine that works with them. What a VM leaves that was closed is cleared, and the next one has it: to make an instance, and to touch pages of
 * memory that nobody has touched before, is most of what a VM costs.
 *
 * Invariant: the memory of a cell that is kept is zero, and nobody has it: its last machine has let go of the memory and the core (`Machine.letGo`).
 */
import { type CoreExports, coreModule, coreOf, linkCore } from '../core-module.ts';
import { createHostImports, type HostCalls } from '../host-imports.ts';
import { clearPages, type NonZero, readNonZero } from './pages.ts';
import { WASM_PAGE } from './format.ts';
import { newMemory } from '../memory.ts';

/** Pages that a new VM starts with (384 KiB). */
export const INITIAL_PAGES = 6;
/** Bytes of a memory that is kept, and of all of them. */
const MAX_KEPT = 1 << 20;
const MAX_KEPT_TOTAL = 4 << 20;

export class CoreCell {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  #instance: WebAssembly.Instance | undefined;
  #tableLength = 0;
  #calls: HostCalls | undefined;

  constructor(memory: WebAssembly.Memory, module: WebAssembly.Module) {
    this.memory = memory;
    this.module = module;
  }

  /** What the core calls. */
  get calls(): HostCalls {
    return this.#calls as HostCalls;
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** The core for a machine, over what is in the memory. @throws MoontraceError bad-option if it is of another version */
  enter(calls: HostCalls): CoreExports {
    this.#calls = calls;
    if (this.#instance !== undefined) {
      const memory = new Uint8Array(this.memory.buffer);
      for (const { address, bytes } of constantsOf(this.module)) memory.set(bytes, address);
      return coreOf(this.module, this.#instance);
    }
    this.#instance = linkCore(this.module, this.memory, createHostImports(this));
    this.#tableLength = this.#table.length;
    const core = coreOf(this.module, this.#instance);
    core.start();
    return core;
  }

  /** Makes it as good as new. @returns false if it is of no use to another machine: compiled code was put into its table */
  clear(): boolean {
    this.#calls = undefined;
    if (this.#instance !== undefined && this.#table.length !== this.#tableLength) return false;
    clearPages(this.memory);
    return true;
  }

  get #table(): WebAssembly.Table {
    return this.#instance?.exports['table'] as WebAssembly.Table;
  }
}

/** By module: what an instance writes into its memory when it is made and started. The heap begins behind the last byte of it, in the same page. */
const constants = new WeakMap<WebAssembly.Module, readonly NonZero[]>();

function constantsOf(module: WebAssembly.Module): readonly NonZero[] {
  let list = constants.get(module);
  if (list === undefined) {
    const cell = new CoreCell(newMemory(INITIAL_PAGES), module);
    coreOf(module, linkCore(module, cell.memory, createHostImports(cell))).start();
    list = readNonZero(cell.memory);
    constants.set(module, list);
  }
  return list;
}

const kept: CoreCell[] = [];
let keptBytes = 0;

/** A cell for one machine. @param pages of 64 KiB that its memory has at least, all zero */
export function takeCell(pages: number, module: WebAssembly.Module = coreModule()): CoreCell {
  const place = kept.findLastIndex((cell) => cell.module === module);
  const [cell] = place < 0 ? [] : kept.splice(place, 1);
  if (cell === undefined) return new CoreCell(newMemory(pages), module);
  keptBytes -= cell.size;
  const missing = pages - cell.size / WASM_PAGE;
  if (missing > 0) cell.memory.grow(missing);
  return cell;
}

/** A machine has done with it. */
export function keepCell(cell: CoreCell): void {
  if (cell.size <= MAX_KEPT && keptBytes + cell.size <= MAX_KEPT_TOTAL && cell.clear()) {
    kept.push(cell);
    keptBytes += cell.size;
  }
}
