/** A thread that uses a shared VM: does what it is sent, as the body of an asynchronous function. */
import { parentPort, workerData } from 'node:worker_threads';
import { type CreateJitOptions, createJit } from '../../../jit/index.ts';
import * as api from '../../../src/api/index-node.ts';
import { verifiedHeap } from './verified-heap.ts';

const { handle, options, jit } = workerData as { handle: api.SharedHandle; options: api.AttachOptions; jit: CreateJitOptions | undefined };
const shared = api.SharedVm.attach(handle, { ...options, ...(jit !== undefined && { jit: createJit(jit) }) });
const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<unknown>;

parentPort?.on('message', ({ id, body, args }: { id: number; body: string; args: unknown[] }) => {
  const context = { shared, api, verifiedHeap, args, post: (value: unknown) => parentPort?.postMessage({ id: 0, result: value }) };
  new AsyncFunction(...Object.keys(context), body)(...Object.values(context)).then(
    (result) => parentPort?.postMessage({ id, result }),
    (error: Error & { code?: string }) => parentPort?.postMessage({ id, error: { message: error.message, code: error.code, cause: (error.cause as { code?: string } | undefined)?.code } }),
  );
});
