/**
 * The collector: a full stop-the-world mark and sweep. Owns the order of a cycle; colours and barriers are in collector-colour.ts.
 *
 * Roots: main and running thread, globals, registry, metatables of the basic types, pins. Event and type names are MARK_FIXED.
 * Weak: the string table (freeString unlinks), shapes' children, inline caches, the method cache.
 *
 * Between marking and sweeping, while all dead objects are still intact, everything weak lets go of them: caches in code, transitions, open
 * upvalues of dead threads (they take their values along). Sweeping frees what dead objects own and makes the survivors white again.
 *
 * Callers: only at safe points (ARCHITECTURE.md); frames and THREAD_TOP of the running thread must be up to date.
 */
import {
  ARRAY_MIXED, BUILTIN_NAME, BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, CACHE_SHAPE, CACHE_SLOT, CLOSURE_GCLIST, BUILTIN_GCLIST,
  CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT, DICT_NODE_SIZE, DICT_NODE_VALUE, EXTRA_STACK, FRAME_CLOSURE, FRAME_SIZE,
  FRAME_TOP, LOCAL_DESC_SIZE, MARK_BLACK, OBJECT_TAG, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_CONSTANT_COUNT, PROTO_GCLIST,
  PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SOURCE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SHAPE_COUNT,
  SLOT_SIZE, SLOT_TAG, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT, TABLE_DICT_SIZE, TABLE_GCLIST, TABLE_KIND,
  TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_BUILTIN, TAG_CLOSURE, TAG_DEAD, TAG_PROTO, TAG_STRING, TAG_TABLE, TAG_THREAD,
  THREAD_ERROR, THREAD_FRAME, THREAD_FRAMES, THREAD_GCLIST, THREAD_OPEN_UPVALUES, THREAD_RESUMER, THREAD_SCRATCH, THREAD_SIZE, THREAD_STACK,
  THREAD_STACK_END, THREAD_TOP, UPVALUE_CLOSED, UPVALUE_DESC_SIZE, UPVALUE_LOCATION, UPVALUE_NEXT, VM_COLLECT_DUE, VM_GLOBALS, VM_HEAP,
  VM_MAIN_THREAD, VM_METHOD_CACHE, VM_REGISTRY, VM_ROOT_SHAPE, VM_THREAD, VM_TYPE_METATABLES,
} from '../bytecode/layout';
import { HEAP_GRAY, HEAP_MARKED_SHAPES, isWhite, markObject, markPointer, markValue, setColour } from './collector-colour';
import { sweepHeap } from './collector-sweep';
import { hasFieldCache, opcodeWords } from './generated/opcodes';
import { BLOCK_CELLS, HEAP_OBJECT_BLOCKS, cellSize, classOf, isCollectorStressed, lastCell, releaseEmptyRawBlocks, scheduleCollection } from './heap';
import { verifyHeap } from './heap-verify';
import { clearMethodCache } from './method-cache';
import { markPins } from './pin';
import { pruneChildren } from './shape';
import { shrinkStringTable } from './string';
import { copyValue, isCollectable, isNil, setNil } from './value';

export { barrier, barrierBack, barrierObject } from './collector-colour';
export { pinObject, pinnedValue, unpinObject } from './pin';
export { verifyHeap } from './heap-verify';

/** Prototypes visited in this cycle, by PROTO_GCLIST. */
const HEAP_MARKED_PROTOS: u32 = VM_HEAP + 744;

/** Collects if an allocation asked for it. */
// @ts-ignore: decorator
@inline export function collectIfDue(): void { if (load<u32>(VM_COLLECT_DUE)) collectDue(); }

export function collectDue(): void { collectFull(); }

