/**
 * The heap: collected objects and raw memory of known size, every byte counted in VM_BYTES_USED.
 *
 * Up to MAX_SMALL bytes: cells of a size class (multiples of 16 up to 256, then four per doubling), cut from blocks of 8 KB that hold
 * one class and either objects or raw memory. Objects carry no link: the collector sweeps them block by block. Larger: chunks of their
 * own (heap-chunk.ts); large objects are linked through their chunk headers.
 *
 *   block (aligned to BLOCK_SIZE)   +0 next block of the class | +4 class | +8 free cells (while counting) | +16 cells...
 *   free cell                       +0 u32 0 (TAG_FREE)        | +4 next free cell
 *
 *   VM_HEAP +0    free cells of objects, by class (u32 x 32)     +512 class by (size + 15) >> 4 (u8)
 *           +128  free cells of raw memory                       +600 cell size by class (u16)
 *           +256  blocks of objects                              +700 large objects, threshold, emergency mark, stress, peak
 *           +384  blocks of raw memory                           +728 the collector's (collector.ts)
 *
 * Invariants:
 * - Allocation never collects: callers hold objects no root reaches. It only asks for a collection (VM_COLLECT_DUE).
 * - The functions named try... return 0 when memory ran out and change nothing; the others raise "not enough memory".
 * - VM_COLLECT_AT is never above the limit, so the fast path compares with one number only.
 *
 * Why no malloc below: size classes need no header (a table is exactly 64 bytes), and a swept block is a free list in address order.
 */
import {
  OBJECT_MARK, TAG_FREE, VM_BYTES_LIMIT, VM_BYTES_USED, VM_COLLECTOR_STOPPED, VM_COLLECT_AT, VM_COLLECT_DUE, VM_COLLECT_PAUSE,
  VM_CURRENT_WHITE, VM_HEAP,
} from '../bytecode/layout';
import { throwMemoryError } from './errors';
import {
  CHUNK_HEADER, allocateAlignedChunk, allocateChunk, chunkSize, freeChunk, initChunks, linkChunk, resizeChunk, unlinkChunk,
} from './heap-chunk';

export const CLASS_COUNT: u32 = 25;
export const MAX_SMALL: u32 = 1024;
const MAX_LARGE: u32 = 0xe0000000;
export const BLOCK_SIZE: u32 = 8192;
export const BLOCK_CELLS: u32 = 16;
/** Where a block's cells end at most: the next block's chunk header follows. */
export const BLOCK_END: u32 = BLOCK_SIZE - CHUNK_HEADER;
const BLOCK_CLASS: u32 = 4;
const BLOCK_FREE: u32 = 8;
export const CELL_NEXT: u32 = 4;

export const HEAP_OBJECT_CELLS: u32 = VM_HEAP;
const HEAP_RAW_CELLS: u32 = VM_HEAP + 128;
export const HEAP_OBJECT_BLOCKS: u32 = VM_HEAP + 256;
export const HEAP_RAW_BLOCKS: u32 = VM_HEAP + 384;
/** Block list of a free list: at this distance behind it. */
const BLOCKS_OF_CELLS: u32 = 256;
const HEAP_CLASS: u32 = VM_HEAP + 512;
const HEAP_CELL_SIZE: u32 = VM_HEAP + 600;
export const HEAP_LARGE_OBJECTS: u32 = VM_HEAP + 700;
/** Bytes in use at which the program has earned a collection. */
const HEAP_THRESHOLD: u32 = VM_HEAP + 704;
/** Bytes in use at which a collection is due even if the program stopped the collector. */
const HEAP_EMERGENCY: u32 = VM_HEAP + 708;
/** Debug builds: a collection is due after every allocation. */
const HEAP_STRESS: u32 = VM_HEAP + 712;

const MIN_THRESHOLD: u64 = 1 << 20;
const NO_LIMIT: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline export function classOf(size: u32): u32 { return load<u8>(HEAP_CLASS + ((size + 15) >> 4)); }
// @ts-ignore: decorator
@inline export function cellSize(sizeClass: u32): u32 { return load<u16>(HEAP_CELL_SIZE + sizeClass * 2); }

