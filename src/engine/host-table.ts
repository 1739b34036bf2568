/** What the host's side keeps in the VM's memory (src/bytecode/host-places.ts): so there is no second copy of it that a VM in another host would lack. */
import { SCRATCH_KEY, SCRATCH_VALUE } from '../bytecode/host-scratch.ts';
import { HOST_PLACES } from '../bytecode/host-places.ts';
import { TABLE_ARRAY, TAG_TABLE, VM_HOST } from '../bytecode/layout.ts';
import type { CoreExports } from './core-module.ts';
import type { Memory } from './memory.ts';
import type { Slots } from './slots.ts';

export class HostTable {
  readonly #memory: Memory;
  readonly #core: CoreExports;
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#memory = slots.memory;
    this.#core = slots.core;
    this.#slots = slots;
  }

  /** For a memory that holds a VM without one. */
  create(): void {
    this.#memory.store(VM_HOST, this.#core.newTable(HOST_PLACES, 0));
    for (let place = 1; place <= HOST_PLACES; place++) this.setInteger(place, 0);
  }

  /** The object at a place; 0 if there is none. */
  pointer(place: number): number {
    // All places have a value, so the table is an array and no more.
    const payload = this.#memory.load(this.#memory.load(VM_HOST) + TABLE_ARRAY) + 8 * (place - 1);
    return this.#memory.load(payload);
  }

  set(place: number, tag: number, pointer: number): void {
    this.#slots.setObject(SCRATCH_VALUE, tag, pointer);
    this.#store(place);
  }

  /** The table at a place, made if there is none. */
  table(place: number): number {
    const known = this.pointer(place);
    if (known !== 0) return known;
    const table = this.#core.newTable(0, 0);
    this.set(place, TAG_TABLE, table);
    return table;
  }

  /** A number up to 2^32 - 1; 0 if there is none. */
  integer(place: number): number {
    return this.pointer(place);
  }

  setInteger(place: number, value: number): void {
    this.#slots.setSafeInteger(SCRATCH_VALUE, value);
    this.#store(place);
  }

  #store(place: number): void {
    this.#slots.setSafeInteger(SCRATCH_KEY, place);
    this.#core.tableSet(this.#memory.load(VM_HOST), SCRATCH_KEY, SCRATCH_VALUE);
  }
}
