/**
 * The dictionary part of tables: every key that is neither in the array part nor, for tables with a shape, a short string.
 *
 *   node (32 bytes)   key: payload i64 | tag u32 | link u32 (next node of the chain, 0 ends)   value: slot
 *
 * A chained scatter table whose chains run through the nodes themselves (Brent's variation): a key sits in the node its hash names, unless
 * a key that belongs there has it; a key found sitting in another chain's node is moved out when the owner comes. Chains stay short up
 * to a full table, and a node needs no state besides its key. Removal leaves key and link in place with a nil value, so that `next` can go
 * on from there; such nodes go when the table is rehashed, or are taken by a new key whose hash names them.
 *
 * Invariants:
 * - Keys are canonical: floats with an integer value are integers, booleans have their tag as payload, so keys are equal if tag and payload
 *   are, long strings excepted. The key of a node without value may be TAG_DEAD.
 * - TABLE_DICT_FREE only falls; all nodes at or above it are in use, or were.
 * - TABLE_DICT_INTEGERS is set while a positive integer key may be here.
 */
import {
  ARRAY_EMPTY, ARRAY_MIXED, DICT_NODE_SIZE, DICT_NODE_VALUE, OBJECT_FLAGS, SHAPE_COUNT, SLOT_LINK, SLOT_SIZE, SLOT_TAG, STRING_HASH, STRING_SHORT, TABLE_ARRAY,
  TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT, TABLE_DICT_FREE, TABLE_DICT_INTEGERS, TABLE_DICT_SIZE, TABLE_KIND, TABLE_SHAPE, TABLE_SIZE,
  TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_DEAD, TAG_FALSE, TAG_INT, TAG_NIL, TAG_STRING, TAG_TRUE, VM_DRAFT, VM_HEAP, VM_MOVING, VM_REFUSED, VM_REFUSED_KEY,
} from '../../bytecode/layout';
import { GC_SLICED_DICT, GC_SLICED_TABLE } from '../memory/collector-state';
import { barrierNode, isBlack } from '../memory/colour';
import { freeRaw } from '../memory/free';
import { tryAllocateRaw } from '../memory/heap';
import { arrayBytes, freeDictionary } from '../memory/release';
import { dropSpare, keepSpare, tryTakeSpare } from '../memory/spare';
import { charge } from '../base/budget';
import { clearWords } from '../base/bytes';
import { hashAddress, hashNumber, placeOf } from '../base/hash';
import { shapeKeyAt } from './shape';
import { equalStrings, hashOfString } from '../strings/string';
import {
  MAX_ARRAY, arrayKind, arrayLength, countElements, elementAddress, elementIsNil, elementTagAddress, hasDictIntegers, putSparse, readElement, tryEnsureArray,
  tryReshapeInSteps,
} from './table-array';
import { ELEMENTS_AT_ONCE, LARGE_DICTIONARY, LEAVE_SHAPE, NODES_AT_ONCE, REHASH, RESHAPE, SPILL, forgetRefused, refuse, stepOn } from './table-draft';
import { copyValue, isNil, setNil, tagOf } from '../base/value';

const MAX_NODES: u32 = 1 << 26;
/** Steps that moving a node to another dictionary counts for. */
const NODE_STEPS: u32 = 8;
/** Steps that clearing a node counts for: its memory may be new. */
const CLEAR_STEPS: u32 = 4;
/** Counts of integer keys in (2^(n-1), 2^n], by n: 32 x u32, only during a rehash. */
const HEAP_HISTOGRAM: u32 = VM_HEAP + 800;
/** A value slot for elements on their way, only during a spill. */
const HEAP_SPILLED: u32 = VM_HEAP + 944;

