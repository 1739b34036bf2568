/**
 * Checks the invariants of layout.ts for every object of the heap: debug builds now and then, others where a heap comes from somebody who is gone. Right after a collection (or in any state in which no
 * freed object is still referred to) each reference must name an allocated object of a fitting tag.
 *
 * Codes: 1xx chunks and accounting, 2xx headers and references, 3xx tables, 4xx strings, 5xx shapes, 6xx threads, closures, prototypes.
 * The failing object's address is left at VM_HEAP + 976. In the middle of a cycle the colours are checked as well (memory/colour.ts).
 */
import {
  ARRAY_EMPTY, ARRAY_FLOAT, ARRAY_INT, ARRAY_MIXED, BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT,
  DICT_NODE_SIZE, DICT_NODE_VALUE, EXTRA_STACK, FRAME_BASE, FRAME_CLOSURE, FRAME_SIZE, LOCAL_DESC_SIZE, MARK_FIXED, MAX_SHORT_STRING, OBJECT_FLAGS,
  OBJECT_MARK, OBJECT_TAG, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, PROTO_LINES, PROTO_LOCALS, PROTO_LOCAL_COUNT,
  PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SIZE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SHAPE_CHILDREN, SHAPE_CHILD_COUNT, SHAPE_COUNT, SHAPE_INDEX,
  SHAPE_KEY, SHAPE_METATABLE, SHAPE_PARENT, SHAPE_SIBLING, SHAPE_SIZE, SLOT_LINK, SLOT_SIZE, STRING_BYTES, STRING_HASH, STRING_LENGTH, STRING_NEXT,
  STRING_SHORT, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_DICT, TABLE_DICT_FREE, TABLE_DICT_SIZE, TABLE_METATABLE, TABLE_REPRESENTATIVE, TABLE_SHAPE,
  TABLE_SIZE, TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_BUILTIN, TAG_CLOSURE, TAG_DEAD, TAG_FREE, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_PROTO, TAG_SHAPE,
  TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_UPVALUE, TAG_USERDATA, THREAD_FRAME, THREAD_FRAMES, THREAD_FRAMES_END, THREAD_OPEN_UPVALUES, THREAD_SIZE,
  THREAD_STACK, THREAD_STACK_END, THREAD_TOP, UPVALUE_CLOSED, UPVALUE_DESC_SIZE, UPVALUE_LOCATION, UPVALUE_NEXT, UPVALUE_SIZE, USERDATA_BYTES,
  USERDATA_LENGTH, USERDATA_METATABLE, VM_BYTES_CHARGED, VM_BYTES_HELD, VM_BYTES_USED, VM_GLOBALS, VM_HEAP, VM_MAIN_THREAD, VM_REGISTRY, VM_SPLIT_STRINGS, VM_STRINGS,
  VM_STRING_BUCKETS, VM_STRING_COUNT, VM_STRING_SPLIT, VM_THREAD,
} from '../../bytecode/layout';
import { BLOCK_CELLS, HEAP_OBJECT_BLOCKS, HEAP_RAW_BLOCKS, countRawCells, lastCell } from '../memory/block';
import { CHUNK_HEADER, chunkAfter, chunkIsFree, chunkNextLink, chunkSize, firstChunk, verifyChunks } from '../memory/chunk';
import { GC_SLICED_TABLE } from '../memory/collector-state';
import { isBlack, isDead, isMarking, isWhite } from '../memory/colour';
import { HEAP_LARGE_OBJECTS } from '../memory/free';
import { VECTOR_CAPACITY, arrayBytes, bucketOf, vectorBytes } from '../memory/release';
import { CLASS_COUNT, MAX_SMALL, cellSize } from '../memory/size-class';
import { isRepresentedBy } from '../objects/metatable-equivalence';
import { shapeKeyAt, shapeLookup } from '../objects/shape';
import { arrayKind, arrayLength, elementTagAddress, hasDictIntegers } from '../objects/table-array';
import { mainNode } from '../objects/table-dictionary';
import { isPart, mostMembers, verifyCells } from './verify-cells';
import { isCollectable, isNil, pointerOf, tagOf } from '../base/value';

const HEAP_FAILED_OBJECT: u32 = VM_HEAP + 976;

