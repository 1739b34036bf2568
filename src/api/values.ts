/**
 * Lua values as the host sees them, and the way from one form to the other.
 *
 *   Lua                      host
 *   nil                      undefined (null goes in as nil too)
 *   boolean                  boolean
 *   integer                  number if it is a safe integer, else bigint
 *   float                    number; an integral number in the safe range goes in as an integer, -0 as a float
 *   string                   string if its bytes are UTF-8, else Uint8Array; both go in
 *   table, function          LuaTable, LuaFunction: the same object for the same table as long as the host holds it
 *   thread, other userdata   LuaReference
 *   userdata of a host object  that object; any host object that is none of the above goes in so
 *   host function            goes in as a function, comes out as LuaFunction
 */
import {
  SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_STRING, TAG_TABLE, TAG_TRUE,
  TAG_USERDATA, USERDATA_HANDLE, USERDATA_METATABLE, VM_HOST_SCRATCH,
} from '../bytecode/layout.ts';
import { MoontraceError } from './errors.ts';
import type { Machine } from '../engine/machine.ts';
import { decodeTextStrictly, encodeText } from '../engine/text.ts';

/** Anything that comes out of Lua. */
export type LuaValue = undefined | boolean | number | bigint | string | Uint8Array | LuaReference | object;
/** Anything that may go in. */
export type LuaInput = LuaValue | null | HostFunction;
/** A plain host function: gets and returns converted values; an array is a list of results. */
export type HostFunction = (...args: LuaValue[]) => LuaInput | readonly LuaInput[] | void;

/** A collectable Lua object held by the host. */
export class LuaReference {
  /** The machine the object lives in. */
  readonly machine: Machine;
  /** Address of the object; it does not move. */
  readonly pointer: number;
  readonly tag: number;

  constructor(machine: Machine, pointer: number, tag: number) {
    this.machine = machine;
    this.pointer = pointer;
    this.tag = tag;
  }
}

/** A table. Reads and writes are raw: they call no metamethods. */
export class LuaTable extends LuaReference {
  get(key: LuaInput): LuaValue {
    const { machine } = this;
    return machine.guard(() => {
      machine.values.toLua(VM_HOST_SCRATCH, key);
      machine.core.tableGet(this.pointer, VM_HOST_SCRATCH, VM_HOST_SCRATCH + SLOT_SIZE);
      return machine.values.toHost(VM_HOST_SCRATCH + SLOT_SIZE);
    });
  }

  set(key: LuaInput, value: LuaInput): this {
    const { machine } = this;
    machine.guard(() => {
      machine.values.toLua(VM_HOST_SCRATCH, key);
      machine.values.toLua(VM_HOST_SCRATCH + SLOT_SIZE, value);
      machine.core.tableSet(this.pointer, VM_HOST_SCRATCH, VM_HOST_SCRATCH + SLOT_SIZE);
    });
    return this;
  }

  /** The border `#t` gives. */
  get length(): number {
    return Number(this.machine.core.tableLength(this.pointer));
  }

  /** All pairs, taken at once: the table may change meanwhile. */
  entries(): [LuaValue, LuaValue][] {
    const { machine } = this;
    const found: [LuaValue, LuaValue][] = [];
    machine.slots.setNil(VM_HOST_SCRATCH);
    while (machine.core.tableNext(this.pointer, VM_HOST_SCRATCH)) {
      found.push([machine.values.toHost(VM_HOST_SCRATCH), machine.values.toHost(VM_HOST_SCRATCH + SLOT_SIZE)]);
    }
    return found;
  }

  [Symbol.iterator](): Iterator<[LuaValue, LuaValue]> {
    return this.entries()[Symbol.iterator]();
  }
}

/** A function, Lua's or the host's. */
export class LuaFunction extends LuaReference {
  /** Calls the function and returns all its results. @throws LuaError */
  call(...args: readonly LuaInput[]): LuaValue[] {
    const { machine } = this;
    machine.pushObject(this.tag, this.pointer);
    return machine.callWithValues(args);
  }

  /** As `call`, but only the first result. */
  call1(...args: readonly LuaInput[]): LuaValue {
    return this.call(...args)[0];
  }
}

