/**
 * Functions between a program and its host that are checked on the way: their arguments and results are what schemas say. Schemas are those of any library
 * that follows Standard Schema; what they make of a value (defaults, conversions) is what arrives.
 */
import { MoontraceError } from '../engine/errors/errors.ts';
import { isInstance, textOfHost } from '../engine/host-values.ts';
import { callHost } from './boundary.ts';
import { LuaFunction } from './handles/function.ts';
import { LuaTable } from './handles/table.ts';
import { type InputOf, isStandardSchema, type OutputOf, type SchemaIssue, type StandardSchema } from './standard-schema.ts';
import type { HostFunction, LuaInput, LuaValue, TableContent } from './types.ts';

/** A function: its parameters, and its result if it has one. */
export interface FunctionSchema {
  readonly params?: readonly StandardSchema[];
  readonly returns?: StandardSchema;
}

export type ContractSchema = Readonly<Record<string, FunctionSchema>>;

/** Where it is not known whether there are parameters, there may be any. */
type Params<Schema> = Schema extends { readonly params: infer Schemas extends readonly unknown[] } ? Schemas : 'params' extends keyof Schema ? readonly StandardSchema[] : [];
type Inputs<Schemas> = { -readonly [Place in keyof Schemas]: InputOf<Schemas[Place]> } extends infer Values extends unknown[] ? Values : never;
type Outputs<Schemas> = { -readonly [Place in keyof Schemas]: OutputOf<Schemas[Place]> } extends infer Values extends unknown[] ? Values : never;
type ReturnInput<Schema extends FunctionSchema> = Schema['returns'] extends StandardSchema ? InputOf<Schema['returns']> : unknown;
type ReturnOutput<Schema extends FunctionSchema> = Schema['returns'] extends StandardSchema ? OutputOf<Schema['returns']> : void;

/** What a host that implements a contract writes: it gets what the schemas made of the arguments. */
export type Implementation<Schema extends ContractSchema> = { readonly [Name in keyof Schema]: (...args: Outputs<Params<Schema[Name]>>) => ReturnInput<Schema[Name]> };
/** What a host calls when a program implements it. */
export type Caller<Schema extends ContractSchema> = { readonly [Name in keyof Schema]: (...args: Inputs<Params<Schema[Name]>>) => ReturnOutput<Schema[Name]> };

/** The most parameters that a function of a contract may have. */
const MAX_PARAMS = 255;

/** A function of a contract; undefined for what is none. */
function functionSchema(given: Partial<FunctionSchema> | null): FunctionSchema | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { params = [], returns } = given;
  if (!Array.isArray(params) || !(params.length <= MAX_PARAMS)) return undefined;
  const own: readonly unknown[] = [...params];
  if (!own.every(isStandardSchema) || (returns !== undefined && !isStandardSchema(returns))) return undefined;
  return { params: own, ...(returns !== undefined && { returns }) };
}

/** A copy of a contract's functions, each read once. @throws MoontraceError bad-argument; bad-value for a getter that throws */
export function copySchema<Schema extends ContractSchema>(schema: Schema): Schema {
  if (typeof schema !== 'object' || schema === null) throw new MoontraceError('bad-argument', 'schema: an object of functions expected');
  return callHost('bad-value', 'schema', () => Object.fromEntries(Object.entries(schema).map(([name, given]) => {
    const own = functionSchema(given);
    if (own === undefined) throw new MoontraceError('bad-argument', `schema: ${name}: { params, returns } of Standard Schemas expected`);
    return [name, own];
  }))) as Schema;
}

/** Where a value of a schema is wrong, and why. */
function textOfIssues(issues: readonly SchemaIssue[]): string {
  return issues.map(({ message, path = [] }) => [...path.map((part) => String(typeof part === 'object' ? part.key : part)), message].join(': ')).join('; ');
}