/** 0 if the heap is sound, else a code. */
export function verifyHeap(): u32 {
  let code = verifyChunks();
  if (!code) code = verifyCells();
  if (!code) code = verifyAccounting();
  store<u32>(HEAP_FAILED_OBJECT, 0);
  if (!code) code = verifyRoots();
  if (!code) code = verifyStringTable();
  if (!code) code = verifyObjects();
  return code;
}

function blockBytes(lists: u32): u32 {
  let bytes: u32 = 0;
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    for (let block = load<u32>(lists + sizeClass * 4); block; block = load<u32>(block)) bytes += chunkSize(block) + CHUNK_HEADER;
  }
  return bytes;
}

/** VM_BYTES_USED is what cells in use and chunks in use (blocks apart) add up to, VM_BYTES_HELD all chunks in use; both with what the host was charged for. */
function verifyAccounting(): u32 {
  const held = bytesHeld();
  if (held != load<u32>(VM_BYTES_HELD)) return 112;
  return bytesUsed(held) == load<u32>(VM_BYTES_USED) ? 0 : 111;
}

/** Counts again what is in use: whoever counted is gone in the middle of it. */
export function recount(): void {
  const held = bytesHeld();
  store<u32>(VM_BYTES_HELD, held);
  store<u32>(VM_BYTES_USED, bytesUsed(held));
}

function bytesHeld(): u32 {
  let held = load<u32>(VM_BYTES_CHARGED);
  for (let chunk = firstChunk(); chunkSize(chunk); chunk = chunkAfter(chunk)) if (!chunkIsFree(chunk)) held += chunkSize(chunk) + CHUNK_HEADER;
  return held;
}

function bytesUsed(held: u32): u32 {
  let used = countRawCells() + load<u32>(VM_BYTES_CHARGED);
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) if (load<u8>(cell, OBJECT_TAG) != TAG_FREE) used += size;
    }
  }
  return used + held - load<u32>(VM_BYTES_CHARGED) - blockBytes(HEAP_OBJECT_BLOCKS) - blockBytes(HEAP_RAW_BLOCKS);
}

/**
 * A pointer that is 0 or names an object with this tag, which is not dead, nor white if it is a black object's while marking
 * (but for the table being marked in slices).
 */
function isPointer(pointer: u32, tag: u32): bool {
  if (pointer == 0) return true;
  if (pointer & 15 || load<u8>(pointer, OBJECT_TAG) != tag || load<u8>(pointer, OBJECT_MARK) > MARK_FIXED || isDead(pointer)) return false;
  const owner = load<u32>(HEAP_FAILED_OBJECT);
  return !isWhite(pointer) || owner == 0 || !isBlack(owner) || !isMarking() || owner == load<u32>(GC_SLICED_TABLE);
}

function isValue(slot: u32): bool {
  const tag = tagOf(slot);
  if (tag <= TAG_LIGHT) return true;
  return tag <= TAG_THREAD && pointerOf(slot) != 0 && isPointer(pointerOf(slot), tag);
}

function areValues(slot: u32, count: u32): bool {
  for (; count; count--, slot += SLOT_SIZE) if (!isValue(slot)) return false;
  return true;
}

function verifyRoots(): u32 {
  if (!isPointer(load<u32>(VM_THREAD), TAG_THREAD) || !isPointer(load<u32>(VM_MAIN_THREAD), TAG_THREAD)) return 200;
  return isPointer(load<u32>(VM_GLOBALS), TAG_TABLE) && isPointer(load<u32>(VM_REGISTRY), TAG_TABLE) ? 0 : 201;
}

function verifyStringTable(): u32 {
  const buckets = load<u32>(VM_STRING_BUCKETS);
  const split = load<u32>(VM_STRING_SPLIT);
  let left = load<u32>(VM_STRING_COUNT);
  for (let place: u32 = 0; place < split + (buckets - split) * 2; place++) {
    const bucket = place < split ? load<u32>(VM_STRINGS) + place * 4 : load<u32>(VM_SPLIT_STRINGS) + (place + split) * 4;
    for (let s = load<u32>(bucket); s; s = load<u32>(s, STRING_NEXT)) {
      if (load<u8>(s, OBJECT_TAG) != TAG_STRING || !(load<u8>(s, OBJECT_FLAGS) & STRING_SHORT)) return 400;
      if (bucketOf(load<u32>(s, STRING_HASH)) != bucket || load<u32>(s, STRING_LENGTH) > MAX_SHORT_STRING) return 401;
      if (!left--) return 402;
    }
  }
  return left ? 402 : 0;
}

