/** A Lua value as the recorder knows it: where it comes from in the IR, and its tag, which the trace has proved. */
import { TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TRUE } from '../../../../src/bytecode/layout';
import { Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';

/** Never changed. */
export class Value {
  constructor(
    /** NONE for nil, false and true: their tag says it all. */
    public ref: Ref,
    public tag: u32,
  ) {}
}

export function nil(): Value {
  return new Value(NONE, TAG_NIL);
}

export function falseValue(): Value {
  return new Value(NONE, TAG_FALSE);
}

export function trueValue(): Value {
  return new Value(NONE, TAG_TRUE);
}

export function booleanValue(truth: bool): Value {
  return truth ? trueValue() : falseValue();
}

/** Does a value with this tag have a payload? */
export function hasPayload(tag: u32): bool {
  return tag >= TAG_INT;
}

export function isNumberTag(tag: u32): bool {
  return tag == TAG_INT || tag == TAG_FLOAT;
}

export function isFalsyTag(tag: u32): bool {
  return tag < TAG_TRUE;
}

/** IR type of a payload: VOID for tags without one. */
export function payloadType(tag: u32): i32 {
  if (tag == TAG_INT) return Type.I64;
  if (tag == TAG_FLOAT) return Type.F64;
  return hasPayload(tag) ? Type.I32 : Type.VOID;
}
