/**
 * Shapes (hidden classes): which short-string key lives in which record slot, and the metatable. One shape is shared by all tables that
 * got the same keys in the same order, so a compare of the shape proves where a field is, or that it is absent.
 *
 *   root --x--> {x} --y--> {x,y} --metatable M--> {x,y}:M --z--> {x,y,z}:M
 *
 * Transitions: a shape's children form a list (SHAPE_CHILDREN, SHAPE_SIBLING), the one used last in front; past LIST_CHILDREN of them
 * a hash (SHAPE_CHILD_TABLE) finds them:        u32 capacity (power of two) | u32 children[capacity]
 *
 * Key vectors: SHAPE_INDEX is 0 or a vector made on demand, shared along a line of descent; a shape sees the first SHAPE_COUNT keys:
 *
 *   +0 references | +4 count | +8 capacity | +16 u32 keys[capacity] | u16 hash[2 * capacity] (key's place + 1, linear probing)
 *
 * A child appends to its parent's vector if that has exactly the parent's keys, else it starts without. So a table of n fields built
 * key by key costs one vector, not n of them (what an index for each shape would).
 *
 * Invariants:
 * - A key is in a vector once; keys behind a living shape's count may be dead strings,
 *   and nobody compares with them but for lookups that fail either way: a vector with such a tail is never appended to.
 * - A shape keeps its parent, keys and metatable alive; children are weak (the collector removes dead ones, see pruneChildren).
 * - At most one metatable transition stands between two keys, so changing metatables back and forth makes no chains.
 *
 * Limits, beyond which a table goes to dictionary mode: MAX_CHILDREN transitions of a shape (dynamic keys must not explode), and
 * MAX_FIELDS, which the caller checks (the globals may have more).
 */
import {
  SHAPE_CHILDREN, SHAPE_CHILD_COUNT, SHAPE_CHILD_TABLE, SHAPE_COUNT, SHAPE_GCLIST, SHAPE_INDEX, SHAPE_KEY, SHAPE_METATABLE, SHAPE_PARENT, SHAPE_SIBLING,
  SHAPE_SIZE, STRING_HASH, TAG_SHAPE, VM_ROOT_SHAPE,
} from '../../bytecode/layout';
import { throwMemoryError } from '../base/raise';
import { GC_SHAPE_COUNT } from '../memory/collector-state';
import { isWhite } from '../memory/colour';
import { tryAllocateRaw, tryNewObject } from '../memory/heap';
import { VECTOR_CAPACITY, VECTOR_KEYS, childTableBytes, dropChildTable, releaseVector, vectorBytes } from '../memory/release';
import { hashAddress, placeOf } from '../base/hash';

export const MAX_FIELDS: u32 = 128;
export const MAX_GLOBAL_FIELDS: u32 = 2048;
const MAX_CHILDREN: u32 = 64;
/** Of shapes without fields: every constructor of the program starts there. */
const MAX_ROOT_CHILDREN: u32 = 1024;
const LIST_CHILDREN: u32 = 8;
/** Shapes with at most this many fields are searched along their ancestors. */
const SCAN_FIELDS: u32 = 6;

const VECTOR_COUNT: u32 = 4;

export function initShapes(): void {
  const root = tryNewShape(0, 0, 0, 0);
  if (!root) throwMemoryError();
  store<u32>(VM_ROOT_SHAPE, root);
}

function tryNewShape(parent: u32, key: u32, count: u32, metatable: u32): u32 {
  const shape = tryNewObject(TAG_SHAPE, SHAPE_SIZE);
  if (!shape) return 0;
  store<u32>(GC_SHAPE_COUNT, load<u32>(GC_SHAPE_COUNT) + 1);
  memory.fill(shape + SHAPE_PARENT, 0, SHAPE_SIZE - SHAPE_PARENT);
  store<u32>(shape, parent, SHAPE_PARENT);
  store<u32>(shape, key, SHAPE_KEY);
  store<u32>(shape, count, SHAPE_COUNT);
  store<u32>(shape, metatable, SHAPE_METATABLE);
  return shape;
}

