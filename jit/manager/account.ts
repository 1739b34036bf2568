/**
 * What the JIT may spend: a share of the time that passes, so that a program it does not suit loses no more than that, and a part of what it has
 * saved. Time that is not spent is kept for later, up to a limit: a program that changes what it does gets new code at once.
 */

/** The part of the time saved that may be spent again. */
const REINVESTED = 0.8;
/** How much of that can be kept for later, in units of what the program is given to begin with. */
const MOST_EARNED = 10;
/** Milliseconds by which a recording may overdraw the account: what takes longer takes as long again to compile. */
const SLACK = 3;

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

  /** Is there no time to spend? @param saved milliseconds that compiled code has saved since it was asked last; only asked if there is no time otherwise */
  isOverdrawn(saved: () => number): boolean {
    if (!this.isLimited) return false;
    const time = this.#now();
    if (this.#credit < this.#most) this.#credit = Math.min(this.#most, this.#credit + (time - this.#looked) * this.#share);
    this.#looked = time;
    if (this.#credit > 0) return false;
    this.#credit = Math.min(MOST_EARNED * this.#most, this.#credit + Math.max(saved(), 0) * REINVESTED);
    return this.#credit <= 0;
  }

  /** Are there limits at all? */
  get isLimited(): boolean {
    return this.#share < 1;
  }

  /** Milliseconds that there are for what is begun now. */
  get available(): number {
    return this.isLimited ? Math.max(this.#credit, 0) + SLACK : Infinity;
  }

  /** @returns whether what is begun now and charged should be given up, each time it is asked */
  deadline(): () => boolean {
    const end = this.#now() + this.available;
    return () => this.#now() > end;
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
