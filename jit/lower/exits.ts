/**
 * The exits of a compiled function: what the core has to know about each (install writes it into linear memory) and what
 * the trace manager needs to find the place in the IR again.
 */
import type { SnapshotFrame } from '../ir/trace.ts';

/**
 * guard: a condition failed; counts hits and may get a side trace.
 * budget: the budget is used up or a collection is due.
 * link: goes on in another trace. end: goes on in the interpreter.
 * call: not an exit of its own but the state around a call.
 * entry: the function is not begun, as there is no room or time for it.
 */
export const EXIT_KINDS = ['guard', 'budget', 'link', 'end', 'call', 'entry'] as const;
export type ExitKind = (typeof EXIT_KINDS)[number];

/** An exit of a compiled function; its number is its place in the list. */
export interface ExitDescription {
  readonly kind: ExitKind;
  /** Number of the trace it belongs to (a function may hold a whole tree) and the snapshot it restores, -1 for a state of the tree. */
  readonly trace: number;
  readonly snapshot: number;
  /** Instruction to go on at. */
  readonly pc: number;
  readonly frames: readonly SnapshotFrame[];
  /** Bytecode instructions that were executed on the way to it from the head of the loop; 0 where a round is counted instead. */
  readonly length: number;
}
