/** What the lowering of single operations needs from the trace around them. */
import { refuse } from '../base/host';
import { Op, Type } from '../generated/ir-tables';
import { Constant, Instruction, Ref } from '../ir/trace';
import { FunctionBuilder, Label } from '../wasm/function-builder';
import { ValueSource } from './slot-state';

/** Local 0: address of the root frame's base. */
export const BASE_LOCAL: i32 = 0;
/** Further parameters of the code of a whole function: address of its frame, words of the host's stack that are left. */
export const FRAME_LOCAL: i32 = 1;
export const ROOM_LOCAL: i32 = 2;

export abstract class Emitter extends ValueSource {
  constructor(
    public builder: FunctionBuilder,
    /** Prototype of the function it is the code of, 0 = none. */
    public functionProto: u32,
  ) {
    super();
  }

  /** The instruction whose expression stands at its only use, if this is one: its operands may be looked into. */
  abstract inlinedInstruction(ref: Ref): Instruction | null;
  /** A scratch local, valid until the instruction is finished. */
  abstract temporary(type: i32): i32;
  /** The local with the integer part of a float that was already converted in this region, -1 if there is none. */
  abstract truncated(ref: Ref): i32;
  /** A new local for it, which the caller sets at once. */
  abstract defineTruncated(ref: Ref): i32;
  /** Where to branch to leave with the current instruction's snapshot. */
  abstract exitLabel(): Label;
  /** Number of the exit that describes the state around a call. */
  abstract callExit(snapshot: i32): i32;
  /** Frames of that state. */
  abstract callFrames(snapshot: i32): i32;
  /** What was called has spent some of the budget. */
  abstract reloadBudget(): void;
  /** Stores what the snapshot says and everything kept in locals only, so that stack and account are real. */
  abstract storeState(snapshot: i32): void;
}

/** A constant integer operand. */
export function integerConstant(emitter: Emitter, ref: Ref): Constant | null {
  const constant = emitter.constantOf(ref);
  return constant !== null && constant.op == Op.KINT ? constant : null;
}

/** A constant float operand. */
export function floatConstant(emitter: Emitter, ref: Ref): Constant | null {
  const constant = emitter.constantOf(ref);
  return constant !== null && constant.op == Op.KFLT ? constant : null;
}

/** A constant i32 operand. */
export function smallConstant(emitter: Emitter, ref: Ref): Constant | null {
  const constant = emitter.constantOf(ref);
  return constant !== null && constant.type == Type.I32 ? constant : null;
}

/** Refuses a void operation that is used as a value. */
export function valueType(type: i32): i32 {
  if (type == Type.VOID) refuse('a void operation is used as a value');
  return type;
}
