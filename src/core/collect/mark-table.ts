/**
 * Marking what tables refer to. Small ones in one go; large ones in slices, one table at a time, so that a step of the collector is
 * bounded by work and not by the size of a table. Owns GC_SLICED_*. Weak tables are only told apart here (weak.ts).
 *
 * A sliced table is black from the start, so that stores into it reach their values; what moves inside it is the danger: a value that
 * moves from a part still to come to one that is done would be missed. Therefore
 * - the array comes first, by index (it may be reallocated meanwhile), then the record part, then the dictionary, from its start again
 *   if that was reallocated: so what moves from array or record to the dictionary is seen there;
 * - all else that moves values inside a table has a barrier: into the array from the dictionary (a store), between nodes (barrierNode),
 *   within the array (barrierMoved).
 */
import {
  ARRAY_MIXED, DICT_NODE_SIZE, DICT_NODE_VALUE, SHAPE_COUNT, SLOT_SIZE, SLOT_TAG, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH,
  TABLE_DICT, TABLE_DICT_SIZE, TABLE_KIND, TABLE_METATABLE, TABLE_REPRESENTATIVE, TABLE_SHAPE, TABLE_SIZE, TABLE_SLOTS, TAG_DEAD, TAG_STRING,
} from '../../bytecode/layout';
import { isMarking, markObject, markPointer, markValue } from '../memory/colour';
import { GC_SLICED_DICT, GC_SLICED_INDEX, GC_SLICED_TABLE } from '../memory/collector-state';
import { isCollectable, isNil } from '../base/value';

/** Elements and nodes of a table that is still marked in one go. */
const LARGE: u32 = 4096;
/**
 * Work that a value costs, in bytes looked at: array elements lie side by side, and so do mostly the objects they refer to; in a dictionary each is
 * somewhere else. Numbers and booleans in arrays are passed over by their tags.
 */
const ELEMENT_WORK: u32 = 1;
const ELEMENT_OBJECT_WORK: u32 = 16;
const NODE_WORK: u32 = 16;
const NODE_OBJECT_WORK: u32 = 64;
/** Elements of a slice. */
const SLICE: u32 = 2048;
/** GC_SLICED_INDEX of a table whose array is done: the index of the dictionary node is added. */
const IN_DICTIONARY: u32 = 0x80000000;

// @ts-ignore: decorator
@inline function elementCount(table: u32): u32 { return load<u8>(table, TABLE_KIND) == ARRAY_MIXED ? load<u32>(table, TABLE_ARRAY_LENGTH) : 0; }

/** Its own, and the one that it is the class of. */
// @ts-ignore: decorator
@inline export function markMetatables(table: u32): void {
  markPointer(load<u32>(table, TABLE_METATABLE));
  markPointer(load<u32>(table, TABLE_REPRESENTATIVE));
}

/** Marks a strong table's children, or begins to. The table is black. @returns work done */
export function markTable(table: u32): u32 {
  if (elementCount(table) + load<u32>(table, TABLE_DICT_SIZE) > LARGE) {
    store<u32>(GC_SLICED_TABLE, table);
    store<u32>(GC_SLICED_INDEX, 0);
    return 0;
  }
  markMetatables(table);
  return TABLE_SIZE + markRecord(table) + markElements(table, 0, LARGE) + markNodes(table, 0, LARGE);
}

/** Marks the next part of the table that is marked in slices. @returns work done */
export function markSlice(): u32 {
  const table = load<u32>(GC_SLICED_TABLE);
  const index = load<u32>(GC_SLICED_INDEX);
  if (!(index & IN_DICTIONARY)) {
    if (index < elementCount(table)) {
      store<u32>(GC_SLICED_INDEX, index + SLICE);
      return markElements(table, index, index + SLICE);
    }
    markMetatables(table);
    store<u32>(GC_SLICED_INDEX, IN_DICTIONARY);
    store<u32>(GC_SLICED_DICT, load<u32>(table, TABLE_DICT));
    return TABLE_SIZE + markRecord(table);
  }
  const isSame = load<u32>(table, TABLE_DICT) == load<u32>(GC_SLICED_DICT);
  const node = isSame ? index & ~IN_DICTIONARY : 0;
  store<u32>(GC_SLICED_DICT, load<u32>(table, TABLE_DICT));
  if (node >= load<u32>(table, TABLE_DICT_SIZE)) {
    store<u32>(GC_SLICED_TABLE, 0);
    return 0;
  }
  store<u32>(GC_SLICED_INDEX, IN_DICTIONARY + node + SLICE);
  return markNodes(table, node, node + SLICE);
}

export function markSlots(slot: u32, count: u32): void {
  for (const end = slot + count * SLOT_SIZE; slot < end; slot += SLOT_SIZE) markValue(slot);
}

export function markRecord(table: u32): u32 {
  const shape = load<u32>(table, TABLE_SHAPE);
  if (!shape) return 0;
  markObject(shape);
  const count = load<u32>(shape, SHAPE_COUNT);
  markSlots(load<u32>(table, TABLE_SLOTS), count);
  return count * SLOT_SIZE;
}

/** Marks the elements [from, to) of the array part (0-based) that exist. */
export function markElements(table: u32, from: u32, to: u32): u32 {
  to = min(to, elementCount(table));
  if (from >= to) return 0;
  const array = load<u32>(table, TABLE_ARRAY);
  const tags = array + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8;
  let work = (to - from) * ELEMENT_WORK;
  for (let i = from; i < to; i++) {
    if (load<u8>(tags + i) < TAG_STRING) continue;
    markObject(load<u32>(array + i * 8));
    work += ELEMENT_OBJECT_WORK;
  }
  return work;
}

/** Marks keys and values of the nodes [from, to) that exist. */
function markNodes(table: u32, from: u32, to: u32): u32 {
  to = min(to, load<u32>(table, TABLE_DICT_SIZE));
  if (from >= to) return 0;
  let node = load<u32>(table, TABLE_DICT) + from * DICT_NODE_SIZE;
  let work = (to - from) * NODE_WORK;
  for (const end = load<u32>(table, TABLE_DICT) + to * DICT_NODE_SIZE; node < end; node += DICT_NODE_SIZE) {
    if (isNil(node + DICT_NODE_VALUE)) clearKey(node);
    else {
      markValue(node);
      markValue(node + DICT_NODE_VALUE);
      if (isCollectable(node)) work += NODE_OBJECT_WORK;
      if (isCollectable(node + DICT_NODE_VALUE)) work += NODE_OBJECT_WORK;
    }
  }
  return work;
}

/** A node without value keeps no key alive; `next` still passes over it by its address. */
// @ts-ignore: decorator
@inline export function clearKey(node: u32): void { if (isCollectable(node)) store<u32>(node, TAG_DEAD, SLOT_TAG); }

/** After moving values inside the array part, to the elements [from, to), without a store for each. */
export function barrierMoved(table: u32, from: u32, to: u32): void {
  if (load<u32>(GC_SLICED_TABLE) == table && isMarking()) markElements(table, from, to);
}
