/** Functions in the host's hands. */
import { perform } from '../boundary.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import { LuaCallable } from './callable.ts';
import { firstResult, operate } from './operations.ts';
import { objectOf, ownObject } from './reference.ts';

/** A function, Lua's or the host's. */
export class LuaFunction<Args extends readonly LuaInput[] = readonly LuaInput[], Results extends LuaValue[] = LuaValue[]> extends LuaCallable<Args, Results> {
  /** A Lua function that calls this one with these arguments before its own. @throws LuaError @throws MoontraceError bad-value, bad-handle */
  bind(...args: readonly LuaInput[]): LuaFunction<readonly LuaInput[], Results> {
    const own = ownObject(this);
    return perform(own.machine, () => {
      let bound: LuaFunction = this as unknown as LuaFunction;
      for (const arg of args) bound = firstResult(own.machine, operate('bind', objectOf(bound) ?? own, arg)) as LuaFunction;
      return bound as unknown as LuaFunction<readonly LuaInput[], Results>;
    });
  }

  override get [Symbol.toStringTag](): string {
    return 'LuaFunction';
  }
}
