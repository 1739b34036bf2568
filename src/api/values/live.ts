/**
 * Views of objects of the host's that are no copies: `fromJS(value, 'live')`. Lua reads and writes the object's own enumerable data properties as fields; an array from 1 on. There
 * is nothing else to be had of it: no prototype, no accessor, which would run code of the host's. Views have one metatable, which scripts cannot get at, and whose functions
 * take none but objects that were handed out so.
 */
import { HOST_LIVE_METATABLE } from '../../bytecode/host-places.ts';
import { SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_BUILTIN, TAG_TABLE, USERDATA_METATABLE } from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isBytes, isInstance, isThenable } from '../../engine/host-values.ts';
import type { RawHostFunction } from '../../engine/host-objects.ts';
import type { Machine } from '../../engine/machine.ts';
import { encodeText, toByteString } from '../../engine/text.ts';
import { LuaReference } from '../handles/reference.ts';
import type { HandleRegistry } from '../handles/registry.ts';
import { LuaTable } from '../handles/table.ts';
import type { HostFunction, LuaInput, LuaValue } from '../types.ts';
import { isContent } from './content.ts';
import { rawForm } from './host-call.ts';
import { results } from './markers.ts';

const NAME = 'object';
/** What a function of the metatable goes by in images. */
const travelName = (event: string): string => `view: ${event}`;

/** An object that has an index from 1 to its length. */
const isIndexed = (object: object): object is unknown[] => Array.isArray(object) || (ArrayBuffer.isView(object) && !isInstance(object, DataView));

/** Is what it holds in its properties? */
export const hasFields = (object: object): boolean => !([Map, Set, Promise, DataView] as const).some((type: abstract new (...args: never[]) => object) => isInstance(object, type));

/** The own property of a key; undefined if there can be none. */
function propertyOf(object: object, key: unknown): string | undefined {
  if (typeof key === 'string') return isIndexed(object) && (key === 'length' || /^\d+$/.test(key)) ? undefined : key;
  if (typeof key !== 'number') return undefined;
  return isIndexed(object) ? (Number.isInteger(key) && key >= 1 ? String(key - 1) : undefined) : String(key);
}

/** The value of an own enumerable data property; nil for all else. */
function read(object: object, property: string | undefined): unknown {
  const found = property === undefined ? undefined : Object.getOwnPropertyDescriptor(object, property);
  return found?.enumerable === true && 'value' in found ? found.value : undefined;
}

/** What an assignment of Lua's leaves in the object: tables by their content, functions and the like as handles that last. */
function assigned(value: LuaValue): unknown {
  if (isInstance(value, LuaTable)) return value.toJS();
  return isInstance(value, LuaReference) ? value.keep() : value;
}

/** What the program must not do; becomes a message. */
class Refused extends Error {}
const refused = (text: string): Error => new Refused(text);

function write(object: object, key: LuaValue, value: LuaValue): void {
  const property = propertyOf(object, key);
  if (property === undefined || property === '__proto__') throw refused(`field '${String(key)}' of an object of the host cannot be assigned to`);
  const found = Object.getOwnPropertyDescriptor(object, property);
  if (found !== undefined && !(found.enumerable === true && 'value' in found)) throw refused(`field '${String(key)}' of an object of the host cannot be assigned to`);
  if (value !== undefined && Array.isArray(object) && found === undefined && key !== object.length + 1 && typeof key === 'number') throw refused(`index ${key} of an array of the host is not the next one`);
  if (!isDone(object, property, key, value)) throw refused(`field '${String(key)}' of an object of the host cannot be assigned to`);
}

function isDone(object: object, property: string, key: LuaValue, value: LuaValue): boolean {
  if (value !== undefined) {
    const changed = Reflect.getOwnPropertyDescriptor(object, property) === undefined ? { value: assigned(value), writable: true, enumerable: true, configurable: true } : { value: assigned(value) };
    return Reflect.defineProperty(object, property, changed);
  }
  if (!Array.isArray(object) || typeof key !== 'number') return Reflect.deleteProperty(object, property);
  if (key === object.length) return Reflect.set(object, 'length', key - 1);
  return key > object.length || Reflect.defineProperty(object, property, { value: undefined });
}

export class LiveViews {
  readonly #machine: Machine;
  readonly #handles: HandleRegistry;
  readonly #handleOf: (object: object) => LuaValue;
  readonly #shown = new WeakSet();

