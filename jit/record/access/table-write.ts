/**
 * Raw table writes in a trace. All guards come first; what can fail (room, memory) fails before anything is changed, and leaves the trace.
 */
import {
  ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_STRING,
} from '../../../src/bytecode/layout.ts';
import { type IRRef, NONE } from '../../ir/trace.ts';
import { guardEpoch, guardMetatable } from './metamethod.ts';
import type { AfterStep, Recording } from '../core/recording.ts';
import type { Key } from './key.ts';
import { guardKind, guardShape, isInside, KEY_SCRATCH, placeOf, scratchAddress, storeScratch, type TableOperand, VALUE_SCRATCH } from './table-read.ts';
import { hasPayload, type Value } from '../core/value.ts';

/** Has the table a `__newindex` now? */
export function hasNewIndex(r: Recording, { address }: TableOperand): boolean {
  const metatable = r.heap.metatable(address);
  return metatable !== 0 && hasPayload(r.heap.metamethod(metatable, 'newindex').tag);
}

/** table[key] := value, where the table has no `__newindex` or the key a value (which the caller has read, and so guarded). */
export function writeRaw(r: Recording, table: TableOperand, key: Key, value: Value): AfterStep | undefined {
  if (key.kind === 'field') return writeField(r, table, key, value);
  if (key.kind === 'int') writeElement(r, table, key, value);
  else writeByHelper(r, table, key, value);
  return undefined;
}

/** Proves that a store of an absent key calls no metamethod. Not needed where the old value is known not to be nil. */
function guardNoNewIndex(r: Recording, table: TableOperand): void {
  if (!hasNewIndex(r, table) && guardMetatable(r, table.ref, table.address) !== 0) guardEpoch(r);
}

/** The same for a table without `__newindex` whose shape is guarded. */
function guardNoNewIndexByShape(r: Recording, table: TableOperand, shape: number): void {
  if (!r.heap.shapeProvesMetamethods(shape)) guardNoNewIndex(r, table);
  else if (r.heap.shapeMetatable(shape) !== 0) guardEpoch(r);
}

function barrier(r: Recording, table: IRRef, value: Value): void {
  if (value.tag >= TAG_STRING) r.barrier(table, value.ref);
}

/** Does an array of this kind take this value without changing its kind? */
const fitsKind = (kind: number, tag: number): boolean =>
  kind === ARRAY_INT ? tag === TAG_INT : kind === ARRAY_FLOAT ? tag === TAG_FLOAT : kind === ARRAY_MIXED && tag !== TAG_NIL;

// ---- Elements

function writeElement(r: Recording, table: TableOperand, key: Key & { kind: 'int' }, value: Value): void {
  const { heap } = r;
  const kind = heap.arrayKind(table.address);
  const length = BigInt(heap.arrayLength(table.address));
  const isInsideNow = key.number >= 1n && key.number <= length;
  if (fitsKind(kind, value.tag) && isInsideNow) overwriteElement(r, table, key, value);
  else if (fitsKind(kind, value.tag) && key.number === length + 1n && heap.dictionarySize(table.address) === 0) appendElement(r, table, key, value);
  else writeByHelper(r, table, key, value);
}

function overwriteElement(r: Recording, table: TableOperand, { integer, number }: Key & { kind: 'int' }, value: Value): void {
  const { ir, heap } = r;
  ir.guard(isInside(r, table.ref, integer), true);
  const kind = guardKind(r, table);
  const array = r.field(table.ref, 'table.array');
  const place = placeOf(r, integer);
  if (kind !== ARRAY_MIXED) {
    ir.emit('ASTORE', 'void', array, place, value.ref);
    return;
  }
  const capacity = r.field(table.ref, 'table.capacity');
  if (heap.metatable(table.address) !== 0) {
    // An element that is nil counts as absent.
    const wasNil = heap.getInteger(table.address, number).tag === TAG_NIL;
    ir.guard(ir.emit('EQ', 'i32', ir.emit('ATAG', 'i32', array, capacity, place), ir.i32(TAG_NIL)), wasNil);
    if (wasNil) guardNoNewIndex(r, table);
  } else guardNoNewIndex(r, table);
  storeMixed(r, table.ref, array, capacity, place, value);
}

function storeMixed(r: Recording, table: IRRef, array: IRRef, capacity: IRRef, place: IRRef, value: Value): void {
  if (hasPayload(value.tag)) r.ir.emit('ASTORE', 'void', array, place, value.ref);
  r.ir.emit('ATAGSTORE', 'void', array, capacity, place, 0, value.tag);
  barrier(r, table, value);
}

