/**
 * Raw table writes in a trace. All guards come first; what can fail (room, memory) fails before anything is changed, and leaves the trace.
 */
import { ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_STRING } from '../../../../src/bytecode/layout';
import { EVENT_NEWINDEX } from '../../../../src/core/generated/metamethods';
import { Abort, Field, Helper, Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, Value } from '../core/value';
import { Key, KeyKind } from './key';
import { guardEpoch, guardMetatable } from './metamethod';
import { guardKind, guardShape, isInside, KEY_SCRATCH, placeOf, scratchAddress, storeScratch, TableOperand, VALUE_SCRATCH } from './table-read';

/** Has the table a `__newindex` now? */
export function hasNewIndex(table: TableOperand): bool {
  const metatable = heap.metatable(table.address);
  return metatable != 0 && hasPayload(heap.metamethod(metatable, EVENT_NEWINDEX));
}

/** table[key] := value, where the table has no `__newindex` or the key a value (which the caller has read, and so guarded). */
export function writeRaw(r: Recording, table: TableOperand, key: Key, value: Value): AfterStep | null {
  if (key.kind == KeyKind.FIELD) return writeField(r, table, key, value);
  if (key.kind == KeyKind.INT) writeElement(r, table, key, value);
  else writeByHelper(r, table, key, value);
  return null;
}

/** Proves that a store of an absent key calls no metamethod. Not needed where the old value is known not to be nil. */
function guardNoNewIndex(r: Recording, table: TableOperand): void {
  if (!hasNewIndex(table) && guardMetatable(r, table.ref, table.address) != 0) guardEpoch(r);
}

/** The same for a table without `__newindex` whose shape is guarded. */
function guardNoNewIndexByShape(r: Recording, table: TableOperand, shape: u32): void {
  if (!heap.shapeProvesMetamethods(shape)) guardNoNewIndex(r, table);
  else if (heap.shapeMetatable(shape) != 0) guardEpoch(r);
}

function barrier(r: Recording, table: Ref, value: Value): void {
  if (value.tag >= TAG_STRING) r.barrier(table, value.ref);
}

/** Does an array of this kind take this value without changing its kind? */
function fitsKind(kind: u32, tag: u32): bool {
  if (kind == ARRAY_INT) return tag == TAG_INT;
  if (kind == ARRAY_FLOAT) return tag == TAG_FLOAT;
  return kind == ARRAY_MIXED && tag != TAG_NIL;
}

// ---- Elements

function writeElement(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const kind = heap.arrayKind(table.address);
  const length = <i64>heap.arrayLength(table.address);
  const isInsideNow = key.number >= 1 && key.number <= length;
  if (fitsKind(kind, value.tag) && isInsideNow) overwriteElement(r, table, key, value);
  else if (fitsKind(kind, value.tag) && key.number == length + 1 && heap.dictionarySize(table.address) == 0) appendElement(r, table, key, value);
  else writeByHelper(r, table, key, value);
}

function overwriteElement(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const ir = r.ir;
  ir.guard(isInside(r, table.ref, key.integer), true);
  const kind = guardKind(r, table);
  const array = r.field(table.ref, Field.TABLE_ARRAY);
  const place = placeOf(r, key.integer);
  if (kind != ARRAY_MIXED) {
    ir.emit(Op.ASTORE, Type.VOID, array, place, value.ref);
    return;
  }
  const capacity = r.field(table.ref, Field.TABLE_CAPACITY);
  if (heap.metatable(table.address) != 0) {
    // An element that is nil counts as absent.
    const wasNil = heap.getInteger(table.address, key.number) == TAG_NIL;
    ir.guard(ir.emit(Op.EQ, Type.I32, ir.emit(Op.ATAG, Type.I32, array, capacity, place), ir.small(TAG_NIL)), wasNil);
    if (wasNil) guardNoNewIndex(r, table);
  } else guardNoNewIndex(r, table);
  storeMixed(r, table.ref, array, capacity, place, value);
}

function storeMixed(r: Recording, table: Ref, array: Ref, capacity: Ref, place: Ref, value: Value): void {
  if (hasPayload(value.tag)) r.ir.emit(Op.ASTORE, Type.VOID, array, place, value.ref);
  r.ir.emit(Op.ATAGSTORE, Type.VOID, array, capacity, place, 0, value.tag);
  barrier(r, table, value);
}

