/**
 * What a host grants a program: fuel, time, and no interruption. Fuel is the VM's account; the call that runs has limits of its own
 * (allowance.ts). The core counts work in VM_BUDGET and asks for more when that is used up; `refill` answers, or says which limit is reached. So limits cost nothing between two refills, and hold in the interpreter, in compiled
 * traces and inside long library functions alike.
 *
 * Fuel units (src/core/base/budget.ts): a back-edge or a call of a Lua function costs 1 and more if its code is long, STEPS_PER_UNIT steps of a library
 * function's inner loop cost 1, as does a byte of source that is compiled. A program spends the same number in every run in a fresh VM; what the collector does costs none.
 * In a trace an iteration costs 1 and more if it is long, inlined calls nothing: the same fuel lasts longer.
 *
 * The clock is looked at by time: a slice has as many units as took about a millisecond last, and at most MAX_TIMED_SLICE, for the next ones may
 * cost more each. Where fuel is limited slices are always the same: where they end must not depend on the clock, for the JIT has its turn there.
 */
import { MAX_STACK_SLOTS, VM_BUDGET, VM_STACK_LIMIT, VM_TIME_UNITS } from '../../bytecode/layout.ts';
import { Allowance, type AllowanceOptions } from './allowance.ts';
import type { Interrupt } from './interrupt.ts';
import type { Memory } from '../memory.ts';

/** Units between two looks at the host's side. The first slices are short: V8 tiers the interpreter's loop up only when it is entered again. */
const FIRST_SLICE = 20_000;
const FIRST_SLICES = 25;
const SLICE = 400_000;
/** The same for VMs with a time limit or an interrupt, and the time they should take in milliseconds. */
const MAX_TIMED_SLICE = 20_000;
const MIN_TIMED_SLICE = 200;
const TIMED_SLICE_TIME = 1;
/** What a call begins with: nothing is known of it, and code that has not run yet is slow. */
const FIRST_TIMED_SLICE = 1000;

/** THE limits of the host's; an error that reports one carries its place in this list, from 1 (LIMIT_MEMORY and LIMIT_STACK are the core's). */
export const LIMIT_KINDS = ['memory', 'stack', 'fuel', 'interrupt', 'timeout', 'output', 'abort', 'exit'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];
/** Those that `catchable` may name: nobody stays the host's hand, and whoever wants to go may go. */
export const CATCHABLE_KINDS = LIMIT_KINDS.filter((kind) => kind !== 'abort' && kind !== 'exit');
/** How an error says that it reports a limit, and not (THREAD_ERROR). */
export const limitNumber = (code: string): number => (LIMIT_KINDS as readonly string[]).indexOf(code) + 1;
/** Those that the host's side finds. */
type RefillKind = Exclude<LimitKind, 'memory' | 'stack' | 'exit'>;

export const LIMIT_MESSAGES: Readonly<Record<RefillKind, string>> = {
  fuel: 'out of fuel',
  interrupt: 'interrupted!',
  timeout: 'time limit exceeded',
  output: 'too much output',
  abort: 'aborted',
};

export interface LimitOptions {
  /** Units of work the program may do; see `Vm.fuel`. Unlimited by default. */
  readonly fuel?: number;
  /** Milliseconds that one call from the host may take. Unlimited by default. */
  readonly timeout?: number;
  /** Bytes that one call from the host may write to standard output and standard error, which get no more. Unlimited by default. */
  readonly outputLimit?: number;
  /** A switch by which the host stops the program, from a callback or from another thread. */
  readonly interrupt?: Interrupt;
  /**
   * Values the stack of a thread may hold, which bounds the depth of calls: a call takes three at least. 1,000,000 by default and at most, 1,000 at
   * least. Beyond it "stack overflow" is raised.
   */
  readonly stackLimit?: number;
  /** Limits whose errors Lua may catch with pcall. By default `['memory', 'stack']`, as in PUC Lua; the others end the call from the host. */
  readonly catchable?: readonly Exclude<LimitKind, 'abort' | 'exit'>[];
}

/** Thrown where a limit is reached; becomes a Lua error at that point of the program. */
export class LimitReached extends Error {
  readonly kind: RefillKind;

  constructor(kind: RefillKind) {
    super(LIMIT_MESSAGES[kind]);
    this.kind = kind;
  }
}

/** Slots without which libraries cannot work. */
export const MIN_STACK_SLOTS = 1000;

