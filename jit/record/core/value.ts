/** A Lua value as the recorder knows it: where it comes from in the IR, and its tag, which the trace has proved. */
import { TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TRUE } from '../../../src/bytecode/layout.ts';
import type { IRType } from '../../ir/ir-table.ts';
import { type IRRef, NONE } from '../../ir/trace.ts';

export interface Value {
  /** NONE for nil, false and true: their tag says it all. */
  readonly ref: IRRef;
  readonly tag: number;
}

export const NIL: Value = { ref: NONE, tag: TAG_NIL };
export const FALSE: Value = { ref: NONE, tag: TAG_FALSE };
export const TRUE: Value = { ref: NONE, tag: TAG_TRUE };

export const booleanValue = (truth: boolean): Value => (truth ? TRUE : FALSE);

/** Does a value with this tag have a payload? */
export const hasPayload = (tag: number): boolean => tag >= TAG_INT;

export const isNumberTag = (tag: number): boolean => tag === TAG_INT || tag === TAG_FLOAT;

export const isFalsyTag = (tag: number): boolean => tag < TAG_TRUE;

/** IR type of a payload: 'void' for tags without one. */
export function payloadType(tag: number): IRType {
  if (tag === TAG_INT) return 'i64';
  if (tag === TAG_FLOAT) return 'f64';
  return hasPayload(tag) ? 'i32' : 'void';
}
