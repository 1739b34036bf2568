/** What pools and their tasks are given. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CallOptions, createVm, MoontraceError, type VmOptions } from '../src/api/index-node.ts';
import type { CreateJitOptions } from '../jit/index.ts';

/** Limits of one task: units of work, milliseconds, bytes. See `CallOptions`. */
export type PoolLimits = Pick<CallOptions, 'fuel' | 'timeout' | 'wallTimeout' | 'outputLimit'>;

/** What VMs of a pool are made with: those options of `createVm` that can be posted. */
export type PoolVmOptions = Pick<VmOptions, 'libraries' | 'without' | 'binaryChunks' | 'memoryLimit' | 'stackLimit' | 'catchable'>;

export interface PoolOptions {
  /** How many workers there are at most; as many as the machine runs at once by default. They are started when there is work for them. */
  readonly threads?: number;
  /** What VMs begin as: an image (`Vm.snapshot`). */
  readonly image?: Uint8Array;
  /** Lua that each worker runs once, in the VM from which those of its tasks are forked. What it raises is told to each task. */
  readonly setup?: string;
  /**
   * Path or address of a module that each worker imports. Its exports are globals of the VMs, and what an image finds its functions in: functions, and objects of functions as tables of them. What else
   * it exports, the default included, is left alone.
   */
  readonly modules?: string | URL;
  /** Whether VMs have a JIT, and its options as far as they can be posted. */
  readonly jit?: boolean | CreateJitOptions;
  /**
   * Limits of each task that has none of its own. Those of time hold for the setup as well: a worker whose setup takes longer tells its task, and is replaced. A task that waits for its worker's module or
   * setup has its `wallTimeout` for that, and again when it begins.
   */
  readonly limits?: PoolLimits;
  readonly vm?: PoolVmOptions;
  /** How many tasks may wait for a worker; more are refused (`queue-full`). No limit by default. */
  readonly maxQueue?: number;
  /** Whether tasks of a worker share one VM: what a task leaves behind the next one finds, compiled code included. By default each has a fork of its own, which begins with the code that the setup left. */
  readonly reuse?: boolean;
  /** Limits of each worker's heap of the host (MB), as `Worker` takes them: one that exceeds them dies. */
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb?: number; readonly maxYoungGenerationSizeMb?: number; readonly stackSizeMb?: number };
}

export interface Checkpoint {
  /** Milliseconds between them at least. */
  readonly every: number;
  /** Gets the image, for `LuaPool.resume`; the next is made when this is done, its promise included. What it throws ends the task. */
  readonly save: (image: Uint8Array<ArrayBuffer>) => void | PromiseLike<void>;
}

export interface ResumeOptions {
  /** Gives the task up when it fires: its to-be-closed variables are closed, and its promise is rejected with a LuaError of code 'abort'. */
  readonly signal?: AbortSignal;
  /** Gets what the task gives to `pool.progress(value)`. What it throws ends the task. */
  readonly onProgress?: (value: unknown) => void;
  readonly checkpoint?: Checkpoint;
}

export interface RunOptions extends ResumeOptions {
  /** In place of the pool's, one by one. */
  readonly limits?: PoolLimits;
  /**
   * Buffers of typed arrays among the arguments: these go to the worker without a copy, Lua reads and writes them in place, from 1 on, and where they are results they come back without a copy. A task with checkpoints gets
   * tables, as for other typed arrays.
   */
  readonly transfer?: readonly ArrayBuffer[];
}

export type MapOptions = Omit<RunOptions, 'transfer' | 'checkpoint'>;

export interface CloseOptions {
  /** Gives up the tasks there are (`pool-closed`); else they are done first. */
  readonly terminate?: boolean;
}

/** The most that an array of arguments or options may have: as many as there is room for on the stack of a VM. */
const MAX_LIST = 1_000_000;

/** A copy of an array; undefined for what is none, or claims to be longer than any may be. */
export function listOf(value: unknown): unknown[] | undefined {
  try {
    return Array.isArray(value) && value.length <= MAX_LIST ? [...value] : undefined;
  } catch {
    return undefined;
  }
}

