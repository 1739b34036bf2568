/** LuaHostBridge: registering, calling with bytes and with values, and each code that a call can end with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CONTRACT_ERRORS, encodeRecord, findContract, LuaHostBridge, parseApi } from '../../contracts/index.ts';
import { createJit } from '../../jit/index.ts';
import { machineOf } from '../../src/api/engine-port.ts';
import { createVm, type LuaTable, type VmOptions } from '../../src/api/index.ts';
import type { HostContracts } from './golden/pipeline.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const api = parseApi(PIPELINE_API);
const logger = findContract(api, 'host', 'host.logger')!;

const bridges: LuaHostBridge[] = [];
afterEach(() => {
  for (const bridge of bridges.splice(0)) bridge.close();
});

function makeBridge(source: string, options?: VmOptions): LuaHostBridge<HostContracts> {
  const bridge = new LuaHostBridge<HostContracts>(api, options);
  bridges.push(bridge as never);
  return bridge.register('host.logger', bridge.vm.load(`local f = function() end local t = { log = f, log_with_level = f, total = f } ${source} return t`, '=impl').call1() as LuaTable);
}

const TOTAL = 2;
const totalArgs = encodeRecord(logger.functions[TOTAL]!.params, [1, 2n, Uint8Array.of(9)], 'args');

describe('a bridge', () => {
  test('has a VM of its own, which nothing else sees', () => {
    const [a, b] = [makeBridge(''), makeBridge('')];
    a.vm.setGlobal('x', 1);
    expect(b.vm.getGlobal('x')).toBeUndefined();
    expect([a.runtimeType, a.size]).toEqual(['lua', 1]);
  });

  test('may have room from the start, and has more if it takes more', () => {
    const bridge = LuaHostBridge.withCapacity<HostContracts>(0, api);
    bridge.register(logger.id, bridge.vm.load('local f = function() end return { log = f, log_with_level = f, total = f }').call1() as LuaTable);
    expect(bridge.size).toBe(1);
    bridge.close();
    for (const capacity of [-1, 1.5, Number.NaN, '3', 2 ** 40]) expect(() => LuaHostBridge.withCapacity(capacity as number, api)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  test('calls with values', () => {
    const bridge = makeBridge('lines = {} function t.log(text) lines[#lines + 1] = text end function t.total(small, large, bytes) return small + large + #bytes end');
    const functions = bridge.caller('host.logger');
    functions.log('é');
    expect((bridge.vm.getGlobal('lines') as LuaTable).get(1)).toBe('é');
    expect(functions.total(255, 2n ** 64n - 1n, new Uint8Array(1))).toBe(255n);
    expect(() => functions.total(256, 0n, new Uint8Array())).toThrow(expect.objectContaining({ reason: 'bad-value', message: expect.stringContaining('arguments of host.logger.total: small: u8 from 0 to 255 expected, got 256') }));
    expect(() => (functions.log as (...args: unknown[]) => void)('a', 'b')).toThrow(expect.objectContaining({ reason: 'bad-value' }));
  });

  test('calls with bytes', () => {
    const bridge = makeBridge('function t.total(small, large, bytes) return small + large + bytes:byte() end');
    const out = new Uint8Array(10).fill(7);
    expect(bridge.call(logger.id, TOTAL, totalArgs, out)).toEqual({ code: 0, message: '', length: 8 });
    expect([...out]).toEqual([12, 0, 0, 0, 0, 0, 0, 0, 7, 7]);
    expect(bridge.call(logger.id, 0, encodeRecord(logger.functions[0]!.params, ['x'], 'args'), new Uint8Array())).toEqual({ code: 0, message: '', length: 0 });
  });

  test('keeps its JIT', () => {
    const bridge = makeBridge('function t.total(small, large) local sum = 0 for i = 1, 1000000 do sum = sum + i % 7 end return sum end', { jit: createJit() });
    expect(bridge.caller('host.logger').total(1, 1n, new Uint8Array())).toBe(2999998n);
    expect(bridge.vm.stats().compiled).toBeGreaterThan(0);
  });
});

describe('registering is refused', () => {
  test.each([
    ['what is not in the API', 'host.nothing', 'return {}', 'host-contract-not-found'],
    ['a contract of the guests', 'data.Transformer', 'return {}', 'host-contract-not-found'],
    ['what is registered', 'host.logger', 'return { log = print, log_with_level = print, total = print }', 'duplicate-contract'],
  ])('%s', (_, name, source, reason) => {
    const bridge = makeBridge('');
    expect(() => bridge.register(name, bridge.vm.load(source).call1() as LuaTable)).toThrow(expect.objectContaining({ reason }));
    expect(bridge.size).toBe(1);
  });

  test.each([['a number', 'return 1'], ['a function', 'return print'], ['a table without one of the functions', 'return { log = print, total = print }'], ['a table with another value', 'return { log = 1, log_with_level = print, total = print }']])('%s', (_, source) => {
    const bridge = new LuaHostBridge(api);
    expect(() => bridge.register('host.logger', bridge.vm.load(source).call1() as LuaTable)).toThrow(expect.objectContaining({ reason: 'type-mismatch', abiCode: 1 }));
    expect(bridge.size).toBe(0);
    bridge.close();
  });

  test('a table of another VM', () => {
    const bridge = new LuaHostBridge(api);
    const other = createVm();
    const foreign = other.load('return { log = print, log_with_level = print, total = print }').call1() as LuaTable;
    expect(() => bridge.register('host.logger', foreign)).toThrow(expect.objectContaining({ code: 'contract' }));
    bridge.close();
    other.close();
  });
});

describe('a call ends with code', () => {
  const call = (source: string, options?: VmOptions, args = totalArgs, out = new Uint8Array(8)) => makeBridge(source, options).call(logger.id, TOTAL, args, out);

  test('2 if there is no room for the result, and then writes nothing', () => {
    const out = new Uint8Array(7);
    expect(call('function t.total() return -1 end', {}, totalArgs, out)).toEqual({ code: 2, message: expect.stringContaining('8 bytes'), length: 8 });
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('2 if there are too few bytes of arguments', () => {
    expect(call('function t.total() ran = true return 0 end', {}, totalArgs.subarray(0, 39)).code).toBe(2);
  });

  test("3 if the engine failed: 'panic'", () => {
    const bridge = makeBridge('');
    machineOf(bridge.vm).access.fail('for a test', undefined);
    expect(bridge.call(logger.id, TOTAL, totalArgs, new Uint8Array(8))).toEqual({ code: 3, message: expect.stringContaining(CONTRACT_ERRORS['panic'][1]), length: 0 });
  });

  test('6 for a function there is not', () => {
    const bridge = makeBridge('');
    for (const fn of [3, -1, 0.5, Number.NaN]) expect(bridge.call(logger.id, fn, new Uint8Array(), new Uint8Array()).code).toBe(6);
  });

  test('8 for bytes that refer to others than theirs', () => {
    expect(call('', {}, totalArgs.with(16, 255)).code).toBe(8);
  });

  test('9 if the VM is in a call', () => {
    const bridge = makeBridge('function t.total() return again() end');
    const codes: number[] = [];
    bridge.vm.setGlobal('again', () => {
      codes.push(bridge.call(logger.id, TOTAL, totalArgs, new Uint8Array(8)).code);
      return 5;
    });
    expect(bridge.call(logger.id, TOTAL, totalArgs, new Uint8Array(8)).code).toBe(0);
    expect(codes).toEqual([9]);
  });

  test('100 for a contract that is not registered', () => {
    expect(makeBridge('').call(1n, 0, new Uint8Array(), new Uint8Array())).toEqual({ code: 100, message: expect.stringContaining('there is no such host contract'), length: 0 });
  });

  test('102 for an error of the program, with its text', () => {
    expect(call('function t.total() error("why not") end')).toEqual({ code: 102, message: expect.stringContaining('host.logger.total: impl:1: why not'), length: 0 });
    expect(call('function t.total() return "x" end')).toEqual({ code: 102, message: expect.stringContaining("bad result of 'total' (u64 expected, got string)"), length: 0 });
    expect(call('function t.total() error() end').code).toBe(102);
  });

  test('102 for a limit', () => {
    expect(call('function t.total() while true do end end', { fuel: 100_000 })).toEqual({ code: 102, message: expect.stringContaining('out of fuel'), length: 0 });
  });

  test.each([[256, 256], [70_000, 70_000], [255, 102], [2 ** 32, 102], ['x', 102]])('of the program from 256 on: %o gives %d', (code, expected) => {
    expect(call(`function t.total() error { code = ${JSON.stringify(code)}, message = "mine" } end`).code).toBe(expected);
  });

  test('102 for what a host function throws, 1 for what is closed', () => {
    const bridge = makeBridge('function t.total() return fail() end');
    bridge.vm.setGlobal('fail', () => {
      throw new TypeError('of the host');
    });
    expect(bridge.call(logger.id, TOTAL, totalArgs, new Uint8Array(8))).toEqual({ code: 102, message: expect.stringContaining('of the host'), length: 0 });
    bridge.close();
    expect(bridge.call(logger.id, TOTAL, totalArgs, new Uint8Array(8))).toEqual({ code: 1, message: expect.stringContaining('the VM is closed'), length: 0 });
  });
});

test('each reason there is for an error is met by a test', () => {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts')).map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  expect(Object.keys(CONTRACT_ERRORS).filter((reason) => !tests.includes(`'${reason}'`))).toEqual([]);
});
