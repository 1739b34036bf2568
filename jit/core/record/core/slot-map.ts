/**
 * The recorder's picture of the Lua stack: for every slot, numbered from the base of the root frame (-1 is the root function), the value
 * it holds now, and whether that differs from what the real stack of a running trace holds.
 *
 * Invariants
 * - A slot without an entry holds what it held when the trace was entered; its first reading makes an SLOAD.
 * - Only modified slots go into snapshots. A slot that dies is forgotten (`forgetFrom`), not restored: nobody reads it again before writing it.
 */
import { Value } from './value';

export class SlotMap {
  private values: Map<i32, Value> = new Map<i32, Value>();
  private modified: Set<i32> = new Set<i32>();

  get(slot: i32): Value | null {
    return this.values.has(slot) ? this.values.get(slot) : null;
  }

  /** The slot holds `value`, and so does the real stack. */
  setLoaded(slot: i32, value: Value): void {
    this.values.set(slot, value);
  }

  /** The slot holds `value`; an exit has to store it. */
  set(slot: i32, value: Value): void {
    this.values.set(slot, value);
    this.modified.add(slot);
  }

  /** Modified slots in ascending order. */
  modifiedSlots(): Array<i32> {
    return this.modified.values().sort((a, b) => a - b);
  }

  /** All known slots, in the order in which they became known. */
  known(): Array<i32> {
    return this.values.keys();
  }

  /** Nothing is known of the slot any more. */
  forget(slot: i32): void {
    this.values.delete(slot);
    this.modified.delete(slot);
  }

  /** Forgets `slot` and everything above. */
  forgetFrom(slot: i32): void {
    const known = this.values.keys();
    for (let n = 0; n < known.length; n++) {
      if (known[n] >= slot) this.forget(known[n]);
    }
  }
}
