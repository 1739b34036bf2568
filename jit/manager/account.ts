/**
 * What the JIT may spend: a share of the time that passes, so that a program it does not suit loses no more than that, and a part of what it has
 * saved. Time that is not spent is kept for later, up to a limit: a program that changes what it does gets new code at once.
 */

/** The part of the time saved that may be spent again. */
const REINVESTED = 0.5;
/** Milliseconds by which a recording may overdraw the account. */
const SLACK = 10;

export class Account {
  /** Part of the time, 1 = no limit. */
  readonly #share: number;
  readonly #most: number;
  readonly #now: () => number;
  #credit: number;
  #looked: number;

  /** @param share percent of the time; from 100 on there is no limit @param grace milliseconds to begin with, and that can be kept @param now a clock in milliseconds */
  constructor(share: number, grace: number, now = () => performance.now()) {
    this.#share = share / 100;
    this.#most = grace;
    this.#now = now;
    this.#credit = grace;
    this.#looked = now();
  }

  get isOverdrawn(): boolean {
    if (this.#share >= 1) return false;
    const time = this.#now();
    this.#credit = Math.min(this.#most, this.#credit + (time - this.#looked) * this.#share);
    this.#looked = time;
    return this.#credit <= 0;
  }

  /** @returns whether what is begun now and charged should be given up, each time it is asked */
  deadline(): () => boolean {
    if (this.#share >= 1) return () => false;
    const end = this.#now() + Math.max(this.#credit, 0) + SLACK;
    return () => this.#now() > end;
  }

  /** Compiled code has saved so many milliseconds. */
  earn(saved: number): void {
    this.#credit = Math.min(this.#most, this.#credit + Math.max(saved, 0) * REINVESTED);
  }

  /** Does something that costs. */
  charge<Result>(work: () => Result): Result {
    const start = this.#now();
    try {
      return work();
    } finally {
      this.#credit -= this.#now() - start;
    }
  }
}
