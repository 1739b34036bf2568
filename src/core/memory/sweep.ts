/**
 * Sweeping: frees dead objects and what they own, makes the others white. What an object owns is in release.ts.
 */
import { MARK_FIXED, OBJECT_MARK, OBJECT_TAG, TAG_FREE, VM_BYTES_USED, VM_CURRENT_WHITE } from '../../bytecode/layout';
import { chargeTime } from '../base/budget';
import { BLOCK_CELLS, BLOCK_FREE, CELL_NEXT, blockSize, finishBlock, lastCell, nextBlockToSweep, startBlockSweep } from './block';
import { chunkNextLink } from './chunk';
import { GC_ESTIMATE, GC_SWEEP_CLASS, GC_SWEEP_LARGE } from './collector-state';
import { isDead, setColour } from './colour';
import { HEAP_LARGE_OBJECTS, freeObject } from './free';
import { freeParts } from './release';
import { CLASS_COUNT, MAX_SMALL, cellSize } from './size-class';

/** Bytes of blocks an allocation sweeps at most before it rather takes a new one. */
const EAGER_BYTES: u32 = 32768;
/** Work of freeing an object, in bytes looked at. */
const FREE_WORK: u32 = 64;
const FREE_STEPS: u32 = 4;
/** Steps that sweeping a block counts for besides its cells: its headers are not in the cache. */
const SWEEP_STEPS: u32 = 512;

export function startSweep(): void {
  startBlockSweep();
  store<u32>(GC_SWEEP_CLASS, 1);
  store<u32>(GC_SWEEP_LARGE, load<u32>(HEAP_LARGE_OBJECTS));
}

/** Does one piece of sweeping. @returns work done; 0 when all is swept */
export function sweepNext(): u32 {
  for (let sizeClass = load<u32>(GC_SWEEP_CLASS); sizeClass < CLASS_COUNT; sizeClass++) {
    const block = nextBlockToSweep(sizeClass);
    if (block) return sweepBlock(block, sizeClass);
    store<u32>(GC_SWEEP_CLASS, sizeClass + 1);
  }
  const object = load<u32>(GC_SWEEP_LARGE);
  if (!object) return 0;
  store<u32>(GC_SWEEP_LARGE, chunkNextLink(object));
  if (isDead(object)) {
    const used = load<u32>(VM_BYTES_USED);
    freeParts(object, load<u8>(object, OBJECT_TAG));
    freeObject(object, MAX_SMALL + 1);
    noteFreed(used);
  } else if (load<u8>(object, OBJECT_MARK) != MARK_FIXED) setColour(object, load<u32>(VM_CURRENT_WHITE));
  return FREE_WORK;
}

/** For an allocation without cells at hand: sweeps blocks of the class until one has free cells. */
export function sweepForCells(sizeClass: u32): void {
  for (let left = EAGER_BYTES / blockSize(cellSize(sizeClass)); left; left--) {
    const block = nextBlockToSweep(sizeClass);
    if (!block) return;
    sweepBlock(block, sizeClass);
    if (load<u32>(block, BLOCK_FREE)) return;
  }
}

function noteFreed(usedBefore: u32): void {
  store<u32>(GC_ESTIMATE, load<u32>(GC_ESTIMATE) - (usedBefore - load<u32>(VM_BYTES_USED)));
}

/** Sweeps a block: its list has its free cells in address order then; a block without objects is given back. @returns work done */
function sweepBlock(block: u32, sizeClass: u32): u32 {
  const size = cellSize(sizeClass);
  const white = load<u32>(VM_CURRENT_WHITE);
  const usedBefore = load<u32>(VM_BYTES_USED);
  let list: u32 = 0;
  let free: u32 = 0;
  let freed: u32 = 0;
  for (let cell = lastCell(block, size); cell >= block + BLOCK_CELLS; cell -= size) {
    const tag = <u32>load<u8>(cell, OBJECT_TAG);
    if (tag != TAG_FREE) {
      const mark = <u32>load<u8>(cell, OBJECT_MARK);
      if (mark != (white ^ 1)) {
        if (mark != MARK_FIXED) setColour(cell, white);
        continue;
      }
      freeParts(cell, tag);
      store<u32>(cell, TAG_FREE);
      freed++;
    }
    store<u32>(cell, list, CELL_NEXT);
    list = cell;
    free++;
  }
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) - freed * size);
  noteFreed(usedBefore);
  finishBlock(block, sizeClass, list, free);
  chargeTime(SWEEP_STEPS + blockSize(size) / size + freed * FREE_STEPS);
  return blockSize(size) / 8 + freed * FREE_WORK;
}
