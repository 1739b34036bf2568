/**
 * The heap: collected objects and raw memory of known size, every byte counted in VM_BYTES_USED; what it may hold is limit.ts' affair.
 *
 * Up to MAX_SMALL bytes: cells of a size class (multiples of 16 up to 256, then four per doubling), cut from blocks (block.ts) that hold
 * one class and either objects or raw memory. Larger: chunks of their own (chunk.ts); large objects are linked
 * through their chunk headers.
 *
 *   VM_HEAP +512 class by (size + 15) >> 4 (u8)      +600 cell size by class (u16)
 *           +700 large objects     +712 stress
 *
 * Invariants:
 * - Allocation never collects: callers hold objects no root reaches. It only asks for a collection (VM_COLLECT_DUE).
 * - The functions named try... return 0 when memory ran out and change nothing; the others raise "not enough memory".
 * - A cell at hand may always be taken: the limit is looked at for blocks and large chunks. So the fast path compares with one number only.
 *
 * Why no malloc below: size classes need no header (a table is exactly 64 bytes), and a swept block is a free list in address order.
 */
import {
  COLLECT_PAUSED, COLLECT_SWEEP, OBJECT_MARK, VM_BYTES_LIMIT, VM_BYTES_USED, VM_COLLECTOR_STOPPED, VM_COLLECT_AT, VM_COLLECT_DUE, VM_COLLECT_PAUSE,
  VM_COLLECT_PHASE, VM_COLLECT_STEP, VM_CURRENT_WHITE, VM_HEAP,
} from '../../bytecode/layout';
import { throwMemoryError } from '../base/raise';
import { CELL_NEXT, HEAP_OBJECT_CELLS, HEAP_RAW_CELLS, hasPartialBlock, refillCells } from './block';
import { CHUNK_HEADER, allocateChunk, chunkSize, extendChunk, hasFreeChunk, initChunks, linkChunk, resizeChunk } from './chunk';
import { GC_DUE_AT, GC_ESTIMATE } from './collector-state';
import { HEAP_LARGE_OBJECTS, countLarge, freeRaw } from './free';
import { failsOnPurpose, hasFailures, isWithinLimit, mayHold, scheduleEmergency } from './limit';
import { MAX_SMALL, cellSize, classOf, initSizeClasses } from './size-class';
import { sweepForCells } from './sweep';

const MAX_LARGE: u32 = 0xe0000000;

/** Debug builds: STRESS_*. */
const HEAP_STRESS: u32 = VM_HEAP + 712;

/** Bytes allocated between two steps of the collector, unless at once, and bytes one step makes up for at most. */
export const STEP_BYTES: u32 = 16384;
export const MAX_STEP_BYTES: u32 = 2 * STEP_BYTES;
const MIN_THRESHOLD: u64 = 1 << 20;
/** Blocks of that size and more grow where they are, at the end of memory, unless a hole has room for them: memory would grow for a new one as well. */
const EXTENDED: u32 = 1 << 20;
const NO_LIMIT: u32 = 0xffffffff;

export function initHeap(): void {
  initChunks();
  initSizeClasses();
  store<u32>(VM_COLLECT_PAUSE, 200);
  store<u32>(VM_COLLECT_STEP, 100);
  scheduleCollection();
}

/** Computes when the next cycle of the collector begins, from what is alive (GC_ESTIMATE) and the pause. At the end of a cycle. */
export function scheduleCollection(): void {
  scheduleEmergency();
  const alive = <u64>load<u32>(GC_ESTIMATE);
  collectAt(max(max(alive * load<u32>(VM_COLLECT_PAUSE) / 100, <u64>load<u32>(VM_BYTES_USED) + STEP_BYTES), MIN_THRESHOLD));
}

/** Makes the next step of the cycle that is under way due. @param unpaid bytes allocated that no work was done for yet */
export function scheduleStep(unpaid: u32): void { collectAt(<u64>load<u32>(VM_BYTES_USED) + STEP_BYTES - min(unpaid, load<u32>(VM_BYTES_USED))); }

/** Bytes that the step that is due has to make up for. */
export function bytesToPayFor(): u32 {
  const used = load<u32>(VM_BYTES_USED);
  const due = load<u32>(GC_DUE_AT);
  return STEP_BYTES + (used > due ? used - due : 0);
}

function collectAt(bytes: u64): void {
  store<u32>(GC_DUE_AT, <u32>min(bytes, <u64>NO_LIMIT));
  store<u32>(VM_COLLECT_AT, CHECKED && (load<u32>(HEAP_STRESS) % STRESS_TRACES != 0 || hasFailures()) ? 0 : <u32>min(bytes, <u64>NO_LIMIT));
}

