/**
 * Puts the libraries into a VM: binds the catalogue of the host's functions (bind.ts), and writes the tables that hold them, the builtins of the core
 * (builtin-table.ts), constants, and what the parts written in Lua make.
 */
import { BUILTINS, fullName } from '../bytecode/builtin-table.ts';
import { HOST_CLOSE, HOST_ERROR_METATABLE, HOST_FRAME_BUILTINS, HOST_GENERATE, HOST_GENERATOR_METATABLE, HOST_OBJECT_METATABLE, HOST_RESUME } from '../bytecode/host-places.ts';
import { SCRATCH_KEY, SCRATCH_VALUE } from '../bytecode/host-scratch.ts';
import {
  BUILTIN_UNTRACED, EXTRA_STACK, FRAME_KIND_CLOSE, FRAME_KIND_COLLECT, FRAME_KIND_PCALL, FRAME_KIND_RESUME, FRAME_KIND_XPCALL, FRAME_KIND_YIELD, OBJECT_EXTRA, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_USERDATA, THREAD_STACK_END, VM_GLOBALS, VM_MAIN_THREAD, VM_REGISTRY,
} from '../bytecode/layout.ts';
import { decodeBase64 } from '../engine/base64.ts';
import { LUA_LIBRARIES } from '../engine/generated/lua-libraries.ts';
import type { Machine } from '../engine/machine.ts';
import { Arguments } from './arguments.ts';
import { bindCatalogue } from './bind.ts';
import { HOST_FUNCTIONS, placeOf, UNTRACED_FUNCTIONS } from './catalogue.ts';
import { LIBRARY_CONSTANTS } from './constants.ts';
import { installFiles } from './io.ts';
import { LIBRARY_NAMES, type LibraryContext, type LibraryName } from './library.ts';
import { packageTexts } from './package.ts';
import { Streams } from './streams.ts';

/** Functions that have a frame of their own, by full name. */
const BUILTIN_FRAMES: Readonly<Record<string, number>> = {
  pcall: FRAME_KIND_PCALL, xpcall: FRAME_KIND_XPCALL, collectgarbage: FRAME_KIND_COLLECT,
  'coroutine.resume': FRAME_KIND_RESUME, 'coroutine.yield': FRAME_KIND_YIELD, 'coroutine.close': FRAME_KIND_CLOSE,
};

/** The part that reaches files by `loadfile`, which a sandbox has not got. */
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
  { file: 'host', library: 'base' },
];

export interface InstallOptions {
  readonly libraries: readonly LibraryName[];
  /** Leaves out what reaches files in the basic library. */
  readonly isSandbox: boolean;
  /** Whether there is string.dump. */
  readonly binaryChunks: boolean;
  /** Whether os.exit ends the process, and not only the call from the host. */
  readonly exitsProcess: boolean;
  /** Functions that are left out, by full name. */
  readonly without: readonly string[];
}

/** Installs libraries into a machine that has none. @returns its streams */
export function installLibraries(machine: Machine, options: InstallOptions): Streams {
  const context = connect(machine, options);
  new TableWriter(context, options).write();
  return context.streams;
}

/** Says what the host's functions do in a machine whose memory has the libraries already, as they were installed with the same options. @returns its streams */
export const attachLibraries = (machine: Machine, options: InstallOptions): Streams => connect(machine, options).streams;

/** As `attachLibraries`, for a VM that is to be as good as new: what the environment says is written again. */
export function renewLibraries(machine: Machine, options: InstallOptions): Streams {
  const { slots, memory, environment } = machine;
  const streams = attachLibraries(machine, options);
  streams.renew();
  if (!options.libraries.includes('package')) return streams;
  slots.getField(memory.load(VM_REGISTRY), '_LOADED', SCRATCH_VALUE);
  slots.getField(slots.pointer(SCRATCH_VALUE), 'package', SCRATCH_VALUE);
  const table = slots.pointer(SCRATCH_VALUE);
  for (const [name, text] of Object.entries(packageTexts(environment))) {
    slots.setText(SCRATCH_VALUE, text);
    slots.setField(table, name, SCRATCH_VALUE);
  }
  return streams;
}

/** Installs more libraries into a machine that has some. @param there those it has @param opened those it is to have besides, with functions left out as `options` say */
export function openLibraries(machine: Machine, streams: Streams, options: InstallOptions, there: readonly LibraryName[], opened: readonly LibraryName[]): void {
  const libraries = [...there, ...opened];
  const context = connect(machine, { ...options, libraries }, streams);
  const writer = new TableWriter(context, { ...options, libraries: opened });
  writer.write(there.includes('base'));
}

/** Another thread has opened libraries: says what their functions do in this one. */
export function bindLibraries(machine: Machine, streams: Streams, options: InstallOptions): void {
  connect(machine, options, streams);
}

function connect(machine: Machine, { libraries, isSandbox, exitsProcess }: InstallOptions, streams = new Streams(machine)): LibraryContext {
  const context = { machine, args: new Arguments(machine), streams, exitsProcess };
  bindCatalogue(context, libraries, isSandbox);
  return context;
}