export function initHeap(): void {
  initChunks();
  for (let sizeClass: u32 = 1, size: u32 = 16; sizeClass < CLASS_COUNT; sizeClass++) {
    const previous: u32 = sizeClass == 1 ? 0 : cellSize(sizeClass - 1);
    store<u16>(HEAP_CELL_SIZE + sizeClass * 2, <u16>size);
    for (let at = previous; at <= size; at += 16) if (at > previous || at == 0) store<u8>(HEAP_CLASS + (at >> 4), <u8>sizeClass);
    size += size < 256 ? 16 : <u32>1 << (29 - clz(size));
  }
  if (!load<u32>(VM_COLLECT_PAUSE)) store<u32>(VM_COLLECT_PAUSE, 200);
  scheduleCollection();
}

/**
 * Computes when the next collection is due, from the bytes in use now (after a collection: what is alive), the pause and the limit.
 * Near the limit half of what is left: the last collections before giving up come at shrinking, but not at tiny, steps.
 */
export function scheduleCollection(): void {
  const used = <u64>load<u32>(VM_BYTES_USED);
  const threshold = max(max(used * load<u32>(VM_COLLECT_PAUSE) / 100, used + (used >> 4)), MIN_THRESHOLD);
  const limit = load<u32>(VM_BYTES_LIMIT);
  const ceiling = limit == 0 ? NO_LIMIT : limit;
  let emergency = ceiling - (ceiling >> 4);
  if (used > emergency) emergency = used < ceiling ? <u32>used + ((ceiling - <u32>used) >> 1) : ceiling;
  store<u32>(HEAP_THRESHOLD, <u32>min(threshold, <u64>NO_LIMIT));
  store<u32>(HEAP_EMERGENCY, emergency);
  store<u32>(VM_COLLECT_AT, CHECKED && load<u32>(HEAP_STRESS) ? 0 : <u32>min(threshold, <u64>emergency));
}

/** Sets the limit of VM_BYTES_USED, 0 = none. What is in use already stays. */
export function setMemoryLimit(limit: u32): void {
  store<u32>(VM_BYTES_LIMIT, limit);
  scheduleCollection();
}

/** Debug builds: whether every allocation makes a collection due. */
export function isCollectorStressed(): bool { return load<u32>(HEAP_STRESS) != 0; }

/** Debug builds: makes a collection due after every allocation, and checks the heap after each. */
export function setCollectorStress(on: bool): void {
  store<u32>(HEAP_STRESS, on);
  scheduleCollection();
}

/** Above VM_COLLECT_AT: asks for a collection. @returns false if the limit forbids `bytes` more */
function mayAllocate(bytes: u64): bool {
  const used = bytes + load<u32>(VM_BYTES_USED);
  if (used > load<u32>(VM_COLLECT_AT) && (!load<u32>(VM_COLLECTOR_STOPPED) || used > load<u32>(HEAP_EMERGENCY))) {
    store<u32>(VM_COLLECT_DUE, 1);
  }
  const limit = load<u32>(VM_BYTES_LIMIT);
  return limit == 0 || used <= limit;
}

/** A new block for a class, its cells on the class's free list in address order. @returns false when memory ran out */
function addBlock(cells: u32, sizeClass: u32): bool {
  const block = allocateAlignedChunk(BLOCK_SIZE);
  if (!block) return false;
  const blocks = cells + BLOCKS_OF_CELLS + sizeClass * 4;
  store<u32>(block, load<u32>(blocks));
  store<u32>(block, sizeClass, BLOCK_CLASS);
  store<u32>(blocks, block);
  const size = cellSize(sizeClass);
  let head = load<u32>(cells + sizeClass * 4);
  for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
    store<u32>(cell, TAG_FREE);
    store<u32>(cell, head, CELL_NEXT);
    head = cell;
  }
  store<u32>(cells + sizeClass * 4, head);
  return true;
}