/** Payload of a canonical key (not nil, not an integral float) as the dictionary stores it. */
// @ts-ignore: decorator
@inline export function canonicalPayload(tag: u32, key: u32): u64 { return tag == TAG_FALSE || tag == TAG_TRUE ? <u64>tag : load<u64>(key); }
// @ts-ignore: decorator
@inline function isShort(s: u32): bool { return (load<u8>(s, OBJECT_FLAGS) & STRING_SHORT) != 0; }
// @ts-ignore: decorator
@inline function nodeOfHash(table: u32, hash: u32): u32 {
  return load<u32>(table, TABLE_DICT) + placeOf(hash, load<u32>(table, TABLE_DICT_SIZE)) * DICT_NODE_SIZE;
}
/** Of a key that is no long string: strings bring their hash. */
// @ts-ignore: decorator
@inline function hashOf(tag: u32, payload: u64): u32 {
  return tag == TAG_STRING ? load<u32>(<u32>payload, STRING_HASH) : tag < TAG_STRING ? hashNumber(payload) : hashAddress(<u32>payload);
}

/** Node a key's chain starts at. The dictionary is not empty. */
export function mainNode(table: u32, tag: u32, payload: u64): u32 {
  return nodeOfHash(table, tag == TAG_STRING && !isShort(<u32>payload) ? hashOfString(<u32>payload) : hashOf(tag, payload));
}

/** The node of a canonical key that is no long string, 0 if there is none. */
// @ts-ignore: decorator
@inline export function findExact(table: u32, tag: u32, payload: u64): u32 {
  if (!load<u32>(table, TABLE_DICT_SIZE)) return 0;
  for (let node = nodeOfHash(table, hashOf(tag, payload)); node; node = load<u32>(node, SLOT_LINK)) {
    if (load<u64>(node) == payload && load<u32>(node, SLOT_TAG) == tag) return node;
  }
  return 0;
}

/** The node of an integer key, 0 if there is none; its value may be nil. */
export function findInteger(table: u32, key: i64): u32 { return findExact(table, TAG_INT, <u64>key); }

/** The node of a positive integer key that has a value, 0 if there is none. */
export function findPresent(table: u32, key: u32): u32 {
  const node = findInteger(table, key);
  return node != 0 && !isNil(node + DICT_NODE_VALUE) ? node : 0;
}

/** The node of a short string. */
export function findShortString(table: u32, key: u32): u32 { return findExact(table, TAG_STRING, <u64>key); }

/** The node of any canonical key. */
export function findKey(table: u32, tag: u32, payload: u64): u32 {
  if (tag != TAG_STRING || isShort(<u32>payload)) return findExact(table, tag, payload);
  if (!load<u32>(table, TABLE_DICT_SIZE)) return 0;
  for (let node = nodeOfHash(table, hashOfString(<u32>payload)); node; node = load<u32>(node, SLOT_LINK)) {
    if (load<u32>(node, SLOT_TAG) == TAG_STRING && equalStrings(load<u32>(node), <u32>payload)) return node;
  }
  return 0;
}

/** The node whose key was the object at this address and has died since (for `next`). */
export function findDeadKey(table: u32, tag: u32, payload: u64): u32 {
  if (!load<u32>(table, TABLE_DICT_SIZE)) return 0;
  for (let node = mainNode(table, tag, payload); node; node = load<u32>(node, SLOT_LINK)) {
    if (load<u32>(node, SLOT_TAG) == TAG_DEAD && load<u64>(node) == payload) return node;
  }
  return 0;
}

/** Puts a key that is not there into a node with nil value; 0 if no node is free. */
function insertKey(table: u32, tag: u32, payload: u64): u32 {
  if (!load<u32>(table, TABLE_DICT_SIZE)) return 0;
  let node = mainNode(table, tag, payload);
  if (!isNil(node + DICT_NODE_VALUE)) {
    const free = takeFreeNode(table);
    if (!free) return 0;
    const main = mainNode(table, tagOf(node), load<u64>(node));
    if (main == node) {
      // Its owner is at home: the new key goes behind it.
      store<u32>(free, load<u32>(node, SLOT_LINK), SLOT_LINK);
      store<u32>(node, free, SLOT_LINK);
      node = free;
    } else {
      // A guest: it moves to the free node.
      let previous = main;
      while (load<u32>(previous, SLOT_LINK) != node) previous = load<u32>(previous, SLOT_LINK);
      store<u32>(previous, free, SLOT_LINK);
      memory.copy(free, node, DICT_NODE_SIZE);
      barrierNode(table, free);
      store<u32>(node, 0, SLOT_LINK);
      setNil(node + DICT_NODE_VALUE);
    }
  }
  store<u64>(node, payload);
  store<u32>(node, tag, SLOT_TAG);
  if (tag == TAG_INT && <i64>payload > 0) store<u8>(table, load<u8>(table, OBJECT_FLAGS) | TABLE_DICT_INTEGERS, OBJECT_FLAGS);
  return node;
}

