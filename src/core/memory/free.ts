/** Giving memory back: cells to their blocks, large chunks to the chunks, and the bytes to the account. */
import { chunkSize } from './chunk';
import { TAG_FREE, VM_BYTES_USED, VM_HEAP } from '../../bytecode/layout';
import { CELL_NEXT, HEAP_OBJECT_CELLS, giveBackCell } from './block';
import { CHUNK_HEADER, freeChunk, unlinkChunk } from './chunk';
import { hold } from './limit';
import { MAX_SMALL, cellSize, classOf } from './size-class';

export const HEAP_LARGE_OBJECTS: u32 = VM_HEAP + 700;

/** Counts bytes of large chunks, taken or given back. */
export function countLarge(bytes: i32): void {
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) + bytes);
  hold(bytes);
}

function freeLarge(chunk: u32): void {
  countLarge(-<i32>(chunkSize(chunk) + CHUNK_HEADER));
  freeChunk(chunk);
}

/** Frees an object's own memory (what it points to is the caller's affair). @param size the size it was allocated with */
export function freeObject(pointer: u32, size: u32): void {
  if (size > MAX_SMALL) {
    unlinkChunk(HEAP_LARGE_OBJECTS, pointer);
    freeLarge(pointer);
    return;
  }
  const sizeClass = classOf(size);
  // Its block may be one the sweep has yet to come to: back to where it was taken from, then the sweep finds a free cell.
  const list = HEAP_OBJECT_CELLS + sizeClass * 4;
  store<u32>(pointer, TAG_FREE);
  store<u32>(pointer, load<u32>(list), CELL_NEXT);
  store<u32>(list, pointer);
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - cellSize(sizeClass));
}

export function freeRaw(pointer: u32, size: u32): void {
  if (size > MAX_SMALL) {
    freeLarge(pointer);
    return;
  }
  const sizeClass = classOf(size);
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - cellSize(sizeClass));
  giveBackCell(pointer, sizeClass);
}
