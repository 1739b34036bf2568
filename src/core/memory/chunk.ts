/**
 * Chunk allocator: large blocks of any size on top of memory.grow. Owns the memory from __heap_base to VM_MEMORY_END, behind which it may have pages that are not needed yet.
 * Clients: heap.ts only (blocks of small cells, large objects, large raw memory).
 *
 * A chunk is a 16-byte header and a payload; addresses handed around here are payload addresses, 16-byte aligned:
 *
 *   header +0 previous    header of the physically preceding chunk, 0 for the first
 *          +4 size        bytes of payload (multiple of 16), bit 0 set while free
 *          +8 next link   \ free: list of chunks of the same size bin
 *          +12 prev link  / in use: the owner's (heap.ts links large objects); payload addresses, 0 ends
 *
 * Invariants: no two adjacent chunks are free; the last chunk is a sentinel of size 0 that is never free.
 *
 * Bins are segregated by two levels, power of two and sixteenth of it, with bitmaps of the bins in use (Masmano et al., "TLSF"), so that
 * both operations take constant time: a search through one free list would make a table's growth depend on fragmentation.
 */
import { VM_HEAP, VM_HEAP_START, VM_MEMORY_END } from '../../bytecode/layout';
import { hostGrown } from '../base/host';
import { memoryCeiling, noteFailure } from './limit';

export const CHUNK_HEADER: u32 = 16;
// Offsets from the payload to the header's fields.
const PREVIOUS: u32 = 16;
const SIZE: u32 = 12;
const NEXT: u32 = 8;
const PREV: u32 = 4;
const FREE: u32 = 1;

/** Lowest address of an object: inline caches tell a shape's address from a slot's offset by its size (CACHE_SLOT in layout.ts). */
const FIRST_ADDRESS: u32 = 65536;
const PAGE_SHIFT: u32 = 16;
/** One page less than 4 GB, so that the end of memory is a u32. */
const MAX_PAGES: u32 = 65535;
const MIN_GROWTH_PAGES: u32 = 4;
const BIN_TRIES = 32;
/**
 * From this size on chunks are a multiple of a page and PAGE_OFFSET apart. Blocks whose starts have the same low bits are in each other's way, in a
 * processor's caches and where it compares a load's address with the stores before it: neighbours of a power of two bytes each had all but the same, and a
 * Fourier transform of two arrays took twice as long. (So does jemalloc, by "cache-oblivious" large allocations.)
 */
const OFFSET_SIZE: u32 = 65536;
const PAGE_OFFSET: u32 = 23 * 64;

/** Cells of VM_HEAP this file owns. */
const HEAP_CONTROL: u32 = VM_HEAP_START;
const HEAP_END: u32 = VM_MEMORY_END;
const HEAP_FIRST_CHUNK: u32 = VM_HEAP + 1008;

// Control block at the start of the heap: bitmap of first levels | bitmaps of second levels | list heads.
const LEVELS: u32 = 25;
const CONTROL_SECOND: u32 = 4;
const CONTROL_HEADS: u32 = 112;
const CONTROL_SIZE: u32 = CONTROL_HEADS + LEVELS * 64;

// @ts-ignore: decorator
@inline export function chunkSize(chunk: u32): u32 { return load<u32>(chunk - SIZE) & ~FREE; }
// @ts-ignore: decorator
@inline export function chunkIsFree(chunk: u32): bool { return (load<u32>(chunk - SIZE) & FREE) != 0; }
// @ts-ignore: decorator
@inline export function chunkNextLink(chunk: u32): u32 { return load<u32>(chunk - NEXT); }
/** Physically following chunk. */
// @ts-ignore: decorator
@inline export function chunkAfter(chunk: u32): u32 { return chunk + chunkSize(chunk) + CHUNK_HEADER; }
/** First chunk in address order; the walk by chunkAfter ends at the sentinel, whose size is 0. */
export function firstChunk(): u32 { return load<u32>(HEAP_FIRST_CHUNK); }

/** Host API: the next free chunk in address order, 0 at the end. @param chunk 0 for the first one */
export function nextFreeChunk(chunk: u32): u32 {
  chunk = chunk ? chunkAfter(chunk) : firstChunk();
  while (chunkSize(chunk) != 0 && !chunkIsFree(chunk)) chunk = chunkAfter(chunk);
  return chunkSize(chunk) ? chunk : 0;
}