/** A node that never had a key; 0 if there is none. */
function takeFreeNode(table: u32): u32 {
  const first = load<u32>(table, TABLE_DICT);
  let node = load<u32>(table, TABLE_DICT_FREE);
  while (node > first) {
    node -= DICT_NODE_SIZE;
    if (tagOf(node) != TAG_NIL) continue;
    store<u32>(table, node, TABLE_DICT_FREE);
    return node;
  }
  store<u32>(table, first, TABLE_DICT_FREE);
  return 0;
}

/**
 * table[key] := value for a canonical key that belongs into the dictionary. May rehash, which may move integer keys (this one, too) into
 * the array part.
 */
export function trySetInDictionary(table: u32, tag: u32, payload: u64, value: u32): bool {
  let node = findKey(table, tag, payload);
  if (!node) {
    if (isNil(value)) return true;
    node = insertKey(table, tag, payload);
    if (!node) {
      if (!tryRehash(table, tag, payload, value)) return false;
      node = findKey(table, tag, payload);
      if (!node) return true; // It went into the array.
    }
  }
  copyValue(node + DICT_NODE_VALUE, value);
  barrierNode(table, node);
  return true;
}

// ---- Other dictionaries

/** Nodes for `count` keys: a power of two, with room to spare unless it is filled exactly by growing. */
function nodesFor(count: u32): u32 {
  const wanted = count + count / 3;
  return wanted <= 1 ? count : <u32>1 << (32 - clz(wanted - 1));
}

/** Begins a dictionary for `count` keys (0: it has no nodes). @returns false when memory ran out */
// @ts-ignore: decorator
@inline function tryBeginDraft(count: u32, inSteps: bool): bool {
  const size = nodesFor(count);
  if (size > MAX_NODES) return false;
  clearWords(VM_DRAFT, TABLE_SIZE);
  if (!size) return true;
  const nodes = tryTakeSpare(size * DICT_NODE_SIZE);
  if (!nodes) return false;
  store<u32>(VM_DRAFT, nodes, TABLE_DICT);
  store<u32>(VM_DRAFT, size, TABLE_DICT_SIZE);
  store<u32>(VM_DRAFT, nodes + size * DICT_NODE_SIZE, TABLE_DICT_FREE);
  if (inSteps) {
    for (let i: u32 = 0; i < size; i += NODES_AT_ONCE) {
      memory.fill(nodes + i * DICT_NODE_SIZE, 0, min(size - i, NODES_AT_ONCE) * DICT_NODE_SIZE);
      stepOn(NODES_AT_ONCE * CLEAR_STEPS);
    }
  } else clearWords(nodes, size * DICT_NODE_SIZE);
  return true;
}

/** Puts the keys with values of a table's dictionary into the draft, without the integers up to `arrayLimit`. */
// @ts-ignore: decorator
@inline function copyNodes(table: u32, arrayLimit: u32, inSteps: bool): void {
  const size = load<u32>(table, TABLE_DICT_SIZE);
  for (let i = size, node = load<u32>(table, TABLE_DICT) + (size - 1) * DICT_NODE_SIZE; i; i--, node -= DICT_NODE_SIZE) {
    if (inSteps && !(i & (NODES_AT_ONCE - 1))) stepOn(NODES_AT_ONCE * NODE_STEPS);
    const value = node + DICT_NODE_VALUE;
    if (isNil(value) || (tagOf(node) == TAG_INT && load<u64>(node) - 1 < <u64>arrayLimit)) continue;
    copyValue(insertKey(VM_DRAFT, tagOf(node), load<u64>(node)) + DICT_NODE_VALUE, value);
  }
}

/** Gives the table the draft's dictionary instead of its own. */
function adoptDraft(table: u32): void {
  if (load<u32>(GC_SLICED_TABLE) == table) store<u32>(GC_SLICED_DICT, 0);
  freeDictionary(table);
  for (let field = TABLE_DICT; field <= TABLE_DICT_FREE; field += 4) store<u32>(table + field, load<u32>(VM_DRAFT + field));
  const flags = load<u8>(table, OBJECT_FLAGS) & ~TABLE_DICT_INTEGERS;
  store<u8>(table, flags | load<u8>(VM_DRAFT, OBJECT_FLAGS), OBJECT_FLAGS);
  keepSpare();
}

