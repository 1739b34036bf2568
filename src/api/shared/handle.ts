/** What is posted to another thread for it to use a shared VM: plain data. */
import { MoontraceError } from '../../engine/errors/errors.ts';
import { holdsSharedVm } from '../../engine/shared/cells.ts';
import type { VmOptions } from '../options.ts';
import { isObject } from '../check-options.ts';
import { VERSION } from '../version.ts';

/** Options of a VM that are the same in all threads. */
const COMMON = ['libraries', 'without', 'exitsProcess', 'binaryChunks', 'timeout', 'outputLimit', 'stackLimit', 'catchable'] as const satisfies readonly (keyof VmOptions)[];
export type CommonOptions = Pick<VmOptions, (typeof COMMON)[number]>;

/** Names a shared VM. It may be posted, cloned and kept; `SharedVm.attach` makes it usable in the thread it comes to. */
export interface SharedHandle {
  readonly version: string;
  readonly memory: WebAssembly.Memory;
  readonly core: WebAssembly.Module;
  /** Of the switch that stops what runs: `new Interrupt(handle.interrupt).request()`. */
  readonly interrupt: SharedArrayBuffer | ArrayBuffer;
  /** Whether threads may bring a JIT. */
  readonly compiles: boolean;
  readonly options: CommonOptions;
}

export function commonOptions(options: VmOptions): CommonOptions {
  return Object.fromEntries(COMMON.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

/** @throws MoontraceError bad-argument */
export function checkHandle(given: unknown): SharedHandle {
  const handle = given as SharedHandle;
  if (!isObject(given) || !(handle.memory instanceof WebAssembly.Memory) || !(handle.core instanceof WebAssembly.Module) || !isObject(handle.options)) {
    throw new MoontraceError('bad-argument', 'handle: that of a SharedVm expected');
  }
  if (handle.version !== VERSION) throw new MoontraceError('bad-argument', `handle: of version ${String(handle.version)} of the package, this is ${VERSION}`);
  if (!holdsSharedVm(handle.memory)) throw new MoontraceError('bad-argument', 'handle: there is no VM in its memory');
  return handle;
}

/** Bytes a memory may have beyond its limit (src/core/memory/limit.ts), and those below the heap. */
const SLACK = 16 << 20;
const BELOW = 1 << 20;

/** An empty shared memory for a VM with this limit. @throws MoontraceError not-shared */
export function newSharedMemory(memoryLimit: number, maximumPages: number, initialPages: number): WebAssembly.Memory {
  const bytes = memoryLimit === 0 ? Number.POSITIVE_INFINITY : BELOW + memoryLimit + Math.max(memoryLimit / 4, SLACK);
  const maximum = Math.min(maximumPages, Math.max(initialPages, Math.ceil(bytes / 65536)));
  try {
    return new WebAssembly.Memory({ initial: initialPages, maximum, shared: true });
  } catch (error) {
    throw new MoontraceError('not-shared', 'this host has no memory that threads can share; browsers have it in pages that are cross-origin isolated', { cause: error });
  }
}
