/** Lua objects in the host's hands, and the types of what passes between the two. Each method is an operation of the API (boundary.ts). */
import { SLOT_SIZE, VM_HOST_SCRATCH } from '../bytecode/layout.ts';
import { perform } from './boundary.ts';
import type { Machine } from '../engine/machine.ts';

/** Anything that comes out of Lua. */
export type LuaValue = undefined | boolean | number | bigint | string | Uint8Array | LuaReference | object;
/** Anything that may go in. */
export type LuaInput = LuaValue | null | HostFunction;
/** A plain host function: gets and returns converted values; an array is a list of results. What it throws is a Lua error. */
export type HostFunction = (...args: LuaValue[]) => LuaInput | readonly LuaInput[] | void;

/** A collectable Lua object held by the host. */
export class LuaReference {
  /** The machine the object lives in. */
  readonly machine: Machine;
  /** Address of the object; it does not move. */
  readonly pointer: number;
  readonly tag: number;
  /** Tells references from whatever else, proxies of them included, without running code of theirs. */
  readonly #mark = true;

  constructor(machine: Machine, pointer: number, tag: number) {
    this.machine = machine;
    this.pointer = pointer;
    this.tag = tag;
  }

  static isReference(value: object): value is LuaReference {
    return #mark in value && value.#mark;
  }
}

/** A table. Reads and writes are raw: they call no metamethods. All methods @throw LuaError, MoontraceError closed, busy. */
export class LuaTable extends LuaReference {
  /** @throws MoontraceError bad-value, bad-handle for the key */
  get(key: LuaInput): LuaValue {
    const { machine } = this;
    return perform(machine, () => {
      machine.values.toLua(VM_HOST_SCRATCH, key);
      machine.core.tableGet(this.pointer, VM_HOST_SCRATCH, VM_HOST_SCRATCH + SLOT_SIZE);
      return machine.values.toHost(VM_HOST_SCRATCH + SLOT_SIZE);
    });
  }

  /** @throws MoontraceError bad-value, bad-handle @throws LuaError for a key that is nil or NaN */
  set(key: LuaInput, value: LuaInput): this {
    const { machine } = this;
    perform(machine, () => {
      machine.values.toLua(VM_HOST_SCRATCH, key);
      machine.values.toLua(VM_HOST_SCRATCH + SLOT_SIZE, value);
      machine.core.tableSet(this.pointer, VM_HOST_SCRATCH, VM_HOST_SCRATCH + SLOT_SIZE);
    });
    return this;
  }

  /** The border `#t` gives. */
  get length(): number {
    return perform(this.machine, () => Number(this.machine.core.tableLength(this.pointer)));
  }

  /** All pairs, taken at once: the table may change meanwhile. */
  entries(): [LuaValue, LuaValue][] {
    const { machine } = this;
    return perform(machine, () => {
      const found: [LuaValue, LuaValue][] = [];
      machine.slots.setNil(VM_HOST_SCRATCH);
      while (machine.core.tableNext(this.pointer, VM_HOST_SCRATCH, VM_HOST_SCRATCH)) {
        found.push([machine.values.toHost(VM_HOST_SCRATCH), machine.values.toHost(VM_HOST_SCRATCH + SLOT_SIZE)]);
      }
      return found;
    });
  }

  [Symbol.iterator](): Iterator<[LuaValue, LuaValue]> {
    return this.entries()[Symbol.iterator]();
  }
}

/** A function, Lua's or the host's. */
export class LuaFunction extends LuaReference {
  /**
   * Calls the function and returns all its results.
   * @throws LuaError @throws MoontraceError bad-value, bad-handle for an argument; closed, also if the VM was closed by what ran; busy
   */
  call(...args: readonly LuaInput[]): LuaValue[] {
    const { machine } = this;
    return perform(machine, () => {
      machine.pushObject(this.tag, this.pointer);
      for (const value of args) machine.pushValue(value);
      const count = machine.call(args.length);
      const results: LuaValue[] = [];
      for (let slot = machine.top - count * SLOT_SIZE; slot < machine.top; slot += SLOT_SIZE) results.push(machine.values.toHost(slot));
      machine.pop(count);
      return results;
    });
  }

  /** As `call`, but only the first result. */
  call1(...args: readonly LuaInput[]): LuaValue {
    return this.call(...args)[0];
  }
}
