/**
 * A Wasm function in the form that passes from lowering to the encoder, and by way of the host to other backends.
 *
 * The body is a stream of numbers in Wasm's own order (operands before operators, structured blocks), not a tree of objects. It obeys one rule more than
 * Wasm: where a statement (an instruction without result) stands, nothing else is on the operand stack; the function builder checks it.
 */

/** A function whose parameters and result are i32. */
export class FunctionCode {
  /** Imported functions (Helper, CoreCall) and globals (imports.ts). */
  imports: Array<i32> = [];
  globals: Array<i32> = [];
  /** Types of the locals behind the parameters. */
  locals: Array<i32> = [];
  /** Instructions (`Wasm`) with their immediates; the function's final `end` included. */
  body: Array<i32> = [];

  constructor(
    /**
     * Entries of the module. 1: the function is exported itself. More: it has two parameters, of which the second is the number of the entry,
     * and what is exported is a function of one parameter for each entry.
     */
    public entries: i32,
    /** Parameters of the function in one with a single entry. */
    public parameters: i32,
  ) {}

  /** Parameters the body has. */
  get parameterCount(): i32 {
    return this.entries > 1 ? 2 : this.parameters;
  }
}

/** Immediate of a `call` of the function itself. */
export const SELF: i32 = -1;
