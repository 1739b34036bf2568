/** What is not in use is zero, so that it need not travel with an image: free cells, stacks above what is in use, the buffer of strings under way. */
import {
  EXTRA_STACK, OBJECT_TAG, SLOT_SIZE, TAG_FREE, TAG_THREAD, THREAD_SIZE, THREAD_STACK, THREAD_STACK_END, VM_BUFFER,
} from '../../bytecode/layout';
import { BLOCK_CELLS, CELL_NEXT, HEAP_OBJECT_BLOCKS, HEAP_RAW_BLOCKS, HEAP_RAW_CELLS, blockList, lastCell } from '../memory/block';
import { chunkSize } from '../memory/chunk';
import { CLASS_COUNT, MAX_SMALL, cellSize } from '../memory/size-class';
import { stackTop } from '../objects/thread';
import { nextObject } from './walk';

const CELL_BYTES: u32 = 8;

function clearCells(cell: u32, size: u32): void {
  for (; cell; cell = load<u32>(cell, CELL_NEXT)) memory.fill(cell + CELL_BYTES, 0, size - CELL_BYTES);
}

function clearStack(thread: u32): void {
  const stack = load<u32>(thread, THREAD_STACK);
  if (!stack) return;
  const top = stackTop(thread);
  const used = load<u32>(thread, THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE;
  // A large stack may have been larger once.
  const end = used - stack > MAX_SMALL ? stack + chunkSize(stack) : used;
  if (top >= stack && top < end) memory.fill(top, 0, end - top);
}

/** Host API: between runs. */
export function clearUnused(): void {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    // A sweep under way has the free cells of objects on no list.
    for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
        if (<u32>load<u8>(cell, OBJECT_TAG) == TAG_FREE) memory.fill(cell + CELL_BYTES, 0, size - CELL_BYTES);
      }
    }
    for (let block = load<u32>(HEAP_RAW_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) clearCells(blockList(block), size);
    clearCells(load<u32>(HEAP_RAW_CELLS + sizeClass * 4), size);
  }
  for (let thread = nextObject(TAG_THREAD, THREAD_SIZE, 0); thread; thread = nextObject(TAG_THREAD, THREAD_SIZE, thread)) clearStack(thread);
  const buffer = load<u32>(VM_BUFFER);
  if (buffer) memory.fill(buffer + load<u32>(VM_BUFFER, 8), 0, load<u32>(VM_BUFFER, 4) - load<u32>(VM_BUFFER, 8));
}
