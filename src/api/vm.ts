/** The public face of a VM: loading and calling Lua, globals, host functions, statistics. */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../bytecode/host-scratch.ts';
import { MAX_STACK_SLOTS, SLOT_SIZE, TAG_TABLE, VM_BYTES_USED, VM_GLOBALS, VM_REGISTRY } from '../bytecode/layout.ts';
import { attachLibraries, installLibraries, renewLibraries } from '../stdlib/index.ts';
import type { Streams } from '../stdlib/streams.ts';
import { callHost, close, peek, perform, refuseShared } from './boundary.ts';
import { checkFunction, checkText, copyOptions } from './check-options.ts';
import { type CallOptions, checkCallOptions } from './calls/options.ts';
import type { PushFunction } from './calls/run.ts';
import { type ClassOptions, type HostClass, planClass } from './classes/classes.ts';
import { decoratedOptions } from './classes/decorators.ts';
import { Contract, type ContractSchema, copySchema } from './contract.ts';
import { createCoroutine, type LuaCoroutine } from './calls/coroutine.ts';
import { type LuaExecution, startExecution } from './calls/execution.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import { boot, bootImageOf, keepBootImage } from './image/boot.ts';
import { forkParts } from './image/fork.ts';
import type { Installed } from './image/manifest.ts';
import type { Attachment } from './image/revive.ts';
import type { SnapshotOptions } from './image/options.ts';
import { takeSnapshot, type VmParts } from './image/save.ts';
import { HostRoots, type Ticket } from './host-roots.ts';
import { callee } from './handles/callable.ts';
import { LuaFunction } from './handles/function.ts';
import { allResults, callPushed, firstResult } from './handles/operations.ts';
import { pushCompiled } from './load/compile.ts';
import { checkLoadOptions, type LoadOptions } from './load/options.ts';
import { LuaTable } from './handles/table.ts';
import { ADD_SEARCHER, HAS_SEARCHERS, type ModuleFinder } from './load/modules.ts';
import type { LuaUserdata } from './handles/userdata.ts';
import type { HostFunction, LuaInput, LuaValue, TableContent } from './types.ts';
import type { LuaInput as AnyInput } from '../engine/lua-value.ts';
import { createDefaultEnvironment, type HostEnvironment, HostFailure } from '../hosts/environment.ts';
import { type JitStats, NULL_JIT } from '../engine/jit-port.ts';
import { isInstance } from '../engine/host-values.ts';
import { Machine } from '../engine/machine.ts';
import { withoutShebang } from '../engine/load/source-text.ts';
import { buildContent, planContent } from './values/content.ts';
import { encodeText, toByteString } from '../engine/text.ts';
import { libraryTable, setField } from './values/fields.ts';
import { Values } from './values/values.ts';
import { checkFuel, checkVmOptions, environmentOf, installedBy, type VmOptions } from './options.ts';

const FROM_JS_MODES = ['copy', 'live', 'opaque'] as const;
type FromJsMode = (typeof FROM_JS_MODES)[number];

export interface VmStats extends JitStats {
  /** Bytes of Lua objects in use. */
  readonly memoryUsed: number;
}

/** The engine below a VM, and its streams: for the package's own tools (engine-port.ts). @internal */
export let machineOf: (vm: Vm) => Machine;
/** @internal */
export let streamsOf: (vm: Vm) => Streams;
/** @internal */
export let valuesOf: (vm: Vm) => Values, rootsOf: (vm: Vm) => HostRoots;

/** All methods @throw MoontraceError closed, busy (see `VmOptions.onSlice`), bad-argument, core-failure. */
export class Vm {
  readonly #machine: Machine;
  readonly #streams: Streams;
  readonly #values: Values;
  readonly #roots: HostRoots;

  readonly #options: VmOptions;
  readonly #createEnvironment: () => HostEnvironment;
  readonly #installed: Installed;
  /** Calls that were under way when the image was made that this VM comes from, in the order they were begun. */
  readonly executions: readonly LuaExecution[];

