/**
 * What objects own besides their own cells, by tag, and how it is given back: tables, threads, prototypes and shapes own raw memory, short strings an
 * entry of the string table, host functions and userdata a handle, files their buffers; the rest own nothing.
 *
 * The sizes here are the contract with whoever allocates. Only layouts are known here, so that an allocation may sweep.
 */
import {
  ARRAY_EMPTY, ARRAY_MIXED, BUILTIN_HANDLE, BUILTIN_ID, DICT_NODE_SIZE, EXTRA_STACK, FILE_BUFFER, FILE_INPUT, FILE_INPUT_SIZE, FILE_OUTPUT, HOST_CLOSURE, LOCAL_DESC_SIZE,
  OBJECT_EXTRA, OBJECT_FLAGS, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, PROTO_LINES, PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PROTOS,
  PROTO_PROTO_COUNT, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SHAPE_CHILD_TABLE, SHAPE_INDEX, SLOT_SIZE, STRING_HASH, STRING_NEXT, STRING_SHORT, TABLE_ARRAY,
  TABLE_ARRAY_CAPACITY, TABLE_DICT, TABLE_DICT_SIZE, TABLE_KIND, TABLE_SLOTS, TABLE_SLOT_CAPACITY, TAG_BUILTIN, TAG_PROTO, TAG_SHAPE, TAG_STRING, TAG_TABLE,
  TAG_THREAD, TAG_USERDATA, THREAD_FRAMES, THREAD_FRAMES_END, THREAD_STACK, THREAD_STACK_END, UPVALUE_DESC_SIZE, USERDATA_HANDLE, USERDATA_IS_FILE,
  VM_SPLIT_STRINGS, VM_STRINGS, VM_STRING_BUCKETS, VM_STRING_COUNT, VM_STRING_SPLIT,
} from '../../bytecode/layout';
import { hostRelease } from '../base/host';
import { placeOf } from '../base/hash';
import { GC_SHAPE_COUNT } from './collector-state';
import { freeRaw } from './free';
import { HOST_OBJECT_COST, chargeHost } from './limit';

