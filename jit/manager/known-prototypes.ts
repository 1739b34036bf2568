/** What is known of prototypes for recordings, as long as they live: whether they have several closures. */
import type { Pins } from './pins.ts';

export class KnownPrototypes {
  readonly #pins: Pins;
  /** The closure each prototype was first seen with; 0 once there were several. */
  readonly #closures = new Map<number, number>();
  /** Handles of the prototypes that something is known of. */
  readonly #watched = new Map<number, number>();

  constructor(pins: Pins) {
    this.#pins = pins;
  }

  /**
   * A closure of the prototype was met. @param hasSeveral the prototype has had more than one
   * @returns whether it is the only one so far, the first other one, or one of many
   */
  noteClosure(proto: number, closure: number, hasSeveral: boolean): 'only' | 'second' | 'many' {
    this.#watch(proto);
    const first = this.#closures.get(proto) ?? (hasSeveral ? 0 : closure);
    this.#closures.set(proto, first === closure ? closure : 0);
    if (first === closure) return 'only';
    return first === 0 ? 'many' : 'second';
  }

  /** Prototypes and the closures they were seen with, as `adopt` takes them. */
  save(): readonly (readonly [proto: number, closure: number])[] {
    return [...this.#closures];
  }

  adopt(closures: ReturnType<KnownPrototypes['save']>): void {
    for (const [proto, closure] of closures) {
      this.#watch(proto);
      this.#closures.set(proto, closure);
    }
  }

  forgetClosures(): void {
    this.#closures.clear();
  }

  /** Forgets prototypes that have been collected: their addresses may be others' now. */
  forgetDead(): void {
    for (const [proto, handle] of this.#watched) {
      if (this.#pins.isAlive(handle)) continue;
      this.#watched.delete(proto);
      this.#closures.delete(proto);
    }
  }

  #watch(proto: number): void {
    if (!this.#watched.has(proto)) this.#watched.set(proto, this.#pins.watch(proto));
  }
}