/** Pushes a chunk in use on the owner's doubly linked list whose head is stored at `list`. */
export function linkChunk(list: u32, chunk: u32): void {
  const head = load<u32>(list);
  store<u32>(chunk - NEXT, head);
  store<u32>(chunk - PREV, 0);
  if (head) store<u32>(head - PREV, chunk);
  store<u32>(list, chunk);
}

export function unlinkChunk(list: u32, chunk: u32): void {
  const next = load<u32>(chunk - NEXT);
  const prev = load<u32>(chunk - PREV);
  if (next) store<u32>(next - PREV, prev);
  if (prev) store<u32>(prev - NEXT, next);
  else store<u32>(list, next);
}

// @ts-ignore: decorator
@inline function firstLevel(size: u32): u32 { return size < 256 ? 0 : 24 - clz(size); }
// @ts-ignore: decorator
@inline function secondLevel(size: u32): u32 { return size < 256 ? size >> 4 : (size >> (27 - clz(size))) & 15; }
// @ts-ignore: decorator
@inline function binHead(first: u32, second: u32): u32 { return load<u32>(HEAP_CONTROL) + CONTROL_HEADS + ((first << 4) + second) * 4; }
// @ts-ignore: decorator
@inline function secondBitmap(first: u32): u32 { return load<u32>(HEAP_CONTROL) + CONTROL_SECOND + first * 4; }

/** Bytes of the chunk that holds a block of `size`. */
function roundUp(size: u32): u32 {
  if (size < OFFSET_SIZE) return max((size + 15) & ~15, 16);
  const offset = PAGE_OFFSET - CHUNK_HEADER;
  return ((size - offset + 4095) & ~4095) + offset;
}

function insertFree(chunk: u32): void {
  const size = load<u32>(chunk - SIZE);
  const first = firstLevel(size);
  const second = secondLevel(size);
  store<u32>(chunk - SIZE, size | FREE);
  linkChunk(binHead(first, second), chunk);
  const bitmap = secondBitmap(first);
  store<u32>(bitmap, load<u32>(bitmap) | (1 << second));
  const control = load<u32>(HEAP_CONTROL);
  store<u32>(control, load<u32>(control) | (1 << first));
}

/** Takes a free chunk out of its bin and marks it as used. */
function removeFree(chunk: u32): void {
  const size = chunkSize(chunk);
  const first = firstLevel(size);
  const second = secondLevel(size);
  const head = binHead(first, second);
  unlinkChunk(head, chunk);
  store<u32>(chunk - SIZE, size);
  if (load<u32>(head)) return;
  const bitmap = secondBitmap(first);
  const left = load<u32>(bitmap) & ~(1 << second);
  store<u32>(bitmap, left);
  if (left) return;
  const control = load<u32>(HEAP_CONTROL);
  store<u32>(control, load<u32>(control) & ~(1 << first));
}

/** A free chunk of at least `size` bytes from a bin all of whose chunks are large enough; 0 if there is none. */
function findFree(size: u32): u32 {
  if (size >= 256) {
    const roundedUp = size + (<u32>1 << (27 - clz(size))) - 1;
    if (roundedUp < size) return 0;
    size = roundedUp;
  }
  let first = firstLevel(size);
  let bits = load<u32>(secondBitmap(first)) & (<u32>-1 << secondLevel(size));
  if (!bits) {
    if (first + 1 >= LEVELS) return 0;
    const levels = load<u32>(load<u32>(HEAP_CONTROL)) & (<u32>-1 << (first + 1));
    if (!levels) return 0;
    first = ctz(levels);
    bits = load<u32>(secondBitmap(first));
  }
  return load<u32>(binHead(first, ctz(bits)));
}

/**
 * A free chunk of at least `size` bytes from the bin that also has smaller ones: what a block of just that size left. A few looks: a block that is used
 * and freed again and again must find its place, but no search may be long.
 */
function findInBin(size: u32): u32 {
  let chunk = load<u32>(binHead(firstLevel(size), secondLevel(size)));
  for (let tries = 0; chunk != 0 && tries < BIN_TRIES; tries++, chunk = chunkNextLink(chunk)) if (chunkSize(chunk) >= size) return chunk;
  return 0;
}

