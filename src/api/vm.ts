/** The public face of a VM: loading and calling Lua, globals, host functions, statistics. */
import { SLOT_SIZE, TAG_TABLE, VM_BYTES_USED, VM_GLOBALS, VM_HOST_SCRATCH } from '../bytecode/layout.ts';
import { installLibraries, LIBRARY_NAMES, type LibraryName, SANDBOX_LIBRARIES } from '../stdlib/index.ts';
import type { Streams } from '../stdlib/streams.ts';
import { compileCore } from '../engine/core-module.ts';
import { LuaError, MoontraceError } from './errors.ts';
import { createDefaultEnvironment, type HostEnvironment, HostFailure } from '../hosts/environment.ts';
import { type JitPort, type JitStats, NULL_JIT } from '../engine/jit-port.ts';
import type { LimitOptions } from '../engine/state/limits.ts';
import { Machine } from '../engine/machine.ts';
import { ChunkError } from '../engine/load/chunk-loader.ts';
import { withoutShebang } from '../engine/load/source-text.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../engine/text.ts';
import { type HostFunction, type LuaFunction, type LuaInput, LuaTable, type LuaValue } from './values.ts';

export interface VmOptions extends LimitOptions {
  /**
   * Libraries: 'all' (default), 'sandbox' (nothing that reaches files, the environment, the process or the VM's insides), 'none',
   * or a list.
   */
  readonly libraries?: 'all' | 'sandbox' | 'none' | readonly LibraryName[];
  /** Bytes of memory Lua may use; beyond it "not enough memory" is raised. No limit by default. */
  readonly memoryLimit?: number;
  /** A JIT, made by `createJit` of `moontrace/jit`. Without one the VM interprets. */
  readonly jit?: JitPort;
  /** Another build of the core than the embedded one: the debug build, which checks its heap. */
  readonly core?: WebAssembly.Module;
  /** The outside world; what Node or the browser offers by default. */
  readonly environment?: HostEnvironment;
  /**
   * Called every few milliseconds while Lua runs, compiled or not. What it throws becomes an error at that point of the program. It must not call
   * Lua functions of this VM.
   */
  readonly onSlice?: () => void;
  /** Standard streams in place of the environment's. The bytes given to `stdout` and `stderr` are only valid during the call. */
  readonly stdout?: (bytes: Uint8Array) => void;
  readonly stderr?: (bytes: Uint8Array) => void;
  /** Fills the target and returns the number of bytes, 0 at the end. */
  readonly stdin?: (target: Uint8Array) => number;
}

export interface VmStats extends JitStats {
  /** Bytes of Lua objects in use. */
  readonly memoryUsed: number;
}

/** The environment used where none is given; the entry for Node sets it. */
let defaultEnvironment: () => HostEnvironment = createDefaultEnvironment;

/** Makes the environment of VMs that are created without one. */
export function setDefaultEnvironment(create: () => HostEnvironment): void {
  defaultEnvironment = create;
}

function environmentOf(options: VmOptions): HostEnvironment {
  const environment = options.environment ?? defaultEnvironment();
  const { stdout, stderr, stdin } = options;
  return {
    ...environment,
    ...(stdout === undefined ? {} : { stdout: { write: stdout, isTerminal: false } }),
    ...(stderr === undefined ? {} : { stderr: { write: stderr } }),
    ...(stdin === undefined ? {} : { stdin: { read: stdin } }),
  };
}

function librariesOf(choice: VmOptions['libraries']): readonly LibraryName[] {
  if (choice === undefined || choice === 'all') return LIBRARY_NAMES;
  if (choice === 'none') return [];
  if (choice === 'sandbox') return SANDBOX_LIBRARIES;
  const unknown = choice.find((name) => !LIBRARY_NAMES.includes(name));
  if (unknown !== undefined) throw new MoontraceError('bad-option', `no library '${unknown}'`);
  return choice;
}

export class Vm {
  /** The engine below; for the package's own tools. */
  readonly machine: Machine;
  readonly streams: Streams;
  #isClosed = false;

  /** Use `createVm`. @throws MoontraceError bad-option */
  constructor(options: VmOptions = {}) {
    const { memoryLimit = 0, jit = NULL_JIT } = options;
    if (!Number.isInteger(memoryLimit) || memoryLimit < 0 || memoryLimit > 0xffff_ffff) throw new MoontraceError('bad-option', `memoryLimit ${memoryLimit}`);
    const libraries = librariesOf(options.libraries);
    this.machine = new Machine({ environment: environmentOf(options), jit, core: options.core, limits: options });
    this.streams = installLibraries(this.machine, libraries, options.libraries === 'sandbox');
    this.machine.onIdle = () => this.streams.flush();
    this.machine.onSlice = () => {
      options.onSlice?.();
      this.streams.flushPrinted();
    };
    if (memoryLimit > 0) this.machine.core.setMemoryLimit(memoryLimit);
  }

  /**
   * Compiles a chunk.
   * @param source text (as UTF-8) or bytes
   * @param chunkName as Lua has it: `@file`, `=name`, or the source itself (default), for messages
   * @throws LuaError with code 'syntax'
   */
  load(source: string | Uint8Array, chunkName?: string): LuaFunction {
    const machine = this.#open();
    const bytes = typeof source === 'string' ? encodeText(source) : source;
    const name = chunkName === undefined ? toByteString(bytes) : toByteString(encodeText(chunkName));
    return machine.guard(() => {
      machine.pushChunk(compile(machine, bytes, name));
      const chunk = machine.values.toHost(machine.top - SLOT_SIZE) as LuaFunction;
      machine.pop(1);
      return chunk;
    });
  }

