/**
 * Lua values as the host sees them, and the way from one form to the other.
 *
 *   Lua                      host
 *   nil                      undefined (null goes in as nil too)
 *   boolean                  boolean
 *   integer                  number if it is a safe integer, else bigint
 *   float                    number; an integral number in the safe range goes in as an integer, -0 as a float
 *   string                   string if its bytes are UTF-8, else Uint8Array; both go in
 *   table, function, thread  LuaTable, LuaFunction, LuaThread: the same object for the same table as long as the host holds it
 *   userdata                 LuaUserdata
 *   table                    arrays, plain objects, Maps, typed arrays go in so, by their content: one that goes in again is the same table as long as Lua has
 *                            it, filled anew; what is nested in it is a table of its own each time
 *   userdata of a host object  that object; any host object that is none of the above goes in so: one userdata for one object as long as Lua holds it
 *   host function            goes in as a function, comes out as LuaFunction
 */
import { HOST_ERROR_METATABLE, HOST_OBJECT_METATABLE } from '../../bytecode/host-places.ts';
import {
  BUILTIN_HANDLE, SLOT_TAG, TAG_BUILTIN, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_STRING, TAG_TABLE, TAG_TRUE, TAG_USERDATA, USERDATA_HANDLE, USERDATA_METATABLE,
} from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isBytes, isHostError, isInstance, plainBytes } from '../../engine/host-values.ts';
import type { HeldFunction, RawHostFunction } from '../../engine/host-objects.ts';
import type { LuaInput, LuaValue, ValueConverter } from '../../engine/lua-value.ts';
import type { Machine } from '../../engine/machine.ts';
import type { Memory } from '../../engine/memory.ts';
import type { Slots } from '../../engine/slots.ts';
import { encodeText, toByteString } from '../../engine/text.ts';
import { callHost } from '../boundary.ts';
import { Classes } from '../classes/classes.ts';
import { buildContent, clearTable, isContent, planContent } from './content.ts';
import { checkHeld, objectOf } from '../handles/reference.ts';
import { HandleRegistry } from '../handles/registry.ts';
import type { LuaUserdata } from '../handles/userdata.ts';
import { placeResults, rawForm } from './host-call.ts';
import { ContentIdentity } from './identity.ts';
import { hasFields, LiveViews } from './live.ts';
import { Results } from './markers.ts';
import type { HostFunction } from '../types.ts';

/** A function's name for messages, which a program may have made anything. */
function nameOf(implementation: HostFunction): string {
  try {
    const { name } = implementation as { readonly name: unknown };
    return typeof name === 'string' ? toByteString(encodeText(name)) : '';
  } catch {
    return '';
  }
}

