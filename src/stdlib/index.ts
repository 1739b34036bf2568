/**
 * Puts the libraries into a VM: the builtins of the core (builtin-table.ts), the host's functions, constants, and the parts written in Lua.
 */
import { BUILTINS } from '../bytecode/builtin-table.ts';
import {
  BUILTIN_UNTRACED, EXTRA_STACK, FRAME_KIND_CLOSE, FRAME_KIND_COLLECT, FRAME_KIND_PCALL, FRAME_KIND_RESUME, FRAME_KIND_XPCALL, FRAME_KIND_YIELD, OBJECT_EXTRA, SLOT_SIZE, TAG_BUILTIN, TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_USERDATA, THREAD_STACK_END, VM_GLOBALS, VM_HOST_SCRATCH, VM_MAIN_THREAD, VM_REGISTRY,
} from '../bytecode/layout.ts';
import { LUA_LIBRARIES } from '../engine/generated/lua-libraries.ts';
import { decodeBase64 } from '../engine/core-module.ts';
import type { Machine } from '../engine/machine.ts';
import { Arguments } from './arguments.ts';
import { createBaseFunctions } from './base.ts';
import { LIBRARY_CONSTANTS } from './constants.ts';
import { createDebugLibrary, UNTRACED_FUNCTIONS } from './debug.ts';
import { createHostObjectFunctions } from './host-objects.ts';
import { createInternalFunctions } from './internal.ts';
import { createIoLibrary } from './io.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import { createOsFunctions } from './os.ts';
import { createPackageFunctions, packageTexts } from './package.ts';
import { Streams } from './streams.ts';

/** Libraries by name; '' is the basic library. The order is that of lua's linit.c. */
export const LIBRARY_NAMES = ['base', 'package', 'coroutine', 'table', 'io', 'os', 'string', 'math', 'utf8', 'debug'] as const;
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Libraries that cannot touch the outside world or the VM's insides. */
export const SANDBOX_LIBRARIES: readonly LibraryName[] = ['base', 'coroutine', 'table', 'string', 'math', 'utf8'];

/** Functions that have a frame of their own, by full name. */
const BUILTIN_FRAMES: Readonly<Record<string, number>> = {
  '.pcall': FRAME_KIND_PCALL, '.xpcall': FRAME_KIND_XPCALL, '.collectgarbage': FRAME_KIND_COLLECT,
  'coroutine.resume': FRAME_KIND_RESUME, 'coroutine.yield': FRAME_KIND_YIELD, 'coroutine.close': FRAME_KIND_CLOSE,
};

/** Function of the basic library that reaches files, and the part that builds on it; a sandbox has neither. */
const LOADFILE = 'loadfile';
const DOFILE_PART = 'dofile';

/** THE list of parts written in Lua, in the order they run: file in src/stdlib/lua, the library it extends, whether it needs that installed. */
const LUA_PARTS: readonly { readonly file: string; readonly library: LibraryName; readonly isOptional?: boolean }[] = [
  { file: 'base', library: 'base' },
  { file: 'table', library: 'table' },
  { file: 'math', library: 'math' },
  { file: 'string', library: 'string' },
  { file: 'print', library: 'base' },
  { file: 'dofile', library: 'base' },
  { file: 'utf8', library: 'utf8', isOptional: true },
  { file: 'io', library: 'io', isOptional: true },
  { file: 'os', library: 'os', isOptional: true },
  { file: 'debug', library: 'debug', isOptional: true },
  { file: 'package', library: 'package', isOptional: true },
];

export interface InstallOptions {
  readonly libraries: readonly LibraryName[];
  /** Leaves out what reaches files in the basic library. */
  readonly isSandbox: boolean;
  /** Whether there is string.dump. */
  readonly binaryChunks: boolean;
}

/** Installs libraries into a machine that has none. @returns its streams */
export function installLibraries(machine: Machine, options: InstallOptions): Streams {
  const installer = new Installer(machine, options);
  installer.install();
  return installer.streams;
}

class Installer {
  readonly streams: Streams;
  readonly #machine: Machine;
  readonly #context: LibraryContext;
  readonly #options: InstallOptions;
  /** Library tables by name, whether installed or only used by parts written in Lua. '*' is the internal one, '"' the metatable of strings, '#' the methods of files. */
  readonly #tables = new Map<string, number>();
  readonly #slot = VM_HOST_SCRATCH + 12 * SLOT_SIZE;
  /** Pins of tables that are kept while libraries are installed. */
  readonly #pins: number[] = [];

  constructor(machine: Machine, options: InstallOptions) {
    this.#machine = machine;
    this.#options = options;
    this.streams = new Streams(machine);
    this.#context = { machine, args: new Arguments(machine), streams: this.streams };
  }

