/**
 * The lower part of the heap checker: blocks, free cells, and whether memory is there that an object says it has. What is looked at may come from anybody, so
 * each walk along a list has an end.
 */
import { OBJECT_TAG, TAG_FREE } from '../../bytecode/layout';
import {
  BLOCKS_OF_CELLS, BLOCK_CELLS, BLOCK_FREE, BLOCK_PARTIAL_NEXT, CELL_NEXT, HEAP_OBJECT_CELLS, HEAP_RAW_CELLS, PARTIAL_OF_CELLS, blockList, blockOf, blockSize, cellsPerBlock,
} from '../memory/block';
import { CHUNK_HEADER, chunkIsFree, chunkSize } from '../memory/chunk';
import { CLASS_COUNT, MAX_SMALL, cellSize, classOf, initSizeClasses } from '../memory/size-class';

/** Members that no list has more of: none has less than 16 bytes. */
export function mostMembers(): u32 { return <u32>memory.size() << 12; }

/** Is this where a cell of a block can be? */
function isCell(cell: u32, size: u32): bool {
  const at = cell - blockOf(cell, size) - BLOCK_CELLS;
  return at % size == 0 && at / size < cellsPerBlock(size);
}

function isFreeCell(cell: u32, size: u32): bool { return isCell(cell, size) && <u32>load<u8>(cell, OBJECT_TAG) == TAG_FREE; }

/** Can an object own so many bytes of raw memory there? */
export function isPart(pointer: u32, size: u32): bool {
  if (size <= MAX_SMALL) return isCell(pointer, cellSize(classOf(size)));
  return (pointer & 15) == 0 && !chunkIsFree(pointer) && chunkSize(pointer) >= size;
}

/** 0, or a code. */
export function verifyCells(): u32 {
  // They are constants.
  initSizeClasses();
  const code = verifyKind(HEAP_OBJECT_CELLS);
  return code ? code : verifyKind(HEAP_RAW_CELLS);
}

function verifyKind(cells: u32): u32 {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    const list = cells + sizeClass * 4;
    let left = mostMembers();
    for (let block = load<u32>(list + BLOCKS_OF_CELLS), previous: u32 = 0; block; previous = block, block = load<u32>(block)) {
      if (!left-- || blockOf(block, size) != block || load<u32>(block, 4) != previous || chunkIsFree(block) || chunkSize(block) + CHUNK_HEADER < blockSize(size)) return 113;
    }
    for (let cell = load<u32>(list); cell; cell = load<u32>(cell, CELL_NEXT)) if (!left-- || !isFreeCell(cell, size)) return 114;
    for (let block = load<u32>(list + PARTIAL_OF_CELLS); block; block = load<u32>(block, BLOCK_PARTIAL_NEXT)) {
      let free = load<u32>(block, BLOCK_FREE);
      for (let cell = blockList(block); cell; cell = load<u32>(cell, CELL_NEXT)) if (!free-- || blockOf(cell, size) != block || !isFreeCell(cell, size)) return 115;
      if (free || !left--) return 115;
    }
  }
  return 0;
}
