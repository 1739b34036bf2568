/** A JIT that is loaded when the first loop is hot, or a function calls itself for long: programs that do little never need it, and to load it is a sixth of what they take. */
import { VM_HOT_LOOP, VM_JIT_ATTACHED } from '../bytecode/layout.ts';
import { recursiveFunction } from './profile/recursion.ts';
import { HOT_LOOP, type JitPort, NULL_JIT, type VmInternals } from './jit-port.ts';

class LateJit implements JitPort {
  readonly #load: () => JitPort | undefined;
  #internals: VmInternals | undefined;
  /** The JIT as far as there is one. */
  #jit = NULL_JIT;

  constructor(load: () => JitPort | undefined) {
    this.#load = load;
  }

  get activity(): JitPort['activity'] {
    return this.#jit.activity;
  }

  attach(internals: VmInternals): void {
    this.#internals = internals;
    internals.memory.store(VM_JIT_ATTACHED, 1);
    internals.memory.store(VM_HOT_LOOP, HOT_LOOP);
  }

  onHotLoop(loopPc: number): number {
    this.#attachLoaded();
    return this.#jit.onHotLoop(loopPc);
  }

  #attachLoaded(): void {
    const internals = this.#internals;
    if (internals === undefined) return;
    this.#internals = undefined;
    // Nothing counts loops any more if there is no JIT to be had.
    internals.memory.store(VM_JIT_ATTACHED, 0);
    this.#jit = this.#load() ?? NULL_JIT;
    this.#jit.attach(internals);
  }

  onHotFunction(proto: number): number {
    return this.#jit.onHotFunction(proto);
  }

  onHotExit(exit: number, trace: number): number {
    return this.#jit.onHotExit(exit, trace);
  }

  onBudget(): void {
    if (this.#internals !== undefined && recursiveFunction(this.#internals.memory) !== 0) this.#attachLoaded();
    this.#jit.onBudget();
  }

  onCollected(): void {
    this.#jit.onCollected();
  }

  flush(): void {
    this.#jit.flush();
  }

  blocks(): ReturnType<JitPort['blocks']> {
    return this.#jit.blocks();
  }

  saveCode(): ReturnType<JitPort['saveCode']> {
    return this.#jit.saveCode();
  }

  adoptCode(code: Parameters<JitPort['adoptCode']>[0]): boolean {
    this.#attachLoaded();
    return this.#jit.adoptCode(code);
  }

  settle(): Promise<void> {
    return this.#jit.settle();
  }

  stats(): ReturnType<JitPort['stats']> {
    return this.#jit.stats();
  }

  report(): ReturnType<JitPort['report']> {
    return this.#jit.report();
  }

  close(): void {
    this.#internals = undefined;
    this.#jit.close();
  }
}

/** @param load makes a JIT with the usual thresholds; undefined if it cannot */
export const createLateJit = (load: () => JitPort | undefined): JitPort => new LateJit(load);
