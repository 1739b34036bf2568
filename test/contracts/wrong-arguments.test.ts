/** The functions that `moontrace/contracts` exports, with every plain value that is of another type, in every place: each returns, or throws a MoontraceError. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as contracts from '../../contracts/index-node.ts';
import { createVm, MoontraceError } from '../../src/api/index-node.ts';
import { hostileValues } from '../api/hostile-values.ts';

/** Proxies and getters that throw are left out: what is handed in here comes from files, by other functions of these. */
const VALUES = Object.entries(hostileValues(createVm())).filter(([what]) => !/proxy|throws/.test(what));

/** For messages. */
const [WHERE, REASON] = ['where', 'bad-value'] as const;
const api = contracts.parseApi(readFileSync('examples/plugin-host/api.toml', 'utf8'));
const [contract] = api.contracts as [contracts.Contract, ...contracts.Contract[]];
const fields = contract.functions[0]?.params ?? [];
const files = contracts.bundleFiles({ 'a.lua': '' });
const key = await contracts.generateSigningKey();
const version = contracts.parseVersion('1.2', WHERE, REASON);

/** Arguments that each function takes. */
const FUNCTIONS: Readonly<Record<string, readonly unknown[]>> = {
  bundleDigest: [files], bundleFiles: [{}], bundleId: ['name'], contractId: ['host', 'name', 1], contractSchema: [contract], decodeRecord: [fields, new Uint8Array(64), WHERE],
  encodeRecord: [fields, [], WHERE], extentOf: [{ kind: 'string' }], findContract: [api, 'host', 'name'], fnv1a64: ['text'], generateAnnotations: [api], generateLuaCodec: [api],
  generateManifest: [{ provides: [], dependencies: [], version }], generateSigningKey: [], generateTypes: [api], isCompatible: [version, version], layoutOf: [fields], parseApi: ['text'], parseBundle: ['text'],
  parseManifest: ['text'], parseVersion: ['1.2', WHERE, REASON], readBundle: ['/nowhere'], readManifest: [files], signBundle: [files, key], verifyBundle: [files, [key.publicKey]],
};
const loader = new contracts.BundleLoader({ api });
const OTHERS: Readonly<Record<string, readonly [(argument: never) => unknown, unknown]>> = {
  'new BundleLoader': [(options: contracts.LoaderOptions<object>) => new contracts.BundleLoader(options), { api }],
  'new LuaHostBridge': [(given: contracts.Api) => new contracts.LuaHostBridge(given).vm.close(), api],
  'loader.load': [(content: object) => loader.load(content as never), {}],
  'loader.loadAll': [(contents: []) => loader.loadAll(contents), []],
  'loader.reload': [(content: object) => loader.reload(content as never), {}],
  'loader.unload': [(name: string) => loader.unload(name), 'name'],
  'loader.find': [(name: never) => loader.find(name), 'name'],
  'loader.guest': [(name: never) => loader.guest(name), 'name'],
  'loader.guestAsync': [(name: never) => loader.guestAsync(name), 'name'],
};

const EXPORTS = new Map<string, unknown>(Object.entries(contracts));

test('the table has all functions', () => {
  const functions = [...EXPORTS].filter(([, value]) => typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)));
  expect(Object.keys(FUNCTIONS).sort()).toEqual(functions.map(([name]) => name).sort());
});

const CASES = [...Object.entries(FUNCTIONS).map(([name, args]) => [name, EXPORTS.get(name) as (...args: never[]) => unknown, args] as const), ...Object.entries(OTHERS).map(([name, [run, argument]]) => [name, run, [argument]] as const)];

test.each(CASES)('%s', async (_, run, args) => {
  const wrong: string[] = [];
  for (const place of args.keys()) {
    if (args[place] === WHERE || args[place] === REASON) continue;
    for (const [what, value] of VALUES) {
      try {
        await run(...(args.with(place, value) as never[]));
      } catch (error) {
        if (!(error instanceof MoontraceError)) wrong.push(`${what} as argument ${place + 1}: ${String(error)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
