/**
 * Puts the libraries into a VM: the builtins of the core (builtin-table.ts), the host's functions, constants, and the parts written in Lua.
 */
import { BUILTINS } from '../bytecode/builtin-table.ts';
import { SLOT_SIZE, TAG_BUILTIN, TAG_STRING, TAG_TABLE, TAG_USERDATA, VM_GLOBALS, VM_HOST_SCRATCH, VM_REGISTRY, VM_TYPE_METATABLES } from '../bytecode/layout.ts';
import { LUA_LIBRARIES } from '../vm/generated/lua-libraries.ts';
import { decodeBase64 } from '../vm/core-module.ts';
import type { Machine } from '../vm/machine.ts';
import { parsePrototypeImage } from '../vm/prototype-image.ts';
import { Arguments } from './arguments.ts';
import { createBaseFunctions } from './base.ts';
import { LIBRARY_CONSTANTS } from './constants.ts';
import { createDebugFunctions } from './debug.ts';
import { createDumpFunctions } from './dump.ts';
import { createInternalFunctions } from './internal.ts';
import { createIoLibrary } from './io.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import { createOsFunctions } from './os.ts';
import { Streams } from './streams.ts';

/** Libraries by name; '' is the basic library. The order is that of lua's linit.c. */
export const LIBRARY_NAMES = ['base', 'package', 'table', 'io', 'os', 'string', 'math', 'utf8', 'debug'] as const;
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Libraries that cannot touch the outside world or the VM's insides. */
export const SANDBOX_LIBRARIES: readonly LibraryName[] = ['base', 'table', 'string', 'math', 'utf8'];

/** Functions of the basic library that reach files. */
const UNSAFE_BASE = ['dofile', 'loadfile'];

/** THE list of parts written in Lua, in the order they run: file in src/stdlib/lua, the library it extends, whether it needs that installed. */
const LUA_PARTS: readonly { readonly file: string; readonly library: LibraryName; readonly isOptional?: boolean }[] = [
  { file: 'base', library: 'base' },
  { file: 'table', library: 'table' },
  { file: 'string', library: 'string' },
  { file: 'print', library: 'base' },
  { file: 'load', library: 'base' },
  { file: 'utf8', library: 'utf8', isOptional: true },
  { file: 'io', library: 'io', isOptional: true },
  { file: 'package', library: 'package', isOptional: true },
];

const DEFAULT_PATH = '/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;/usr/local/lib/lua/5.4/?.lua;/usr/local/lib/lua/5.4/?/init.lua;./?.lua;./?/init.lua';

/** Installs libraries into a machine that has none. @returns its streams */
export function installLibraries(machine: Machine, names: readonly LibraryName[], isSandbox: boolean): Streams {
  const installer = new Installer(machine, names);
  installer.install(isSandbox);
  return installer.streams;
}

class Installer {
  readonly streams: Streams;
  readonly #machine: Machine;
  readonly #context: LibraryContext;
  readonly #names: readonly LibraryName[];
  /** Library tables by name, whether installed or only used by parts written in Lua. '*' is the internal one. */
  readonly #tables = new Map<string, number>();
  readonly #slot = VM_HOST_SCRATCH + 12 * SLOT_SIZE;

  constructor(machine: Machine, names: readonly LibraryName[]) {
    this.#machine = machine;
    this.#names = names;
    this.streams = new Streams(machine.environment);
    this.#context = { machine, args: new Arguments(machine), streams: this.streams };
  }

