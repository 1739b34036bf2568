/** What the lowering of single operations needs from the trace around them. */
import type { FunctionBuilder, Label } from '../wasm/function-builder.ts';
import type { WasmType } from '../wasm/operations.ts';
import type { ConstantInstruction, Instruction, IRRef } from '../ir/trace.ts';
import { LoweringError } from './lowering-error.ts';

/** Local 0: address of the root frame's base. */
export const BASE_LOCAL = 0;
/** Further parameters of the code of a whole function: address of its frame, words of the host's stack that are left. */
export const FRAME_LOCAL = 1;
export const ROOM_LOCAL = 2;

export interface Emitter {
  readonly builder: FunctionBuilder;
  /** Pushes the value of a reference. */
  push(ref: IRRef): void;
  /** The instruction whose expression stands at its only use, if this is one: its operands may be looked into. */
  inlinedInstruction(ref: IRRef): Instruction | undefined;
  constantOf(ref: IRRef): ConstantInstruction | undefined;
  typeOf(ref: IRRef): WasmType;
  /** A scratch local, valid until the instruction is finished. @param index tells several of one type apart */
  temporary(type: WasmType, index?: number): number;
  /** The local with the integer part of a float that was already converted in this region. */
  truncated(ref: IRRef): number | undefined;
  /** A new local for it, which the caller sets at once. */
  defineTruncated(ref: IRRef): number;
  /** Where to branch to leave with the current instruction's snapshot. */
  exitLabel(): Label;
  /** Number of the exit that describes the state around a call, and the frames of that state. */
  callExit(snapshot: number): { readonly exit: number; readonly frames: number };
  /** Prototype of the function it is the code of, 0 = none. */
  readonly functionProto: number;
  /** What was called has spent some of the budget. */
  reloadBudget(): void;
  /** Stores what the snapshot says and everything kept in locals only, so that stack and account are real. */
  storeState(snapshot: number): void;
}

/** A constant integer operand, or undefined. */
export function integerConstant(emitter: Emitter, ref: IRRef): bigint | undefined {
  const value = emitter.constantOf(ref)?.value;
  return typeof value === 'bigint' ? value : undefined;
}

/** A constant number (float or i32) operand, or undefined. */
export function numberConstant(emitter: Emitter, ref: IRRef): number | undefined {
  const value = emitter.constantOf(ref)?.value;
  return typeof value === 'number' ? value : undefined;
}

/** @throws LoweringError if a void operation is used as a value */
export function valueType(type: string): WasmType {
  if (type === 'void') throw new LoweringError('a void operation is used as a value');
  return type as WasmType;
}
