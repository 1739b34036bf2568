/**
 * The core as a WebAssembly module: compiled once per process and shared by all VMs; and the types of
 * what it exports. All pointers and slots are byte addresses; those that its functions return, and hand to the host (machine.ts), are made unsigned.
 */
import { coreBinary } from './core-binary.ts';
import { MoontraceError } from './errors/errors.ts';
import { isStackOverflow } from './host-stack.ts';
import { textOfHost } from './host-values.ts';
import { decodeText } from './text.ts';

/** Exports of src/core/index.ts. */
export interface CoreExports extends WebAssembly.Exports {
  /** The function table: builtins and trace functions. */
  readonly table: WebAssembly.Table;
  /** What comes first: variables of the core begin with their values. */
  readonly start: () => void;
  /** Lays out an empty VM: heap, string table, main thread, globals, registry. */
  readonly init: () => void;

  /** Begins a compilation. @param name of the chunk, a string object */
  readonly beginCompilation: (name: number) => void;
  /** @param source address of the bytes, 0: `readPiece` is asked @returns a prototype that nothing roots yet */
  readonly compileChunk: (source: number, length: number) => number;
  /** Gives back what a compilation used; also after an error. */
  readonly endCompilation: () => void;
  readonly newString: (bytes: number, length: number) => number;
  /** A string of more bytes than are interned, which the caller fills in at once. */
  readonly newLongString: (length: number) => number;
  /** String of a number slot as tostring gives it. */
  readonly stringFromNumber: (slot: number) => number;
  /** Writes the number that a slot holds or its string reads as; 0 if there is none. */
  readonly toNumber: (slot: number, resultSlot: number) => number;
  readonly newTable: (arraySize: number, recordSize: number) => number;
  readonly tableGet: (table: number, keySlot: number, resultSlot: number) => void;
  readonly tableSet: (table: number, keySlot: number, valueSlot: number) => void;
  readonly tableGetString: (table: number, key: number, resultSlot: number) => void;
  readonly tableSetString: (table: number, key: number, valueSlot: number) => void;
  /** Plain accesses to memory, for the JIT's core (src/core/trace/peek.ts). */
  readonly load32: (address: number) => number;
  readonly load8: (address: number) => number;
  readonly load64: (address: number) => bigint;
  readonly loadFloat: (address: number) => number;
  readonly store32: (address: number, value: number) => void;
  readonly store64: (address: number, value: bigint) => void;
  readonly tableLength: (table: number) => bigint;
  /** Writes the pair behind a key to `slot` and slot + 16; 0 at the end. */
  readonly tableNext: (table: number, key: number, slot: number) => number;
  /** @param metatable a table or 0 */
  readonly setMetatable: (table: number, metatable: number) => void;
  /** @param metatable a table or 0 */
  readonly setUserdataMetatable: (userdata: number, metatable: number) => void;

  /** How many bytes the binary chunk has that begins so, or what it needs to be told; not more than there are if it is none. */
  readonly chunkSize: (bytes: number, length: number) => number;
  /** @param isLibrary 1: the package's own, not verified. @returns a prototype that nothing roots; 0 with the reason (a string) in THREAD_ERROR */
  readonly readChunk: (bytes: number, length: number, isLibrary: number) => number;
  /** The binary chunk of a prototype: a string object. @param strip 0: nothing is left out, 1: names, lines and the source, 2: names of variables */
  readonly dumpPrototype: (proto: number, strip: number) => number;
  /** 1 if a register holds a value of its frame when execution is at `pc`, an offset in the code. */
  readonly isAssigned: (proto: number, pc: number, register: number) => number;
  /** 1 if the code reads the register from `pc` on, before it writes it. */
  readonly isLive: (proto: number, pc: number, register: number) => number;
  /** 1 if a counting loop relies on the register when execution is at `pc`. */
  readonly isLoopState: (proto: number, pc: number, register: number) => number;
  readonly newClosure: (prototype: number, upvalueCount: number) => number;
  readonly newClosedUpvalue: (valueSlot: number) => number;
  readonly newBuiltin: (id: number, name: number) => number;
  readonly newHostFunction: (handle: number, name: number) => number;
  /** All objects with a finaliser wait for it now, and none is registered any more. */
  readonly startClosing: () => void;
  /** Makes the function in a slot the companion of a builtin. */
  readonly setCompanion: (id: number, slot: number) => void;
  readonly newUserdata: (size: number, handle: number) => number;
  /** A file on what the host has under a handle. @param flags FILE_READS | FILE_WRITES @param mode FILE_FULL... */
  readonly newFile: (handle: number, flags: number, mode: number) => number;
  /** Makes more input available. @returns bytes; 0 at the end, negative after a failure */
  readonly fillFile: (file: number) => number;
  readonly setUserdataHandle: (userdata: number, handle: number) => void;

  /** The debug library: metatables of types (0 = none), variables of upvalues. */
  readonly setTypeMetatable: (tag: number, metatable: number) => void;
  readonly setUpvalue: (closure: number, index: number, slot: number) => void;
  readonly setBuiltinUpvalue: (builtin: number, index: number, slot: number) => void;
  readonly joinUpvalue: (closure: number, index: number, other: number, otherIndex: number) => void;

