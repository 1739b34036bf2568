/** The options of `createVm`, and what they may be. */
import { MAX_STACK_SLOTS } from '../bytecode/layout.ts';
import { LIBRARY_NAMES, type LibraryName, SANDBOX_LIBRARIES } from '../stdlib/library.ts';
import { checkOptions, hasMethods, isArrayOf, isBoolean, isFunction, isNumber, isObject, type OptionChecks } from './check-options.ts';
import { functionNames } from '../engine/core-module.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import type { Installed } from './image/manifest.ts';
import type { HostEnvironment } from '../hosts/environment.ts';
import type { JitPort } from '../engine/jit-port.ts';
import { CATCHABLE_KINDS, type LimitOptions, MIN_STACK_SLOTS } from '../engine/state/limits.ts';

export interface VmOptions extends LimitOptions {
  /**
   * Libraries: 'all' (default), 'sandbox' (nothing that reaches files, the environment, the process or the VM's insides), 'none',
   * or a list.
   */
  readonly libraries?: 'all' | 'sandbox' | 'none' | readonly LibraryName[];
  /** Functions of the libraries that the program is not to have, by full name: `['os.execute', 'io.popen', 'dofile']`. */
  readonly without?: readonly string[];
  /**
   * Whether `os.exit` ends the process, as it does on the command line. By default it ends the call from the host: with a LuaError of code 'exit', whose value is the
   * exit code, and which no pcall catches; `os.exit(code, true)` closes the call's to-be-closed variables before.
   */
  readonly exitsProcess?: boolean;
  /**
   * Whether there are binary chunks: string.dump, and loading what it makes, by the program or by `load` of this VM. They are verified, so this is safe, but
   * one thing less to rely on: `false` by default with the libraries 'sandbox', else `true`.
   */
  readonly binaryChunks?: boolean;
  /**
   * Bytes of memory Lua may use: whole blocks of its linear memory (which grows to a quarter more at most, 16 MB if the limit is low), and what the host keeps for Lua objects. What does
   * not fit has the garbage collected first; only then "not enough memory" is raised. No limit by default.
   */
  readonly memoryLimit?: number;
  /** A JIT, made by `createJit` of `moontrace/jit` for this VM. Without one the VM interprets. */
  readonly jit?: JitPort;
  /**
   * The compiled core, for hosts that compile nothing at run time: `moontrace/core.wasm` as they import it. It has to be of the same version of the package. Or another
   * build of it: the debug build, which checks its heap.
   */
  readonly core?: WebAssembly.Module;
  /** The outside world; what Node or the browser offers by default. What its functions throw, HostFailure aside, is a Lua error. */
  readonly environment?: HostEnvironment;
  /**
   * Called every few milliseconds while Lua runs, compiled or not. What it throws becomes an error at that point of the program. Of this VM it may use
   * `fuel`, `stats` and `close`; all else is refused (MoontraceError busy), as it is while the functions of the environment run.
   */
  readonly onSlice?: () => void;
  /** Standard streams in place of the environment's. The bytes given to `stdout` and `stderr` are only valid during the call. */
  readonly stdout?: (bytes: Uint8Array) => void;
  readonly stderr?: (bytes: Uint8Array) => void;
  /** Fills the target and returns the number of bytes, 0 at the end. */
  readonly stdin?: (target: Uint8Array) => number;
}

/** `load`, `os.exit`, but not what the libraries are built on. */
const IS_FULL_NAME = new RegExp(`^((${LIBRARY_NAMES.join('|')})\\.)?\\w+$`);
const LIBRARY_SETS = ['all', 'sandbox', 'none'] as const;
const METHODS_OF_JIT = ['attach', 'onHotLoop', 'onHotExit', 'onHotFunction', 'onBudget', 'flush', 'blocks', 'settle', 'stats', 'report', 'close'] satisfies (keyof JitPort)[];
const METHODS_OF_ENVIRONMENT = [
  'cpuSeconds', 'now', 'entropy', 'getenv', 'readFile', 'openFile', 'remove', 'rename', 'temporaryName', 'temporaryFile', 'execute', 'openProcess', 'exit',
] satisfies (keyof HostEnvironment)[];
const STREAMS_OF_ENVIRONMENT = ['stdin', 'stdout', 'stderr'] satisfies (keyof HostEnvironment)[];

