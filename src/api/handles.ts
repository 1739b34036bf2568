/** Lua objects in the host's hands. Each method is an operation of the API (boundary.ts). */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../bytecode/host-scratch.ts';
import { SLOT_SIZE } from '../bytecode/layout.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import { perform } from './boundary.ts';
import type { LuaInput, LuaValue } from '../engine/lua-value.ts';
import type { Machine } from '../engine/machine.ts';

/** A Lua object as the engine knows it. @internal */
export interface ObjectOfLua {
  /** The machine it lives in. */
  readonly machine: Machine;
  /** Its address; it does not move. */
  readonly pointer: number;
  readonly tag: number;
}

/** What a reference refers to; undefined for anything else, proxies of references included. For the engine: users cannot see it. @internal */
export let objectOf: (value: object) => ObjectOfLua | undefined;

/** A collectable Lua object held by the host. */
export class LuaReference {
  readonly #object: ObjectOfLua;

  /** @internal */
  constructor(object: ObjectOfLua) {
    this.#object = object;
  }

  static {
    objectOf = (value) => (#object in value ? value.#object : undefined);
  }
}

/** As `objectOf` for a handle's own methods, which may be called on anything. @throws MoontraceError bad-handle */
function own(handle: LuaReference): ObjectOfLua {
  const object = objectOf(handle);
  if (object === undefined) throw new MoontraceError('bad-handle', 'its methods are only for itself');
  return object;
}

/** A table. Reads and writes are raw: they call no metamethods. All methods @throw LuaError, MoontraceError closed, busy. */
export class LuaTable extends LuaReference {
  /** @throws MoontraceError bad-value, bad-handle for the key */
  get(key: LuaInput): LuaValue {
    const { machine, pointer } = own(this);
    return perform(machine, () => {
      machine.values.toLua(SCRATCH_ACCESS_KEY, key);
      machine.core.tableGet(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
      return machine.values.toHost(SCRATCH_ACCESS_VALUE);
    });
  }

  /** @throws MoontraceError bad-value, bad-handle @throws LuaError for a key that is nil or NaN */
  set(key: LuaInput, value: LuaInput): this {
    const { machine, pointer } = own(this);
    perform(machine, () => {
      machine.values.toLua(SCRATCH_ACCESS_KEY, key);
      machine.values.toLua(SCRATCH_ACCESS_VALUE, value);
      machine.core.tableSet(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
    });
    return this;
  }

  /** The border `#t` gives. */
  get length(): number {
    const { machine, pointer } = own(this);
    return perform(machine, () => Number(machine.core.tableLength(pointer)));
  }

  /** All pairs, taken at once: the table may change meanwhile. */
  entries(): [LuaValue, LuaValue][] {
    const { machine, pointer } = own(this);
    return perform(machine, () => {
      const found: [LuaValue, LuaValue][] = [];
      machine.slots.setNil(SCRATCH_ACCESS_KEY);
      while (machine.core.tableNext(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_KEY)) {
        found.push([machine.values.toHost(SCRATCH_ACCESS_KEY), machine.values.toHost(SCRATCH_ACCESS_VALUE)]);
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
    const { machine, pointer, tag } = own(this);
    return perform(machine, () => {
      machine.pushObject(tag, pointer);
      return callPushed(machine, args);
    });
  }

  /** As `call`, but only the first result. */
  call1(...args: readonly LuaInput[]): LuaValue {
    return this.call(...args)[0];
  }
}

/** Calls the function at the top of the stack, which goes. @returns all its results @throws as `LuaFunction.call` @internal */
export function callPushed(machine: Machine, args: readonly LuaInput[]): LuaValue[] {
  for (const value of args) machine.pushValue(value);
  const count = machine.call(args.length);
  const results: LuaValue[] = [];
  for (let slot = machine.top - count * SLOT_SIZE; slot < machine.top; slot += SLOT_SIZE) results.push(machine.values.toHost(slot));
  machine.pop(count);
  return results;
}
