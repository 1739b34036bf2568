/** Conversions between the number types, and checks of keys, shared by arithmetic, comparisons, tables and builtins. */
import { TAG_FLOAT, TAG_INT } from '../../../../src/bytecode/layout';
import { Abort, Op, Type } from '../../generated/ir-tables';
import { Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { Value } from '../core/value';

/** A number as a float. Aborts for anything else (strings are coerced by the interpreter). */
export function toFloat(r: Recording, value: Value): Ref {
  if (value.tag == TAG_FLOAT) return value.ref;
  if (value.tag != TAG_INT) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'arithmetic on something that is no number');
  return r.ir.emit(Op.I2F, Type.F64, value.ref);
}

/** Does a float have an exact integer value in the range of Lua's integers? */
export function isIntegral(value: f64): bool {
  return trunc(value) == value && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
}

/** The integer value of a float; leaves the trace when it has none. */
export function floatToInteger(r: Recording, ref: Ref): Ref {
  r.ir.guard(r.ir.emit(Op.ISINT, Type.I32, ref), true);
  return r.ir.emit(Op.F2I, Type.I64, ref);
}

/** A number as an integer, as bit operations want it. @param address where the value is now */
export function toInteger(r: Recording, value: Value, address: u32): Ref {
  if (value.tag == TAG_INT) return value.ref;
  if (value.tag != TAG_FLOAT || !isIntegral(heap.float(address))) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'a bit operation on something that is no integer');
  return floatToInteger(r, value.ref);
}