// @ts-ignore: decorator
@inline export function cellsPerBlock(size: u32): u32 { return (BLOCK_END - BLOCK_CELLS) / size; }
// @ts-ignore: decorator
@inline export function lastCell(block: u32, size: u32): u32 { return block + BLOCK_CELLS + (cellsPerBlock(size) - 1) * size; }

function allocateCellSlowly(cells: u32, sizeClass: u32, size: u32): u32 {
  if (!mayAllocate(size)) return 0;
  const list = cells + sizeClass * 4;
  if (!load<u32>(list) && !addBlock(cells, sizeClass)) return 0;
  const cell = load<u32>(list);
  store<u32>(list, load<u32>(cell, CELL_NEXT));
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) + size);
  return cell;
}

// @ts-ignore: decorator
@inline function allocateCell(cells: u32, sizeClass: u32, size: u32): u32 {
  const list = cells + sizeClass * 4;
  const cell = load<u32>(list);
  const used = load<u32>(VM_BYTES_USED) + size;
  if (cell == 0 || used > load<u32>(VM_COLLECT_AT)) return allocateCellSlowly(cells, sizeClass, size);
  store<u32>(list, load<u32>(cell, CELL_NEXT));
  store<u32>(VM_BYTES_USED, used);
  return cell;
}

function allocateLarge(size: u32): u32 {
  if (size > MAX_LARGE || !mayAllocate(<u64>size + 2 * CHUNK_HEADER)) return 0;
  const chunk = allocateChunk(size);
  if (chunk) store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) + chunkSize(chunk) + CHUNK_HEADER);
  return chunk;
}

function freeLarge(chunk: u32): void {
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - chunkSize(chunk) - CHUNK_HEADER);
  freeChunk(chunk);
}

function allocateObjectMemory(size: u32): u32 {
  if (size <= MAX_SMALL) {
    const sizeClass = classOf(size);
    return allocateCell(HEAP_OBJECT_CELLS, sizeClass, cellSize(sizeClass));
  }
  const chunk = allocateLarge(size);
  if (chunk) linkChunk(HEAP_LARGE_OBJECTS, chunk);
  return chunk;
}

/** As newObject, but 0 when memory ran out. Inlined: with a constant size the class is a constant. */
// @ts-ignore: decorator
@inline export function tryNewObject(tag: u32, size: u32): u32 {
  const pointer = size <= 256 ? allocateCell(HEAP_OBJECT_CELLS, (size + 15) >> 4, (size + 15) & ~15) : allocateObjectMemory(size);
  if (pointer) store<u32>(pointer, tag | (load<u32>(VM_CURRENT_WHITE) << (OBJECT_MARK * 8)));
  return pointer;
}

/** A new object of `size` bytes (16-byte aligned) with its header written; the body is not cleared. Raises "not enough memory". */
// @ts-ignore: decorator
@inline export function newObject(tag: u32, size: u32): u32 {
  const pointer = tryNewObject(tag, size);
  if (!pointer) throwMemoryError();
  return pointer;
}

/** Frees an object's own memory (what it points to is the caller's affair). @param size the size it was allocated with */
export function freeObject(pointer: u32, size: u32): void {
  if (size > MAX_SMALL) {
    unlinkChunk(HEAP_LARGE_OBJECTS, pointer);
    freeLarge(pointer);
    return;
  }
  freeCell(HEAP_OBJECT_CELLS, pointer, classOf(size));
}

// @ts-ignore: decorator
@inline function freeCell(cells: u32, cell: u32, sizeClass: u32): void {
  const list = cells + sizeClass * 4;
  store<u32>(cell, TAG_FREE);
  store<u32>(cell, load<u32>(list), CELL_NEXT);
  store<u32>(list, cell);
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - cellSize(sizeClass));
}

/** As allocateRaw, but 0 when memory ran out. */
export function tryAllocateRaw(size: u32): u32 {
  if (size > MAX_SMALL) return allocateLarge(size);
  const sizeClass = classOf(size);
  return allocateCell(HEAP_RAW_CELLS, sizeClass, cellSize(sizeClass));
}

