/**
 * A heap that another host's VM has made: what of it is that host's is taken back (pins, compiled code), and what must not be the same in two VMs, the keys of the
 * hashes and the random numbers, is drawn afresh.
 */
import {
  LOOP_COUNTER, LOOP_TRACE, OBJECT_FLAGS, OBJECT_TAG, PROTO_CODE, PROTO_CODE_SIZE, PROTO_SIZE, PROTO_TRACE, SHAPE_SIZE, STRING_HASHED, STRING_SHORT, TABLE_SIZE, TAG_PROTO,
  TAG_SHAPE, TAG_STRING, TAG_TABLE, VM_HOT_LOOP,
} from '../../bytecode/layout';
import { initHash } from '../base/hash';
import { throwMemoryError } from '../base/raise';
import { firstForm, hasLoopCounter, opcodeWords } from '../generated/opcodes';
import { seedRandomly } from '../lib/math';
import { BLOCK_CELLS, HEAP_OBJECT_BLOCKS, lastCell } from '../memory/block';
import { chunkNextLink } from '../memory/chunk';
import { HEAP_LARGE_OBJECTS } from '../memory/free';
import { CLASS_COUNT, cellSize } from '../memory/size-class';
import { rehashShape } from '../objects/shape';
import { rehashStrings } from '../strings/string-table';
import { tryRehashNodes } from '../objects/table-dictionary';
import { nextObject } from './walk';

export { dropPins } from '../collect/pin';
export { nextFreeChunk } from '../memory/chunk';

/** Host API: all loops count from the start, all functions are interpreted: none has compiled code, none is known to be no good for it. */
export function resetLoops(): void {
  const counter = load<u32>(VM_HOT_LOOP);
  for (let proto = nextObject(TAG_PROTO, PROTO_SIZE, 0); proto; proto = nextObject(TAG_PROTO, PROTO_SIZE, proto)) {
    store<u32>(proto, 0, PROTO_TRACE);
    const code = load<u32>(proto, PROTO_CODE);
    for (let pc = code, end = code + load<u32>(proto, PROTO_CODE_SIZE); pc < end; pc += opcodeWords(load<u8>(pc)) * 8) {
      const op = <u32>load<u8>(pc);
      if (!hasLoopCounter(op)) continue;
      store<u8>(pc, <u8>firstForm(op));
      store<u32>(pc, counter, LOOP_COUNTER);
      store<u32>(pc, 0, LOOP_TRACE);
    }
  }
}

/** Forgets the hash of a long string: it is made when it is asked for. */
function forgetHash(object: u32): void {
  const flags = load<u8>(object, OBJECT_FLAGS);
  if (<u32>load<u8>(object, OBJECT_TAG) == TAG_STRING && !(flags & STRING_SHORT)) store<u8>(object, flags & ~STRING_HASHED, OBJECT_FLAGS);
}

/** Host API: new keys of hashes and another sequence of random numbers, for a VM between two cycles of the collector, in which no traversal of a table is under way. */
export function reseed(): void {
  initHash();
  seedRandomly();
  rehashStrings();
  for (let sizeClass: u32 = 1; sizeClass < CLASS_COUNT; sizeClass++) {
    const size = cellSize(sizeClass);
    for (let block = load<u32>(HEAP_OBJECT_BLOCKS + sizeClass * 4); block; block = load<u32>(block)) {
      for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) forgetHash(cell);
    }
  }
  for (let object = load<u32>(HEAP_LARGE_OBJECTS); object; object = chunkNextLink(object)) forgetHash(object);
  for (let shape = nextObject(TAG_SHAPE, SHAPE_SIZE, 0); shape; shape = nextObject(TAG_SHAPE, SHAPE_SIZE, shape)) rehashShape(shape);
  // Nodes are raw memory: no object moves meanwhile.
  for (let table = nextObject(TAG_TABLE, TABLE_SIZE, 0); table; table = nextObject(TAG_TABLE, TABLE_SIZE, table)) if (!tryRehashNodes(table)) throwMemoryError();
}
