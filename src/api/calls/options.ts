/** What a single call may be given besides its arguments. */
import { checkOptions, hasMethods, isNumber, type OptionChecks } from '../check-options.ts';
import type { AllowanceOptions } from '../../engine/state/allowance.ts';

/** The longest time that a timer of the host takes. */
const MAX_TIMER = 2 ** 31 - 1;

/** Limits of one call. What is left out is as the VM's options say. */
export interface CallOptions extends AllowanceOptions {
  /**
   * Ends the call when it fires: its to-be-closed variables are closed, innermost first, then it is over, with a LuaError of code 'abort' whose cause is the
   * signal's reason. No pcall catches that.
   */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds after which a call that can wait lets timers, input and output of the host have their turn, again and again. By default a call runs until it is
   * done or waits. A library function is not divided. No meaning for calls that cannot wait.
   */
  readonly yieldEvery?: number;
}

const isAmount = isNumber((value) => value >= 0, 'an amount expected');
const isTime = isNumber((value) => value > 0, 'a positive number of milliseconds expected');

const CHECKS: OptionChecks<CallOptions> = {
  fuel: isAmount,
  timeout: isTime,
  wallTimeout: isNumber((value) => value > 0 && value <= MAX_TIMER, `a positive number of milliseconds up to ${MAX_TIMER} expected`),
  outputLimit: isAmount,
  signal: hasMethods(['addEventListener', 'removeEventListener'], 'an AbortSignal'),
  yieldEvery: isTime,
};

/** @throws MoontraceError bad-option */
export const checkCallOptions = (given: unknown): CallOptions => checkOptions(given, CHECKS);