// ---- Key vectors

// @ts-ignore: decorator
@inline function vectorKey(vector: u32, index: u32): u32 { return load<u32>(vector + VECTOR_KEYS + index * 4); }

/** Address of the u16 that holds `key`'s place + 1, or of the empty one where it would go. */
function probeVector(vector: u32, key: u32): u32 {
  const capacity = load<u32>(vector, VECTOR_CAPACITY);
  const mask = capacity * 2 - 1;
  const hashes = vector + VECTOR_KEYS + capacity * 4;
  let at = placeOf(load<u32>(key, STRING_HASH), mask + 1);
  for (let entry = <u32>load<u16>(hashes + at * 2); entry != 0 && vectorKey(vector, entry - 1) != key; entry = load<u16>(hashes + at * 2)) {
    at = (at + 1) & mask;
  }
  return hashes + at * 2;
}

function appendToVector(vector: u32, key: u32): void {
  const count = load<u32>(vector, VECTOR_COUNT);
  store<u16>(probeVector(vector, key), <u16>(count + 1));
  store<u32>(vector + VECTOR_KEYS + count * 4, key);
  store<u32>(vector, count + 1, VECTOR_COUNT);
}

function adoptVector(shape: u32, vector: u32): void {
  store<u32>(vector, load<u32>(vector) + 1);
  store<u32>(shape, vector, SHAPE_INDEX);
}

/** Gives `shape` a vector of its own with its keys and room for more. @returns 0 when memory ran out */
function buildVector(shape: u32): u32 {
  const count = load<u32>(shape, SHAPE_COUNT);
  let capacity: u32 = 8;
  while (capacity <= count) capacity *= 2;
  const vector = tryAllocateRaw(vectorBytes(capacity));
  if (!vector) return 0;
  memory.fill(vector, 0, vectorBytes(capacity));
  store<u32>(vector, capacity, VECTOR_CAPACITY);
  // Ancestors come last key first: write the places, then the hash.
  for (let at = shape; at; at = load<u32>(at, SHAPE_PARENT)) {
    const key = load<u32>(at, SHAPE_KEY);
    if (key) store<u32>(vector + VECTOR_KEYS + (load<u32>(at, SHAPE_COUNT) - 1) * 4, key);
  }
  for (let i: u32 = 0; i < count; i++) appendToVector(vector, vectorKey(vector, i));
  const old = load<u32>(shape, SHAPE_INDEX);
  adoptVector(shape, vector);
  if (old) releaseVector(old);
  return vector;
}

/** Slot index by the ancestors. */
function scanAncestors(shape: u32, key: u32): i32 {
  for (let at = shape; at; at = load<u32>(at, SHAPE_PARENT)) {
    if (load<u32>(at, SHAPE_KEY) == key) return <i32>load<u32>(at, SHAPE_COUNT) - 1;
  }
  return -1;
}

/** Slot index of a short string in tables of this shape, or -1. Never fails: without memory for a vector it scans. */
export function shapeLookup(shape: u32, key: u32): i32 {
  let vector = load<u32>(shape, SHAPE_INDEX);
  if (!vector) {
    if (load<u32>(shape, SHAPE_COUNT) <= SCAN_FIELDS) return scanAncestors(shape, key);
    vector = buildVector(shape);
    if (!vector) return scanAncestors(shape, key);
  }
  const place = <u32>load<u16>(probeVector(vector, key));
  return place <= load<u32>(shape, SHAPE_COUNT) ? <i32>place - 1 : -1;
}

