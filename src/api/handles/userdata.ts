/** Userdata in the host's hands that stand for no object of the host's: files, and what programs make of them. */
import { perform } from '../boundary.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import { LuaCallable } from './callable.ts';
import { firstResult, operate } from './operations.ts';
import { ownObject } from './reference.ts';

/** A userdata. What it can do is its metatable's to say. */
export class LuaUserdata extends LuaCallable {
  /** `userdata[key]` as Lua has it. @throws LuaError @throws MoontraceError bad-value, bad-handle */
  get<Value extends LuaValue = LuaValue>(key: LuaInput): Value {
    const object = ownObject(this);
    return perform(object.machine, () => firstResult(object.machine, operate('index', object, key))) as Value;
  }

  /** `userdata[key] = value` as Lua has it. @throws LuaError @throws MoontraceError bad-value, bad-handle */
  set(key: LuaInput, value: LuaInput): this {
    const object = ownObject(this);
    perform(object.machine, () => object.machine.pop(operate('assign', object, key, value)));
    return this;
  }

  override get [Symbol.toStringTag](): string {
    return 'LuaUserdata';
  }
}