/** Frees what a dead object owns besides its own cell. */
export function freeParts(object: u32, tag: u32): void {
  switch (tag) {
    case TAG_STRING: unlinkString(object); break;
    case TAG_TABLE: freeTableParts(object); break;
    case TAG_USERDATA:
      if (load<u8>(object, OBJECT_EXTRA) == USERDATA_IS_FILE) {
        freePart(load<u32>(object, FILE_OUTPUT), FILE_BUFFER);
        freePart(load<u32>(object, FILE_INPUT), load<u32>(object, FILE_INPUT_SIZE));
      }
      if (load<u32>(object, USERDATA_HANDLE)) releaseHandle(tag, load<u32>(object, USERDATA_HANDLE));
      break;
    case TAG_BUILTIN:
      if (!load<u32>(object, BUILTIN_ID) && load<u32>(object, BUILTIN_HANDLE) >= HOST_CLOSURE) releaseHandle(tag, load<u32>(object, BUILTIN_HANDLE));
      break;
    case TAG_SHAPE: freeShapeParts(object); break;
    case TAG_THREAD:
      freePart(load<u32>(object, THREAD_STACK), load<u32>(object, THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE - load<u32>(object, THREAD_STACK));
      freePart(load<u32>(object, THREAD_FRAMES), load<u32>(object, THREAD_FRAMES_END) - load<u32>(object, THREAD_FRAMES));
      break;
    case TAG_PROTO:
      freePart(load<u32>(object, PROTO_CODE), load<u32>(object, PROTO_CODE_SIZE));
      freePart(load<u32>(object, PROTO_CONSTANTS), load<u32>(object, PROTO_CONSTANT_COUNT) * SLOT_SIZE);
      freePart(load<u32>(object, PROTO_PROTOS), load<u32>(object, PROTO_PROTO_COUNT) * 4);
      freePart(load<u32>(object, PROTO_UPVALUES), load<u32>(object, PROTO_UPVALUE_COUNT) * UPVALUE_DESC_SIZE);
      freePart(load<u32>(object, PROTO_LINES), load<u32>(object, PROTO_CODE_SIZE) / 2);
      freePart(load<u32>(object, PROTO_LOCALS), load<u32>(object, PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE);
      break;
    default:
  }
}

function releaseHandle(tag: u32, handle: u32): void {
  chargeHost(-<i32>HOST_OBJECT_COST);
  hostRelease(tag, handle);
}

// @ts-ignore: decorator
@inline function freePart(pointer: u32, size: u32): void { if (pointer) freeRaw(pointer, size); }

// ---- Strings

/** Address of the chain that a short string of this hash is in (strings/string-table.ts). */
// @ts-ignore: decorator
@inline export function bucketOf(hash: u32): u32 {
  const buckets = load<u32>(VM_STRING_BUCKETS);
  const place = placeOf(hash, buckets);
  if (place >= load<u32>(VM_STRING_SPLIT)) return load<u32>(VM_SPLIT_STRINGS) + placeOf(hash, buckets * 2) * 4;
  return load<u32>(VM_STRINGS) + place * 4;
}

/** Takes a dead string out of the table. Collector only. */
function unlinkString(s: u32): void {
  if (!(load<u8>(s, OBJECT_FLAGS) & STRING_SHORT)) return;
  let link = bucketOf(load<u32>(s, STRING_HASH));
  while (load<u32>(link) != s) link = load<u32>(link) + STRING_NEXT;
  store<u32>(link, load<u32>(s, STRING_NEXT));
  store<u32>(VM_STRING_COUNT, load<u32>(VM_STRING_COUNT) - 1);
}

// ---- Tables

// @ts-ignore: decorator
@inline export function arrayBytes(kind: u32, capacity: u32): u32 { return kind == ARRAY_EMPTY ? 0 : kind == ARRAY_MIXED ? capacity * 9 : capacity * 8; }

/** Frees what a dead table owns. */
function freeTableParts(table: u32): void {
  const slots = load<u32>(table, TABLE_SLOT_CAPACITY);
  if (slots) freeRaw(load<u32>(table, TABLE_SLOTS), slots * SLOT_SIZE);
  const kind: u32 = load<u8>(table, TABLE_KIND);
  if (kind != ARRAY_EMPTY) freeRaw(load<u32>(table, TABLE_ARRAY), arrayBytes(kind, load<u32>(table, TABLE_ARRAY_CAPACITY)));
  freeDictionary(table);
}

export function freeDictionary(table: u32): void {
  const size = load<u32>(table, TABLE_DICT_SIZE);
  if (size) freeRaw(load<u32>(table, TABLE_DICT), size * DICT_NODE_SIZE);
}

// ---- Shapes

export const VECTOR_CAPACITY: u32 = 8;
export const VECTOR_KEYS: u32 = 16;

// @ts-ignore: decorator
@inline export function vectorBytes(capacity: u32): u32 { return VECTOR_KEYS + capacity * 8; }

// @ts-ignore: decorator
@inline export function childTableBytes(capacity: u32): u32 { return 4 + capacity * 4; }

export function releaseVector(vector: u32): void {
  const references = load<u32>(vector) - 1;
  store<u32>(vector, references);
  if (!references) freeRaw(vector, vectorBytes(load<u32>(vector, VECTOR_CAPACITY)));
}

export function dropChildTable(shape: u32): void {
  const table = load<u32>(shape, SHAPE_CHILD_TABLE);
  if (!table) return;
  freeRaw(table, childTableBytes(load<u32>(table)));
  store<u32>(shape, 0, SHAPE_CHILD_TABLE);
}

/** Frees what a dead shape owns. */
function freeShapeParts(shape: u32): void {
  store<u32>(GC_SHAPE_COUNT, load<u32>(GC_SHAPE_COUNT) - 1);
  dropChildTable(shape);
  const vector = load<u32>(shape, SHAPE_INDEX);
  if (vector) releaseVector(vector);
}