type Check = (value: unknown) => boolean;
const isFunction: Check = (value) => typeof value === 'function';
const isObject: Check = (value) => typeof value === 'object' && value !== null;
const isCount = (least: number): Check => (value) => (Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && (value as number) >= least;
const isAmount: Check = (value) => typeof value === 'number' && value >= 0;
const isTime: Check = (value) => typeof value === 'number' && value > 0;
/** What timers take. */
const MAX_TIMER = 0x7fffffff;
const isText: Check = (value) => typeof value === 'string';

type Checks<Options> = { readonly [Name in keyof Options]-?: readonly [check: Check, expected: string] };

const POOL: Checks<PoolOptions> = {
  threads: [(value) => Number.isInteger(value) && (value as number) >= 1, 'a number of workers from 1 expected'],
  image: [(value) => value instanceof Uint8Array, 'a Uint8Array expected'],
  setup: [isText, 'Lua as a string expected'],
  modules: [(value) => isText(value) || value instanceof URL, 'a path or a URL expected'],
  jit: [(value) => typeof value === 'boolean' || isObject(value), 'a boolean or options of createJit expected'],
  limits: [isObject, 'an object expected'],
  vm: [isObject, 'an object expected'],
  maxQueue: [isCount(0), 'a number of tasks expected'],
  reuse: [(value) => typeof value === 'boolean', 'a boolean expected'],
  resourceLimits: [isObject, 'an object expected'],
};
const LIMITS: Checks<PoolLimits> = {
  fuel: [isAmount, 'an amount expected'],
  timeout: [isTime, 'a positive number of milliseconds expected'],
  wallTimeout: [(value) => isTime(value) && (value as number) <= MAX_TIMER, `a positive number of milliseconds up to ${MAX_TIMER} expected`],
  outputLimit: [isAmount, 'an amount expected'],
};
const isSize = [isAmount, 'a number of MB expected'] as const;
const RESOURCES: Checks<NonNullable<PoolOptions['resourceLimits']>> = { maxOldGenerationSizeMb: isSize, maxYoungGenerationSizeMb: isSize, stackSizeMb: isSize };
const RESUME: Checks<ResumeOptions> = {
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal expected'],
  onProgress: [isFunction, 'a function expected'],
  checkpoint: [(value) => isObject(value) && isTime((value as Checkpoint).every) && isFunction((value as Checkpoint).save), '{ every: milliseconds, save: a function } expected'],
};
const RUN: Checks<RunOptions> = {
  ...RESUME,
  limits: [isObject, 'an object expected'],
  transfer: [(value) => listOf(value)?.every((item) => item instanceof ArrayBuffer) === true, 'an array of ArrayBuffers expected'],
};
const { transfer: _, checkpoint: __, ...MAP } = RUN;
const CLOSE: Checks<CloseOptions> = { terminate: [(value) => typeof value === 'boolean', 'a boolean expected'] };
const isAnything: Checks<PoolVmOptions>[keyof PoolVmOptions] = [() => true, ''];
/** Of VMs these alone can be posted; what they may be `createVm` knows. */
const VM: Checks<PoolVmOptions> = { libraries: isAnything, without: isAnything, binaryChunks: isAnything, memoryLimit: isAnything, stackLimit: isAnything, catchable: isAnything };

const bad = (name: string, text: string): MoontraceError => new MoontraceError('bad-option', `${name}: ${text}`);

function check<Options extends object>(given: unknown, checks: Checks<Options>, prefix = ''): Options {
  const options = given ?? {};
  if (typeof options !== 'object') throw new MoontraceError('bad-argument', 'options: an object expected');
  const checked: Record<string, unknown> = {};
  let at = 'options';
  try {
    for (const [name, value] of Object.entries(options)) {
      at = `${prefix}${name}`;
      const entry = Object.hasOwn(checks, name) ? checks[name as keyof Options] : undefined;
      if (entry === undefined) throw bad(at, 'there is no such option');
      if (value === undefined) continue;
      if (!entry[0](value)) throw bad(at, entry[1]);
      checked[name] = value;
    }
  } catch (error) {
    if (error instanceof MoontraceError) throw error;
    throw new MoontraceError('bad-option', `${at}: it cannot be read`, { cause: error });
  }
  return checked as Options;
}

const checkLimits = (given: unknown): PoolLimits => check(given, LIMITS, 'limits.');

/** @throws MoontraceError bad-option */
export function checkPoolOptions(given: unknown): PoolOptions {
  const options = check(given, POOL);
  const vm = check(options.vm, VM, 'vm.');
  if (options.image !== undefined && vm.without !== undefined) throw bad('vm.without', 'an image has the libraries that it has');
  // Only a VM knows what its options may be.
  if (options.vm !== undefined) createVm(vm).close();
  try {
    structuredClone(options.jit);
  } catch (error) {
    throw new MoontraceError('bad-option', 'jit: options that can be posted expected', { cause: error });
  }
  return { ...options, vm, limits: checkLimits(options.limits), resourceLimits: check(options.resourceLimits, RESOURCES, 'resourceLimits.') };
}

function withLimits<Options extends RunOptions>(options: Options): Options {
  return options.limits === undefined ? options : { ...options, limits: checkLimits(options.limits) };
}

/** @throws MoontraceError bad-option */
export const checkRunOptions = (given: unknown): RunOptions => withLimits(check(given, RUN));
/** @throws MoontraceError bad-option */
export const checkMapOptions = (given: unknown): MapOptions => withLimits(check<MapOptions>(given, MAP));
/** @throws MoontraceError bad-option */
export const checkCloseOptions = (given: unknown): CloseOptions => check(given, CLOSE);
/** @throws MoontraceError bad-option */
export const checkResumeOptions = (given: unknown): ResumeOptions => check(given, RESUME);

/** The address of a module. */
export function moduleAddress(modules: string | URL): string {
  if (modules instanceof URL) return modules.href;
  return /^[a-z][a-z0-9+.-]+:/i.test(modules) ? modules : pathToFileURL(resolve(modules)).href;
}
