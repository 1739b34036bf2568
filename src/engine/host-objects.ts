/**
 * What the host lends to Lua: functions and objects behind small integer handles, which is all that linear memory ever sees. A function is one of the
 * catalogue, by its place there, or a closure, by HOST_CLOSURE + its slot.
 * A closure's slot is free again when the collector has freed its builtin; the handle of an object when it has freed the last userdata
 * with it: the same object gets the same handle as long as there is one.
 *
 * Where threads share a VM, handles of one thread mean nothing to another: each has a range of its own for what it lends. The first objects, those of the standard
 * streams, are the same everywhere, and so are functions that go by names, behind HOST_NAMED + their number: what they do each thread says for itself.
 */
import { HOST_CLOSURE, HOST_NAMED, TAG_USERDATA } from '../bytecode/layout.ts';

/**
 * A host function in its fast form: reads arguments from slots, writes results from base - 16 upward, returns their number, or BUILTIN_*.
 * @param offset `base` within the stack, which may move @param numbers a bit for each of the first two arguments: whether it need not be read, as it is `first`,
 * or `second`
 */
export type RawHostFunction = (base: number, count: number, offset: number, numbers: number, first: unknown, second: unknown) => number;

/** What a closure of the host's is besides what it does. */
export interface FunctionOrigin {
  /** The name by which it travels to other hosts (src/engine/image); '' if it has none. */
  name?: string;
  /** The function it was made of, from which another VM can make its own. */
  readonly source?: unknown;
  /** Called when the collector has freed it: must not touch the VM. */
  readonly onRelease?: () => void;
}

export interface HeldFunction extends FunctionOrigin {
  readonly implementation: RawHostFunction;
  /** Its object in the VM. */
  builtin: number;
}

export interface HeldObject {
  object: unknown;
  /** Userdata with this handle: more than one while those that are garbage already are still to be freed. */
  users: number;
  /** The one that stands for the object in Lua; 0 for an object of the library, which the program cannot have. */
  userdata: number;
  /** A class that it is known to be an instance of. */
  type: object | undefined;
  readonly onRelease: (() => void) | undefined;
}

/** Handles in the range of a thread. */
export const RANGE = 2 ** 22;
/** Handles that are the same in all threads: those of the standard streams. */
const COMMON_OBJECTS = 4;

export class HostObjects {
  /** Of the range of this thread: the handles of its first closure, and of an object at place 0. */
  #firstClosure = HOST_CLOSURE;
  #firstObject = 0;
  /** By number; undefined for those that this thread has not got. */
  readonly #named: (RawHostFunction | undefined)[] = [];
  /** By place; undefined for functions this VM is not to have. */
  #bindCatalogue: () => readonly (RawHostFunction | undefined)[] = () => [];
  #catalogue: readonly (RawHostFunction | undefined)[] | undefined;
  readonly #functions: (HeldFunction | undefined)[] = [];
  readonly #freeFunctions: number[] = [];
  /** Handle 0 stands for no object. */
  readonly #objects: (HeldObject | undefined)[] = [undefined];
  readonly #freeObjects: number[] = [];
  readonly #handles = new Map<unknown, number>();

  /** What is lent from now on has handles of this range: there are others for other threads. */
  useRange(range: number): void {
    this.#firstClosure = HOST_CLOSURE + range * RANGE;
    this.#firstObject = range * RANGE;
  }

  /** Whether what a handle stands for is of this thread. */
  isOwn(tag: number, handle: number): boolean {
    const place = tag === TAG_USERDATA ? this.#placeOf(handle) : handle - this.#firstClosure;
    return place >= 0 && place < RANGE;
  }

