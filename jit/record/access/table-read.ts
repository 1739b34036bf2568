/**
 * Raw table reads in a trace, by what the key is: an integer in the array part, a field behind a shape, anything else by helper.
 * Each guards what it relies on, so that the value's tag is known.
 */
import { ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, TAG_FLOAT, TAG_INT, TAG_NIL, VM_TRACE_SCRATCH } from '../../../src/bytecode/layout.ts';
import { type IRRef, NONE } from '../../ir/trace.ts';
import type { Recording } from '../core/recording.ts';
import type { Key } from './key.ts';
import { hasPayload, NIL, payloadType, type Value } from '../core/value.ts';

export interface TableOperand {
  readonly ref: IRRef;
  /** Where the table is now. */
  readonly address: number;
}

/** Scratch slots of key and value in helper calls. */
export const KEY_SCRATCH = 0;
export const VALUE_SCRATCH = 1;

export const scratchAddress = (r: Recording, index: number): IRRef => r.ir.i32(VM_TRACE_SCRATCH + 16 * index);

/** The value of a key now, nil if it is absent; the trace is left when its tag will be another. */
export function readRaw(r: Recording, table: TableOperand, key: Key): Value {
  if (key.kind === 'field') return readField(r, table, key.name, key.value);
  if (key.kind === 'int') return readElement(r, table, key.integer, key.number, key.value);
  return readByHelper(r, table, key.value, (slot) => r.heap.get(table.address, slot).tag, key.slot);
}

/** Guards the array kind; where the table is new in the trace this folds away or is forwarded. */
export function guardKind(r: Recording, table: TableOperand): number {
  const kind = r.heap.arrayKind(table.address);
  r.guardField(table.ref, 'table.kind', kind);
  return kind;
}

/** Is index - 1 below the array's length? As a condition. */
export function isInside(r: Recording, table: IRRef, index: IRRef): IRRef {
  const { ir } = r;
  return ir.emit('ULT', 'i32', indexFromZero(r, index), ir.emit('ZEXT', 'i64', r.field(table, 'table.length')));
}

const indexFromZero = (r: Recording, index: IRRef): IRRef => r.ir.emit('SUB', 'i64', index, r.ir.int(1n));

/** The place of a Lua index in the array part, as an address computation wants it. */
export const placeOf = (r: Recording, index: IRRef): IRRef => r.ir.emit('WRAP', 'i32', indexFromZero(r, index));

function readElement(r: Recording, table: TableOperand, index: IRRef, number: bigint, key: Value): Value {
  const { ir, heap } = r;
  const length = heap.arrayLength(table.address);
  const inside = isInside(r, table.ref, index);
  if (number < 1n || number > BigInt(length)) {
    ir.guard(inside, false);
    if (heap.dictionarySize(table.address) === 0) {
      r.guardField(table.ref, 'table.dictSize', 0);
      return NIL;
    }
    return readByHelper(r, table, key, () => heap.getInteger(table.address, number).tag, 0);
  }
  ir.guard(inside, true);
  const kind = guardKind(r, table);
  const array = r.field(table.ref, 'table.array');
  const place = placeOf(r, index);
  if (kind === ARRAY_INT) return { ref: ir.emit('ALOAD', 'i64', array, place), tag: TAG_INT };
  if (kind === ARRAY_FLOAT) return { ref: ir.emit('ALOAD', 'f64', array, place), tag: TAG_FLOAT };
  if (kind !== ARRAY_MIXED) r.abort('compile-error', `array kind ${kind}`);
  const { tag } = heap.getInteger(table.address, number);
  r.guardEqual(ir.emit('ATAG', 'i32', array, r.field(table.ref, 'table.capacity'), place), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('ALOAD', payloadType(tag), array, place) : NONE, tag };
}

function readField(r: Recording, table: TableOperand, name: number, key: Value): Value {
  const { ir, heap } = r;
  const shape = guardShape(r, table);
  if (shape === 0) return readFromDictionary(r, table, name, key);
  const index = heap.shapeLookup(shape, name);
  if (index < 0) return NIL;
  const slots = r.field(table.ref, 'table.slots');
  const tag = heap.tag(heap.recordSlot(table.address, index));
  r.guardEqual(ir.emit('HTAG', 'i32', slots, NONE, NONE, index), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('HLOAD', payloadType(tag), slots, NONE, NONE, index) : NONE, tag };
}

/** Guards a table's shape. @returns its address, 0 in dictionary mode */
export function guardShape(r: Recording, table: TableOperand): number {
  const shape = r.heap.shape(table.address);
  r.guardEqual(r.field(table.ref, 'table.shape'), shape === 0 ? r.ir.i32(0) : r.ir.pointer(shape));
  return shape;
}

/** The address of the value slot is the result of a lookup, which is not repeated while nothing is stored. */
function readFromDictionary(r: Recording, table: TableOperand, name: number, key: Value): Value {
  const { ir, heap } = r;
  const place = ir.call('traceTableGetString', table.ref, key.ref);
  const { tag } = heap.getString(table.address, name);
  if (tag === TAG_NIL) {
    ir.guard(place, false);
    return NIL;
  }
  ir.guard(place, true);
  r.guardEqual(ir.emit('DTAG', 'i32', place), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('DLOAD', payloadType(tag), place) : NONE, tag };
}

/** Any key, by the core. @param tagNow finds the tag of the value there is now, given a slot with the key */
function readByHelper(r: Recording, table: TableOperand, key: Value, tagNow: (slot: number) => number, slot: number): Value {
  const { ir } = r;
  storeScratch(r, KEY_SCRATCH, key);
  ir.call('traceTableGet', table.ref, scratchAddress(r, KEY_SCRATCH), scratchAddress(r, VALUE_SCRATCH));
  return loadScratch(r, VALUE_SCRATCH, tagNow(slot));
}

/** Puts an operand of a helper call into a scratch slot. */
export function storeScratch(r: Recording, index: number, value: Value): void {
  r.ir.emit('RSTORE', 'void', value.ref, NONE, NONE, index, value.tag);
}

/** A helper's result in a scratch slot, whose tag is guarded. */
export function loadScratch(r: Recording, index: number, tag: number): Value {
  const { ir } = r;
  r.guardEqual(ir.emit('RTAG', 'i32', NONE, NONE, NONE, index), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('RLOAD', payloadType(tag), NONE, NONE, NONE, index) : NONE, tag };
}