/** @internal */
export class Limits {
  readonly #memory: Memory;
  readonly #interrupt: Interrupt | undefined;
  readonly #defaults: AllowanceOptions;
  /** Of plain calls. */
  readonly #plain: Allowance;
  readonly #catchable: ReadonlySet<LimitKind>;
  /** The VM's fuel when the core's account was settled last. */
  #fuel = Number.POSITIVE_INFINITY;
  /** What the core had then of it. */
  #granted = 0;
  /** Units that were taken from the slice to end it. */
  #cutOff = 0;
  /** The call that runs. */
  #call: Allowance;
  #slices = 0;
  /** Units of a slice, and when it began, where the clock is looked at. */
  #timedSlice = FIRST_TIMED_SLICE;
  #sliceStart = 0;
  #sliceUnits = 0;
  /** Libraries are being installed: that is not the program's. */
  #isArmed = false;
  readonly #initialFuel: number;
  #isLookDue = false;
  /** The call should pause as soon as it can. */
  isPauseDue = false;

  constructor(memory: Memory, options: LimitOptions) {
    const { fuel = Number.POSITIVE_INFINITY, timeout, outputLimit, interrupt, stackLimit = MAX_STACK_SLOTS, catchable = ['memory', 'stack'] } = options;
    this.#memory = memory;
    this.#interrupt = interrupt;
    this.#defaults = { ...(timeout !== undefined && { timeout }), ...(outputLimit !== undefined && { outputLimit }) };
    this.#plain = new Allowance(this.#defaults);
    this.#call = this.#plain;
    this.#catchable = new Set(catchable);
    memory.store(VM_STACK_LIMIT, stackLimit);
    this.#initialFuel = fuel;
    this.#grant();
  }

  /** The VM is made: from now on the limits hold. */
  arm(): void {
    this.#isArmed = true;
    this.#slices = 0;
    this.fuel = this.#initialFuel;
  }

