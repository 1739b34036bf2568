/** A function prototype apart from the engine, as tests look at it. */

/** A constant: nil, booleans, integers (bigint, already wrapped to 64 bits), floats (number), strings (bytes). */
export type Constant = null | boolean | bigint | number | Uint8Array;

export interface UpvalueDescription {
  /** Name for messages and debug functions; '' if it is not known. */
  readonly name: string;
  /** True: captured from a register of the enclosing function; false: from its upvalues. */
  readonly fromStack: boolean;
  /** Register number or upvalue index in the enclosing function (plain, not scaled). */
  readonly index: number;
  /** 0 regular, 1 const, 2 to-be-closed. */
  readonly kind: number;
}

export interface LocalVariable {
  readonly name: string;
  readonly register: number;
  /** Byte offsets into the code: visible in [startPc, endPc). */
  readonly startPc: number;
  readonly endPc: number;
}

export interface Prototype {
  /** Chunk name as PUC keeps it (`@file`, `=name`, or source text); `=?` without debug data. */
  readonly source: string;
  readonly lineDefined: number;
  readonly lastLineDefined: number;
  readonly parameterCount: number;
  readonly isVararg: boolean;
  /** Registers the frame needs (at least 2). */
  readonly maxStack: number;
  /** Instruction words as pairs [low, high] of 32 bits; cache words included (zero). */
  readonly code: Uint32Array;
  readonly constants: readonly Constant[];
  readonly prototypes: readonly Prototype[];
  readonly upvalues: readonly UpvalueDescription[];
  /** Source line of each 8-byte word (a cache word repeats its instruction's line); empty without debug data. */
  readonly lines: Int32Array;
  readonly locals: readonly LocalVariable[];
}
