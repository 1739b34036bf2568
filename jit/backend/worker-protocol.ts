/** What travels between a worker backend and its worker: plain data, the same in Node and in browsers. */
import type { BackendName } from './backends.ts';
import type { CompiledModule } from './backend.ts';
import type { FunctionCode } from './function-code.ts';

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

/** 0 while the backend loads, then 1, or -1 if it could not be loaded. */
export const FLAG_STATE = 0;
/** Number of results posted so far. */
export const FLAG_RESULTS = 1;
export const FLAG_COUNT = 2;

export const STATE_LOADING = 0;
export const STATE_READY = 1;
export const STATE_FAILED = -1;

/** Posted by a worker without shared flags when its state changes. */
export interface WorkerState {
  readonly state: number;
}
