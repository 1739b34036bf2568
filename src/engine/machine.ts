/**
 * A running core and the host around it: owns the memory, the core's instance, host functions and the loop that drives `run`.
 * `Vm` is the public face; libraries of this package work on the Machine directly.
 *
 * Invariant: no JS exception passes through a frame of the core except CORE_THROW (a Lua error, value in THREAD_ERROR), the engine's own
 * stack overflow, and failures of the core itself, after which the machine is broken for good.
 *
 * Why more than 500 lines: it is where the parts are put together; half of it is their names and what the core calls.
 */
import {
  CLOSURE_UPVALUES, HOST_CLOSURE, LIMIT_NONE, LIMIT_STACK, PROTO_UPVALUE_COUNT, RUN_STEPPED, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_STRING, TAG_TABLE, TAG_USERDATA, THREAD_ERROR, THREAD_STACK, THREAD_TOP,
  UNCATCHABLE_ABORT, VM_BUDGET, VM_COLLECT_DUE, VM_GLOBALS, VM_HOT_LOOP, VM_JIT_ATTACHED, VM_STACK_LIMIT, VM_UNCATCHABLE,
} from '../bytecode/layout.ts';
import { BUILTINS } from '../bytecode/builtin-table.ts';
import { Access } from './access.ts';
import { ChunkLoader } from './load/chunk-loader.ts';
import { CoreCell, INITIAL_PAGES, keepCell, takeCell } from './image/core-cell.ts';
import { type CoreExports, coreModule, revokeCore } from './core-module.ts';
import { CORE_THROW, ErrorMessages } from './errors/messages.ts';
import { LuaError, type MoontraceError } from './errors/errors.ts';
import type { Execution } from './run/execution.ts';
import { Frames } from './errors/frames.ts';
import { FunctionNames } from './errors/function-names.ts';
import type { HostEnvironment } from '../hosts/environment.ts';
import { type HookHost, Hooks } from './state/hooks.ts';
import type { LuaInput, ValueConverter } from './lua-value.ts';
import { type FunctionOrigin, type HeldFunction, HostObjects, type RawHostFunction } from './host-objects.ts';
import { HostTable } from './host-table.ts';
import { hasHostStack } from './host-stack.ts';
import type { JitPort, VmInternals } from './jit-port.ts';
import { limitNumber, Limits } from './state/limits.ts';
import type { FilePort, MachineOptions } from './machine-options.ts';
import { Memory } from './memory.ts';
import { ERROR_UNITS, RunLoop } from './run/run-loop.ts';
import { type ErrorHost, PendingError } from './errors/pending.ts';
import type { JoinedParts, SharedSession } from './shared/session.ts';
import { Slots } from './slots.ts';
import { fromByteString } from './text.ts';
import { Traceback } from './errors/traceback.ts';
import { VariableNames } from './errors/variable-names.ts';

/** The same for a call of a hook. */
const HOOK_UNITS = 100;
/** Bytes that count as one unit where the host converts, copies or writes them. */
const BYTES_PER_UNIT = 16;
/** Nested entries from host functions, as PUC's LUAI_MAXCCALLS. */
const MAX_HOST_DEPTH = 200;

/** Builtin that calls finalisers. */
const RUN_FINALIZERS = BUILTINS.findIndex(({ implementation }) => implementation === 'baseRunFinalizers') + 1;

export class Machine implements VmInternals, ErrorHost, HookHost {
  readonly memory: Memory;
  readonly core: CoreExports;
  readonly environment: HostEnvironment;
  readonly jit: JitPort;
  readonly slots: Slots;
  /** What of the host's lies in the VM's memory. */
  readonly host: HostTable;
  readonly frames: Frames;
  readonly errors: ErrorMessages;
  readonly traceback: Traceback;
  readonly variables: VariableNames;
  readonly functionNames: FunctionNames;
  readonly values: ValueConverter;
  readonly hostObjects = new HostObjects();
  readonly access = new Access();
  readonly hooks = new Hooks(this);
  readonly chunks: ChunkLoader;
  /** Set when the libraries are installed. */
  files!: FilePort;
  /** Called when the outermost call returns: streams flush here. */
  onIdle: () => void = () => {};
  /** Gets warnings, as byte strings. */
  onWarning: (text: string) => void = () => {};
  /** Called between two slices of running code, with the VM shut; what it throws becomes a Lua error there. */
  onSlice: () => void = () => {};
  /** Called when a slice is used up, or was cut (`Limits.cut`), between two instructions; may step the program. @returns RUN_STEPPED, or what a step ended with */
  onLook: () => number = () => RUN_STEPPED;
  readonly limits: Limits;
  readonly runs: RunLoop;
  readonly suspended = new Set<Execution>();
  readonly #pending: PendingError;
  #cell: CoreCell | undefined;
  /** Of a VM that threads share: this thread's use of it, functions that all of them know by name, calls that others do, compiled code. */
  readonly shared: SharedSession | undefined;
  readonly named: JoinedParts['named'] | undefined;
  readonly served: JoinedParts['served'] | undefined;
  readonly codeSharing: JoinedParts['codeSharing'] | undefined;

