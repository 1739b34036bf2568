/**
 * The exits of a compiled function: what the core has to know about each (install writes it into linear memory) and what
 * the trace manager needs to find the place in the IR again.
 */
import type { Snapshot, SnapshotFrame, Trace } from '../ir/trace.ts';

/**
 * guard: a condition failed; counts hits and may get a side trace.
 * budget: the budget is used up or a collection is due.
 * link: goes on in another trace. end: goes on in the interpreter.
 * call: not an exit of its own but the state around a call.
 * entry: the function is not begun, as there is no room or time for it.
 */
export type ExitKind = 'guard' | 'budget' | 'link' | 'end' | 'call' | 'entry';

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

/** Maps each snapshot of a trace to the first one that says the same, so that their exits share code and number. */
export function findEqualSnapshots({ snapshots }: Trace): Int32Array {
  const canonical = new Int32Array(snapshots.length);
  const byPc = new Map<number, number[]>();
  for (const [index, snapshot] of snapshots.entries()) {
    const candidates = byPc.get(snapshot.pc) ?? [];
    const equal = candidates.find((other) => areEqual(snapshots[other]!, snapshot));
    canonical[index] = equal ?? index;
    if (equal === undefined) byPc.set(snapshot.pc, [...candidates, index]);
  }
  return canonical;
}

function areEqual(a: Snapshot, b: Snapshot): boolean {
  return (
    a.entries.length === b.entries.length &&
    a.frames.length === b.frames.length &&
    a.entries.every((entry, i) => {
      const other = b.entries[i]!;
      return entry.slot === other.slot && entry.ref === other.ref && entry.tag === other.tag;
    }) &&
    a.frames.every((frame, i) => {
      const other = b.frames[i]!;
      return frame.base === other.base && frame.callerPc === other.callerPc && frame.results === other.results && frame.kind === other.kind;
    })
  );
}
