/**
 * A small seeded generator of pseudo-random numbers (mulberry32): the same seed gives the same program on every machine.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A float in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError('pick from an empty list');
    return item;
  }

  /** One of the alternatives, each with its weight; those of weight 0 are never taken. */
  weighted<T>(alternatives: readonly (readonly [weight: number, value: T])[]): T {
    let at = this.next() * alternatives.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of alternatives) {
      at -= weight;
      if (at < 0) return value;
    }
    const last = alternatives[alternatives.length - 1];
    if (last === undefined) throw new RangeError('no alternatives');
    return last[1];
  }
}

/** The seed of the index-th program of a run. */
export function programSeed(seed: number, index: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  return (h ^ (h >>> 15)) >>> 0;
}