/** Converts values for one machine, and keeps the host's references to Lua objects. */
export class Values {
  readonly #machine: Machine;
  readonly #references = new Map<number, WeakRef<LuaReference>>();
  readonly #finalizer: FinalizationRegistry<{ readonly pointer: number; readonly pin: number }>;
  readonly #functions = new WeakMap<HostFunction, number>();
  #hostObjectMetatable = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#finalizer = new FinalizationRegistry(({ pointer, pin }) => {
      machine.core.unpinObject(pin);
      if (this.#references.get(pointer)?.deref() === undefined) this.#references.delete(pointer);
    });
  }

  /** Metatable that marks the userdata of host objects. */
  set hostObjectMetatable(pointer: number) {
    this.#hostObjectMetatable = pointer;
  }

  /** The host's value of a slot. */
  toHost(slot: number): LuaValue {
    const { slots } = this.#machine;
    const tag = slots.tag(slot);
    switch (tag) {
      case TAG_NIL:
        return undefined;
      case TAG_FALSE:
      case TAG_TRUE:
        return tag === TAG_TRUE;
      case TAG_INT: {
        const value = slots.integer(slot);
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
      }
      case TAG_FLOAT:
        return slots.float(slot);
      case TAG_LIGHT:
        return slots.pointer(slot);
      case TAG_STRING: {
        const bytes = slots.stringView(slots.pointer(slot));
        return decodeTextStrictly(bytes) ?? bytes.slice();
      }
      default:
        return this.#objectToHost(tag, slots.pointer(slot));
    }
  }

  #objectToHost(tag: number, pointer: number): LuaValue {
    const machine = this.#machine;
    if (tag === TAG_USERDATA && machine.memory.load(pointer + USERDATA_METATABLE) === this.#hostObjectMetatable) {
      return machine.hostObjects.objectAt(machine.memory.load(pointer + USERDATA_HANDLE)) as LuaValue;
    }
    const known = this.#references.get(pointer)?.deref();
    if (known !== undefined) return known;
    const type = tag === TAG_TABLE ? LuaTable : tag === TAG_CLOSURE || tag === TAG_BUILTIN ? LuaFunction : LuaReference;
    const reference = new type(machine, pointer, tag);
    this.#references.set(pointer, new WeakRef(reference));
    this.#finalizer.register(reference, { pointer, pin: machine.core.pinObject(pointer) });
    return reference;
  }

  /** Writes a host value into a slot. @throws MoontraceError bad-value, bad-handle */
  toLua(slot: number, value: LuaInput): void {
    const { slots } = this.#machine;
    switch (typeof value) {
      case 'undefined':
        return slots.setNil(slot);
      case 'boolean':
        return slots.setBoolean(slot, value);
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) return slots.setSafeInteger(slot, value);
        return slots.setFloat(slot, value);
      case 'bigint':
        if (BigInt.asIntN(64, value) !== value) throw new MoontraceError('bad-value', `${value} does not fit 64 bits`);
        return slots.setInteger(slot, value);
      case 'string':
        return slots.setString(slot, encodeText(value));
      case 'function':
        return slots.setObject(slot, TAG_BUILTIN, this.#functionToLua(value as HostFunction));
      case 'symbol':
        throw new MoontraceError('bad-value', String(value));
      default:
        return this.#objectToLua(slot, value as object | null);
    }
  }

  #objectToLua(slot: number, value: object | null): void {
    const machine = this.#machine;
    const { slots } = machine;
    if (value === null) return slots.setNil(slot);
    if (value instanceof Uint8Array) return slots.setString(slot, value);
    if (value instanceof LuaReference) {
      if (value.machine !== machine) throw new MoontraceError('bad-handle', 'a table, function, thread or userdata');
      return slots.setObject(slot, value.tag, value.pointer);
    }
    const userdata = machine.core.newUserdata(0, machine.hostObjects.addObject(value));
    machine.core.setUserdataMetatable(userdata, this.#hostObjectMetatable);
    slots.setObject(slot, TAG_USERDATA, userdata);
  }

  /** The host function's object; one object for one function as long as the program holds it. */
  #functionToLua(implementation: HostFunction): number {
    const known = this.#functions.get(implementation);
    if (known !== undefined && this.#machine.core.isDeadObject(known) === 0) return known;
    const pointer = this.#machine.newHostFunction(implementation.name, this.#rawForm(implementation), () => {
      if (this.#functions.get(implementation) === pointer) this.#functions.delete(implementation);
    });
    this.#functions.set(implementation, pointer);
    return pointer;
  }

  /** A plain host function in the form the core calls. */
  #rawForm(implementation: HostFunction): (base: number, count: number) => number {
    const machine = this.#machine;
    return (base, count) => {
      const args: LuaValue[] = [];
      for (let i = 0; i < count; i++) args.push(this.toHost(base + i * SLOT_SIZE));
      const position = machine.stackOffset(base);
      const result = implementation(...args);
      const results = Array.isArray(result) ? (result as readonly LuaInput[]) : result === undefined ? [] : [result as LuaInput];
      machine.core.ensureStack(results.length);
      results.forEach((value, i) => {
        this.toLua(machine.stackAddress(position) + (i - 1) * SLOT_SIZE, value);
      });
      return results.length;
    };
  }
}
