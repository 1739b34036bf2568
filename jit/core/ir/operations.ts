/** Facts about instructions that several passes need, from the generated tables. Derived, nothing is decided here. */
import { CLOSURE_UPVALUES, TAG_FLOAT, TAG_INT, TAG_LIGHT } from '../../../src/bytecode/layout';
import { Effect, effectOf, fieldBytesOf, fieldOffsetOf, Helper, HelperEffect, helperEffectOf, helperWrites, isInvariantField, Op, Type } from '../generated/ir-tables';
import { Instruction } from './trace';

/** Field numbers from here on are upvalues of a closure. */
export const UPVALUE_FIELD: i32 = 256;

/** The IR type of a value with this tag; void for nil, false and true, which have no payload. */
export function typeOfTag(tag: i32): i32 {
  if (tag == TAG_INT) return Type.I64;
  if (tag == TAG_FLOAT) return Type.F64;
  return <u32>tag >= TAG_LIGHT ? Type.I32 : Type.VOID;
}

/** Does it make an object? */
export function allocatesObject(instruction: Instruction): bool {
  return instruction.op == Op.CALL && (instruction.immediate == Helper.traceNewTable || instruction.immediate == Helper.traceNewClosure);
}

/** Does executing it change anything, or may it leave the trace? Such an instruction stays even if nobody uses its value. */
export function hasEffect(instruction: Instruction): bool {
  if (instruction.snapshot >= 0) return true;
  const op = instruction.op;
  if (op == Op.CALL) return helperEffectOf(instruction.immediate) == HelperEffect.WRITE && helperWrites(instruction.immediate) != 0;
  const effect = effectOf(op);
  return effect == Effect.STORE || effect == Effect.GUARD || effect == Effect.CALL || op == Op.LOOP;
}

// ---- The row of a field number: FLOAD's and FSTORE's immediate. Upvalues of a closure have no row of their own.

export function fieldOffset(field: i32): i32 {
  return field >= UPVALUE_FIELD ? <i32>CLOSURE_UPVALUES + 4 * (field - UPVALUE_FIELD) : fieldOffsetOf(field);
}

/** Width of a field: 1 or 4. */
export function fieldBytes(field: i32): i32 {
  return field >= UPVALUE_FIELD ? 4 : fieldBytesOf(field);
}

/** Does it never change in an object? */
export function fieldIsInvariant(field: i32): bool {
  return field >= UPVALUE_FIELD || isInvariantField(field) != 0;
}