const isAmount = isNumber((value) => value >= 0, 'an amount expected');
const isLibraryList = isArrayOf(LIBRARY_NAMES, 'names of libraries');
const isEnvironment = hasMethods(METHODS_OF_ENVIRONMENT, 'a HostEnvironment');

/** Also a module of another realm: a frame's, a context's of `node:vm`. */
function isCore(value: unknown): boolean {
  try {
    return functionNames(value as WebAssembly.Module).includes('enterCall');
  } catch {
    return false;
  }
}

export const VM_CHECKS: OptionChecks<VmOptions> = {
  libraries: (value) => (LIBRARY_SETS.includes(value as 'all') || isLibraryList(value) === undefined ? undefined : `'all', 'sandbox', 'none' or an array of names of libraries expected`),
  without: (value) => (Array.isArray(value) && value.every((name) => typeof name === 'string' && IS_FULL_NAME.test(name)) ? undefined : 'an array of names of functions expected'),
  exitsProcess: isBoolean,
  binaryChunks: isBoolean,
  memoryLimit: isNumber((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, 'an integral number of bytes up to 2^32 - 1 expected'),
  jit: hasMethods(METHODS_OF_JIT, 'a JIT, as createJit makes it,'),
  core: (value) => (isCore(value) ? undefined : 'the core as a WebAssembly.Module expected'),
  environment: (value) => isEnvironment(value) ?? (STREAMS_OF_ENVIRONMENT.every((name) => isObject((value as HostEnvironment)[name])) ? undefined : 'an environment with three streams expected'),
  onSlice: isFunction,
  stdout: isFunction,
  stderr: isFunction,
  stdin: isFunction,
  fuel: isAmount,
  timeout: isNumber((value) => value > 0, 'a positive number of milliseconds expected'),
  outputLimit: isAmount,
  interrupt: hasMethods(['take'], 'an Interrupt'),
  stackLimit: isNumber((value) => Number.isInteger(value) && value >= MIN_STACK_SLOTS && value <= MAX_STACK_SLOTS, `an integer from ${MIN_STACK_SLOTS} to ${MAX_STACK_SLOTS} expected`),
  catchable: isArrayOf(CATCHABLE_KINDS, 'kinds of limits'),
};

/** @throws MoontraceError bad-option */
export const checkVmOptions = (given: unknown): VmOptions => checkOptions(given, VM_CHECKS);

/** @throws MoontraceError bad-option */
export function checkFuel(units: unknown): void {
  const problem = isAmount(units);
  if (problem !== undefined) throw new MoontraceError('bad-option', `fuel: ${problem}`);
}

export function librariesOf({ libraries = 'all' }: VmOptions): readonly LibraryName[] {
  if (libraries === 'all') return LIBRARY_NAMES;
  if (libraries === 'none') return [];
  return libraries === 'sandbox' ? SANDBOX_LIBRARIES : libraries;
}

/** The environment with the streams that the options have in its place. @internal */
export function environmentOf(options: VmOptions, createEnvironment: () => HostEnvironment): HostEnvironment {
  const environment = options.environment ?? createEnvironment();
  const { stdout, stderr, stdin } = options;
  if (stdout === undefined && stderr === undefined && stdin === undefined) return environment;
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

/** How libraries are installed in a new VM. @internal */
export function installedBy(options: VmOptions): Installed {
  const isSandbox = options.libraries === 'sandbox';
  return { libraries: librariesOf(options), isSandbox, binaryChunks: options.binaryChunks ?? !isSandbox, without: options.without ?? [] };
}