  readonly allocateRaw: (size: number) => number;
  /** @param pointer 0 allocates */
  readonly reallocateRaw: (pointer: number, oldSize: number, newSize: number) => number;
  readonly freeRaw: (pointer: number, size: number) => void;
  /** Debug builds: collect at every allocation (1: a whole cycle, 2: a piece of one), move the stack at every growth. */
  readonly setCollectorStress: (kind: number) => void;
  readonly setStackStress: (on: boolean) => void;
  /** Ends all that a thread of the host was running that is gone. @returns 0 if that left something that cannot be put right: the VM must not be used */
  readonly abandonRuns: () => number;
  /** What had these handles stands for nothing any more. @param first, count of objects; closures have the same behind HOST_CLOSURE */
  readonly retireHandles: (first: number, count: number) => void;
  /** Takes away the pins of a client (VM_CLIENT). */
  readonly dropPinsOf: (client: number) => void;
  /** Counts what is in use again. */
  readonly recount: () => void;
  /** 0 if the heap is sound, else a code (collect/verify.ts). */
  readonly verifyHeap: () => number;
  readonly pinObject: (pointer: number) => number;
  /** @returns 0 if the handle is stale */
  readonly unpinObject: (handle: number) => number;
  /** 1 for garbage that is not swept yet. */
  readonly isDeadObject: (object: number) => number;
  /** The pinned object, 0 if the pin is gone. */
  readonly pinnedValue: (handle: number) => number;
  readonly isPinAbandoned: (handle: number) => number;
  /** Lets a pin hold only as long as `owner` lives. */
  readonly setPinOwner: (handle: number, owner: number) => void;
  /** @param limit bytes, 0 = none */
  readonly setMemoryLimit: (limit: number) => void;
  /** Counts bytes the host keeps for a Lua object (negative: keeps no more). */
  readonly chargeHost: (bytes: number) => void;
  /** After an error: 1 if an allocation failed that a collection may make possible. Asked once for each error. */
  readonly mayRepeat: () => number;
  /** Collects, and does what the allocation failed in again. @returns RUN_*  @throws CORE_THROW if it cannot, or failed again */
  readonly repeatFailed: () => number;
  /** Debug builds: makes every so many allocations fail in what can be done again (0 = none). */
  readonly setFailures: (every: number) => void;
  /** @param liveTop 0 between runs */
  readonly collectFull: (liveTop: number) => void;
  /** Does the collector's work that is due (VM_COLLECT_DUE). @param liveTop 0 between runs */
  readonly collectDue: (liveTop: number) => void;

  /** Takes the topmost to-be-closed slot of a thread that has one (THREAD_TBC) off the list. @returns the slot */
  readonly popToBeClosed: (thread: number) => number;
  /** Writes a chunk's name as messages show it to VM_SOURCE_NAME. @param source a string object or 0 @returns its length */
  readonly sourceName: (source: number) => number;
  /** For a heap that another VM has left (src/core/image): takes all pins away. */
  readonly dropPins: () => void;
  /** All loops are in their counting form, and count from VM_HOT_LOOP. */
  readonly resetLoops: () => void;
  /** Draws the keys of hashes and the random numbers anew, between two cycles of the collector. */
  readonly reseed: () => void;
  /** Zeroes what is not in use, free chunks left out. */
  readonly clearUnused: () => void;
  /** The free chunk behind one (0: the first), 0 at the end. Its size in bytes, bit 0 set, is 12 bytes below. */
  readonly nextFreeChunk: (chunk: number) => number;
  /** Makes room for this many slots above the top of the running thread's stack; the stack may move. */
  readonly ensureStack: (slots: number) => void;
  /** Enters the function below the `count` arguments at the stack top. @returns RUN_* */
  readonly enterCall: (count: number) => number;
  /** The same with a message handler below the function, and below that a slot of any value, in whose place the results begin. */
  readonly enterHandled: (count: number) => number;
  /** The same for a hook: the function called goes by that name. */
  readonly enterHook: (count: number) => number;
  /** No hooks in a thread until allowHooks is called as often. */
  readonly stopHooks: (thread: number) => void;
  readonly allowHooks: (thread: number) => void;
  /** Ends a builtin that has set a hook. @param base of its arguments @returns what it has to return */
  readonly finishHookingBuiltin: (base: number) => number;
  readonly countPlainFrames: (frame: number, last: number) => number;

