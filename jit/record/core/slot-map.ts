/**
 * The recorder's picture of the Lua stack: for every slot, numbered from the base of the root frame (-1 is the root function), the value
 * it holds now, and whether that differs from what the real stack of a running trace holds.
 *
 * Invariants
 * - A slot without an entry holds what it held when the trace was entered; its first reading makes an SLOAD.
 * - Only modified slots go into snapshots. A slot that dies is forgotten (`forgetFrom`), not restored: nobody reads it again before writing it.
 */
import type { Value } from './value.ts';

export class SlotMap {
  private readonly values = new Map<number, Value>();
  private readonly modified = new Set<number>();

  get(slot: number): Value | undefined {
    return this.values.get(slot);
  }

  /** The slot holds `value`, and so does the real stack. */
  setLoaded(slot: number, value: Value): void {
    this.values.set(slot, value);
  }

  /** The slot holds `value`; an exit has to store it. */
  set(slot: number, value: Value): void {
    this.values.set(slot, value);
    this.modified.add(slot);
  }

  isModified(slot: number): boolean {
    return this.modified.has(slot);
  }

  /** Modified slots in ascending order. */
  modifiedSlots(): readonly number[] {
    return [...this.modified].sort((a, b) => a - b);
  }

  /** All known slots. */
  entries(): Iterable<readonly [number, Value]> {
    return this.values;
  }

  /** Nothing is known of the slot any more. */
  forget(slot: number): void {
    this.values.delete(slot);
    this.modified.delete(slot);
  }

  /** Forgets `slot` and everything above. */
  forgetFrom(slot: number): void {
    for (const at of [...this.values.keys()]) {
      if (at >= slot) this.forget(at);
    }
  }
}
