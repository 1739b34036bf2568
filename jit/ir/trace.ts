/**
 * A trace in IR form: instructions, constants, snapshots. Owns the data structure only; the builder (builder.ts) appends to it.
 */
import type { IROpName, IRType } from './ir-table.ts';

/** Reference to an instruction (>= 0) or a constant (< 0, `~ref` is its place in the pool). */
export type IRRef = number & { readonly __brand?: 'IRRef' };
/** No operand. */
export const NONE: IRRef = 0x7fffffff;

export interface Instruction {
  op: IROpName;
  type: IRType;
  a: IRRef;
  b: IRRef;
  c: IRRef;
  /** See the operation's row. 0 if unused. */
  immediate: number;
  immediate2: number;
  /** Operands of CALL. */
  args: readonly IRRef[];
  /** Index into `snapshots`, -1 if it cannot leave the trace. */
  snapshot: number;
}

export interface ConstantInstruction {
  readonly op: 'KINT' | 'KFLT' | 'KI32' | 'KPTR';
  readonly type: IRType;
  readonly value: bigint | number;
}

/** One value to restore: stack slot number (from the root frame's base), reference (NONE for nil, false, true), tag. */
export interface SnapshotEntry {
  readonly slot: number;
  readonly ref: IRRef;
  readonly tag: number;
}

/** An inlined call's frame, outermost first: see EXIT_FRAME_* in layout.ts. Its function is in slot base - 1. */
export interface SnapshotFrame {
  /** Slot number of the frame's base. */
  readonly base: number;
  /** Address of the CALL in the caller. */
  readonly callerPc: number;
  readonly results: number;
  /** FRAME_KIND and flags of the pushed frame (0 for a plain call), its FRAME_VARARGS times 65536. */
  readonly kind: number;
}

/**
 * What an exit restores before the interpreter goes on at `pc` in the innermost frame. Slots not listed already hold their value.
 *
 * Memory other than the stack is in sync at every exit: stores are executed where they were recorded. Allocation sinking will change that for
 * objects that did not escape: an entry then names an allocation that was never executed, and the exit builds the object from the stores
 * into it that precede the exit. Passes therefore must not assume that an entry's reference was executed, only that it is defined.
 */
export interface Snapshot {
  readonly pc: number;
  readonly frames: readonly SnapshotFrame[];
  readonly entries: readonly SnapshotEntry[];
  /** Bytecode instructions recorded before it: how far into an iteration the exit is. */
  readonly length: number;
  /** Slots whose value is in the stack already although the trace writes them: results of the builtin call just made. Never among the entries. */
  readonly inStack?: readonly number[];
}

export type TraceLink =
  /** Goes back to its own LOOP. */
  | { readonly kind: 'loop' }
  /** Continues in the root trace whose loop instruction is at `pc` (side traces, inner loops); state as in the last snapshot. */
  | { readonly kind: 'root'; readonly pc: number; readonly trace: number }
  /** Goes on in the side trace that starts at the end snapshot, or in the interpreter until there is one. */
  | { readonly kind: 'side' }
  /** Returns from the function whose code it is part of, with the values of `resultSnapshot`; the end snapshot is the state in front of that. */
  | { readonly kind: 'return' }
  /** Continues in the interpreter. */
  | { readonly kind: 'interpreter' };

export class Trace {
  readonly instructions: Instruction[] = [];
  readonly constants: ConstantInstruction[] = [];
  readonly snapshots: Snapshot[] = [];
  /** Snapshot (index) of the state at the end of the recording: where a linked trace, the loop or the interpreter goes on. */
  endSnapshot = -1;
  link: TraceLink = { kind: 'interpreter' };
  /** Snapshot (index) with the values that link 'return' returns, from slot -1 on. */
  resultSnapshot = -1;
  /**
   * Roots that make objects: slots of the root's frame whose value nobody wants any more in front of the loop instruction. A trace leaves there when
   * a collection is due, and the stack must not keep alive what the program has dropped: the trace has not stored what came in its place.
   */
  deadSlots: readonly number[] = [];
  /** Number of stack slots above the root base (and below: -1) that its frames may use. */
  stackSlots = 0;

  constructor(
    readonly number: number,
    /** Address of the loop instruction or the function's first (root) or where the parent's exit goes on (side). */
    readonly startPc: number,
    readonly parent: { readonly trace: number; readonly exit: number } | undefined,
    /** Address of the prototype whose whole code it is part of; 0 for what starts at a loop. The root starts at the function's first instruction. */
    readonly functionProto = 0,
  ) {}

  /** Result type of a reference. */
  typeOf(ref: IRRef): IRType {
    return ref < 0 ? this.constants[~ref]!.type : this.instructions[ref]!.type;
  }
}
