/**
 * The worker's side of a worker backend: loads a backend and compiles what it is sent. An entry point of its own (dist/worker.js), a single file;
 * runs in Node's worker threads and in browsers.
 */
import type { Backend } from './backend.ts';
import { BACKENDS } from './backends.ts';
import { FLAG_MESSAGES, STATE_FAILED, STATE_READY, type WorkerJob, type WorkerResult, type WorkerStart, type WorkerState } from './worker-protocol.ts';

/** What both kinds of port have in common. */
interface Port {
  postMessage(message: WorkerResult | WorkerState, transfer: ArrayBuffer[]): void;
  /** Calls back for each message, the data unwrapped. */
  listen(listener: (message: WorkerStart | WorkerJob) => void): void;
}

class CompileWorker {
  readonly #port: Port;
  #backend: Backend | undefined;
  #flags: Int32Array | undefined;
  /** Jobs that arrived while the backend was loading. */
  #waiting: WorkerJob[] | undefined = [];

  constructor(port: Port) {
    this.#port = port;
    port.listen((message) => {
      if ('backend' in message) void this.#start(message);
      else if (this.#waiting) this.#waiting.push(message);
      else this.#compile(message);
    });
  }

  async #start({ backend, flags }: WorkerStart): Promise<void> {
    this.#flags = flags;
    this.#backend = BACKENDS[backend]();
    let state: WorkerState = { state: STATE_READY, message: '' };
    try {
      await this.#backend.load();
    } catch (error) {
      state = { state: STATE_FAILED, message: error instanceof Error ? error.message : String(error) };
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const job of waiting) this.#compile(job);
    this.#post(state, undefined);
  }

  #compile({ job, code }: WorkerJob): void {
    try {
      const binary = this.#backend?.compile(code);
      this.#post({ job, binary, message: '' }, binary);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#post({ job, binary: undefined, message }, undefined);
    }
  }

  #post(result: WorkerResult | WorkerState, binary: Uint8Array<ArrayBuffer> | undefined): void {
    this.#port.postMessage(result, binary ? [binary.buffer] : []);
    if (this.#flags) Atomics.add(this.#flags, FLAG_MESSAGES, 1);
  }
}

/** Browsers: the global scope is the port. */
interface WorkerScope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<WorkerStart | WorkerJob>) => void): void;
}

async function connect(): Promise<Port> {
  if (typeof process === 'undefined') {
    const scope = globalThis as unknown as WorkerScope;
    return {
      postMessage: (message, transfer) => scope.postMessage(message, transfer),
      listen: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
    };
  }
  // The port is a channel of its own: the main thread polls it, which Node allows for ports it holds, not for a Worker object.
  const { workerData } = await import('node:worker_threads');
  const port = (workerData as { port: import('node:worker_threads').MessagePort }).port;
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    listen: (listener) => void port.on('message', listener),
  };
}

// No module waits for another here: some bundlers take this file for a plain script.
void connect().then((port) => new CompileWorker(port));
