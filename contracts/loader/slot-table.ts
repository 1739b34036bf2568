/** Slots with generations: a ticket of a slot that has been freed is stale for ever, though the slot is used again. */

/** Plain data: it may be stored, compared and posted. */
export interface Ticket {
  readonly index: number;
  readonly generation: number;
}

const MAX_GENERATION = 0xffff_ffff;

interface Slot<Value> {
  generation: number;
  value: Value | undefined;
}

export class SlotTable<Value extends object> {
  readonly #slots: Slot<Value>[] = [];
  readonly #free: number[] = [];
  readonly #maxGeneration: number;

  /** @param maxGeneration a slot that has had it is not used again */
  constructor(maxGeneration = MAX_GENERATION) {
    this.#maxGeneration = maxGeneration;
  }

  add(value: Value): Ticket {
    const index = this.#free.pop() ?? this.#slots.push({ generation: 0, value: undefined }) - 1;
    const slot = this.#slots[index]!;
    slot.value = value;
    return { index, generation: slot.generation };
  }

  /** What the ticket is for; undefined if that is no more. */
  get({ index, generation }: Ticket): Value | undefined {
    const slot = this.#slots[index];
    return slot !== undefined && slot.generation === generation ? slot.value : undefined;
  }

  /** Puts another value in a slot; its tickets are for that. */
  replace({ index }: Ticket, value: Value): void {
    this.#slots[index]!.value = value;
  }

  remove({ index }: Ticket): void {
    const slot = this.#slots[index]!;
    slot.value = undefined;
    slot.generation++;
    if (slot.generation < this.#maxGeneration) this.#free.push(index);
  }
}
