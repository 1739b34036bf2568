/**
 * Classes of the host's in Lua: instances cross as themselves, and only what is listed can be reached, looked up when the class is registered. An instance's methods are
 * in the table that its metatable's `__index` names, so that a call is that of a host function; fields with accessors and unknown names take a function. Scripts get
 * at no metatable.
 */
import { HOST_CLASSES } from '../../bytecode/host-places.ts';
import { METAMETHODS } from '../../bytecode/metamethods.ts';
import { SCRATCH_KEY, SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { FRAME_SIZE, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_TABLE, TAG_USERDATA, USERDATA_HANDLE, USERDATA_METATABLE } from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { RawHostFunction } from '../../engine/host-objects.ts';
import type { Machine } from '../../engine/machine.ts';
import { encodeText, toByteString } from '../../engine/text.ts';
import { callHost } from '../boundary.ts';
import { isObject } from '../check-options.ts';
import type { HandleRegistry } from '../handles/registry.ts';
import { rawForm } from '../values/host-call.ts';
import type { HostFunction, LuaInput, LuaValue } from '../types.ts';
import { TravellingInstances } from './travel.ts';

/** A class of the host's, as a value. */
export type HostClass<Instance extends object = object> = abstract new (...args: never[]) => Instance;

/** What is done with an instance: gets it first. */
export type InstanceFunction<Instance> = { call(self: Instance, ...args: LuaValue[]): ReturnType<HostFunction> }['call'];

/** Accessors of a field; without `set` it cannot be assigned to. */
export interface FieldAccess<Instance> {
  readonly get?: InstanceFunction<Instance>;
  readonly set?: InstanceFunction<Instance>;
}

/** What the type of every object has under `constructor`. */
type AnyConstructor = (typeof Object)['prototype']['constructor'];

/** What Lua sees of a class; of what is not listed, nothing. */
export interface ClassOptions<Instance extends object> {
  /** Its name in Lua and in messages; that of the class by default. */
  readonly name?: string;
  /** What `Name(...)` and `Name.new(...)` do: `true` for `new Class(...)`. Without it scripts make no instances. */
  readonly constructor?: true | HostFunction | AnyConstructor;
  /** Names of methods, or functions that get the instance first. */
  readonly methods?: readonly string[] | Readonly<Record<string, InstanceFunction<Instance>>>;
  /** Names of static methods, or functions: fields of the global `Name`. */
  readonly statics?: readonly string[] | Readonly<Record<string, HostFunction>>;
  /** Names of properties, to be read and assigned to, or accessors. */
  readonly fields?: readonly string[] | Readonly<Record<string, FieldAccess<Instance>>>;
  /** What of an instance goes into an image (`Vm.snapshot`): a value that JSON can have, or bytes. Without it there is no image while Lua has instances. */
  readonly save?: (instance: Instance) => unknown;
  /** Makes an instance of what `save` gave. */
  // biome-ignore lint/suspicious/noExplicitAny: what `save` gave, which only its writer knows
  readonly load?: (data: any) => Instance;
  /** Functions by the names of metamethods. After `__gc` and `__close` the instance is none of Lua's any more. */
  readonly metamethods?: Readonly<Record<string, InstanceFunction<Instance>>>;
}

const OPTIONS = ['name', 'constructor', 'methods', 'statics', 'fields', 'metamethods', 'save', 'load'];
const FORBIDDEN = ['constructor', 'prototype', '__proto__'];
/** These are the engine's to set. */
const RESERVED = ['__index', '__newindex', '__metatable', '__name', '__mode'];
/** Metamethods whose instance may be either operand. */
const BINARY = ['__add', '__sub', '__mul', '__div', '__mod', '__pow', '__idiv', '__band', '__bor', '__bxor', '__shl', '__shr', '__concat', '__eq', '__lt', '__le'];
const RELEASING = ['__gc', '__close'];

/** The name of these chunks. */
const CHUNK = '=(class)';
const INDEX = 'local methods, getters, unknown = ... return function(self, key) local method = methods[key] if method ~= nil then return method end local get = getters[key] if get ~= nil then return get(self) end return unknown(self, key) end';
const ASSIGN = 'local setters, refuse = ... return function(self, key, value) local set = setters[key] if set ~= nil then return set(self, value) end return refuse(self, key) end';

type Functions = Map<string, HostFunction>;

/** The name by which a function of a class travels. */
const classFunctionName = (key: string, part: string): string => `class ${key}: ${part}`;

/** A class's options, checked. @internal */
export interface ClassPlan {
  readonly type: HostClass;
  readonly name: string;
  readonly construct: HostFunction | undefined;
  readonly methods: Functions;
  readonly statics: Functions;
  readonly getters: Functions;
  readonly setters: Functions;
  readonly metamethods: Functions;
  readonly save: ((instance: object) => unknown) | undefined;
  readonly load: ((data: unknown) => object) | undefined;
}

const bad = (text: string): MoontraceError => new MoontraceError('bad-argument', text);

/** Functions that were given, or looked up by their names. */
function functionsOf(given: unknown, what: string, lookUp: (name: string) => HostFunction): Functions {
  if (given === undefined) return new Map();
  if (!isObject(given)) throw bad(`${what}: an array of names or an object of functions expected`);
  const found: Functions = new Map();
  for (const [key, value] of Object.entries(given)) {
    const name = Array.isArray(given) ? (value as unknown) : key;
    if (typeof name !== 'string' || FORBIDDEN.includes(name)) throw bad(`${what}: ${String(name)} cannot be one`);
    const implementation: unknown = Array.isArray(given) ? lookUp(name) : value;
    if (typeof implementation !== 'function') throw bad(`${what}: ${name} is no function`);
    found.set(name, implementation as HostFunction);
  }
  return found;
}

/** A method of a class, as a function that gets the instance first. */
function methodOf(type: HostClass, name: string): HostFunction {
  for (let owner: unknown = type.prototype; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    const method: unknown = Object.getOwnPropertyDescriptor(owner, name)?.value;
    if (typeof method === 'function') return (self, ...args) => Reflect.apply(method, self, args) as LuaInput;
  }
  throw bad(`methods: there is no ${name}`);
}

/** A property as a field, to be read and assigned to. @internal */
export const propertyAccess = (name: string): FieldAccess<object> => ({
  get: (self) => (self as Record<string, LuaInput>)[name],
  set: (self, assigned) => void Reflect.set(self, name, assigned),
});

function planFields(fields: unknown): Pick<ClassPlan, 'getters' | 'setters'> {
  const plan = { getters: new Map<string, HostFunction>(), setters: new Map<string, HostFunction>() };
  if (fields === undefined) return plan;
  if (!isObject(fields)) throw bad('fields: an array of names or an object of accessors expected');
  for (const [key, value] of Object.entries(fields)) {
    const name = Array.isArray(fields) ? (value as unknown) : key;
    if (typeof name !== 'string' || FORBIDDEN.includes(name)) throw bad(`fields: ${String(name)} cannot be one`);
    const access: unknown = Array.isArray(fields) ? propertyAccess(name) : value;
    if (!isObject(access)) throw bad(`fields: ${name}: accessors expected`);
    for (const [kind, map] of [['get', plan.getters], ['set', plan.setters]] as const) {
      const accessor = access[kind];
      if (accessor === undefined) continue;
      if (typeof accessor !== 'function') throw bad(`fields: ${name}.${kind} is no function`);
      map.set(name, accessor as HostFunction);
    }
  }
  return plan;
}

/** @throws MoontraceError bad-argument @internal */
export const planClass = (type: HostClass, given: unknown): ClassPlan => callHost('bad-argument', 'class', () => {
  if (!isObject(given)) throw bad('options: an object expected');
  // There is a `constructor` in every object.
  const options: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), given);
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw bad(`there is no option '${unknown}'`);
  if (!isObject(type.prototype)) throw bad('a class expected');
  const name = options['name'] ?? type.name;
  if (typeof name !== 'string' || name === '') throw bad('name: a string expected');
  const create = options['constructor'];
  if (create !== undefined && create !== true && typeof create !== 'function') throw bad('constructor: true or a function expected');
  const metamethods = functionsOf(options['metamethods'], 'metamethods', () => { throw bad('metamethods: an object expected'); });
  for (const event of metamethods.keys()) if (!(METAMETHODS as readonly string[]).includes(event.slice(2)) && event !== '__tostring' && event !== '__pairs' || RESERVED.includes(event)) throw bad(`metamethods: ${event} cannot be set`);
  const [save, load] = (['save', 'load'] as const).map((option) => {
    if (options[option] !== undefined && typeof options[option] !== 'function') throw bad(`${option}: a function expected`);
    return options[option] as ClassPlan['save'] & ClassPlan['load'];
  });
  if ((save === undefined) !== (load === undefined)) throw bad('save, load: one needs the other');
  return {
    type, name, metamethods, save, load,
    construct: create === true ? (...args) => Reflect.construct(type as unknown as new () => object, args) as LuaInput : (create as HostFunction | undefined),
    methods: functionsOf(options['methods'], 'methods', (method) => methodOf(type, method)),
    statics: functionsOf(options['statics'], 'statics', (method) => {
      const implementation: unknown = Object.getOwnPropertyDescriptor(type, method)?.value;
      if (typeof implementation !== 'function') throw bad(`statics: there is no ${method}`);
      return (...args) => Reflect.apply(implementation, type, args) as LuaInput;
    }),
    ...planFields(options['fields']),
  };
});

