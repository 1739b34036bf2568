/** Tables in the host's hands. */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../../bytecode/host-scratch.ts';
import { TABLE_METATABLE } from '../../bytecode/layout.ts';
import type { LuaInput as AnyInput } from '../../engine/lua-value.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { perform } from '../boundary.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import { INSPECT, LuaCallable, shortText } from './callable.ts';
import type { LuaFunction } from './function.ts';
import { firstResult, iterate, operate } from './operations.ts';
import { createProxy } from './proxy.ts';
import { type ObjectOfLua, ownObject } from './reference.ts';
import { checkToJsOptions, tableToJs, type ToJsOptions } from './to-js.ts';

/**
 * A table. Reads and writes call metamethods, as in Lua; those whose name begins with `raw`, and `toJS`, do not.
 * All methods @throw LuaError, MoontraceError released, closed, busy.
 */
export class LuaTable extends LuaCallable {
  /** `table[key]`. @throws LuaError of a metamethod @throws MoontraceError bad-value, bad-handle for the key */
  get<Value extends LuaValue = LuaValue>(key: LuaInput): Value {
    const object = ownObject(this);
    return perform(object.machine, () => (hasMetatable(object) ? firstResult(object.machine, operate('index', object, key as AnyInput)) : rawGet(object, key))) as Value;
  }

  /** `table[key] = value`. @throws MoontraceError bad-value, bad-handle @throws LuaError for a key that is nil or NaN, or of a metamethod */
  set(key: LuaInput, value: LuaInput): this {
    const object = ownObject(this);
    perform(object.machine, () => (hasMetatable(object) ? object.machine.pop(operate('assign', object, key as AnyInput, value as AnyInput)) : rawSet(object, key, value)));
    return this;
  }

  /** Whether `table[key]` is anything but nil. */
  has(key: LuaInput): boolean {
    return this.get(key) !== undefined;
  }

  /** `table[key] = nil`. @returns whether there was something */
  delete(key: LuaInput): boolean {
    const had = this.has(key);
    if (had) this.set(key, undefined);
    return had;
  }

  /** `#table`. @throws LuaError if `__len` gives no number */
  get length(): number {
    const object = ownObject(this);
    return perform(object.machine, () => {
      if (!hasMetatable(object)) return Number(object.machine.core.tableLength(object.pointer));
      const length = firstResult(object.machine, operate('length', object));
      if (typeof length === 'number' || typeof length === 'bigint') return Number(length);
      throw new MoontraceError('bad-value', 'the length of the table is not a number');
    });
  }

  /** As Lua's `rawget`. @throws MoontraceError bad-value, bad-handle */
  rawGet<Value extends LuaValue = LuaValue>(key: LuaInput): Value {
    const object = ownObject(this);
    return perform(object.machine, () => rawGet(object, key)) as Value;
  }

  /** As Lua's `rawset`. @throws MoontraceError bad-value, bad-handle @throws LuaError for a key that is nil or NaN */
  rawSet(key: LuaInput, value: LuaInput): this {
    const object = ownObject(this);
    perform(object.machine, () => rawSet(object, key, value));
    return this;
  }

  /** All pairs as `pairs` gives them, taken at once: the table may change meanwhile. */
  entries(): [LuaValue, LuaValue][] {
    const object = ownObject(this);
    if (hasMetatable(object)) return [...this];
    const { machine, pointer } = object;
    return perform(machine, () => {
      const found: [LuaValue, LuaValue][] = [];
      machine.slots.setNil(SCRATCH_ACCESS_KEY);
      while (machine.core.tableNext(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_KEY)) {
        found.push([machine.values.toHost(SCRATCH_ACCESS_KEY) as LuaValue, machine.values.toHost(SCRATCH_ACCESS_VALUE) as LuaValue]);
      }
      return found;
    });
  }

  /** Their keys. */
  keys(): LuaValue[] {
    return this.entries().map(([key]) => key);
  }

  /** Their values. */
  values(): LuaValue[] {
    return this.entries().map(([, value]) => value);
  }

  /** The pairs one by one, as a `for` with `pairs` meets them, `__pairs` included: fields may be changed meanwhile, but none added. */
  *[Symbol.iterator](): Generator<[LuaValue, LuaValue], void> {
    const object = ownObject(this);
    const { machine } = object;
    // The key stays in Lua: not every one comes back as it was.
    const step = perform(machine, () => firstResult(machine, iterate(object))) as LuaFunction;
    try {
      for (;;) {
        const [key, value] = step.call() as LuaValue[];
        if (key === undefined) return;
        yield [key, value];
      }
    } finally {
      step.release();
    }
  }

  /**
   * Its content as values of the host, raw, at any depth: keys from 1 to n become an array from 0, other tables a plain object; functions and the like stay handles; cycles
   * stay cycles.
   * @throws MoontraceError bad-option; bad-value for keys that an object cannot have (`maps: true` can)
   */
  toJS<Value = unknown>(options?: ToJsOptions): Value {
    const object = ownObject(this);
    const checked = checkToJsOptions(options);
    return perform(object.machine, () => tableToJs(object, checked)) as Value;
  }

  override toJSON(): unknown {
    return this.toJS();
  }

  /**
   * The table as an object whose properties are its fields, read and written as `get` and `set` do: tables in it are such objects, too, functions can be called, and give their first
   * result; names that are positive integers are integers.
   */
  proxy<Shape extends object = Record<string, unknown>>(): Shape {
    ownObject(this).machine.access.checkOpen();
    return createProxy(this) as Shape;
  }

  /** @param depth levels that are still shown */
  override [INSPECT](depth = 2, options: { readonly depth?: number | null } = {}, inspect?: (value: unknown, options: object) => string): string {
    try {
      if (depth < 0 || inspect === undefined) return `[${this[Symbol.toStringTag]}]`;
      const levels = depth >= 0 && Number.isFinite(depth) ? Math.floor(depth) + 1 : Number.POSITIVE_INFINITY;
      return `${this[Symbol.toStringTag]} ${inspect(this.toJS({ depth: levels, maps: 'where-needed' }), { ...options, depth })}`;
    } catch {
      return `${this[Symbol.toStringTag]} <${shortText(this)}>`;
    }
  }

  override get [Symbol.toStringTag](): string {
    return 'LuaTable';
  }
}

const hasMetatable = ({ machine, pointer }: ObjectOfLua): boolean => machine.memory.load(pointer + TABLE_METATABLE) !== 0;

function rawGet({ machine, pointer }: ObjectOfLua, key: LuaInput): LuaValue {
  machine.values.toLua(SCRATCH_ACCESS_KEY, key as AnyInput);
  machine.core.tableGet(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  return machine.values.toHost(SCRATCH_ACCESS_VALUE) as LuaValue;
}

function rawSet({ machine, pointer }: ObjectOfLua, key: LuaInput, value: LuaInput): void {
  machine.values.toLua(SCRATCH_ACCESS_KEY, key as AnyInput);
  machine.values.toLua(SCRATCH_ACCESS_VALUE, value as AnyInput);
  machine.core.tableSet(pointer, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
}