function verifyObjects(): u32 {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
        if (load<u8>(cell, OBJECT_TAG) == TAG_FREE || isDead(cell)) continue;
        const code = verifyObject(cell, size);
        if (code) return code;
      }
    }
  }
  let left = mostMembers();
  for (let object = load<u32>(HEAP_LARGE_OBJECTS); object; object = chunkNextLink(object)) {
    const code = isDead(object) ? 0 : chunkSize(object) <= MAX_SMALL ? 202 : verifyObject(object, chunkSize(object));
    if (code || !left--) return code ? code : 202;
  }
  return 0;
}

/** Bytes of an object's own. */
function sizeOf(object: u32, tag: u32): u64 {
  switch (tag) {
    case TAG_STRING: return STRING_BYTES + <u64>load<u32>(object, STRING_LENGTH);
    case TAG_TABLE: return TABLE_SIZE;
    case TAG_CLOSURE: return CLOSURE_UPVALUES + <u64>load<u32>(object, CLOSURE_UPVALUE_COUNT) * 4;
    case TAG_BUILTIN: return BUILTIN_UPVALUES + <u64>load<u32>(object, BUILTIN_UPVALUE_COUNT) * SLOT_SIZE;
    case TAG_USERDATA: return USERDATA_BYTES + <u64>load<u32>(object, USERDATA_LENGTH);
    case TAG_THREAD: return THREAD_SIZE;
    case TAG_PROTO: return PROTO_SIZE;
    case TAG_UPVALUE: return UPVALUE_SIZE;
    default: return SHAPE_SIZE;
  }
}

/** A part that may not be there. */
function isOptionalPart(pointer: u32, size: u32): bool { return pointer == 0 || isPart(pointer, size); }

