/** Appending to the array part: keys that follow come over from the dictionary; a part that is nearly empty goes there. */
import { ARRAY_MIXED, DICT_NODE_VALUE, SLOT_TAG, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TAG_DEAD, TAG_INT } from '../../bytecode/layout';
import { arrayKind, arrayLength, countElements, hasDictIntegers, kindOfTag, tryEnsureArray, writeElement } from './table-array';
import { dropEmptyDictionary, findInteger, findPresent, trySetInDictionary, trySpillArray } from './table-dictionary';
import { setNil, tagOf } from '../base/value';

/** Stores a non-nil value at the key behind the length, and fetches the keys that follow it from the dictionary. */
export function tryAppend(table: u32, value: u32): bool {
  const length = arrayLength(table);
  if (arrayKind(table) == ARRAY_MIXED && length == load<u32>(table, TABLE_ARRAY_CAPACITY) && length > 16 && countElements(table) < length >> 2) {
    return trySpillArray(table) && trySetInDictionary(table, TAG_INT, <u64>length + 1, value);
  }
  let kind = kindOfTag(tagOf(value));
  let run: u32 = 0;
  if (hasDictIntegers(table)) {
    for (let node = findPresent(table, length + 2); node; node = findPresent(table, length + 2 + run)) {
      if (kind != kindOfTag(tagOf(node + DICT_NODE_VALUE))) kind = ARRAY_MIXED;
      run++;
    }
  }
  if (!tryEnsureArray(table, kind, length + 1 + run)) return false;
  kind = arrayKind(table);
  writeElement(table, kind, length, value);
  for (let i: u32 = 0; i < run; i++) {
    const node = findInteger(table, <i64>length + 2 + i);
    writeElement(table, kind, length + 1 + i, node + DICT_NODE_VALUE);
    buryNode(node);
  }
  if (hasDictIntegers(table)) {
    const removed = findInteger(table, <i64>length + 1);
    if (removed) buryNode(removed);
  }
  store<u32>(table, length + 1 + run, TABLE_ARRAY_LENGTH);
  if (run) dropEmptyDictionary(table, run);
  return true;
}

/** Makes the node of a key that went to the array, or comes back there, answer to it no more: `next` would go on from there. */
function buryNode(node: u32): void {
  store<i64>(node, -1);
  store<u32>(node, TAG_DEAD, SLOT_TAG);
  setNil(node + DICT_NODE_VALUE);
}
