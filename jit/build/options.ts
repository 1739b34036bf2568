/** Switches of the optimiser, one per pass, so that tests can tell what each of them contributes and run with any of them off. */
export interface OptimiserOptions {
  /** Algebraic rewriting while instructions are emitted (fold.ts). */
  readonly fold: boolean;
  /** Common subexpressions, repeated loads and repeated guards. */
  readonly cse: boolean;
  /** Loads after stores take the stored value (forward.ts). */
  readonly forward: boolean;
  /** Pre-roll and loop body by copy-substitution (loop.ts). */
  readonly loop: boolean;
  /** Dead stores (dead-stores.ts). */
  readonly dse: boolean;
  /** Dead code (dead-code.ts). */
  readonly dce: boolean;
  /** Run the verifier behind every pass. */
  readonly verify: boolean;
}

export const DEFAULT_OPTIONS: OptimiserOptions = { fold: true, cse: true, forward: true, loop: true, dse: true, dce: true, verify: false };

/** The switches as the core takes them: bits of jit/core/build/options.ts. */
export const optionBits = ({ fold, cse, forward, loop, dse, dce }: OptimiserOptions): number =>
  [fold, cse, forward, loop, dse, dce].reduce((bits, isOn, bit) => bits | (isOn ? 1 << bit : 0), 0);
