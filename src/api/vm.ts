/** The public face of a VM: loading and calling Lua, globals, host functions, statistics. */
import { SCRATCH_ACCESS_VALUE } from '../bytecode/host-scratch.ts';
import { SLOT_SIZE, TAG_TABLE, THREAD_ERROR, VM_BYTES_USED, VM_GLOBALS } from '../bytecode/layout.ts';
import { installLibraries } from '../stdlib/index.ts';
import type { Streams } from '../stdlib/streams.ts';
import { callHost, close, perform } from './boundary.ts';
import { compileCore } from '../engine/core-module.ts';
import { LuaError, MoontraceError } from '../engine/errors/errors.ts';
import { callPushed, type LuaFunction, LuaTable } from './handles.ts';
import type { HostFunction, LuaInput, LuaValue } from '../engine/lua-value.ts';
import { createDefaultEnvironment, type HostEnvironment, HostFailure } from '../hosts/environment.ts';
import { type JitStats, NULL_JIT } from '../engine/jit-port.ts';
import { isBytes } from '../engine/host-values.ts';
import { Machine } from '../engine/machine.ts';
import { CORE_THROW } from '../engine/errors/messages.ts';
import { ChunkError } from '../engine/load/chunk-loader.ts';
import { withoutShebang } from '../engine/load/source-text.ts';
import { buildTable, planTable, type TableContent } from './table-content.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../engine/text.ts';
import { Values } from './values.ts';
import { checkFuel, checkVmOptions, librariesOf, type VmOptions } from './options.ts';

export interface VmStats extends JitStats {
  /** Bytes of Lua objects in use. */
  readonly memoryUsed: number;
}

/** The environment with the streams that the options have in its place. */
function environmentOf(options: VmOptions, createEnvironment: () => HostEnvironment): HostEnvironment {
  const environment = options.environment ?? createEnvironment();
  const { stdout, stderr, stdin } = options;
  return Object.create(Object.getPrototypeOf(environment) as object, {
    ...Object.getOwnPropertyDescriptors(environment),
    ...(stdout !== undefined && { stdout: { value: { write: stdout, isTerminal: false }, enumerable: true } }),
    ...(stderr !== undefined && { stderr: { value: { write: stderr }, enumerable: true } }),
    ...(stdin !== undefined && { stdin: { value: { read: (target: Uint8Array) => checkCount(stdin(target), target.length) }, enumerable: true } }),
  }) as HostEnvironment;
}

function checkCount(count: unknown, room: number): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= room) return count;
  throw new MoontraceError('bad-argument', `stdin: a number of bytes up to ${room} expected`);
}

/** The engine below a VM, and its streams: for the package's own tools (engine-port.ts). @internal */
export let machineOf: (vm: Vm) => Machine;
/** @internal */
export let streamsOf: (vm: Vm) => Streams;

/** All methods @throw MoontraceError closed, busy (see `VmOptions.onSlice`), bad-argument, core-failure. */
export class Vm {
  readonly #machine: Machine;
  readonly #streams: Streams;

