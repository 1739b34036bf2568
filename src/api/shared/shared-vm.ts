/**
 * A VM that several threads use, one at a time: each has a machine of its own over the one memory, and whoever begins an operation waits until the others are done
 * with theirs. What a thread is handed of Lua objects is its own; what is to be passed on between threads is data, or a ticket (`pin`).
 */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../../bytecode/host-scratch.ts';
import { HOST_CLASSES } from '../../bytecode/host-places.ts';
import { TAG_BUILTIN, TAG_CLOSURE, TAG_TABLE, TAG_USERDATA, VM_GLOBALS } from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isInstance, textOfHost } from '../../engine/host-values.ts';
import type { Machine } from '../../engine/machine.ts';
import { createRunOnlyJit } from '../../engine/shared/code.ts';
import { MAX_SHARED_PAGES, sharedCoreModule } from '../../engine/shared/core.ts';
import { bury } from '../../engine/shared/lock.ts';
import { SharedSession } from '../../engine/shared/session.ts';
import { Interrupt } from '../../engine/state/interrupt.ts';
import { encodeText, toByteString } from '../../engine/text.ts';
import { createDefaultEnvironment, type HostEnvironment } from '../../hosts/environment.ts';
import { bindLibraries, type InstallOptions, openLibraries } from '../../stdlib/index.ts';
import { LIBRARY_NAMES, type LibraryName } from '../../stdlib/library.ts';
import { callHost, close, endUse, perform } from '../boundary.ts';
import { checkFunction, checkOptions, checkText, copyOptions, isBoolean, isNumber } from '../check-options.ts';
import { type ClassOptions, type HostClass, planClass } from '../classes/classes.ts';
import type { LuaInput as AnyInput } from '../../engine/lua-value.ts';
import { INSPECT, LuaCallable } from '../handles/callable.ts';
import { allResults, callPushed } from '../handles/operations.ts';
import type { Ticket } from '../host-roots.ts';
import { checkVmOptions, installedBy, type VmOptions } from '../options.ts';
import type { HostFunction, LuaInput, LuaValue } from '../types.ts';
import { libraryTable } from '../values/fields.ts';
import { VERSION } from '../version.ts';
import { machineOf, rootsOf, streamsOf, valuesOf, Vm } from '../vm.ts';
import { checkHandle, commonOptions, newSharedMemory, type SharedHandle } from './handle.ts';

/** What a thread says of itself. */
export interface ThreadOptions {
  /** A number that tells the thread from all others that use the VM; on Node its `threadId` by default, elsewhere one at random. */
  readonly thread?: number;
  /** Whether this thread may wait for others; by default whether the host lets it. If not, an operation that had to is refused: MoontraceError would-block. */
  readonly blocks?: boolean;
}

export type SharedOptions = Omit<VmOptions, 'core'> & ThreadOptions;
/** What is of one thread alone. */
export type AttachOptions = Pick<VmOptions, 'environment' | 'onSlice' | 'stdout' | 'stderr' | 'stdin' | 'jit'> & ThreadOptions;

/** A worker as `SharedVm.watch` needs it: one of `node:worker_threads`. */
export interface WatchedWorker {
  readonly threadId: number;
  once(event: 'exit', listener: () => void): unknown;
}

export interface SharedPlatform {
  createEnvironment: () => HostEnvironment;
  /** The number of this thread. */
  thread: () => number;
}

const THREAD_CHECKS = { thread: isNumber((value) => Number.isInteger(value) && value >= 0 && value < 0x7fffffff, 'an integer from 0 expected'), blocks: isBoolean };
const INITIAL_PAGES = 32;
const CALLABLE_TAGS: readonly number[] = [TAG_CLOSURE, TAG_BUILTIN, TAG_TABLE, TAG_USERDATA];
const OPTIONS_OF_THREAD = ['jit', 'environment', 'onSlice', 'stdout', 'stderr', 'stdin'] as const satisfies readonly (keyof VmOptions)[];

let ownThread = 0;

/** What the entry point of the package for this host knows better. @internal */
export const sharedPlatform: SharedPlatform = {
  createEnvironment: createDefaultEnvironment,
  thread: () => (ownThread ||= 1 + Math.floor(Math.random() * 0x7ffffff0)),
};

