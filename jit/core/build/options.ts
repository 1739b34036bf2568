/** Switches of the optimiser, one bit per pass: OptimiserOptions of jit/build/options.ts without `verify`. */

/** Algebraic rewriting while instructions are emitted (fold.ts). */
export const FOLD: i32 = 1;
/** Common subexpressions, repeated loads and repeated guards. */
export const CSE: i32 = 2;
/** Loads after stores take the stored value (forward.ts). */
export const FORWARD: i32 = 4;
/** Pre-roll and loop body by copy-substitution (loop.ts). */
export const LOOP: i32 = 8;
/** Dead stores (dead-stores.ts). */
export const DSE: i32 = 16;
/** Dead code (dead-code.ts). */
export const DCE: i32 = 32;
