/** New tables. */
import { SLOT_SIZE, TABLE_ARRAY_CAPACITY, TABLE_SHAPE, TABLE_SIZE, TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_TABLE, VM_ROOT_SHAPE } from '../../bytecode/layout';
import { clearWords } from '../base/bytes';
import { throwMemoryError } from '../base/raise';
import { freeObject } from '../memory/free';
import { tryAllocateRaw, tryNewObject } from '../memory/heap';
import { MAX_FIELDS } from './shape';
import { tryReserveDictionary } from './table-dictionary';

/** As newTable, but 0 when memory ran out. */
export function tryNewTable(arraySize: u32, recordSize: u32): u32 {
  const table = tryNewObject(TAG_TABLE, TABLE_SIZE);
  if (!table) return 0;
  clearWords(table + TABLE_SHAPE, TABLE_SIZE - TABLE_SHAPE);
  store<u32>(table, arraySize, TABLE_ARRAY_CAPACITY);
  if (recordSize > MAX_FIELDS) {
    if (!tryReserveDictionary(table, recordSize)) return discardTable(table);
    return table;
  }
  store<u32>(table, load<u32>(VM_ROOT_SHAPE), TABLE_SHAPE);
  if (recordSize) {
    const slots = tryAllocateRaw(recordSize * SLOT_SIZE);
    if (!slots) return discardTable(table);
    store<u32>(table, slots, TABLE_SLOTS);
    store<u32>(table, recordSize, TABLE_SLOT_CAPACITY);
  }
  return table;
}

function discardTable(table: u32): u32 {
  freeObject(table, TABLE_SIZE);
  return 0;
}

/** An empty table. @param arraySize, recordSize array elements and string fields to expect. Raises "not enough memory". */
export function newTable(arraySize: u32, recordSize: u32): u32 {
  const table = tryNewTable(arraySize, recordSize);
  if (!table) throwMemoryError();
  return table;
}