/** Raw memory, 16-byte aligned, not cleared; given back with freeRaw and the same size. Raises "not enough memory". */
export function allocateRaw(size: u32): u32 {
  const pointer = tryAllocateRaw(size);
  if (!pointer) throwMemoryError();
  return pointer;
}

export function freeRaw(pointer: u32, size: u32): void {
  if (size > MAX_SMALL) freeLarge(pointer);
  else freeCell(HEAP_RAW_CELLS, pointer, classOf(size));
}

/** As reallocateRaw, but 0 when memory ran out (the old block is then untouched). */
export function tryReallocateRaw(pointer: u32, oldSize: u32, newSize: u32): u32 {
  if (!pointer) return tryAllocateRaw(newSize);
  if (oldSize > MAX_SMALL && newSize > MAX_SMALL && newSize <= MAX_LARGE) {
    const before = chunkSize(pointer);
    if ((newSize <= oldSize || mayAllocate(newSize - oldSize + 2 * CHUNK_HEADER)) && resizeChunk(pointer, newSize)) {
      store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) + chunkSize(pointer) - before);
      return pointer;
    }
  } else if (oldSize <= MAX_SMALL && newSize <= MAX_SMALL && classOf(oldSize) == classOf(newSize)) return pointer;
  const moved = tryAllocateRaw(newSize);
  if (!moved) return 0;
  memory.copy(moved, pointer, min(oldSize, newSize));
  freeRaw(pointer, oldSize);
  return moved;
}

/** Changes the size of raw memory, keeping its bytes; `pointer` 0 allocates. @returns the new address. Raises "not enough memory". */
export function reallocateRaw(pointer: u32, oldSize: u32, newSize: u32): u32 {
  const moved = tryReallocateRaw(pointer, oldSize, newSize);
  if (!moved) throwMemoryError();
  return moved;
}

/** Gives a block without a cell in use back; its cells are not on the free list any more, and it is not on the block list. */
// @ts-ignore: decorator
@inline export function releaseBlock(block: u32): void { freeChunk(block); }

/** Gives blocks of raw memory that hold no cell in use back. Called by the collector at the end of a cycle. */
export function releaseEmptyRawBlocks(): void {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const list = HEAP_RAW_CELLS + sizeClass * 4;
    const blocks = HEAP_RAW_BLOCKS + sizeClass * 4;
    const perBlock = cellsPerBlock(cellSize(sizeClass));
    for (let block = load<u32>(blocks); block; block = load<u32>(block)) store<u32>(block, 0, BLOCK_FREE);
    let anyEmpty = false;
    for (let cell = load<u32>(list); cell; cell = load<u32>(cell, CELL_NEXT)) {
      const block = cell & ~(BLOCK_SIZE - 1);
      const count = load<u32>(block, BLOCK_FREE) + 1;
      store<u32>(block, count, BLOCK_FREE);
      if (count == perBlock) anyEmpty = true;
    }
    if (!anyEmpty) continue;
    let link = list;
    for (let cell = load<u32>(list); cell; cell = load<u32>(cell, CELL_NEXT)) {
      if (load<u32>(cell & ~(BLOCK_SIZE - 1), BLOCK_FREE) == perBlock) continue;
      store<u32>(link, cell);
      link = cell + CELL_NEXT;
    }
    store<u32>(link, 0);
    link = blocks;
    for (let block = load<u32>(blocks); block; ) {
      const next = load<u32>(block);
      if (load<u32>(block, BLOCK_FREE) == perBlock) releaseBlock(block);
      else {
        store<u32>(link, block);
        link = block;
      }
      block = next;
    }
    store<u32>(link, 0);
  }
}

/** Debug builds: bytes of raw cells in use, plus all chunks in use that are not blocks, as the lists tell. */
export function countRawCells(): u32 {
  let bytes: u32 = 0;
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_RAW_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) bytes += cellsPerBlock(size) * size;
    for (let cell = load<u32>(HEAP_RAW_CELLS + sizeClass * 4); cell; cell = load<u32>(cell, CELL_NEXT)) bytes -= size;
  }
  return bytes;
}
