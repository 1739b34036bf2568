/** Slots of the core's function table for compiled traces. The table grows geometrically; slots of removed traces are used again. */

import type { CodeSharing } from '../../src/engine/jit-port.ts';

const FIRST_GROWTH = 64;

export class FunctionTable {
  readonly #table: WebAssembly.Table;
  readonly #sharing: CodeSharing | undefined;
  readonly #free: number[] = [];
  #growth = FIRST_GROWTH;

  /** @param sharing knows which slots are free in all threads */
  constructor(table: WebAssembly.Table, sharing: CodeSharing | undefined) {
    this.#table = table;
    this.#sharing = sharing;
  }

  /** @returns the slot the function is in now. @throws RangeError if the table cannot grow */
  add(compiled: CallableFunction): number {
    if (this.#sharing !== undefined) {
      const slot = this.#sharing.takeSlot();
      this.#table.set(slot, compiled);
      return slot;
    }
    if (this.#free.length === 0) {
      const first = this.#table.grow(this.#growth);
      for (let i = this.#growth - 1; i >= 0; i--) this.#free.push(first + i);
      this.#growth *= 2;
    }
    const slot = this.#free.pop()!;
    this.#table.set(slot, compiled);
    return slot;
  }

  remove(slot: number): void {
    this.#table.set(slot, null);
    if (this.#sharing === undefined) this.#free.push(slot);
    else this.#sharing.giveSlot(slot);
  }
}