  install(): void {
    const { memory, core } = this.#machine;
    const { libraries, isSandbox } = this.#options;
    const globals = memory.load(VM_GLOBALS);
    const loaded = this.#newTable();
    const registry = memory.load(VM_REGISTRY);
    this.#setTable(registry, '_LOADED', loaded);
    this.#setTable(registry, '_CLIBS', this.#newTable());
    this.#setRegistryPlaces(registry);
    this.#tables.set('base', this.#has('base') ? globals : this.#newTable());
    for (const name of [...LIBRARY_NAMES.slice(1), '*', '"', '#']) this.#tables.set(name, this.#newTable());
    this.#setTable(this.#table('*'), 'globals', this.#table('base'));
    this.#setTable(this.#table('*'), 'stringMetatable', this.#table('"'));

    this.#addBuiltins();
    this.#addConstants();
    const base = createBaseFunctions(this.#context);
    this.#addFunctions('base', base.public);
    this.#addFunctions('*', base.internal);
    if (isSandbox) for (const name of ['base', '*']) this.#setNil(this.#table(name), LOADFILE);
    this.#addFunctions('*', createInternalFunctions(this.#context));
    const os = createOsFunctions(this.#context);
    if (this.#has('os')) this.#addFunctions('os', os.public);
    if (this.#has('os')) this.#addFunctions('*', os.internal);
    const debug = createDebugLibrary(this.#context);
    if (this.#has('debug')) this.#addFunctions('*', debug.internal);
    if (this.#has('debug')) this.#addFunctions('debug', debug.functions, UNTRACED_FUNCTIONS);
    if (this.#has('io')) this.#addIo();
    if (this.#has('package')) this.#addPackage(loaded);
    this.#runLuaParts();

    if (this.#has('base')) {
      this.#setTable(globals, '_G', globals);
      this.#setTable(loaded, '_G', globals);
    }
    for (const name of libraries) {
      if (name === 'base') continue;
      this.#setTable(globals, name, this.#table(name));
      this.#setTable(loaded, name, this.#table(name));
    }
    if (this.#has('string')) this.#addStringMetatable();
    this.#addHostMetatables();
    // What the program cannot reach now is garbage: the table of internal functions, libraries that are not installed.
    for (const pin of this.#pins) core.unpinObject(pin);
    this.#clearStack();
  }

  /** Nothing of the installation is left on the stack. */
  #clearStack(): void {
    const { memory, frames, top } = this.#machine;
    memory.u8.fill(0, top, memory.load(frames.thread + THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE);
  }

  /** Main thread and globals have fixed places in the registry (LUA_RIDX_*). */
  #setRegistryPlaces(registry: number): void {
    const { slots, core, memory } = this.#machine;
    const key = this.#slot + SLOT_SIZE;
    slots.setSafeInteger(key, 1);
    slots.setObject(this.#slot, TAG_THREAD, memory.load(VM_MAIN_THREAD));
    core.tableSet(registry, key, this.#slot);
    slots.setSafeInteger(key, 2);
    slots.setObject(this.#slot, TAG_TABLE, memory.load(VM_GLOBALS));
    core.tableSet(registry, key, this.#slot);
  }

  #has(name: LibraryName): boolean {
    return this.#options.libraries.includes(name);
  }

  /** A table. Pinned while libraries are installed, or for good if the host names it later. */
  #newTable(isNamed = false): number {
    const { core } = this.#machine;
    const table = core.newTable(0, 8);
    const pin = core.pinObject(table);
    if (!isNamed) this.#pins.push(pin);
    return table;
  }

  #table(name: string): number {
    return this.#tables.get(name === '' ? 'base' : name) as number;
  }

  #setTable(table: number, name: string, value: number): void {
    this.#machine.slots.setObject(this.#slot, TAG_TABLE, value);
    this.#machine.slots.setField(table, name, this.#slot);
  }

  #setNil(table: number, name: string): void {
    this.#machine.slots.setNil(this.#slot);
    this.#machine.slots.setField(table, name, this.#slot);
  }

  #addBuiltins(): void {
    const { slots, core, hooks } = this.#machine;
    BUILTINS.forEach(({ library, name, implementation }, i) => {
      if (library === '!' || (implementation === 'stringDump' && !this.#options.binaryChunks)) return;
      const builtin = core.newBuiltin(i + 1, slots.nameString(name));
      slots.setObject(this.#slot, TAG_BUILTIN, builtin);
      const kind = BUILTIN_FRAMES[`${library}.${name}`];
      if (kind !== undefined) {
        core.pinObject(builtin);
        hooks.addBuiltin(kind, builtin);
      }
      slots.setField(this.#table(library), name, this.#slot);
    });
  }

  #addConstants(): void {
    const { slots } = this.#machine;
    for (const { library, name, value } of LIBRARY_CONSTANTS) {
      if (typeof value === 'bigint') slots.setInteger(this.#slot, value);
      else if (typeof value === 'number') slots.setFloat(this.#slot, value);
      else slots.setText(this.#slot, value);
      slots.setField(this.#table(library), name, this.#slot);
    }
  }

  /** @param untraced names of functions that compiled code must not call */
  #addFunctions(library: string, functions: LibraryFunctions, untraced: readonly string[] = []): void {
    this.#fill(this.#table(library), functions, untraced);
  }

  #fill(table: number, functions: LibraryFunctions, untraced: readonly string[] = []): void {
    const { slots, memory } = this.#machine;
    for (const [name, implementation] of Object.entries(functions)) {
      const builtin = this.#machine.newHostFunction(name, implementation);
      if (untraced.includes(name)) memory.u8[builtin + OBJECT_EXTRA] = BUILTIN_UNTRACED;
      slots.setObject(this.#slot, TAG_BUILTIN, builtin);
      slots.setField(table, name, this.#slot);
    }
  }

  #addIo(): void {
    const { slots } = this.#machine;
    const io = createIoLibrary(this.#context);
    this.#addFunctions('io', io.functions);
    this.#addFunctions('*', io.internal);
    const methods = this.#table('#');
    const metatable = this.#newTable(true);
    this.#fill(methods, io.methods);
    this.#fill(metatable, io.metamethods);
    this.#setTable(metatable, '__index', methods);
    slots.setText(this.#slot, 'FILE*');
    slots.setField(metatable, '__name', this.#slot);
    this.#setTable(this.#table('*'), 'fileMethods', methods);
    const files = io.setMetatable(metatable);
    ['stdin', 'stdout', 'stderr'].forEach((name, i) => {
      slots.setObject(this.#slot, TAG_USERDATA, files[i] as number);
      slots.setField(this.#table('io'), name, this.#slot);
    });
  }

  #addPackage(loaded: number): void {
    const { slots, environment, memory } = this.#machine;
    const table = this.#table('package');
    const preload = this.#newTable();
    this.#setTable(memory.load(VM_REGISTRY), '_PRELOAD', preload);
    this.#setTable(table, 'loaded', loaded);
    this.#setTable(table, 'preload', preload);
    for (const [name, text] of Object.entries(packageTexts(environment))) {
      slots.setText(this.#slot, text);
      slots.setField(table, name, this.#slot);
    }
    this.#addFunctions('package', createPackageFunctions(this.#context));
  }

  /** The parts find all libraries in the table of the basic functions, also those that are not installed: these go again. */
  #runLuaParts(): void {
    const machine = this.#machine;
    const base = this.#table('base');
    const libraries = LIBRARY_NAMES.slice(1);
    for (const name of libraries) this.#setTable(base, name, this.#table(name));
    for (const { file, library, isOptional } of LUA_PARTS) {
      const image = LUA_LIBRARIES[file];
      if (image === undefined || (isOptional && !this.#has(library)) || (file === DOFILE_PART && this.#options.isSandbox)) continue;
      const environment = machine.pushSlot();
      machine.slots.setObject(environment, TAG_TABLE, base);
      machine.pushChunk(machine.chunks.loadLibrary(decodeBase64(image)), environment);
      machine.pushObject(TAG_TABLE, this.#table(library));
      machine.pushObject(TAG_TABLE, this.#table('*'));
      machine.pop(machine.call(2) + 1);
    }
    for (const name of libraries) if (!this.#has(name)) this.#setNil(base, name);
  }

  /** Strings share a metatable whose __index is the string library; its metamethods are builtins. */
  #addStringMetatable(): void {
    const metatable = this.#table('"');
    this.#setTable(metatable, '__index', this.#table('string'));
    this.#machine.core.setTypeMetatable(TAG_STRING, metatable);
  }

  #addHostMetatables(): void {
    const functions = createHostObjectFunctions(this.#context);
    this.#machine.values.hostMetatables = { object: this.#newHostMetatable(functions.object), error: this.#newHostMetatable(functions.error) };
  }

  /** All host objects of a kind share it: a program must not get at it. */
  #newHostMetatable(functions: LibraryFunctions): number {
    const { slots } = this.#machine;
    const metatable = this.#newTable(true);
    this.#fill(metatable, functions);
    slots.setText(this.#slot, 'host object');
    slots.setField(metatable, '__name', this.#slot);
    slots.setBoolean(this.#slot, false);
    slots.setField(metatable, '__metatable', this.#slot);
    return metatable;
  }
}
