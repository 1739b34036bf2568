/** Running Lua in slices, by the host's hand: an event loop or a game's frame gives a call so much work at a time. */
import { perform } from '../boundary.ts';
import type { CallOptions } from './options.ts';
import { createExecution, linkSignal, type PushFunction, runToEnd } from './run.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { Execution } from '../../engine/run/execution.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import type { Machine } from '../../engine/machine.ts';

/** How a step ended. */
export type StepResult =
  /** The slice is used up. */
  | { readonly state: 'running' }
  /** A host function has to be waited for; `ready` says when the next step makes sense: also when `wallTimeout` is over, or the VM closed. It is never rejected. */
  | { readonly state: 'suspended'; readonly ready: Promise<void> }
  | { readonly state: 'done'; readonly results: LuaValue[] };

/** Executions whose handles the host has dropped will never go on. */
const dropped = new FinalizationRegistry<Execution>((execution) => execution.abandon());

/** Who waits for an execution to go on. */
interface Waiting {
  ready: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
}

/** A call that goes on by steps. Made by `Vm.start`. */
export class LuaExecution {
  readonly #machine: Machine;
  readonly #execution: Execution;
  readonly #yieldEvery: number | undefined;
  readonly #unlink: () => void;
  #failure: { readonly error: unknown } | undefined;
  /** What `finish` gave, until it is settled. */
  #finishing: Promise<LuaValue[]> | undefined;
  readonly #waiting: Waiting = { ready: undefined };

  /** @internal @param isHeld whether its VM holds it */
  constructor(machine: Machine, execution: Execution, { signal, yieldEvery }: CallOptions, isHeld = false) {
    this.#machine = machine;
    this.#execution = execution;
    this.#yieldEvery = yieldEvery;
    this.#unlink = linkSignal(signal, (reason) => execution.stop('abort', reason));
    // What is held for the time after this handle must not hold it.
    const waiting = this.#waiting;
    execution.onReady = () => {
      waiting.ready?.resolve();
      waiting.ready = undefined;
    };
    if (!isHeld) dropped.register(this, execution, execution);
  }

  /** 'suspended' until what it waits for is there, even before that was noticed by a step. */
  get state(): StepResult['state'] {
    const { state, isBlocked } = this.#execution;
    if (state === 'done') return 'done';
    return isBlocked ? 'suspended' : 'running';
  }

  /**
   * Runs it for a while. @param fuel units of work (`Vm.fuel`) after which it stops, at the next back-edge or call; library functions are not divided
   * @throws LuaError with what ended the call, now or in a step before; MoontraceError bad-argument, busy (also where the call itself is what runs, or `finish` runs it), closed
   */
  step(fuel = Number.POSITIVE_INFINITY): StepResult {
    checkStep(fuel);
    const execution = this.#execution;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (execution.state === 'done') return { state: 'done', results: execution.results as LuaValue[] };
    this.#machine.access.checkOpen();
    if (execution.state === 'running') throw new MoontraceError('busy', 'the call is what runs');
    if (this.#finishing !== undefined) throw new MoontraceError('busy', 'the call is being finished');
    if (execution.isBlocked && (execution.timeLeft ?? 0) < 0) execution.stop('timeout');
    if (!execution.isBlocked) this.#advance(fuel);
    const { state } = this;
    if (state === 'done') return { state, results: execution.results as LuaValue[] };
    return state === 'suspended' ? { state, ready: this.#whenReady() } : { state };
  }

  /**
   * Runs it to its end, whenever it can go on: as `LuaFunction.callAsync` does. It cannot be stepped meanwhile.
   * @returns its results @throws as `step`, by the promise
   */
  async finish(): Promise<LuaValue[]> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const execution = this.#execution;
    if (execution.state === 'done') return execution.results as LuaValue[];
    this.#machine.access.checkOpen();
    if (execution.state === 'running') throw new MoontraceError('busy', 'the call is what runs');
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  /**
   * Gives the call up. The next step closes its to-be-closed variables; the one in which that is done throws a LuaError of code 'abort'.
   * @param reason its cause
   */
  abort(reason?: unknown): void {
    this.#execution.stop('abort', reason);
  }

  #advance(fuel: number): void {
    try {
      perform(this.#machine, () => this.#execution.advance(fuel));
    } catch (error) {
      this.#noteEnd({ error });
      throw error;
    }
    this.#noteEnd();
  }

  async #finish(): Promise<LuaValue[]> {
    try {
      const results = await runToEnd(this.#machine, this.#execution, { wallTimeout: this.#execution.timeLeft, yieldEvery: this.#yieldEvery });
      this.#noteEnd();
      return results;
    } catch (error) {
      this.#noteEnd({ error });
      throw error;
    } finally {
      this.#finishing = undefined;
    }
  }

  #noteEnd(failure?: { readonly error: unknown }): void {
    if (this.#execution.state !== 'done') return;
    this.#failure = failure;
    dropped.unregister(this.#execution);
    this.#unlink();
  }

  #whenReady(): Promise<void> {
    if (this.#waiting.ready === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((done) => {
        const { timeLeft } = this.#execution;
        // A timer may be early by the part of a millisecond.
        const timer = timeLeft === undefined ? undefined : setTimeout(done, timeLeft + 1);
        resolve = () => {
          clearTimeout(timer);
          done();
        };
      });
      this.#waiting.ready = { promise, resolve };
    }
    return this.#waiting.ready.promise;
  }
}

function checkStep(fuel: unknown): void {
  if (typeof fuel !== 'number' || !(fuel >= 0)) throw new MoontraceError('bad-argument', 'fuel: an amount expected');
}

/** A call that has not begun. @internal */
export function startExecution(machine: Machine, push: PushFunction, args: readonly LuaInput[], options: CallOptions): LuaExecution {
  return new LuaExecution(machine, createExecution(machine, push, args, options), options);
}
