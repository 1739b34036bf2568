/**
 * Compiled code in a VM that threads share. Traces are found in memory, by loop instructions and descriptors; but what these name is a place in the core's table, and each
 * thread has a table of its own. So who installs a function publishes its module, in memory of the VM, and every other thread puts it into the same place of its
 * table before it runs anything. What was thrown away is withdrawn, and goes from all tables in the same way.
 *
 *   published   next | size of the block | id | client + 1 | exits, 0 if the module does not ask for them | entries | bytes of the module | its entries: place in the
 *               table, trace descriptor | the module
 *
 * Only its own thread knows of a trace's IR, and records sides of it. All others run it; where their exits are hot, the interpreter goes on.
 */
import { EXIT_HITS, TRACE_ENTERED, VM_JIT_ATTACHED } from '../../bytecode/layout.ts';
import type { CoreExports } from '../core-module.ts';
import { type CodeSharing, type JitPort, NULL_JIT, type VmInternals } from '../jit-port.ts';
import type { Memory } from '../memory.ts';
import { exportName, instantiateTrace } from '../trace-module.ts';
import { CODE_LIST, CODE_VERSION, LAST_SLOT } from './cells.ts';
import { withSharedMemory } from './core.ts';

const NEXT = 0;
const SIZE = 4;
const ID = 8;
const CLIENT = 12;
const EXITS = 16;
const ENTRIES = 20;
const MODULE_SIZE = 24;
const HEADER = 32;
const ENTRY = 8;
/** Numbers of traces that a thread may use: they are its own. */
const NUMBERS = 1 << 24;
/** By how much a table grows. */
const GROWTH = 64;

export class SharedCode implements CodeSharing {
  readonly #memory: Memory;
  readonly #core: CoreExports;
  readonly #cells: Int32Array;
  readonly #client: number;
  /** Places this thread has given back. */
  readonly #free: number[] = [];
  /** What other threads have published and this one has in its table: ids, and which of them has a place now. */
  readonly #known = new Set<number>();
  readonly #owners = new Map<number, number>();
  #version = 0;
  readonly firstNumber: number;

  /** @param client place + 1 */
  constructor(memory: Memory, core: CoreExports, client: number) {
    this.#memory = memory;
    this.#core = core;
    this.#cells = new Int32Array(memory.wasm.buffer);
    this.#client = client;
    this.firstNumber = client * NUMBERS;
  }

  // ---- For the thread's JIT

  takeSlot(): number {
    const { table } = this.#core;
    const slot = this.#free.pop() ?? this.#newSlot();
    if (slot >= table.length) table.grow(slot + GROWTH - table.length);
    return slot;
  }

  #newSlot(): number {
    const slot = (this.#cells[LAST_SLOT] as number) === 0 ? this.#core.table.length : (this.#cells[LAST_SLOT] as number) + 1;
    this.#cells[LAST_SLOT] = slot;
    return slot;
  }

  giveSlot(slot: number): void {
    this.#free.push(slot);
  }

  adapt(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return withSharedMemory(binary);
  }

  publish(binary: Uint8Array, exits: number | undefined, entries: readonly (readonly [slot: number, descriptor: number])[]): number {
    const memory = this.#memory;
    const size = HEADER + ENTRY * entries.length + binary.length;
    const block = this.#core.allocateRaw(size);
    const id = this.#change();
    for (const [field, value] of [
      [NEXT, this.#cells[CODE_LIST] as number], [SIZE, size], [ID, id], [CLIENT, this.#client], [EXITS, exits ?? 0], [ENTRIES, entries.length], [MODULE_SIZE, binary.length],
    ] as const) memory.store(block + field, value);
    entries.forEach(([slot, descriptor], n) => {
      memory.store(block + HEADER + ENTRY * n, slot);
      memory.store(block + HEADER + ENTRY * n + 4, descriptor);
    });
    memory.storeBytes(block + HEADER + ENTRY * entries.length, binary);
    this.#cells[CODE_LIST] = block;
    return block;
  }

  withdraw(published: number): void {
    this.#unlink(published);
    this.#change();
  }

  #unlink(published: number): void {
    const memory = this.#memory;
    const next = memory.load(published + NEXT);
    let before = 0;
    for (const block of this.#blocks()) {
      if (block === published) break;
      before = block;
    }
    if (before === 0) this.#cells[CODE_LIST] = next;
    else memory.store(before + NEXT, next);
    this.#core.freeRaw(published, memory.load(published + SIZE));
  }