function hasPartsOfProto(proto: u32): bool {
  const size = load<u32>(proto, PROTO_CODE_SIZE);
  return isOptionalPart(load<u32>(proto, PROTO_CODE), size) && isOptionalPart(load<u32>(proto, PROTO_LINES), size / 2) &&
    isOptionalPart(load<u32>(proto, PROTO_CONSTANTS), load<u32>(proto, PROTO_CONSTANT_COUNT) * SLOT_SIZE) &&
    isOptionalPart(load<u32>(proto, PROTO_PROTOS), load<u32>(proto, PROTO_PROTO_COUNT) * 4) &&
    isOptionalPart(load<u32>(proto, PROTO_UPVALUES), load<u32>(proto, PROTO_UPVALUE_COUNT) * UPVALUE_DESC_SIZE) &&
    isOptionalPart(load<u32>(proto, PROTO_LOCALS), load<u32>(proto, PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE);
}

function verifyObject(object: u32, size: u32): u32 {
  const tag = <u32>load<u8>(object, OBJECT_TAG);
  let code: u32 = 0;
  store<u32>(HEAP_FAILED_OBJECT, object);
  if (tag < TAG_STRING || tag > TAG_SHAPE || load<u8>(object, OBJECT_MARK) > MARK_FIXED) code = 203;
  else if (sizeOf(object, tag) > <u64>size) code = 204;
  else if (tag == TAG_TABLE) code = verifyTable(object);
  else if (tag == TAG_SHAPE) code = verifyShape(object);
  else if (tag == TAG_THREAD) code = verifyThread(object);
  else if (tag == TAG_CLOSURE) {
    if (!isPointer(load<u32>(object, CLOSURE_PROTO), TAG_PROTO)) code = 600;
    for (let i: u32 = 0; i < load<u32>(object, CLOSURE_UPVALUE_COUNT); i++) {
      if (!isPointer(load<u32>(object + CLOSURE_UPVALUES + i * 4), TAG_UPVALUE)) code = 601;
    }
  } else if (tag == TAG_UPVALUE) {
    if (load<u32>(object, UPVALUE_LOCATION) == object + UPVALUE_CLOSED && !isValue(object + UPVALUE_CLOSED)) code = 602;
  } else if (tag == TAG_USERDATA) {
    if (!isPointer(load<u32>(object, USERDATA_METATABLE), TAG_TABLE)) code = 603;
  } else if (tag == TAG_PROTO) {
    if (!hasPartsOfProto(object)) code = 606;
    else if (!areValues(load<u32>(object, PROTO_CONSTANTS), load<u32>(object, PROTO_CONSTANT_COUNT))) code = 604;
    for (let i: u32 = 0; i < load<u32>(object, PROTO_PROTO_COUNT); i++) {
      if (!isPointer(load<u32>(load<u32>(object, PROTO_PROTOS) + i * 4), TAG_PROTO)) code = 605;
    }
  }
  if (!code) store<u32>(HEAP_FAILED_OBJECT, 0);
  return code;
}

function verifyTable(table: u32): u32 {
  const shape = load<u32>(table, TABLE_SHAPE);
  const metatable = load<u32>(table, TABLE_METATABLE);
  if (!isPointer(load<u32>(table, TABLE_REPRESENTATIVE), TAG_TABLE)) return 305;
  if (!isPointer(shape, TAG_SHAPE) || !isPointer(metatable, TAG_TABLE)) return 300;
  if (shape) {
    const named = load<u32>(shape, SHAPE_METATABLE);
    if (named != metatable && !(named && metatable && isRepresentedBy(metatable, named))) return 301;
    const capacity = load<u32>(table, TABLE_SLOT_CAPACITY);
    if (load<u32>(shape, SHAPE_COUNT) > capacity || (capacity != 0 && !isPart(load<u32>(table, TABLE_SLOTS), capacity * SLOT_SIZE))) return 302;
    if (!areValues(load<u32>(table, TABLE_SLOTS), load<u32>(shape, SHAPE_COUNT))) return 303;
  } else if (load<u32>(table, TABLE_SLOTS) | load<u32>(table, TABLE_SLOT_CAPACITY)) return 304;
  const code = verifyArray(table);
  return code ? code : verifyDictionary(table, shape);
}

function verifyArray(table: u32): u32 {
  const kind = arrayKind(table);
  const length = arrayLength(table);
  if (kind == ARRAY_EMPTY) return load<u32>(table, TABLE_ARRAY) | length ? 310 : 0;
  const capacity = load<u32>(table, TABLE_ARRAY_CAPACITY);
  if (length > capacity || !load<u32>(table, TABLE_ARRAY) || !isPart(load<u32>(table, TABLE_ARRAY), arrayBytes(kind, capacity))) return 311;
  if (kind == ARRAY_INT || kind == ARRAY_FLOAT) return 0;
  if (kind != ARRAY_MIXED) return 312;
  for (let i: u32 = 0; i < length; i++) {
    const tag = <u32>load<u8>(elementTagAddress(table, i));
    if (tag > TAG_THREAD || (tag >= TAG_STRING && !isPointer(load<u32>(load<u32>(table, TABLE_ARRAY) + i * 8), tag))) return 313;
    if (tag == TAG_NIL && i == length - 1) return 314;
  }
  return 0;
}

function verifyDictionary(table: u32, shape: u32): u32 {
  const size = load<u32>(table, TABLE_DICT_SIZE);
  const first = load<u32>(table, TABLE_DICT);
  const end = first + size * DICT_NODE_SIZE;
  if (size & (size - 1) || (size != 0 && !isPart(first, size * DICT_NODE_SIZE))) return 320;
  const free = load<u32>(table, TABLE_DICT_FREE);
  if (free < first || free > end) return 321;
  for (let node = first; node < end; node += DICT_NODE_SIZE) {
    const link = load<u32>(node, SLOT_LINK);
    if (link != 0 && (link < first || link >= end || (link - first) % DICT_NODE_SIZE)) return 322;
    if (isNil(node + DICT_NODE_VALUE)) continue;
    const tag = tagOf(node);
    if (tag == TAG_NIL || tag == TAG_DEAD || !isValue(node) || !isValue(node + DICT_NODE_VALUE)) return 323;
    let left = size;
    for (let at = mainNode(table, tag, load<u64>(node)); at != node; at = load<u32>(at, SLOT_LINK)) if (!at || !left--) return 324;
    if (tag == TAG_STRING && shape != 0 && (load<u8>(pointerOf(node), OBJECT_FLAGS) & STRING_SHORT) != 0) return 325;
    if (tag == TAG_INT && load<i64>(node) > 0) {
      if (!hasDictIntegers(table)) return 326;
      if (load<i64>(node) <= <i64>arrayLength(table) + 1) return 327;
    }
  }
  return 0;
}

function isOptionalVector(vector: u32): bool {
  if (!vector) return true;
  const capacity = load<u32>(vector, VECTOR_CAPACITY);
  return capacity <= 0xffff && (capacity & (capacity - 1)) == 0 && isPart(vector, vectorBytes(capacity));
}

function verifyShape(shape: u32): u32 {
  const parent = load<u32>(shape, SHAPE_PARENT);
  const key = load<u32>(shape, SHAPE_KEY);
  const count = load<u32>(shape, SHAPE_COUNT);
  if (!isPointer(parent, TAG_SHAPE) || !isPointer(key, TAG_STRING) || !isPointer(load<u32>(shape, SHAPE_METATABLE), TAG_TABLE)) return 500;
  if (parent != 0 && count != load<u32>(parent, SHAPE_COUNT) + u32(key != 0)) return 501;
  if (!isOptionalVector(load<u32>(shape, SHAPE_INDEX))) return 505;
  let left = mostMembers();
  for (let at = parent; at; at = load<u32>(at, SHAPE_PARENT)) if (!left--) return 506;
  let children: u32 = 0;
  for (let child = load<u32>(shape, SHAPE_CHILDREN); child; child = load<u32>(child, SHAPE_SIBLING)) {
    if (load<u8>(child, OBJECT_TAG) != TAG_SHAPE || load<u32>(child, SHAPE_PARENT) != shape) return 502;
    if (++children > mostMembers()) return 503;
  }
  if (children != load<u32>(shape, SHAPE_CHILD_COUNT)) return 503;
  // Without a vector they look at the ancestors, as above.
  if (key != 0 && load<u32>(shape, SHAPE_INDEX) != 0 && (shapeLookup(shape, key) != <i32>count - 1 || shapeKeyAt(shape, count - 1) != key)) return 504;
  return 0;
}

function verifyThread(thread: u32): u32 {
  const stack = load<u32>(thread, THREAD_STACK);
  if (!stack) return 0;
  const top = load<u32>(thread, THREAD_TOP);
  const end = load<u32>(thread, THREAD_STACK_END);
  if (top < stack || end < stack || top > end + EXTRA_STACK * SLOT_SIZE || !isPart(stack, end + EXTRA_STACK * SLOT_SIZE - stack)) return 610;
  const frames = load<u32>(thread, THREAD_FRAMES);
  if (frames != 0 && !isPart(frames, load<u32>(thread, THREAD_FRAMES_END) - frames)) return 616;
  for (let slot = stack; slot < end; slot += SLOT_SIZE) if (isCollectable(slot) && !isValue(slot)) return 611;
  let above = end;
  for (let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES); upvalue; upvalue = load<u32>(upvalue, UPVALUE_NEXT)) {
    if (load<u8>(upvalue, OBJECT_TAG) != TAG_UPVALUE) return 612;
    const location = load<u32>(upvalue, UPVALUE_LOCATION);
    if (location < stack || location >= above) return 613;
    above = location;
  }
  const last = load<u32>(thread, THREAD_FRAME);
  for (let frame = load<u32>(thread, THREAD_FRAMES); frame && frame <= last; frame += FRAME_SIZE) {
    const closure = load<u32>(frame, FRAME_CLOSURE);
    if (closure != 0 && (load<u8>(closure, OBJECT_TAG) < TAG_CLOSURE || load<u8>(closure, OBJECT_TAG) > TAG_CLOSURE + 1)) return 614;
    if (load<u32>(frame, FRAME_BASE) < stack || load<u32>(frame, FRAME_BASE) > end + EXTRA_STACK * SLOT_SIZE) return 615;
  }
  return 0;
}
