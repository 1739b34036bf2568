/** Slots of the core's function table for compiled traces. The table grows geometrically; slots of removed traces are used again. */

const FIRST_GROWTH = 64;

export class FunctionTable {
  readonly #table: WebAssembly.Table;
  readonly #free: number[] = [];
  #growth = FIRST_GROWTH;

  constructor(table: WebAssembly.Table) {
    this.#table = table;
  }

  /** @returns the slot the function is in now. @throws RangeError if the table cannot grow */
  add(compiled: CallableFunction): number {
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
    this.#free.push(slot);
  }
}
