/**
 * Blocks: 2 KB of cells of one size class, 4 KB of the smallest and largest, for objects or for raw memory. Owns the lists of blocks and of free cells.
 *
 *   block (aligned to its size)   +0 next | +4 previous block of the class     +8 free cells in its own list | +12 its own list
 *                                   +16 next | +20 previous partial block        +24 class | +32 cells...
 *   free cell                       +0 u32 0 (TAG_FREE) | +4 next free cell
 *
 *   VM_HEAP    +0 cells at hand, by class (u32 x 32): objects   +128 raw memory     +256, +384 blocks: objects, raw memory
 *   VM_BLOCKS  +0, +128 partial blocks: objects, raw memory     +256 sweep's place, by class of objects
 *
 * Allocation takes from the cells at hand; when there are none, a partial block's whole list becomes them. Raw cells go back to
 * their block's list, and a block all of whose cells are there goes back to the chunks at once. Objects are freed block by block, by the sweep.
 *
 * Invariants:
 * - A partial block's list is not empty; a block that is not partial has an empty list.
 * - While a sweep is under way, object blocks from the sweep's place on have no list, and none of their free cells is at hand.
 *
 * Why lists for each block: no pass over all free cells is ever needed, so that each piece of the collector's work is bounded.
 */
import { TAG_FREE, VM_BLOCKS, VM_HEAP } from '../../bytecode/layout';
import { CHUNK_HEADER, allocateAlignedChunk, chunkSize, freeChunk } from './chunk';
import { hold, mayHold } from './limit';
import { CLASS_COUNT, cellSize } from './size-class';

export const BLOCK_CELLS: u32 = 32;
export const BLOCK_FREE: u32 = 8;
const BLOCK_LIST: u32 = 12;
export const BLOCK_PARTIAL_NEXT: u32 = 16;
export const CELL_NEXT: u32 = 4;

export const HEAP_OBJECT_CELLS: u32 = VM_HEAP;
export const HEAP_RAW_CELLS: u32 = VM_HEAP + 128;
export const HEAP_OBJECT_BLOCKS: u32 = VM_HEAP + 256;
export const HEAP_RAW_BLOCKS: u32 = VM_HEAP + 384;
const HEAP_SWEEP_PLACES: u32 = VM_BLOCKS + 256;
/** Distances from a list of cells at hand to the lists of blocks and of partial blocks. */
export const BLOCKS_OF_CELLS: u32 = 256;
export const PARTIAL_OF_CELLS: u32 = VM_BLOCKS - VM_HEAP;

/** Bytes of a block with cells of `size` bytes. A VM has a block of nearly each class and kind when it begins: so they are small. */
// @ts-ignore: decorator
@inline export function blockSize(size: u32): u32 { return size <= 64 || size > 512 ? 4096 : 2048; }
/** The next block's chunk header follows. */
// @ts-ignore: decorator
@inline export function cellsPerBlock(size: u32): u32 { return (blockSize(size) - CHUNK_HEADER - BLOCK_CELLS) / size; }
// @ts-ignore: decorator
@inline export function lastCell(block: u32, size: u32): u32 { return block + BLOCK_CELLS + (cellsPerBlock(size) - 1) * size; }
// @ts-ignore: decorator
@inline export function blockOf(cell: u32, size: u32): u32 { return cell & ~(blockSize(size) - 1); }

/** A block's own list of free cells. */
export function blockList(block: u32): u32 { return load<u32>(block, BLOCK_LIST); }

/** Puts a block in front of a doubly linked list. @param next place of the link in the block; the one back is behind it */
// @ts-ignore: decorator
@inline function link(list: u32, block: u32, next: u32): void {
  const head = load<u32>(list);
  store<u32>(block + next, head);
  store<u32>(block + next, 0, 4);
  if (head) store<u32>(head + next, block, 4);
  store<u32>(list, block);
}

// @ts-ignore: decorator
@inline function unlink(list: u32, block: u32, next: u32): void {
  const after = load<u32>(block + next);
  const before = load<u32>(block + next, 4);
  if (after) store<u32>(after + next, before, 4);
  if (before) store<u32>(before + next, after);
  else store<u32>(list, after);
}

/** Is there a block of objects of this class with free cells of its own? */
export function hasPartialBlock(sizeClass: u32): bool { return load<u32>(HEAP_OBJECT_CELLS + PARTIAL_OF_CELLS + sizeClass * 4) != 0; }

