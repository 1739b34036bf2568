/**
 * The account of work: VM_BUDGET counts down with every back-edge and every call, by the length of the code that may run until the next one,
 * and with the steps of library functions and instructions whose cost is the length of an operand.
 * Below zero the host is asked, which collects what is due to it (fuel, interrupts, time limits, the JIT's housekeeping) and fills it up again.
 *
 * What the collector does takes time, but is no work of the program's: it counts down as well, and in VM_TIME_UNITS, which the host gives back.
 * So the same program spends the same fuel, however often the collector ran.
 *
 * The count lives in memory, not in the interpreter's locals: an exception through the interpreter loses nothing, and what nested runs
 * and builtins spend is seen at once. So the same program spends the same number of units wherever it is interpreted.
 *
 * Which operations pay what is declared in the tables of opcodes, builtins and helpers (`work`); test/core/base/work.test.ts compares it with the steps they make.
 */
import { VM_BUDGET, VM_TIME_UNITS } from '../../bytecode/layout';
import { hostLook, hostRefill } from './host';

/** Steps of a library function's inner loop that count as one unit: about the time of an instruction of a Lua loop. */
export const STEPS_PER_UNIT: u32 = 16;
/** Bytes of code that count as one unit where they may be run in one go, as a power of two: 16 instructions. */
const CODE_SHIFT: u32 = 7;
/** So far below zero the count stays: it does not wrap around, whatever is charged between two looks. */
const DEEPEST: i32 = -0x40000000;

/** Spends one unit. @returns what is left; the interpreter returns to the host if that is negative */
// @ts-ignore: decorator
@inline export function spend(): i32 {
  const left = load<i32>(VM_BUDGET) - 1;
  store<i32>(VM_BUDGET, left);
  return left;
}

/** A function with so many bytes of code is entered: they may all run before the next back-edge or call. @returns as spend */
// @ts-ignore: decorator
@inline export function spendCall(codeSize: u32): i32 {
  const left = load<i32>(VM_BUDGET) - 1 - <i32>(codeSize >> CODE_SHIFT);
  store<i32>(VM_BUDGET, left);
  return left;
}

/** A back-edge by so many bytes (negative). @returns as spend */
// @ts-ignore: decorator
@inline export function spendJump(distance: i32): i32 {
  const left = load<i32>(VM_BUDGET) + (distance >> CODE_SHIFT);
  store<i32>(VM_BUDGET, left);
  return left;
}

// @ts-ignore: decorator
@inline function pay(units: u32): i32 {
  const left = max(load<i32>(VM_BUDGET) - <i32>units, DEEPEST);
  store<i32>(VM_BUDGET, left);
  return left;
}

/** Pays for steps of something that must not stop here; the next `spend` or `work` notices. */
// @ts-ignore: decorator
@inline export function charge(steps: u32): void { if (steps >= STEPS_PER_UNIT) chargeUnits(steps / STEPS_PER_UNIT); }

/** Pays for bytes that are copied, compared or hashed several at a time. */
// @ts-ignore: decorator
@inline export function chargeBytes(length: u32): void { if (length >= 8 * STEPS_PER_UNIT) charge(length >> 3); }

/** As `charge`, in units. */
export function chargeUnits(units: u32): void { pay(units); }

/**
 * Pays for `steps` steps of a library function, and lets the host stop it. To be called where the heap is consistent, with a bounded number
 * of steps between two calls. @throws what the host raises: out of fuel, interrupted
 */
export function work(steps: u32): void {
  if (pay(steps / STEPS_PER_UNIT) < 0) hostRefill();
}

/** Whether the host is to be asked: for loops that have to put something in order before `work` may throw. */
// @ts-ignore: decorator
@inline export function isOverdrawn(): bool { return load<i32>(VM_BUDGET) < 0; }

/** Counts steps of the collector. */
export function chargeTime(steps: u32): void {
  const units = steps / STEPS_PER_UNIT;
  pay(units);
  store<i32>(VM_TIME_UNITS, min(load<i32>(VM_TIME_UNITS) + <i32>units, -DEEPEST));
}

/** The same, and lets the host stop the program; not to be used where the heap is being changed. Nothing of the host's runs but the look at its limits. */
export function workTime(steps: u32): void {
  chargeTime(steps);
  if (isOverdrawn()) hostLook();
}