/** Splits options into those of the VM and those of the thread. @throws MoontraceError bad-option */
function splitOptions(given: SharedOptions | undefined): { readonly options: VmOptions; readonly of: ThreadOptions } {
  const { thread, blocks, ...rest } = copyOptions<SharedOptions>(given);
  const of = checkOptions<ThreadOptions>({ thread, blocks }, THREAD_CHECKS);
  const options = checkVmOptions(rest);
  return { options, of };
}

/** What a machine of this thread is made with. */
function startUse(given: SharedHandle, thread: AttachOptions | undefined): { readonly handle: SharedHandle; readonly options: VmOptions; readonly session: SharedSession } {
  const handle = callHost('bad-argument', 'handle', () => checkHandle(given));
  const { options: own, of } = splitOptions(thread);
  const wrong = Object.keys(own).find((name) => !(OPTIONS_OF_THREAD as readonly string[]).includes(name));
  if (wrong !== undefined) throw new MoontraceError('bad-option', `${wrong}: was chosen when the VM was made`);
  if (own.jit !== undefined && !handle.compiles) throw new MoontraceError('not-shared', 'jit: the VM was made without one');
  const session = new SharedSession(handle.memory, threadNumber(of.thread ?? sharedPlatform.thread()), of.blocks);
  return { handle, options: { ...handle.options, ...own, core: handle.core }, session };
}

/** All methods that use the VM @throw MoontraceError closed, busy, would-block, abandoned, bad-argument, core-failure. */
export class SharedVm {
  readonly #vm: Vm;
  readonly #machine: Machine;
  readonly #session: SharedSession;
  readonly #install: InstallOptions;
  /** Stops what runs, from any thread. */
  readonly interrupt: Interrupt;
  /** What is posted to other threads. */
  readonly handle: SharedHandle;
  #isEnded = false;

