/** A worker of a pool: takes tasks, one at a time, and reports. An entry point of its own (dist/pool-worker.js). */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LuaError, type LuaExecution, type LuaValue, MoontraceError, type Vm } from '../src/api/index-node.ts';
import { CELL_SAVED, CELL_STOP, encodeError, type Order, plain, type Report, type Stage, type Task, unreadable, type WorkerSetup } from './protocol.ts';
import { WorkerVms } from './worker-vms.ts';

/** Units of work between looks at the clock of checkpoints: a few milliseconds. */
const SLICE = 200_000;

/** Milliseconds between looks at the time limit of a task that waits: one that is resumed has it in its image. */
const LOOK_EVERY = 500;

const port = parentPort as MessagePort;
const setup = workerData as WorkerSetup;
const cells = new Int32Array(setup.cells);

/** A task that has begun. */
class Running {
  readonly #task: Task;
  readonly #vm: Vm;
  readonly #execution: LuaExecution;
  #isStopped = false;
  /** Ends a wait. */
  #wake: () => void = () => {};
  #checkpoints = 0;

  constructor(task: Task, vm: Vm, execution: LuaExecution) {
    this.#task = task;
    this.#vm = vm;
    this.#execution = execution;
  }

  /** Ends it if that is asked for: closers run, once. */
  look(): void {
    if (this.#isStopped || Atomics.load(cells, CELL_STOP) !== this.#task.id) return;
    this.#isStopped = true;
    this.#execution.abort();
    this.#wake();
  }

  async finish(): Promise<LuaValue[]> {
    const { every, limits: { wallTimeout = Number.POSITIVE_INFINITY } } = this.#task;
    const deadline = performance.now() + wallTimeout;
    let saved = performance.now();
    this.look();
    for (;;) {
      const step = every === undefined ? this.#execution.step() : this.#execution.step(SLICE);
      if (step.state === 'done') return step.results;
      if (every !== undefined && performance.now() - saved >= every && this.#save()) saved = performance.now();
      if (step.state === 'suspended') await this.#wait(step.ready, deadline);
    }
  }

  /** Makes a checkpoint, unless the last one is still being saved. */
  #save(): boolean {
    if (this.#isStopped || Atomics.load(cells, CELL_SAVED) < this.#checkpoints) return false;
    const image = this.#vm.snapshot();
    this.#checkpoints++;
    report({ kind: 'checkpoint', image }, [image.buffer]);
    return true;
  }

  async #wait(ready: Promise<void>, deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      void ready.then(resolve);
      timer = setTimeout(resolve, Math.min(LOOK_EVERY, Math.max(0, deadline - performance.now()) + 1));
      this.look();
    });
    clearTimeout(timer);
  }
}

let running: Running | undefined;
const vms = new WorkerVms(setup, { progress: (value) => report({ kind: 'progress', value }), onSlice: () => running?.look(), onPrepare: () => report({ kind: 'preparing' }) });
vms.prepared().then(
  () => report({ kind: 'ready' }),
  (error) => report(error instanceof LuaError && error.code === 'timeout' ? { kind: 'unfit', error: encodeError(error) } : { kind: 'ready' }),
);

function report(what: Report | Stage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(what, transfer);
}

/** An array that Lua has in place. */
const isLent = (value: unknown, transfer: readonly ArrayBuffer[]): value is NodeJS.TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && (value.buffer instanceof SharedArrayBuffer || transfer.includes(value.buffer));

async function begin(task: Task): Promise<{ readonly vm: Vm; readonly execution: LuaExecution; readonly close: () => void }> {
  const { work, limits, transfer, every } = task;
  if ('image' in work) {
    const vm = await vms.restore(work.image);
    // The pool's own image may have had calls under way, which were begun before.
    const execution = vm.executions.at(-1);
    if (execution !== undefined) return { vm, execution, close: () => vm.close() };
    vm.close();
    throw new MoontraceError('bad-image', 'there is no task under way in it');
  }
  const { vm, func, close } = await vms.load(work.source);
  try {
    const args = work.args.map((value) => (every === undefined && isLent(value, transfer) ? vm.fromJS(value, 'live') : value));
    return { vm, execution: vm.start(func, args as LuaValue[], limits), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Runs a task to its end. @returns what is reported of it, converted while its VM is there */
async function outcomeOf(task: Task): Promise<Report> {
  const { vm, execution, close } = await begin(task);
  running = new Running(task, vm, execution);
  try {
    return { kind: 'done', results: (await running.finish()).map((value) => plain(value, 'results')) };
  } catch (error) {
    return { kind: 'failed', error: encodeError(error) };
  } finally {
    running = undefined;
    close();
  }
}

async function run(task: Task): Promise<void> {
  try {
    const outcome = await outcomeOf(task);
    const values = outcome.kind === 'done' ? outcome.results : [];
    const buffers = values.flatMap((value) => (ArrayBuffer.isView(value) && task.transfer.includes(value.buffer as ArrayBuffer) ? [value.buffer as ArrayBuffer] : []));
    report(outcome, [...new Set(buffers)]);
  } catch (error) {
    report({ kind: 'failed', error: encodeError(error) });
  }
}

port.on('message', (order: Order) => {
  if ('task' in order) void run(order.task);
  else running?.look();
});
// A task whose arguments this thread's stack is too small for.
port.on('messageerror', (error) => report({ kind: 'failed', error: encodeError(unreadable(error)) }));