/** Converts values for one machine. */
export class Values implements ValueConverter {
  readonly #machine: Machine;
  readonly #memory: Memory;
  readonly #slots: Slots;
  readonly handles: HandleRegistry;
  readonly classes: Classes;
  readonly #identity: ContentIdentity;
  /** @internal */
  readonly live: LiveViews;
  readonly #functions = new WeakMap<HostFunction, number>();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#memory = machine.memory;
    this.#slots = machine.slots;
    this.handles = new HandleRegistry(machine);
    this.classes = new Classes(machine, this.handles);
    this.#identity = new ContentIdentity(machine);
    this.live = new LiveViews(machine, this.handles, (object) => this.opaqueHandle(object));
  }

  unscoped<Result>(action: () => Result): Result {
    return this.handles.unscoped(action);
  }

  releaseDead(): void {
    this.handles.releaseDead();
  }

  /** Whether an array, plain object or Map that goes in twice is one table. */
  sharesContent = true;

  /** The host's value of a slot. */
  toHost(slot: number): LuaValue {
    const words = this.#memory.i32;
    const tag = words[(slot + SLOT_TAG) >>> 2] as number;
    if (tag === TAG_INT) {
      const low = words[slot >>> 2] as number;
      // The cheap case of nearly all integers.
      if (words[(slot >>> 2) + 1] === low >> 31) return low;
    }
    const slots = this.#slots;
    switch (tag) {
      case TAG_NIL:
        return undefined;
      case TAG_FALSE:
      case TAG_TRUE:
        return tag === TAG_TRUE;
      case TAG_INT:
        return slots.safeInteger(slot) ?? slots.integer(slot);
      case TAG_FLOAT:
        return slots.float(slot);
      case TAG_LIGHT:
        return slots.pointer(slot);
      case TAG_STRING:
        return slots.hostText(slots.pointer(slot));
      default:
        return this.#objectToHost(tag, slots.pointer(slot));
    }
  }

  argumentToHost(slot: number): LuaValue {
    const tag = this.#memory.load(slot + SLOT_TAG);
    return tag > TAG_STRING ? this.#objectToHost(tag, this.#slots.pointer(slot), true) : this.toHost(slot);
  }

  holdArguments(): void {
    this.handles.holdArguments();
  }

  #objectToHost(tag: number, pointer: number, isArgument = false): LuaValue {
    if (tag === TAG_USERDATA) {
      const lent = this.#machine.hostObjects.lentObject(this.#machine.memory.load(pointer + USERDATA_HANDLE));
      if (lent !== undefined) {
        this.classes.use(pointer, lent);
        return lent;
      }
      const fetched = this.#machine.shared && this.classes.fetch(pointer);
      if (fetched !== undefined) return fetched;
    }
    return this.handles.take(tag, pointer, isArgument);
  }

  /** Writes a host value into a slot. @throws MoontraceError bad-value, bad-handle, released */
  toLua(slot: number, value: LuaInput): void {
    const slots = this.#slots;
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
        return slots.setHostText(slot, value);
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
    const object = objectOf(value);
    if (object !== undefined) {
      checkHeld(object);
      if (object.machine !== machine) throw new MoontraceError('bad-handle', 'a table, function, thread or userdata');
      return slots.setObject(slot, object.tag, object.pointer);
    }
    if (isBytes(value)) return slots.setString(slot, bytesOf(value));
    if (this.isContent(value)) return slots.setObject(slot, TAG_TABLE, this.#contentToLua(value));
    if (isInstance(value, Promise)) throw new MoontraceError('bad-value', "a promise: await it first, or vm.fromJS(promise, 'opaque')");
    if (isInstance(value, Results)) throw new MoontraceError('bad-value', 'results(...) is only for what a host function returns');
    slots.setObject(slot, TAG_USERDATA, this.#userdataOf(value));
  }

  resultsOf(result: unknown): readonly LuaInput[] {
    if (isInstance(result, Results)) return result.values as readonly LuaInput[];
    return result === undefined ? [] : [result as LuaInput];
  }

  writeResults(first: number, results: readonly LuaInput[]): number {
    return placeResults(this.#machine, first, results);
  }

  /** Whether an object goes in as a table. @throws MoontraceError bad-value if a proxy does not say */
  isContent(value: object): boolean {
    return callHost('bad-value', 'its prototype', () => isContent(value));
  }

  /** A handle of the userdata that stands for an object. */
  opaqueHandle(value: object): LuaUserdata {
    return this.handles.take(TAG_USERDATA, this.#userdataOf(value)) as LuaUserdata;
  }

  /** Whether there can be a view of an object. @throws MoontraceError bad-value if a proxy does not say */
  hasView(value: object): boolean {
    return this.#classMetatable(value) === 0 && hasFields(value);
  }

  /** A handle of a view of an object. @throws MoontraceError bad-value */
  liveHandle(value: object): LuaUserdata {
    if (this.#classMetatable(value) !== 0) throw new MoontraceError('bad-value', 'its class is registered, which says what Lua has of it');
    this.live.add(value);
    return this.opaqueHandle(value);
  }

  /** The table that stands for an array, a plain object or a Map. */
  #contentToLua(value: object): number {
    const plan = planContent(value);
    if (!this.sharesContent) return buildContent(this.#machine, plan);
    const known = this.#identity.find(value);
    if (known !== 0) clearTable(this.#machine, known);
    const table = buildContent(this.#machine, plan, known);
    if (known === 0) this.#identity.remember(value, table);
    return table;
  }

  /** The userdata that stands for a host object. */
  #userdataOf(value: object): number {
    const { core, host, hostObjects } = this.#machine;
    const known = hostObjects.userdataOf(value);
    const ofClass = this.#classMetatable(value) || (this.live.has(value) ? this.live.metatable : 0);
    if (known !== 0 && core.isDeadObject(known) === 0) {
      if (ofClass !== 0 && this.#machine.memory.load(known + USERDATA_METATABLE) !== ofClass) core.setUserdataMetatable(known, ofClass);
      return known;
    }
    const userdata = core.newUserdata(0, 0);
    core.setUserdataMetatable(userdata, ofClass || host.pointer(isHostError(value) ? HOST_ERROR_METATABLE : HOST_OBJECT_METATABLE));
    core.setUserdataHandle(userdata, hostObjects.lendObject(value, userdata));
    this.classes.use(userdata, value);
    return userdata;
  }

  #classMetatable(value: object): number {
    return callHost('bad-value', 'its prototype', () => this.classes.metatableOf(value));
  }

  /** The host function's object; one object for one function as long as the program holds it. */
  #functionToLua(implementation: HostFunction): number {
    const known = this.#functions.get(implementation);
    if (known !== undefined && this.#machine.core.isDeadObject(known) === 0) return known;
    let pointer = 0;
    const onRelease = (): void => {
      if (this.#functions.get(implementation) === pointer) this.#functions.delete(implementation);
    };
    pointer = this.#machine.newHostFunction(nameOf(implementation), this.rawForm(implementation), { source: implementation, onRelease });
    this.#functions.set(implementation, pointer);
    return pointer;
  }

  /** A host function in the form the core calls. */
  rawForm(implementation: HostFunction): RawHostFunction {
    return rawForm(this.#machine, this.handles, implementation);
  }

  /** A function that is in the VM's memory already, for one of another host. */
  attachFunction(implementation: HostFunction, builtin: number, name: string): HeldFunction {
    this.#functions.set(implementation, builtin);
    const onRelease = (): void => {
      if (this.#functions.get(implementation) === builtin) this.#functions.delete(implementation);
    };
    return { implementation: this.rawForm(implementation), builtin, name, source: implementation, onRelease };
  }

  /** Gives functions of the host's that have gone in the names by which they travel: those of the places they were put to. @param path of the value */
  nameFunctions(value: unknown, path: string, depth = 0): void {
    if (typeof value === 'function') {
      const builtin = this.#functions.get(value as HostFunction);
      const held = builtin === undefined ? undefined : this.#machine.hostObjects.closureAt(this.#machine.memory.load(builtin + BUILTIN_HANDLE));
      if (held !== undefined) held.name ??= path;
    } else if (depth < NAMED_DEPTH && typeof value === 'object' && value !== null) {
      for (const [key, { value: item }] of ownFields(value)) this.nameFunctions(item, path === '' ? key : `${path}.${key}`, depth + 1);
    }
  }
}

/** @throws MoontraceError bad-value if their buffer was transferred */
function bytesOf(value: Uint8Array): Uint8Array {
  const bytes = plainBytes(value);
  if (bytes === undefined) throw new MoontraceError('bad-value', 'bytes whose buffer was transferred');
  return bytes;
}

/** Tables in tables whose functions get names. */
const NAMED_DEPTH = 3;

/** Fields of a plain object; none of anything else. */
function ownFields(value: object): [string, PropertyDescriptor][] {
  try {
    return isContent(value) && !Array.isArray(value) && !ArrayBuffer.isView(value) ? Object.entries(Object.getOwnPropertyDescriptors(value)) : [];
  } catch {
    return [];
  }
}