/** The key of a slot (a short string). @param index below SHAPE_COUNT */
export function shapeKeyAt(shape: u32, index: u32): u32 {
  let vector = load<u32>(shape, SHAPE_INDEX);
  if (!vector && load<u32>(shape, SHAPE_COUNT) > SCAN_FIELDS) vector = buildVector(shape);
  if (vector) return vectorKey(vector, index);
  let at = shape;
  while (load<u32>(at, SHAPE_COUNT) > index + 1 || !load<u32>(at, SHAPE_KEY)) at = load<u32>(at, SHAPE_PARENT);
  return load<u32>(at, SHAPE_KEY);
}

// ---- Transitions

// @ts-ignore: decorator
@inline function isTransition(child: u32, key: u32, metatable: u32): bool {
  return load<u32>(child, SHAPE_KEY) == key && load<u32>(child, SHAPE_METATABLE) == metatable;
}
// @ts-ignore: decorator
@inline function transitionPlace(key: u32, metatable: u32, capacity: u32): u32 { return placeOf(hashAddress(key ? key : metatable), capacity); }

function findChild(shape: u32, key: u32, metatable: u32): u32 {
  const first = load<u32>(shape, SHAPE_CHILDREN);
  if (!first) return 0;
  if (isTransition(first, key, metatable)) return first;
  const table = load<u32>(shape, SHAPE_CHILD_TABLE);
  if (table) {
    const mask = load<u32>(table) - 1;
    let at = transitionPlace(key, metatable, mask + 1);
    let child = load<u32>(table + 4 + at * 4);
    while (child != 0 && !isTransition(child, key, metatable)) {
      at = (at + 1) & mask;
      child = load<u32>(table + 4 + at * 4);
    }
    return child;
  }
  let previous = first;
  let child = load<u32>(previous, SHAPE_SIBLING);
  while (child != 0 && !isTransition(child, key, metatable)) {
    previous = child;
    child = load<u32>(previous, SHAPE_SIBLING);
  }
  if (child) {
    store<u32>(previous, load<u32>(child, SHAPE_SIBLING), SHAPE_SIBLING);
    store<u32>(child, first, SHAPE_SIBLING);
    store<u32>(shape, child, SHAPE_CHILDREN);
  }
  return child;
}

function insertIntoChildTable(table: u32, child: u32): void {
  const mask = load<u32>(table) - 1;
  let at = transitionPlace(load<u32>(child, SHAPE_KEY), load<u32>(child, SHAPE_METATABLE), mask + 1);
  while (load<u32>(table + 4 + at * 4)) at = (at + 1) & mask;
  store<u32>(table + 4 + at * 4, child);
}

/** Makes the hash of `shape`'s children anew, at most half full with one more; without memory there is none. */
function rebuildChildTable(shape: u32): void {
  dropChildTable(shape);
  const count = load<u32>(shape, SHAPE_CHILD_COUNT);
  if (count <= LIST_CHILDREN) return;
  let capacity: u32 = 32;
  while (capacity < (count + 1) * 2) capacity *= 2;
  const table = tryAllocateRaw(childTableBytes(capacity));
  if (!table) return;
  memory.fill(table, 0, childTableBytes(capacity));
  store<u32>(table, capacity);
  for (let child = load<u32>(shape, SHAPE_CHILDREN); child; child = load<u32>(child, SHAPE_SIBLING)) insertIntoChildTable(table, child);
  store<u32>(shape, table, SHAPE_CHILD_TABLE);
}

/** A new child, linked in; 0 beyond the limits or without memory. */
function addChild(shape: u32, key: u32, metatable: u32): u32 {
  const children = load<u32>(shape, SHAPE_CHILD_COUNT);
  const count = load<u32>(shape, SHAPE_COUNT);
  if (children >= (count ? MAX_CHILDREN : MAX_ROOT_CHILDREN)) return 0;
  const child = tryNewShape(shape, key, key ? count + 1 : count, metatable);
  if (!child) return 0;
  store<u32>(child, load<u32>(shape, SHAPE_CHILDREN), SHAPE_SIBLING);
  store<u32>(shape, child, SHAPE_CHILDREN);
  store<u32>(shape, children + 1, SHAPE_CHILD_COUNT);
  const table = load<u32>(shape, SHAPE_CHILD_TABLE);
  if (table && (children + 1) * 2 <= load<u32>(table)) insertIntoChildTable(table, child);
  else if (children >= LIST_CHILDREN) rebuildChildTable(shape);
  shareVector(shape, child, key);
  return child;
}

