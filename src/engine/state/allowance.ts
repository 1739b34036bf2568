/**
 * What one call from the host may take, and what is left of it. A plain call has what the VM's options say; a call with a thread of its own (execution.ts)
 * has an allowance of its own, which stands still while others run.
 */

const UNLIMITED = Number.POSITIVE_INFINITY;

/** What a call may be given. Limits that are left out do not hold. */
export interface AllowanceOptions {
  /** Units of work, on top of the VM's own account: the call ends with "out of fuel" when either is used up. */
  readonly fuel?: number;
  /** Milliseconds it may run, those in which it waits for the host left out. */
  readonly timeout?: number;
  /** Milliseconds from its beginning to its end, waiting included. */
  readonly wallTimeout?: number;
  /** Bytes it may write to standard output and standard error. */
  readonly outputLimit?: number;
}

/** @internal */
export class Allowance {
  /** Units of fuel left. */
  fuel: number;
  /** Bytes of output left. */
  output: number;
  /** Milliseconds of running time left when it began to run, or stopped. */
  #time: number;
  /** When it is over in any case, and when it began to run last (performance.now()). */
  readonly deadline: number;
  #since = 0;
  /** Units until it is to pause, and for how many milliseconds it runs in one go: a host that has other things to do. */
  slice = UNLIMITED;
  sliceTime = UNLIMITED;
  /** The host wants it to end. */
  isAborted = false;

  constructor({ fuel = UNLIMITED, timeout = UNLIMITED, wallTimeout = UNLIMITED, outputLimit = UNLIMITED }: AllowanceOptions) {
    this.fuel = Math.floor(fuel);
    this.#time = timeout;
    this.deadline = wallTimeout === UNLIMITED ? wallTimeout : performance.now() + wallTimeout;
    this.output = outputLimit;
  }

  /** What is left, as plain data: what is unlimited is left out. A deadline is the time to it. */
  save(): AllowanceOptions {
    const left = { fuel: this.fuel, timeout: this.#time, wallTimeout: this.deadline - performance.now(), outputLimit: this.output };
    return Object.fromEntries(Object.entries(left).filter(([, amount]) => amount !== UNLIMITED));
  }

  /** The next plain call begins. */
  restart({ timeout = UNLIMITED, outputLimit = UNLIMITED }: AllowanceOptions): void {
    this.#time = timeout;
    this.output = outputLimit;
    this.isAborted = false;
  }

  /** Must the clock be looked at while it runs? */
  get isTimed(): boolean {
    return this.#time !== UNLIMITED || this.deadline !== UNLIMITED || this.sliceTime !== UNLIMITED;
  }

  /** It runs from now on. */
  begin(): void {
    if (this.isTimed) this.#since = performance.now();
  }

  /** It has stopped running. */
  stop(): void {
    if (this.#time !== UNLIMITED) this.#time -= performance.now() - this.#since;
  }

  /** Has it run too long? */
  isOver(now: number): boolean {
    return now > this.#since + this.#time || now > this.deadline;
  }

  /** Has it run as long as it should in one go? */
  isPauseDue(now: number): boolean {
    return this.slice < 0 || now > this.#since + this.sliceTime;
  }

  /** It did work. */
  spend(units: number): void {
    this.fuel -= units;
    this.slice -= units;
  }
}