/** Gives a table without dictionary one with room for about `count` keys. */
export function tryReserveDictionary(table: u32, count: u32): bool {
  if (!tryBeginDraft(min(count, LARGE_DICTIONARY), false)) return false;
  adoptDraft(table);
  return true;
}

/** Keys with a value. */
function countNodes(table: u32): u32 {
  let count: u32 = 0;
  let node = load<u32>(table, TABLE_DICT);
  for (let i = load<u32>(table, TABLE_DICT_SIZE); i; i--, node += DICT_NODE_SIZE) count += u32(!isNil(node + DICT_NODE_VALUE));
  return count;
}

/** After `moved` keys left for the array: frees the dictionary if they were all it had. Looks only if they were many. */
export function dropEmptyDictionary(table: u32, moved: u32): void {
  if (moved * 4 < load<u32>(table, TABLE_DICT_SIZE) || countNodes(table)) return;
  tryBeginDraft(0, false);
  adoptDraft(table);
}

/** Does what was refused for its size. @returns whether it should be tried again  @throws what the host raises: out of fuel, interrupted */
export function tryInSteps(table: u32): bool {
  const refused = load<u32>(VM_REFUSED);
  if (refused == RESHAPE) return tryRefusedReshape(table);
  forgetRefused();
  switch (refused) {
    case REHASH: return rehash(table, load<u32>(VM_REFUSED_KEY, SLOT_TAG), load<u64>(VM_REFUSED_KEY), 0, true);
    case SPILL: return spillArray(table, true);
    case LEAVE_SHAPE: return leaveShape(table, true);
    default: return false;
  }
}

function tryRefusedReshape(table: u32): bool {
  forgetRefused();
  return tryReshapeInSteps(table, load<u32>(VM_REFUSED_KEY, SLOT_TAG), load<u32>(VM_REFUSED_KEY));
}

// ---- Rehash

// @ts-ignore: decorator
@inline function countInteger(key: u64): void {
  if (key - 1 >= <u64>MAX_ARRAY) return;
  const bin = HEAP_HISTOGRAM + (key == 1 ? 0 : 32 - clz(<u32>key - 1)) * 4;
  store<u32>(bin, load<u32>(bin) + 1);
}

/** Fills the histogram with the positive integer keys of array and dictionary. */
function countIntegers(table: u32): void {
  memory.fill(HEAP_HISTOGRAM, 0, 128);
  const length = arrayLength(table);
  if (arrayKind(table) == ARRAY_MIXED) {
    for (let i: u32 = 0; i < length; i++) if (!elementIsNil(table, i)) countInteger(<u64>i + 1);
  } else {
    for (let bin: u32 = 0, below: u32 = 0; below < length; bin++) {
      const upTo = min(length, <u32>1 << bin);
      store<u32>(HEAP_HISTOGRAM + bin * 4, upTo - below);
      below = upTo;
    }
  }
  let node = load<u32>(table, TABLE_DICT);
  for (let i = load<u32>(table, TABLE_DICT_SIZE); i; i--, node += DICT_NODE_SIZE) {
    if (tagOf(node) == TAG_INT && !isNil(node + DICT_NODE_VALUE)) countInteger(load<u64>(node));
  }
}

/** The largest power of two n such that more than half of the keys 1..n exist, by the histogram; 0 if there is none. */
function denseLimit(): u32 {
  let limit: u32 = 0;
  let count: u32 = 0;
  for (let bin: u32 = 0; bin <= 28; bin++) {
    count += load<u32>(HEAP_HISTOGRAM + bin * 4);
    if (count > ((<u32>1 << bin) >> 1)) limit = <u32>1 << bin;
  }
  return limit;
}

/**
 * Makes room for one more key (which is not there): drops removed keys, moves dense integer keys into the array, resizes.
 * If the new key belongs into the array then, it is stored there with its value; if not, it is inserted with value nil.
 */
