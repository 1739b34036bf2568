/**
 * Calls a function of the main thread at even times, whatever that is doing: in the middle of WebAssembly code, too. A worker asks V8's inspector to evaluate the
 * call, and V8 does so at the next head of a loop or call of a function. While nothing is asked for nothing is slower.
 *
 * Why not a budget that ends slices of about the same time: compiled code spends much more of it in a millisecond than the interpreter, so all samples would fall there.
 * Why not V8's own profiler: it knows no Lua.
 */
import { workerThreads } from '../../../hosts/node/builtins.ts';

/** The name under which the worker finds the function. */
const NAME = '__moontraceTick';

/** Cells of the shared memory. */
const STOP = 0;
const STATE = 1;
/** A call is on its way: where the main thread sleeps they must not pile up. */
const PENDING = 2;

const STARTING = 0;
const RUNNING = 1;
const STOPPED = 2;
const FAILED = 3;

/** Milliseconds to wait for the worker: some 50 unless the machine is busy. */
const PATIENCE = 5000;

const WORKER = `
const { workerData: { cells, interval } } = require('node:worker_threads');
const tell = (state) => { Atomics.store(cells, ${STATE}, state); Atomics.notify(cells, ${STATE}); };
try {
  const { Session } = require('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  tell(${RUNNING});
  // At even times, so that a tick that comes late does not delay the next ones.
  for (let next = performance.now() + interval; ; next = Math.max(next + interval, performance.now())) {
    if (Atomics.wait(cells, ${STOP}, 0, Math.max(next - performance.now(), 0)) !== 'timed-out') break;
    if (Atomics.exchange(cells, ${PENDING}, 1) === 0) session.post('Runtime.evaluate', { expression: '${NAME}()', silent: true });
  }
  session.disconnect();
  tell(${STOPPED});
} catch {
  tell(${FAILED});
}`;

export class Ticker {
  readonly #cells = new Int32Array(new SharedArrayBuffer(12));
  readonly #onTick: () => void;
  /** The first tick has come, and the last one has not. */
  #isTicking = false;

  constructor(onTick: () => void) {
    this.#onTick = onTick;
  }

  /** @param interval between two ticks in milliseconds @returns whether there will be ticks: not where Node has no inspector */
  start(interval: number): boolean {
    const { Worker } = workerThreads();
    const value = (): void => {
      Atomics.store(this.#cells, PENDING, 0);
      if (this.#isTicking) this.#onTick();
      else this.#isTicking = Atomics.load(this.#cells, STOP) === 0;
    };
    Object.defineProperty(globalThis, NAME, { value, configurable: true });
    const worker = new Worker(WORKER, { eval: true, workerData: { cells: this.#cells, interval }, execArgv: [] });
    worker.unref();
    if (this.#awaitChange(STARTING) !== RUNNING) return false;
    // The first one takes V8 some 40 ms.
    for (const end = performance.now() + PATIENCE; !this.#isTicking && performance.now() < end; );
    return this.#isTicking;
  }

  /** No tick comes from now on. */
  stop(): void {
    this.#isTicking = false;
    Atomics.store(this.#cells, STOP, 1);
    Atomics.notify(this.#cells, STOP);
    this.#awaitChange(RUNNING);
    Reflect.deleteProperty(globalThis, NAME);
  }

  #awaitChange(from: number): number {
    if (Atomics.load(this.#cells, STATE) === from) Atomics.wait(this.#cells, STATE, from, PATIENCE);
    return Atomics.load(this.#cells, STATE);
  }
}