/** A full collection. */
export function collectFull(): void {
  store<u32>(HEAP_GRAY, 0);
  store<u32>(HEAP_MARKED_SHAPES, 0);
  store<u32>(HEAP_MARKED_PROTOS, 0);
  markRoots();
  propagate();
  clearCaches();
  pruneChildren(load<u32>(HEAP_MARKED_SHAPES));
  closeUpvaluesOfDeadThreads();
  sweepHeap();
  shrinkStringTable();
  releaseEmptyRawBlocks();
  scheduleCollection();
  store<u32>(VM_COLLECT_DUE, 0);
  if (CHECKED && isCollectorStressed() && verifyHeap()) unreachable();
}

function markRoots(): void {
  markPointer(load<u32>(VM_MAIN_THREAD));
  markPointer(load<u32>(VM_THREAD));
  markPointer(load<u32>(VM_GLOBALS));
  markPointer(load<u32>(VM_REGISTRY));
  markPointer(load<u32>(VM_ROOT_SHAPE));
  for (let tag: u32 = 0; tag < 16; tag++) markPointer(load<u32>(VM_TYPE_METATABLES + tag * 4));
  markPins();
}

/** Blackens gray objects until none is left. */
function propagate(): void {
  for (let object = load<u32>(HEAP_GRAY); object; object = load<u32>(HEAP_GRAY)) {
    setColour(object, MARK_BLACK);
    switch (<u32>load<u8>(object, OBJECT_TAG)) {
      case TAG_TABLE:
        store<u32>(HEAP_GRAY, load<u32>(object, TABLE_GCLIST));
        visitTable(object);
        break;
      case TAG_CLOSURE:
        store<u32>(HEAP_GRAY, load<u32>(object, CLOSURE_GCLIST));
        visitClosure(object);
        break;
      case TAG_BUILTIN:
        store<u32>(HEAP_GRAY, load<u32>(object, BUILTIN_GCLIST));
        markPointer(load<u32>(object, BUILTIN_NAME));
        markSlots(object + BUILTIN_UPVALUES, load<u32>(object, BUILTIN_UPVALUE_COUNT));
        break;
      case TAG_THREAD:
        store<u32>(HEAP_GRAY, load<u32>(object, THREAD_GCLIST));
        visitThread(object);
        break;
      case TAG_PROTO:
        store<u32>(HEAP_GRAY, load<u32>(object, PROTO_GCLIST));
        store<u32>(object, load<u32>(HEAP_MARKED_PROTOS), PROTO_GCLIST);
        store<u32>(HEAP_MARKED_PROTOS, object);
        visitPrototype(object);
        break;
      default: assert(false);
    }
  }
}

function markSlots(slot: u32, count: u32): void {
  for (const end = slot + count * SLOT_SIZE; slot < end; slot += SLOT_SIZE) markValue(slot);
}

/** @param stride distance of the pointers in bytes */
function markPointers(at: u32, count: u32, stride: u32): void {
  for (; count; count--, at += stride) markPointer(load<u32>(at));
}

function visitTable(table: u32): void {
  markPointer(load<u32>(table, TABLE_METATABLE));
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    markObject(shape);
    markSlots(load<u32>(table, TABLE_SLOTS), load<u32>(shape, SHAPE_COUNT));
  }
  if (load<u8>(table, TABLE_KIND) == ARRAY_MIXED) {
    const array = load<u32>(table, TABLE_ARRAY);
    const tags = array + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8;
    for (let i: u32 = 0, length = load<u32>(table, TABLE_ARRAY_LENGTH); i < length; i++) {
      if (load<u8>(tags + i) >= TAG_STRING) markObject(load<u32>(array + i * 8));
    }
  }
  const size = load<u32>(table, TABLE_DICT_SIZE);
  let node = load<u32>(table, TABLE_DICT);
  for (const end = node + size * DICT_NODE_SIZE; node < end; node += DICT_NODE_SIZE) {
    if (!isNil(node + DICT_NODE_VALUE)) {
      markValue(node);
      markValue(node + DICT_NODE_VALUE);
    } else if (isCollectable(node)) store<u32>(node, TAG_DEAD, SLOT_TAG); // `next` still passes over it by its address.
  }
}