  /** Place of an object in this thread, if it is one of its own. */
  #placeOf(handle: number): number {
    return handle < COMMON_OBJECTS ? handle : handle - this.#firstObject;
  }

  /** Says what a function does in this thread that all threads know by a number. */
  bindNamed(number: number, implementation: RawHostFunction): void {
    this.#named[number] = implementation;
  }

  /** @param bind says what the functions of the catalogue are in this VM; asked when the first of them is */
  bindCatalogue(bind: () => readonly (RawHostFunction | undefined)[]): void {
    this.#bindCatalogue = bind;
    this.#catalogue = undefined;
  }

  /** @returns its handle */
  addFunction(implementation: RawHostFunction, origin: FunctionOrigin = {}): number {
    const slot = this.#freeFunctions.pop() ?? this.#functions.length;
    this.#functions[slot] = { ...origin, implementation, builtin: 0 };
    return this.#firstClosure + slot;
  }

  /** What is known of a closure. */
  closureAt(handle: number): HeldFunction | undefined {
    return this.#functions[handle - this.#firstClosure];
  }

  functionAt(handle: number): RawHostFunction | undefined {
    if (handle < HOST_CLOSURE) {
      this.#catalogue ??= this.#bindCatalogue();
      return this.#catalogue[handle];
    }
    return handle < HOST_NAMED ? this.#functions[handle - this.#firstClosure]?.implementation : this.#named[handle - HOST_NAMED];
  }

  releaseFunction(handle: number): void {
    const slot = handle - this.#firstClosure;
    this.#functions[slot]?.onRelease?.();
    this.#functions[slot] = undefined;
    this.#freeFunctions.push(slot);
  }

  /** All closures, by slot. */
  get functions(): readonly (readonly [slot: number, held: HeldFunction])[] {
    return this.#functions.flatMap((held, slot) => (held === undefined ? [] : [[slot, held] as const]));
  }

  /** All objects, by handle. */
  get objects(): readonly (readonly [handle: number, held: HeldObject])[] {
    return this.#objects.flatMap((held, handle) => (held === undefined ? [] : [[handle, held] as const]));
  }

  /** Fills a machine's slots and handles, which has none but those of its library, with what another one had there. */
  adopt(functions: readonly (readonly [slot: number, held: HeldFunction])[], objects: readonly (readonly [handle: number, held: HeldObject])[]): void {
    for (const [slot, held] of functions) this.#functions[slot] = held;
    for (let slot = 0; slot < this.#functions.length; slot++) if (this.#functions[slot] === undefined) this.#freeFunctions.push(slot);
    for (const [handle, held] of objects) {
      this.#objects[handle] = held;
      if (held.object !== undefined) this.#handles.set(held.object, handle);
    }
    for (let handle = 1; handle < this.#objects.length; handle++) if (this.#objects[handle] === undefined) this.#freeObjects.push(handle);
  }

  /** Closures and objects there are. */
  get counts(): { readonly functions: number; readonly objects: number } {
    return { functions: this.#functions.length - this.#freeFunctions.length, objects: this.#handles.size };
  }

  /** Handle of an object of the library, never 0, for one userdata. @param onRelease called when that was freed: must not touch the VM */
  addObject(object: unknown, onRelease: () => void): number {
    return this.#hold(object, 0, onRelease);
  }

  /** Handle of an object of the program's, for a new userdata that stands for it from now on. */
  lendObject(object: object, userdata: number): number {
    return this.#hold(object, userdata);
  }

  /** The userdata that stands for an object, dead or alive; 0 if there is none. */
  userdataOf(object: object): number {
    const handle = this.#handles.get(object);
    return handle === undefined ? 0 : (this.#objects[this.#placeOf(handle)]?.userdata ?? 0);
  }

  /** The program's object that a handle stands for. */
  lentObject(handle: number): object | undefined {
    const held = this.#objects[this.#placeOf(handle)];
    return held === undefined || held.userdata === 0 ? undefined : (held.object as object);
  }

  /** The same, if it is an instance of a class. What it once was it stays. */
  lentInstance(handle: number, type: { readonly prototype: object }): object | undefined {
    const held = this.#objects[this.#placeOf(handle)];
    if (held === undefined || held.userdata === 0) return undefined;
    if (held.type !== type) {
      if (!Object.prototype.isPrototypeOf.call(type.prototype, held.object as object)) return undefined;
      held.type = type;
    }
    return held.object as object;
  }

  #hold(object: unknown, userdata: number, onRelease?: () => void): number {
    const known = this.#handles.get(object);
    const held = known === undefined ? undefined : this.#objects[this.#placeOf(known)];
    if (known !== undefined && held !== undefined) {
      held.users += 1;
      held.userdata = userdata;
      return known;
    }
    const place = this.#freeObjects.pop() ?? this.#objects.length;
    const handle = place < COMMON_OBJECTS ? place : this.#firstObject + place;
    this.#objects[place] = { object, users: 1, userdata, type: undefined, onRelease };
    this.#handles.set(object, handle);
    return handle;
  }

  objectAt(handle: number): unknown {
    return this.#objects[this.#placeOf(handle)]?.object;
  }

  /** Takes the object behind a handle away from Lua. The handle is in use until its userdata are gone. */
  retireObject(handle: number): void {
    const held = this.#objects[this.#placeOf(handle)];
    if (held === undefined) return;
    this.#handles.delete(held.object);
    held.object = undefined;
    held.userdata = 0;
  }

  /** One userdata with the handle is gone. */
  releaseObject(handle: number): void {
    const place = this.#placeOf(handle);
    const held = this.#objects[place];
    if (held === undefined || --held.users > 0) return;
    held.onRelease?.();
    this.#objects[place] = undefined;
    this.#handles.delete(held.object);
    this.#freeObjects.push(place);
  }
}
