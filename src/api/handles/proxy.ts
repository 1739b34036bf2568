/** Tables as objects of the host whose properties are their fields. */
import type { LuaInput, LuaValue } from '../types.ts';
import { LuaCallable } from './callable.ts';
import { type LuaReference, letStandFor } from './reference.ts';

/** A table (table.ts, which imports this file). */
interface Fields extends LuaCallable {
  get(key: LuaInput): LuaValue;
  set(key: LuaInput, value: LuaInput): unknown;
  has(key: LuaInput): boolean;
  delete(key: LuaInput): boolean;
  keys(): LuaValue[];
}

/** What a property's name is as a key. */
const keyOf = (name: string): string | number => (/^[1-9]\d{0,14}$/.test(name) ? Number(name) : name);

/** A table has methods that a function has not. */
const isTable = (value: LuaValue): value is Fields & LuaReference => value instanceof LuaCallable && 'proxy' in value;

function shown(value: LuaValue): unknown {
  if (isTable(value)) return createProxy(value);
  return value instanceof LuaCallable ? (...args: LuaInput[]) => shown(value.call1(...args)) : value;
}

export function createProxy(table: Fields): object {
  const proxy = new Proxy(Object.create(null) as object, {
    get: (_, name) => (typeof name === 'symbol' ? undefined : shown(table.get(keyOf(name)))),
    set: (_, name, value) => typeof name === 'string' && table.set(keyOf(name), value as LuaInput) !== undefined,
    has: (_, name) => typeof name === 'string' && table.has(keyOf(name)),
    deleteProperty: (_, name) => typeof name === 'string' && (table.delete(keyOf(name)), true),
    ownKeys: () => [...new Set(table.keys().filter((key) => typeof key === 'string' || typeof key === 'number').map(String))],
    getOwnPropertyDescriptor: (_, name) => {
      const value = typeof name === 'string' ? table.get(keyOf(name)) : undefined;
      return value === undefined ? undefined : { value: shown(value), writable: true, enumerable: true, configurable: true };
    },
    defineProperty: () => false,
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  });
  letStandFor(proxy, table);
  return proxy;
}
