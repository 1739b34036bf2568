/**
 * Values that the host keeps by tickets: plain data that can be stored, compared, cloned and posted, as handles cannot. A ticket names a slot and its
 * generation; a slot that is used again has another one, so a ticket that was kept too long is noticed. A slot whose generations are used up retires.
 */
import { HOST_TICKET_COUNT, HOST_TICKET_FREE, HOST_TICKET_SLOTS, HOST_TICKET_STATES, HOST_TICKET_VALUES } from '../bytecode/host-places.ts';
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../bytecode/host-scratch.ts';
import { callHost } from './boundary.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import type { LuaInput, LuaValue } from '../engine/lua-value.ts';
import type { Machine } from '../engine/machine.ts';

/** Names a value that `vm.pin` keeps. */
export interface Ticket {
  readonly index: number;
  readonly generation: number;
}

/** Bits of a generation. */
const GENERATION_BITS = 32;

/**
 * Everything is in the VM's memory (host-places.ts): the values, and for each slot its state: the generation while it is in use, that of its next use below zero
 * while it is free, 0 once it has retired. The value of a free slot is the next free one.
 */
export class HostRoots {
  readonly #machine: Machine;
  readonly #lastGeneration: number;

  /** @internal @param generationBits fewer than usual, to see slots retire */
  constructor(machine: Machine, generationBits = GENERATION_BITS) {
    this.#machine = machine;
    this.#lastGeneration = 2 ** generationBits - 1;
  }

  /** Values that are kept. */
  get count(): number {
    return this.#machine.host.integer(HOST_TICKET_COUNT);
  }

  pin(value: LuaInput): Ticket {
    const { host, slots } = this.#machine;
    const free = host.integer(HOST_TICKET_FREE);
    const slot = free === 0 ? host.integer(HOST_TICKET_SLOTS) + 1 : free;
    let next = 0;
    if (free !== 0) {
      this.#load(HOST_TICKET_VALUES, slot);
      next = slots.pointer(SCRATCH_ACCESS_VALUE);
    }
    const generation = free === 0 ? 1 : -this.#state(slot);
    // What may fail comes first.
    this.#setState(slot, -generation);
    this.#store(slot, value);
    this.#setState(slot, generation);
    if (free === 0) host.setInteger(HOST_TICKET_SLOTS, slot);
    else host.setInteger(HOST_TICKET_FREE, next);
    host.setInteger(HOST_TICKET_COUNT, this.count + 1);
    return Object.freeze({ index: slot - 1, generation });
  }

  /** @returns undefined for a stale ticket @throws MoontraceError bad-argument */
  read(ticket: unknown): LuaValue {
    const slot = this.#find(ticket);
    if (slot === undefined) return undefined;
    this.#load(HOST_TICKET_VALUES, slot);
    return this.#machine.values.toHost(SCRATCH_ACCESS_VALUE);
  }

  /** Copies the value to a slot of the stack. @returns false for a stale ticket @throws MoontraceError bad-argument */
  copy(ticket: unknown, to: number): boolean {
    const slot = this.#find(ticket);
    if (slot === undefined) return false;
    this.#load(HOST_TICKET_VALUES, slot);
    this.#machine.slots.copy(to, SCRATCH_ACCESS_VALUE);
    return true;
  }

  /** @throws MoontraceError bad-argument, stale-root, bad-value, bad-handle */
  write(ticket: unknown, value: LuaInput): void {
    this.#store(this.#findUsed(ticket), value);
  }

  /** @throws MoontraceError bad-argument, stale-root */
  unpin(ticket: unknown): void {
    this.#clear(this.#findUsed(ticket));
  }

  unpinAll(): void {
    const count = this.#machine.host.integer(HOST_TICKET_SLOTS);
    for (let slot = 1; slot <= count; slot++) if (this.#state(slot) > 0) this.#clear(slot);
  }

  #clear(slot: number): void {
    const { host } = this.#machine;
    const generation = this.#state(slot);
    const isLast = generation === this.#lastGeneration;
    this.#store(slot, isLast ? undefined : host.integer(HOST_TICKET_FREE));
    this.#setState(slot, isLast ? 0 : -(generation + 1));
    if (!isLast) host.setInteger(HOST_TICKET_FREE, slot);
    host.setInteger(HOST_TICKET_COUNT, this.count - 1);
  }

  #load(place: number, slot: number): void {
    const { core, host, slots } = this.#machine;
    slots.setSafeInteger(SCRATCH_ACCESS_KEY, slot);
    core.tableGet(host.table(place), SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  }

  #store(slot: number, value: LuaInput, place = HOST_TICKET_VALUES): void {
    const { core, host, slots, values } = this.#machine;
    const table = host.table(place);
    values.toLua(SCRATCH_ACCESS_VALUE, value);
    slots.setSafeInteger(SCRATCH_ACCESS_KEY, slot);
    core.tableSet(table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  }

  #state(slot: number): number {
    this.#load(HOST_TICKET_STATES, slot);
    return this.#machine.slots.safeInteger(SCRATCH_ACCESS_VALUE) ?? 0;
  }

  #setState(slot: number, state: number): void {
    this.#store(slot, state, HOST_TICKET_STATES);
  }

  /** The slot of a ticket; undefined if that is stale. */
  #find(ticket: unknown): number | undefined {
    const { index, generation } = callHost('bad-argument', 'ticket', () => ({ ...(typeof ticket === 'object' ? ticket : undefined) })) as Partial<Ticket>;
    if (!Number.isInteger(index) || !Number.isInteger(generation)) throw new MoontraceError('bad-argument', 'a ticket { index, generation } expected');
    const slot = (index as number) + 1;
    const isThere = slot >= 1 && slot <= this.#machine.host.integer(HOST_TICKET_SLOTS);
    return isThere && (generation as number) > 0 && this.#state(slot) === generation ? slot : undefined;
  }

  #findUsed(ticket: unknown): number {
    const slot = this.#find(ticket);
    if (slot === undefined) throw new MoontraceError('stale-root', 'what the ticket named was unpinned');
    return slot;
  }
}
