/**
 * Workers and the tasks that wait for them. A worker does one task at a time; one that is gone takes its task with it, and the next task has another one started. Workers without
 * work do not keep the process alive. A worker gets its task when it is ready: before, nothing reaches it, as it is at code of the user's (module, setup) that may take long, so whatever ends a task then is
 * done here.
 *
 * Why no library: piscina 5.3 and tinypool 2.2 end a task that is to be cancelled by ending its worker, and its VM with it; here Lua is stopped and the worker goes on. The one has no
 * workers any more when one ended at its start, the other leaves a task pending for ever whose worker has exited. What would be left for them is a list.
 */
import { Worker } from 'node:worker_threads';
import { LuaError, MoontraceError } from '../src/api/index-node.ts';
import { CELL_SAVED, CELL_STOP, CELLS, decodeError, type Order, type Report, type Stage, type Task, unreadable, type WorkerSetup } from './protocol.ts';

export interface Job {
  readonly task: Task;
  onReport(report: Report): void;
  /** Its worker is gone, or the pool is. */
  readonly onLost: (error: Error) => void;
}

interface Seat {
  readonly worker: Worker;
  readonly cells: Int32Array;
  job: Job | undefined;
  /** What ended the worker, as far as it is known. */
  failure: Error | undefined;
  /** Only a worker that is ready has its task: before, that can still be taken back. One that is ending gets none. */
  stage: 'starting' | 'preparing' | 'ready' | 'ending';
  /** Ends the wait of its task for its preparation. */
  timer: NodeJS.Timeout | undefined;
}

const isFree = ({ job, stage }: Seat): boolean => job === undefined && stage !== 'ending';
const isReady = ({ stage }: Seat): boolean => stage === 'ready';

const TIMEOUT = 'time limit exceeded';

export class Threads {
  readonly #script: URL;
  readonly #setup: Omit<WorkerSetup, 'cells'>;
  readonly #most: number;
  readonly #resourceLimits: object;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Job[] = [];
  #isClosed = false;
  #onIdle: () => void = () => {};

