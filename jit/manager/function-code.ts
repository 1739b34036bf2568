/**
 * Functions as the JIT compiles them whole: which are worth it, seen at the end of slices, and the word of their prototype that makes calls enter
 * compiled code or come to the JIT.
 */
import { PROTO_PROTO_COUNT, PROTO_PROTOS, PROTO_REPORTED, PROTO_TRACE } from '../../src/bytecode/layout.ts';
import { recursiveFunction } from '../../src/engine/profile/recursion.ts';
import type { Memory } from '../../src/engine/memory.ts';
import { isCompilable } from '../record/opcodes/compilable.ts';
import type { Pins } from './pins.ts';

const MAX_SIGHTINGS = 1 << 16;
/** Failures after which a function is inlined all the same. */
const MAX_FAILURES = 4;

interface KnownFunction {
  /** Tells whether the prototype is alive. */
  readonly handle: number;
  seen: number;
  failures: number;
  needed: number;
}

export class FunctionCode {
  readonly #memory: Memory;
  readonly #pins: Pins;
  /** Slices that have to end in a function that calls itself, before its next call is recorded. Doubles with each failure. */
  readonly #sightings: number;
  /** By prototype. */
  readonly #known = new Map<number, KnownFunction>();

  /** @param sightings parameter hotfunction */
  constructor(memory: Memory, pins: Pins, sightings: number) {
    this.#memory = memory;
    this.#sightings = sightings;
    this.#pins = pins;
  }

  /** Is it compiled, or going to be? */
  isCompiled(proto: number): boolean {
    return this.#memory.load(proto + PROTO_TRACE) !== 0;
  }

  /** A slice has ended: the next call of a function that is seen often to call itself is reported. */
  look(): void {
    const proto = recursiveFunction(this.#memory);
    if (proto === 0 || this.#memory.load(proto + PROTO_TRACE) !== 0 || !isCompilable(this.#memory, proto)) return;
    const known = this.#know(proto);
    if (++known.seen < known.needed) return;
    known.seen = 0;
    this.#set(proto, PROTO_REPORTED);
  }

  /** It is wanted as a function of its own: its next call is reported. @returns false if that has failed too often */
  want(proto: number): boolean {
    if (this.isCompiled(proto)) return true;
    if (this.#know(proto).failures >= MAX_FAILURES) return false;
    this.#set(proto, PROTO_REPORTED);
    return true;
  }

  /** Has the next calls of all functions reported that this one may make, where every function is compiled. */
  wantNested(proto: number): void {
    if (this.#sightings > 0) return;
    const protos = this.#memory.load(proto + PROTO_PROTOS);
    for (let n = 0; n < this.#memory.load(proto + PROTO_PROTO_COUNT); n++) {
      const nested = this.#memory.load(protos + 4 * n);
      if (!this.#known.has(nested) && isCompilable(this.#memory, nested)) this.want(nested);
      this.wantNested(nested);
    }
  }

  /** It was reported when there was no time for it: it is again at the next sight. */
  askLater(proto: number): void {
    this.reset(proto);
    const known = this.#know(proto);
    known.seen = known.needed - 1;
  }

  /** It could not be compiled, or that was no gain: is tried again later. */
  punish(proto: number): void {
    const known = this.#know(proto);
    known.seen = 0;
    known.failures++;
    known.needed = Math.min(known.needed * 2, MAX_SIGHTINGS);
  }

  enter(proto: number, descriptor: number): void {
    this.#set(proto, descriptor);
  }

  /** Calls are interpreted, and not reported. */
  reset(proto: number): void {
    this.#set(proto, 0);
  }

  /** What is known of functions, as `adopt` takes it; what is compiled or reported says their memory. */
  save(): readonly (readonly [proto: number, known: Omit<KnownFunction, 'handle'>])[] {
    return [...this.#known].map(([proto, { handle: _, ...known }]) => [proto, known]);
  }

  adopt(functions: ReturnType<FunctionCode['save']>): void {
    for (const [proto, known] of functions) Object.assign(this.#know(proto), known);
  }

  /** Forgets prototypes that have been collected: their addresses may be others' now. */
  forgetDead(): void {
    for (const [proto, { handle }] of this.#known) if (!this.#pins.isAlive(handle)) this.#known.delete(proto);
  }

  #set(proto: number, value: number): void {
    this.#memory.store(proto + PROTO_TRACE, value);
  }

  #know(proto: number): KnownFunction {
    const known = this.#known.get(proto) ?? { handle: this.#pins.watch(proto), seen: 0, failures: 0, needed: this.#sightings };
    this.#known.set(proto, known);
    return known;
  }
}
