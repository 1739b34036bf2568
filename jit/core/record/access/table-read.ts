/**
 * Raw table reads in a trace, by what the key is: an integer in the array part, a field behind a shape, anything else by helper.
 * Each guards what it relies on, so that the value's tag is known.
 */
import { ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, SLOT_SIZE, TAG_FLOAT, TAG_INT, TAG_NIL, VM_TRACE_SCRATCH } from '../../../../src/bytecode/layout';
import { Abort, Field, Helper, Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { hasPayload, nil, payloadType, Value } from '../core/value';
import { Key, KeyKind } from './key';

export class TableOperand {
  constructor(
    public ref: Ref,
    /** Where the table is now. */
    public address: u32,
  ) {}
}

/** Scratch slots of key and value in helper calls. */
export const KEY_SCRATCH: i32 = 0;
export const VALUE_SCRATCH: i32 = 1;

export function scratchAddress(r: Recording, index: i32): Ref {
  return r.ir.small(VM_TRACE_SCRATCH + SLOT_SIZE * index);
}

/** The value of a key now, nil if it is absent; the trace is left when its tag will be another. */
export function readRaw(r: Recording, table: TableOperand, key: Key): Value {
  if (key.kind == KeyKind.FIELD) return readField(r, table, key.name, key.value);
  if (key.kind == KeyKind.INT) return readElement(r, table, key.integer, key.number, key.value);
  callGet(r, table, key.value);
  return loadScratch(r, VALUE_SCRATCH, heap.get(table.address, key.slot));
}

/** Guards the array kind; where the table is new in the trace this folds away or is forwarded. */
export function guardKind(r: Recording, table: TableOperand): u32 {
  const kind = heap.arrayKind(table.address);
  r.guardField(table.ref, Field.TABLE_KIND, kind);
  return kind;
}

/** Is index - 1 below the array's length? As a condition. */
export function isInside(r: Recording, table: Ref, index: Ref): Ref {
  const ir = r.ir;
  return ir.emit(Op.ULT, Type.I32, indexFromZero(r, index), ir.emit(Op.ZEXT, Type.I64, r.field(table, Field.TABLE_LENGTH)));
}

function indexFromZero(r: Recording, index: Ref): Ref {
  return r.ir.emit(Op.SUB, Type.I64, index, r.ir.int(1));
}

/** The place of a Lua index in the array part, as an address computation wants it. */
export function placeOf(r: Recording, index: Ref): Ref {
  return r.ir.emit(Op.WRAP, Type.I32, indexFromZero(r, index));
}

function readElement(r: Recording, table: TableOperand, index: Ref, number: i64, key: Value): Value {
  const ir = r.ir;
  const length = heap.arrayLength(table.address);
  const inside = isInside(r, table.ref, index);
  if (number < 1 || number > <i64>length) {
    ir.guard(inside, false);
    if (heap.dictionarySize(table.address) == 0) {
      r.guardField(table.ref, Field.TABLE_DICT_SIZE, 0);
      return nil();
    }
    callGet(r, table, key);
    return loadScratch(r, VALUE_SCRATCH, heap.getInteger(table.address, number));
  }
  ir.guard(inside, true);
  const kind = guardKind(r, table);
  const array = r.field(table.ref, Field.TABLE_ARRAY);
  const place = placeOf(r, index);
  if (kind == ARRAY_INT) return new Value(ir.emit(Op.ALOAD, Type.I64, array, place), TAG_INT);
  if (kind == ARRAY_FLOAT) return new Value(ir.emit(Op.ALOAD, Type.F64, array, place), TAG_FLOAT);
  if (kind != ARRAY_MIXED) r.abort(Abort.COMPILE_ERROR, `array kind ${kind}`);
  const tag = heap.getInteger(table.address, number);
  r.guardEqual(ir.emit(Op.ATAG, Type.I32, array, r.field(table.ref, Field.TABLE_CAPACITY), place), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.ALOAD, payloadType(tag), array, place) : NONE, tag);
}

function readField(r: Recording, table: TableOperand, name: u32, key: Value): Value {
  const ir = r.ir;
  const shape = guardShape(r, table);
  if (shape == 0) return readFromDictionary(r, table, name, key);
  const index = heap.shapeLookup(shape, name);
  if (index < 0) return nil();
  const slots = r.field(table.ref, Field.TABLE_SLOTS);
  const tag = heap.tag(heap.recordSlot(table.address, index));
  r.guardEqual(ir.emit(Op.HTAG, Type.I32, slots, NONE, NONE, index), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.HLOAD, payloadType(tag), slots, NONE, NONE, index) : NONE, tag);
}

/** Guards a table's shape. @returns its address, 0 in dictionary mode */
export function guardShape(r: Recording, table: TableOperand): u32 {
  const shape = heap.shape(table.address);
  r.guardEqual(r.field(table.ref, Field.TABLE_SHAPE), shape == 0 ? r.ir.small(0) : r.ir.pointer(shape));
  return shape;
}

/** The address of the value slot is the result of a lookup, which is not repeated while nothing is stored. */
function readFromDictionary(r: Recording, table: TableOperand, name: u32, key: Value): Value {
  const ir = r.ir;
  const place = ir.call(Helper.traceTableGetString, table.ref, key.ref);
  const tag = heap.getString(table.address, name);
  if (tag == TAG_NIL) {
    ir.guard(place, false);
    return nil();
  }
  ir.guard(place, true);
  r.guardEqual(ir.emit(Op.DTAG, Type.I32, place), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.DLOAD, payloadType(tag), place) : NONE, tag);
}

/** Any key, by the core: the value is in VALUE_SCRATCH behind it. */
function callGet(r: Recording, table: TableOperand, key: Value): void {
  storeScratch(r, KEY_SCRATCH, key);
  r.ir.call(Helper.traceTableGet, table.ref, scratchAddress(r, KEY_SCRATCH), scratchAddress(r, VALUE_SCRATCH));
}

/** Puts an operand of a helper call into a scratch slot. */
export function storeScratch(r: Recording, index: i32, value: Value): void {
  r.ir.emit(Op.RSTORE, Type.VOID, value.ref, NONE, NONE, index, value.tag);
}

/** A helper's result in a scratch slot, whose tag is guarded. */
export function loadScratch(r: Recording, index: i32, tag: u32): Value {
  const ir = r.ir;
  r.guardEqual(ir.emit(Op.RTAG, Type.I32, NONE, NONE, NONE, index), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.RLOAD, payloadType(tag), NONE, NONE, NONE, index) : NONE, tag);
}
