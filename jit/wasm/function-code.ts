/**
 * A Wasm function in the form that passes from lowering to a backend: plain data, so that it can be posted to a worker.
 *
 * The body is a stream of numbers in Wasm's own order (operands before operators, structured blocks), not a tree of objects: it is
 * built without allocating per node, cloned in one copy, and encoding it is a single pass. It obeys one rule more than Wasm: where a statement
 * (an instruction without result) stands, nothing else is on the operand stack. So it always *is* a list of expression trees,
 * which is what Binaryen wants; the function builder checks it.
 */
import type { WasmType } from './operations.ts';

export { exportName, IMPORT_MODULE } from '../../src/engine/trace-module.ts';

/** A function the code calls. */
export interface FunctionImport {
  readonly name: string;
  readonly parameters: readonly WasmType[];
  readonly result: WasmType | undefined;
}

/** A function whose parameters and result are i32. */
export interface FunctionCode {
  /**
   * Entries of the module. 1: the function has one parameter and is exported itself. More: it has a second parameter, the number of the entry,
   * and what is exported is a function of one parameter for each entry.
   */
  readonly entries: number;
  /** Parameters of the function in one with a single entry. */
  readonly parameters: number;
  readonly imports: readonly FunctionImport[];
  /** Immutable i32 globals it imports from 'env', by name. */
  readonly globals: readonly string[];
  /** Types of the locals behind the parameters. */
  readonly locals: readonly WasmType[];
  /** Instructions (`Wasm[...]`) with their immediates; the function's final `end` included. */
  readonly body: Int32Array;
  /** The module, where the JIT's core has encoded it. */
  readonly binary?: Uint8Array<ArrayBuffer>;
}

/** Immediate of a `call` of the function itself. */
export const SELF = -1;

/** Parameters the body has: in a function of several entries the second is the entry. */
export const parameterCount = ({ entries, parameters }: Pick<FunctionCode, 'entries' | 'parameters'>): number => (entries > 1 ? 2 : parameters);
