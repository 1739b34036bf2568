/** Keys of table accesses in a trace. */
import { TAG_FLOAT, TAG_INT, TAG_STRING } from '../../../src/bytecode/layout.ts';
import type { IRRef } from '../../ir/trace.ts';
import type { Recording } from '../core/recording.ts';
import type { Value } from '../core/value.ts';
import { floatToInteger, isIntegral } from './convert.ts';

export type Key =
  /** `number` is the value now, `slot` where the key is in memory (0 for an operand of the instruction). */
  | { readonly kind: 'int'; readonly value: Value; readonly integer: IRRef; readonly number: bigint; readonly slot: number }
  /** A constant short string. */
  | { readonly kind: 'field'; readonly value: Value; readonly name: number }
  | { readonly kind: 'other'; readonly value: Value; readonly slot: number };

/** A key as the table parts want it: floats with integer values become integers, constant short strings name fields. */
export function keyOf(r: Recording, value: Value, slot: number): Key {
  if (value.tag === TAG_INT) return { kind: 'int', value, integer: value.ref, number: r.heap.int(slot), slot };
  if (value.tag === TAG_FLOAT && isIntegral(r.heap.float(slot))) {
    return { kind: 'int', value, integer: floatToInteger(r, value.ref), number: BigInt(r.heap.float(slot)), slot };
  }
  if (value.tag === TAG_FLOAT) {
    r.ir.guard(r.ir.emit('ISINT', 'i32', value.ref), false);
    return { kind: 'other', value, slot };
  }
  if (value.tag === TAG_STRING && value.ref < 0 && isShort(r, slot)) return fieldKey(r, value);
  return { kind: 'other', value, slot };
}

const isShort = (r: Recording, slot: number): boolean => r.heap.isShort(r.heap.pointer(slot));
/** A constant short string as a key. */
export const fieldKey = (r: Recording, value: Value): Key => ({ kind: 'field', value, name: r.ir.addressOf(value.ref) });
