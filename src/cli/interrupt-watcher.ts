/**
 * Ctrl-C while Lua runs. Node delivers signals to JS callbacks when its event loop turns, which it does not while a program runs, and a
 * handler in a worker is never called. What Node does at once is to terminate a script that was started with `breakOnSigint`, in any
 * thread. So a worker sleeps inside such a script: when SIGINT ends it, the worker raises the flag that the program looks at between two slices.
 *
 * A worker costs as much as all the rest of a short program, so it is started when a program has run for a while, or somebody sees before it ends that it runs.
 *
 * The worker's script has to be armed again for the next signal. Until then a signal ends the process, as with lua.c: the way out of
 * a program that does not look at the flag.
 */
import { isTerminal, workerThreads } from '../hosts/node/builtins.ts';

/** Cells of the shared memory. The first one is what other threads may set to stop the program. */
const INTERRUPTED = 0;
/** Number of the signal that is awaited; a change wakes the worker up. */
const AWAITED = 1;
/** Number of the signal that the worker is ready for. */
const READY = 2;
/** Signals that have come. */
const CAUGHT = 3;

/** Milliseconds that a program runs before the worker is started: where somebody sits at a terminal, and elsewhere, since it takes a tenth of a second of processor time. */
const DELAY_AT_TERMINAL = 500;
const DELAY = 3000;
/** Milliseconds to wait for the worker before a program that has to be watched goes on unwatched: some 50 unless the machine is busy. */
const PATIENCE = 2000;

const WATCH = `
const { workerData: cells } = require('node:worker_threads');
const { Script } = require('node:vm');
globalThis.sleep = (number) => {
  Atomics.store(cells, ${READY}, number);
  Atomics.notify(cells, ${READY});
  Atomics.wait(cells, ${CAUGHT}, number - 1);
};
for (let number = 1; ; number++) {
  Atomics.wait(cells, ${AWAITED}, number - 1);
  try {
    new Script('sleep(' + number + ')').runInThisContext({ breakOnSigint: true });
  } catch {
    Atomics.store(cells, ${INTERRUPTED}, 1);
    Atomics.store(cells, ${CAUGHT}, number);
  }
}`;

export class InterruptWatcher {
  readonly #cells = new Int32Array(new SharedArrayBuffer(16));
  #isStarted = false;
  #armedAt = Date.now();
  #isGivenUp = false;
  #delay: number | undefined;

  /** Makes the next SIGINT raise the flag, from the moment on that the worker runs. */
  arm(): void {
    const cells = this.#cells;
    this.#armedAt = Date.now();
    Atomics.store(cells, INTERRUPTED, 0);
    if (Atomics.load(cells, AWAITED) > Atomics.load(cells, CAUGHT)) return;
    Atomics.add(cells, AWAITED, 1);
    Atomics.notify(cells, AWAITED);
  }

  /** Starts the worker, if it was not. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { Worker } = workerThreads();
    new Worker(WATCH, { eval: true, workerData: this.#cells, execArgv: [] }).unref();
  }

  /** Has the program run for a while? */
  get isDue(): boolean {
    const ran = Date.now() - this.#armedAt;
    if (ran <= DELAY_AT_TERMINAL) return false;
    this.#delay ??= [0, 1, 2].some(isTerminal) ? DELAY_AT_TERMINAL : DELAY;
    return ran > this.#delay;
  }

  /** Starts the worker once the program has run for a while. */
  startLater(): void {
    if (!this.#isStarted && this.isDue) this.start();
  }

  /** Waits until signals are caught. */
  awaitReady(): void {
    this.start();
    const cells = this.#cells;
    const ready = Atomics.load(cells, READY);
    if (ready < Atomics.load(cells, AWAITED) && !this.#isGivenUp) this.#isGivenUp = Atomics.wait(cells, READY, ready, PATIENCE) === 'timed-out';
  }

  /** Whether SIGINT has come since the last question. */
  take(): boolean {
    return Atomics.exchange(this.#cells, INTERRUPTED, 0) !== 0;
  }
}
