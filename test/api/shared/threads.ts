/** Threads that use a shared VM, for tests: each does what it is sent. */
import { Worker } from 'node:worker_threads';
import type { CreateJitOptions } from '../../../jit/index.ts';
import type { AttachOptions, SharedHandle, SharedVm } from '../../../src/api/index-node.ts';
import { bundled } from '../../support/bundle.ts';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string; readonly cause?: string };
}

export class Thread {
  readonly worker: Worker;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  /** Called with what the thread posts. */
  onPost: (value: unknown) => void = () => {};

  /** @param jit options of the JIT that it brings, if it brings one */
  constructor(handle: SharedHandle, jit?: CreateJitOptions, options: AttachOptions = {}) {
    this.worker = new Worker(bundled('test/api/shared/thread-script.ts'), { workerData: { handle, options, jit } });
    this.worker.on('message', (answer: Answer) => {
      if (answer.id === 0) this.onPost(answer.result);
      else this.#waiting.get(answer.id)?.(answer);
    });
    this.worker.on('error', (error) => {
      for (const answer of this.#waiting.values()) answer({ id: 0, error: { message: String(error) } });
    });
  }

  /** Runs the body of an asynchronous function of `shared`, `api`, `verifiedHeap`, `args` and `post` there. @throws an object of message, code and code of the cause */
  run(body: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(error);
      });
      this.worker.postMessage({ id, body, args });
    });
  }

  /** The next thing it posts. */
  posted(): Promise<unknown> {
    return new Promise((resolve) => {
      this.onPost = resolve;
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Runs an action with threads that use a VM, which are watched, and ends them. */
export async function withThreads<Result>(shared: SharedVm, count: number, action: (...threads: Thread[]) => Promise<Result>): Promise<Result> {
  const threads = Array.from({ length: count }, () => new Thread(shared.handle));
  for (const { worker } of threads) shared.watch(worker);
  try {
    await Promise.all(threads.map((thread) => thread.run('')));
    return await action(...threads);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}
