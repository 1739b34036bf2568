/** All cells of one kind of object, one after the other. Kinds of a fixed size, up to MAX_SMALL bytes. */
import { OBJECT_TAG } from '../../bytecode/layout';
import { BLOCK_CELLS, HEAP_OBJECT_BLOCKS, blockOf, lastCell } from '../memory/block';
import { cellSize, classOf } from '../memory/size-class';

/**
 * The next object with this tag, dead ones that are not swept yet included; 0 at the end. Nothing may be allocated or freed in between.
 * @param size of these objects @param object the last one, 0 for the first
 */
export function nextObject(tag: u32, size: u32, object: u32): u32 {
  const sizeClass = classOf(size);
  const step = cellSize(sizeClass);
  let block = object ? blockOf(object, step) : load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4);
  let cell = object ? object - step : 0;
  for (; block; block = load<u32>(block), cell = 0) {
    if (!cell) cell = lastCell(block, step);
    for (; cell >= block + BLOCK_CELLS; cell -= step) if (<u32>load<u8>(cell, OBJECT_TAG) == tag) return cell;
  }
  return 0;
}
