/** What the state of a loop tells of how it goes on. jit/core/record/opcodes/loop.ts says the same. */
import { TAG_INT, TAG_NIL } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import type { HeapReader } from '../core/heap-reader.ts';
import type { InstructionView } from '../core/instruction-view.ts';

export const LOOPS: ReadonlySet<OpName> = new Set(['LOOP', 'FORLOOP', 'TFORLOOP']);

/** Is the loop certainly left by this execution of its instruction? @param slot address of its first register */
export function isLeavingLoop(heap: HeapReader, { baseName }: InstructionView, slot: number): boolean {
  if (baseName === 'TFORLOOP') return heap.tag(slot + 64) === TAG_NIL;
  return baseName === 'FORLOOP' && heap.tag(slot + 32) === TAG_INT && heap.int(slot + 16) === 0n;
}

/** As far as it can be told. @param slot address of its first register */
export function remainingIterations(heap: HeapReader, { baseName }: InstructionView, slot: number): number {
  if (baseName !== 'FORLOOP') return 0;
  if (heap.tag(slot + 32) === TAG_INT) return Number(BigInt.asUintN(64, heap.int(slot + 16)));
  return (heap.float(slot + 16) - heap.float(slot)) / heap.float(slot + 32);
}
