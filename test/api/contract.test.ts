/** `vm.contract`: what crosses is what schemas say, in both directions; the types follow from them. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { contractSchema, findContract, parseApi } from '../../contracts/index.ts';
import { createVm, type LuaTable, MoontraceError, type StandardSchema, type Vm } from '../../src/api/index.ts';
import { PIPELINE_API } from '../contracts/pipeline-api.ts';

/** A schema as the libraries make them. @param convert the value, or what is wrong */
const schema = <Input, Output = Input>(convert: (value: unknown) => { value: Output } | string, path: PropertyKey[] = []): StandardSchemaV1<Input, Output> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const result = convert(value);
      return typeof result === 'string' ? { issues: [{ message: result, path: path.map((key, i) => (i % 2 === 0 ? key : { key })) }] } : result;
    },
  },
});

const string = schema<string>((value) => (typeof value === 'string' ? { value } : 'a string expected'));
const number = schema<number>((value) => (typeof value === 'number' ? { value } : 'a number expected'));
const numbers = schema<number[]>((value) => (Array.isArray(value) && value.every((item) => typeof item === 'number') ? { value } : 'numbers expected'));
/** With a default, and a conversion. */
const count = schema<number | undefined, bigint>((value) => (value === undefined ? { value: 1n } : typeof value === 'number' ? { value: BigInt(value) } : 'a count expected'));
const order = schema<{ items: { name: string }[] }>((value) => (Array.isArray((value as { items?: unknown } | undefined)?.items) ? { value: value as { items: { name: string }[] } } : 'no items'), ['order', 'items']);

let vm: Vm;
beforeEach(() => {
  vm = createVm();
});
afterEach(() => vm.close());