function visitClosure(closure: u32): void {
  markPointer(load<u32>(closure, CLOSURE_PROTO));
  markPointers(closure + CLOSURE_UPVALUES, load<u32>(closure, CLOSURE_UPVALUE_COUNT), 4);
}

function visitPrototype(proto: u32): void {
  markPointer(load<u32>(proto, PROTO_SOURCE));
  markSlots(load<u32>(proto, PROTO_CONSTANTS), load<u32>(proto, PROTO_CONSTANT_COUNT));
  markPointers(load<u32>(proto, PROTO_PROTOS), load<u32>(proto, PROTO_PROTO_COUNT), 4);
  markPointers(load<u32>(proto, PROTO_UPVALUES), load<u32>(proto, PROTO_UPVALUE_COUNT), UPVALUE_DESC_SIZE);
  markPointers(load<u32>(proto, PROTO_LOCALS), load<u32>(proto, PROTO_LOCAL_COUNT), LOCAL_DESC_SIZE);
}

/** Marks the slots in use and clears those above, so that no stale pointer is ever met. */
function visitThread(thread: u32): void {
  markPointer(load<u32>(thread, THREAD_RESUMER));
  markValue(thread + THREAD_ERROR);
  markSlots(thread + THREAD_SCRATCH, 4);
  markChain(load<u32>(thread, THREAD_OPEN_UPVALUES));
  const stack = load<u32>(thread, THREAD_STACK);
  if (!stack) return;
  let top = load<u32>(thread, THREAD_TOP);
  const current = load<u32>(thread, THREAD_FRAME);
  if (current) {
    top = max(top, load<u32>(current, FRAME_TOP));
    for (let frame = load<u32>(thread, THREAD_FRAMES); frame <= current; frame += FRAME_SIZE) markPointer(load<u32>(frame, FRAME_CLOSURE));
  }
  for (let slot = stack; slot < top; slot += SLOT_SIZE) markValue(slot);
  for (let slot = top, end = load<u32>(thread, THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE; slot < end; slot += SLOT_SIZE) setNil(slot);
}

function markChain(upvalue: u32): void {
  for (; upvalue; upvalue = load<u32>(upvalue, UPVALUE_NEXT)) markObject(upvalue);
}

/** Empties inline caches that name a dead shape, and the method cache. */
function clearCaches(): void {
  if (load<u32>(VM_METHOD_CACHE)) clearMethodCache();
  for (let proto = load<u32>(HEAP_MARKED_PROTOS); proto; proto = load<u32>(proto, PROTO_GCLIST)) {
    let pc = load<u32>(proto, PROTO_CODE);
    for (const end = pc + load<u32>(proto, PROTO_CODE_SIZE); pc < end; ) {
      const op = <u32>load<u8>(pc);
      if (hasFieldCache(op)) {
        const shape = load<u32>(pc, CACHE_SHAPE);
        const child = load<u32>(pc, CACHE_SLOT);
        if ((shape != 0 && isWhite(shape)) || (child >= 65536 && isWhite(child))) store<u64>(pc, 0, CACHE_SHAPE);
      }
      pc += opcodeWords(op) * 8;
    }
  }
}

/** The upvalues of a thread that dies may live on in closures. */
function closeUpvaluesOfDeadThreads(): void {
  const sizeClass = classOf(THREAD_SIZE);
  const size = cellSize(sizeClass);
  for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
    for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
      if (load<u8>(cell, OBJECT_TAG) != TAG_THREAD || !isWhite(cell)) continue;
      for (let upvalue = load<u32>(cell, THREAD_OPEN_UPVALUES); upvalue; ) {
        const next = load<u32>(upvalue, UPVALUE_NEXT);
        copyValue(upvalue + UPVALUE_CLOSED, load<u32>(upvalue, UPVALUE_LOCATION));
        store<u32>(upvalue, upvalue + UPVALUE_CLOSED, UPVALUE_LOCATION);
        store<u32>(upvalue, 0, UPVALUE_NEXT);
        upvalue = next;
      }
    }
  }
}
