/** What passes between a pool and its workers. All of it is plain data. */
import { LuaError, type LuaErrorCode, LuaReference, LuaTable, type LuaValue, MoontraceError, type MoontraceErrorCode, type SyntaxLocation } from '../src/api/index-node.ts';
import type { CreateJitOptions } from '../jit/index.ts';
import type { PoolLimits, PoolVmOptions } from './options.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly image: Uint8Array | undefined;
  readonly setup: string | undefined;
  /** Address of the module whose exports its VMs have. */
  readonly modules: string | undefined;
  readonly jit: CreateJitOptions | undefined;
  readonly vm: PoolVmOptions;
  readonly reuse: boolean;
  /** What the setup may take. */
  readonly limits: Pick<PoolLimits, 'timeout' | 'wallTimeout'>;
  readonly cells: SharedArrayBuffer;
}

/** Cells that a worker looks at in the middle of Lua, where no message reaches it. */
export const CELLS = 2;
/** The number of the task that is to end. */
export const CELL_STOP = 0;
/** How many checkpoints of its task have been saved. */
export const CELL_SAVED = 1;

export interface Task {
  /** From 1 on; each is used once. */
  readonly id: number;
  /** A chunk, which gets the arguments; or the image of a VM with a call under way. */
  readonly work: { readonly source: string; readonly args: readonly unknown[] } | { readonly image: Uint8Array };
  /** Buffers of the arguments that are the worker's now. */
  readonly transfer: readonly ArrayBuffer[];
  readonly limits: PoolLimits;
  /** Milliseconds between checkpoints; undefined for none. */
  readonly every: number | undefined;
}

/** To a worker: a task; or that one is to end, for a worker that waits. */
export type Order = { readonly task: Task } | { readonly stop: number };

/** From a worker, about itself: its own code is loaded, what it was given comes next; it takes tasks, and tells each what went wrong, if anything did; its setup took too long, so it is of no use. */
export type Stage = { readonly kind: 'preparing' } | { readonly kind: 'ready' } | { readonly kind: 'unfit'; readonly error: WireError };

/** From a worker, about its task. */
export type Report =
  | { readonly kind: 'progress'; readonly value: unknown }
  | { readonly kind: 'checkpoint'; readonly image: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'done'; readonly results: readonly unknown[] }
  | { readonly kind: 'failed'; readonly error: WireError };

/** An error as it is posted: classes do not survive that. */
export type WireError =
  | { readonly kind: 'lua'; readonly message: string; readonly code: LuaErrorCode; readonly value: unknown; readonly traceback: string; readonly location: SyntaxLocation | undefined; readonly cause: unknown }
  | { readonly kind: 'moontrace'; readonly code: MoontraceErrorCode; readonly detail: string; readonly cause: unknown }
  | { readonly kind: 'other'; readonly message: string; readonly stack: string | undefined };

function isPlainData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value) || value instanceof Map;
}

/**
 * Levels of data within data that can be sent. V8 writes and reads them by recursion, and fails to read, where nobody is told whose they are, what a thread with a larger stack has written: by its defaults the
 * main thread reads not quite 2000 objects within objects.
 */
const MAX_LEVELS = 1000;

const partsOf = (data: object): unknown[] => (data instanceof Map ? [...data].flat() : Object.values(data));

/**
 * A value of Lua's as another thread may have it: tables by their content.
 * @param what it is, for the message
 * @throws MoontraceError bad-value for what is of one VM or one thread: functions, coroutines, userdata, instances of classes; and for what is nested too deeply
 */
export function plain(value: LuaValue, what: string): unknown {
  const converted: unknown = value instanceof LuaTable ? value.toJS({ maps: 'where-needed' }) : value;
  const seen = new Set<unknown>();
  const todo: { readonly found: unknown; readonly level: number }[] = [{ found: converted, level: 1 }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { found, level } = next;
    if (typeof found !== 'object' || found === null || seen.has(found)) continue;
    seen.add(found);
    if (found instanceof LuaReference) throw new MoontraceError('bad-value', `${what}: a ${found.constructor.name} cannot leave its worker`);
    if (ArrayBuffer.isView(found) || found instanceof ArrayBuffer || found instanceof SharedArrayBuffer || found instanceof Date || found instanceof Error) continue;
    if (!isPlainData(found)) throw new MoontraceError('bad-value', `${what}: an instance of ${found.constructor?.name ?? 'a class'} cannot leave its worker`);
    if (level > MAX_LEVELS) throw new MoontraceError('bad-value', `${what}: tables nested more than ${MAX_LEVELS} levels deep cannot leave their worker`);
    // In V8's order: what is met twice is written where it is met first.
    for (const part of partsOf(found).reverse()) if (typeof part === 'object' && part !== null) todo.push({ found: part, level: level + 1 });
  }
  return converted;
}

/** The error of what was posted, but cannot be read. */
export const unreadable = (error: Error): MoontraceError => new MoontraceError('bad-value', `what was sent cannot be read: ${error.message}`, { cause: error });

/** What can be posted of a value that came along with an error; undefined if nothing can. */
function postable(value: unknown): unknown {
  try {
    return structuredClone(value instanceof Error ? value : plain(value as LuaValue, 'the error'));
  } catch {
    return value instanceof Error ? new Error(value.message) : undefined;
  }
}

export function encodeError(error: unknown): WireError {
  if (error instanceof LuaError) {
    const { message, code, value, traceback, location, cause } = error;
    return { kind: 'lua', message, code, value: postable(value), traceback, location, cause: postable(cause) };
  }
  if (error instanceof MoontraceError) return { kind: 'moontrace', code: error.code, detail: error.detail, cause: postable(error.cause) };
  return error instanceof Error ? { kind: 'other', message: error.message, stack: error.stack } : { kind: 'other', message: String(error), stack: undefined };
}

/** @param reason why the host gave the task up, if it did */
export function decodeError(error: WireError, reason: unknown): Error {
  if (error.kind === 'lua') {
    const { message, code, value, traceback, location } = error;
    const cause = code === 'abort' ? reason : error.cause;
    return new LuaError(message, { code, value: value as LuaValue, traceback, ...(location !== undefined && { location }), ...(cause !== undefined && { cause }) });
  }
  const options = { cause: error.kind === 'other' ? Object.assign(new Error(error.message), { stack: error.stack }) : error.cause };
  return error.kind === 'moontrace' ? new MoontraceError(error.code, error.detail, options) : new MoontraceError('host-failure', error.message, options);
}
