/**
 * Host functions that are generators, or asynchronous ones: a call of one can call Lua, and yield to the coroutine it is in, without the host's stack in between.
 * What it wants it yields; what comes of that is what `yield` gives, or throws.
 */
import { MoontraceError } from '../errors/errors.ts';
import { isInstance, isThenable } from '../host-values.ts';
import type { LuaInput } from '../lua-value.ts';

/** What a generator wants of Lua. Made by `callLua` and `yieldLua`. */
export class LuaRequest {
  readonly kind: 'call' | 'yield';
  readonly values: readonly LuaInput[];

  /** @internal */
  constructor(kind: 'call' | 'yield', values: readonly LuaInput[]) {
    this.kind = kind;
    this.values = values;
  }
}

/**
 * For a host function that is a generator: `const results = yield callLua(f, ...args)` calls a Lua function. An error that it raises is thrown at the `yield`,
 * as a LuaError; yields of coroutines and waiting for the host pass through.
 */
export const callLua = (func: LuaInput, ...args: readonly LuaInput[]): LuaRequest => new LuaRequest('call', [func, ...args]);

/** The same: `const values = yield yieldLua(...)` yields from the coroutine that called the host function; gives what that is resumed with. */
export const yieldLua = (...values: readonly LuaInput[]): LuaRequest => new LuaRequest('yield', values);

/** What a host function that is a generator gives: `function* (a, b): LuaSequence { ... }`. */
// biome-ignore lint/suspicious/noExplicitAny: each yield has a type of its own, which only its writer knows
export type LuaSequence = Generator<LuaRequest | PromiseLike<unknown>, LuaInput | void | PromiseLike<LuaInput | void>, any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AsyncLuaSequence = AsyncGenerator<LuaRequest, LuaInput | void, any>;

/** A request of Lua, or the end. */
type Step = { readonly done?: boolean | undefined; readonly value: unknown };

/** A call of a generator. */
export class HostGenerator {
  readonly #generator: LuaSequence | AsyncLuaSequence;
  /** It waits for something itself. */
  #isWaiting = false;

  constructor(generator: LuaSequence | AsyncLuaSequence) {
    this.#generator = generator;
  }

  /** Goes on until it wants something of Lua, or is over. @param isThrown whether the value is an error @throws what the generator throws */
  resume(isThrown: boolean, value: unknown): Step | Promise<Step> {
    let step = this.#step(isThrown, value);
    for (;;) {
      if (isThenable(step) || isThenable(step.value)) {
        this.#isWaiting = true;
        return this.#settle(step).finally(() => {
          this.#isWaiting = false;
        });
      }
      if (isStop(step)) return step;
      step = this.#step(true, misuse());
    }
  }

  /** Lets it clean up, if it is not over. @returns a promise if that takes time: not what it waits for itself, which may never come */
  close(): PromiseLike<unknown> | undefined {
    const closing = this.#generator.return(undefined);
    if (!isThenable(closing)) return undefined;
    if (!this.#isWaiting) return closing;
    closing.then(undefined, () => {});
    return undefined;
  }

  #step(isThrown: boolean, value: unknown): Step | Promise<Step> {
    return isThrown ? this.#generator.throw(value) : this.#generator.next(value);
  }

  /** The same where something has to be waited for. */
  async #settle(given: Step | PromiseLike<Step>): Promise<Step> {
    let step = await given;
    for (;;) {
      let value = step.value;
      if (isThenable(value)) {
        try {
          value = await value;
        } catch (error) {
          if (step.done === true) throw error;
          step = await this.#step(true, error);
          continue;
        }
        if (step.done === true) return { done: true, value };
        step = await this.#step(false, value);
      } else {
        if (isStop(step)) return step;
        step = await this.#step(true, misuse());
      }
    }
  }
}

const isStop = ({ done, value }: Step): boolean => done === true || isInstance(value, LuaRequest);
const misuse = (): MoontraceError => new MoontraceError('bad-argument', 'a host function that is a generator yields callLua(...), yieldLua(...) or a promise');