/** A class as it is registered. */
interface RegisteredClass {
  readonly plan: ClassPlan;
  /** The metatable of its instances. */
  readonly metatable: number;
  /** What it goes by in images: its name, with a number behind it for a further class of that name. */
  readonly key: string;
}

/** A function of a class in the form the core calls, and the name it has in messages. */
interface ClassFunction {
  readonly name: string;
  readonly raw: RawHostFunction;
}

/** The classes of one machine. @internal */
export class Classes {
  readonly #machine: Machine;
  readonly #handles: HandleRegistry;
  readonly #classes = new Map<object, RegisteredClass>();
  readonly #travelling: TravellingInstances | undefined;

  /** @internal */
  constructor(machine: Machine, handles: HandleRegistry) {
    this.#machine = machine;
    this.#handles = handles;
    this.#travelling = machine.shared && new TravellingInstances(machine, machine.shared);
  }

  /** An object's class, or the nearest class above it that is registered. */
  classOf(object: object): RegisteredClass | undefined {
    if (this.#classes.size === 0) return undefined;
    for (let prototype: unknown = Object.getPrototypeOf(object); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
      const found = this.#classes.get(prototype as object);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The metatable of an object's class; 0 if none is registered. */
  metatableOf(object: object): number {
    return this.classOf(object)?.metatable ?? 0;
  }

  /** The class that goes by a name in images. */
  named(key: string): ClassPlan | undefined {
    return [...this.#classes.values()].find((registered) => registered.key === key)?.plan;
  }

  /** All classes, in the order they were registered. */
  get plans(): readonly ClassPlan[] {
    return [...this.#classes.values()].map(({ plan }) => plan);
  }

  #keyOf({ type, name }: ClassPlan): string {
    if (this.#classes.has(type.prototype)) throw bad(`${name}: the class is registered already`);
    const others = [...this.#classes.values()].filter(({ plan }) => plan.name === name).length;
    return others === 0 ? name : `${name} ${others + 1}`;
  }

  /** Makes a class known, within an operation of the API. @returns the table that stands for it in Lua, which nothing roots */
  register(plan: ClassPlan): number {
    const { core, host } = this.#machine;
    const key = this.#keyOf(plan);
    const functions = this.#functionsOf(plan);
    const make = (part: string): number => {
      const { name, raw } = functions.get(part) as ClassFunction;
      return this.#machine.newHostFunction(toByteString(encodeText(name)), raw, { name: classFunctionName(key, part) });
    };
    const tableOf = (kind: string, members: Functions): number => this.#tableOf([...members.keys()].map((member) => [member, make(`${kind}.${member}`)]));
    const metatable = tableOf('metamethods', plan.metamethods);
    this.#set(host.table(HOST_CLASSES), key, TAG_TABLE, metatable);
    const methods = tableOf('methods', plan.methods);
    if (plan.getters.size === 0) {
      const fallback = this.#tableOf([['__index', make('unknown')]]);
      this.#lock(fallback, plan.name);
      core.setMetatable(methods, fallback);
      this.#set(metatable, '__index', TAG_TABLE, methods);
    } else this.#set(metatable, '__index', TAG_CLOSURE, this.#closure(INDEX, [TAG_TABLE, methods], [TAG_TABLE, tableOf('getters', plan.getters)], [TAG_BUILTIN, make('unknown')]));
    this.#set(metatable, '__newindex', TAG_CLOSURE, this.#closure(ASSIGN, [TAG_TABLE, tableOf('setters', plan.setters)], [TAG_BUILTIN, make('refuse')]));
    this.#lock(metatable, plan.name);
    this.#classes.set(plan.type.prototype, { plan, metatable, key });
    return this.#classTable(plan, make);
  }

  /** The table `Name`: empty, for the statics lie behind it. */
  #classTable({ name, statics, construct }: ClassPlan, make: (part: string) => number): number {
    const { core } = this.#machine;
    const members = [...statics.keys()].map((key): [string, number] => [key, make(`statics.${key}`)]);
    if (construct !== undefined) members.push(['new', make('new')]);
    const table = core.newTable(0, 0);
    const metatable = this.#tableOf([['__newindex', make('refuseStatic')]]);
    if (construct !== undefined) this.#set(metatable, '__call', TAG_BUILTIN, make('call'));
    this.#set(metatable, '__index', TAG_TABLE, this.#tableOf(members));
    this.#lock(metatable, name);
    core.setMetatable(table, metatable);
    return table;
  }

  /**
   * Makes a class known in a machine whose memory has it already. @returns its functions, by the names they travel by
   * @throws MoontraceError bad-argument
   */
  attach(plan: ClassPlan): ReadonlyMap<string, RawHostFunction> {
    const { core, host, slots, values } = this.#machine;
    const key = this.#keyOf(plan);
    values.toLua(SCRATCH_KEY, key);
    core.tableGet(host.table(HOST_CLASSES), SCRATCH_KEY, SCRATCH_VALUE);
    const metatable = slots.tag(SCRATCH_VALUE) === TAG_TABLE ? slots.pointer(SCRATCH_VALUE) : 0;
    if (metatable === 0) throw bad(`${key}: no class of that name was registered`);
    this.#classes.set(plan.type.prototype, { plan, metatable, key });
    return new Map([...this.#functionsOf(plan)].map(([part, { raw }]) => [classFunctionName(key, part), raw]));
  }

  // ---- Functions

  /** All functions that a class consists of in Lua, by their part in it. */
  #functionsOf(plan: ClassPlan): Map<string, ClassFunction> {
    const { name, construct } = plan;
    const functions = new Map<string, ClassFunction>();
    const plain = (implementation: HostFunction): RawHostFunction => rawForm(this.#machine, this.#handles, implementation);
    for (const [event, f] of plan.metamethods) functions.set(`metamethods.${event}`, { name: event, raw: RELEASING.includes(event) ? this.#releasing(plan, f) : this.#checked(plan, event, f) });
    for (const kind of ['methods', 'getters', 'setters'] as const) for (const [member, f] of plan[kind]) functions.set(`${kind}.${member}`, { name: member, raw: this.#checked(plan, member, f) });
    for (const [member, f] of plan.statics) functions.set(`statics.${member}`, { name: member, raw: plain(f) });
    if (construct !== undefined) {
      functions.set('new', { name: 'new', raw: plain(construct) });
      functions.set('call', { name, raw: plain((_class, ...args) => construct(...args)) });
    }
    const raising = (text: (key: string) => string): ClassFunction => ({ name: '?', raw: this.#raising(text) });
    const cannotAssign = (key: string): string => `field '${key}' of ${name} cannot be assigned to`;
    functions.set('unknown', raising((key) => `${name} has no field '${key}'`));
    functions.set('refuse', raising((key) => (plan.getters.has(key) || plan.methods.has(key) ? cannotAssign(key) : `${name} has no field '${key}'`)));
    functions.set('refuseStatic', raising(cannotAssign));
    return functions;
  }

  /** Calls only with an instance. */
  #checked(plan: ClassPlan, name: string, implementation: HostFunction): RawHostFunction {
    const raw = rawForm(this.#machine, this.#handles, implementation);
    const isBinary = BINARY.includes(name);
    return (base, count, offset, numbers, first, second) => {
      const self = this.#instance(plan, base, count, 1);
      if (self !== undefined) return raw(base, count, offset, numbers | 1, self, second);
      if (!isBinary || this.#instance(plan, base, count, 2) === undefined) this.#refuse(plan, base, count);
      return raw(base, count, offset, numbers, first, second);
    };
  }

  /** Calls with an instance, which then is none of Lua's any more; with one that is so already, does nothing. */
  #releasing(plan: ClassPlan, implementation: HostFunction): RawHostFunction {
    const { memory, slots, hostObjects } = this.#machine;
    const raw = rawForm(this.#machine, this.#handles, implementation);
    return (base, count, offset, numbers, first, second) => {
      if (count < 1 || slots.tag(base) !== TAG_USERDATA) this.#refuse(plan, base, count);
      const userdata = slots.pointer(base);
      if (this.#instance(plan, base, count, 1) === undefined) return 0;
      const handle = memory.load(userdata + USERDATA_HANDLE);
      try {
        return raw(base, count, offset, numbers, first, second);
      } finally {
        this.#travelling?.forget(userdata);
        hostObjects.retireObject(handle);
      }
    };
  }

  /** The argument, if it is an instance. */
  #instance(plan: ClassPlan, base: number, count: number, argument: number): object | undefined {
    const { memory, slots, hostObjects } = this.#machine;
    const slot = base + (argument - 1) * SLOT_SIZE;
    if (argument > count || slots.tag(slot) !== TAG_USERDATA) return undefined;
    const userdata = slots.pointer(slot);
    const object = hostObjects.lentInstance(memory.load(userdata + USERDATA_HANDLE), plan.type);
    if (this.#travelling === undefined) return object;
    const instance = object ?? this.fetch(userdata);
    if (instance === undefined || !Object.prototype.isPrototypeOf.call(plan.type.prototype, instance)) return undefined;
    this.use(userdata, instance);
    return instance;
  }

  /** Where threads share the VM: the instance of a userdata that another thread has; undefined if it stays there. */
  fetch(userdata: number): object | undefined {
    if (this.#travelling === undefined) return undefined;
    const metatable = this.#machine.memory.load(userdata + USERDATA_METATABLE);
    for (const registered of this.#classes.values()) if (registered.metatable === metatable) return this.#travelling.fetch(userdata, registered.plan);
    return undefined;
  }

  /** An object that goes into Lua, or is used there, may be another one afterwards. */
  use(userdata: number, object: object): void {
    const plan = this.#travelling === undefined ? undefined : this.classOf(object)?.plan;
    if (plan !== undefined) this.#travelling?.use(userdata, object, plan);
  }

  #refuse({ name }: ClassPlan, base: number, count: number): never {
    const { errors, hostObjects, memory, slots } = this.#machine;
    const actual = count < 1 ? 'no value' : slots.describeType(base);
    if (actual === name && !hostObjects.isOwn(TAG_USERDATA, memory.load(slots.pointer(base) + USERDATA_HANDLE))) throw new MoontraceError('wrong-thread', `an instance of ${name}`);
    return errors.throwArgument(1, actual === name ? `${name} is closed` : `${name} expected, got ${actual}`);
  }

  /** A metamethod that raises an error about the key it gets. */
  #raising(text: (key: string) => string): RawHostFunction {
    const { errors, frames, slots, values } = this.#machine;
    return (base, count) => {
      const own = frames.reportingFrame;
      // What called it may be the Lua of this file.
      const frame = frames.isLua(own) && frames.shortSource(frames.prototype(own)) === CHUNK.slice(1) ? own - FRAME_SIZE : own;
      const key = count < 2 ? undefined : values.toHost(base + SLOT_SIZE);
      return errors.throwString(frames.position(frame) + toByteString(encodeText(text(typeof key === 'string' || typeof key === 'number' ? String(key) : slots.typeName(base + SLOT_SIZE)))));
    };
  }

  /** What a chunk of Lua makes of these objects. */
  #closure(source: string, ...objects: readonly (readonly [tag: number, pointer: number])[]): number {
    const machine = this.#machine;
    machine.pushChunk(machine.chunks.loadBytes(encodeText(source), machine.slots.newString(encodeText(CHUNK))));
    for (const [tag, pointer] of objects) machine.pushObject(tag, pointer);
    const count = machine.call(objects.length);
    const closure = machine.slots.pointer(machine.top - count * SLOT_SIZE);
    machine.pop(count);
    return closure;
  }

  // ---- Tables

  #tableOf(functions: readonly (readonly [name: string, builtin: number])[]): number {
    const table = this.#machine.core.newTable(0, functions.length + 4);
    for (const [name, builtin] of functions) this.#set(table, name, TAG_BUILTIN, builtin);
    return table;
  }

  #set(table: number, name: string, tag: number, pointer: number): void {
    const { core, slots, values } = this.#machine;
    values.toLua(SCRATCH_KEY, name);
    slots.setObject(SCRATCH_VALUE, tag, pointer);
    core.tableSet(table, SCRATCH_KEY, SCRATCH_VALUE);
  }

  #lock(metatable: number, name: string): void {
    const { core, slots, values } = this.#machine;
    for (const [key, value] of [['__metatable', false], ['__name', name]] as const) {
      values.toLua(SCRATCH_KEY, key);
      values.toLua(SCRATCH_VALUE, value);
      core.tableSet(metatable, SCRATCH_KEY, SCRATCH_VALUE);
    }
    slots.setNil(SCRATCH_VALUE);
  }
}