/** Cuts a used chunk to `size` bytes; the rest becomes a free chunk if it can hold anything. */
function trimChunk(chunk: u32, size: u32): void {
  const total = chunkSize(chunk);
  if (total - size < CHUNK_HEADER + 16) return;
  const rest = chunk + size + CHUNK_HEADER;
  store<u32>(chunk - SIZE, size);
  store<u32>(rest - PREVIOUS, chunk);
  store<u32>(rest - SIZE, total - size - CHUNK_HEADER);
  store<u32>(chunkAfter(rest) - PREVIOUS, rest);
  freeChunk(rest);
}

/** The chunk in front of the sentinel if it is free, else 0. */
function lastFree(): u32 {
  const last = load<u32>(load<u32>(HEAP_END) - PREVIOUS);
  return last != 0 && chunkIsFree(last) ? last : 0;
}

/** Makes sure of that many pages. There may be more: the memory was another VM's then. */
function growMemory(pages: u32): bool {
  const missing = <i32>(pages - <u32>memory.size());
  return missing <= 0 || memory.grow(missing) >= 0;
}

/** Grows the heap so that the last chunk is a free one of `size` bytes at least. @returns false if the host or the limit refuses */
function growHeap(size: u32): bool {
  const last = lastFree();
  const missing = <u64>size - (last ? chunkSize(last) : 0) + (last ? 0 : CHUNK_HEADER);
  const pages = load<u32>(HEAP_END) >> PAGE_SHIFT;
  const needed = <u32>((missing + 0xffff) >> PAGE_SHIFT);
  const ceiling = <u32>min<u64>(memoryCeiling(load<u32>(HEAP_CONTROL)) >> PAGE_SHIFT, <u64>MAX_PAGES);
  if (pages + needed > ceiling) return false;
  let wanted = min(max(max(needed, pages >> 2), MIN_GROWTH_PAGES), ceiling - pages);
  if (!growMemory(pages + wanted)) {
    wanted = needed;
    if (!growMemory(pages + wanted)) return false;
  }
  hostGrown();
  const added = load<u32>(HEAP_END);
  const bytes = wanted << PAGE_SHIFT;
  // The sentinel becomes the header of the new memory.
  store<u32>(added - SIZE, bytes - CHUNK_HEADER);
  writeSentinel(added + bytes, added);
  freeChunk(added);
  return true;
}

function writeSentinel(end: u32, previous: u32): void {
  store<u32>(end - PREVIOUS, previous);
  store<u32>(end - SIZE, 0);
  store<u32>(HEAP_END, end);
}

export function initChunks(): void {
  const control = max((<u32>__heap_base + 15) & ~15, FIRST_ADDRESS);
  const chunk = control + CONTROL_SIZE + CHUNK_HEADER;
  if (<u32>memory.size() << PAGE_SHIFT < chunk + 1024) {
    memory.grow(2);
    hostGrown();
  }
  const end = <u32>memory.size() << PAGE_SHIFT;
  memory.fill(control, 0, CONTROL_SIZE);
  store<u32>(HEAP_CONTROL, control);
  store<u32>(HEAP_FIRST_CHUNK, chunk);
  store<u32>(chunk - PREVIOUS, 0);
  store<u32>(chunk - SIZE, end - CHUNK_HEADER - chunk);
  writeSentinel(end, chunk);
  insertFree(chunk);
}

/** @returns the payload, or 0 when the memory cannot grow */
export function allocateChunk(size: u32): u32 {
  size = roundUp(size);
  let chunk = findFree(size);
  if (!chunk) chunk = findInBin(size);
  if (!chunk) {
    if (!growHeap(size)) {
      noteFailure();
      return 0;
    }
    chunk = lastFree();
  }
  removeFree(chunk);
  trimChunk(chunk, size);
  return chunk;
}

/**
 * A chunk of `alignment` - CHUNK_HEADER bytes whose payload is aligned to `alignment`: neighbours fit without a gap.
 * @returns 0 when the memory cannot grow
 */