/** @param what the value is, in messages @throws MoontraceError contract */
const validate = (schema: StandardSchema, value: unknown, what: string): unknown => callHost('bad-value', what, () => {
  const attempt = (candidate: unknown): { readonly value?: unknown; readonly issues?: readonly SchemaIssue[] | undefined } => {
    const result = schema['~standard'].validate(candidate);
    if (typeof result !== 'object' || result === null) throw new MoontraceError('contract', `${what}: the schema gives no result`);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new MoontraceError('contract', `${what}: the schema is asynchronous`);
    }
    return result;
  };
  const result = attempt(value);
  if (result.issues === undefined) return result.value;
  // An empty table is an empty object or an empty array: the schema knows.
  const other = hasEmptyObject(value) ? attempt(withEmptyArrays(value)) : result;
  if (other.issues !== undefined) throw new MoontraceError('contract', `${what} (${textOfIssues(result.issues)})`);
  return other.value;
});

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Contents of tables: they may hold themselves. */
function hasEmptyObject(value: unknown, seen = new Set<unknown>()): boolean {
  if ((!isPlain(value) && !Array.isArray(value)) || seen.has(value)) return false;
  seen.add(value);
  const parts = Object.values(value);
  return (parts.length === 0 && !Array.isArray(value)) || parts.some((part) => hasEmptyObject(part, seen));
}

function withEmptyArrays(value: unknown, made = new Map<unknown, unknown>()): unknown {
  if (!isPlain(value) && !Array.isArray(value)) return value;
  if (made.has(value)) return made.get(value);
  const keys = Object.keys(value);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) || keys.length === 0 ? [] : {};
  made.set(value, copy);
  for (const key of keys) (copy as Record<string, unknown>)[key] = withEmptyArrays((value as Record<string, unknown>)[key], made);
  return copy;
}

/** Tables of Lua as values that schemas know. */
const fromLua = (value: LuaValue): unknown => (isInstance(value, LuaTable) ? value.toJS() : value);

/** Made by `Vm.contract`. */
export class Contract<Schema extends ContractSchema> {
  readonly #schema: Schema;
  readonly #newTable: (content: TableContent) => LuaTable;

  /** @internal */
  constructor(schema: Schema, newTable: (content: TableContent) => LuaTable) {
    this.#schema = schema;
    this.#newTable = newTable;
  }

  /**
   * A table of functions for programs: `vm.setGlobal('shop', contract.implement({ ... }))`. A wrong argument is an error at the call, a wrong result one of the host's;
   * both can be caught.
   * @throws MoontraceError contract for a function that is missing
   */
  implement(functions: Implementation<Schema>): LuaTable {
    if (typeof functions !== 'object' || functions === null) throw new MoontraceError('bad-argument', 'functions: an object expected');
    const entries = Object.entries<FunctionSchema>(this.#schema).map(([name, { params = [], returns }]) => {
      const implementation: unknown = callHost('bad-value', 'functions', () => (functions as Readonly<Record<string, unknown>>)[name]);
      if (typeof implementation !== 'function') throw new MoontraceError('contract', `${name}: a function expected, got ${textOfHost(implementation)}`);
      const checked: HostFunction = (...args) => {
        const values = params.map((schema, i) => validate(schema, fromLua(args[i]), `bad argument #${i + 1} to '${name}'`));
        const result: unknown = Reflect.apply(implementation, functions, values);
        return returns === undefined ? undefined : (validate(returns, result, `bad result of '${name}'`) as LuaInput);
      };
      return [name, checked] as const;
    });
    return this.#newTable(Object.fromEntries(entries));
  }

  /**
   * Functions of the host that call those of a table.
   * @throws MoontraceError contract for one that is missing; each function contract, bad-value, and LuaError
   */
  bind(table: LuaTable): Caller<Schema> {
    if (!isInstance(table, LuaTable)) throw new MoontraceError('bad-argument', 'table: a LuaTable expected');
    const entries = Object.entries<FunctionSchema>(this.#schema).map(([name, { params = [], returns }]) => {
      const func = table.get(name);
      if (!isInstance(func, LuaFunction)) throw new MoontraceError('contract', `${name}: the table has no such function`);
      const call = (...args: unknown[]): unknown => {
        const values = params.map((schema, i) => validate(schema, args[i], `bad argument #${i + 1} to '${name}'`) as LuaInput);
        const result = func.call1(...values);
        return returns === undefined ? undefined : validate(returns, fromLua(result), `bad result of '${name}'`);
      };
      return [name, call] as const;
    });
    return Object.freeze(Object.fromEntries(entries)) as Caller<Schema>;
  }
}
