/**
 * Host functions that go by names, in a VM that threads share: in the VM each is one object, the same for all threads; what it does each thread says for itself.
 * A table in the VM's memory has the objects by name, the names by number, and under the same numbers below zero the threads that call them for others.
 */
import { HOST_NAMES } from '../../bytecode/host-places.ts';
import { SCRATCH_KEY, SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { BUILTIN_HANDLE, HOST_NAMED, TAG_BUILTIN, TAG_STRING } from '../../bytecode/layout.ts';
import type { HostObjects, RawHostFunction } from '../host-objects.ts';
import type { HostTable } from '../host-table.ts';
import type { Slots } from '../slots.ts';

export class NamedFunctions {
  readonly #slots: Slots;
  readonly #host: HostTable;
  readonly #hostObjects: HostObjects;

  constructor(slots: Slots, host: HostTable, hostObjects: HostObjects) {
    this.#slots = slots;
    this.#host = host;
    this.#hostObjects = hostObjects;
  }

  /** The object of a function; 0 if no thread has said what it does. @param name a byte string */
  find(name: string): number {
    const { core } = this.#slots;
    this.#slots.setText(SCRATCH_KEY, name);
    core.tableGet(this.#host.table(HOST_NAMES), SCRATCH_KEY, SCRATCH_VALUE);
    return this.#slots.tag(SCRATCH_VALUE) === TAG_BUILTIN ? this.#slots.pointer(SCRATCH_VALUE) : 0;
  }

  /** Says what a function does in this thread. @param shown its name in messages; both are byte strings @returns its object */
  bind(name: string, shown: string, implementation: RawHostFunction): number {
    const { core, memory } = this.#slots;
    const known = this.find(name);
    const table = this.#host.table(HOST_NAMES);
    const number = known === 0 ? Number(core.tableLength(table)) + 1 : memory.load(known + BUILTIN_HANDLE) - HOST_NAMED;
    this.#hostObjects.bindNamed(number, implementation);
    if (known !== 0) return known;
    this.#slots.setText(SCRATCH_KEY, shown);
    const builtin = core.newHostFunction(HOST_NAMED + number, this.#slots.pointer(SCRATCH_KEY));
    this.#slots.setText(SCRATCH_KEY, name);
    this.#slots.setObject(SCRATCH_VALUE, TAG_BUILTIN, builtin);
    core.tableSet(table, SCRATCH_KEY, SCRATCH_VALUE);
    this.#slots.setObject(SCRATCH_VALUE, TAG_STRING, this.#slots.pointer(SCRATCH_KEY));
    this.#slots.setSafeInteger(SCRATCH_KEY, number);
    core.tableSet(table, SCRATCH_KEY, SCRATCH_VALUE);
    return builtin;
  }

  /** From now on a thread calls a function for all others that have not got it. @param word of the thread (`ServedCalls.word`) */
  setServer(builtin: number, word: number): void {
    const { core, memory } = this.#slots;
    this.#slots.setSafeInteger(SCRATCH_KEY, HOST_NAMED - memory.load(builtin + BUILTIN_HANDLE));
    this.#slots.setSafeInteger(SCRATCH_VALUE, word);
    core.tableSet(this.#host.table(HOST_NAMES), SCRATCH_KEY, SCRATCH_VALUE);
  }

  /** Who calls a function for others; 0 if nobody does. */
  serverOf(handle: number): number {
    this.#slots.setSafeInteger(SCRATCH_KEY, HOST_NAMED - handle);
    this.#slots.core.tableGet(this.#host.table(HOST_NAMES), SCRATCH_KEY, SCRATCH_VALUE);
    return this.#slots.isNil(SCRATCH_VALUE) ? 0 : this.#slots.memory.loadSigned(SCRATCH_VALUE);
  }

  /** The name of a function by its handle. */
  nameOf(handle: number): string {
    const { core } = this.#slots;
    this.#slots.setSafeInteger(SCRATCH_KEY, handle - HOST_NAMED);
    core.tableGet(this.#host.table(HOST_NAMES), SCRATCH_KEY, SCRATCH_VALUE);
    return this.#slots.tag(SCRATCH_VALUE) === TAG_STRING ? this.#slots.stringText(this.#slots.pointer(SCRATCH_VALUE)) : '?';
  }
}
