/**
 * What turns function code into a WebAssembly binary. Implementations: encoder-backend.ts, binaryen-backend.ts, worker-backend.ts
 * (another one in a worker), null-backend.ts. All of them yield code that behaves the same; one test suite runs against each.
 */
import type { FunctionCode } from '../wasm/function-code.ts';

/** A finished job of a backend that compiles elsewhere. `binary` is undefined when the backend failed; `message` then says why. */
export interface CompiledModule {
  readonly job: number;
  readonly binary: Uint8Array<ArrayBuffer> | undefined;
  readonly message: string;
}

export interface Backend {
  readonly name: string;
  /** It is content with the encoded module: the code's body need not be there. @internal */
  readonly takesEncoded?: boolean;
  /** Makes the backend ready. Lazy: nothing is loaded before. Rejects if the backend is not available. */
  load(): Promise<void>;
  isReady(): boolean;
  /**
   * Compiles at once. @returns the binary, or undefined if the backend declines
   * @throws BackendError if it is not ready or the code is not valid
   * @internal
   */
  compile(code: FunctionCode): Uint8Array<ArrayBuffer> | undefined;
  /** The module as text, for `-j dump`; undefined if the backend has no printer. @internal */
  text(code: FunctionCode): string | undefined;
  dispose(): void;
}

/** A backend that compiles while the program goes on. Never needs the event loop of the calling thread. @internal */
export interface AsyncBackend {
  readonly name: string;
  /** True once it can take jobs without a long wait. */
  isReady(): boolean;
  /** Why it will never be ready; undefined as long as it may. */
  failure(): string | undefined;
  /** Hands a job over. Its number comes back with its result. */
  submit(job: number, code: FunctionCode): void;
  /** Results that arrived since the last call; does not wait. */
  poll(): readonly CompiledModule[];
  /** Resolves when no job is under way. */
  settle(): Promise<void>;
  dispose(): void;
}

/** The backend is not available, or refuses the code. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}
