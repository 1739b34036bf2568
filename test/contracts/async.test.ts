/** Contracts across waits: programs wait for functions of the host, in the host's calls, in those of other bundles, and while bundles come and go. */
import { describe, expect, test } from 'vitest';
import { BundleLoader, LuaHostBridge, type LoaderOptions, parseApi } from '../../contracts/index.ts';
import type { LuaTable } from '../../src/api/index.ts';
import { NEEDS_VALIDATOR, transformer, validator } from './bundles.ts';
import type { GuestContracts, HostContracts } from './golden/pipeline.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const api = parseApi(PIPELINE_API);
const later = <Value>(value: Value): Promise<Value> => new Promise((resolve) => setTimeout(resolve, 2, value));

/** A host whose `total` waits. */
const waitingHost: NonNullable<LoaderOptions<HostContracts>['host']> = {
  'host.logger': { log: () => undefined, log_with_level: () => undefined, total: (small, large) => later(BigInt(small) + large) },
};
const makeLoader = (options: Partial<LoaderOptions<HostContracts>> = {}): BundleLoader<GuestContracts, HostContracts> => new BundleLoader({ api, host: waitingHost, ...options });
const LOGGER = "local logger = require 'host.logger'";
const WAITS = 'local sum = 0 for i = 1, 3 do sum = sum + logger.total(i, tonumber(input), "") end return tostring(sum)';

describe('a guest', () => {
  test('waits for the host, and calls of it run side by side', async () => {
    const loader = makeLoader();
    await loader.load(transformer(WAITS, '', LOGGER));
    const { transform } = loader.guestAsync('data.Transformer');
    expect(await Promise.all(Array.from({ length: 40 }, (_, i) => transform(String(i))))).toEqual(Array.from({ length: 40 }, (_, i) => String(6 + 3 * i)));
    await loader.close();
  });

  test('that waits in a call that cannot is told so, and goes on to work', async () => {
    const loader = makeLoader();
    await loader.load(transformer(`if input == 'now' then return 'here' end ${WAITS}`, '', LOGGER));
    expect(() => loader.guest('data.Transformer').transform('1')).toThrow(expect.objectContaining({ reason: 'call-failed', message: expect.stringContaining('callAsync') }));
    expect(loader.guest('data.Transformer').transform('now')).toBe('here');
    expect(await loader.guestAsync('data.Transformer').transform('1')).toBe('9');
    await loader.close();
  });

  test('waits across pcall, and gets what the host rejects, and results that do not fit, as errors', async () => {
    const loader = makeLoader({ host: { 'host.logger': { log: () => undefined, log_with_level: () => undefined, total: async (small) => (small === 1 ? Promise.reject(new Error('refused')) : small === 2 ? ('text' as never) : later(7n)) } } });
    await loader.load(transformer('local ok, problem = pcall(logger.total, tonumber(input), 0, "") return tostring(ok) .. " " .. tostring(problem)', '', LOGGER));
    const { transform } = loader.guestAsync('data.Transformer');
    expect(await Promise.all(['1', '2', '3'].map((input) => transform(input)))).toEqual([expect.stringMatching(/^false .*refused/), expect.stringMatching(/^false .*u64 from 0/), 'true 7']);
    await loader.close();
  });

  test('waits for another bundle that waits', async () => {
    const loader = makeLoader();
    await loader.load(validator(`${LOGGER} return { ['pipeline.Validator'] = { validate = function(input) return logger.total(1, #input, '') > 3 end } }`));
    await loader.load(transformer('return tostring(v.validate(input))', NEEDS_VALIDATOR, "local v = require 'pipeline.Validator'"));
    const { transform } = loader.guestAsync('data.Transformer');
    expect(await Promise.all([transform('ab'), transform('abcd'), transform('')])).toEqual(['false', 'true', 'false']);
    await loader.close();
  });

  test('is ended by a signal, or by limits of the call', async () => {
    const loader = makeLoader();
    await loader.load(transformer(`if input == 'loop' then while true do end end ${WAITS}`, '', LOGGER));
    const abort = new AbortController();
    const waiting = loader.guestAsync('data.Transformer', { limits: { signal: abort.signal } }).transform('1');
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toMatchObject({ reason: 'call-failed', cause: { code: 'abort' } });
    expect(() => loader.guest('data.Transformer', { limits: { timeout: 20 } }).transform('loop')).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code: 'timeout' }) }));
    await expect(loader.guestAsync('data.Transformer', { limits: { fuel: 1000 } }).transform('loop')).rejects.toMatchObject({ cause: { code: 'fuel' } });
    expect(await loader.guestAsync('data.Transformer').transform('1')).toBe('9');
    await loader.close();
  });

  test('that waits is let come to its end when its bundle is reloaded or unloaded', async () => {
    const loader = makeLoader();
    await loader.load(transformer(`return "old " .. (function() ${WAITS} end)()`, '', LOGGER));
    const { transform } = loader.guestAsync('data.Transformer');
    const first = transform('1');
    await loader.reload(transformer(`return "new " .. (function() ${WAITS} end)()`, '', LOGGER));
    const second = transform('1');
    await loader.unload('transformer');
    expect(await Promise.all([first, second])).toEqual(['old 9', 'new 9']);
    await expect(transform('1')).rejects.toMatchObject({ reason: 'stale-handle' });
    await loader.close();
  });
});

test('a bridge waits, too', async () => {
  const bridge = new LuaHostBridge<HostContracts>(api);
  bridge.vm.setGlobal('later', later);
  bridge.register('host.logger', bridge.vm.load('return { log = print, log_with_level = print, total = function(small, large) return later(small) + large end }').call1() as LuaTable);
  const { total } = bridge.callerAsync('host.logger');
  expect(await Promise.all([total(1, 2n, new Uint8Array()), total(3, 4n, new Uint8Array())])).toEqual([3n, 7n]);
  expect(() => bridge.caller('host.logger').total(1, 2n, new Uint8Array())).toThrow(/callAsync/);
  const loader = makeLoader({ host: {}, bridge });
  await loader.load(transformer(WAITS, '', LOGGER));
  expect(await loader.guestAsync('data.Transformer').transform('1')).toBe('9');
  await loader.close();
  bridge.close();
});