describe('what the host implements', () => {
  test('gets arguments as the schemas make them, and gives results so', () => {
    const shop = vm.contract({ price: { params: [string, count], returns: number }, log: { params: [string] }, total: { params: [order], returns: number }, list: { params: [numbers], returns: numbers } });
    const lines: unknown[] = [];
    vm.setGlobal('shop', shop.implement({
      price(name, amount) {
        expectTypeOf(name).toEqualTypeOf<string>();
        expectTypeOf(amount).toEqualTypeOf<bigint>();
        return name.length * Number(amount);
      },
      log: (line) => lines.push(line),
      total: ({ items }) => items.length,
      list: (values) => values.map((value) => value + 1),
    }));
    expect(vm.doString('return shop.price("pear"), shop.price("pear", 3), shop.total { items = { { name = "a" }, { name = "b" } } }, shop.list({ 1, 2 })[2]')).toEqual([4, 12, 2, 3]);
    expect(vm.doString('return shop.log("x", "more")')).toEqual([]);
    expect(lines).toEqual(['x']);
  });

  test('takes an empty table for an empty array where the schema wants one', () => {
    vm.setGlobal('shop', vm.contract({ total: { params: [order], returns: number }, list: { params: [numbers], returns: number } }).implement({ total: ({ items }) => items.length, list: (values) => values.length }));
    expect(vm.doString('return shop.total { items = {} }, shop.list {}')).toEqual([0, 0]);
  });

  test('is an error at the call if an argument is wrong, or of the host if a result is', () => {
    vm.setGlobal('shop', vm.contract({ price: { params: [string, number], returns: number }, total: { params: [order] } }).implement({ price: () => 'free' as never, total: () => undefined }));
    const problem = (call: string): unknown => vm.doString(`local ok, problem = pcall(function() return ${call} end) return tostring(problem)`)[0];
    expect(problem('shop.price(1)')).toBe("contract: bad argument #1 to 'price' (a string expected)");
    expect(problem('shop.price("x")')).toBe("contract: bad argument #2 to 'price' (a number expected)");
    expect(problem('shop.price("x", 1)')).toBe("contract: bad result of 'price' (a number expected)");
    expect(problem('shop.total {}')).toBe("contract: bad argument #1 to 'total' (order: items: no items)");
    expect(() => vm.doString('shop.price(1)')).toThrow(expect.objectContaining({ cause: expect.any(MoontraceError) }));
  });

  test('must be there', () => {
    const contract = vm.contract({ price: { params: [string], returns: number } });
    for (const functions of [{}, { price: 1 }]) expect(() => contract.implement(functions as never)).toThrow(expect.objectContaining({ code: 'contract' }));
    for (const functions of [undefined, 1, null]) expect(() => contract.implement(functions as never)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});

describe('what a program implements', () => {
  test('is called with values of the schemas', () => {
    const plugin = vm.contract({ run: { params: [order, count], returns: numbers }, stop: {} }).bind(vm.doString('return { run = function(order, n) last = n return { #order.items, n } end, stop = function() stopped = true return 7 end }')[0] as LuaTable);
    expectTypeOf(plugin.run).parameters.toEqualTypeOf<[{ items: { name: string }[] }, number | undefined]>();
    expectTypeOf(plugin.run).returns.toEqualTypeOf<number[]>();
    expect(plugin.run({ items: [{ name: 'a' }] }, undefined)).toEqual([1, 1]);
    expect(plugin.stop()).toBeUndefined();
    expect(vm.getGlobal('stopped')).toBe(true);
    expect(() => plugin.run({} as never, 1)).toThrow(expect.objectContaining({ code: 'contract', detail: "bad argument #1 to 'run' (order: items: no items)" }));
  });

  test('is refused if its results are wrong, or if it is not there', () => {
    const contract = vm.contract({ run: { returns: string } });
    const bind = (source: string) => contract.bind(vm.doString(source)[0] as LuaTable);
    expect(() => bind('return { run = function() return 1 end }').run()).toThrow(expect.objectContaining({ code: 'contract', detail: "bad result of 'run' (a string expected)" }));
    expect(() => bind('return { run = function() error("mine") end }').run()).toThrow(/mine/);
    expect(() => bind('return {}')).toThrow(expect.objectContaining({ code: 'contract' }));
    expect(() => contract.bind({} as never)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});

describe('schemas', () => {
  test.each([[undefined], [1], [{ f: 1 }], [{ f: null }], [{ f: { params: 1 } }], [{ f: { params: [{}] } }], [{ f: { returns: () => true } }], [{ f: { params: [{ '~standard': {} }] } }]])('%o is none', (given) => {
    expect(() => vm.contract(given as never)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  test('that are asynchronous, throw, or give nothing are errors', () => {
    const strange = (validate: () => unknown): StandardSchema => ({ '~standard': { version: 1, vendor: 'test', validate: validate as never } });
    const call = (validate: () => unknown) => () => vm.contract({ f: { params: [strange(validate)] } }).bind(vm.doString('return { f = print }')[0] as LuaTable).f(1);
    expect(call(async () => ({ value: 1 }))).toThrow(expect.objectContaining({ code: 'contract', detail: expect.stringContaining('asynchronous') }));
    expect(call(() => Promise.reject(new Error('later')))).toThrow(expect.objectContaining({ code: 'contract' }));
    expect(call(() => undefined)).toThrow(expect.objectContaining({ code: 'contract' }));
    expect(call(() => {
      throw new Error('mine');
    })).toThrow(expect.objectContaining({ code: 'bad-value', cause: new Error('mine') }));
  });

  test('may be the types of an api.toml', () => {
    const logger = findContract(parseApi(PIPELINE_API), 'host', 'host.logger')!;
    const sums: unknown[] = [];
    vm.setGlobal('logger', vm.contract(contractSchema(logger)).implement({ log: (...args) => sums.push(args), log_with_level: () => undefined, total: (small, large) => BigInt(small as number) + (large as bigint) }));
    expect(vm.doString('logger.log("x") return logger.total(1, 2, "")')).toEqual([3]);
    expect(sums).toEqual([['x']]);
    expect(() => vm.doString('logger.total(256, 2, "")')).toThrow(/bad argument #1 to 'total' \(.*u8 from 0 to 255 expected, got 256\)/);
  });
});

test('a contract of a closed VM is of no use', () => {
  const contract = vm.contract({ f: {} });
  vm.close();
  expect(() => vm.contract({})).toThrow(expect.objectContaining({ code: 'closed' }));
  expect(() => contract.implement({ f: () => undefined })).toThrow(expect.objectContaining({ code: 'closed' }));
});
