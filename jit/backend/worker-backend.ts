/**
 * A backend in a worker: Binaryen's second of loading and its milliseconds a trace pass beside the program.
 *
 * A busy Lua program never yields to the event loop of its thread, so nothing here waits for an event: in Node the results are fetched
 * synchronously from a message port, after a look at a shared counter that costs nothing. Browsers have no synchronous receive; there the
 * results arrive while the page is idle, between slices of the program, and until then traces are compiled on the thread itself.
 */
import { type AsyncBackend, BackendError } from './backend.ts';
import type { BackendName } from './backends.ts';
import type { FunctionCode } from '../wasm/function-code.ts';
import {
  FLAG_COUNT, FLAG_MESSAGES, STATE_FAILED, STATE_LOADING, STATE_READY, type WorkerJob, type WorkerResult, type WorkerStart, type WorkerState,
} from './worker-protocol.ts';

/** Where the messages of a worker come from. */
interface WorkerChannel {
  post(message: WorkerStart | WorkerJob): void;
  /** The next message that has arrived. */
  receive(): WorkerResult | WorkerState | undefined;
  /** Why the worker itself does not run, if it does not. */
  failure(): string | undefined;
  /** Resolves soon: some event may have arrived. */
  pause(): Promise<void>;
  close(): void;
}

export interface WorkerBackendOptions {
  readonly backend: BackendName;
  /** The compiled worker.ts; beside this module in the package. */
  readonly url?: URL;
}

const PAUSE_MS = 2;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** @throws BackendError if there are no workers here */
export function createWorkerBackend({ backend, url }: WorkerBackendOptions): AsyncBackend {
  const channel = openChannel(url, backend);
  const underWay = new Set<number>();
  let ready: WorkerResult[] = [];
  let state: WorkerState = { state: STATE_LOADING, message: '' };

  /** Moves the results that have arrived to `ready`. */
  function receiveAll(): void {
    for (let message = channel.receive(); message; message = channel.receive()) {
      if ('state' in message) state = message;
      else {
        underWay.delete(message.job);
        ready.push(message);
      }
    }
    const failure = channel.failure();
    if (failure === undefined || state.state === STATE_FAILED) return;
    // The worker has died: nobody does the jobs that are under way.
    state = { state: STATE_FAILED, message: failure };
    for (const job of underWay) ready.push({ job, binary: undefined, message: failure });
    underWay.clear();
  }

  /** What is known of the worker now. */
  function currentState(): WorkerState {
    receiveAll();
    return state;
  }

  return {
    name: `${backend}-worker`,
    isReady: () => currentState().state === STATE_READY,
    failure: () => (currentState().state === STATE_FAILED ? state.message : undefined),
    submit(job: number, { entries, parameters, imports, globals, locals, body, binary }: FunctionCode) {
      underWay.add(job);
      channel.post({ job, code: { entries, parameters, imports, globals, locals, body: body.slice(), ...(binary && { binary: binary.slice() }) } });
    },
    poll() {
      receiveAll();
      const results = ready;
      if (results.length > 0) ready = [];
      return results;
    },
    async settle() {
      while (currentState().state === STATE_LOADING || (state.state === STATE_READY && underWay.size > 0)) await channel.pause();
    },
    dispose: () => channel.close(),
  };
}

/** @throws BackendError */
function openChannel(given: URL | undefined, backend: BackendName): WorkerChannel {
  try {
    const url = given ?? new URL('./worker.js', import.meta.url);
    return openNodeChannel(url, backend) ?? openWebChannel(url, backend);
  } catch (error) {
    // There are policies that forbid them, hosts whose modules have no address, and renderers of Electron that have Node's modules, but not its threads.
    throw new BackendError(`there are no workers here: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

type NodeThreads = typeof import('node:worker_threads');

/** Node's worker threads, without an asynchronous import: the caller may be inside a running program. */
function nodeThreads(): NodeThreads | undefined {
  return typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:worker_threads');
}

function openNodeChannel(url: URL, backend: BackendName): WorkerChannel | undefined {
  const threads = nodeThreads();
  if (!threads) return undefined;
  const { MessageChannel, Worker, receiveMessageOnPort } = threads;
  const flags = new Int32Array(new SharedArrayBuffer(FLAG_COUNT * Int32Array.BYTES_PER_ELEMENT));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(url, { workerData: { port: port2 }, transferList: [port2] });
  let failure: string | undefined;
  worker.on('error', (error) => {
    failure = error.message;
  });
  // The program may end while the worker idles.
  worker.unref();
  port1.unref();
  let received = 0;
  port1.postMessage({ backend, flags } satisfies WorkerStart);
  return {
    post: (message) => port1.postMessage(message),
    receive() {
      if (Atomics.load(flags, FLAG_MESSAGES) === received) return undefined;
      const message = receiveMessageOnPort(port1)?.message as WorkerResult | WorkerState | undefined;
      if (message) received++;
      return message;
    },
    failure: () => failure,
    pause,
    close() {
      port1.close();
      void worker.terminate();
    },
  };
}

function openWebChannel(url: URL, backend: BackendName): WorkerChannel {
  const worker = new globalThis.Worker(url, { type: 'module' });
  const arrived: (WorkerResult | WorkerState)[] = [];
  let failure: string | undefined;
  worker.addEventListener('message', ({ data }: MessageEvent<WorkerResult | WorkerState>) => arrived.push(data));
  // Has a message only if the script was there, and threw.
  worker.addEventListener('error', ({ message }: Partial<ErrorEvent>) => {
    failure = message ?? 'the script of the worker cannot be loaded';
  });
  worker.postMessage({ backend, flags: undefined } satisfies WorkerStart);
  return {
    post: (message) => worker.postMessage(message),
    receive: () => arrived.shift(),
    failure: () => failure,
    pause,
    close: () => worker.terminate(),
  };
}