  /** @param handleOf makes a handle of the userdata that stands for an object */
  constructor(machine: Machine, handles: HandleRegistry, handleOf: (object: object) => LuaValue) {
    this.#machine = machine;
    this.#handles = handles;
    this.#handleOf = handleOf;
  }

  has(object: object): boolean {
    return this.#shown.has(object);
  }

  /** Lets an object be a view from now on. @throws MoontraceError bad-value for what has no fields of that kind */
  add(object: object): void {
    if (!hasFields(object)) throw new MoontraceError('bad-value', `what it holds is not in its properties: ${isInstance(object, Map) ? "'copy' or 'opaque'" : "'opaque'"} passes it`);
    this.#shown.add(object);
  }

  /** The metatable of views. */
  get metatable(): number {
    return this.#machine.host.pointer(HOST_LIVE_METATABLE) || this.#create();
  }

  /** What the functions of a metatable do that is in the machine's memory already, by the names they travel by. */
  attach(): ReadonlyMap<string, RawHostFunction> {
    return new Map([...this.#functions()].map(([event, raw]) => [travelName(event), raw]));
  }

  /** The object of a userdata that was there already: it is a view if it has their metatable. */
  adopt(object: object, userdata: number): void {
    const { host, memory } = this.#machine;
    const metatable = memory.load(userdata + USERDATA_METATABLE);
    if (metatable !== 0 && metatable === host.pointer(HOST_LIVE_METATABLE)) this.#shown.add(object);
  }

  /** A value in an object, as Lua has it. */
  #shownValue(value: unknown): LuaInput {
    if (typeof value !== 'object' || value === null || isBytes(value) || isInstance(value, Map)) return value as LuaInput;
    if (isContent(value)) this.#shown.add(value);
    // Nobody waits for a promise that is only looked at.
    else if (!isThenable(value)) return value as LuaInput;
    return this.#handleOf(value) as LuaInput;
  }

  #functions(): Map<string, RawHostFunction> {
    const functions: Readonly<Record<string, HostFunction>> = {
      __index: (object: object, key) => this.#shownValue(read(object, propertyOf(object, key))),
      __newindex: (object: object, key, value) => write(object, key, value),
      __len: (object: object) => (isIndexed(object) ? object.length : 0),
      __pairs: (object: object) => results(this.#iterator(object), object as LuaInput, undefined),
    };
    return new Map(Object.entries(functions).map(([event, implementation]) => [event, rawForm(this.#machine, this.#handles, this.#checked(event, implementation))]));
  }

  /** Calls only with a view; what the program must not do becomes a message. */
  #checked(event: string, implementation: HostFunction): HostFunction {
    return (object, ...args) => {
      try {
        if (typeof object !== 'object' || object === null || !this.#shown.has(object)) throw refused(`bad argument #1 to '${event}' (a view of an object expected)`);
        return implementation(object, ...args);
      } catch (error) {
        if (error instanceof Refused) this.#machine.errors.throwMessage(toByteString(encodeText(error.message)));
        throw error;
      }
    };
  }

  #create(): number {
    const { core, host, slots } = this.#machine;
    const metatable = core.newTable(0, 8);
    for (const [event, raw] of this.#functions()) {
      this.#set(metatable, event, () => slots.setObject(SCRATCH_VALUE, TAG_BUILTIN, this.#machine.newHostFunction(toByteString(encodeText(event)), raw, { name: travelName(event) })));
    }
    this.#set(metatable, '__metatable', () => slots.setBoolean(SCRATCH_VALUE, false));
    this.#set(metatable, '__name', () => slots.setHostText(SCRATCH_VALUE, NAME));
    host.set(HOST_LIVE_METATABLE, TAG_TABLE, metatable);
    return metatable;
  }

  #set(table: number, key: string, put: () => void): void {
    put();
    this.#machine.slots.setField(table, key, SCRATCH_VALUE);
  }

  /** Gives the fields that there were when it was made, as far as they are still there. */
  #iterator(object: object): HostFunction {
    const properties = Object.keys(object);
    let next = 0;
    return () => {
      while (next < properties.length) {
        const property = properties[next++] as string;
        const value = read(object, property);
        if (value === undefined || value === null) continue;
        return results(isIndexed(object) && /^\d+$/.test(property) ? Number(property) + 1 : property, this.#shownValue(value));
      }
      return undefined;
    };
  }
}
