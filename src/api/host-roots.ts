/**
 * Values that the host keeps by tickets: plain data that can be stored, compared, cloned and posted, as handles cannot. A ticket names a slot and its
 * generation; a slot that is used again has another one, so a ticket that was kept too long is noticed. A slot whose generations are used up retires.
 * The values lie in a Lua table of the VM's.
 */
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

export class HostRoots {
  readonly #machine: Machine;
  readonly #lastGeneration: number;
  /** Generation of each slot; 0 once it has retired. */
  readonly #generations: number[] = [];
  readonly #isUsed: boolean[] = [];
  readonly #free: number[] = [];
  #count = 0;
  #table = 0;

  /** @internal @param generationBits fewer than usual, to see slots retire */
  constructor(machine: Machine, generationBits = GENERATION_BITS) {
    this.#machine = machine;
    this.#lastGeneration = 2 ** generationBits - 1;
  }

  /** Values that are kept. */
  get count(): number {
    return this.#count;
  }

  pin(value: LuaInput): Ticket {
    const index = this.#free.at(-1) ?? this.#generations.length;
    this.#store(index, value);
    if (index === this.#generations.length) this.#generations.push(1);
    else this.#free.pop();
    this.#isUsed[index] = true;
    this.#count++;
    return Object.freeze({ index, generation: this.#generations[index] as number });
  }

  /** @returns undefined for a stale ticket @throws MoontraceError bad-argument */
  read(ticket: unknown): LuaValue {
    const index = this.#find(ticket);
    if (index === undefined) return undefined;
    const { core, slots, values } = this.#machine;
    slots.setSafeInteger(SCRATCH_ACCESS_KEY, index + 1);
    core.tableGet(this.#table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
    return values.toHost(SCRATCH_ACCESS_VALUE);
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
    for (const [index, isUsed] of this.#isUsed.entries()) if (isUsed) this.#clear(index);
  }

  #store(index: number, value: LuaInput): void {
    const { core, slots, values } = this.#machine;
    if (this.#table === 0) {
      const table = core.newTable(0, 0);
      core.pinObject(table);
      this.#table = table;
    }
    values.toLua(SCRATCH_ACCESS_VALUE, value);
    slots.setSafeInteger(SCRATCH_ACCESS_KEY, index + 1);
    core.tableSet(this.#table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  }

  #clear(index: number): void {
    this.#store(index, undefined);
    this.#isUsed[index] = false;
    this.#count--;
    const generation = this.#generations[index] as number;
    if (generation === this.#lastGeneration) this.#generations[index] = 0;
    else {
      this.#generations[index] = generation + 1;
      this.#free.push(index);
    }
  }

  /** The slot of a ticket; undefined if that is stale. */
  #find(ticket: unknown): number | undefined {
    const { index, generation } = callHost('bad-argument', 'ticket', () => ({ ...(typeof ticket === 'object' ? ticket : undefined) })) as Partial<Ticket>;
    if (!Number.isInteger(index) || !Number.isInteger(generation)) throw new MoontraceError('bad-argument', 'a ticket { index, generation } expected');
    return this.#isUsed[index as number] === true && this.#generations[index as number] === generation ? index : undefined;
  }

  #findUsed(ticket: unknown): number {
    const index = this.#find(ticket);
    if (index === undefined) throw new MoontraceError('stale-root', 'what the ticket named was unpinned');
    return index;
  }
}