/** Sets the limit of VM_BYTES_HELD, 0 = none. What is in use already stays. */
export function setMemoryLimit(limit: u32): void {
  store<u32>(VM_BYTES_LIMIT, limit);
  scheduleCollection();
  if (load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED) scheduleStep(0);
}

/** Kinds of stress: a whole cycle, or a piece of one, after every allocation; some pieces wherever a trace is entered or left. */
export const STRESS_CYCLES: u32 = 1;
export const STRESS_PIECES: u32 = 2;
export const STRESS_TRACES: u32 = 3;

/** Debug builds: the kind of stress under way, 0 = none. */
export function collectorStress(): u32 { return load<u32>(HEAP_STRESS); }

/** Debug builds: makes the collector work, and checks the heap, again and again. @param kind STRESS_*, 0 = none */
export function setCollectorStress(kind: u32): void {
  store<u32>(HEAP_STRESS, kind);
  scheduleCollection();
}

/** Asks for a collection if `bytes` more in use are above VM_COLLECT_AT. */
function noteUse(bytes: u32): void {
  if (<u64>load<u32>(VM_BYTES_USED) + bytes > <u64>load<u32>(VM_COLLECT_AT) && !load<u32>(VM_COLLECTOR_STOPPED)) store<u32>(VM_COLLECT_DUE, 1);
}

function allocateCellSlowly(cells: u32, sizeClass: u32, size: u32): u32 {
  noteUse(size);
  if (CHECKED && failsOnPurpose()) return 0;
  const list = cells + sizeClass * 4;
  if (!load<u32>(list)) {
    if (cells == HEAP_OBJECT_CELLS && load<u32>(VM_COLLECT_PHASE) == COLLECT_SWEEP && !hasPartialBlock(sizeClass)) sweepForCells(sizeClass);
    if (!refillCells(cells, sizeClass)) return 0;
  }
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
  if (size > MAX_LARGE || !mayHold(<u64>size + 2 * CHUNK_HEADER) || (CHECKED && failsOnPurpose())) return 0;
  noteUse(size);
  const chunk = allocateChunk(size);
  if (chunk) countLarge(chunkSize(chunk) + CHUNK_HEADER);
  return chunk;
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

/**
 * Makes a large block of raw memory an object, cut to `size` bytes, which are more than MAX_SMALL: what was built there need not be copied. @param oldSize of the block
 * @returns it, its header written
 */
export function adoptObject(tag: u32, block: u32, oldSize: u32, size: u32): u32 {
  const object = reallocateRaw(block, oldSize, size);
  linkChunk(HEAP_LARGE_OBJECTS, object);
  store<u32>(object, tag | (load<u32>(VM_CURRENT_WHITE) << (OBJECT_MARK * 8)));
  return object;
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

/** Has the heap a hole for so large a block, and may it hold the old one and the new one for a moment? If holes were not used, memory would grow for ever. */
function mayMove(size: u32): bool { return isWithinLimit(<u64>size + 2 * CHUNK_HEADER) && hasFreeChunk(size); }

/** Changes the size of a large block where it is. @returns false if it would have to move, or memory ran out */
export function resizeInPlace(pointer: u32, oldSize: u32, newSize: u32): bool {
  if (oldSize <= MAX_SMALL || newSize <= MAX_SMALL || newSize > MAX_LARGE) return false;
  if (newSize > oldSize && (!mayHold(newSize - oldSize + 2 * CHUNK_HEADER) || (CHECKED && failsOnPurpose()))) return false;
  const before = chunkSize(pointer);
  if (!resizeChunk(pointer, newSize) && !(newSize >= EXTENDED && !mayMove(newSize) && extendChunk(pointer, newSize))) return false;
  noteUse(newSize);
  countLarge(chunkSize(pointer) - before);
  return true;
}

/** May so many bytes of raw memory be taken? If not that is noted, as when they are. */
export function mayAllocateRaw(size: u32): bool { return mayHold(<u64>size + 2 * CHUNK_HEADER); }

/** As reallocateRaw, but 0 when memory ran out (the old block is then untouched). */
export function tryReallocateRaw(pointer: u32, oldSize: u32, newSize: u32): u32 {
  if (!pointer) return tryAllocateRaw(newSize);
  if (resizeInPlace(pointer, oldSize, newSize)) return pointer;
  if (oldSize <= MAX_SMALL && newSize <= MAX_SMALL && classOf(oldSize) == classOf(newSize)) return pointer;
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
