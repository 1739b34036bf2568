/** Conversions between the number types, and checks of keys, shared by arithmetic, comparisons, tables and builtins. */
import { TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';
import type { IRRef } from '../../ir/trace.ts';
import type { Recording } from '../core/recording.ts';
import type { Value } from '../core/value.ts';

/** A number as a float. @throws RecordingAborted for anything else (strings are coerced by the interpreter) */
export function toFloat(r: Recording, value: Value): IRRef {
  if (value.tag === TAG_FLOAT) return value.ref;
  if (value.tag !== TAG_INT) r.abort('unsupported-instruction', 'arithmetic on something that is no number');
  return r.ir.emit('I2F', 'f64', value.ref);
}

/** Does a float have an exact integer value in the range of Lua's integers? */
export const isIntegral = (value: number): boolean => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;

/** The integer value of a float; leaves the trace when it has none. */
export function floatToInteger(r: Recording, ref: IRRef): IRRef {
  r.ir.guard(r.ir.emit('ISINT', 'i32', ref), true);
  return r.ir.emit('F2I', 'i64', ref);
}

/** A number as an integer, as bit operations want it. @param address where the value is now */
export function toInteger(r: Recording, value: Value, address: number): IRRef {
  if (value.tag === TAG_INT) return value.ref;
  if (value.tag !== TAG_FLOAT || !isIntegral(r.heap.float(address))) r.abort('unsupported-instruction', 'a bit operation on something that is no integer');
  return floatToInteger(r, value.ref);
}
