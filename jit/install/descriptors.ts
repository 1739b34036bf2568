/**
 * Trace and exit descriptors in linear memory: what the core reads when it enters and leaves compiled code (layout.ts, TRACE_*, EXIT_*).
 *
 * A function's descriptors are two raw blocks: the trace descriptor, whose address a loop instruction holds and which therefore
 * never moves, and the exits with their frame records behind them, which are made anew when a tree replaces a trace.
 */
import {
  EXIT_FLAGS, EXIT_FLAG_BUDGET, EXIT_FLAG_ENTER, EXIT_FRAMES, EXIT_FRAME_BASE, EXIT_FRAME_CALLER_PC, EXIT_FRAME_COUNT, EXIT_FRAME_KIND,
  EXIT_FRAME_RESULTS, EXIT_FRAME_SIZE, EXIT_HITS, EXIT_LENGTH, EXIT_PC, EXIT_SIDE_TRACE, EXIT_SIZE, EXIT_THRESHOLD, SLOT_SIZE, TRACE_ENTERED, TRACE_EXITS,
  TRACE_FUNCTION, TRACE_ROUNDS, TRACE_MAX_FRAMES, TRACE_NUMBER, TRACE_PARTS, TRACE_SIZE, TRACE_STACK,
} from '../../src/bytecode/layout.ts';
import type { ExitDescription, ExitKind } from '../lower/exits.ts';
import type { LoweredFunction } from '../lower/lower-trees.ts';

/** The part of `Memory` that is used here. */
export interface WordMemory {
  load(address: number): number;
  store(address: number, value: number): void;
}

/** Raw blocks of the core's heap. `allocateRaw` throws when memory runs out. */
export interface RawHeap {
  readonly allocateRaw: (size: number) => number;
  readonly freeRaw: (pointer: number, size: number) => void;
}

/** A raw block. */
export interface RawBlock {
  readonly address: number;
  readonly size: number;
}

const FLAGS: Readonly<Record<ExitKind, number>> = { guard: 0, budget: EXIT_FLAG_BUDGET, link: EXIT_FLAG_ENTER, end: 0, call: 0, entry: EXIT_FLAG_ENTER };

const allocate = (heap: RawHeap, size: number): RawBlock => ({ address: heap.allocateRaw(size), size });

/** @param hotexit hits after which a guard's exit asks for a side trace */
export function writeExits(memory: WordMemory, heap: RawHeap, exits: readonly ExitDescription[], hotexit: number): RawBlock {
  const frameCount = exits.reduce((sum, { frames }) => sum + frames.length, 0);
  const block = allocate(heap, exits.length * EXIT_SIZE + frameCount * EXIT_FRAME_SIZE);
  let frameAddress = block.address + exits.length * EXIT_SIZE;
  for (const [number, { kind, pc, frames, length }] of exits.entries()) {
    const exit = block.address + number * EXIT_SIZE;
    memory.store(exit + EXIT_PC, pc);
    memory.store(exit + EXIT_SIDE_TRACE, 0);
    memory.store(exit + EXIT_HITS, 0);
    memory.store(exit + EXIT_FRAMES, frameAddress);
    memory.store(exit + EXIT_FRAME_COUNT, frames.length);
    memory.store(exit + EXIT_FLAGS, FLAGS[kind]);
    memory.store(exit + EXIT_LENGTH, length);
    memory.store(exit + EXIT_THRESHOLD, kind === 'guard' ? hotexit : 0);
    for (const frame of frames) {
      memory.store(frameAddress + EXIT_FRAME_BASE, frame.base * SLOT_SIZE);
      memory.store(frameAddress + EXIT_FRAME_CALLER_PC, frame.callerPc);
      memory.store(frameAddress + EXIT_FRAME_RESULTS, frame.results);
      memory.store(frameAddress + EXIT_FRAME_KIND, frame.kind);
      frameAddress += EXIT_FRAME_SIZE;
    }
  }
  return block;
}

export function allocateTrace(memory: WordMemory, heap: RawHeap, number: number): RawBlock {
  const block = allocate(heap, TRACE_SIZE);
  memory.store(block.address + TRACE_NUMBER, number);
  memory.store(block.address + TRACE_ENTERED, 0);
  memory.store(block.address + TRACE_ROUNDS, 0);
  memory.store(block.address + TRACE_PARTS, 0);
  return block;
}

/** Makes the descriptor at `trace` stand for this function. @param functionIndex its place in the core's table */
export function writeTrace(memory: WordMemory, trace: number, functionIndex: number, exits: number, { stackSlots, maxFrames }: LoweredFunction): void {
  memory.store(trace + TRACE_FUNCTION, functionIndex);
  memory.store(trace + TRACE_EXITS, exits);
  memory.store(trace + TRACE_STACK, stackSlots * SLOT_SIZE);
  memory.store(trace + TRACE_MAX_FRAMES, maxFrames);
}