/** t[#t + 1] := value. The dictionary is empty, so that nothing has to move over from it. */
function appendElement(r: Recording, table: TableOperand, { integer }: Key & { kind: 'int' }, value: Value): void {
  const { ir } = r;
  const kind = guardKind(r, table);
  const length = r.field(table.ref, 'table.length');
  const next = ir.emit('ADD', 'i64', ir.emit('ZEXT', 'i64', length), ir.int(1n));
  r.guardEqual(integer, next);
  r.guardField(table.ref, 'table.dictSize', 0);
  guardNoNewIndex(r, table);
  ir.emit('APPEND_ROOM', 'void', table.ref, length);
  const array = r.field(table.ref, 'table.array');
  if (kind === ARRAY_MIXED) storeMixed(r, table.ref, array, r.field(table.ref, 'table.capacity'), length, value);
  else ir.emit('ASTORE', 'void', array, length, value.ref);
  r.storeField(table.ref, 'table.length', ir.emit('ADD', 'i32', length, ir.i32(1)));
}

// ---- Fields

function writeField(r: Recording, table: TableOperand, key: Key & { kind: 'field' }, value: Value): AfterStep | undefined {
  const { ir, heap } = r;
  const shape = heap.shape(table.address);
  // Names of metamethods: the core takes note of a change.
  if (shape === 0 || heap.extra(key.name) !== 0) {
    if (shape === 0 && value.tag !== TAG_NIL && heap.extra(key.name) === 0 && heap.getString(table.address, key.name).tag !== TAG_NIL) {
      overwriteInDictionary(r, table, key, value);
    } else writeByHelper(r, table, key, value);
    return undefined;
  }
  guardShape(r, table);
  const index = heap.shapeLookup(shape, key.name);
  if (index < 0) return addField(r, table, key, value, shape);
  const slots = r.field(table.ref, 'table.slots');
  if (heap.shapeMetatable(shape) !== 0) {
    const wasNil = heap.tag(heap.recordSlot(table.address, index)) === TAG_NIL;
    if (wasNil) guardNoNewIndex(r, table);
    else if (hasNewIndex(r, table)) ir.guard(ir.emit('EQ', 'i32', ir.emit('HTAG', 'i32', slots, NONE, NONE, index), ir.i32(TAG_NIL)), false);
    else guardNoNewIndexByShape(r, table, shape);
  }
  ir.emit('HSTORE', 'void', slots, value.ref, NONE, index, value.tag);
  barrier(r, table.ref, value);
  return undefined;
}

/** A field the shape does not have: after the step the table shows which shape comes next. */
function addField(r: Recording, table: TableOperand, key: Key & { kind: 'field' }, value: Value, shape: number): AfterStep | undefined {
  const { ir, heap } = r;
  guardNoNewIndexByShape(r, table, shape);
  if (value.tag === TAG_NIL) return undefined;
  r.takeSnapshot();
  return () => {
    const child = heap.shape(table.address);
    const index = heap.shapeCount(shape);
    if (child === 0) {
      writeByHelper(r, table, key, value);
      return;
    }
    if (heap.shapeCount(child) !== index + 1 || heap.shapeKey(child) !== key.name) r.abort('compile-error', 'an unexpected shape');
    ir.emit('SLOT_ROOM', 'void', table.ref, NONE, NONE, index);
    ir.emit('HSTORE', 'void', r.field(table.ref, 'table.slots'), value.ref, NONE, index, value.tag);
    r.storeField(table.ref, 'table.shape', ir.pointer(child));
    r.barrier(table.ref, ir.pointer(child));
    barrier(r, table.ref, value);
  };
}

function overwriteInDictionary(r: Recording, table: TableOperand, key: Key & { kind: 'field' }, value: Value): void {
  const { ir } = r;
  guardShape(r, table);
  const place = ir.call('traceTableGetString', table.ref, key.value.ref);
  ir.guard(place, true);
  ir.emit('DSTORE', 'void', place, value.ref, NONE, 0, value.tag);
  barrier(r, table.ref, value);
}

// ---- Anything

/** By the core: it reports failure (memory, a bad key) and then has changed nothing. */
function writeByHelper(r: Recording, table: TableOperand, key: Key, value: Value): void {
  const { ir } = r;
  guardNoNewIndex(r, table);
  storeScratch(r, KEY_SCRATCH, key.value);
  storeScratch(r, VALUE_SCRATCH, value);
  ir.guard(ir.call('traceTableSet', table.ref, scratchAddress(r, KEY_SCRATCH), scratchAddress(r, VALUE_SCRATCH)), true);
}
