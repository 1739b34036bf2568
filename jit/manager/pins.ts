/** Pinned objects: those of the trace being recorded, those of each live trace, and those kept until everything is flushed. */
import type { CoreExports } from '../../src/vm/core-module.ts';

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

  /** Pins an object until `releaseAll`. */
  keep(object: number): void {
    this.#pin(object);
  }

  /** The recording was given up. */
  drop(): void {
    this.release(this.#current);
    this.#current = [];
  }

  /** The recording became a trace, which owns these handles. */
  take(): readonly number[] {
    const handles = this.#current;
    this.#current = [];
    return handles;
  }

  release(handles: readonly number[]): void {
    for (const handle of handles) if (this.#live.delete(handle)) this.#core.unpinObject(handle);
  }

  releaseAll(): void {
    this.release([...this.#live]);
  }

  #pin(object: number): number {
    const handle = this.#core.pinObject(object);
    this.#live.add(handle);
    return handle;
  }
}