  /** Compiles and runs a chunk. @returns its results @throws LuaError */
  doString(source: string | Uint8Array, chunkName?: string): LuaValue[] {
    return this.load(source, chunkName).call();
  }

  /** Runs a file of the host environment. @throws LuaError, MoontraceError no-such-file */
  doFile(path: string): LuaValue[] {
    return this.loadFile(path).call();
  }

  /** Compiles a file; a first line that starts with `#` is left out. @throws LuaError, MoontraceError no-such-file */
  loadFile(path: string): LuaFunction {
    const { environment } = this.#open();
    let bytes: Uint8Array;
    try {
      bytes = environment.readFile(toByteString(encodeText(path)));
    } catch (error) {
      if (error instanceof HostFailure) throw new MoontraceError('no-such-file', `${path}: ${error.message}`, { cause: error });
      throw error;
    }
    return this.load(withoutShebang(bytes), `@${path}`);
  }

  /** The table of globals. */
  get globals(): LuaTable {
    const { values, slots, memory } = this.#open();
    slots.setObject(VM_HOST_SCRATCH, TAG_TABLE, memory.load(VM_GLOBALS));
    return values.toHost(VM_HOST_SCRATCH) as LuaTable;
  }

  getGlobal(name: string): LuaValue {
    return this.globals.get(name);
  }

  /** Sets a global; a function becomes a host function. @throws MoontraceError bad-value, bad-handle */
  setGlobal(name: string, value: LuaInput): this {
    this.globals.set(name, value);
    return this;
  }

  /** Sets host functions as globals, or as fields of a global table. */
  register(functions: Readonly<Record<string, HostFunction>>, library?: string): this {
    let target = this.globals;
    if (library !== undefined) {
      const known = target.get(library);
      const table = known instanceof LuaTable ? known : this.newTable();
      target.set(library, table);
      target = table;
    }
    for (const [name, implementation] of Object.entries(functions)) target.set(name, implementation);
    return this;
  }

  /** A new table, filled from pairs or from an array (indices from 1). */
  newTable(content?: readonly LuaInput[] | Readonly<Record<string, LuaInput>> | ReadonlyMap<LuaInput, LuaInput>): LuaTable {
    const machine = this.#open();
    const table = machine.guard(() => {
      machine.slots.setObject(VM_HOST_SCRATCH, TAG_TABLE, machine.core.newTable(0, 0));
      return machine.values.toHost(VM_HOST_SCRATCH) as LuaTable;
    });
    if (content === undefined) return table;
    if (Array.isArray(content)) {
      (content as readonly LuaInput[]).forEach((value, i) => {
        table.set(i + 1, value);
      });
      return table;
    }
    const pairs = content instanceof Map ? content.entries() : Object.entries(content as Readonly<Record<string, LuaInput>>);
    for (const [key, value] of pairs) table.set(key, value);
    return table;
  }

  /**
   * Fuel left: units of work until the program is stopped with "out of fuel", Infinity without a limit. A back-edge or a call of a Lua function
   * costs one, so do some steps of a long library function. May be set at any time. @throws MoontraceError bad-option
   */
  get fuel(): number {
    return this.#open().limits.fuel;
  }

  set fuel(units: number) {
    this.#open().limits.fuel = units;
  }

  /** Collects all garbage and calls the finalisers of what was. */
  collect(): void {
    const machine = this.#open();
    machine.core.collectFull(0);
    machine.runFinalizers(false);
  }

  stats(): VmStats {
    const { memory, jit } = this.#open();
    return { ...jit.stats(), memoryUsed: memory.load(VM_BYTES_USED) };
  }

  /** Calls the finalisers of all objects, writes out what the streams hold back, and lets go of workers. The VM cannot be used any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#finalizeAll();
    this.streams.flush();
    this.machine.jit.close();
    this.#isClosed = true;
  }

  /** A finaliser stopped by a limit ends the others as well: the VM is closed all the same. */
  #finalizeAll(): void {
    try {
      this.machine.runFinalizers(true);
    } catch (error) {
      if (!(error instanceof LuaError || error instanceof MoontraceError)) throw error;
    }
  }

  #open(): Machine {
    if (this.#isClosed) throw new MoontraceError('closed', 'close was called');
    return this.machine;
  }
}

/** Loads a chunk; its error as a LuaError. */
function compile({ chunks }: Machine, bytes: Uint8Array, name: string): number {
  try {
    return chunks.load(bytes, name);
  } catch (error) {
    if (!(error instanceof ChunkError)) throw error;
    const message = decodeText(fromByteString(error.message));
    throw new LuaError(message, { code: 'syntax', value: message, traceback: '', cause: error });
  }
}

/**
 * A new VM. Compiles the core on the calling thread the first time.
 * @throws MoontraceError bad-option
 */
export function createVm(options?: VmOptions): Vm {
  return new Vm(options);
}

/** As `createVm`, but compiles the core off the calling thread: for the main thread of a browser. */
export async function createVmAsync(options?: VmOptions): Promise<Vm> {
  await compileCore();
  return new Vm(options);
}
