/** Lua objects that can be called, and indexed: what tables, functions and userdata have in common. */
import { perform } from '../boundary.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import { allResults, callPushed, firstResult, operate } from './operations.ts';
import { LuaReference, objectOf, ownObject } from './reference.ts';

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

/** Its text, or why there is none. */
export function shortText(handle: LuaReference): string {
  if (objectOf(handle)?.pointer === 0) return 'released';
  try {
    return handle.toString();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error';
  }
}
