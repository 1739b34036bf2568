/** What travels between a worker backend and its worker: plain data, the same in Node and in browsers. */
import type { BackendName } from './backends.ts';
import type { CompiledModule } from './backend.ts';
import type { FunctionCode } from '../wasm/function-code.ts';

/** The first message to the worker; then only jobs. */
export interface WorkerStart {
  readonly backend: BackendName;
  /** Words FLAG_*, shared: the main thread looks here before it asks for messages. Undefined where memory cannot be shared. */
  readonly flags: Int32Array | undefined;
}

export interface WorkerJob {
  readonly job: number;
  readonly code: FunctionCode;
}

/** From the worker: a finished job. */
export type WorkerResult = CompiledModule;

/** Number of messages posted so far. */
export const FLAG_MESSAGES = 0;
export const FLAG_COUNT = 1;

/** Whether the backend has been loaded. */
export const STATE_LOADING = 0;
export const STATE_READY = 1;
export const STATE_FAILED = -1;

/** Posted when the backend has been loaded, or could not be. */
export interface WorkerState {
  readonly state: number;
  /** Why it could not. */
  readonly message: string;
}
