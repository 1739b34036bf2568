/** Lua objects that can be called, and indexed: what tables, functions and userdata have in common. */
import { perform } from '../boundary.ts';
import { type CallOptions, checkCallOptions } from '../calls/options.ts';
import { callLimited, createExecution, type PushFunction, runToEnd } from '../calls/run.ts';
import type { Machine } from '../../engine/machine.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import { allResults, callPushed, firstResult, operate } from './operations.ts';
import { checkHeld, LuaReference, objectOf, ownObject } from './reference.ts';

/** What Node asks an object for when it shows it. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** A Lua object that may be called. All methods @throw LuaError, MoontraceError released, closed, busy. */
export class LuaCallable<Args extends readonly LuaInput[] = readonly LuaInput[], Results extends LuaValue[] = LuaValue[]> extends LuaReference {
  /**
   * Calls it, by `__call` if it is no function, and returns all its results.
   * @throws LuaError @throws MoontraceError bad-value, bad-handle for an argument; closed, also if the VM was closed by what ran
   */
  call(...args: Args): Results {
    const { machine, pointer, tag } = ownObject(this);
    return perform(machine, () => {
      machine.pushObject(tag, pointer);
      return allResults(machine, callPushed(machine, args));
    }) as readonly LuaValue[] as Results;
  }

  /** As `call`, but only the first result. */
  call1(...args: Args): Results[0] {
    const { machine, pointer, tag } = ownObject(this);
    return perform(machine, () => {
      machine.pushObject(tag, pointer);
      return firstResult(machine, callPushed(machine, args));
    });
  }

  /**
   * Calls it on a thread of its own. Where it calls a host function that returns a promise, in a coroutine, a callback or a metamethod as well, it waits, and others run
   * meanwhile. It begins at once, and runs until it waits for the first time.
   * @returns all its results @throws as `call`, but always by the promise
   */
  async callAsync(...args: Args): Promise<Results> {
    const { machine, push } = callee(this);
    return (await runToEnd(machine, createExecution(machine, push, args, {}), {})) as LuaValue[] as Results;
  }

  /** Calls with limits of their own. @throws MoontraceError bad-option */
  with(options?: CallOptions): LuaCall<Args, Results> {
    return new LuaCall(this, checkCallOptions(options));
  }

  /** As Lua's `tostring`, `__tostring` and `__name` included. */
  override toString(): string {
    const object = ownObject(this);
    return String(perform(object.machine, () => firstResult(object.machine, operate('tostring', object))));
  }

  /** JSON has no such thing: left out. */
  toJSON(): unknown {
    return undefined;
  }

  /** What `util.inspect` and `console.log` of Node show. */
  [INSPECT](_depth?: number, _options?: object, _inspect?: unknown): string {
    return `${this[Symbol.toStringTag]} <${shortText(this)}>`;
  }
}

/** A function, or what else is called, as the engine calls it. @throws MoontraceError bad-handle, released @internal */
export function callee(callable: LuaReference): { readonly machine: Machine; readonly push: PushFunction } {
  const object = ownObject(callable);
  return {
    machine: object.machine,
    push: () => {
      checkHeld(object);
      object.machine.pushObject(object.tag, object.pointer);
    },
  };
}

/** Calls of a function with limits of their own: `fn.with({ timeout: 50, signal }).callAsync(...)`. */
export class LuaCall<Args extends readonly LuaInput[] = readonly LuaInput[], Results extends LuaValue[] = LuaValue[]> {
  readonly #callable: LuaReference;
  readonly #options: CallOptions;

  /** @internal */
  constructor(callable: LuaReference, options: CallOptions) {
    this.#callable = callable;
    this.#options = options;
  }

  /** As `LuaCallable.call`, within the limits. */
  call(...args: Args): Results {
    const { machine, push } = callee(this.#callable);
    return callLimited(machine, push, args, this.#options) as LuaValue[] as Results;
  }

  /** As `call`, but only the first result. */
  call1(...args: Args): Results[0] {
    return this.call(...args)[0];
  }

  /** As `LuaCallable.callAsync`, within the limits. */
  async callAsync(...args: Args): Promise<Results> {
    const { machine, push } = callee(this.#callable);
    return (await runToEnd(machine, createExecution(machine, push, args, this.#options), this.#options)) as LuaValue[] as Results;
  }
}

/** Its text, or why there is none. */
export function shortText(handle: LuaReference): string {
  if (objectOf(handle)?.pointer === 0) return 'released';
  try {
    return handle.toString();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error';
  }
}