class TableWriter {
  readonly #machine: Machine;
  readonly #context: LibraryContext;
  readonly #options: InstallOptions;
  /** Tables by the names in builtin-table.ts and catalogue.ts, made when something goes into them; libraries may only be used by parts written in Lua. */
  readonly #tables = new Map<string, number>();
  /** Pins of tables that are kept while libraries are installed. */
  readonly #pins: number[] = [];

  constructor(context: LibraryContext, options: InstallOptions) {
    this.#machine = context.machine;
    this.#context = context;
    this.#options = options;
  }

  /** @param hasBase the basic library is there already, to which `package` adds a function */
  write(hasBase = false): void {
    const { memory, core } = this.#machine;
    const globals = memory.load(VM_GLOBALS);
    const registry = memory.load(VM_REGISTRY);
    const loaded = this.#registryTable(registry, '_LOADED');
    this.#registryTable(registry, '_CLIBS');
    this.#setRegistryPlaces(registry);
    if (this.#has('base')) this.#tables.set('', globals);
    this.#setTable(this.#table('internal'), 'globals', this.#table(''));
    this.#setTable(this.#table('internal'), 'stringMetatable', this.#table('string metatable'));

    this.#addBuiltins();
    this.#addConstants();
    // Before their metatable has its finaliser, which does nothing for standard streams.
    if (this.#has('io')) this.#addFiles();
    this.#addHostFunctions();
    this.#addHostMetatables();
    if (this.#has('package')) this.#addPackage(loaded);
    this.#runLuaParts();
    this.#keepHelpers();
    this.#leaveOut();

    for (const name of this.#options.libraries) {
      const shown = name === 'base' ? '_G' : name;
      this.#setTable(globals, shown, this.#library(name));
      this.#setTable(loaded, shown, this.#library(name));
    }
    if (this.#has('string')) this.#addStringMetatable();
    if (hasBase && this.#has('package')) {
      this.#machine.slots.getField(this.#table(''), 'require', SCRATCH_VALUE);
      this.#machine.slots.setField(globals, 'require', SCRATCH_VALUE);
    }
    // What the program cannot reach now is garbage: the table of internal functions, libraries that are not installed.
    for (const pin of this.#pins) core.unpinObject(pin);
    this.#clearStack();
  }

  /** Nothing of the installation is left on the stack. */
  #clearStack(): void {
    const { memory, frames, top } = this.#machine;
    memory.viewBytes(top, memory.load(frames.thread + THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE - top).fill(0);
  }

  /** Main thread and globals have fixed places in the registry (LUA_RIDX_*). */
  #setRegistryPlaces(registry: number): void {
    const { slots, core, memory } = this.#machine;
    slots.setSafeInteger(SCRATCH_KEY, 1);
    slots.setObject(SCRATCH_VALUE, TAG_THREAD, memory.load(VM_MAIN_THREAD));
    core.tableSet(registry, SCRATCH_KEY, SCRATCH_VALUE);
    slots.setSafeInteger(SCRATCH_KEY, 2);
    slots.setObject(SCRATCH_VALUE, TAG_TABLE, memory.load(VM_GLOBALS));
    core.tableSet(registry, SCRATCH_KEY, SCRATCH_VALUE);
  }

  #has(name: LibraryName): boolean {
    return this.#options.libraries.includes(name);
  }

  /** A table, pinned while libraries are installed. */
  #newTable(): number {
    const { core } = this.#machine;
    const table = core.newTable(0, 8);
    this.#pins.push(core.pinObject(table));
    return table;
  }

  /** A table of the registry, made if there is none. */
  #registryTable(registry: number, name: string): number {
    const { slots } = this.#machine;
    slots.getField(registry, name, SCRATCH_VALUE);
    if (slots.tag(SCRATCH_VALUE) === TAG_TABLE) return slots.pointer(SCRATCH_VALUE);
    const table = this.#newTable();
    this.#setTable(registry, name, table);
    return table;
  }

  #table(name: string): number {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table = this.#newTable();
    this.#tables.set(name, table);
    return table;
  }

