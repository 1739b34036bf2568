/** The IR and helper tables by name, and small facts about tags that several passes need. Derived, nothing is decided here. */
import { CLOSURE_UPVALUES, TAG_FLOAT, TAG_INT, TAG_LIGHT } from '../../src/bytecode/layout.ts';
import { HELPERS, Helper, type HelperDescription } from './helper-table.ts';
import { type FieldDescription, FIELDS, IR_OPERATIONS, type IROperationDescription, type IROpName, type IRType, UPVALUE_FIELD } from './ir-table.ts';
import type { Instruction } from './trace.ts';

export const OPERATIONS = Object.fromEntries(IR_OPERATIONS.map((entry) => [entry.name, entry])) as Readonly<Record<IROpName, IROperationDescription>>;

/** Number of an operation: its place in the table. */
export const OPERATION_NUMBERS = Object.fromEntries(IR_OPERATIONS.map((entry, index) => [entry.name, index])) as Readonly<Record<IROpName, number>>;

export const helperAt = (index: number): HelperDescription => HELPERS[index]!;

/** The IR type of a value with this tag; void for nil, false and true, which have no payload. */
export function typeOfTag(tag: number): IRType {
  if (tag === TAG_INT) return 'i64';
  if (tag === TAG_FLOAT) return 'f64';
  return tag >= TAG_LIGHT ? 'i32' : 'void';
}

/** Does it make an object? */
export const allocatesObject = ({ op, immediate }: Instruction): boolean => op === 'CALL' && (immediate === Helper.traceNewTable || immediate === Helper.traceNewClosure);

/** Does executing it change anything, or may it leave the trace? Such an instruction stays even if nobody uses its value. */
export function hasEffect({ op, immediate, snapshot }: Instruction): boolean {
  if (snapshot >= 0) return true;
  const { effect } = OPERATIONS[op];
  if (op === 'CALL') {
    const helper = helperAt(immediate);
    return helper.effect === 'write' && helper.writes?.length !== 0;
  }
  return effect === 'store' || effect === 'guard' || effect === 'call' || op === 'LOOP';
}

/** The row of a field number: FLOAD's and FSTORE's immediate. Upvalues of a closure have no row of their own. */
export function fieldAt(field: number): FieldDescription {
  const upvalue = field - UPVALUE_FIELD;
  return upvalue >= 0 ? { name: `upvalue${upvalue}`, offset: CLOSURE_UPVALUES + 4 * upvalue, holds: 'object', bytes: 4, invariant: true } : FIELDS[field]!;
}
