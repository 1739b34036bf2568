/**
 * Drives the core's `run`: what the core asks for between two slices, errors on their way to their pcall, and stops of a program that will go on later.
 *
 * Runs nest (the host called Lua, which called the host, which called Lua...), and each is either a plain one, which ends before anything below it goes on, or
 * one of an execution (execution.ts), which may stop: at a host function that waits, or where a slice ends. Only the innermost run can.
 */
import { BUILTIN_WAIT, RUN_BUDGET, RUN_ERROR, RUN_FINISHED, RUN_HOST_WAIT, RUN_HOT_EXIT, RUN_HOT_FUNCTION, RUN_HOT_LOOP, RUN_STEPPED, VM_BUDGET, VM_HOT_PLACE, VM_HOT_TRACE } from '../../bytecode/layout.ts';
import type { Access } from '../access.ts';
import type { CoreExports } from '../core-module.ts';
import { MoontraceError } from '../errors/errors.ts';
import { CORE_THROW } from '../errors/messages.ts';
import type { PendingError } from '../errors/pending.ts';
import type { ValueConverter } from '../lua-value.ts';
import type { JitPort } from '../jit-port.ts';
import type { Memory } from '../memory.ts';
import type { Limits } from '../state/limits.ts';

/** What an error costs that leaves the core on its way to its pcall, in units of VM_BUDGET. */
export const ERROR_UNITS = 400;
/** As the core, the host leaves the count there rather than wrap it around. */
const LEAST_BUDGET = -0x40000000;

/** What the loop needs of its machine. */
export interface RunLoopHost {
  readonly access: Access;
  readonly core: CoreExports;
  readonly memory: Memory;
  readonly limits: Limits;
  readonly values: ValueConverter;
  readonly jit: JitPort;
  readonly onSlice: () => void;
  readonly onLook: () => number;
}

/** Who waits for the results of a host function that come later. */
export interface Suspendable {
  /**
   * @param awaited what the host function gave: a promise @param write writes what it becomes to where the arguments were; the number of results
   * @param onEnd called when that is over, whatever came of it
   */
  await(awaited: PromiseLike<unknown>, write: (value: unknown) => number, onEnd: () => void): void;
}

/** How a run stops: its entry was left, with results or by an error, which is pending; it waits for the host; it has used its slice up. */
export type Stop = typeof RUN_FINISHED | typeof RUN_ERROR | typeof RUN_HOST_WAIT | typeof RUN_BUDGET;

export class RunLoop {
  readonly #machine: RunLoopHost;
  readonly #pending: PendingError;
  /** Runs under way, and all that there have been. */
  depth = 0;
  count = 0;
  /** Whose run the innermost one is; undefined if it is a plain one. */
  #execution: Suspendable | undefined;

  constructor(machine: RunLoopHost, pending: PendingError) {
    this.#machine = machine;
    this.#pending = pending;
  }

  /** Runs until the entry frame that `part` pushes is left. @returns false if by an error, which is in THREAD_ERROR */
  drive(part: () => number): boolean {
    return this.driveFor(undefined, part) === RUN_FINISHED;
  }

  /** Runs for an execution, from what `part` does on. */
  driveFor(execution: Suspendable | undefined, part: () => number): Stop {
    const outer = this.#execution;
    this.#execution = execution;
    this.depth++;
    this.count++;
    try {
      return this.#runAll(part);
    } finally {
      this.depth--;
      this.#execution = outer;
    }
  }

  #runAll(part: () => number): Stop {
    const { access, core, jit, limits, memory } = this.#machine;
    let status = this.#guarded(part);
    for (;;) {
      switch (status) {
        case RUN_FINISHED:
        case RUN_ERROR:
        case RUN_HOST_WAIT:
          return status;
        case RUN_BUDGET:
          status = this.#betweenSlices(() => {
            limits.refill();
            jit.onBudget();
            return this.#machine.onLook();
          });
          if (status === RUN_STEPPED && this.#execution !== undefined && limits.isPauseDue && core.maySuspend() !== 0) return RUN_BUDGET;
          break;
        case RUN_HOT_LOOP:
          status = this.#betweenSlices(() => this.#looked(jit.onHotLoop(memory.load(VM_HOT_PLACE))));
          break;
        case RUN_HOT_EXIT:
          status = this.#betweenSlices(() => this.#looked(jit.onHotExit(memory.load(VM_HOT_PLACE), memory.load(VM_HOT_TRACE))));
          break;
        case RUN_HOT_FUNCTION:
          status = this.#betweenSlices(() => this.#looked(jit.onHotFunction(memory.load(VM_HOT_PLACE))));
          break;
        case RUN_STEPPED:
          status = this.#guarded(core.run);
          break;
        default:
          throw access.fail(`run returned ${status}`, undefined);
      }
    }
  }

  /** Lets the host and the JIT have their turn. @returns RUN_* */
  #betweenSlices(turn: () => number): number {
    return this.#guarded(() => {
      this.asHost(this.#machine.onSlice);
      this.#machine.limits.restore();
      return turn();
    });
  }

  /** @param status how the program goes on behind a turn of the JIT's; where it does it may have to end first */
  #looked(status: number): number {
    if (status === RUN_STEPPED) this.#machine.limits.look();
    return status;
  }

  /** Runs a part of the core; what memory was missing for is done again after a collection, other Lua errors are unwound to their pcall. @returns RUN_* */
  #guarded(part: () => number): number {
    const { core } = this.#machine;
    for (let next = part; ; ) {
      try {
        return next();
      } catch (error) {
        if (error === CORE_THROW && core.mayRepeat() !== 0) {
          this.#machine.values.releaseDead();
          next = core.repeatFailed;
          continue;
        }
        this.spend(ERROR_UNITS);
        this.#pending.storeFromEngine(error);
        this.#pending.noteTraceback();
        next = core.unwind;
      }
    }
  }

  /** Runs code of the host: what it throws becomes a Lua error. If it closed the VM, that ends the program. */
  asHost<Result>(action: () => Result): Result {
    let failure: unknown = CORE_THROW;
    try {
      const result = action();
      if (!this.#machine.access.isStopping) return result;
    } catch (error) {
      failure = error;
    }
    this.#pending.storeFromHost(failure);
    throw CORE_THROW;
  }

  // ---- Waiting

  /** Who can wait for the host now. @throws MoontraceError not-async if nobody can */
  get waiter(): Suspendable {
    if (this.#execution === undefined) throw new MoontraceError('not-async', 'call Lua by callAsync or doStringAsync, and in between no host function that calls Lua by call');
    if (this.#machine.core.maySuspend() === 0) throw new MoontraceError('not-async', 'a finaliser cannot wait, not even under callAsync');
    return this.#execution;
  }

  /**
   * For a host function whose results come later: see `Suspendable.await`.
   * @returns what the host function has to return @throws MoontraceError not-async where nobody could wait
   */
  waitFor(awaited: PromiseLike<unknown>, write: (value: unknown) => number, onEnd: () => void = () => {}): number {
    try {
      this.waiter.await(awaited, write, onEnd);
    } catch (error) {
      // What becomes of it is nobody's business any more.
      Promise.resolve(awaited).then(undefined, () => {});
      throw error;
    }
    return BUILTIN_WAIT;
  }

  /** Can a host function be waited for now? */
  get canWait(): boolean {
    return this.#execution !== undefined && this.#machine.core.maySuspend() !== 0;
  }

  /** Counts work of the host. */
  spend(units: number): void {
    const { memory } = this.#machine;
    memory.store(VM_BUDGET, Math.max(memory.loadSigned(VM_BUDGET) - units, LEAST_BUDGET));
  }
}