/** Lets a new child use its parent's vector where that is possible. */
function shareVector(shape: u32, child: u32, key: u32): void {
  const vector = load<u32>(shape, SHAPE_INDEX);
  if (!vector) return;
  const count = load<u32>(vector, VECTOR_COUNT);
  if (key == 0) adoptVector(child, vector);
  else if (count == load<u32>(shape, SHAPE_COUNT)) {
    if (count < load<u32>(vector, VECTOR_CAPACITY)) {
      appendToVector(vector, key);
      adoptVector(child, vector);
    } else buildVector(child);
  }
}

/**
 * The shape of a table of this shape that gets one more field. @param key a short string the shape does not have
 * @returns 0 if the limits say dictionary mode, or memory ran out
 */
export function shapeTransition(shape: u32, key: u32): u32 {
  const metatable = load<u32>(shape, SHAPE_METATABLE);
  const child = findChild(shape, key, metatable);
  return child ? child : addChild(shape, key, metatable);
}

/** Whether shapeTransition would find its result without making a shape. */
export function hasTransition(shape: u32, key: u32): bool { return findChild(shape, key, load<u32>(shape, SHAPE_METATABLE)) != 0; }

/** The shape with the same fields and the given metatable (0 = none); 0 as shapeTransition. */
export function shapeWithMetatable(shape: u32, metatable: u32): u32 {
  if (load<u32>(shape, SHAPE_METATABLE) == metatable) return shape;
  // A metatable transition is replaced, not prolonged.
  const parent = load<u32>(shape, SHAPE_PARENT);
  const base = parent != 0 && load<u32>(shape, SHAPE_KEY) == 0 ? parent : shape;
  if (load<u32>(base, SHAPE_METATABLE) == metatable) return base;
  const child = findChild(base, 0, metatable);
  return child ? child : addChild(base, 0, metatable);
}

/** The keys of the hashes have changed: those of its key vector and of its children are made anew. */
export function rehashShape(shape: u32): void {
  const vector = load<u32>(shape, SHAPE_INDEX);
  if (vector) {
    const capacity = load<u32>(vector, VECTOR_CAPACITY);
    const count = load<u32>(vector, VECTOR_COUNT);
    memory.fill(vector + VECTOR_KEYS + capacity * 4, 0, capacity * 4);
    for (let i: u32 = 0; i < count; i++) store<u16>(probeVector(vector, vectorKey(vector, i)), <u16>(i + 1));
  }
  const table = load<u32>(shape, SHAPE_CHILD_TABLE);
  if (!table) return;
  memory.fill(table + 4, 0, load<u32>(table) * 4);
  for (let child = load<u32>(shape, SHAPE_CHILDREN); child; child = load<u32>(child, SHAPE_SIBLING)) insertIntoChildTable(table, child);
}

// ---- Collector

/** Takes the dead children out of every shape alive. @param list shapes alive, linked through SHAPE_GCLIST */
export function pruneChildren(list: u32): void {
  for (let shape = list; shape; shape = load<u32>(shape, SHAPE_GCLIST)) {
    let link = shape + SHAPE_CHILDREN;
    let count: u32 = 0;
    for (let child = load<u32>(link); child; child = load<u32>(child, SHAPE_SIBLING)) {
      if (isWhite(child)) continue;
      store<u32>(link, child);
      link = child + SHAPE_SIBLING;
      count++;
    }
    store<u32>(link, 0);
    if (count == load<u32>(shape, SHAPE_CHILD_COUNT)) continue;
    store<u32>(shape, count, SHAPE_CHILD_COUNT);
    rebuildChildTable(shape);
  }
}

