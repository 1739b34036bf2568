/** What the JIT has the program wait for: now, for profilers that look in the middle of it, and how long so far. */
import type { JitActivity } from '../../src/engine/jit-port.ts';

export class Activities {
  /** Milliseconds. */
  readonly spent: Record<JitActivity, number> = { recording: 0, compiling: 0 };
  current: JitActivity | undefined;

  /** Does the work. What it is interrupted by for another activity counts as both. */
  during<Result>(activity: JitActivity, work: () => Result): Result {
    const outer = this.current;
    const start = performance.now();
    this.current = activity;
    try {
      return work();
    } finally {
      this.current = outer;
      this.spent[activity] += performance.now() - start;
    }
  }
}
