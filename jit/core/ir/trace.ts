/** A trace in IR form: instructions, constants, snapshots. Owns the data structure only; the builder (build/builder.ts) appends to it. The IR is described in jit/ir/ir-table.ts. */
import { Link, Op, Type } from '../generated/ir-tables';

/** Reference to an instruction (>= 0) or a constant (< 0, `~ref` is its place in the pool). */
export type Ref = i32;
/** No operand. */
export const NONE: Ref = 0x7fffffff;

/** Shared: must not be changed. */
export const NO_REFS: StaticArray<Ref> = [];

export class Instruction {
  /** Index into `snapshots`, -1 if it cannot leave the trace. */
  snapshot: i32 = -1;

  constructor(
    /** Op */
    public op: i32,
    /** Type */
    public type: i32,
    public a: Ref = NONE,
    public b: Ref = NONE,
    public c: Ref = NONE,
    /** See the operation's row. 0 if unused. */
    public immediate: i32 = 0,
    public immediate2: i32 = 0,
    /** Operands of CALL. */
    public args: StaticArray<Ref> = NO_REFS,
  ) {}
}

/** KINT, KFLT (as bits), KI32, KPTR: `bits` has the value, 32-bit ones as unsigned (KPTR) or signed (KI32) numbers. */
export class Constant {
  constructor(
    /** Op */
    public op: i32,
    public bits: i64,
  ) {}

  get type(): i32 {
    return this.op == Op.KINT ? Type.I64 : this.op == Op.KFLT ? Type.F64 : Type.I32;
  }

  get float(): f64 {
    return reinterpret<f64>(this.bits);
  }

  get small(): i32 {
    return <i32>this.bits;
  }
}

/** One value to restore: stack slot number (from the root frame's base), reference (NONE for nil, false, true), tag. */
export class SnapshotEntry {
  constructor(
    public slot: i32,
    public ref: Ref,
    public tag: i32,
  ) {}
}

/** An inlined call's frame, outermost first: see EXIT_FRAME_* in layout.ts. Its function is in slot base - 1. */
export class SnapshotFrame {
  constructor(
    /** Slot number of the frame's base. */
    public base: i32,
    /** Address of the CALL in the caller. */
    public callerPc: u32,
    public results: i32,
    /** FRAME_KIND and flags of the pushed frame (0 for a plain call), its FRAME_VARARGS times 65536. */
    public kind: u32,
  ) {}
}

/** What an exit restores before the interpreter goes on at `pc` in the innermost frame. Slots not listed already hold their value. */
export class Snapshot {
  frames: Array<SnapshotFrame> = [];
  entries: Array<SnapshotEntry> = [];
  /** Slots whose value is in the stack already although the trace writes them: results of the builtin call just made. Never among the entries. */
  inStack: StaticArray<i32> = NO_REFS;

  constructor(
    public pc: u32,
    /** Bytecode instructions recorded before it: how far into an iteration the exit is. */
    public length: i32,
  ) {}
}

export { Link };

export class Trace {
  instructions: Array<Instruction> = [];
  constants: Array<Constant> = [];
  snapshots: Array<Snapshot> = [];
  /** Snapshot (index) of the state at the end of the recording: where a linked trace, the loop or the interpreter goes on. */
  endSnapshot: i32 = -1;
  /** Link */
  link: i32 = Link.INTERPRETER;
  /** Of link ROOT. */
  linkPc: u32 = 0;
  linkTrace: i32 = 0;
  /** Snapshot (index) with the values that link RETURN returns, from slot -1 on. */
  resultSnapshot: i32 = -1;
  /** Roots that make objects: slots of the root's frame whose value nobody wants any more in front of the loop instruction. */
  deadSlots: StaticArray<i32> = NO_REFS;
  /** Number of stack slots above the root base (and below: -1) that its frames may use. */
  stackSlots: i32 = 0;

  constructor(
    public number: i32,
    /** Address of the loop instruction or the function's first (root) or where the parent's exit goes on (side). */
    public startPc: u32,
    /** Number of the trace it is a side of, -1 for roots, and the exit's snapshot. */
    public parent: i32 = -1,
    public parentExit: i32 = 0,
    /** Address of the prototype whose whole code it is part of; 0 for what starts at a loop. */
    public functionProto: u32 = 0,
  ) {}

  /** Type of a reference. */
  typeOf(ref: Ref): i32 {
    return ref < 0 ? this.constants[~ref].type : this.instructions[ref].type;
  }
}