  constructor({ createValues, environment, jit, core, cell, check, shared, limits = {}, binaryChunks = true }: MachineOptions<Machine>) {
    // First of all: where there is no WebAssembly this is what says so.
    const module = core ?? coreModule();
    this.environment = environment;
    this.jit = jit;
    const own = cell ?? (shared === undefined ? takeCell(INITIAL_PAGES, module) : new CoreCell(shared.memory, module));
    this.#cell = own;
    this.memory = new Memory(own.memory);
    this.shared = shared?.session;
    this.core = own.enter({
      throwError: () => this.errors.throwError(),
      throwOperandError: (kind, first, second) => this.errors.throwOperandError(kind, first, second),
      throwArgumentError: (argument, text, length) => this.errors.throwArgumentError(argument, text, length),
      throwText: (text, length, limit) => this.errors.throwText(text, length, limit),
      throwBareText: (text, length, limit) => this.errors.throwBareText(text, length, limit),
      callHost: (handle, base, count, offset, numbers, first, second) => this.callHost(handle, base, count, offset, numbers, first, second),
      release: (tag, handle) => (shared !== undefined ? shared.session.noteRelease(tag, handle) : tag === TAG_USERDATA ? this.hostObjects.releaseObject(handle) : this.hostObjects.releaseFunction(handle)),
      grown: () => this.memory.refresh(),
      tidyTraces: () => this.runs !== undefined && this.jit.onCollected(),
      callHook: (event, line, first, count) => this.runs.asHost(() => this.#callHook(event, line, first, count)),
      refill: () => this.runs.asHost(() => this.#refill()),
      checkStack: () => {
        if (!hasHostStack()) this.errors.throwMessage('C stack overflow', LIMIT_STACK);
      },
      readPiece: () => this.runs.asHost(this.chunks.readPiece),
      look: () => this.runs.asHost(() => this.#look()),
      warnError: (error) => this.#warnError(error),
      fileOutput: (file, bytes, length) => this.runs.asHost(() => this.files.output(file, bytes, length)),
      fileInput: (file) => this.runs.asHost(() => this.files.input(file)),
      fileFailure: (base) => this.files.failure(base),
      fileClose: (file) => this.runs.asHost(() => this.files.close(file)),
      entropy: () => environment.entropy(),
    });
    check?.(this.core, this.memory);
    this.slots = new Slots(this.memory, this.core);
    this.host = new HostTable(this.slots);
    this.variables = new VariableNames(this.slots);
    this.frames = new Frames(this.slots, this.variables);
    this.functionNames = new FunctionNames(this.slots, this.host, this.frames, this.variables);
    this.errors = new ErrorMessages(this.slots, this.frames, this.variables, this.functionNames);
    this.traceback = new Traceback(this.frames, this.functionNames);
    const joined = this.shared?.join(this, shared?.isNew === true);
    this.named = joined?.named;
    this.served = joined?.served;
    this.codeSharing = joined?.codeSharing;
    this.values = createValues(this);
    this.chunks = new ChunkLoader(this.slots, binaryChunks);
    const isNew = shared?.isNew ?? cell === undefined;
    if (isNew) {
      this.core.init();
      this.host.create();
    } else if (shared === undefined) {
      this.memory.store(VM_JIT_ATTACHED, 0);
      this.memory.store(VM_HOT_LOOP, 0);
    }
    this.limits = new Limits(this.memory, isNew ? limits : { stackLimit: this.memory.load(VM_STACK_LIMIT), ...limits });
    this.#pending = new PendingError(this, () => this.runs.drive(() => this.core.enterCall(1)));
    this.runs = new RunLoop(this, this.#pending);
    jit.attach(this);
  }

  /** The core that it runs. */
  get module(): WebAssembly.Module {
    return (this.#cell as CoreCell).module;
  }

  get isMetered(): boolean {
    return this.limits.isMetered;
  }

  describePrototype(proto: number): string {
    return this.frames.shortSource(proto);
  }

  /** Whether a call from the host is under way. */
  get isRunning(): boolean {
    return this.runs.depth > 0;
  }

  // ---- The stack of the running thread, as the host uses it

  get top(): number {
    return this.memory.load(this.frames.thread + THREAD_TOP);
  }

  set top(address: number) {
    this.memory.store(this.frames.thread + THREAD_TOP, address);
  }

  /** Offset of a stack slot, which stays valid when the stack moves. */
  stackOffset(slot: number): number {
    return slot - this.memory.load(this.frames.thread + THREAD_STACK);
  }

  stackAddress(offset: number): number {
    return this.memory.load(this.frames.thread + THREAD_STACK) + offset;
  }

  /** A new slot at the top; its value is not set. */
  pushSlot(): number {
    this.core.ensureStack(1);
    const slot = this.top;
    this.top = slot + SLOT_SIZE;
    return slot;
  }

  pushObject(tag: number, pointer: number): void {
    this.slots.setObject(this.pushSlot(), tag, pointer);
  }

  pushValue(value: LuaInput): void {
    const slot = this.pushSlot();
    this.slots.setNil(slot);
    this.values.toLua(slot, value);
  }

  /** Removes `count` slots from the top. */
  pop(count: number): void {
    this.top -= count * SLOT_SIZE;
  }

  // ---- Functions

  /** A closure of the host's. @param name a byte string for messages */
  newHostFunction(name: string, implementation: RawHostFunction, origin?: FunctionOrigin): number {
    if (this.named !== undefined && origin?.name !== undefined) return this.named.bind(origin.name, name, implementation);
    const string = this.slots.newString(fromByteString(name));
    const handle = this.hostObjects.addFunction(implementation, origin);
    try {
      const builtin = this.core.newHostFunction(handle, string);
      (this.hostObjects.closureAt(handle) as HeldFunction).builtin = builtin;
      return builtin;
    } catch (error) {
      this.hostObjects.releaseFunction(handle);
      throw error;
    }
  }

  /**
   * Pushes a closure of a main chunk (a prototype that nothing roots yet) whose first upvalue is the value in the stack slot `environment`, by default
   * the globals.
   */
  pushChunk(proto: number, environment?: number): void {
    const { core, memory, slots } = this;
    const given = environment === undefined ? undefined : this.stackOffset(environment);
    const slot = this.pushSlot();
    slots.setNil(slot);
    const count = memory.load(proto + PROTO_UPVALUE_COUNT);
    const closure = core.newClosure(proto, count);
    for (let i = 0; i < count; i++) {
      const upvalue = core.newClosedUpvalue(0);
      memory.store(closure + CLOSURE_UPVALUES + 4 * i, upvalue);
      if (i > 0) continue;
      const value = memory.load(upvalue + 4);
      if (given === undefined) slots.setObject(value, TAG_TABLE, memory.load(VM_GLOBALS));
      else slots.copy(value, this.stackAddress(given));
    }
    slots.setObject(slot, TAG_CLOSURE, closure);
  }

  // ---- Calls

  /**
   * Calls the function that lies below `count` arguments at the top of the stack.
   * @returns number of results; they lie at the top, for the caller to pop
   * @throws LuaError
   */
  call(count: number): number {
    const results = this.tryCall(count);
    if (results < 0) throw this.#pending.take();
    return results;
  }

  /** The same with a message handler; see `tryCallHandled`. The LuaError has no traceback but what the handler put in. */
  callHandled(count: number): number {
    const results = this.tryCallHandled(count);
    if (results >= 0) return results;
    this.#pending.dropTraceback();
    throw this.#pending.take();
  }

  /** As `call` for a host function that catches errors or lets them go on as they are: -1 if there was one, which is in THREAD_ERROR. */
  tryCall(count: number): number {
    return this.#enter(count + 1, () => this.core.enterCall(count));
  }

  /**
   * As `tryCall`, with a message handler (manual, section 2.3) below the function, and below that a slot of any value, in whose place the results
   * begin. The error in THREAD_ERROR is what the handler made of it.
   */
  tryCallHandled(count: number): number {
    return this.#enter(count + 3, () => this.core.enterHandled(count));
  }

  /** @param own slots at the top in whose place the results begin @returns number of results, -1 after an error */
  #enter(own: number, enter: () => number): number {
    const first = this.stackOffset(this.top - own * SLOT_SIZE);
    const isOutermost = this.runs.depth === 0;
    this.checkHostDepth();
    if (isOutermost) this.limits.start();
    const finished = this.runs.drive(enter);
    if (isOutermost) this.rest(finished);
    if (finished) return (this.top - this.stackAddress(first)) / SLOT_SIZE;
    // A host function gets the error, and may keep it.
    if (!isOutermost && this.memory.load(VM_UNCATCHABLE) === UNCATCHABLE_ABORT) this.limits.noteAbort(false);
    return -1;
  }

  /** The host is going to enter the core. @throws "C stack overflow" */
  checkHostDepth(): void {
    if (this.runs.depth >= MAX_HOST_DEPTH || !hasHostStack()) this.errors.throwMessage('C stack overflow', LIMIT_STACK);
  }

  /** The outermost call is over, or stops for a while. What the streams raise counts if nothing else was. */
  rest(finished: boolean): void {
    try {
      this.onIdle();
    } catch (error) {
      if (!finished) return;
      this.#pending.storeFromHost(error);
      throw CORE_THROW;
    }
  }

  /** Calls a hook in the same way; its results are dropped. @throws LuaError */
  callHook(count: number): void {
    const func = this.stackOffset(this.top - (count + 1) * SLOT_SIZE);
    if (!this.runs.drive(() => this.core.enterHook(count))) throw this.#pending.take();
    this.top = this.stackAddress(func);
  }

  /**
   * Runs what may raise in the core while no Lua code runs (memory limit, bad key), for API functions: the error becomes a LuaError
   * and the stack is as before. Between runs this is also where a collection that is due takes place. When memory ran out before any Lua code ran, the action is
   * run again after a collection: it must not hold objects that nothing refers to.
   */
  guard<Result>(action: () => Result): Result {
    const top = this.stackOffset(this.top);
    try {
      if (this.runs.depth === 0) {
        this.limits.start();
        if (this.memory.load(VM_COLLECT_DUE) !== 0) this.core.collectDue(0);
      }
      return this.allocating(action, top);
    } catch (error) {
      this.top = this.stackAddress(top);
      throw this.#pending.leave(error);
    }
  }

  /** The end: calls the finalisers of all objects, of which one stopped by a limit ends the others as well; then streams write out. @throws LuaError */
  finish(): void {
    try {
      this.guard(() => this.runFinalizers(true));
    } catch (error) {
      // Errors of finalisers are warnings: any other than a limit's is of a stream.
      if (!(error instanceof LuaError) || error.code === 'runtime') throw error;
    }
    this.guard(() => this.rest(true));
  }

  /** The end of all use: what comes too late, dead handles, finds no memory and a core that does nothing, whoever has these then. */
  letGo(): void {
    // Threads that share it, and their lock, look at the memory to the end.
    if (this.shared !== undefined) return;
    this.memory.letGo();
    revokeCore(this.core);
    if (this.access.failure === undefined) keepCell(this.#cell as CoreCell);
    this.#cell = undefined;
  }

  /** Runs the action, and, if memory ran out before it ran any Lua code, once more after a collection. @param top of the stack, where it begins */
  allocating<Result>(action: () => Result, top = this.stackOffset(this.top)): Result {
    const runs = this.runs.count;
    try {
      return action();
    } catch (error) {
      if (error !== CORE_THROW || this.core.mayRepeat() === 0 || this.runs.count !== runs) throw error;
      this.top = this.stackAddress(top);
      this.values.releaseDead();
      this.core.collectFull(0);
      return action();
    }
  }

  /** Counts work of the host. */
  spend(units: number): void {
    this.runs.spend(units);
  }

  /** Counts bytes that pass through the host's hands. */
  spendBytes(length: number): void {
    if (length >= BYTES_PER_UNIT) this.spend(Math.floor(length / BYTES_PER_UNIT));
  }

  /** The same for a piece of what may be long. @throws what ends the program */
  payBytes(length: number): void {
    this.spendBytes(length);
    this.checkBudget();
  }

  /** For library functions of the host that may go on for ever: has the limits looked at when a slice is used up. @throws what ends the program */
  checkBudget(): void {
    if (this.memory.loadSigned(VM_BUDGET) < 0) this.#refill();
  }

  /** A long library function has used its slice up; it is not prepared to see the VM at work meanwhile. */
  #refill(): void {
    this.onSlice();
    this.limits.refill();
  }

  /** As #refill, for the collector, in which nothing of the host's may run. What the host itself has collected is no program's work. */
  #look(): void {
    if (this.runs.depth === 0) return;
    try {
      this.limits.refill();
    } catch (error) {
      this.core.abandonCycle();
      throw error;
    }
  }

  /** The error that ended a run, for the host. */
  takeError(): LuaError | MoontraceError {
    return this.#pending.take();
  }

  /** An error value that Lua has caught, for code of the host. */
  errorIn(slot: number): LuaError | MoontraceError {
    const error = this.frames.thread + THREAD_ERROR;
    this.slots.copy(error, slot);
    this.slots.setLimit(error, LIMIT_NONE);
    return this.takeError();
  }

  /** Runs code of the host that Lua has called: it may use the VM. */
  outside<Result>(action: () => Result): Result {
    const { access } = this;
    const wasShut = access.isShut;
    access.isShut = false;
    this.files.flushOutput();
    try {
      return action();
    } finally {
      access.isShut = wasShut;
    }
  }

  /** Where the results of the host function begin that has been waited for, as an offset. */
  get waitingOffset(): number {
    return this.stackOffset(this.frames.base(this.frames.current));
  }

  /** Ends the call from the host, for os.exit. @param isClosing whether its to-be-closed variables are closed before @throws CORE_THROW */
  exit(code: number, isClosing: boolean): never {
    const error = this.frames.thread + THREAD_ERROR;
    this.slots.setSafeInteger(error, code);
    this.slots.setLimit(error, limitNumber('exit'));
    if (isClosing) this.memory.store(VM_UNCATCHABLE, UNCATCHABLE_ABORT);
    throw CORE_THROW;
  }

  /** An error has ended a call with limits of its own. @param reason the cause, if it was aborted @returns the error */
  disown<Failure>(error: Failure, reason: unknown): Failure {
    return PendingError.disown(error, reason);
  }

  /** Whether a host function may catch the error in THREAD_ERROR, having caught CORE_THROW. */
  isCatchable(): boolean {
    return this.#pending.isCatchable();
  }

  /** Calls the finalisers that wait; for closing, those of all objects that have one. @throws LuaError by limits only: their own errors are warnings */
  runFinalizers(isClosing: boolean): void {
    if (isClosing) this.core.startClosing();
    this.pushObject(TAG_BUILTIN, this.core.newBuiltin(RUN_FINALIZERS, 0));
    this.pop(this.call(0));
  }

  #warnError(error: number): void {
    const { slots } = this;
    const text = slots.tag(error) === TAG_STRING ? slots.stringText(slots.pointer(error)) : 'error object is not a string';
    this.spend(ERROR_UNITS);
    this.spendBytes(text.length);
    try {
      this.onWarning(`error in __gc (${text})`);
    } catch {
      // Nobody called for the finaliser, and so nobody is there to be told that its warning could not be written.
    }
  }

  #callHook(event: number, line: number, first: number, count: number): void {
    this.spend(HOOK_UNITS);
    this.hooks.call(event, line, first, count);
  }

  /** Calls the host function with a handle, as the core does. @returns as it does */
  callHost(handle: number, base: number, count: number, offset: number, numbers: number, first: number, second: number): number {
    const implementation = this.hostObjects.functionAt(handle);
    if (implementation === undefined) return this.#callElsewhere(handle, offset, count);
    // As `asHost`, without a closure for each call.
    let failure: unknown = CORE_THROW;
    try {
      const results = implementation(base, count, offset, numbers, first, second);
      if (!this.access.isStopping) return results;
    } catch (error) {
      failure = error;
    }
    this.#pending.storeFromHost(failure);
    throw CORE_THROW;
  }

  /** A host function that this thread has not got. */
  #callElsewhere(handle: number, offset: number, count: number): number {
    if (this.served === undefined || handle < HOST_CLOSURE) return this.errors.throwMessage('the host function is gone');
    try {
      return this.served.call(handle, offset, count);
    } catch (error) {
      this.#pending.storeFromHost(error);
      throw CORE_THROW;
    }
  }

  /** Notes what a host function threw as the Lua error that it is. Whoever does throws CORE_THROW then. */
  storeHostError(error: unknown): void {
    this.#pending.storeFromHost(error);
  }
}