  install(isSandbox: boolean): void {
    const { memory } = this.#machine;
    const globals = memory.load(VM_GLOBALS);
    const loaded = memory.load(VM_REGISTRY);
    this.#tables.set('base', this.#has('base') ? globals : this.#newTable());
    for (const name of [...LIBRARY_NAMES.slice(1), '*']) this.#tables.set(name, this.#newTable());
    this.#setTable(this.#table('*'), 'globals', this.#table('base'));

    this.#addBuiltins();
    this.#addConstants();
    const base = createBaseFunctions(this.#context);
    this.#addFunctions('base', base.public);
    this.#addFunctions('*', base.internal);
    this.#addFunctions('*', createInternalFunctions(this.#context));
    this.#addFunctions('string', createDumpFunctions(this.#context));
    if (this.#has('os')) this.#addFunctions('os', createOsFunctions(this.#context));
    if (this.#has('debug')) this.#addFunctions('debug', createDebugFunctions(this.#context));
    if (this.#has('io')) this.#addIo();
    if (this.#has('package')) this.#addPackage(loaded);
    this.#runLuaParts();

    if (this.#has('base')) {
      this.#setTable(globals, '_G', globals);
      this.#setTable(loaded, '_G', globals);
      if (isSandbox) for (const name of UNSAFE_BASE) this.#setNil(globals, name);
    }
    for (const name of this.#names) {
      if (name === 'base') continue;
      this.#setTable(globals, name, this.#table(name));
      this.#setTable(loaded, name, this.#table(name));
    }
    if (this.#has('string')) this.#addStringMetatable();
    this.#addHostObjectMetatable();
  }

  #has(name: LibraryName): boolean {
    return this.#names.includes(name);
  }

  /** A table that stays alive. Pinned, because nothing of the program may hold it. */
  #newTable(): number {
    const table = this.#machine.core.newTable(0, 8);
    this.#machine.core.pinObject(table);
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
    const { slots, core } = this.#machine;
    BUILTINS.forEach(({ library, name }, i) => {
      slots.setObject(this.#slot, TAG_BUILTIN, core.newBuiltin(i + 1, slots.nameString(name)));
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

  #addFunctions(library: string, functions: LibraryFunctions): void {
    this.#fill(this.#table(library), functions);
  }

  #fill(table: number, functions: LibraryFunctions): void {
    const { slots } = this.#machine;
    for (const [name, implementation] of Object.entries(functions)) {
      slots.setObject(this.#slot, TAG_BUILTIN, this.#machine.newHostFunction(name, implementation));
      slots.setField(table, name, this.#slot);
    }
  }

  #addIo(): void {
    const { slots } = this.#machine;
    const io = createIoLibrary(this.#context);
    this.#addFunctions('io', io.functions);
    this.#addFunctions('*', io.internal);
    const methods = this.#newTable();
    const metatable = this.#newTable();
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
    const { slots, environment } = this.#machine;
    const table = this.#table('package');
    this.#setTable(table, 'loaded', loaded);
    this.#setTable(table, 'preload', this.#newTable());
    const given = environment.getenv('LUA_PATH_5_4') ?? environment.getenv('LUA_PATH');
    const path = given === undefined ? DEFAULT_PATH : given.replace(/^;;/, `${DEFAULT_PATH};`).replace(/;;$/, `;${DEFAULT_PATH}`).replace(';;', `;${DEFAULT_PATH};`);
    for (const [name, text] of Object.entries({ path, cpath: '', config: '/\n;\n?\n!\n-\n' })) {
      slots.setText(this.#slot, text);
      slots.setField(table, name, this.#slot);
    }
  }

  /** The parts find all libraries in the table of the basic functions, also those that are not installed: these go again. */
  #runLuaParts(): void {
    const machine = this.#machine;
    const base = this.#table('base');
    const libraries = LIBRARY_NAMES.slice(1);
    for (const name of libraries) this.#setTable(base, name, this.#table(name));
    for (const { file, library, isOptional } of LUA_PARTS) {
      const image = LUA_LIBRARIES[file];
      if (image === undefined || (isOptional && !this.#has(library))) continue;
      const environment = machine.pushSlot();
      machine.slots.setObject(environment, TAG_TABLE, base);
      machine.pushChunk(parsePrototypeImage(decodeBase64(image)), environment);
      machine.pushObject(TAG_TABLE, this.#table(library));
      machine.pushObject(TAG_TABLE, this.#table('*'));
      machine.pop(machine.call(2) + 1);
    }
    for (const name of libraries) if (!this.#has(name)) this.#setNil(base, name);
  }

  /** Strings share a metatable whose __index is the string library. */
  #addStringMetatable(): void {
    const metatable = this.#newTable();
    this.#setTable(metatable, '__index', this.#table('string'));
    this.#machine.memory.store(VM_TYPE_METATABLES + 4 * TAG_STRING, metatable);
  }

  /** Host objects in Lua's hands: opaque, but they print as the host prints them. */
  #addHostObjectMetatable(): void {
    const { slots, values } = this.#machine;
    const { args } = this.#context;
    const metatable = this.#newTable();
    values.hostObjectMetatable = metatable;
    this.#fill(metatable, { __tostring: (base) => args.text(base, this.#describeHostObject(base)) });
    slots.setText(this.#slot, 'host object');
    slots.setField(metatable, '__name', this.#slot);
  }

  #describeHostObject(slot: number): string {
    const text = String(this.#machine.values.toHost(slot));
    return text.replace(/[^\x00-\xff]/g, '?');
  }
}