function tryRehash(table: u32, tag: u32, payload: u64, value: u32): bool {
  return load<u32>(table, TABLE_DICT_SIZE) < LARGE_DICTIONARY ? rehash(table, tag, payload, value, false) : refuse(REHASH, tag, payload);
}

/** @param value 0: nothing is stored yet */
// @ts-ignore: decorator
@inline function rehash(table: u32, tag: u32, payload: u64, value: u32, inSteps: bool): bool {
  const isInteger = tag == TAG_INT && <i64>payload > 0;
  const size = load<u32>(table, TABLE_DICT_SIZE);
  charge((inSteps ? 0 : size * NODE_STEPS) + (arrayKind(table) == ARRAY_MIXED ? arrayLength(table) : 0));
  let limit: u32 = 0;
  if (isInteger || hasDictIntegers(table)) {
    countIntegers(table);
    if (isInteger) countInteger(payload);
    limit = denseLimit();
    // The key behind the array's length must not stay in the dictionary: take the run that follows, too.
    while (limit != 0 && (findPresent(table, limit + 1) || (isInteger && payload == limit + 1))) limit++;
    if (limit <= arrayLength(table) || !(inSteps ? tryEnsureInSteps(table, limit) : tryEnsureArray(table, ARRAY_MIXED, limit))) limit = 0;
    if (!inSteps && load<u32>(VM_REFUSED)) return false;
  }
  const intoArray = isInteger && payload - 1 < <u64>limit;
  let count: u32 = intoArray ? 0 : 1;
  for (let i = size, node = load<u32>(table, TABLE_DICT); i; i--, node += DICT_NODE_SIZE) {
    if (!isNil(node + DICT_NODE_VALUE) && (tagOf(node) != TAG_INT || load<u64>(node) - 1 >= <u64>limit)) count++;
  }
  if (!tryBeginDraft(count, inSteps)) return false;
  if (inSteps) touchArray(table, limit);
  copyNodes(table, limit, inSteps);
  store<u32>(VM_MOVING, table);
  if (limit) moveIntoArray(table, limit);
  adoptDraft(table);
  store<u32>(VM_MOVING, 0);
  if (!intoArray) insertKey(table, tag, payload);
  else if (value) putSparse(table, <u32>payload - 1, value);
  return true;
}

/** Room for `length` elements of a MIXED array. */
function tryEnsureInSteps(table: u32, length: u32): bool {
  while (!tryEnsureArray(table, ARRAY_MIXED, length)) if (load<u32>(VM_REFUSED) != RESHAPE || !tryRefusedReshape(table)) return false;
  return true;
}

/** Memory behind the array's length, up to `limit`, is touched where it may be new: the first time takes long. */
function touchArray(table: u32, limit: u32): void {
  for (let i = arrayLength(table); i < limit; i += ELEMENTS_AT_ONCE) {
    const count = min(limit - i, ELEMENTS_AT_ONCE);
    memory.fill(elementAddress(table, i), 0, count * 8);
    memory.fill(elementTagAddress(table, i), 0, count);
    stepOn(count);
  }
}

/** Puts the positive integer keys up to `limit` of the dictionary into the array, which has room for them; they stay in the dictionary, too. */
function moveIntoArray(table: u32, limit: u32): void {
  let node = load<u32>(table, TABLE_DICT);
  for (let i = load<u32>(table, TABLE_DICT_SIZE); i; i--, node += DICT_NODE_SIZE) {
    const value = node + DICT_NODE_VALUE;
    if (!isNil(value) && tagOf(node) == TAG_INT && load<u64>(node) - 1 < <u64>limit) putSparse(table, load<u32>(node) - 1, value);
  }
}

/**
 * Moves the elements of a mostly empty MIXED array into the dictionary, but for those in front of its first hole (so that the key
 * behind the new length does not exist).
 */
export function trySpillArray(table: u32): bool {
  return load<u32>(table, TABLE_DICT_SIZE) + (arrayLength(table) >> 2) < LARGE_DICTIONARY ? spillArray(table, false) : refuse(SPILL, 0, 0);
}

