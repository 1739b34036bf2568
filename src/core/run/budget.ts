/**
 * The account of work: VM_BUDGET counts down with every back-edge, every call, and with the steps of library functions that can take long.
 * Below zero the host is asked, which collects what is due to it (fuel, interrupts, time limits, the JIT's housekeeping) and fills it up again.
 *
 * The count lives in memory, not in the interpreter's locals: an exception through the interpreter loses nothing, and what nested runs
 * and builtins spend is seen at once. So the same program spends the same number of units wherever it is interpreted.
 */
import { VM_BUDGET } from '../../bytecode/layout';
import { hostRefill } from '../host';

/** Steps of a library function's inner loop that count as one unit: about the time of an instruction of a Lua loop. */
export const STEPS_PER_UNIT: u32 = 16;

/** Spends one unit. @returns what is left; the interpreter returns to the host if that is negative */
// @ts-ignore: decorator
@inline export function spend(): i32 {
  const left = load<i32>(VM_BUDGET) - 1;
  store<i32>(VM_BUDGET, left);
  return left;
}

/** Pays for steps of something that must not stop here; the next `spend` or `work` notices. */
export function charge(steps: u32): void {
  store<i32>(VM_BUDGET, load<i32>(VM_BUDGET) - <i32>(steps / STEPS_PER_UNIT));
}

/**
 * Pays for `steps` steps of a library function, and lets the host stop it. To be called where the heap is consistent, with a bounded number
 * of steps between two calls. @throws what the host raises: out of fuel, interrupted
 */
export function work(steps: u32): void {
  const left = load<i32>(VM_BUDGET) - <i32>(steps / STEPS_PER_UNIT);
  store<i32>(VM_BUDGET, left);
  if (left < 0) hostRefill();
}