  /** Use `createVm`. @param createEnvironment the environment if the options have none @throws MoontraceError bad-option, host-failure */
  constructor(given?: VmOptions, createEnvironment: () => HostEnvironment = createDefaultEnvironment) {
    const options = checkVmOptions(given);
    const isSandbox = options.libraries === 'sandbox';
    const { memoryLimit = 0, jit = NULL_JIT, onSlice, binaryChunks = !isSandbox } = options;
    this.#machine = callHost('host-failure', 'createVm', () => new Machine({ createValues: (machine) => new Values(machine), environment: environmentOf(options, createEnvironment), jit, core: options.core, limits: options, binaryChunks }));
    this.#streams = callHost('host-failure', 'createVm', () => installLibraries(this.#machine, { libraries: librariesOf(options), isSandbox, binaryChunks }));
    this.#machine.onIdle = () => this.#streams.flush();
    this.#machine.onSlice = () => {
      if (onSlice === undefined) return this.#streams.flushPrinted();
      this.#streams.flushOutput();
      onSlice();
    };
    if (memoryLimit > 0) this.#machine.core.setMemoryLimit(memoryLimit);
    this.#machine.limits.arm();
  }

  static {
    machineOf = (vm) => vm.#machine;
    streamsOf = (vm) => vm.#streams;
  }

  /**
   * Compiles a chunk.
   * @param source text (as UTF-8) or bytes
   * @param chunkName as Lua has it: `@file`, `=name`, or the source itself (default), for messages
   * @throws LuaError with code 'syntax'
   */
  load(source: string | Uint8Array, chunkName?: string): LuaFunction {
    const machine = this.#machine;
    return perform(machine, () => {
      pushCompiled(machine, source, chunkName);
      const chunk = machine.values.toHost(machine.top - SLOT_SIZE) as LuaFunction;
      machine.pop(1);
      return chunk;
    });
  }

  /** Compiles and runs a chunk. @returns its results @throws LuaError */
  doString(source: string | Uint8Array, chunkName?: string): LuaValue[] {
    const machine = this.#machine;
    return perform(machine, () => {
      pushCompiled(machine, source, chunkName);
      return callPushed(machine, []);
    });
  }

  /** Runs a file of the host environment. @throws LuaError, MoontraceError no-such-file */
  doFile(path: string): LuaValue[] {
    return this.loadFile(path).call();
  }

  /** Compiles a file; a first line that starts with `#` is left out. @throws LuaError, MoontraceError no-such-file, host-failure */
  loadFile(path: string): LuaFunction {
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

  /** The table of globals. */
  get globals(): LuaTable {
    const machine = this.#machine;
    return perform(machine, () => {
      machine.slots.setObject(SCRATCH_ACCESS_VALUE, TAG_TABLE, machine.memory.load(VM_GLOBALS));
      return machine.values.toHost(SCRATCH_ACCESS_VALUE) as LuaTable;
    });
  }

  getGlobal(name: string): LuaValue {
    checkText(name, 'name');
    return this.globals.get(name);
  }

  /** Sets a global; a function becomes a host function. @throws MoontraceError bad-value, bad-handle */
  setGlobal(name: string, value: LuaInput): this {
    checkText(name, 'name');
    this.globals.set(name, value);
    return this;
  }

  /** Sets host functions as globals, or as fields of a global table. */
  register(functions: Readonly<Record<string, HostFunction>>, library?: string): this {
    if (typeof functions !== 'object' || functions === null) throw new MoontraceError('bad-argument', 'functions: an object expected');
    if (library !== undefined) checkText(library, 'library');
    const entries = callHost('bad-value', 'functions', () => Object.entries(functions));
    for (const [name, implementation] of entries) if (typeof implementation !== 'function') throw new MoontraceError('bad-argument', `${name}: a function expected`);
    let target = this.globals;
    if (library !== undefined) {
      const known = target.get(library);
      const table = known instanceof LuaTable ? known : this.newTable();
      target.set(library, table);
      target = table;
    }
    for (const [name, implementation] of entries) target.set(name, implementation);
    return this;
  }

  /**
   * A new table, filled from pairs or from an array (indices from 1). Plain objects, arrays and Maps in it become tables, too.
   * @throws MoontraceError bad-value for a cycle, a value that Lua cannot have, or a getter that throws; bad-handle
   */
  newTable(content?: TableContent): LuaTable {
    const machine = this.#machine;
    const plan = planTable(content);
    return perform(machine, () => {
      buildTable(machine, plan);
      const table = machine.values.toHost(machine.top - SLOT_SIZE) as LuaTable;
      machine.pop(1);
      return table;
    });
  }

  /**
   * Fuel left: units of work until the program is stopped with "out of fuel", Infinity without a limit. A back-edge or a call of a Lua function
   * costs one, so do some steps of a long library function. May be set at any time. @throws MoontraceError bad-option
   */
  get fuel(): number {
    return this.#alive().limits.fuel;
  }

  set fuel(units: number) {
    checkFuel(units);
    this.#alive().limits.fuel = units;
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
    const { memory, jit } = this.#alive();
    return { ...jit.stats(), memoryUsed: memory.load(VM_BYTES_USED) };
  }

  /**
   * Calls the finalisers of all objects, writes out what the streams hold back, and lets go of workers. The VM cannot be used any more. Called by what it
   * runs (a host function, `onSlice`), it ends that first: the call from the host @throws MoontraceError closed.
   * @throws LuaError with what a stream threw when it was written out; the VM is closed all the same
   */
  close(): void {
    close(this.#machine);
  }

  #alive(): Machine {
    this.#machine.access.checkAlive();
    return this.#machine;
  }
}

function checkText(value: unknown, what: string): void {
  if (typeof value !== 'string') throw new MoontraceError('bad-argument', `${what}: a string expected`);
}

/** Pushes the function of a chunk. @param environment slot with what it has as globals, if they are not the VM's */
export function pushCompiled(machine: Machine, source: string | Uint8Array, chunkName?: string, environment?: number): void {
  if (typeof source !== 'string' && !isBytes(source)) throw new MoontraceError('bad-argument', 'source: a string or a Uint8Array expected');
  if (chunkName !== undefined) checkText(chunkName, 'chunkName');
  const bytes = typeof source === 'string' ? encodeText(source) : source;
  machine.pushChunk(compile(machine, bytes, chunkName === undefined ? bytes : encodeText(chunkName)), environment);
}

/** Loads a chunk; its error as a LuaError. */
function compile({ chunks, slots, frames }: Machine, bytes: Uint8Array, name: Uint8Array): number {
  let text: Uint8Array;
  let cause: unknown;
  try {
    return chunks.loadBytes(bytes, slots.newString(name));
  } catch (error) {
    cause = error;
    if (error instanceof ChunkError) text = fromByteString(error.message);
    else if (error === CORE_THROW && chunks.isSyntaxError) text = slots.stringView(slots.pointer(frames.thread + THREAD_ERROR));
    else throw error;
  }
  const message = decodeText(text);
  throw new LuaError(message, { code: 'syntax', value: message, traceback: '', cause });
}

/** What an entry point of the package offers to make VMs with. */
export interface VmMakers {
  /**
   * A new VM. Compiles the core on the calling thread the first time.
   * @throws MoontraceError bad-option
   */
  readonly createVm: (options?: VmOptions) => Vm;
  /** As `createVm`, but compiles the core off the calling thread: for the main thread of a browser. */
  readonly createVmAsync: (options?: VmOptions) => Promise<Vm>;
}

/** @param createEnvironment makes the environment of VMs whose options have none */
export function vmMakers(createEnvironment: () => HostEnvironment): VmMakers {
  const createVm = (options?: VmOptions): Vm => new Vm(options, createEnvironment);
  return {
    createVm,
    createVmAsync: async (options) => {
      await compileCore();
      return createVm(options);
    },
  };
}
