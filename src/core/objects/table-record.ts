/** Where a table has the value of a short string: the record part, or the dictionary once it has left its shape. */
import { DICT_NODE_VALUE, SLOT_SIZE, TABLE_SHAPE, TABLE_SLOTS } from '../../bytecode/layout';
import { shapeLookup } from './shape';
import { findShortString } from './table-dictionary';

/** Address of the value slot of a short string key, in the record part or the dictionary; 0 if it has none. It may hold nil. */
export function tableRecordSlot(table: u32, key: u32): u32 {
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    const index = shapeLookup(shape, key);
    return index < 0 ? 0 : load<u32>(table, TABLE_SLOTS) + index * SLOT_SIZE;
  }
  const node = findShortString(table, key);
  return node ? node + DICT_NODE_VALUE : 0;
}
