/** The values that pass between Lua and its host, as users' types see them. values.ts converts them. */
import type { LuaReference } from './handles/reference.ts';
import type { Results } from './values/markers.ts';
import type { AsyncLuaSequence, LuaSequence } from '../engine/run/host-generator.ts';

/**
 * An object of the host's that Lua holds as an opaque userdata: an instance of some class, a Date. Not what would be taken for something else: a promise; an
 * iterable, as arrays and Maps are; a function.
 */
export type HostObject = object & { readonly then?: never; readonly [Symbol.iterator]?: never; readonly [Symbol.hasInstance]?: never };

/** Anything that comes out of Lua. Host objects come out as themselves. */
export type LuaValue = undefined | boolean | number | bigint | string | Uint8Array | LuaReference | HostObject;

/** Arrays of numbers that are copied into tables. A Uint8Array is a string. */
export type NumericArray = Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array;

/** The properties of a plain object. */
export interface LuaInputRecord {
  readonly [name: string]: LuaInput;
}

/** What a table is filled from, at any depth: arrays (indices from 1), plain objects, Maps, typed arrays. */
export type TableContent = readonly LuaInput[] | LuaInputRecord | ReadonlyMap<LuaInput, LuaInput> | NumericArray | HostObject;

/** Anything that may go into Lua; null is nil, as undefined is. */
export type LuaInput = LuaValue | null | HostFunction | TableContent;

/** What a host function gives, or promises. */
export type HostResult = LuaInput | Results<readonly LuaInput[]> | void;

/**
 * A function of the host's. It gets Lua's arguments, converted; what it throws is a Lua error; several results are `results(...)`. Where it returns a promise the program waits, if it
 * was called in a way in which it can (`callAsync`). It may be a generator (`callLua`).
 */
export type HostFunction = {
  // A method's parameters may be narrower than declared: who writes one says what it expects.
  call(...args: LuaValue[]): HostResult | PromiseLike<HostResult> | LuaSequence | AsyncLuaSequence;
}['call'];