  /** @param script what workers run @param most how many there may be */
  constructor(script: URL, setup: Omit<WorkerSetup, 'cells'>, most: number, resourceLimits: object) {
    this.#script = script;
    this.#setup = setup;
    this.#most = most;
    this.#resourceLimits = resourceLimits;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tasks without a worker. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Workers there are. */
  get size(): number {
    return this.#seats.size;
  }

  /** Whether a task would begin at once. */
  get isFree(): boolean {
    return this.#seats.size < this.#most || [...this.#seats].some(isFree);
  }

  submit(job: Job): void {
    this.#waiting.push(job);
    this.#assign();
  }

  /** A checkpoint of the task has been saved. */
  saved(job: Job): void {
    for (const { job: own, cells } of this.#seats) if (own === job) Atomics.add(cells, CELL_SAVED, 1);
  }

  /** Ends a task. @returns whether it had not begun, and is no more; else its worker will report its end */
  cancel(job: Job): boolean {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      this.#assign();
      return true;
    }
    const seat = [...this.#seats].find(({ job: own }) => own === job);
    if (seat === undefined) return false;
    if (!isReady(seat)) {
      this.#takeFrom(seat);
      this.#assign();
      return true;
    }
    Atomics.store(seat.cells, CELL_STOP, job.task.id);
    seat.worker.postMessage({ stop: job.task.id } satisfies Order);
    return false;
  }

  /** Takes no more tasks; those there are are done, or given up. @returns when all workers are gone */
  async close(isAtOnce: boolean): Promise<void> {
    this.#isClosed = true;
    if (isAtOnce) {
      const lost = [...this.#waiting.splice(0), ...[...this.#seats].flatMap((seat) => this.#takeFrom(seat) ?? [])];
      for (const job of lost) job.onLost(new MoontraceError('pool-closed', 'the task was given up'));
      this.#onIdle();
    } else if (!this.#isIdle) {
      const outer = this.#onIdle;
      await new Promise<void>((resolve) => {
        this.#onIdle = () => {
          outer();
          resolve();
        };
      });
    }
    await Promise.all([...this.#seats].map(({ worker }) => worker.terminate()));
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && [...this.#seats].every(({ job }) => job === undefined);
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const free = [...this.#seats].filter(isFree);
      const seat = free.find(isReady) ?? free[0] ?? (this.#seats.size < this.#most ? this.#start() : undefined);
      if (seat === undefined) return;
      const job = this.#waiting.shift() as Job;
      seat.job = job;
      seat.worker.ref();
      this.#begin(seat);
    }
    if (this.#isIdle) this.#onIdle();
  }

  /** Gives a worker its task, if it is ready. */
  #begin(seat: Seat): void {
    const { job, stage } = seat;
    if (job === undefined) return;
    clearTimeout(seat.timer);
    if (stage === 'ready') return this.#post(seat, job);
    const { wallTimeout } = job.task.limits;
    if (stage !== 'preparing' || wallTimeout === undefined) return;
    seat.timer = setTimeout(() => {
      this.#takeFrom(seat);
      job.onLost(new LuaError(TIMEOUT, { code: 'timeout', value: TIMEOUT, traceback: '' }));
      this.#assign();
    }, wallTimeout);
  }

  #post(seat: Seat, { task, onLost }: Job): void {
    Atomics.store(seat.cells, CELL_SAVED, 0);
    try {
      seat.worker.postMessage({ task } satisfies Order, [...task.transfer]);
    } catch (error) {
      // The call came from deeper in the stack than the one that took the arguments.
      this.#takeFrom(seat);
      onLost(new MoontraceError('bad-value', `args: ${(error as Error).message}`, { cause: error }));
    }
  }

  /** A worker has no task any more. @returns the one it had */
  #takeFrom(seat: Seat): Job | undefined {
    const { job } = seat;
    seat.job = undefined;
    clearTimeout(seat.timer);
    seat.worker.unref();
    return job;
  }

  /** Ends a worker that is of no use; its task is told the error. */
  #discard(seat: Seat, error: Error): void {
    seat.stage = 'ending';
    this.#takeFrom(seat)?.onLost(error);
    // Keeps the process alive until then: tasks may wait for its place.
    void seat.worker.terminate();
    this.#assign();
  }

  #start(): Seat {
    const cells = new SharedArrayBuffer(CELLS * 4);
    const worker = new Worker(this.#script, { workerData: { ...this.#setup, cells } satisfies WorkerSetup, resourceLimits: this.#resourceLimits });
    const seat: Seat = { worker, cells: new Int32Array(cells), job: undefined, failure: undefined, stage: 'starting', timer: undefined };
    this.#seats.add(seat);
    worker.on('message', (report: Report | Stage) => {
      if (seat.stage !== 'ending') this.#onReport(seat, report);
    });
    // Which report that was nobody knows.
    worker.on('messageerror', (error) => this.#discard(seat, unreadable(error)));
    worker.on('error', (error: Error) => {
      seat.failure = error;
    });
    worker.on('exit', (code) => {
      this.#seats.delete(seat);
      const { failure } = seat;
      this.#takeFrom(seat)?.onLost(new MoontraceError('worker-died', failure === undefined ? `it ended with exit code ${code}` : failure.message, { cause: failure }));
      this.#assign();
    });
    return seat;
  }

  #onReport(seat: Seat, report: Report | Stage): void {
    if (report.kind === 'unfit') return this.#discard(seat, decodeError(report.error, undefined));
    if (report.kind === 'preparing' || report.kind === 'ready') {
      seat.stage = report.kind;
      return this.#begin(seat);
    }
    const { job } = seat;
    if (job === undefined) return;
    if (report.kind === 'done' || report.kind === 'failed') this.#takeFrom(seat);
    job.onReport(report);
    this.#assign();
  }
}