// @ts-ignore: decorator
@inline function spillArray(table: u32, inSteps: bool): bool {
  const length = arrayLength(table);
  if (!inSteps) charge(load<u32>(table, TABLE_DICT_SIZE) + length);
  let kept: u32 = 0;
  while (!elementIsNil(table, kept)) kept++;
  if (!tryBeginDraft(countNodes(table) + countElements(table) - kept + 1, inSteps)) return false;
  copyNodes(table, 0, inSteps);
  for (let i = kept; i < length; i++) {
    if (inSteps && !(i & (ELEMENTS_AT_ONCE - 1))) stepOn(ELEMENTS_AT_ONCE);
    if (elementIsNil(table, i)) continue;
    readElement(table, i, HEAP_SPILLED);
    copyValue(insertKey(VM_DRAFT, TAG_INT, <u64>i + 1) + DICT_NODE_VALUE, HEAP_SPILLED);
  }
  const array = kept ? tryAllocateRaw(arrayBytes(ARRAY_MIXED, kept)) : 0;
  if (kept != 0 && array == 0) {
    dropSpare();
    return false;
  }
  store<u32>(VM_MOVING, table);
  adoptDraft(table);
  memory.copy(array, elementAddress(table, 0), kept * 8);
  memory.copy(array + kept * 8, elementTagAddress(table, 0), kept);
  freeRaw(load<u32>(table, TABLE_ARRAY), arrayBytes(ARRAY_MIXED, load<u32>(table, TABLE_ARRAY_CAPACITY)));
  store<u32>(table, array, TABLE_ARRAY);
  store<u32>(table, kept, TABLE_ARRAY_LENGTH);
  store<u32>(table, kept, TABLE_ARRAY_CAPACITY);
  if (!kept) store<u8>(table, ARRAY_EMPTY, TABLE_KIND);
  store<u32>(VM_MOVING, 0);
  return true;
}

/** The keys of the hashes have changed: all nodes find new places. The table is none that is being marked. @returns false when memory ran out */
export function tryRehashNodes(table: u32): bool {
  if (!load<u32>(table, TABLE_DICT_SIZE)) return true;
  if (!tryBeginDraft(countNodes(table), false)) return false;
  copyNodes(table, 0, false);
  adoptDraft(table);
  return true;
}

/** After all nodes got new keys. */
function barrierNodes(table: u32): void {
  let node = load<u32>(table, TABLE_DICT);
  for (let i = load<u32>(table, TABLE_DICT_SIZE); i != 0 && isBlack(table); i--, node += DICT_NODE_SIZE) barrierNode(table, node);
}

/** Moves the fields of the record part into the dictionary, with room for one key more; the table has no shape from then on. */
export function tryLeaveShape(table: u32): bool {
  return load<u32>(table, TABLE_DICT_SIZE) < LARGE_DICTIONARY ? leaveShape(table, false) : refuse(LEAVE_SHAPE, 0, 0);
}

// @ts-ignore: decorator
@inline function leaveShape(table: u32, inSteps: bool): bool {
  const shape = load<u32>(table, TABLE_SHAPE);
  if (!shape) return true;
  const fields = load<u32>(shape, SHAPE_COUNT);
  const slots = load<u32>(table, TABLE_SLOTS);
  let count = countNodes(table) + 1;
  for (let i: u32 = 0; i < fields; i++) count += u32(!isNil(slots + i * SLOT_SIZE));
  if (!tryBeginDraft(count, inSteps)) return false;
  copyNodes(table, 0, inSteps);
  for (let i: u32 = 0; i < fields; i++) {
    const slot = slots + i * SLOT_SIZE;
    if (!isNil(slot)) copyValue(insertKey(VM_DRAFT, TAG_STRING, <u64>shapeKeyAt(shape, i)) + DICT_NODE_VALUE, slot);
  }
  store<u32>(VM_MOVING, table);
  adoptDraft(table);
  const capacity = load<u32>(table, TABLE_SLOT_CAPACITY);
  if (capacity) freeRaw(slots, capacity * SLOT_SIZE);
  store<u32>(table, 0, TABLE_SHAPE);
  store<u32>(table, 0, TABLE_SLOTS);
  store<u32>(table, 0, TABLE_SLOT_CAPACITY);
  barrierNodes(table);
  store<u32>(VM_MOVING, 0);
  return true;
}