export function allocateAlignedChunk(alignment: u32): u32 {
  const size = alignment - CHUNK_HEADER;
  // A hole a former block of this kind left is in one bin; a few looks find it unless the heap is odd.
  let chunk = load<u32>(binHead(firstLevel(size), secondLevel(size)));
  for (let tries = 0; chunk != 0 && tries < 4; tries++) {
    if ((chunk & (alignment - 1)) == 0 && chunkSize(chunk) >= size) {
      removeFree(chunk);
      return chunk;
    }
    chunk = chunkNextLink(chunk);
  }
  const roomy = allocateChunk(2 * alignment + CHUNK_HEADER);
  if (!roomy) return 0;
  let aligned = (roomy + alignment - 1) & ~(alignment - 1);
  if (aligned != roomy) {
    if (aligned - roomy < CHUNK_HEADER + 16) aligned += alignment;
    // Split: the front goes back.
    const total = chunkSize(roomy);
    const front = aligned - roomy - CHUNK_HEADER;
    store<u32>(roomy - SIZE, front);
    store<u32>(aligned - PREVIOUS, roomy);
    store<u32>(aligned - SIZE, total - front - CHUNK_HEADER);
    store<u32>(chunkAfter(aligned) - PREVIOUS, aligned);
    freeChunk(roomy);
  }
  trimChunk(aligned, size);
  return aligned;
}

/** Frees a used chunk and joins it with free neighbours. */
export function freeChunk(chunk: u32): void {
  const after = chunkAfter(chunk);
  if (chunkIsFree(after)) {
    removeFree(after);
    store<u32>(chunk - SIZE, chunkSize(chunk) + CHUNK_HEADER + chunkSize(after));
  }
  const before = load<u32>(chunk - PREVIOUS);
  if (before != 0 && chunkIsFree(before)) {
    removeFree(before);
    store<u32>(before - SIZE, chunkSize(before) + CHUNK_HEADER + chunkSize(chunk));
    chunk = before;
  }
  store<u32>(chunkAfter(chunk) - PREVIOUS, chunk);
  insertFree(chunk);
}

/** Makes a used chunk `size` bytes large without moving it. @returns false (unchanged) if the next chunk is in the way */
export function resizeChunk(chunk: u32, size: u32): bool {
  size = roundUp(size);
  const old = chunkSize(chunk);
  if (size > old) {
    const after = chunkAfter(chunk);
    if (!chunkIsFree(after)) return false;
    const joined = old + CHUNK_HEADER + chunkSize(after);
    if (joined < size) return false;
    removeFree(after);
    store<u32>(chunk - SIZE, joined);
    store<u32>(chunkAfter(chunk) - PREVIOUS, chunk);
  }
  trimChunk(chunk, size);
  return true;
}

/** Is there a free chunk of that size, so that memory need not grow for it? */
export function hasFreeChunk(size: u32): bool {
  size = roundUp(size);
  return findFree(size) != 0 || findInBin(size) != 0;
}

/** The same at the end of memory, which grows for it. @returns false (unchanged) if the chunk is not there, or memory does not grow */
export function extendChunk(chunk: u32, size: u32): bool {
  const after = chunkAfter(chunk);
  const end = load<u32>(HEAP_END);
  if (after != end && (!chunkIsFree(after) || chunkAfter(after) != end)) return false;
  return growHeap(roundUp(size) - chunkSize(chunk)) && resizeChunk(chunk, size);
}

/** Debug builds: 0, or a code, if the chain of chunks or the bins are broken. */
export function verifyChunks(): u32 {
  let previous: u32 = 0;
  let chunk = firstChunk();
  let freeBytes: u64 = 0;
  while (chunkSize(chunk)) {
    if (load<u32>(chunk - PREVIOUS) != previous) return 101;
    if (chunk & 15) return 102;
    if (chunkIsFree(chunk)) {
      if (previous != 0 && chunkIsFree(previous)) return 103;
      freeBytes += chunkSize(chunk);
    }
    previous = chunk;
    chunk = chunkAfter(chunk);
    if (chunk <= previous || chunk > load<u32>(HEAP_END)) return 104;
  }
  if (chunk != load<u32>(HEAP_END) || load<u32>(chunk - PREVIOUS) != previous) return 105;
  for (let first: u32 = 0; first < LEVELS; first++) {
    for (let second: u32 = 0; second < 16; second++) {
      let entry = load<u32>(binHead(first, second));
      if ((entry != 0) != ((load<u32>(secondBitmap(first)) & (1 << second)) != 0)) return 106;
      while (entry) {
        if (!chunkIsFree(entry)) return 107;
        if (firstLevel(chunkSize(entry)) != first || secondLevel(chunkSize(entry)) != second) return 108;
        if (freeBytes < chunkSize(entry)) return 109;
        freeBytes -= chunkSize(entry);
        entry = chunkNextLink(entry);
      }
    }
  }
  return freeBytes == 0 ? 0 : 109;
}
