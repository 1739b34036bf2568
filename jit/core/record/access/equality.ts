/** Raw equality in a trace (manual, section 3.4.4). */
import { MAX_SHORT_STRING, TAG_FLOAT, TAG_STRING } from '../../../../src/bytecode/layout';
import { Field, Helper, Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { hasPayload, isNumberTag, Value } from '../core/value';
import { floatToInteger, isIntegral } from './convert';

/** A condition: a reference to guard, or (NONE) its truth is known at once because it follows from tags and guards already made. */
export class Condition {
  constructor(
    public ref: Ref,
    public truth: bool = false,
  ) {}

  get isKnown(): bool {
    return this.ref == NONE;
  }
}

export function known(truth: bool): Condition {
  return new Condition(NONE, truth);
}

/** A value, and where it is now. */
export class Operand {
  constructor(
    public value: Value,
    public slot: u32,
  ) {}
}

/** Raw equality of two values whose tags are known. */
export function rawEquality(r: Recording, a: Operand, b: Operand): Condition {
  const left = a.value;
  const right = b.value;
  const ir = r.ir;
  if (left.tag != right.tag) {
    if (!isNumberTag(left.tag) || !isNumberTag(right.tag)) return known(false);
    if (left.tag == TAG_FLOAT) return rawEquality(r, b, a);
    if (!isIntegral(heap.float(b.slot))) {
      ir.guard(ir.emit(Op.ISINT, Type.I32, right.ref), false);
      return known(false);
    }
    return new Condition(ir.emit(Op.EQ, Type.I32, left.ref, floatToInteger(r, right.ref)));
  }
  if (!hasPayload(left.tag)) return known(true);
  if (left.tag != TAG_STRING) return new Condition(ir.emit(Op.EQ, Type.I32, left.ref, right.ref));
  return stringEquality(r, a, b);
}

function isShort(operand: Operand): bool {
  return heap.stringLength(heap.pointer(operand.slot)) <= MAX_SHORT_STRING;
}

function isKnownShort(operand: Operand): bool {
  return operand.value.ref < 0 && isShort(operand);
}

/** Short strings are equal if they are the same; it is enough that one of the two is short. */
function stringEquality(r: Recording, a: Operand, b: Operand): Condition {
  const ir = r.ir;
  if (!isKnownShort(a) && !isKnownShort(b)) {
    const isFirstShort = isShort(a);
    if (!isFirstShort && !isShort(b)) return new Condition(ir.call(Helper.traceEqualStrings, a.value.ref, b.value.ref));
    const short = isFirstShort ? a : b;
    ir.guard(ir.emit(Op.ULT, Type.I32, r.field(short.value.ref, Field.STRING_LENGTH), ir.small(MAX_SHORT_STRING + 1)), true);
  }
  return new Condition(ir.emit(Op.EQ, Type.I32, a.value.ref, b.value.ref));
}
