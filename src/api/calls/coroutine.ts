/** Coroutines in the host's hands: iterators, plain and asynchronous ones, over what a Lua function yields. */
import { HOST_CLOSE, HOST_RESUME } from '../../bytecode/host-places.ts';
import { SLOT_SIZE, TAG_CLOSURE, TAG_THREAD, THREAD_DEAD, THREAD_FAILED, THREAD_STATUS } from '../../bytecode/layout.ts';
import { perform } from '../boundary.ts';
import type { CallOptions } from './options.ts';
import { callLimited, createExecution, type PushFunction, runToEnd } from './run.ts';
import { type ObjectOfLua, objectOf } from '../handles/reference.ts';
import type { LuaThread } from '../handles/thread.ts';
import type { LuaInput, LuaValue } from '../types.ts';
import type { Machine } from '../../engine/machine.ts';

type Result = IteratorResult<LuaValue[], LuaValue[]>;

/**
 * A coroutine that the host resumes. Made by `Vm.coroutine`. Each step gives all values of a yield, and the last one all results.
 *
 * It is an iterator, `for (const [value] of co)`, whose steps cannot wait for the host, and can be iterated by `for await`, whose steps can.
 */
export class LuaCoroutine implements Iterator<LuaValue[], LuaValue[]>, Iterable<LuaValue[]>, AsyncIterable<LuaValue[]> {
  readonly #machine: Machine;
  readonly #thread: LuaThread;
  readonly #options: CallOptions;
  /** The step before, which the next one waits for. */
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(machine: Machine, thread: LuaThread, options: CallOptions) {
    this.#machine = machine;
    this.#thread = thread;
    this.#options = options;
  }

  /** Whether it has returned, failed, or was closed. */
  get isDone(): boolean {
    const status = this.#machine.memory.load((objectOf(this.#thread) as ObjectOfLua).pointer + THREAD_STATUS);
    return status === THREAD_DEAD || status === THREAD_FAILED;
  }

  /**
   * Resumes it. @param values results of its yield; the first time, arguments of its function
   * @throws LuaError with what the function raised, its variables closed; MoontraceError as `LuaFunction.call`
   */
  next(...values: readonly LuaInput[]): Result {
    if (this.isDone) return { done: true, value: [] };
    return this.#result(this.#call('resume', values));
  }

  /** Closes it: what it left open is closed. @param value to be given back @throws LuaError with what a closer raised */
  return(value: LuaValue[] = []): Result {
    if (!this.isDone) this.#call('close', []);
    return { done: true, value };
  }

  /** As `next`, but host functions may be waited for. One step begins when the one before is over. */
  nextAsync(...values: readonly LuaInput[]): Promise<Result> {
    return this.#queue(async () => {
      if (this.isDone) return { done: true, value: [] };
      return this.#result(await this.#run('resume', values));
    });
  }

  /** As `return`, in the same way. */
  returnAsync(value: LuaValue[] = []): Promise<Result> {
    return this.#queue(async () => {
      if (!this.isDone) await this.#run('close', []);
      return { done: true, value };
    });
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.asyncIterator](): AsyncIterator<LuaValue[], LuaValue[]> {
    return { next: (...values: readonly LuaInput[]) => this.nextAsync(...values), return: () => this.returnAsync() };
  }

  /** What is called with the coroutine (src/stdlib/lua/host.lua). */
  #helper(name: 'resume' | 'close'): PushFunction {
    return () => this.#machine.pushObject(TAG_CLOSURE, this.#machine.host.pointer(name === 'resume' ? HOST_RESUME : HOST_CLOSE));
  }

  #call(name: 'resume' | 'close', values: readonly LuaInput[]): LuaValue[] {
    return callLimited(this.#machine, this.#helper(name), [this.#thread, ...values], this.#options);
  }

  #run(name: 'resume' | 'close', values: readonly LuaInput[]): Promise<LuaValue[]> {
    return runToEnd(this.#machine, createExecution(this.#machine, this.#helper(name), [this.#thread, ...values], this.#options), this.#options);
  }

  #queue(step: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(step, step);
    this.#last = result;
    return result;
  }

  #result(value: LuaValue[]): Result {
    return { done: this.isDone, value };
  }
}

/** A coroutine of the function that is pushed. @internal */
export function createCoroutine(machine: Machine, push: PushFunction, options: CallOptions): LuaCoroutine {
  const thread = perform(machine, () => {
    push();
    const { core, values } = machine;
    const slot = machine.top - SLOT_SIZE;
    machine.slots.setObject(slot, TAG_THREAD, core.newCoroutine(slot));
    const reference = values.toHost(slot);
    machine.pop(1);
    return reference;
  });
  return new LuaCoroutine(machine, (thread as LuaThread).keep(), options);
}
