/**
 * Pinned objects: those of the trace being recorded, and those of each live trace. A trace belongs to the prototype its tree starts in: it keeps
 * what it names alive as long as that lives, and no longer; prototypes are watched, so that what is known of them goes with them.
 */
import type { CoreExports } from '../../src/engine/core-module.ts';

export class Pins {
  readonly #core: CoreExports;
  #current: number[] = [];
  readonly #live = new Set<number>();

  constructor(core: CoreExports) {
    this.#core = core;
  }

  /** A recording starts. */
  begin(): void {
    this.#current = [];
  }

  /** Pins an object for the trace being recorded. */
  add(object: number): void {
    this.#current.push(this.#pin(object));
  }

  /** @returns a handle by which to ask whether the prototype is alive; does not keep it alive */
  watch(proto: number): number {
    const handle = this.#pin(proto);
    this.#core.setPinOwner(handle, proto);
    return handle;
  }

  isAlive(handle: number): boolean {
    return this.#core.pinnedValue(handle) !== 0;
  }

  /** The objects, as `adopt` takes them. */
  objects(handles: readonly number[]): readonly number[] {
    return handles.map((handle) => this.#core.pinnedValue(handle) >>> 0);
  }

  /** Pins objects for a trace that was made in another VM. The last one is the prototype it belongs to. */
  adopt(objects: readonly number[]): readonly number[] {
    const owner = objects.at(-1)!;
    return objects.map((object) => {
      const handle = this.#pin(object);
      this.#core.setPinOwner(handle, owner);
      return handle;
    });
  }

  /** Does nothing but compiled code refer to one of these objects? */
  hasAbandoned(handles: readonly number[]): boolean {
    return handles.some((handle) => this.#core.isPinAbandoned(handle) !== 0);
  }

  /** The recording was given up. */
  drop(): void {
    this.release(this.#current);
    this.#current = [];
  }

  /** The recording became a trace of this prototype, which owns these handles. */
  take(owner: number): readonly number[] {
    const handles = this.#current;
    this.#current = [];
    for (const handle of handles) this.#core.setPinOwner(handle, owner);
    return handles;
  }

  release(handles: readonly number[]): void {
    for (const handle of handles) if (this.#live.delete(handle)) this.#core.unpinObject(handle);
  }

  #pin(object: number): number {
    const handle = this.#core.pinObject(object);
    this.#live.add(handle);
    return handle;
  }
}
