/**
 * What the JIT may spend: a share of the time that passes, so that a program it does not suit loses no more than that. Time that is not spent
 * is kept for later, up to a limit: a program that changes what it does gets new code at once.
 */
const now = (): number => performance.now();

export class Account {
  /** Part of the time, 1 = no limit. */
  readonly #share: number;
  readonly #most: number;
  #credit: number;
  #looked = now();

  /** @param share percent of the time; from 100 on there is no limit @param grace milliseconds to begin with, and that can be kept */
  constructor(share: number, grace: number) {
    this.#share = share / 100;
    this.#most = grace;
    this.#credit = grace;
  }

  get isOverdrawn(): boolean {
    if (this.#share >= 1) return false;
    const time = now();
    this.#credit = Math.min(this.#most, this.#credit + (time - this.#looked) * this.#share);
    this.#looked = time;
    return this.#credit <= 0;
  }

  /** Does something that costs. */
  charge<Result>(work: () => Result): Result {
    const start = now();
    try {
      return work();
    } finally {
      this.#credit -= now() - start;
    }
  }
}
