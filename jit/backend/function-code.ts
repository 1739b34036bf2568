/**
 * A Wasm function in the form that passes from lowering to a backend: plain data, so that it can be posted to a worker.
 *
 * The body is a stream of numbers in Wasm's own order (operands before operators, structured blocks), not a tree of objects: it is
 * built without allocating per node, cloned in one copy, and encoding it is a single pass. It obeys one rule more than Wasm: where a statement
 * (an instruction without result) stands, nothing else is on the operand stack. So it always *is* a list of expression trees,
 * which is what Binaryen wants; the function builder checks it.
 */
import type { WasmType } from './wasm-operations.ts';

/** Module of imported functions: exports of the core. */
export const IMPORT_MODULE = 'core';

/** A function the code calls. */
export interface FunctionImport {
  readonly name: string;
  readonly parameters: readonly WasmType[];
  readonly result: WasmType | undefined;
}

/** A function `(i32) -> i32`; local 0 is its parameter. */
export interface FunctionCode {
  readonly imports: readonly FunctionImport[];
  /** Immutable i32 globals it imports from 'env', by name. */
  readonly globals: readonly string[];
  /** Types of the locals behind the parameter. */
  readonly locals: readonly WasmType[];
  /** Instructions (`Wasm[...]`) with their immediates; the function's final `end` included. */
  readonly body: Int32Array;
}

/** Name by which a module exports its function. */
export const EXPORT_NAME = 'trace';
