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
  entropy(): number;
}

export interface HostImports extends HostCalls {
  fmod(x: number, y: number): number;
}

/** All imports of an instance of the core, which serves one machine after the other. Its pointers are unsigned from here on. @param holder who knows the machine that has it */
export const createHostImports = (holder: { readonly calls: HostCalls }): HostImports => ({
  throwError: () => holder.calls.throwError(),
  throwOperandError: (kind, first, second) => holder.calls.throwOperandError(kind, first >>> 0, second >>> 0),
  throwArgumentError: (argument, text, length) => holder.calls.throwArgumentError(argument, text >>> 0, length),
  throwText: (text, length, limit) => holder.calls.throwText(text >>> 0, length, limit),
  throwBareText: (text, length, limit) => holder.calls.throwBareText(text >>> 0, length, limit),
  callHost: (handle, base, count, offset, numbers, first, second) => holder.calls.callHost(handle, base >>> 0, count, offset, numbers, first, second),
  release: (tag, handle) => holder.calls.release(tag, handle),
  grown: () => holder.calls.grown(),
  tidyTraces: () => holder.calls.tidyTraces(),
  callHook: (event, line, first, count) => holder.calls.callHook(event, line, first >>> 0, count),
  refill: () => holder.calls.refill(),
  fileOutput: (file, bytes, length) => holder.calls.fileOutput(file >>> 0, bytes >>> 0, length),
  fileInput: (file) => holder.calls.fileInput(file >>> 0),
  fileFailure: (base) => holder.calls.fileFailure(base >>> 0),
  fileClose: (file) => holder.calls.fileClose(file >>> 0),
  checkStack: () => holder.calls.checkStack(),
  readPiece: () => holder.calls.readPiece(),
  look: () => holder.calls.look(),
  warnError: (error) => holder.calls.warnError(error >>> 0),
  entropy: () => holder.calls.entropy(),
  fmod: (x, y) => x % y,
});
