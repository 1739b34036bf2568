/** Raw equality in a trace (manual, section 3.4.4). */
import { MAX_SHORT_STRING, TAG_FLOAT, TAG_STRING } from '../../../src/bytecode/layout.ts';
import type { IRRef } from '../../ir/trace.ts';
import type { Recording } from '../core/recording.ts';
import { hasPayload, isNumberTag, type Value } from '../core/value.ts';
import { floatToInteger, isIntegral } from './convert.ts';

/** A condition: a reference to guard, or known at once because it follows from tags and guards already made. */
export type Condition = IRRef | boolean;

export interface Operand {
  readonly value: Value;
  readonly slot: number;
}

/** Raw equality of two values whose tags are known. */
export function rawEquality(r: Recording, a: Operand, b: Operand): Condition {
  const [left, right] = [a.value, b.value];
  const { ir } = r;
  if (left.tag !== right.tag) {
    if (!isNumberTag(left.tag) || !isNumberTag(right.tag)) return false;
    if (left.tag === TAG_FLOAT) return rawEquality(r, b, a);
    const isInteger = isIntegral(r.heap.float(b.slot));
    if (!isInteger) {
      ir.guard(ir.emit('ISINT', 'i32', right.ref), false);
      return false;
    }
    return ir.emit('EQ', 'i32', left.ref, floatToInteger(r, right.ref));
  }
  if (!hasPayload(left.tag)) return true;
  if (left.tag !== TAG_STRING) return ir.emit('EQ', 'i32', left.ref, right.ref);
  return stringEquality(r, a, b);
}

/** Short strings are equal if they are the same; it is enough that one of the two is short. */
function stringEquality(r: Recording, a: Operand, b: Operand): Condition {
  const { ir } = r;
  const isShort = ({ slot }: Operand): boolean => r.heap.stringLength(r.heap.pointer(slot)) <= MAX_SHORT_STRING;
  const isKnownShort = (operand: Operand): boolean => operand.value.ref < 0 && isShort(operand);
  if (!isKnownShort(a) && !isKnownShort(b)) {
    const short = isShort(a) ? a : isShort(b) ? b : undefined;
    if (short === undefined) return ir.call('traceEqualStrings', a.value.ref, b.value.ref);
    ir.guard(ir.emit('ULT', 'i32', r.field(short.value.ref, 'string.length'), ir.i32(MAX_SHORT_STRING + 1)), true);
  }
  return ir.emit('EQ', 'i32', a.value.ref, b.value.ref);
}
