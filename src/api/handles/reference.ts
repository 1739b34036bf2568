/** What all Lua objects in the host's hands have in common, and what the engine sees of it. */
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { Machine } from '../../engine/machine.ts';

declare global {
  interface SymbolConstructor {
    /** What `using` calls at the end of a block. */
    readonly dispose: unique symbol;
  }
}

/** `Symbol.dispose`, or what stands for it in a host that has none. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

/** Who keeps Lua objects for the host (registry.ts). */
interface Keeper {
  keep(object: ObjectOfLua): void;
  release(object: ObjectOfLua): void;
}

/** A Lua object as the engine knows it. @internal */
export interface ObjectOfLua {
  /** The machine it lives in. */
  readonly machine: Machine;
  readonly keeper: Keeper;
  /** Its address; it does not move. 0 once it was released. */
  pointer: number;
  readonly tag: number;
}

/** What a reference, or what stands for one, refers to; undefined for anything else, proxies of references included. For the engine: users cannot see it. @internal */
export let objectOf: (value: object) => ObjectOfLua | undefined;

const standIns = new WeakMap<object, ObjectOfLua>();

/** Lets an object go into Lua as the one that a reference refers to. @internal */
export function letStandFor(standIn: object, reference: LuaReference): void {
  standIns.set(standIn, ownObject(reference));
}

/**
 * A collectable Lua object held by the host, which keeps it alive. It is let go of by `release`, by `using`, at the end of the `vm.scope` or of the call of a
 * host function that it was handed out in, or when the host has dropped the handle and its collector has noticed.
 */
export class LuaReference {
  readonly #object: ObjectOfLua;

  /** @internal */
  constructor(object: ObjectOfLua) {
    this.#object = object;
  }

  static {
    objectOf = (value) => (#object in value ? value.#object : standIns.get(value));
  }

  /** Lets the handle outlive the scope or the call of a host function that it was handed out in. @throws MoontraceError released, closed, busy @throws LuaError memory */
  keep(): this {
    const object = ownObject(this);
    object.machine.access.checkAlive();
    object.keeper.keep(object);
    return this;
  }

  /** Gives the handle back, which then is of no use any more; one that was handed out several times, when it was given back as often. */
  release(): void {
    const object = objectOf(this);
    if (object === undefined) throw new MoontraceError('bad-handle', 'its methods are only for itself');
    object.keeper.release(object);
  }

  /** As `release`: `using table = vm.newTable()`. */
  [DISPOSE](): void {
    this.release();
  }

  get [Symbol.toStringTag](): string {
    return 'LuaReference';
  }
}

/** As `objectOf` for a handle's own methods, which may be called on anything. @throws MoontraceError bad-handle, released @internal */
export function ownObject(handle: LuaReference): ObjectOfLua {
  const object = objectOf(handle);
  if (object === undefined) throw new MoontraceError('bad-handle', 'its methods are only for itself');
  checkHeld(object);
  return object;
}

/** @throws MoontraceError released @internal */
export function checkHeld(object: ObjectOfLua): void {
  if (object.pointer === 0) throw new MoontraceError('released', 'by release, or at the end of the scope or of the host function it was handed out in: keep() makes it last');
}
