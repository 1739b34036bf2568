/** A call of the ABI: bytes in, bytes out, and a code in between. What throws becomes a code, and a code that is not 0 an error again. */
import type { Contract, ContractFunction } from '../api/api.ts';
import { ContractError, FIRST_PLUGIN_CODE } from '../errors.ts';
import { type CallOptions, LuaError, LuaTable, MoontraceError } from '../../src/api/index.ts';
import { decodeRecord } from './decode.ts';
import { encodeRecord } from './encode.ts';

/** What a call came to. */
export interface AbiResult {
  /** 0, or what went wrong (CONTRACT_ERRORS; from 256 on a plugin's own). */
  readonly code: number;
  /** What went wrong, '' if nothing did. */
  readonly message: string;
  /** Bytes of the result. With `buffer-too-small` for `out`, those it takes; nothing was written then. */
  readonly length: number;
}

/** Whoever implements a contract, as bytes: the arguments' record of the function of that number in, that of its result out. Both @throw anything. */
export interface Dispatch {
  call(fn: number, args: Uint8Array, limits?: CallOptions): Uint8Array;
  /** May wait. */
  callAsync(fn: number, args: Uint8Array, limits?: CallOptions): Uint8Array | Promise<Uint8Array>;
}

/** Functions that may wait, of those that a contract has. */
export type AsyncFunctions<Functions> = { readonly [Name in keyof Functions]: Functions[Name] extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Result> : never };

/** What is thrown by code that implements a contract, as an error with a code. */
export function asContractError(error: unknown, what: string): ContractError {
  if (error instanceof ContractError) return error;
  if (error instanceof LuaError) {
    const own = error.value instanceof LuaTable ? pluginError(error.value) : undefined;
    if (own !== undefined) return new ContractError('plugin', `${what}: ${own.message}`, { cause: error, abiCode: own.code });
    // An error of a call that the program made keeps its code: the program did not catch it.
    if (error.cause instanceof ContractError) return error.cause;
    return new ContractError('call-failed', `${what}: ${error.message}`, { cause: error });
  }
  if (error instanceof MoontraceError) return new ContractError(error.code === 'core-failure' ? 'panic' : error.code === 'busy' ? 'reentrant-call' : 'generic', `${what}: ${error.message}`, { cause: error });
  return new ContractError('call-failed', `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** A plugin's own error: `error { code = 300, message = '...' }`. */
function pluginError(value: LuaTable): { readonly code: number; readonly message: string } | undefined {
  const code = value.rawGet('code');
  const message = value.rawGet('message');
  return typeof code === 'number' && Number.isInteger(code) && code >= FIRST_PLUGIN_CODE && code <= 0xffff_ffff ? { code, message: typeof message === 'string' ? message : '' } : undefined;
}

/** The function of that number. @throws ContractError function-not-available */
export function functionOf(contract: Contract, fn: number): ContractFunction {
  const found = contract.functions[fn];
  if (found === undefined) throw new ContractError('function-not-available', `${contract.name}: function ${fn} of ${contract.functions.length}`);
  return found;
}

/** What a function's arguments are, in messages. */
export const argumentsOf = (contract: Contract, fn: ContractFunction): string => `arguments of ${contract.name}.${fn.name}`;
const resultOf = (contract: Contract, fn: ContractFunction): string => `result of ${contract.name}.${fn.name}`;

/** Runs a call with bytes. @param out gets the result's bytes @returns what it came to; throws nothing */
export function callBytes(action: () => Uint8Array, out: Uint8Array): AbiResult {
  try {
    const result = action();
    if (result.length > out.length) return { code: 2, message: `the result takes ${result.length} bytes, there is room for ${out.length}`, length: result.length };
    out.set(result);
    return { code: 0, message: '', length: result.length };
  } catch (error) {
    const { abiCode, message } = asContractError(error, 'call');
    return { code: abiCode, message, length: 0 };
  }
}

/** A function's arguments as bytes. @throws ContractError bad-value */
function encodeArguments(contract: Contract, fn: ContractFunction, args: readonly unknown[]): Uint8Array {
  if (args.length > fn.params.length) throw new ContractError('bad-value', `${argumentsOf(contract, fn)}: ${fn.params.length} expected, got ${args.length}`);
  return encodeRecord(fn.params, args, argumentsOf(contract, fn));
}

const decodeResult = (contract: Contract, fn: ContractFunction, bytes: Uint8Array): unknown => decodeRecord(fn.returns, bytes, resultOf(contract, fn))[0];

type AnyFunction = (...args: unknown[]) => unknown;

const byName = (contract: Contract, make: (fn: ContractFunction, number: number) => AnyFunction): Readonly<Record<string, AnyFunction>> =>
  Object.freeze(Object.fromEntries(contract.functions.map((fn, number) => [fn.name, make(fn, number)])));

/** Functions of the host that call a contract: they take and return values. Each @throws ContractError */
export const createCaller = (contract: Contract, dispatch: Dispatch, limits?: CallOptions): Readonly<Record<string, AnyFunction>> =>
  byName(contract, (fn, number) => (...args) => decodeResult(contract, fn, dispatch.call(number, encodeArguments(contract, fn, args), limits)));

/** The same, which wait for those that wait. */
export const createAsyncCaller = (contract: Contract, dispatch: Dispatch, limits?: CallOptions): Readonly<Record<string, AnyFunction>> =>
  byName(contract, (fn, number) => async (...args) => decodeResult(contract, fn, await dispatch.callAsync(number, encodeArguments(contract, fn, args), limits)));

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';

/** A dispatch into functions of the host, which may return promises. @throws ContractError type-mismatch for one that is missing */
export function dispatchToHost(contract: Contract, implementation: unknown): Dispatch {
  if (typeof implementation !== 'object' || implementation === null) throw new ContractError('type-mismatch', `${contract.name}: an object with its functions expected`);
  const functions = contract.functions.map(({ name }) => {
    const found = (implementation as Readonly<Record<string, unknown>>)[name];
    if (typeof found !== 'function') throw new ContractError('type-mismatch', `${contract.name}.${name}: a function expected`);
    return found as AnyFunction;
  });
  const callAsync: Dispatch['callAsync'] = (number, args) => {
    const fn = functionOf(contract, number);
    const encode = (result: unknown): Uint8Array => encodeRecord(fn.returns, [result], resultOf(contract, fn));
    const result = functions[number]!.apply(implementation, decodeRecord(fn.params, args, argumentsOf(contract, fn)));
    return isPromise(result) ? Promise.resolve(result).then(encode) : encode(result);
  };
  // A promise goes on to the program's call, which says that it cannot wait.
  return { call: callAsync as Dispatch['call'], callAsync };
}