/** t[#t + 1] := value. The dictionary is empty, so that nothing has to move over from it. */
function appendElement(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const ir = r.ir;
  const kind = guardKind(r, table);
  const length = r.field(table.ref, Field.TABLE_LENGTH);
  const next = ir.emit(Op.ADD, Type.I64, ir.emit(Op.ZEXT, Type.I64, length), ir.int(1));
  r.guardEqual(key.integer, next);
  r.guardField(table.ref, Field.TABLE_DICT_SIZE, 0);
  guardNoNewIndex(r, table);
  ir.emit(Op.APPEND_ROOM, Type.VOID, table.ref, length);
  const array = r.field(table.ref, Field.TABLE_ARRAY);
  if (kind == ARRAY_MIXED) storeMixed(r, table.ref, array, r.field(table.ref, Field.TABLE_CAPACITY), length, value);
  else ir.emit(Op.ASTORE, Type.VOID, array, length, value.ref);
  r.storeField(table.ref, Field.TABLE_LENGTH, ir.emit(Op.ADD, Type.I32, length, ir.small(1)));
}

// ---- Fields

function writeField(r: Recording, table: TableOperand, key: Key, value: Value): AfterStep | null {
  const ir = r.ir;
  const shape = heap.shape(table.address);
  // Names of metamethods: the core takes note of a change.
  if (shape == 0 || heap.extra(key.name) != 0) {
    if (shape == 0 && value.tag != TAG_NIL && heap.extra(key.name) == 0 && heap.getString(table.address, key.name) != TAG_NIL) {
      overwriteInDictionary(r, table, key, value);
    } else writeByHelper(r, table, key, value);
    return null;
  }
  guardShape(r, table);
  const index = heap.shapeLookup(shape, key.name);
  if (index < 0) return addField(r, table, key, value, shape);
  const slots = r.field(table.ref, Field.TABLE_SLOTS);
  if (heap.shapeMetatable(shape) != 0) {
    const wasNil = heap.tag(heap.recordSlot(table.address, index)) == TAG_NIL;
    if (wasNil) guardNoNewIndex(r, table);
    else if (hasNewIndex(table)) ir.guard(ir.emit(Op.EQ, Type.I32, ir.emit(Op.HTAG, Type.I32, slots, NONE, NONE, index), ir.small(TAG_NIL)), false);
    else guardNoNewIndexByShape(r, table, shape);
  }
  ir.emit(Op.HSTORE, Type.VOID, slots, value.ref, NONE, index, value.tag);
  barrier(r, table.ref, value);
  return null;
}

/** A field the shape does not have. */
function addField(r: Recording, table: TableOperand, key: Key, value: Value, shape: u32): AfterStep | null {
  guardNoNewIndexByShape(r, table, shape);
  if (value.tag == TAG_NIL) return null;
  r.takeSnapshot();
  return new AddedField(table, key, value, shape);
}

/** After the step the table shows which shape comes next. */
class AddedField extends AfterStep {
  constructor(private table: TableOperand, private key: Key, private value: Value, private shape: u32) {
    super();
  }

  run(r: Recording): void {
    const table = this.table;
    const value = this.value;
    const ir = r.ir;
    const child = heap.shape(table.address);
    const index = heap.shapeCount(this.shape);
    if (child == 0) {
      writeByHelper(r, table, this.key, value);
      return;
    }
    if (heap.shapeCount(child) != index + 1 || heap.shapeKey(child) != this.key.name) r.abort(Abort.COMPILE_ERROR, 'an unexpected shape');
    ir.emit(Op.SLOT_ROOM, Type.VOID, table.ref, NONE, NONE, index);
    ir.emit(Op.HSTORE, Type.VOID, r.field(table.ref, Field.TABLE_SLOTS), value.ref, NONE, index, value.tag);
    r.storeField(table.ref, Field.TABLE_SHAPE, ir.pointer(child));
    r.barrier(table.ref, ir.pointer(child));
    barrier(r, table.ref, value);
  }
}

function overwriteInDictionary(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const ir = r.ir;
  guardShape(r, table);
  const place = ir.call(Helper.traceTableGetString, table.ref, key.value.ref);
  ir.guard(place, true);
  ir.emit(Op.DSTORE, Type.VOID, place, value.ref, NONE, 0, value.tag);
  barrier(r, table.ref, value);
}

// ---- Anything

/** By the core: it reports failure (memory, a bad key) and then has changed nothing. */
function writeByHelper(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const ir = r.ir;
  guardNoNewIndex(r, table);
  storeScratch(r, KEY_SCRATCH, key.value);
  storeScratch(r, VALUE_SCRATCH, value);
  ir.guard(ir.call(Helper.traceTableSet, table.ref, scratchAddress(r, KEY_SCRATCH), scratchAddress(r, VALUE_SCRATCH)), true);
}
