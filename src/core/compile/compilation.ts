/** The life of a compilation: clean cells at its begin, nothing left of it at its end. */
import { COMPILE_FAILED, VM_COMPILER, VM_COMPILE_MARKER } from '../../bytecode/layout';
import { freeRaw } from '../memory/free';
import { allocateRaw } from '../memory/heap';
import { markCompilations } from './mark';
import { payForError } from './lex/source';
import { freeBuffers } from './state/buffers';
import {
  BLOCK_TOP, BUCKETS, BUCKET_COUNT, CELLS_SIZE, CHUNK_NAME, DESCRIPTOR_TOP, FUNCTION, FUNCTION_TOP, INTERRUPTED, LEX_AHEAD, NESTING, NOT_PEEKED,
} from './state/cells';
import { F_UPVALUES, F_UPVALUE_ROOM } from './state/records';
import { MAX_NESTING, resetStacks } from './state/stacks';

/**
 * Begins a compilation; `endCompilation` has to follow it, also when `compileChunk` raised an error.
 * @param name of the chunk, a string object: `@file`, `=name`, or the source text
 */
export function beginCompilation(name: u32): void {
  let saved: u32 = 0;
  if (load<u32>(VM_COMPILE_MARKER)) {
    saved = allocateRaw(CELLS_SIZE);
    memory.copy(saved, VM_COMPILER, CELLS_SIZE);
  }
  memory.fill(VM_COMPILER, 0, CELLS_SIZE);
  resetStacks();
  if (saved) {
    store<u32>(DESCRIPTOR_TOP, cellOf(saved, DESCRIPTOR_TOP));
    store<u32>(BLOCK_TOP, cellOf(saved, BLOCK_TOP));
    store<u32>(FUNCTION_TOP, cellOf(saved, FUNCTION_TOP));
    store<u32>(INTERRUPTED, saved);
  }
  store<u32>(NESTING, firstLevel(saved));
  store<u32>(CHUNK_NAME, name);
  store<u32>(LEX_AHEAD, NOT_PEEKED);
  store<u32>(COMPILE_FAILED, 0);
  store<u32>(VM_COMPILE_MARKER, markCompilations.index);
}

/** Level of nesting that a compilation begins with. The static stacks have room for a level more than may be used. */
function firstLevel(interrupted: u32): u32 { return interrupted ? min(cellOf(interrupted, NESTING) + 1, MAX_NESTING) : 0; }

function cellOf(saved: u32, cell: u32): u32 { return load<u32>(saved + cell - VM_COMPILER); }

/** Gives back all memory of the compilation under way, whatever its state, and goes back to the one it interrupted. */
export function endCompilation(): void {
  payForError(load<u32>(NESTING) - firstLevel(load<u32>(INTERRUPTED)));
  freeBuffers();
  if (load<u32>(BUCKETS)) freeRaw(load<u32>(BUCKETS), load<u32>(BUCKET_COUNT) * 4);
  for (let f = load<u32>(FUNCTION); f; f = load<u32>(f)) if (load<u32>(f, F_UPVALUES)) freeRaw(load<u32>(f, F_UPVALUES), load<u32>(f, F_UPVALUE_ROOM));
  const saved = load<u32>(INTERRUPTED);
  if (!saved) {
    store<u32>(VM_COMPILE_MARKER, 0);
    return;
  }
  memory.copy(VM_COMPILER, saved, CELLS_SIZE);
  freeRaw(saved, CELLS_SIZE);
}