  /** Units of work left; Infinity without a limit. */
  get fuel(): number {
    return Math.max(this.#fuel - this.#spent, 0);
  }

  set fuel(units: number) {
    this.#settle();
    // A program that waits for more wants the unit that it has spent already.
    const wanted = this.#memory.loadSigned(VM_BUDGET) < 0 ? 1 : 0;
    this.#fuel = units < 1 ? -wanted : Math.floor(units);
    this.#grant();
  }

  /** Whether the work of the call that runs is limited. */
  get isMetered(): boolean {
    return Math.min(this.#fuel, this.#call.fuel) !== Number.POSITIVE_INFINITY;
  }

  /** May Lua catch the error of this limit? */
  isCatchable(kind: LimitKind): boolean {
    return this.#catchable.has(kind);
  }

  /** The allowance of a call, with the VM's limits where the options say nothing. */
  allow(options: AllowanceOptions): Allowance {
    return new Allowance({ ...this.#defaults, ...options });
  }

  /** A plain call from the host begins: its time and its output count from now. */
  start(): void {
    this.#plain.restart(this.#defaults);
    if (this.#interrupt?.isRequested === true || this.#call.isTimed) this.#begin();
    // Where there is only a switch to look at, a short call needs no clock: the slice goes on, and nobody knows since when.
    else this.#sliceStart = 0;
  }

  /** Another call runs from now on, until `leave` gets what this returns. */
  enter(call: Allowance): Allowance {
    const outer = this.#call;
    this.#settle();
    this.#call = call;
    this.#begin();
    return outer;
  }

  leave(outer: Allowance): void {
    this.#settle();
    this.#call.stop();
    this.#call = outer;
    this.#restartSlice();
    this.#grant();
  }

  #begin(): void {
    this.#settle();
    this.#call.begin();
    this.isPauseDue = false;
    this.#restartSlice();
    // A call that waits ever so often would never use a slice up.
    this.#isLookDue = this.#interrupt?.isRequested === true || (this.#call.isTimed && this.#call.isOver(this.#sliceStart));
    this.#grant();
    this.#isLookDue = false;
  }

  /** Ends the slice: the limits are looked at as soon as the program can be. */
  endSlice(): void {
    this.#settle();
    this.#grant();
  }

  /** The abort that was asked for is under way, or, where the host function it went through may have kept it, is asked for again. */
  noteAbort(isUnderWay: boolean): void {
    this.#call.isAborted = !isUnderWay;
  }

  /** Output of a standard stream is due. @returns how many of its bytes may be written */
  takeOutput(length: number): number {
    const allowed = Math.min(length, this.#call.output);
    this.#call.output -= allowed;
    return allowed;
  }

  /** Another thread goes on with the VM. @returns the fuel that is left */
  suspend(): number {
    if (this.#fuel !== Number.POSITIVE_INFINITY) this.#settle();
    return this.#fuel;
  }

  /** This thread goes on. @param fuel what `suspend` gave there */
  resume(fuel: number): void {
    this.#isArmed = true;
    this.#fuel = fuel;
    this.#granted = this.#memory.loadSigned(VM_BUDGET) + this.#memory.loadSigned(VM_TIME_UNITS);
    this.#sliceUnits = this.#granted;
  }

  /** Not all were allowed. @throws LimitReached */
  endOutput(): never {
    throw new LimitReached('output');
  }

  /** Gives the core the next slice. @throws LimitReached */
  refill(): void {
    const now = this.#isTimed ? this.#measure() : 0;
    this.#settle();
    const call = this.#call;
    this.isPauseDue = call.isPauseDue(now);
    this.#grant();
    if (this.#fuel < 0 || call.fuel < 0) throw new LimitReached('fuel');
    this.#stopIfOver(now);
  }

  /** The JIT has had its turn, which costs the program no work, but takes time: many of them may come before the slice ends. @throws LimitReached */
  look(): void {
    if (this.#isTimed) this.#stopIfOver(performance.now());
  }

  /** @param now 0: the clock need not be looked at */
  #stopIfOver(now: number): void {
    if (!this.#isArmed) return;
    if (this.#interrupt?.take() === true) throw new LimitReached('interrupt');
    if (this.#call.isAborted) throw new LimitReached('abort');
    if (now !== 0 && this.#call.isOver(now)) throw new LimitReached('timeout');
  }

  /** Ends the slice as soon as the program can be looked at. Does nothing where fuel is limited: there slices are always the same. May be called at any time. */
  cut(): void {
    const left = this.#memory.loadSigned(VM_BUDGET);
    if (this.isMetered || left < 0) return;
    this.#cutOff = left + 1;
    this.#granted -= this.#cutOff;
    this.#sliceUnits -= this.#cutOff;
    this.#memory.store(VM_BUDGET, -1);
  }

  /** A slice that was cut goes on: the JIT is to have its turn, and it does not step through the end of one. */
  restore(): void {
    this.#memory.store(VM_BUDGET, this.#memory.loadSigned(VM_BUDGET) + this.#cutOff);
    this.#granted += this.#cutOff;
    this.#sliceUnits += this.#cutOff;
    this.#cutOff = 0;
  }

  get #isTimed(): boolean {
    return this.#interrupt !== undefined || this.#call.isTimed;
  }

  /** Fuel that the core has spent since the last settlement; what takes time only costs none. */
  get #spent(): number {
    return this.#granted - this.#memory.loadSigned(VM_BUDGET) - this.#memory.loadSigned(VM_TIME_UNITS);
  }

  /** Writes down what was spent. */
  #settle(): void {
    const spent = this.#spent;
    this.#fuel -= spent;
    this.#call.spend(spent);
    this.#granted -= spent;
  }

  #restartSlice(): void {
    if (!this.#isTimed) return;
    this.#sliceStart = this.#call.isTimed ? performance.now() : 0;
    this.#timedSlice = Math.min(this.#timedSlice, FIRST_TIMED_SLICE);
  }

  /** Chooses the size of the next slice by the time the last one took. @returns the time */
  #measure(): number {
    const now = performance.now();
    const took = this.#sliceStart === 0 ? TIMED_SLICE_TIME : now - this.#sliceStart;
    const spent = this.#sliceUnits - this.#memory.loadSigned(VM_BUDGET);
    const wanted = took > 0 ? (spent / took) * TIMED_SLICE_TIME : MAX_TIMED_SLICE;
    this.#timedSlice = Math.max(Math.min(wanted, 2 * this.#timedSlice, MAX_TIMED_SLICE), MIN_TIMED_SLICE);
    this.#sliceStart = now;
    return now;
  }

  /** Gives the core the next slice; none when fuel is used up, or the call is to end. */
  #grant(): void {
    const call = this.#call;
    const units = Math.min(this.#fuel, call.fuel);
    // A call that is due to pause goes on to where it can.
    const untilPause = call.slice < 0 ? MIN_TIMED_SLICE : call.slice;
    const slice = call.isAborted || this.#isLookDue ? -1 : Math.min(units, untilPause, Math.floor(this.#nextSlice(units)));
    this.#memory.store(VM_BUDGET, Math.max(slice, -1));
    this.#memory.store(VM_TIME_UNITS, 0);
    this.#granted = Math.max(slice, -1);
    this.#sliceUnits = slice;
    this.#cutOff = 0;
  }

  #nextSlice(units: number): number {
    if (this.#isTimed) return units === Number.POSITIVE_INFINITY ? this.#timedSlice : MAX_TIMED_SLICE;
    return this.#slices++ < FIRST_SLICES ? FIRST_SLICE : SLICE;
  }
}