  /** Use `createVm`. @param createEnvironment the environment if the options have none @throws MoontraceError bad-option, host-failure */
  constructor(given?: VmOptions, createEnvironment?: () => HostEnvironment);
  /** @internal @param attachment what it comes from, if it is not new */
  constructor(given: VmOptions | undefined, createEnvironment: () => HostEnvironment, attachment: Attachment);
  constructor(given?: VmOptions, createEnvironment: () => HostEnvironment = createDefaultEnvironment, attachment?: Attachment) {
    const options = checkVmOptions(given);
    const { memoryLimit = 0, jit = NULL_JIT, onSlice, exitsProcess = false, core } = options;
    this.#options = options;
    this.#createEnvironment = createEnvironment;
    const isNew = attachment === undefined || attachment.shared?.isNew === true;
    this.#installed = attachment?.installed ?? installedBy(options);
    const binaryChunks = this.#installed.binaryChunks && options.binaryChunks !== false;
    const limits = attachment?.fuel === undefined ? options : { fuel: attachment.fuel, ...options };
    const bootImage = attachment === undefined && core === undefined ? bootImageOf(this.#installed) : undefined;
    const cell = attachment?.cell ?? bootImage?.newCell();
    let values: Values | undefined;
    this.#machine = callHost('host-failure', 'createVm', () => new Machine({ createValues: (machine) => (values = new Values(machine)), environment: environmentOf(options, createEnvironment), jit, core, cell, check: attachment?.check, shared: attachment?.shared, limits, binaryChunks }));
    this.#values = values as unknown as Values;
    this.#roots = new HostRoots(this.#machine);
    if (bootImage !== undefined) callHost('host-failure', 'createVm', () => boot(this.#machine));
    const install = bootImage !== undefined ? renewLibraries : isNew ? installLibraries : attachLibraries;
    this.#streams = callHost('host-failure', 'createVm', () => install(this.#machine, { ...this.#installed, exitsProcess }));
    if (attachment === undefined && bootImage === undefined && core === undefined) keepBootImage(this.#machine, this.#installed);
    this.executions = attachment?.revive({ machine: this.#machine, values: this.#values, streams: this.#streams }) ?? [];
    this.#listen(onSlice);
    if (attachment?.shared?.isNew === false) return;
    if (memoryLimit > 0) this.#machine.core.setMemoryLimit(memoryLimit);
    this.#machine.limits.arm();
  }

  /** A function of its own: what stays behind the constructor must not hold the memory that this VM began with, which `close` gives away. */
  #listen(onSlice: VmOptions['onSlice']): void {
    this.#machine.onIdle = () => this.#streams.flush();
    this.#machine.onSlice = () => {
      if (onSlice === undefined) return this.#streams.flushPrinted();
      this.#streams.flushOutput();
      onSlice();
    };
  }

  static {
    machineOf = (vm) => vm.#machine;
    streamsOf = (vm) => vm.#streams;
    valuesOf = (vm) => vm.#values;
    rootsOf = (vm) => vm.#roots;
  }

  /**
   * Compiles a chunk.
   * @param source text (as UTF-8) or bytes
   * @param options how, or only the chunk's name
   * @throws LuaError with code 'syntax', and `location`
   */
  load<Args extends readonly LuaInput[] = readonly LuaInput[], Results extends LuaValue[] = LuaValue[]>(source: string | Uint8Array, options?: string | LoadOptions): LuaFunction<Args, Results> {
    const machine = this.#machine;
    const { name, mode, env } = checkLoadOptions(options);
    return perform(machine, () => {
      if (env === undefined) {
        pushCompiled(machine, source, name, undefined, mode);
        return firstResult(machine, 1) as LuaFunction<Args, Results>;
      }
      machine.pushValue(env);
      pushCompiled(machine, source, name, machine.top - SLOT_SIZE, mode);
      const loaded = firstResult(machine, 1) as LuaFunction<Args, Results>;
      machine.pop(1);
      return loaded;
    });
  }

  /** Compiles and runs a chunk. @returns its results @throws LuaError */
  doString<Results extends LuaValue[] = LuaValue[]>(source: string | Uint8Array, chunkName?: string): Results {
    const machine = this.#machine;
    return perform(machine, () => {
      pushCompiled(machine, source, chunkName);
      return allResults(machine, callPushed(machine, []));
    }) as readonly LuaValue[] as Results;
  }

  /**
   * As `doString`, on a thread of its own that waits where a host function returns a promise (`LuaFunction.callAsync`). @param options limits of the call
   * @throws as `doString`, and MoontraceError bad-option, but always by the promise
   */
  async doStringAsync<Results extends LuaValue[] = LuaValue[]>(source: string | Uint8Array, chunkName?: string, options?: CallOptions): Promise<Results> {
    return this.load<readonly [], Results>(source, chunkName).with(options).callAsync();
  }

  /** The same for a file of the host environment. */
  async doFileAsync<Results extends LuaValue[] = LuaValue[]>(path: string, options?: CallOptions): Promise<Results> {
    return this.loadFile<readonly [], Results>(path).with(options).callAsync();
  }

  /** Runs a file of the host environment. @throws LuaError, MoontraceError no-such-file */
  doFile<Results extends LuaValue[] = LuaValue[]>(path: string): Results {
    return this.loadFile<readonly [], Results>(path).call();
  }

  /** Compiles a file; a first line that starts with `#` is left out. @throws LuaError, MoontraceError no-such-file, host-failure */
  loadFile<Args extends readonly LuaInput[] = readonly LuaInput[], Results extends LuaValue[] = LuaValue[]>(path: string): LuaFunction<Args, Results> {
    checkText(path, 'path');
    const { environment, access } = this.#machine;
    access.checkOpen();
    const bytes = callHost('host-failure', 'readFile', () => {
      try {
        return environment.readFile(toByteString(encodeText(path)));
      } catch (error) {
        if (error instanceof HostFailure) throw new MoontraceError('no-such-file', `${path}: ${error.message}`, { cause: error });
        throw error;
      }
    });
    return this.load(withoutShebang(bytes), `@${path}`);
  }

  /**
   * A coroutine of a function, which the host resumes by iterating over what it yields. @param options limits of each step
   * @throws MoontraceError bad-argument, bad-handle, bad-option; LuaError memory
   */
  coroutine(func: LuaFunction, options?: CallOptions): LuaCoroutine {
    return createCoroutine(this.#machine, this.#callee(func), checkCallOptions(options));
  }

  /**
   * A call that runs by steps of the host's: `execution.step(fuel)`. @param options limits of the whole call
   * @throws MoontraceError bad-argument, bad-handle, bad-option, bad-value; LuaError memory
   */
  start(func: LuaFunction, args: readonly LuaInput[] = [], options?: CallOptions): LuaExecution {
    const list = callHost('bad-value', 'args', () => (Array.isArray(args) && args.length <= MAX_STACK_SLOTS ? [...args] : undefined));
    if (list === undefined) throw new MoontraceError('bad-argument', `args: an array of up to ${MAX_STACK_SLOTS} expected`);
    return startExecution(this.#machine, this.#callee(func), list, checkCallOptions(options));
  }

  /** A function of this VM as it is called. */
  #callee(func: LuaFunction): PushFunction {
    if (!isInstance(func, LuaFunction)) throw new MoontraceError('bad-argument', 'func: a LuaFunction expected');
    const { machine, push } = callee(func);
    if (machine !== this.#machine) throw new MoontraceError('bad-handle', 'a function');
    return push;
  }

  /** The table of globals. */
  get globals(): LuaTable {
    const machine = this.#machine;
    return perform(machine, () => {
      machine.slots.setObject(SCRATCH_ACCESS_VALUE, TAG_TABLE, machine.memory.load(VM_GLOBALS));
      return machine.values.toHost(SCRATCH_ACCESS_VALUE) as LuaTable;
    });
  }

  /** A global, raw: no `__index` of the table of globals is asked. */
  getGlobal<Value extends LuaValue = LuaValue>(name: string): Value {
    checkText(name, 'name');
    const machine = this.#machine;
    return perform(machine, () => {
      machine.values.toLua(SCRATCH_ACCESS_KEY, name);
      machine.core.tableGet(machine.memory.load(VM_GLOBALS), SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
      return machine.values.toHost(SCRATCH_ACCESS_VALUE);
    }) as Value;
  }

  /** Sets a global, raw; a function becomes a host function. @throws MoontraceError bad-value, bad-handle */
  setGlobal(name: string, value: LuaInput): this {
    checkText(name, 'name');
    const machine = this.#machine;
    perform(machine, () => setField(machine, machine.memory.load(VM_GLOBALS), name, value as AnyInput));
    this.#values.nameFunctions(value, name);
    return this;
  }

  /** Sets host functions as globals, or as fields of a global table. @throws MoontraceError bad-argument, bad-value */
  register(functions: Readonly<Record<string, HostFunction>>, library?: string): this;
  /**
   * Lets Lua use a class of the host's: its instances have the methods and fields listed, and no others; the global of its name has the statics, and makes
   * instances if there is a `constructor`. Instances that went in before get them when they go in again; those of subclasses have what their nearest registered class has.
   * @throws MoontraceError bad-argument
   */
  register<Instance extends object>(type: HostClass<Instance>, options: ClassOptions<Instance>): this;
  /** The same for a class that its decorators describe: `@luaClass()`. */
  register(type: HostClass): this;
  register(functions: Readonly<Record<string, HostFunction>> | HostClass, second?: unknown): this {
    if (typeof functions === 'function') return this.#registerClass(functions, second ?? decoratedOptions(functions));
    const library = second as string | undefined;
    if (typeof functions !== 'object' || functions === null) throw new MoontraceError('bad-argument', 'functions: an object expected');
    if (library !== undefined) checkText(library, 'library');
    const entries = callHost('bad-value', 'functions', () => Object.entries(functions));
    for (const [name, implementation] of entries) if (typeof implementation !== 'function') throw new MoontraceError('bad-argument', `${name}: a function expected`);
    const machine = this.#machine;
    perform(machine, () => {
      const globals = machine.memory.load(VM_GLOBALS);
      const target = library === undefined ? globals : libraryTable(machine, globals, library);
      for (const [name, implementation] of entries) setField(machine, target, name, implementation);
    });
    this.#values.nameFunctions(Object.fromEntries(entries), library ?? '');
    return this;
  }

  #registerClass(type: HostClass, options: unknown): this {
    const machine = this.#machine;
    machine.access.checkOpen();
    const plan = planClass(type, options);
    perform(machine, () => {
      const table = this.#values.classes.register(plan);
      machine.values.toLua(SCRATCH_ACCESS_KEY, plan.name);
      machine.slots.setObject(SCRATCH_ACCESS_VALUE, TAG_TABLE, table);
      machine.core.tableSet(machine.memory.load(VM_GLOBALS), SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
    });
    return this;
  }

  /**
   * Makes a module of the host's, which `require(name)` gives. @param content its functions and data, as `newTable` takes them, or a table
   * @throws MoontraceError bad-argument, bad-value, bad-handle
   */
  module(name: string, content: TableContent | LuaTable): LuaTable {
    checkText(name, 'name');
    const table = isInstance(content, LuaTable) ? content : this.newTable(content);
    this.#values.nameFunctions(content, name);
    const machine = this.#machine;
    perform(machine, () => {
      const { slots, core, memory, values } = machine;
      slots.getField(memory.load(VM_REGISTRY), '_LOADED', SCRATCH_ACCESS_KEY);
      const loaded = slots.pointer(SCRATCH_ACCESS_KEY);
      values.toLua(SCRATCH_ACCESS_KEY, name);
      values.toLua(SCRATCH_ACCESS_VALUE, table);
      core.tableSet(loaded, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
    });
    return table;
  }

  /**
   * Has `require` ask the host for modules, behind `package.preload` and before files. @param find gets a module's name; gives its source, text or bytes, or a promise of it
   * (`callAsync`), or undefined if there is none
   * @throws MoontraceError bad-argument, also if there is no library `package`
   */
  addSearcher(find: ModuleFinder): this {
    checkFunction(find, 'find');
    const [isDone] = this.doString<[boolean]>(HAS_SEARCHERS);
    if (isDone !== true) throw new MoontraceError('bad-argument', 'the library package is not there');
    this.load(ADD_SEARCHER, '=searcher').call(find as HostFunction);
    return this;
  }

  /**
   * A new table, filled from pairs or from an array (indices from 1), and nothing of it shared: plain objects, arrays, Maps and typed arrays in it become new
   * tables, too; cycles stay cycles.
   * @throws MoontraceError bad-value for a value that Lua cannot have, or a getter that throws; bad-handle
   */
  newTable(content?: TableContent): LuaTable {
    const machine = this.#machine;
    if (content !== undefined && (typeof content !== 'object' || content === null)) throw new MoontraceError('bad-argument', 'content: an array, an object or a Map expected');
    const plan = planContent(content ?? {});
    return perform(machine, () => {
      const table = buildContent(machine, plan);
      machine.slots.setObject(SCRATCH_ACCESS_VALUE, TAG_TABLE, table);
      return machine.values.toHost(SCRATCH_ACCESS_VALUE) as LuaTable;
    });
  }

  /**
   * A handle of a value of the host's as Lua has it. `'copy'`: arrays, plain objects, Maps and typed arrays become tables as in `newTable`. `'live'`: a userdata whose fields are the object's own
   * enumerable data properties, an array's from 1 on; what Lua writes is written to the object. `'opaque'`: a userdata that Lua can
   * pass around and compare, and nothing else; as arguments and results that is what instances of classes are.
   * @throws MoontraceError bad-argument; bad-value, also for an object that has no content to copy
   */
  fromJS(value: object, mode: 'copy'): LuaTable;
  fromJS(value: object, mode: 'live' | 'opaque'): LuaUserdata;
  fromJS(value: TableContent, mode?: 'copy'): LuaTable;
  fromJS(value: object, mode: FromJsMode = 'copy'): LuaTable | LuaUserdata {
    if (!FROM_JS_MODES.includes(mode)) throw new MoontraceError('bad-argument', `mode: ${FROM_JS_MODES.join(' or ')} expected`);
    if (typeof value !== 'object' || value === null) throw new MoontraceError('bad-argument', 'value: an object expected');
    const machine = this.#machine;
    if (mode === 'live') return perform(machine, () => this.#values.liveHandle(value));
    if (mode === 'opaque') return perform(machine, () => this.#values.opaqueHandle(value));
    if (!this.#values.isContent(value)) throw new MoontraceError('bad-value', `neither an array nor a plain object, Map or typed array: ${this.#values.hasView(value) ? "'live' shows its properties, " : ''}'opaque' passes it as it is`);
    return this.newTable(value as TableContent);
  }

  /**
   * A contract: functions whose arguments and results are checked, by schemas of zod, valibot, ArkType or any library that follows Standard Schema.
   * @param schema for each function `{ params: [...], returns }`
   * @throws MoontraceError bad-argument
   */
  contract<const Schema extends ContractSchema>(schema: Schema): Contract<Schema> {
    this.#machine.access.checkOpen();
    return new Contract(copySchema(schema), (content) => this.newTable(content));
  }

  /**
   * Runs an action, at the end of which all handles go that were handed out meanwhile, unless `keep` was called: for loops that never let the host's collector have its turn.
   * @param action must be done when it returns: no async function
   * @throws what the action throws @throws MoontraceError bad-argument if it returns a promise
   */
  scope<Result>(action: () => Result): Result {
    checkFunction(action, 'action');
    this.#machine.access.checkOpen();
    const { handles } = this.#values;
    const mark = handles.enter();
    try {
      const result = action();
      if (isInstance(result, Promise)) throw new MoontraceError('bad-argument', 'action: it goes on after it has returned, when its handles are gone');
      return result;
    } finally {
      handles.leave(mark);
    }
  }

  /**
   * Keeps a value, which costs no handle, until `unpin`. @returns a ticket: plain data, to be stored, cloned, posted, compared by its fields
   * @throws MoontraceError bad-value, bad-handle
   */
  pin(value: LuaInput): Ticket {
    return perform(this.#machine, () => this.#roots.pin(value as AnyInput));
  }

  /** The value of a ticket; undefined if that is stale. @throws MoontraceError bad-argument for what is no ticket */
  read<Value extends LuaValue = LuaValue>(ticket: Ticket): Value | undefined {
    return perform(this.#machine, () => this.#roots.read(ticket)) as Value | undefined;
  }

  /** Puts another value in its place; the ticket stays good. @throws MoontraceError stale-root, bad-argument, bad-value, bad-handle */
  write(ticket: Ticket, value: LuaInput): void {
    perform(this.#machine, () => this.#roots.write(ticket, value as AnyInput));
  }

  /** Lets go of the value; the ticket is stale from now on. @throws MoontraceError stale-root, bad-argument */
  unpin(ticket: Ticket): void {
    perform(this.#machine, () => this.#roots.unpin(ticket));
  }

  /** Lets go of the values of all tickets. */
  unpinAll(): void {
    perform(this.#machine, () => this.#roots.unpinAll());
  }

  /** Values that tickets keep. */
  get rootCount(): number {
    this.#machine.access.checkOpen();
    return peek(this.#machine, () => this.#roots.count);
  }

  /**
   * Fuel left: units of work until the program is stopped with "out of fuel", Infinity without a limit. A back-edge or a call of a Lua function
   * costs one, so do some steps of a long library function. May be set at any time. @throws MoontraceError bad-option
   */
  get fuel(): number {
    const machine = this.#machine;
    return peek(machine, () => machine.limits.fuel);
  }

  set fuel(units: number) {
    checkFuel(units);
    const machine = this.#machine;
    peek(machine, () => {
      machine.limits.fuel = units;
    });
  }

  /**
   * An image of the whole state: globals, closures, coroutines wherever they are, calls under way, tickets, fuel. `restoreVm` makes a VM of it, in this process or another.
   * Host functions travel by the names they have (`register`, `module`, `setGlobal`, else their own), instances of registered classes by `save`.
   * @returns bytes that hold nothing of this VM @throws MoontraceError not-portable with what cannot travel; busy while Lua runs; bad-option, bad-image for `since`
   */
  snapshot(options?: SnapshotOptions): Uint8Array<ArrayBuffer> {
    refuseShared(this.#machine, 'snapshot');
    return takeSnapshot(this.#parts, options);
  }

  /**
   * A second VM in the same state, in this process: both go on from here, and share no Lua object. Host functions are the same, as are objects of the host's whose class
   * has no `save`. @param options as `createVm` takes them, where they are to be others than this VM's; a JIT is for one VM, so there is none if none is given
   * @throws MoontraceError busy, not-portable for open files, bad-option
   */
  fork(options?: Omit<VmOptions, 'libraries' | 'without' | 'core'>): Vm {
    refuseShared(this.#machine, 'fork');
    const { jit: _, fuel: __, ...own } = this.#options;
    const given = copyOptions<VmOptions>(options);
    return new Vm({ ...own, ...given }, this.#createEnvironment, forkParts(this.#parts, given.jit !== undefined));
  }

  get #parts(): VmParts {
    return { machine: this.#machine, values: this.#values, installed: this.#installed, isOwnCore: this.#options.core === undefined };
  }

  /** Collects all garbage and calls the finalisers of what was. @throws LuaError when a limit stops one: their own errors are warnings */
  collect(): void {
    const machine = this.#machine;
    perform(machine, () => {
      machine.core.collectFull(0);
      machine.runFinalizers(false);
    });
  }

  /** May be asked for at any time. */
  stats(): VmStats {
    const machine = this.#machine;
    return peek(machine, () => ({ ...machine.jit.stats(), memoryUsed: machine.memory.load(VM_BYTES_USED) }));
  }

  /**
   * Calls the finalisers of all objects, writes out what the streams hold back, and lets go of workers. The VM cannot be used any more. Called by what it
   * runs (a host function, `onSlice`), it ends that first: the call from the host @throws MoontraceError closed.
   * @throws LuaError with what a stream threw when it was written out; the VM is closed all the same
   */
  close(): void {
    close(this.#machine);
  }
}
