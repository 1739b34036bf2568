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
 *   userdata of a host object  that object; any host object that is none of the above goes in so: one userdata for one object as long as Lua holds it
 *   host function            goes in as a function, comes out as LuaFunction
 */
import {
  LIMIT_STACK, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_STRING, TAG_TABLE, TAG_TRUE, TAG_USERDATA, USERDATA_HANDLE,
  VM_STACK_LIMIT,
} from '../bytecode/layout.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import { LuaFunction, LuaReference, LuaTable, objectOf } from './handles.ts';
import { isBytes, isHostError } from '../engine/host-values.ts';
import type { HostFunction, HostMetatables, LuaInput, LuaValue, ValueConverter } from '../engine/lua-value.ts';
import type { Machine } from '../engine/machine.ts';
import { decodeTextStrictly, encodeText, toByteString } from '../engine/text.ts';

/** A function's name for messages, which a program may have made anything. */
function nameOf(implementation: HostFunction): string {
  try {
    const { name } = implementation as { readonly name: unknown };
    return typeof name === 'string' ? toByteString(encodeText(name)) : '';
  } catch {
    return '';
  }
}

/** An object that the host holds a reference to: its pin, and the reference as long as there is one. */
interface Held {
  readonly pointer: number;
  readonly pin: number;
  readonly reference: WeakRef<LuaReference>;
}

/** What a reference takes outside of the linear memory, in bytes: itself, its WeakRef, and entries of a map and of the registry. */
const REFERENCE_COST = 512;

/** Converts values for one machine, and keeps the host's references to Lua objects. */
export class Values implements ValueConverter {
  readonly #machine: Machine;
  readonly #references = new Map<number, Held>();
  readonly #finalizer: FinalizationRegistry<Held>;
  readonly #functions = new WeakMap<HostFunction, number>();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#finalizer = new FinalizationRegistry((held) => this.#release(held));
  }

  #release(held: Held): void {
    // A handle that releaseDead has let go of is stale.
    if (this.#machine.core.unpinObject(held.pin) === 0) return;
    this.#machine.core.chargeHost(-REFERENCE_COST);
    if (this.#references.get(held.pointer) === held) this.#references.delete(held.pointer);
  }

  /** Lets go of the objects of references that the host has dropped, without waiting for the registry to be called: memory is short. */
  releaseDead(): void {
    for (const held of this.#references.values()) if (held.reference.deref() === undefined) this.#release(held);
  }

  hostMetatables: HostMetatables = { object: 0, error: 0 };

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
    if (tag === TAG_USERDATA) {
      const lent = machine.hostObjects.lentObject(machine.memory.load(pointer + USERDATA_HANDLE));
      if (lent !== undefined) return lent;
    }
    const known = this.#references.get(pointer)?.reference.deref();
    if (known !== undefined) return known;
    const type = tag === TAG_TABLE ? LuaTable : tag === TAG_CLOSURE || tag === TAG_BUILTIN ? LuaFunction : LuaReference;
    const pin = machine.core.pinObject(pointer);
    const reference = new type({ machine, pointer, tag });
    const held = { pointer, pin, reference: new WeakRef(reference) };
    machine.core.chargeHost(REFERENCE_COST);
    this.#references.set(pointer, held);
    this.#finalizer.register(reference, held);
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
    if (isBytes(value)) return slots.setString(slot, value);
    const object = objectOf(value);
    if (object !== undefined) {
      if (object.machine !== machine) throw new MoontraceError('bad-handle', 'a table, function, thread or userdata');
      return slots.setObject(slot, object.tag, object.pointer);
    }
    slots.setObject(slot, TAG_USERDATA, this.#userdataOf(value));
  }

  /** The userdata that stands for a host object. */
  #userdataOf(value: object): number {
    const { core, hostObjects } = this.#machine;
    const known = hostObjects.userdataOf(value);
    if (known !== 0 && core.isDeadObject(known) === 0) return known;
    const userdata = core.newUserdata(0, 0);
    core.setUserdataMetatable(userdata, isHostError(value) ? this.hostMetatables.error : this.hostMetatables.object);
    core.setUserdataHandle(userdata, hostObjects.lendObject(value, userdata));
    return userdata;
  }

  /** The host function's object; one object for one function as long as the program holds it. */
  #functionToLua(implementation: HostFunction): number {
    const known = this.#functions.get(implementation);
    if (known !== undefined && this.#machine.core.isDeadObject(known) === 0) return known;
    let pointer = 0;
    pointer = this.#machine.newHostFunction(nameOf(implementation), this.#rawForm(implementation), () => {
      if (this.#functions.get(implementation) === pointer) this.#functions.delete(implementation);
    });
    this.#functions.set(implementation, pointer);
    return pointer;
  }

  /** Results of a host function. Before any is looked at it is certain that there is room for as many as the array says it has. */
  #resultsIn(array: ArrayLike<LuaInput>): LuaInput[] {
    const { length } = array;
    if (!(length <= this.#machine.memory.load(VM_STACK_LIMIT))) this.#machine.errors.throwMessage('stack overflow (too many results)', LIMIT_STACK);
    return Array.from({ length }, (_, i) => array[i] as LuaInput);
  }

  /** A plain host function in the form the core calls. */
  #rawForm(implementation: HostFunction): (base: number, count: number) => number {
    const machine = this.#machine;
    const { access } = machine;
    return (base, count) => {
      const args: LuaValue[] = [];
      for (let i = 0; i < count; i++) args.push(this.toHost(base + i * SLOT_SIZE));
      const position = machine.stackOffset(base);
      const wasShut = access.isShut;
      access.isShut = false;
      let results: readonly LuaInput[];
      machine.files.flushOutput();
      try {
        const result = implementation(...args);
        results = Array.isArray(result) ? this.#resultsIn(result) : result === undefined ? [] : [result as LuaInput];
      } finally {
        access.isShut = wasShut;
      }
      machine.core.ensureStack(results.length);
      // The results are on the stack as soon as they are there: a collection may come between two of them.
      const end = machine.stackAddress(position) + (results.length - 1) * SLOT_SIZE;
      for (let slot = machine.top; slot < end; slot += SLOT_SIZE) machine.slots.setNil(slot);
      machine.top = Math.max(machine.top, end);
      for (let i = 0; i < results.length; i++) machine.allocating(() => this.toLua(machine.stackAddress(position) + (i - 1) * SLOT_SIZE, results[i]));
      return results.length;
    };
  }
}
