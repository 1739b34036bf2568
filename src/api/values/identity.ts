/** Which table an array, plain object or Map of the host's goes in as, as long as Lua has it: a table with weak values remembers. */
import { SCRATCH_KEY, SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_TABLE } from '../../bytecode/layout.ts';
import type { Machine } from '../../engine/machine.ts';

export class ContentIdentity {
  readonly #machine: Machine;
  /** Keys of the tables, below 0: those of an array would take room for ever. */
  readonly #keys = new WeakMap<object, number>();
  #lastKey = 0;
  #tables = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The table that stands for an object; 0 if there is none. */
  find(object: object): number {
    const key = this.#keys.get(object);
    if (key === undefined) return 0;
    const { core, slots } = this.#machine;
    slots.setSafeInteger(SCRATCH_KEY, key);
    core.tableGet(this.#tables, SCRATCH_KEY, SCRATCH_VALUE);
    return slots.tag(SCRATCH_VALUE) === TAG_TABLE ? slots.pointer(SCRATCH_VALUE) : 0;
  }

  /** Lets a table stand for an object. */
  remember(object: object, table: number): void {
    const { core, slots } = this.#machine;
    if (this.#tables === 0) this.#create();
    const key = this.#keys.get(object) ?? --this.#lastKey;
    slots.setSafeInteger(SCRATCH_KEY, key);
    slots.setObject(SCRATCH_VALUE, TAG_TABLE, table);
    core.tableSet(this.#tables, SCRATCH_KEY, SCRATCH_VALUE);
    this.#keys.set(object, key);
  }

  #create(): void {
    const { core, slots } = this.#machine;
    const tables = core.newTable(0, 0);
    const metatable = core.newTable(0, 1);
    slots.setText(SCRATCH_VALUE, 'v');
    slots.setField(metatable, '__mode', SCRATCH_VALUE);
    core.setMetatable(tables, metatable);
    core.pinObject(tables);
    this.#tables = tables;
  }
}
