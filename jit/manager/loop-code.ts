/**
 * Loop instructions as the JIT patches them: counting, plain (blacklisted) or compiled form, and the two words behind: the counter and, in the
 * counting form, the penalty the place has collected; in the compiled form the trace descriptor.
 */
import { LOOP_COUNTER, LOOP_TRACE } from '../../src/bytecode/layout.ts';
import { OPCODES } from '../../src/bytecode/opcode-table.ts';
import type { Memory } from '../../src/engine/memory.ts';
import type { Parameters } from '../parameters.ts';

/** A count no loop reaches. */
const NEVER = 0x7fffffff;

/** Distance of a loop's form from its counting one in the opcode table, by opcode. */
const FORMS = OPCODES.map(({ name }) => (name.endsWith('_PLAIN') ? 1 : name.endsWith('_JIT') ? 2 : 0));

export class LoopCode {
  readonly #memory: Memory;
  readonly #parameters: Parameters;
  #random = 1;

  constructor(memory: Memory, parameters: Parameters) {
    this.#memory = memory;
    this.#parameters = parameters;
  }

  /** Back to counting. @param penalty iterations to wait, as `punish` gives them */
  reset(pc: number, penalty = 0): void {
    this.#setForm(pc, 0);
    this.#memory.store(pc + LOOP_TRACE, penalty);
    this.#memory.store(pc + LOOP_COUNTER, Math.max(this.#parameters.hotloop, penalty));
  }

  /** Iterations until the loop is reported again. */
  setCounter(pc: number, count: number): void {
    this.#memory.store(pc + LOOP_COUNTER, count);
  }

  /** While its trace is being compiled. */
  stopCounting(pc: number): void {
    this.setCounter(pc, NEVER);
  }

  enter(pc: number, descriptor: number): void {
    this.#memory.store(pc + LOOP_TRACE, descriptor);
    this.#setForm(pc, 2);
  }

  /** The penalty that a loop which is not compiled has collected. */
  penaltyOf(pc: number): number {
    return this.#memory.load(pc + LOOP_TRACE);
  }

  isCompiled(pc: number): boolean {
    return FORMS[this.#memory.loadByte(pc)] === 2;
  }

  /** Never count again. */
  blacklist(pc: number): void {
    this.#setForm(pc, 1);
  }

  /**
   * The place could not be compiled: counts longer until the next attempt, several times as long each time, with some chance in it so that loops
   * that prevent each other's compilation do not stay in step.
   * @param isLong an attempt is dear, and no better the next time: it waits as much longer the first time
   * @returns false if the penalty is used up: the place is blacklisted
   */
  punish(pc: number, isLong: boolean): boolean {
    const { penaltystart, penaltyfactor, penaltymax } = this.#parameters;
    const old = this.penaltyOf(pc);
    const penalty = old === 0 ? penaltystart * (isLong ? penaltyfactor : 1) : old * penaltyfactor + (this.#nextRandom() & 15);
    if (penalty > penaltymax) {
      this.blacklist(pc);
      return false;
    }
    this.#memory.store(pc + LOOP_TRACE, penalty);
    this.setCounter(pc, penalty);
    return true;
  }

  #setForm(pc: number, form: number): void {
    const op = this.#memory.loadByte(pc);
    this.#memory.storeByte(pc, op - FORMS[op]! + form);
  }

  /** Deterministic, so that the same program compiles the same traces. */
  #nextRandom(): number {
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0;
    return this.#random >>> 16;
  }
}
