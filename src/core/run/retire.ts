/** What a thread of the host lent to a VM, once that thread has no part in it any more. */
import { BUILTIN_HANDLE, HOST_CLOSURE, HOST_GONE, OBJECT_TAG, TAG_BUILTIN, TAG_USERDATA, USERDATA_HANDLE } from '../../bytecode/layout';
import { BLOCK_CELLS, HEAP_OBJECT_BLOCKS, lastCell } from '../memory/block';
import { chunkNextLink } from '../memory/chunk';
import { HEAP_LARGE_OBJECTS } from '../memory/free';
import { HOST_OBJECT_COST, chargeHost } from '../memory/limit';
import { CLASS_COUNT, cellSize } from '../memory/size-class';

/** Host API: functions and userdata with these handles stand for nothing any more. @param first, count of objects; closures have the same behind HOST_CLOSURE */
export function retireHandles(first: u32, count: u32): void {
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) retire(cell, first, count);
    }
  }
  for (let object = load<u32>(HEAP_LARGE_OBJECTS); object; object = chunkNextLink(object)) retire(object, first, count);
}

function retire(object: u32, first: u32, count: u32): void {
  const tag = <u32>load<u8>(object, OBJECT_TAG);
  if (tag == TAG_BUILTIN) {
    if (load<u32>(object, BUILTIN_HANDLE) - HOST_CLOSURE - first < count) store<u32>(object, HOST_GONE, BUILTIN_HANDLE);
  } else if (tag == TAG_USERDATA && load<u32>(object, USERDATA_HANDLE) - first < count) {
    store<u32>(object, 0, USERDATA_HANDLE);
    chargeHost(-<i32>HOST_OBJECT_COST);
  }
}
