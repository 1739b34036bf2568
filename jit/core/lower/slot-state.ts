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
import { Constant, Ref, SnapshotEntry } from '../ir/trace';

/** Who can push the values of a trace's references. */
export abstract class ValueSource {
  abstract push(ref: Ref): void;
  /** @returns Type, never VOID */
  abstract typeOf(ref: Ref): i32;
  abstract constantOf(ref: Ref): Constant | null;
}

/** The current value of a slot; `ref` is NONE where the tag says it all. */
export class SlotValue {
  constructor(
    public source: ValueSource,
    public ref: Ref,
    public tag: i32,
  ) {}

  isSame(other: SlotValue): bool {
    return this.source == other.source && this.ref == other.ref && this.tag == other.tag;
  }
}

/** Values by slot, in the order in which the slots came; a slot that is not in it is in its slot local or in memory. Is not changed once it is made. */
export class SlotState {
  slots: Array<i32> = [];
  values: Array<SlotValue> = [];

  get size(): i32 {
    return this.slots.length;
  }

  get(slot: i32): SlotValue | null {
    const at = this.slots.indexOf(slot);
    return at < 0 ? null : this.values[at];
  }

  has(slot: i32): bool {
    return this.slots.includes(slot);
  }

  /** Only while it is made: the slot is not in it yet. */
  add(slot: i32, value: SlotValue): void {
    this.slots.push(slot);
    this.values.push(value);
  }

  isPartOf(whole: SlotState): bool {
    if (this.size > whole.size) return false;
    for (let i = 0; i < this.slots.length; i++) {
      const value = whole.get(this.slots[i]);
      if (value === null || !value.isSame(this.values[i])) return false;
    }
    return true;
  }

  /** What is not in `part`. */
  without(part: SlotState): SlotState {
    const result = new SlotState();
    for (let i = 0; i < this.slots.length; i++) {
      if (!part.has(this.slots[i])) result.add(this.slots[i], this.values[i]);
    }
    return result;
  }
}

/** The state after a snapshot's entries of a trace are laid over an older one. */
export function overlay(state: SlotState, source: ValueSource, entries: Array<SnapshotEntry>): SlotState {
  if (entries.length == 0) return state;
  const result = new SlotState();
  result.slots = state.slots.slice();
  result.values = state.values.slice();
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    const value = new SlotValue(source, entry.ref, entry.tag);
    const at = result.slots.indexOf(entry.slot);
    if (at < 0) result.add(entry.slot, value);
    else result.values[at] = value;
  }
  return result;
}

/** Locals that stand for a stack slot. The payload is kept as i64 unless all its uses are floats. */
export class SlotLocals {
  constructor(
    public payload: i32,
    /** Type.I64 or Type.F64 */
    public type: i32,
    public tag: i32,
    /** Some jump writes it: memory may be stale. */
    public isWritten: bool,
  ) {}
}