/** Finds free cells for an allocation that has none at hand. @param cells HEAP_OBJECT_CELLS or HEAP_RAW_CELLS  @returns false when memory ran out */
export function refillCells(cells: u32, sizeClass: u32): bool {
  const list = cells + sizeClass * 4;
  const partial = list + PARTIAL_OF_CELLS;
  const block = load<u32>(partial);
  if (!block) return addBlock(cells, sizeClass);
  unlink(partial, block, BLOCK_PARTIAL_NEXT);
  store<u32>(list, load<u32>(block, BLOCK_LIST));
  store<u32>(block, 0, BLOCK_LIST);
  store<u32>(block, 0, BLOCK_FREE);
  return true;
}

/** A new block for a class, its cells at hand in address order. @returns false when memory ran out */
function addBlock(cells: u32, sizeClass: u32): bool {
  const size = cellSize(sizeClass);
  if (!mayHold(blockSize(size))) return false;
  const block = allocateAlignedChunk(blockSize(size));
  if (!block) return false;
  hold(chunkSize(block) + CHUNK_HEADER);
  link(cells + BLOCKS_OF_CELLS + sizeClass * 4, block, 0);
  store<u32>(block, 0, BLOCK_FREE);
  store<u32>(block, 0, BLOCK_LIST);
  let head: u32 = 0;
  for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
    store<u32>(cell, TAG_FREE);
    store<u32>(cell, head, CELL_NEXT);
    head = cell;
  }
  store<u32>(cells + sizeClass * 4, head);
  return true;
}

/** Frees a cell of raw memory. */
export function giveBackCell(cell: u32, sizeClass: u32): void {
  const size = cellSize(sizeClass);
  const block = blockOf(cell, size);
  store<u32>(cell, TAG_FREE);
  store<u32>(cell, load<u32>(block, BLOCK_LIST), CELL_NEXT);
  store<u32>(block, cell, BLOCK_LIST);
  const free = load<u32>(block, BLOCK_FREE) + 1;
  store<u32>(block, free, BLOCK_FREE);
  const list = HEAP_RAW_CELLS + sizeClass * 4;
  if (free == 1) link(list + PARTIAL_OF_CELLS, block, BLOCK_PARTIAL_NEXT);
  if (free == cellsPerBlock(size)) {
    unlink(list + PARTIAL_OF_CELLS, block, BLOCK_PARTIAL_NEXT);
    unlink(list + BLOCKS_OF_CELLS, block, 0);
    freeBlock(block);
  }
}

function freeBlock(block: u32): void {
  hold(-<i32>(chunkSize(block) + CHUNK_HEADER));
  freeChunk(block);
}

// ---- Sweeping

/** Forgets all free cells of objects: the sweep finds them again. Its place is the first block of each class. */
export function startBlockSweep(): void {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const list = HEAP_OBJECT_CELLS + sizeClass * 4;
    const first = load<u32>(list + BLOCKS_OF_CELLS);
    store<u32>(list, 0);
    store<u32>(list + PARTIAL_OF_CELLS, 0);
    store<u32>(HEAP_SWEEP_PLACES + sizeClass * 4, first);
  }
}

/** Takes the next block of a class to be swept; 0 if there is none left. Its own list is empty. */
export function nextBlockToSweep(sizeClass: u32): u32 {
  const place = HEAP_SWEEP_PLACES + sizeClass * 4;
  const block = load<u32>(place);
  if (block) {
    store<u32>(place, load<u32>(block));
    store<u32>(block, 0, BLOCK_FREE);
    store<u32>(block, 0, BLOCK_LIST);
  }
  return block;
}

/** A block has been swept and has these free cells now. */
export function finishBlock(block: u32, sizeClass: u32, list: u32, free: u32): void {
  const cells = HEAP_OBJECT_CELLS + sizeClass * 4;
  if (free == cellsPerBlock(cellSize(sizeClass))) {
    unlink(cells + BLOCKS_OF_CELLS, block, 0);
    freeBlock(block);
    return;
  }
  if (!free) return;
  store<u32>(block, list, BLOCK_LIST);
  store<u32>(block, free, BLOCK_FREE);
  link(cells + PARTIAL_OF_CELLS, block, BLOCK_PARTIAL_NEXT);
}

// ---- Debug builds

/** Bytes of raw cells in use. */
export function countRawCells(): u32 {
  let bytes: u32 = 0;
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_RAW_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      bytes += (cellsPerBlock(size) - load<u32>(block, BLOCK_FREE)) * size;
    }
    for (let cell = load<u32>(HEAP_RAW_CELLS + sizeClass * 4); cell; cell = load<u32>(cell, CELL_NEXT)) bytes -= size;
  }
  return bytes;
}