  /** The list is another one, and this thread, which has the VM and was up to date, knows. @returns the version */
  #change(): number {
    this.#version = (this.#cells[CODE_VERSION] as number) + 1;
    this.#cells[CODE_VERSION] = this.#version;
    return this.#version;
  }

  *#blocks(): Iterable<number> {
    for (let block = (this.#cells[CODE_LIST] as number) >>> 0; block !== 0; block = this.#memory.load(block + NEXT)) yield block;
  }

  // ---- For the session

  /** Puts what others have published into this thread's table, and takes out what they have withdrawn. */
  catchUp(): void {
    if (this.#cells[CODE_VERSION] === this.#version) return;
    const memory = this.#memory;
    const there = new Map([...this.#blocks()].filter((block) => memory.load(block + CLIENT) !== this.#client).map((block) => [memory.load(block + ID), block]));
    for (const id of this.#known) if (!there.has(id)) this.#forget(id);
    // Places are used again: what came last has them.
    for (const id of [...there.keys()].sort((a, b) => a - b)) if (!this.#known.has(id)) this.#install(id, there.get(id) as number);
    this.#version = this.#cells[CODE_VERSION] as number;
  }

  #install(id: number, block: number): void {
    const { table } = this.#core;
    const memory = this.#memory;
    const entries = memory.load(block + ENTRIES);
    const binary = memory.copyBytes(block + HEADER + ENTRY * entries, memory.load(block + MODULE_SIZE)) as Uint8Array<ArrayBuffer>;
    const exports = instantiateTrace(new WebAssembly.Module(binary), memory.wasm, this.#core, memory.load(block + EXITS) || undefined);
    for (let n = 0; n < entries; n++) {
      const slot = memory.load(block + HEADER + ENTRY * n);
      if (slot >= table.length) table.grow(slot + GROWTH - table.length);
      table.set(slot, exports[exportName(n)] as CallableFunction);
      this.#owners.set(slot, id);
    }
    this.#known.add(id);
  }

  #forget(id: number): void {
    this.#known.delete(id);
    for (const [slot, owner] of this.#owners) {
      if (owner !== id) continue;
      this.#core.table.set(slot, null);
      this.#owners.delete(slot);
    }
  }

  /** Withdraws what a thread has published that is gone; this thread may not be up to date. @param client place + 1 @returns whether there was something */
  bury(client: number): boolean {
    const published = [...this.#blocks()].filter((block) => this.#memory.load(block + CLIENT) === client);
    for (const block of published) this.#unlink(block);
    if (published.length > 0) this.#cells[CODE_VERSION] = (this.#cells[CODE_VERSION] as number) + 1;
    return published.length > 0;
  }

  /** Times that traces were entered that are there now. */
  get entered(): number {
    const memory = this.#memory;
    let entered = 0;
    for (const block of this.#blocks()) {
      for (let n = 0; n < memory.load(block + ENTRIES); n++) entered += memory.load(memory.load(block + HEADER + ENTRY * n + 4) + TRACE_ENTERED);
    }
    return entered;
  }
}

/** For a thread without a JIT: it runs what others have compiled, and the interpreter goes on where an exit is hot. */
export function createRunOnlyJit(): JitPort {
  let internals: VmInternals | undefined;
  return {
    ...NULL_JIT,
    attach(given) {
      internals = given;
      given.memory.store(VM_JIT_ATTACHED, 0);
    },
    onHotExit(exit) {
      internals?.memory.store(exit + EXIT_HITS, 0);
      return (internals as VmInternals).core.step();
    },
  };
}
