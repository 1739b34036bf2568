/**
 * Sweeping: frees white objects and what they own, makes the others white. Knows for each tag what an object owns:
 * tables, threads, prototypes and shapes own raw memory, short strings an entry of the string table; the rest own nothing.
 *
 * The sizes here are the contract with whoever allocates: the parts of a prototype (loader), the stack and frames of a thread (thread.ts).
 */
import {
  EXTRA_STACK, LOCAL_DESC_SIZE, MARK_FIXED, OBJECT_MARK, OBJECT_TAG, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS,
  PROTO_CONSTANT_COUNT, PROTO_LINES, PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_UPVALUES,
  PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_FREE, TAG_PROTO, TAG_SHAPE, TAG_STRING, TAG_TABLE, TAG_THREAD, THREAD_FRAMES, THREAD_FRAMES_END,
  THREAD_STACK, THREAD_STACK_END, UPVALUE_DESC_SIZE, VM_BYTES_USED, VM_CURRENT_WHITE,
} from '../bytecode/layout';
import { isWhite, setColour } from './collector-colour';
import {
  BLOCK_CELLS, CELL_NEXT, CLASS_COUNT, HEAP_LARGE_OBJECTS, HEAP_OBJECT_BLOCKS, HEAP_OBJECT_CELLS, MAX_SMALL, cellSize, freeObject, freeRaw,
  lastCell, releaseBlock,
} from './heap';
import { chunkNextLink } from './heap-chunk';
import { freeShapeParts } from './shape';
import { unlinkString } from './string';
import { freeTableParts } from './table';

export function sweepHeap(): void {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) sweepClass(sizeClass);
  sweepLarge();
}

/** Sweeps all blocks of a class and threads its free list anew, in address order within a block; empty blocks are given back. */
function sweepClass(sizeClass: u32): void {
  const size = cellSize(sizeClass);
  const white = load<u32>(VM_CURRENT_WHITE);
  let free: u32 = 0;
  let freed: u32 = 0;
  let link = HEAP_OBJECT_BLOCKS + sizeClass * 4;
  for (let block = load<u32>(link); block; ) {
    const next = load<u32>(block);
    const freeBefore = free;
    let alive = false;
    for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
      const tag = <u32>load<u8>(cell, OBJECT_TAG);
      if (tag != TAG_FREE) {
        if (!isWhite(cell)) {
          if (load<u8>(cell, OBJECT_MARK) != MARK_FIXED) setColour(cell, white);
          alive = true;
          continue;
        }
        freeParts(cell, tag);
        store<u32>(cell, TAG_FREE);
        freed += size;
      }
      store<u32>(cell, free, CELL_NEXT);
      free = cell;
    }
    if (alive) {
      store<u32>(link, block);
      link = block;
    } else {
      free = freeBefore;
      releaseBlock(block);
    }
    block = next;
  }
  store<u32>(link, 0);
  store<u32>(HEAP_OBJECT_CELLS + sizeClass * 4, free);
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - freed);
}

function sweepLarge(): void {
  const white = load<u32>(VM_CURRENT_WHITE);
  for (let object = load<u32>(HEAP_LARGE_OBJECTS); object; ) {
    const next = chunkNextLink(object);
    if (isWhite(object)) {
      freeParts(object, load<u8>(object, OBJECT_TAG));
      freeObject(object, MAX_SMALL + 1);
    } else if (load<u8>(object, OBJECT_MARK) != MARK_FIXED) setColour(object, white);
    object = next;
  }
}

/** Frees what a dead object owns besides its own cell. */
function freeParts(object: u32, tag: u32): void {
  switch (tag) {
    case TAG_STRING: unlinkString(object); break;
    case TAG_TABLE: freeTableParts(object); break;
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

// @ts-ignore: decorator
@inline function freePart(pointer: u32, size: u32): void { if (pointer) freeRaw(pointer, size); }
