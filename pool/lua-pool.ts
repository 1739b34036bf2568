/** The pool as programs use it: tasks in, promises of their results out. */
import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { LuaError, MoontraceError } from '../src/api/index-node.ts';
import {
  type Checkpoint, checkCloseOptions, checkMapOptions, checkPoolOptions, checkResumeOptions, checkRunOptions, type CloseOptions, listOf, type MapOptions, moduleAddress, type PoolLimits, type PoolOptions, type ResumeOptions, type RunOptions,
} from './options.ts';
import { decodeError, type Report, type Task } from './protocol.ts';
import { Signals } from './signals.ts';
import { type Job, Threads } from './threads.ts';

/** The name of a function: of a global one, or of one in a table. */
const NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const ABORTED = 'aborted';

/** A message of what was thrown, which may be anything. */
function textOf(error: unknown): string {
  try {
    return String((error as Error).message);
  } catch {
    return 'they cannot be read';
  }
}

/** The arguments as they are now, and nobody else's. @throws MoontraceError bad-value for what cannot be posted */
function taken(args: readonly unknown[], transfer: readonly ArrayBuffer[]): { args: readonly unknown[]; transfer: readonly ArrayBuffer[] } {
  try {
    return structuredClone({ args, transfer }, { transfer: [...transfer] });
  } catch (error) {
    throw new MoontraceError('bad-value', `args: ${textOf(error)}`, { cause: error });
  }
}

/** @throws MoontraceError bad-argument for one whose buffer is gone */
function copyOf(image: Uint8Array): Uint8Array {
  try {
    return image.slice();
  } catch (error) {
    throw new MoontraceError('bad-argument', `image: ${textOf(error)}`, { cause: error });
  }
}

/** @throws MoontraceError bad-argument */
function iteratorOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): Iterator<Item> | AsyncIterator<Item> {
  try {
    return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  } catch (error) {
    throw new MoontraceError('bad-argument', 'items: an iterable expected', { cause: error });
  }
}

/**
 * Workers that run Lua, each in VMs of its own, made alike. Workers are started when there is work, and replaced when they die; those without work do not keep the process alive.
 */
export class LuaPool {
  readonly #threads: Threads;
  readonly #most: number;
  readonly #maxQueue: number;
  readonly #limits: PoolLimits;
  readonly #signals = new Signals();
  #lastTask = 0;

  /** @throws MoontraceError bad-option */
  constructor(given?: PoolOptions) {
    const { threads = availableParallelism(), image, setup, modules, jit = false, limits = {}, vm = {}, maxQueue = Number.POSITIVE_INFINITY, reuse = false, resourceLimits = {} } = checkPoolOptions(given);
    this.#most = threads;
    this.#maxQueue = maxQueue;
    this.#limits = limits;
    const options = typeof jit === 'object' ? jit : jit ? {} : undefined;
    const address = modules === undefined ? undefined : moduleAddress(modules);
    const { timeout, wallTimeout } = limits;
    const ofSetup = { ...(timeout !== undefined && { timeout }), ...(wallTimeout !== undefined && { wallTimeout }) };
    this.#threads = new Threads(new URL('./pool-worker.js', import.meta.url), { image, setup, modules: address, jit: options, vm, reuse, limits: ofSetup }, threads, resourceLimits);
  }

  /** Tasks that wait for a worker. */
  get waiting(): number {
    return this.#threads.waiting;
  }

  /** Workers that there are now. */
  get workers(): number {
    return this.#threads.size;
  }

  /**
   * Runs a function, or a chunk, in a worker.
   * @param code the name of a global function (`'f'`, `'lib.f'`), or Lua that gets the arguments as `...`
   * @param args as Lua takes them, as far as they can be posted
   * @returns the results, tables by their content (`LuaTable.toJS`)
   * @throws by the promise: LuaError as a call does, 'abort' for the signal; MoontraceError bad-argument, bad-option; bad-value for what cannot be posted, either way; queue-full, pool-closed;
   * worker-died if its worker ended; not-portable where a checkpoint cannot be made; host-failure if the module cannot be imported
   */
  async run<Results extends unknown[] = unknown[]>(code: string, args: readonly unknown[] = [], given?: RunOptions): Promise<Results> {
    const { limits, transfer = [], ...options } = checkRunOptions(given);
    if (typeof code !== 'string') throw new MoontraceError('bad-argument', "code: a function's name or Lua expected");
    const list = listOf(args);
    if (list === undefined) throw new MoontraceError('bad-argument', 'args: an array expected, not longer than the stack of a VM');
    this.#checkRoom(options.signal);
    const own = taken(list, transfer);
    const source = NAME.test(code) ? `return ${code}(...)` : code;
    return this.#submit({ work: { source, args: own.args }, transfer: own.transfer, limits: { ...this.#limits, ...limits } }, options) as Promise<Results>;
  }