  #library(name: LibraryName): number {
    return this.#table(name === 'base' ? '' : name);
  }

  #setTable(table: number, name: string, value: number): void {
    this.#machine.slots.setObject(SCRATCH_VALUE, TAG_TABLE, value);
    this.#machine.slots.setField(table, name, SCRATCH_VALUE);
  }

  #setNil(table: number, name: string): void {
    this.#machine.slots.setNil(SCRATCH_VALUE);
    this.#machine.slots.setField(table, name, SCRATCH_VALUE);
  }

  #addBuiltins(): void {
    const { slots, core, host } = this.#machine;
    BUILTINS.forEach((description, i) => {
      const { library, name, implementation } = description;
      if (library === 'none' || (implementation === 'stringDump' && !this.#options.binaryChunks)) return;
      const builtin = core.newBuiltin(i + 1, slots.nameString(name));
      const kind = BUILTIN_FRAMES[fullName(description)];
      if (kind !== undefined) host.set(HOST_FRAME_BUILTINS + kind, TAG_BUILTIN, builtin);
      slots.setObject(SCRATCH_VALUE, TAG_BUILTIN, builtin);
      slots.setField(this.#table(library), name, SCRATCH_VALUE);
    });
  }

  #addConstants(): void {
    const { slots } = this.#machine;
    for (const { library, name, value } of LIBRARY_CONSTANTS) {
      if (typeof value === 'bigint') slots.setInteger(SCRATCH_VALUE, value);
      else if (typeof value === 'number') slots.setFloat(SCRATCH_VALUE, value);
      else slots.setText(SCRATCH_VALUE, value);
      slots.setField(this.#table(library), name, SCRATCH_VALUE);
    }
  }

  #addHostFunctions(): void {
    const { slots, memory, core, hostObjects } = this.#machine;
    HOST_FUNCTIONS.forEach((fullName, place) => {
      if (hostObjects.functionAt(place) === undefined) return;
      const [table, name] = placeOf(fullName);
      const builtin = core.newHostFunction(place, slots.nameString(name));
      if (UNTRACED_FUNCTIONS.has(fullName)) memory.storeByte(builtin + OBJECT_EXTRA, BUILTIN_UNTRACED);
      slots.setObject(SCRATCH_VALUE, TAG_BUILTIN, builtin);
      slots.setField(this.#table(table), name, SCRATCH_VALUE);
    });
  }

  #addFiles(): void {
    const { slots } = this.#machine;
    const metatable = this.#table('file metatable');
    this.#setTable(metatable, '__index', this.#table('file'));
    this.#setTable(this.#table('internal'), 'fileMethods', this.#table('file'));
    slots.setText(SCRATCH_VALUE, 'FILE*');
    slots.setField(metatable, '__name', SCRATCH_VALUE);
    const files = installFiles(this.#context, metatable);
    ['stdin', 'stdout', 'stderr'].forEach((name, i) => {
      slots.setObject(SCRATCH_VALUE, TAG_USERDATA, files[i] as number);
      slots.setField(this.#table('io'), name, SCRATCH_VALUE);
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
      slots.setText(SCRATCH_VALUE, text);
      slots.setField(table, name, SCRATCH_VALUE);
    }
  }

  /** The parts find all libraries in the table of the basic functions, also those that are not installed: these go again. */
  #runLuaParts(): void {
    const machine = this.#machine;
    const base = this.#table('');
    const libraries = LIBRARY_NAMES.slice(1);
    for (const name of libraries) this.#setTable(base, name, this.#table(name));
    for (const { file, library, isOptional } of LUA_PARTS) {
      const image = LUA_LIBRARIES[file];
      if (image === undefined || (isOptional && !this.#has(library)) || (file === DOFILE_PART && this.#options.isSandbox)) continue;
      const environment = machine.pushSlot();
      machine.slots.setObject(environment, TAG_TABLE, base);
      machine.pushChunk(machine.chunks.loadLibrary(decodeBase64(image)), environment);
      machine.pushObject(TAG_TABLE, this.#library(library));
      machine.pushObject(TAG_TABLE, this.#table('internal'));
      machine.pop(machine.call(2) + 1);
    }
    for (const name of libraries) if (!this.#has(name)) this.#setNil(base, name);
  }

  /** Parts of the libraries may be built on what the program is not to have. */
  #leaveOut(): void {
    for (const fullName of this.#options.without) {
      const [table, name] = placeOf(fullName);
      this.#setNil(this.#table(table), name);
    }
  }

  /** What the host calls of src/stdlib/lua/host.lua stays. */
  #keepHelpers(): void {
    const { slots, host } = this.#machine;
    const internal = this.#table('internal');
    for (const [place, name] of [[HOST_RESUME, 'resume'], [HOST_CLOSE, 'close'], [HOST_GENERATE, 'generate']] as const) {
      slots.getField(internal, name, SCRATCH_VALUE);
      host.set(place, TAG_CLOSURE, slots.pointer(SCRATCH_VALUE));
    }
  }

  /** Strings share a metatable whose __index is the string library; its metamethods are builtins. */
  #addStringMetatable(): void {
    const metatable = this.#table('string metatable');
    this.#setTable(metatable, '__index', this.#table('string'));
    this.#machine.core.setTypeMetatable(TAG_STRING, metatable);
  }

  /** All host objects of a kind share one, which stays: a program must not get at it. */
  #addHostMetatables(): void {
    const { slots, host } = this.#machine;
    for (const [place, name] of [[HOST_OBJECT_METATABLE, 'object metatable'], [HOST_ERROR_METATABLE, 'error metatable'], [HOST_GENERATOR_METATABLE, 'generator metatable']] as const) {
      const metatable = this.#table(name);
      host.set(place, TAG_TABLE, metatable);
      slots.setText(SCRATCH_VALUE, 'host object');
      slots.setField(metatable, '__name', SCRATCH_VALUE);
      slots.setBoolean(SCRATCH_VALUE, false);
      slots.setField(metatable, '__metatable', SCRATCH_VALUE);
    }
    // No program can see one.
    slots.getField(this.#table('internal'), 'closeGenerator', SCRATCH_VALUE);
    slots.setField(this.#table('generator metatable'), '__close', SCRATCH_VALUE);
  }
}
