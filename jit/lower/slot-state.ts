/**
 * Where the current values of stack slots are while a compiled function runs.
 *
 * Within one trace the stack in memory is what it was on entry, and snapshots say what differs. In a tree, a side trace starts from its parent's exit
 * without storing anything: `SlotState` carries the values of that snapshot, in the parent's locals, to the side and to its exits.
 *
 * A tree that jumps back to its root keeps the slots the root loads in *slot locals* (payload and tag) instead of memory, so that a nested
 * loop neither stores nor loads what it shares with the loops inside. The memory of those that jumps write is stale from the first
 * jump on, and every exit writes them, in one place; the others never differ from memory.
 */
import type { WasmType } from '../wasm/operations.ts';
import type { ConstantInstruction, IRRef, SnapshotEntry } from '../ir/trace.ts';

/** Who can push the values of a trace's references. */
export interface ValueSource {
  push(ref: IRRef): void;
  typeOf(ref: IRRef): WasmType;
  constantOf(ref: IRRef): ConstantInstruction | undefined;
}

/** The current value of a slot; `ref` is NONE where the tag says it all. */
export interface SlotValue {
  readonly source: ValueSource;
  readonly ref: IRRef;
  readonly tag: number;
}

/** Values by slot; a slot that is not in it is in its slot local or in memory. */
export type SlotState = ReadonlyMap<number, SlotValue>;

export const NOTHING_CHANGED: SlotState = new Map();

/** The state after a snapshot's entries of a trace are laid over an older one. */
export function overlay(state: SlotState, source: ValueSource, entries: readonly SnapshotEntry[]): SlotState {
  if (entries.length === 0) return state;
  const result = new Map(state);
  for (const { slot, ref, tag } of entries) result.set(slot, { source, ref, tag });
  return result;
}

/** Locals that stand for a stack slot. The payload is kept as i64 unless all its uses are floats. */
export interface SlotLocals {
  readonly payload: number;
  readonly type: 'i64' | 'f64';
  readonly tag: number;
  /** Some jump writes it: memory may be stale. */
  readonly isWritten: boolean;
}
