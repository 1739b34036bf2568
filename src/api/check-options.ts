/** Checks a bag of options against a table of what each may be, before anything is made of it. */
import { MoontraceError } from '../engine/errors/errors.ts';
import { textOfHost } from '../engine/host-values.ts';

/** For a value that was given: undefined, or what it ought to be. */
export type OptionCheck = (value: unknown) => string | undefined;
export type OptionChecks<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

const must = (isRight: (value: unknown) => boolean, expected: string): OptionCheck => (value) => (isRight(value) ? undefined : expected);

export const isFunction = must((value) => typeof value === 'function', 'a function expected');
export const isBoolean = must((value) => typeof value === 'boolean', 'true or false expected');
export const isNumber = (isRight: (value: number) => boolean, expected: string): OptionCheck =>
  must((value) => typeof value === 'number' && isRight(value), expected);
export const isArrayOf = (items: readonly string[], what: string): OptionCheck =>
  must((value) => Array.isArray(value) && value.every((item) => items.includes(item as string)), `an array of ${what} expected`);
/** An object with these methods. */
export const hasMethods = (names: readonly string[], what: string): OptionCheck =>
  must((value) => isObject(value) && names.every((name) => typeof value[name] === 'function'), `${what} expected`);

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** The most that an array among the options may have: one that claims more may have a few in 2^32, and is not gone through. */
const MAX_LIST = 1 << 16;

/** An array as it is now, which is what is checked and used from here on; anything else as it is. @throws MoontraceError bad-option */
function settled(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return value;
  const { length } = value;
  if (!(length <= MAX_LIST)) throw new MoontraceError('bad-option', `${name}: an array of more than ${MAX_LIST} elements`);
  return Array.from({ length }, (_, place): unknown => value[place]);
}

/** A copy of options that others will check, each read once. @throws MoontraceError bad-option */
export function copyOptions<Options extends object>(given: Options | undefined): Partial<Options> {
  if (given === undefined) return {};
  if (!isObject(given)) throw new MoontraceError('bad-option', `an object expected, got ${textOfHost(given)}`);
  try {
    return { ...(given as Options) };
  } catch (error) {
    throw new MoontraceError('bad-option', `options: ${textOfHost(error)}`, { cause: error });
  }
}

/** A copy of the options with those that were given, each read once, arrays included. @throws MoontraceError bad-option, naming the option */
export function checkOptions<Options extends object>(given: unknown, checks: OptionChecks<Options>): Options {
  const options: Record<string, unknown> = {};
  if (given === undefined) return options as Options;
  if (!isObject(given)) throw new MoontraceError('bad-option', `an object expected, got ${textOfHost(given)}`);
  let at = 'options';
  try {
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(checks, name));
    if (unknown !== undefined) throw new MoontraceError('bad-option', `there is no option '${unknown}'`);
    for (const [name, check] of Object.entries<OptionCheck>(checks)) {
      at = name;
      const value = settled(given[name], name);
      if (value === undefined) continue;
      const problem = check(value);
      if (problem !== undefined) throw new MoontraceError('bad-option', `${name}: ${problem}, got ${textOfHost(value)}`);
      options[name] = value;
    }
  } catch (error) {
    if (error instanceof MoontraceError) throw error;
    throw new MoontraceError('bad-option', `${at}: ${textOfHost(error)}`, { cause: error });
  }
  return options as Options;
}

/** @param what the argument is called @throws MoontraceError bad-argument */
export function checkFunction(value: unknown, what: string): void {
  if (typeof value !== 'function') throw new MoontraceError('bad-argument', `${what}: a function expected`);
}

/** @param what the argument is called @throws MoontraceError bad-argument */
export function checkText(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string') throw new MoontraceError('bad-argument', `${what}: a string expected`);
}
