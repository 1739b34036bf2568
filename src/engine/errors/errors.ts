/**
 * The errors a user of the API sees. `LuaError` carries a Lua error value out of the VM; `MoontraceError` reports misuse of the API
 * or a failure of the engine, with a code from one table.
 */
import type { LuaValue } from '../lua-value.ts';

/** Codes and texts of MoontraceError. */
export const MOONTRACE_ERRORS = {
  'bad-option': 'bad option',
  'bad-argument': 'bad argument',
  'bad-value': 'value cannot be passed to Lua',
  'bad-handle': 'the handle belongs to another VM',
  'released': 'the handle was given back',
  'stale-root': 'the ticket is stale',
  'not-portable': 'what cannot be part of an image',
  'bad-image': 'the image cannot be used',
  'foreign-image': 'the image was made for something else',
  'not-async': 'a host function has to be waited for',
  'closed': 'the VM is closed',
  'busy': 'the VM is in the middle of something',
  'would-block': 'the VM is in use by another thread',
  'wrong-thread': 'it is not of this thread',
  'not-shared': 'not of shared VMs',
  'abandoned': 'a thread was gone in the middle of running it',
  'worker-died': 'the worker of a task is gone',
  'queue-full': 'too many tasks wait',
  'pool-closed': 'the pool is closed',
  'no-such-file': 'cannot read the file',
  'no-webassembly': 'WebAssembly cannot be compiled here',
  'host-failure': 'the host environment failed',
  'contract': 'contract',
  'core-failure': 'the core stopped unexpectedly',
} as const;

export type MoontraceErrorCode = keyof typeof MOONTRACE_ERRORS;

/**
 * Each bundle of the package has these classes of its own; a mark on their prototypes makes `instanceof` hold across them.
 * Subclasses are told apart as usual.
 */
function hasMark(value: unknown, mark: symbol): boolean {
  try {
    return typeof value === 'object' && value !== null && mark in value;
  } catch {
    return false;
  }
}

const isOrdinaryInstance = Function.prototype[Symbol.hasInstance];

/** Symbol.hasInstance of a class whose prototype has a mark. */
function instanceByMark(mark: symbol): (this: { readonly prototype: object }, value: unknown) => boolean {
  return function (value) {
    return Object.hasOwn(this.prototype, mark) ? hasMark(value, mark) : isOrdinaryInstance.call(this, value);
  };
}

const ERROR_MARK = Symbol.for('moontrace.MoontraceError');
const LUA_ERROR_MARK = Symbol.for('moontrace.LuaError');

/** Misuse of the API, or a failure of the engine itself. */
export class MoontraceError extends Error {
  override readonly name: string = 'MoontraceError';
  readonly code: MoontraceErrorCode;
  /** The message without what the code says. */
  readonly detail: string;

  constructor(code: MoontraceErrorCode, detail: string, options?: ErrorOptions) {
    super(`${MOONTRACE_ERRORS[code]}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get [ERROR_MARK](): true {
    return true;
  }

  static override readonly [Symbol.hasInstance] = instanceByMark(ERROR_MARK);
}

/** What kind of failure a LuaError reports: an error of the program, or the limit of the host's that it ran into. */
export type LuaErrorCode = 'syntax' | 'runtime' | 'memory' | 'fuel' | 'interrupt' | 'timeout' | 'stack' | 'output' | 'abort' | 'exit';

export interface LuaErrorOptions {
  readonly code: LuaErrorCode;
  /** The error value as the host sees it. */
  readonly value: LuaValue;
  /** "stack traceback: ..." as `lua` prints it, '' for syntax errors. */
  readonly traceback: string;
  /** The host's exception, when one caused the error. */
  readonly cause?: unknown;
  /** Where a chunk cannot be compiled. */
  readonly location?: SyntaxLocation;
}

/** Where a syntax error is. */
export interface SyntaxLocation {
  /** The chunk, as messages name it. */
  readonly chunk: string;
  readonly line: number;
  /** The token at which the compiler gave up, `<eof>` for the end; undefined where it names none. */
  readonly near: string | undefined;
}

/** A Lua error that left the VM. */
export class LuaError extends Error {
  override readonly name = 'LuaError';
  readonly code: LuaErrorCode;
  readonly value: LuaValue;
  readonly traceback: string;
  /** For syntax errors of source text. */
  readonly location: SyntaxLocation | undefined;

  constructor(message: string, options: LuaErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.value = options.value;
    this.traceback = options.traceback;
    this.location = options.location;
  }

  get [LUA_ERROR_MARK](): true {
    return true;
  }

  static override readonly [Symbol.hasInstance] = instanceByMark(LUA_ERROR_MARK);
}