  /** @internal */
  constructor(handle: SharedHandle, options: VmOptions, session: SharedSession, isNew: boolean) {
    this.handle = handle;
    this.#session = session;
    this.interrupt = options.interrupt ?? new Interrupt(handle.interrupt);
    try {
      const { memory } = handle;
      const installed = installedBy(options);
      this.#install = { ...installed, exitsProcess: options.exitsProcess ?? false };
      const shared = { session, memory, isNew };
      this.#vm = new Vm({ ...options, jit: options.jit ?? createRunOnlyJit(), interrupt: this.interrupt }, sharedPlatform.createEnvironment, { installed, shared, revive: () => [] });
      this.#machine = machineOf(this.#vm);
      this.#machine.access.gate = session;
      session.onLibraries = (bits) => bindLibraries(this.#machine, streamsOf(this.#vm), { ...this.#install, libraries: librariesIn(bits) });
      if (isNew) session.noteLibraries(bitsOf(this.#install.libraries));
      session.begin(isNew, options.jit !== undefined);
    } catch (error) {
      session.giveUp();
      throw error;
    }
    session.leave();
  }

  /** A VM without libraries; without a JIT, it interprets. @throws MoontraceError bad-option, not-shared */
  static create(options?: SharedOptions): SharedVm {
    return SharedVm.from({ libraries: 'none', ...copyOptions<SharedOptions>(options) });
  }

  /**
   * A VM with the options of `createVm`. Its JIT is of this thread, others bring one of their own (`attach`), or run what was compiled for others.
   * @throws MoontraceError bad-option; not-shared where the host has no shared memory
   */
  static from(given?: SharedOptions): SharedVm {
    const { options, of } = splitOptions(given);
    const memory = newSharedMemory(options.memoryLimit ?? 0, MAX_SHARED_PAGES, INITIAL_PAGES);
    const interrupt = options.interrupt ?? new Interrupt();
    const handle = Object.freeze({ version: VERSION, memory, core: sharedCoreModule(), interrupt: interrupt.buffer, compiles: options.jit !== undefined, options: commonOptions(options) });
    const session = new SharedSession(memory, threadNumber(of.thread ?? sharedPlatform.thread()), of.blocks);
    session.lock.acquire();
    return new SharedVm(handle, { ...options, core: handle.core, interrupt }, session, true);
  }

  /** Makes a shared VM usable in this thread. @param given as it was posted @throws MoontraceError bad-argument, bad-option, busy, would-block, closed, abandoned; not-shared for a JIT, if the VM was made without */
  static attach(given: SharedHandle, thread?: AttachOptions): SharedVm {
    const { handle, options, session } = startUse(given, thread);
    try {
      session.lock.acquire();
    } catch (error) {
      session.withdraw();
      throw error;
    }
    return new SharedVm(handle, options, session, false);
  }

  /** The same where this thread may not block. */
  static async attachAsync(given: SharedHandle, thread?: AttachOptions): Promise<SharedVm> {
    const { handle, options, session } = startUse(given, thread);
    await session.lock.acquireAsync();
    return new SharedVm(handle, options, session, false);
  }

  /** This thread's number, as others `bury` it. */
  get thread(): number {
    return this.#session.thread - 1;
  }

  /** Handles that are attached, in all threads. */
  get handles(): number {
    return this.#session.handles;
  }

  // ---- Libraries

  /** Installs libraries that the VM has not got. */
  open(...names: readonly LibraryName[]): this {
    for (const name of names) if (!LIBRARY_NAMES.includes(name)) throw new MoontraceError('bad-argument', `there is no library '${textOfHost(name)}'`);
    this.#perform((machine) => {
      const there = librariesIn(this.#session.libraries);
      const opened = LIBRARY_NAMES.filter((name) => names.includes(name) && !there.includes(name));
      if (opened.length === 0) return;
      openLibraries(machine, streamsOf(this.#vm), this.#install, there, opened);
      this.#session.noteLibraries(bitsOf([...there, ...opened]));
    });
    return this;
  }

  openBase(): this {
    return this.open('base');
  }

  openMath(): this {
    return this.open('math');
  }

  openString(): this {
    return this.open('string');
  }

  openTable(): this {
    return this.open('table');
  }

  openCoroutine(): this {
    return this.open('coroutine');
  }

  openUtf8(): this {
    return this.open('utf8');
  }

  // ---- Programs and values

  /** Compiles and runs a chunk. @returns its results @throws LuaError */
  eval<Results extends LuaValue[] = LuaValue[]>(source: string | Uint8Array, chunkName?: string): Results {
    return this.#vm.doString<Results>(source, chunkName);
  }

  /** Calls a function: a handle of this thread, one that a ticket keeps, or a global by its name. @returns its results @throws LuaError; MoontraceError stale-root */
  call<Results extends LuaValue[] = LuaValue[]>(func: LuaCallable | Ticket | string, ...args: readonly LuaInput[]): Results {
    return this.#perform((machine) => {
      const { core, memory, slots, values } = machine;
      const slot = machine.stackOffset(machine.pushSlot());
      slots.setNil(machine.stackAddress(slot));
      if (typeof func === 'string') {
        values.toLua(SCRATCH_ACCESS_KEY, func);
        core.tableGet(memory.load(VM_GLOBALS), SCRATCH_ACCESS_KEY, machine.stackAddress(slot));
      } else if (isInstance(func, LuaCallable)) values.toLua(machine.stackAddress(slot), func as AnyInput);
      else if (!rootsOf(this.#vm).copy(func, machine.stackAddress(slot))) throw new MoontraceError('stale-root', 'what the ticket named was unpinned');
      if (!CALLABLE_TAGS.includes(slots.tag(machine.stackAddress(slot)))) throw new MoontraceError('bad-argument', `func: a ${slots.typeName(machine.stackAddress(slot))} value is no function`);
      return allResults(machine, callPushed(machine, args)) as Results;
    });
  }

  /** A global, raw. */
  getGlobal<Value extends LuaValue = LuaValue>(name: string): Value {
    return this.#vm.getGlobal<Value>(name);
  }

  /** Sets a global, raw. A function is registered by that name. @throws MoontraceError bad-value, bad-handle */
  setGlobal(name: string, value: LuaInput | HostFunction): this {
    checkText(name, 'name');
    if (typeof value === 'function') return this.#registerAs(name, undefined, value as HostFunction, true);
    this.#vm.setGlobal(name, value as LuaInput);
    return this;
  }

  /** Binds an instance of a class to a global; if its class was registered, with what is registered of it. */
  setUserdata(name: string, instance: object): this {
    checkText(name, 'name');
    return this.withVm((vm) => {
      vm.setGlobal(name, vm.fromJS(instance, 'opaque'));
      return this;
    });
  }

  // ---- Host functions

  /**
   * Says what functions that go by names do in this thread. In Lua each is one function for all threads; calling one that the thread has not got which runs it raises an
   * error (MoontraceError wrong-thread). Who is first to name one makes it a global, or a field of a global table.
   */
  register(functions: Readonly<Record<string, HostFunction>>, library?: string): this;
  /** Says what a class does in this thread, as `Vm.register`. Its instances are of the thread that made them. */
  register<Instance extends object>(type: HostClass<Instance>, options: ClassOptions<Instance>): this;
  register(given: Readonly<Record<string, HostFunction>> | HostClass, second?: unknown): this {
    if (typeof given === 'function') return this.#registerClass(given, second);
    const library = second as string | undefined;
    if (typeof given !== 'object' || given === null) throw new MoontraceError('bad-argument', 'functions: an object expected');
    if (library !== undefined) checkText(library, 'library');
    const entries = callHost('bad-value', 'functions', () => Object.entries(given));
    for (const [name, implementation] of entries) if (typeof implementation !== 'function') throw new MoontraceError('bad-argument', `${name}: a function expected`);
    return this.withVm(() => {
      for (const [name, implementation] of entries) this.#registerAs(name, library, implementation, false);
      return this;
    });
  }

  /**
   * As `register`, for functions that this thread calls for all others that have not registered them: who runs Lua and comes to one waits meanwhile. This thread must come
   * back to its event loop, or wait for the VM itself, to learn of it.
   */
  serve(functions: Readonly<Record<string, HostFunction>>, library?: string): this {
    return this.withVm(() => {
      this.register(functions, library);
      this.#perform(({ named, served }) => {
        for (const name of callHost('bad-value', 'functions', () => Object.keys(functions))) named?.setServer(named.find(fullName(name, library)), served?.word ?? 0);
      });
      this.#session.startServing();
      return this;
    });
  }

  /** @param always sets the global even if the function was there */
  #registerAs(name: string, library: string | undefined, implementation: HostFunction, always: boolean): this {
    this.#perform((machine) => {
      const { core, memory, named, slots, values } = machine;
      const key = fullName(name, library);
      const isKnown = named?.find(key) !== 0;
      const builtin = named?.bind(key, toByteString(encodeText(name)), valuesOf(this.#vm).rawForm(implementation)) ?? 0;
      if (isKnown && !always) return;
      const globals = memory.load(VM_GLOBALS);
      const table = library === undefined ? globals : libraryTable(machine, globals, library);
      values.toLua(SCRATCH_ACCESS_KEY, name);
      slots.setObject(SCRATCH_ACCESS_VALUE, TAG_BUILTIN, builtin);
      core.tableSet(table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
    });
    return this;
  }

  #registerClass(type: HostClass, options: unknown): this {
    const plan = planClass(type, options);
    return this.withVm((vm) => {
      const isKnown = this.#perform(({ core, host, slots, values }) => {
        values.toLua(SCRATCH_ACCESS_KEY, plan.name);
        core.tableGet(host.table(HOST_CLASSES), SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
        return slots.tag(SCRATCH_ACCESS_VALUE) === TAG_TABLE;
      });
      if (!isKnown) vm.register(type, options as ClassOptions<object>);
      else this.#perform(({ named }) => {
        for (const [name, raw] of valuesOf(vm).classes.attach(plan)) named?.bind(name, name, raw);
      });
      return this;
    });
  }

  // ---- Tickets: values that any thread can read

  /** Keeps a value for all threads. @returns a ticket: plain data @throws MoontraceError bad-value, bad-handle */
  pin(value: LuaInput): Ticket {
    return this.#vm.pin(value);
  }

  /** The value of a ticket; undefined if that is stale. */
  read<Value extends LuaValue = LuaValue>(ticket: Ticket): Value | undefined {
    return this.#vm.read<Value>(ticket);
  }

  /** Puts another value in its place. @throws MoontraceError stale-root */
  write(ticket: Ticket, value: LuaInput): void {
    this.#vm.write(ticket, value);
  }

  /** Lets go of the value. @throws MoontraceError stale-root */
  unpin(ticket: Ticket): void {
    this.#vm.unpin(ticket);
  }

  unpinAll(): void {
    this.#vm.unpinAll();
  }

  // ---- The VM itself

  /** Times that compiled code was entered that is there now, by all threads. */
  get traceDispatchedCount(): number {
    return this.withVm(() => this.#machine.codeSharing?.entered ?? 0);
  }

  /** Runs an action with the VM, which no other thread uses meanwhile. @param action must be done when it returns @throws what it throws; MoontraceError bad-argument for a promise */
  withVm<Result>(action: (vm: Vm) => Result): Result {
    checkFunction(action, 'action');
    this.#checkEnded();
    this.#session.enter();
    try {
      const result = action(this.#vm);
      if (isInstance(result, Promise)) throw new MoontraceError('bad-argument', 'action: it goes on after it has returned: use withVmAsync');
      return result;
    } finally {
      this.#session.leave();
    }
  }

  /**
   * The same for an action that waits, on threads that must not block as well: other threads wait until its promise is settled. Where this thread has the VM by this or by `lockAsync`, the action runs at
   * once, as any operation: it may find what an action that waits has half done. @param signal ends the wait for the VM
   */
  async withVmAsync<Result>(action: (vm: Vm) => Result | PromiseLike<Result>, signal?: AbortSignal): Promise<Result> {
    checkFunction(action, 'action');
    this.#checkWait(signal);
    signal?.throwIfAborted();
    const unlock = this.#session.joinHold() ?? (await this.#session.enterAsync(signal));
    try {
      return await action(this.#vm);
    } finally {
      unlock();
    }
  }

  /**
   * Takes the VM as soon as the others that wait for it have had it, those of this thread that took it by this or by `withVmAsync` included. Until what this gives is called all operations of this thread
   * are done at once, but for another `lockAsync`, and other threads wait. @throws the reason of the signal if it fires before; MoontraceError bad-argument
   */
  async lockAsync(signal?: AbortSignal): Promise<() => void> {
    this.#checkWait(signal);
    return this.#session.enterAsync(signal);
  }

  #checkWait(signal: AbortSignal | undefined): void {
    this.#checkEnded();
    if (signal !== undefined && !isInstance(signal, AbortSignal)) throw new MoontraceError('bad-argument', 'signal: an AbortSignal expected');
  }

  // ---- The end

  /** A thread is no more: what it held goes to the others. @param thread its number (`thread`) @returns whether it had a handle */
  bury(thread: number): boolean {
    if (!Number.isInteger(thread) || thread < 0) throw new MoontraceError('bad-argument', 'thread: its number expected');
    return bury(new Int32Array(this.handle.memory.buffer), threadNumber(thread)) > 0;
  }

  /** Buries a worker of Node's when it has come to its end, whatever that was. @throws MoontraceError bad-argument */
  watch(worker: WatchedWorker): this {
    return callHost('bad-argument', 'worker', () => {
      const { threadId } = worker;
      if (typeof worker.once !== 'function' || !Number.isInteger(threadId)) throw new MoontraceError('bad-argument', 'worker: one of node:worker_threads expected');
      worker.once('exit', () => void this.bury(threadId));
      return this;
    });
  }

  /** Lets go of this handle, unless this thread is using the VM (MoontraceError busy); with the last one the VM is closed (`Vm.close`), and of no use to anybody. */
  close(): void {
    if (this.#isEnded) return;
    if (this.#session.isHeld) throw new MoontraceError('busy', 'this thread is using it');
    this.#session.enter();
    this.#isEnded = true;
    const isLast = this.handles === 1;
    try {
      this.#machine.access.gate = undefined;
      if (isLast) close(this.#machine);
      else endUse(this.#machine);
    } finally {
      this.#session.end(isLast);
    }
  }

  #checkEnded(): void {
    if (this.#isEnded) throw new MoontraceError('closed', 'close was called');
  }

  #perform<Result>(operation: (machine: Machine) => Result): Result {
    return perform(this.#machine, () => operation(this.#machine));
  }

  get [Symbol.toStringTag](): string {
    return 'SharedVm';
  }

  /** What `util.inspect` and `console.log` of Node show. */
  [INSPECT](): string {
    return `SharedVm { handles: ${this.handles} }`;
  }
}

/** The name of a host function, for all threads: a byte string. */
const fullName = (name: string, library: string | undefined): string => toByteString(encodeText(library === undefined ? name : `${library}.${name}`));

const threadNumber = (thread: number): number => thread + 1;

const bitsOf = (libraries: readonly LibraryName[]): number => libraries.reduce((bits, name) => bits | (1 << LIBRARY_NAMES.indexOf(name)), 0);
const librariesIn = (bits: number): LibraryName[] => LIBRARY_NAMES.filter((_, place) => (bits & (1 << place)) !== 0);
