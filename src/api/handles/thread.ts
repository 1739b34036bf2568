/** Coroutines in the host's hands. */
import { LuaCallable } from './callable.ts';

/** A coroutine (thread). */
export class LuaThread extends LuaCallable {
  override get [Symbol.toStringTag](): string {
    return 'LuaThread';
  }
}
