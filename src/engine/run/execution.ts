/**
 * A call from the host on a thread of its own, which may stop and go on later: at a host function whose results come later, and where its slice is used up.
 * Any number of them may be under way in one machine; one runs at a time.
 *
 *   fresh -> running -> done
 *              |  ^
 *              v  |
 *   waiting (until its promise is settled), paused
 *
 * While it runs its thread is the running one, and refers to the one that ran before; else a pin holds it.
 */
import {
  BUILTIN_HANDLE, BUILTIN_NUMBER, BUILTIN_STACK, BUILTIN_WAIT, FRAME_BASE, RUN_ERROR, RUN_FINISHED, RUN_HOST_WAIT, SLOT_SIZE, SLOT_TAG, TAG_BUILTIN, THREAD_ERROR, THREAD_FRAME, THREAD_FRAMES, THREAD_RESUMER, VM_HOST_RESULT, VM_THREAD,
} from '../../bytecode/layout.ts';
import type { CoreExports } from '../core-module.ts';
import { LuaError, type MoontraceError } from '../errors/errors.ts';
import type { LuaValue, ValueConverter } from '../lua-value.ts';
import type { Memory } from '../memory.ts';
import type { RunLoop, Stop, Suspendable } from './run-loop.ts';
import type { Allowance, AllowanceOptions } from '../state/allowance.ts';
import { LIMIT_MESSAGES, LimitReached, type Limits } from '../state/limits.ts';

/** What an execution needs of its machine. */
export interface ExecutionHost {
  readonly core: CoreExports;
  readonly memory: Memory;
  readonly limits: Limits;
  readonly runs: RunLoop;
  readonly values: ValueConverter;
  top: number;
  /** @throws "C stack overflow" */
  checkHostDepth(): void;
  /** The error that ended a run, for the host. */
  takeError(): LuaError | MoontraceError;
  /** The same, for whom the limits were the call's own. @param reason the cause, if it was aborted */
  disown<Failure>(error: Failure, reason: unknown): Failure;
  /** A run is over, or has stopped for a while. */
  rest(isFinished: boolean): void;
  /** Those that are not done. */
  readonly suspended: Set<Execution>;
  /** Calls the host function with a handle (BUILTIN_HANDLE). @returns as it does */
  callHost(handle: number, base: number, count: number, offset: number, numbers: number, first: number, second: number): number;
  stackOffset(slot: number): number;
}

/** An execution that does not run, as plain data: what is in the memory is left out. */
export interface SavedExecution {
  readonly root: number;
  readonly thread: number;
  readonly state: 'fresh' | 'waiting' | 'paused';
  /** Arguments of a fresh one. */
  readonly count: number;
  /** It is to end. */
  readonly stop: 'abort' | 'timeout' | undefined;
  readonly allowance: AllowanceOptions;
}

export type ExecutionState = 'fresh' | 'running' | 'waiting' | 'paused' | 'done';

export class Execution implements Suspendable {
  readonly #machine: ExecutionHost;
  readonly #allowance: Allowance;
  readonly #root: number;
  /** The thread that goes on, a coroutine perhaps, and what holds it. */
  #thread: number;
  #pin: number;
  /** What is to be done next. */
  #next: () => number;
  #state: ExecutionState = 'fresh';
  /** Arguments it is to be entered with. */
  #count = 0;
  /** It was stopped, and has not gone on since. */
  #stop: SavedExecution['stop'];
  /** Tells what is waited for from what was. */
  #awaited: object | undefined;
  #onWaitEnd: (() => void) | undefined;
  #failure: LuaError | undefined;
  #reason: unknown;
  #results: LuaValue[] = [];
  /** Called when it has stopped waiting: it may go on. Must not throw. */
  onReady: () => void = () => {};

