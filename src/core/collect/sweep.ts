/**
 * Sweeping: frees dead objects and what they own, makes the others white. Knows for each tag what an object owns: tables, threads,
 * prototypes and shapes own raw memory, short strings an entry of the string table, host functions and userdata a handle, files their buffers; the rest own nothing.
 *
 * The sizes here are the contract with whoever allocates: the parts of a prototype (loader), the stack and frames of a thread (thread.ts).
 */
import {
  BUILTIN_HANDLE, BUILTIN_ID, EXTRA_STACK, FILE_BUFFER, FILE_INPUT, FILE_INPUT_SIZE, FILE_OUTPUT, LOCAL_DESC_SIZE, MARK_FIXED, OBJECT_EXTRA, OBJECT_MARK, OBJECT_TAG, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS,
  PROTO_CONSTANT_COUNT, PROTO_LINES, PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_UPVALUES,
  PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_BUILTIN, TAG_FREE, TAG_PROTO, TAG_SHAPE, TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_USERDATA, THREAD_FRAMES,
  THREAD_FRAMES_END, THREAD_STACK, THREAD_STACK_END, UPVALUE_DESC_SIZE, USERDATA_HANDLE, USERDATA_IS_FILE, VM_BYTES_USED, VM_CURRENT_WHITE,
} from '../../bytecode/layout';
import { chargeTime } from '../run/budget';
import { isDead, setColour } from '../memory/colour';
import { GC_ESTIMATE, GC_SWEEP_CLASS, GC_SWEEP_LARGE } from '../memory/collector-state';
import { CLASS_COUNT, HEAP_LARGE_OBJECTS, MAX_SMALL, cellSize, freeObject, freeRaw } from '../memory/heap';
import { BLOCK_CELLS, BLOCK_FREE, BLOCK_SIZE, CELL_NEXT, finishBlock, lastCell, nextBlockToSweep, startBlockSweep } from '../memory/block';
import { chunkNextLink, chunkSize } from '../memory/chunk';
import { HOST_OBJECT_COST } from '../objects/function';
import { chargeHost } from '../memory/limit';
import { hostRelease } from '../host';
import { freeShapeParts } from '../objects/shape';
import { unlinkString } from '../objects/string';
import { freeTableParts } from '../objects/table';

/** Blocks an allocation sweeps at most before it rather takes a new one. */
const EAGER_BLOCKS = 4;
/** Work of freeing an object, in bytes looked at. */
const FREE_WORK: u32 = 64;
const FREE_STEPS: u32 = 4;

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
  for (let i = 0; i < EAGER_BLOCKS; i++) {
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
  chargeTime(BLOCK_SIZE / size + freed * FREE_STEPS);
  return BLOCK_SIZE / 8 + freed * FREE_WORK;
}

/** Frees what a dead object owns besides its own cell. */
function freeParts(object: u32, tag: u32): void {
  switch (tag) {
    case TAG_STRING: unlinkString(object); break;
    case TAG_TABLE: freeTableParts(object); break;
    case TAG_USERDATA:
      if (load<u8>(object, OBJECT_EXTRA) == USERDATA_IS_FILE) {
        freePart(load<u32>(object, FILE_OUTPUT), FILE_BUFFER);
        freePart(load<u32>(object, FILE_INPUT), load<u32>(object, FILE_INPUT_SIZE));
      }
      if (load<u32>(object, USERDATA_HANDLE)) releaseHandle(tag, load<u32>(object, USERDATA_HANDLE));
      break;
    case TAG_BUILTIN:
      if (!load<u32>(object, BUILTIN_ID)) releaseHandle(tag, load<u32>(object, BUILTIN_HANDLE));
      break;
    case TAG_SHAPE: freeShapeParts(object); break;
    case TAG_THREAD:
      freePart(load<u32>(object, THREAD_STACK), load<u32>(object, THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE - load<u32>(object, THREAD_STACK));
      freePart(load<u32>(object, THREAD_FRAMES), load<u32>(object, THREAD_FRAMES_END) - load<u32>(object, THREAD_FRAMES));
      break;
    case TAG_PROTO:
      freePart(load<u32>(object, PROTO_CODE), load<u32>(object, PROTO_CODE_SIZE));
      freePart(load<u32>(object, PROTO_CONSTANTS), load<u32>(object, PROTO_CONSTANT_COUNT) * SLOT_SIZE);
      freePart(load<u32>(object, PROTO_PROTOS), load<u32>(object, PROTO_PROTO_COUNT) * 4);
      freePart(load<u32>(object, PROTO_UPVALUES), load<u32>(object, PROTO_UPVALUE_COUNT) * UPVALUE_DESC_SIZE);
      freePart(load<u32>(object, PROTO_LINES), load<u32>(object, PROTO_CODE_SIZE) / 2);
      freePart(load<u32>(object, PROTO_LOCALS), load<u32>(object, PROTO_LOCAL_COUNT) * LOCAL_DESC_SIZE);
      break;
    default:
  }
}

function releaseHandle(tag: u32, handle: u32): void {
  chargeHost(-<i32>HOST_OBJECT_COST);
  hostRelease(tag, handle);
}

// @ts-ignore: decorator
@inline function freePart(pointer: u32, size: u32): void { if (pointer) freeRaw(pointer, size); }
