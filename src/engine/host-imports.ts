/**
 * What the core imports from the host (src/core/base/host.ts): what needs a VM's state (`HostCalls`), and the little that does not.
 */

/** Imports that raise errors or call host functions; none of the `throw*` returns. */
export interface HostCalls {
  throwError(): never;
  throwOperandError(kind: number, first: number, second: number): never;
  throwArgumentError(argument: number, text: number, length: number): never;
  throwText(text: number, length: number, limit: number): never;
  throwBareText(text: number, length: number, limit: number): never;
  callHost(handle: number, base: number, count: number, offset: number, numbers: number, first: number, second: number): number;
  /** The function or userdata (by tag) with a handle was freed. */
  release(tag: number, handle: number): void;
  /** The memory has grown. */
  grown(): void;
  /** Lets the JIT throw away what belongs to garbage, if it can now. */
  tidyTraces(): void;
  /** Calls the running thread's hook for an event. */
  callHook(event: number, line: number, first: number, count: number): void;
  /** Fills VM_BUDGET, or raises the error of a limit. */
  refill(): void;
  /** Writes bytes to a file, none at all (0, 0) for what it holds back. @returns negative after a failure */
  fileOutput(file: number, bytes: number, length: number): number;
  /** Reads to the end of a file's input buffer. @returns bytes, 0 at the end, negative after a failure */
  fileInput(file: number): number;
  /** Results of a builtin after a failure. @returns how many */
  fileFailure(base: number): number;
  fileClose(file: number): void;
  /** Raises "C stack overflow" if the host's own stack is nearly full. */
  checkStack(): void;
  /** The next piece of the source that is compiled (a string object), 0 at its end. */
  readPiece(): number;
  /** The same in the collector: looks at the limits only. */
  look(): void;
  /** Warns of the error in a slot, which a finaliser raised. */
  warnError(error: number): void;
}

export interface HostImports extends HostCalls {
  fmod(x: number, y: number): number;
  entropy(): number;
}

/** All imports of the core. The members are own properties that close over their arguments: the core calls them without `this`. */
export const createHostImports = (calls: HostCalls, entropy: () => number): HostImports => ({ ...calls, fmod: (x, y) => x % y, entropy });