  /** A thread for a call of the host's (src/core/run/host-wait.ts), which nothing roots yet. */
  readonly newHostThread: () => number;
  /** Calls the function below `count` arguments at the top in place of the running host function. @returns what that has to return */
  readonly callInstead: (count: number) => number;
  /** A coroutine for the function in a slot, which nothing roots yet. */
  readonly newCoroutine: (func: number) => number;
  /** 0 while a finaliser runs: the program must not stop there. */
  readonly maySuspend: () => number;
  /** The host function that waits returns `count` values, which lie where its arguments were. @returns RUN_* */
  readonly finishWait: (count: number) => number;
  /** The host function that waits is the running builtin again: it is going to raise an error. */
  readonly leaveWait: () => void;
  /** Gives up what the collector is marking: an exception is going to leave it. */
  abandonCycle(): void;
  /** Goes on running until VM_BUDGET is used up. @returns RUN_* */
  readonly run: () => number;
  /** Executes one instruction. @returns RUN_* */
  readonly step: () => number;
  /** Whether the error in THREAD_ERROR is caught in Lua by no pcall, seen by no message handler and ends no coroutine. */
  readonly leavesToHost: () => number;
  /** Cuts the frames back to the nearest protected call after an error. @returns RUN_STEPPED or RUN_ERROR */
  readonly unwind: () => number;
}

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<WebAssembly.Module> | undefined;

/** What the host says where it compiles nothing. */
function refusal(error: unknown): unknown {
  return isStackOverflow(error) ? error : new MoontraceError('no-webassembly', textOfHost(error), { cause: error });
}

/** Compiles a core on the calling thread. @throws MoontraceError no-webassembly */
export function compileNow(binary: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(binary);
  } catch (error) {
    throw refusal(error);
  }
}

/** The compiled core; compiles on the calling thread the first time. @throws MoontraceError no-webassembly */
export function coreModule(): WebAssembly.Module {
  compiled ??= compileNow(coreBinary());
  return compiled;
}

/** VMs made from now on run this core: another build of the same sources, for tests. */
export function useCoreModule(module: WebAssembly.Module): void {
  compiled = module;
}

/** As `coreModule`, off the calling thread: for browsers' main thread, which refuses to compile much at once. @throws MoontraceError no-webassembly */
export async function compileCore(): Promise<WebAssembly.Module> {
  try {
    compiling ??= WebAssembly.compile(coreBinary());
    compiled = await compiling;
  } catch (error) {
    throw refusal(error);
  }
  return compiled;
}

/** A new instance over a memory, into which it writes the core's constants. @throws MoontraceError bad-option if it is of another version */
export function linkCore(module: WebAssembly.Module, memory: WebAssembly.Memory, host: object): WebAssembly.Instance {
  const abort = (): never => {
    throw new WebAssembly.RuntimeError('abort');
  };
  try {
    return new WebAssembly.Instance(module, { env: { memory, abort }, host: host as WebAssembly.ModuleImports });
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError || error instanceof TypeError)) throw error;
    throw new MoontraceError('bad-option', `core: it is of another version of the package: ${error.message}`, { cause: error });
  }
}

/** Where a module has the names of its functions (scripts/pack-core.mjs). They are in the table, behind all others: the host makes an object of one that is taken out, and a VM uses few. */
const SECTION = 'functions';

/** Functions whose result is an address: from 2 GB on Wasm's i32 is a negative number. */
const ADDRESSES: ReadonlySet<string> = new Set([
  'compileChunk', 'newString', 'newLongString', 'stringFromNumber', 'newTable', 'readChunk', 'dumpPrototype', 'newClosure', 'newClosedUpvalue', 'newBuiltin', 'newHostFunction',
  'newUserdata', 'newFile', 'allocateRaw', 'reallocateRaw', 'pinnedValue', 'popToBeClosed', 'nextFreeChunk',
] satisfies readonly (keyof CoreExports)[]);

/** Names of a core's functions; none if it is no core. @throws TypeError if it is no module */
export function functionNames(module: WebAssembly.Module): readonly string[] {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  return section === undefined ? [] : decodeText(new Uint8Array(section)).split(' ');
}

type CoreFunction = (a?: number, b?: number, c?: number) => number;

/** What all instances of a module inherit: each function becomes the instance's own when it is first used. */
const inherited = new WeakMap<WebAssembly.Module, object>();

function makeInherited(module: WebAssembly.Module, tableLength: number): object {
  const names = functionNames(module);
  const first = tableLength - names.length;
  const getter = (name: string, place: number) => function (this: CoreExports): CoreFunction {
    const raw = this.table.get(place) as CoreFunction;
    const value: CoreFunction = ADDRESSES.has(name) ? (a, b, c) => raw(a, b, c) >>> 0 : raw;
    Object.defineProperty(this, name, { value, configurable: true });
    return value;
  };
  return Object.defineProperties({}, Object.fromEntries(names.map((name, i) => [name, { get: getter(name, first + i) }])));
}

/** What an instance exports, for one user. @param instance one of the module, before anything is put into its table */
export function coreOf(module: WebAssembly.Module, instance: WebAssembly.Instance): CoreExports {
  const { table } = instance.exports;
  let prototype = inherited.get(module);
  if (prototype === undefined) {
    prototype = makeInherited(module, (table as WebAssembly.Table).length);
    inherited.set(module, prototype);
  }
  return Object.assign(Object.create(prototype), instance.exports);
}

/** What is left of a core that is another's now. */
const GONE = new Proxy({}, { get: () => () => 0 });

/** Takes a core from all who have it: its functions do nothing from now on. */
export function revokeCore(core: CoreExports): void {
  for (const name of Reflect.ownKeys(core)) Reflect.deleteProperty(core, name);
  Object.setPrototypeOf(core, GONE);
}
