/** Keys of table accesses in a trace. */
import { TAG_FLOAT, TAG_INT, TAG_STRING } from '../../../../src/bytecode/layout';
import { Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { Value } from '../core/value';
import { floatToInteger, isIntegral } from './convert';

/** FIELD: a constant short string. */
export const enum KeyKind { INT = 0, FIELD = 1, OTHER = 2 }

export class Key {
  /** Of INT. */
  integer: Ref = NONE;
  /** Of INT: the value now. */
  number: i64 = 0;
  /** Of FIELD. */
  name: u32 = 0;

  constructor(
    public kind: KeyKind,
    public value: Value,
    /** Where the key is in memory, 0 for an operand of the instruction. */
    public slot: u32,
  ) {}
}

/** @param slot where it is in memory, 0 for an operand of the instruction */
export function integerKey(value: Value, integer: Ref, number: i64, slot: u32): Key {
  const key = new Key(KeyKind.INT, value, slot);
  key.integer = integer;
  key.number = number;
  return key;
}

/** A constant short string as a key. */
export function fieldKey(r: Recording, value: Value): Key {
  const key = new Key(KeyKind.FIELD, value, 0);
  key.name = r.ir.addressOf(value.ref);
  return key;
}

/** A key as the table parts want it: floats with integer values become integers, constant short strings name fields. */
export function keyOf(r: Recording, value: Value, slot: u32): Key {
  if (value.tag == TAG_INT) return integerKey(value, value.ref, heap.int(slot), slot);
  if (value.tag == TAG_FLOAT) {
    const number = heap.float(slot);
    if (isIntegral(number)) return integerKey(value, floatToInteger(r, value.ref), <i64>number, slot);
    r.ir.guard(r.ir.emit(Op.ISINT, Type.I32, value.ref), false);
  } else if (value.tag == TAG_STRING && value.ref < 0 && heap.isShort(heap.pointer(slot))) return fieldKey(r, value);
  return new Key(KeyKind.OTHER, value, slot);
}