  /**
   * @param given pushes a function and its arguments on the running thread, which is the new one, and gives the number of arguments; or one of another host, which is
   * in this machine's memory
   * @throws what `given` throws, and CORE_THROW for want of memory
   */
  constructor(machine: ExecutionHost, allowance: Allowance, given: (() => number) | SavedExecution) {
    this.#machine = machine;
    this.#allowance = allowance;
    const { core } = machine;
    const isNew = typeof given === 'function';
    this.#root = isNew ? core.newHostThread() : given.root;
    this.#thread = isNew ? this.#root : given.thread;
    this.#pin = core.pinObject(this.#thread);
    try {
      if (isNew) this.#onThread(() => {
        this.#count = given();
      });
    } catch (error) {
      // It is the running thread's now.
      machine.memory.moveBytes(machine.memory.load(VM_THREAD) + THREAD_ERROR, this.#root + THREAD_ERROR, SLOT_SIZE);
      core.unpinObject(this.#pin);
      throw error;
    }
    this.#next = () => core.enterCall(this.#count);
    machine.suspended.add(this);
    if (!isNew) this.#revive(given);
  }

  #revive({ state, count, stop }: SavedExecution): void {
    this.#state = state;
    this.#count = count;
    if (state === 'paused') this.#next = () => this.#machine.core.run();
    if (state === 'waiting') this.#next = () => this.#askAgain();
    if (stop !== undefined) this.stop(stop);
  }

  /** As plain data, for an image; undefined for one that has failed before it began. It must not be running. */
  save(): SavedExecution | undefined {
    if (this.#failure !== undefined) return undefined;
    return { root: this.#root, thread: this.#thread, state: this.#state as SavedExecution['state'], count: this.#count, stop: this.#stop, allowance: this.#allowance.save() };
  }

  get state(): ExecutionState {
    return this.#state;
  }

  /** Does it wait for a promise that is not settled? */
  get isBlocked(): boolean {
    return this.#awaited !== undefined;
  }

  /** Milliseconds until its time is over, waiting included; undefined if there is no such limit. */
  get timeLeft(): number | undefined {
    const { deadline } = this.#allowance;
    return deadline === Number.POSITIVE_INFINITY ? undefined : deadline - performance.now();
  }

  /** What it returned, once it is done. */
  get results(): LuaValue[] {
    return this.#results;
  }

  /**
   * Runs it until it is done, waits, or should pause. It must not be running, blocked or done.
   * @param units of work, and milliseconds, after which it should pause
   * @throws LuaError, MoontraceError with what ended it
   */
  advance(units = Number.POSITIVE_INFINITY, time = Number.POSITIVE_INFINITY): ExecutionState {
    const machine = this.#machine;
    if (this.#failure !== undefined) throw this.#end(this.#failure);
    machine.checkHostDepth();
    this.#allowance.slice = units;
    this.#allowance.sliceTime = time;
    this.#state = 'running';
    let stop: Stop = RUN_ERROR;
    try {
      // What it gives is whoever's it is for, not of a host function that is under way.
      stop = machine.values.unscoped(() => this.#onThread(() => this.#run()));
    } finally {
      try {
        if (machine.runs.depth === 0) machine.rest(stop === RUN_FINISHED);
      } finally {
        if (stop === RUN_FINISHED || stop === RUN_ERROR) this.#end();
        else this.#pause(stop === RUN_HOST_WAIT ? 'waiting' : 'paused');
      }
    }
    return this.#state;
  }

  /** Runs it, its thread being the running one. @throws what ended it */
  #run(): Stop {
    const { runs } = this.#machine;
    const outer = this.#machine.limits.enter(this.#allowance);
    try {
      let stop = runs.driveFor(this, this.#step());
      // What asked for an abort while it ran may have been the last thing that it did before it stopped.
      while (stop !== RUN_FINISHED && stop !== RUN_ERROR && this.#allowance.isAborted) {
        this.#next = this.#raising('abort', stop === RUN_HOST_WAIT);
        stop = runs.driveFor(this, this.#step());
      }
      if (stop === RUN_ERROR) throw this.#machine.disown(this.#machine.takeError(), this.#reason);
      if (stop === RUN_FINISHED) this.#takeResults();
      return stop;
    } finally {
      this.#machine.limits.leave(outer);
    }
  }

  /** What is to be done next; behind it the program just goes on. */
  #step(): () => number {
    const next = this.#next;
    this.#next = () => this.#machine.core.run();
    return next;
  }

  /** Ends a part of the program by the error of a limit. */
  #raising(kind: 'abort' | 'timeout', isWaiting: boolean): () => number {
    this.#endWait();
    this.#stop = kind;
    return () => {
      this.#stop = undefined;
      if (isWaiting) this.#machine.core.leaveWait();
      throw new LimitReached(kind);
    };
  }

  /** On a thread whose entry was left there is nothing but the results. */
  #takeResults(): void {
    const { memory, top, values } = this.#machine;
    const first = memory.load(memory.load(this.#root + THREAD_FRAMES) + FRAME_BASE);
    for (let slot = first; slot < top; slot += SLOT_SIZE) this.#results.push(values.toHost(slot));
  }

  /** Does something with its thread as the running one. */
  #onThread<Result>(action: () => Result): Result {
    const { memory } = this.#machine;
    const outer = memory.load(VM_THREAD);
    memory.store(this.#root + THREAD_RESUMER, outer);
    memory.store(VM_THREAD, this.#thread);
    try {
      return action();
    } finally {
      this.#thread = memory.load(VM_THREAD);
      memory.store(this.#root + THREAD_RESUMER, 0);
      memory.store(VM_THREAD, outer);
    }
  }

  /** Sees to it that the thread that goes on is held, and with it those that wait for it. */
  #pause(state: 'waiting' | 'paused'): void {
    const { core } = this.#machine;
    const pin = core.pinObject(this.#thread);
    core.unpinObject(this.#pin);
    this.#pin = pin;
    this.#state = state;
  }

  // ---- Waiting

  /** What another host's function had promised is not known here: this host's is called with the same arguments. */
  #askAgain(): number {
    const { core, memory } = this.#machine;
    core.ensureStack(BUILTIN_STACK);
    const thread = memory.load(VM_THREAD);
    const base = (): number => memory.load(memory.load(thread + THREAD_FRAME) + FRAME_BASE);
    const builtin = memory.load(base() - SLOT_SIZE);
    let count: number;
    try {
      count = this.#machine.callHost(memory.load(builtin + BUILTIN_HANDLE), base(), (this.#machine.top - base()) / SLOT_SIZE, this.#machine.stackOffset(base()), 0, 0, 0);
    } catch (error) {
      core.leaveWait();
      throw error;
    }
    if (count === BUILTIN_WAIT) return RUN_HOST_WAIT;
    if (count === BUILTIN_NUMBER) {
      this.#machine.values.toLua(base() - SLOT_SIZE, memory.f64[VM_HOST_RESULT >>> 3] as number);
      count = 1;
    }
    // The results are in place of the function.
    memory.moveBytes(base(), base() - SLOT_SIZE, count * SLOT_SIZE);
    memory.store(base() - SLOT_SIZE, builtin);
    memory.store(base() - SLOT_SIZE + SLOT_TAG, TAG_BUILTIN);
    return core.finishWait(count);
  }

  await(awaited: PromiseLike<unknown>, write: (value: unknown) => number, onEnd: () => void): void {
    const token = {};
    this.#endWait();
    this.#awaited = token;
    this.#onWaitEnd = onEnd;
    const settle = (next: () => number): void => {
      if (this.#awaited !== token) return;
      this.#awaited = undefined;
      this.#next = next;
      this.onReady();
    };
    Promise.resolve(awaited).then((value) => settle(() => this.#return(value, write)), (error: unknown) => settle(() => this.#raise(error)));
  }

  #return(value: unknown, write: (value: unknown) => number): number {
    const { core, runs } = this.#machine;
    const count = runs.asHost(() => {
      try {
        return write(value);
      } catch (error) {
        core.leaveWait();
        throw error;
      } finally {
        this.#endWait();
      }
    });
    return core.finishWait(count);
  }

  #raise(error: unknown): number {
    const { core, runs } = this.#machine;
    core.leaveWait();
    try {
      return runs.asHost(() => {
        throw error;
      });
    } finally {
      this.#endWait();
    }
  }

  /** What it waited for is over. */
  #endWait(): void {
    const onEnd = this.#onWaitEnd;
    this.#awaited = undefined;
    this.#onWaitEnd = undefined;
    onEnd?.();
  }

  // ---- Ending

  /**
   * Ends it: what is to be closed is closed when it goes on, which it may at once. @param kind 'timeout': as when a limit is reached, nothing more of it runs
   * @param reason the cause of the error that it ends by
   */
  stop(kind: 'abort' | 'timeout', reason?: unknown): void {
    if (this.#state === 'done') return;
    this.#reason ??= reason;
    if (this.#state === 'running') {
      if (kind === 'timeout') return;
      this.#allowance.isAborted = true;
      this.#machine.limits.endSlice();
      return;
    }
    if (this.#state === 'fresh') {
      const message = LIMIT_MESSAGES[kind];
      this.#failure = this.#machine.disown(new LuaError(message, { code: kind, value: message, traceback: '' }), this.#reason);
    } else this.#next = this.#raising(kind, this.#state === 'waiting');
    this.onReady();
  }

  /** It is over, however it came to that; nothing of it is left in the VM. @returns the error it is given */
  #end<Given>(error?: Given): Given | undefined {
    if (this.#state === 'done') return error;
    this.#state = 'done';
    this.#endWait();
    this.#machine.core.unpinObject(this.#pin);
    this.#machine.suspended.delete(this);
    return error;
  }

  /** Nobody will go on with it: it is garbage. */
  abandon(): void {
    this.#end();
  }
}
