/**
 * Traversal: array, record, dictionary, in that order; a place is found again from its key in constant time.
 *
 * Fields may be assigned, nil included, while a traversal is under way; so a key must be found after its value went: array keys up to the
 * capacity even if the length shrank, record keys always (they stay in the shape), dictionary keys because removal leaves the node, and
 * the collector leaves the address of a key it frees (TAG_DEAD).
 */
import {
  DICT_NODE_SIZE, DICT_NODE_VALUE, OBJECT_FLAGS, SHAPE_COUNT, SLOT_SIZE, STRING_SHORT, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_DICT, TABLE_DICT_SIZE,
  TABLE_SHAPE, TABLE_SLOTS, TAG_INT, TAG_NIL, TAG_STRING,
} from '../../bytecode/layout';
import { throwBareText } from '../base/raise';
import { charge } from '../base/budget';
import { shapeKeyAt, shapeLookup } from './shape';
import { arrayLength, elementIsNil, readElement } from './table-array';
import { canonicalPayload, findDeadKey, findKey } from './table-dictionary';
import { copyValue, intOf, isNil, setInt, setObject, tagOf } from '../base/value';

const INVALID: i32 = -1;

/** As tryNext, but raises "invalid key to 'next'". @returns false at the end */
export function tableNext(table: u32, key: u32, slot: u32): bool {
  const found = tryNext(table, key, slot);
  if (found < 0) throwBareText("invalid key to 'next'");
  return found != 0;
}

/**
 * Steps from the key in `key` (nil: start) to the next pair, which it writes to `slot` and the slot behind; `slot` may be `key`.
 * A float is no key, even where an integer would be. @returns 1; 0 at the end, -1 for a key the table does not have: the slots are then unchanged
 */
export function tryNext(table: u32, key: u32, slot: u32): i32 {
  const tag = tagOf(key);
  if (tag == TAG_NIL) return nextElement(table, 0, slot);
  if (tag == TAG_INT) return nextAfterInteger(table, intOf(key), slot);
  if (tag == TAG_STRING && (load<u8>(load<u32>(key), OBJECT_FLAGS) & STRING_SHORT) != 0) {
    const shape = load<u32>(table, TABLE_SHAPE);
    if (shape) {
      const index = shapeLookup(shape, load<u32>(key));
      if (index < 0) return INVALID;
      return nextField(table, index + 1, slot);
    }
  }
  return nextAfterNode(table, tag, canonicalPayload(tag, key), slot);
}

function nextAfterInteger(table: u32, key: i64, slot: u32): i32 {
  const index = <u64>(key - 1);
  if (index < <u64>arrayLength(table)) return nextElement(table, <u32>index + 1, slot);
  // Above the length: in the dictionary, or an element that was removed since.
  if (!findKey(table, TAG_INT, key) && load<u32>(table, TABLE_ARRAY) && index < <u64>load<u32>(table, TABLE_ARRAY_CAPACITY)) {
    return nextField(table, 0, slot);
  }
  return nextAfterNode(table, TAG_INT, key, slot);
}

function nextAfterNode(table: u32, tag: u32, payload: u64, slot: u32): i32 {
  let node = findKey(table, tag, payload);
  if (!node) node = findDeadKey(table, tag, payload);
  if (!node) return INVALID;
  return nextNode(table, node + DICT_NODE_SIZE, slot);
}

/** First element at or behind `index` that is not nil. */
function nextElement(table: u32, index: u32, slot: u32): i32 {
  const from = index;
  for (const length = arrayLength(table); index < length; index++) {
    if (elementIsNil(table, index)) continue;
    if (index != from) charge(index - from);
    readElement(table, index, slot + SLOT_SIZE);
    setInt(slot, <i64>index + 1);
    return 1;
  }
  charge(index - from);
  return nextField(table, 0, slot);
}

function nextField(table: u32, index: u32, slot: u32): i32 {
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    const slots = load<u32>(table, TABLE_SLOTS);
    for (const count = load<u32>(shape, SHAPE_COUNT); index < count; index++) {
      if (isNil(slots + index * SLOT_SIZE)) continue;
      setObject(slot, TAG_STRING, shapeKeyAt(shape, index));
      copyValue(slot + SLOT_SIZE, slots + index * SLOT_SIZE);
      return 1;
    }
  }
  return nextNode(table, load<u32>(table, TABLE_DICT), slot);
}

function nextNode(table: u32, node: u32, slot: u32): i32 {
  const end = load<u32>(table, TABLE_DICT) + load<u32>(table, TABLE_DICT_SIZE) * DICT_NODE_SIZE;
  const from = node;
  for (; node < end; node += DICT_NODE_SIZE) {
    if (isNil(node + DICT_NODE_VALUE)) continue;
    if (node != from) charge((node - from) / DICT_NODE_SIZE);
    copyValue(slot, node);
    copyValue(slot + SLOT_SIZE, node + DICT_NODE_VALUE);
    return 1;
  }
  charge((node - from) / DICT_NODE_SIZE);
  return 0;
}