  /**
   * Goes on with a task from one of its checkpoints, in any worker of any pool that is made alike; its limits went along. @param image what `Checkpoint.save` got
   * @throws by the promise: as `run`, bad-image, foreign-image
   */
  async resume<Results extends unknown[] = unknown[]>(image: Uint8Array, given?: ResumeOptions): Promise<Results> {
    const options = checkResumeOptions(given);
    if (!types.isUint8Array(image)) throw new MoontraceError('bad-argument', 'image: a Uint8Array expected');
    this.#checkRoom(options.signal);
    return this.#submit({ work: { image: copyOf(image) }, transfer: [], limits: {} }, options) as Promise<Results>;
  }

  /**
   * Runs a function for each item, with the item as its argument, in several workers at a time. Items are taken as results are: never more than two for each worker ahead.
   * @returns the first result of each, in the order of the items. Leaving the loop gives up what is under way, as does the first error, which is thrown there
   */
  async *map<Result = unknown>(code: string, items: Iterable<unknown> | AsyncIterable<unknown>, given?: MapOptions): AsyncGenerator<Result, void, undefined> {
    const { signal, ...options } = checkMapOptions(given);
    const iterator = iteratorOf(items);
    const most = Math.min(2 * this.#most, this.#most + this.#maxQueue);
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal?.reason);
    if (signal?.aborted === true) onAbort();
    const unlink = this.#signals.add(signal, onAbort);
    const pending: Promise<unknown[]>[] = [];
    let next: Promise<IteratorResult<unknown>> | undefined;
    let isOver = false;
    try {
      for (;;) {
        if (!isOver && pending.length < most) next ??= this.#abortable(iterator.next(), stop.signal);
        const [first] = pending;
        if (first === undefined && next === undefined) return;
        const found = await Promise.race([...(first === undefined ? [] : [first.then((results) => ({ results }))]), ...(next === undefined ? [] : [next.then((item) => ({ item }))])]);
        if ('results' in found) {
          pending.shift();
          yield found.results[0] as Result;
          continue;
        }
        next = undefined;
        isOver = found.item.done === true;
        if (isOver) continue;
        const task = this.run(code, [found.item.value], { ...options, signal: stop.signal });
        task.catch(() => {});
        pending.push(task);
      }
    } finally {
      unlink();
      stop.abort();
      next?.catch(() => {});
      if (!isOver) void iterator.return?.();
    }
  }

  /**
   * Takes no more tasks.
   * @returns when all workers are gone @throws by the promise: MoontraceError bad-option, bad-argument
   */
  async close(options?: CloseOptions): Promise<void> {
    const { terminate = false } = checkCloseOptions(options);
    await this.#threads.close(terminate);
  }

  #checkRoom(signal: AbortSignal | undefined): void {
    if (this.#threads.isClosed) throw new MoontraceError('pool-closed', 'it takes no more tasks');
    if (signal?.aborted === true) throw aborted(signal);
    if (this.#threads.waiting >= this.#maxQueue && !this.#threads.isFree) throw new MoontraceError('queue-full', `${this.#maxQueue} wait already`);
  }

  /** The promise of an item, unless the signal fires first: then it is rejected. */
  #abortable<Value>(item: Value | PromiseLike<Value>, signal: AbortSignal): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(aborted(signal));
      const unlink = this.#signals.add(signal, () => reject(aborted(signal)));
      Promise.resolve(item).then(resolve, reject).finally(unlink);
    });
  }

  #submit(what: Pick<Task, 'work' | 'transfer' | 'limits'>, { signal, onProgress, checkpoint }: ResumeOptions): Promise<unknown[]> {
    const threads = this.#threads;
    const task: Task = { ...what, id: ++this.#lastTask, every: checkpoint?.every };
    return new Promise((resolve, reject) => {
      let saving: Promise<void> | undefined;
      const end = (error: unknown): void => {
        unlink();
        reject(error);
      };
      /** What the host was called for has failed. */
      const fail = (error: unknown): void => {
        end(error);
        threads.cancel(job);
      };
      const onReport = (report: Report): void => {
        if (report.kind === 'progress') return attempt(() => onProgress?.(report.value), fail);
        if (report.kind === 'checkpoint') {
          saving = save(checkpoint as Checkpoint, report.image).then(() => threads.saved(job));
          saving.catch(fail);
          return;
        }
        if (report.kind === 'failed') return end(decodeError(report.error, signal?.reason));
        unlink();
        const { results } = report;
        // Not before the last checkpoint is where it belongs.
        if (saving === undefined) resolve([...results]);
        else saving.then(() => resolve([...results]), reject);
      };
      const job: Job = { task, onReport, onLost: end };
      const unlink = this.#signals.add(signal, () => {
        if (threads.cancel(job)) end(aborted(signal as AbortSignal));
      });
      threads.submit(job);
    });
  }
}

const aborted = (signal: AbortSignal): LuaError => new LuaError(ABORTED, { code: 'abort', value: ABORTED, traceback: '', cause: signal.reason });

function attempt(action: () => void, fail: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    fail(error);
  }
}

const save = async ({ save: action }: Checkpoint, image: Uint8Array<ArrayBuffer>): Promise<void> => action(image);
