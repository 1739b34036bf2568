/** Bundles: loading, dependencies, calls, reloading under load, unloading, and that what fails changes nothing. */
import { describe, expect, test } from 'vitest';
import { type BundleEvent, bundleId, BundleLoader, encodeRecord, findContract, LuaHostBridge, type LoaderOptions, parseApi } from '../../contracts/index.ts';
import { SlotTable } from '../../contracts/loader/slot-table.ts';
import { createJit } from '../../jit/index.ts';
import type { LuaTable } from '../../src/api/index.ts';
import type { GuestContracts as Guests, HostContracts as Hosts } from './golden/pipeline.ts';
import { bundle, NEEDS_VALIDATOR, transformer, VALIDATOR, validator } from './bundles.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const api = parseApi(PIPELINE_API);

function makeLoader(options: Partial<LoaderOptions<Hosts>> = {}): { loader: BundleLoader<Guests, Hosts>; events: string[] } {
  const events: string[] = [];
  const onEvent = (event: BundleEvent): unknown => events.push(`${event.phase} ${event.bundle}${'error' in event ? ` ${event.error.reason}` : ''}`);
  return { loader: new BundleLoader<Guests, Hosts>({ api, onEvent, ...options }), events };
}

const reasonOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { reason?: unknown }).reason ?? error;
  }
  return 'none';
};

describe('a bundle', () => {
  test('is loaded into a VM of its own, found by its contract, and called with values and bytes', async () => {
    const { loader, events } = makeLoader();
    await loader.load(transformer('count = (count or 0) + 1 return input:upper() .. count'));
    await loader.load(validator(`count = 7 ${VALIDATOR}`));
    const functions = loader.guest('data.Transformer');
    expect([functions.transform('é a'), functions.transform('b')]).toEqual(['é A1', 'B2']);
    expect(loader.guest('pipeline.Validator').validate('')).toBe(false);
    expect(functions.centre({ name: '', points: [{ x: 1, y: 2 }], access: 0 })).toEqual({ x: 0, y: 0 });
    const handle = loader.find('pipeline.Validator')!;
    expect(structuredClone(handle)).toEqual({ index: 2 - 1, generation: 0 });
    const out = new Uint8Array(1);
    expect(loader.call(handle, 0, encodeRecord(findContract(api, 'guest', 'pipeline.Validator')!.functions[0]!.params, ['x'], ''), out)).toEqual({ code: 0, message: '', length: 1 });
    expect([...out]).toEqual([1]);
    expect(events).toEqual(['loaded transformer', 'loaded validator']);
    expect([loader.bundles.map(({ name }) => name), loader.revision]).toEqual([['transformer', 'validator'], 2]);
    await loader.close();
    expect(loader.bundles).toEqual([]);
  });

  test('has its own modules, the values of enums, and no other', async () => {
    const { loader } = makeLoader();
    await loader.load({
      ...transformer("return words.join(input) .. require('contracts.types').LogLevel.Error .. tostring(package) .. tostring(io)", '', "local words = require 'lib.words' assert(require 'lib.words' == words and require 'lib.sub' == 'init')"),
      'lib/words.lua': "local name, path = ... return { join = function(s) return s .. ',' .. name .. ',' .. path end }",
      'lib/sub/init.lua': "return 'init'",
    });
    expect(loader.guest('data.Transformer').transform('a')).toBe('a,lib.words,transformer/lib/words.lua16nilnil');
    await loader.close();
  });

  test('is told about modules that are not there, wrong, or in a circle', async () => {
    const { loader } = makeLoader();
    await loader.load({ ...transformer("local ok, problem = pcall(require, input) return problem"), 'bad.lua': 'x =', 'a.lua': "return require 'b'", 'b.lua': "return require 'a'", 'raises.lua': "error('mine', 0)" });
    const problem = loader.guest('data.Transformer').transform;
    expect(problem('none')).toContain("module 'none' not found in the bundle");
    expect(problem('../x')).toContain('not found in the bundle');
    expect(problem('bad')).toContain("transformer/bad.lua:1: unexpected symbol near <eof>");
    expect(problem('a')).toContain("loop or previous error loading module 'a'");
    expect(problem('raises')).toBe('mine');
    await loader.close();
  });

  test('has limits that it is not asked for, and a JIT if the host gives it one', async () => {
    const { loader } = makeLoader({ vm: () => ({ jit: createJit(), timeout: 200 }) });
    await loader.load(transformer("if input == 'loop' then while true do end end if input == 'grow' then return ('x'):rep(1 << 30) end local s = 0 for i = 1, 1e5 do s = s + i end return tostring(s)"));
    const functions = loader.guest('data.Transformer');
    expect(functions.transform('')).toBe('5000050000');
    for (const input of ['loop', 'grow']) expect(() => functions.transform(input)).toThrow(expect.objectContaining({ reason: 'call-failed', abiCode: 102 }));
    expect(functions.transform('')).toBe('5000050000');
    await loader.close();
  });
});

describe('loading fails, and changes nothing,', () => {
  test.each([
    ['bad-bundle', {}],
    ['bad-bundle', { 'bundle.toml': 'x' }],
    ['bad-bundle', { 'bundle.toml': Uint8Array.of(0xff) }],
    ['bad-bundle', { '../x': '' }],
    ['bad-bundle', { 'a//b': '' }],
    ['bad-bundle', { x: 1 }],
    ['bad-bundle', { ...validator(), 'main.lua': undefined }],
    ['bad-bundle', { 'bundle.toml': validator()['bundle.toml']! }],
    ['bad-bundle', { ...validator(), 'bundle.toml': validator()['bundle.toml']!.replace('"lua"', '"native"') }],
    ['bad-bundle', { ...validator(), 'bundle.toml': validator()['bundle.toml']!.replace('main.lua', '../main.lua') }],
    ['bad-bundle', { ...validator(), 'bundle.toml': validator()['bundle.toml']!.replace('"validator"', '"a b"') }],
    ['bad-bundle', { ...validator(), 'bundle.toml': `${validator()['bundle.toml']}\nextra = 1` }],
    ['bad-bundle', bundle('none', 'pipeline.Validator', VALIDATOR)],
    ['not-found', bundle('other', 'pipeline.Other@1.0', VALIDATOR)],
    ['not-found', bundle('other', 'host.logger@1.0', VALIDATOR)],
    ['version-mismatch', bundle('other', 'pipeline.Validator@2.0', VALIDATOR)],
    ['duplicate-provider', bundle('other', 'pipeline.Validator@1.0 pipeline.Validator@1.1', VALIDATOR)],
    ['duplicate-provider', bundle('loaded', 'pipeline.Validator@1.0', VALIDATOR)],
    ['dependency-missing', bundle('other', 'pipeline.Validator@1.0', VALIDATOR, '[[dependency]]\nkind = "contract"\ncontract = "data.Transformer"\nmin_version = "1.0"\n')],
    ['dependency-missing', bundle('other', 'pipeline.Validator@1.0', VALIDATOR, `${NEEDS_VALIDATOR}bundle = "nobody"\n`)],
    ['version-mismatch', bundle('other', 'pipeline.Validator@1.0', VALIDATOR, NEEDS_VALIDATOR.replace('1.0', '1.1'))],
    ['type-mismatch', validator('return 1')],
    ['type-mismatch', validator('return {}')],
    ['type-mismatch', validator("return { ['pipeline.Validator'] = { validate = 1 } }")],
    ['call-failed', validator('error("no")')],
    ['call-failed', validator('x = = 1')],
    ['call-failed', validator('while true do end')],
    ['call-failed', validator('\x1bLua')],
    ['dependency-missing', validator("require 'data.Transformer'")],
    ['host-contract-not-found', validator("require 'host.logger'")],
    ['plugin', validator('error { code = 300 }')],
  ] as const)('%s (%#)', async (reason, files) => {
    const { loader, events } = makeLoader({ vm: () => ({ timeout: 100 }) });
    await loader.load(bundle('loaded', 'pipeline.Validator@1.0', VALIDATOR));
    await expect(loader.load(files as never)).rejects.toMatchObject({ name: 'ContractError', reason });
    expect([loader.bundles.map(({ name }) => name), loader.revision, events]).toEqual([['loaded'], 1, ['loaded loaded']]);
    expect(loader.guest('pipeline.Validator').validate('x')).toBe(true);
    await loader.close();
  });

  test.each([undefined, null, 1, 'x'])('for %o', async (files) => {
    await expect(makeLoader().loader.load(files as never)).rejects.toMatchObject({ reason: 'bad-bundle' });
  });

  test('and a JIT that is given twice is refused as the second one', async () => {
    const jit = createJit();
    const { loader } = makeLoader({ vm: () => ({ jit }) });
    await loader.load(validator());
    await expect(loader.load(transformer(''))).rejects.toMatchObject({ name: 'ContractError', reason: 'generic' });
    await loader.close();
  });
});

describe('what guests call', () => {
  test('is what the host implements, with values checked both ways', async () => {
    const lines: string[] = [];
    const { loader } = makeLoader({ host: { 'host.logger': {
      log: (message) => void lines.push(message),
      log_with_level: (level, message) => void lines.push(`${level} ${message}`),
      total: (small, large, bytes) => (small === 0 ? ('no' as never) : BigInt(small) + large + BigInt(bytes.length)),
    } } });
    await loader.load(transformer("logger.log_with_level(types.LogLevel.Error, input) return tostring(logger.total(1, 2, 'abc'))", '', "local logger, types = require 'host.logger', require 'contracts.types'"));
    expect(loader.guest('data.Transformer').transform('hello')).toBe('6');
    expect(lines).toEqual(['16 hello']);
    await loader.reload(transformer("logger.log(1)", '', "local logger = require 'host.logger@1.1'"));
    expect(() => loader.guest('data.Transformer').transform('')).toThrow(/transformer\/main\.lua:2: bad argument #1 to 'log' \(string expected, got 1\)/);
    await loader.reload(transformer("return tostring(logger.total(0, 2, 'abc'))", '', "local logger = require 'host.logger'"));
    expect(reasonOf(() => loader.guest('data.Transformer').transform(''))).toBe('bad-value');
    await loader.close();
  });

  test('is one instance for all if it is a singleton', async () => {
    const bundles: unknown[] = [];
    const nothing = { log: () => undefined, log_with_level: () => undefined, total: () => 0n };
    const { loader } = makeLoader({ host: { 'host.logger': (manifest) => (bundles.push(manifest?.name), nothing) } });
    await loader.load(transformer('return input', '', "require 'host.logger'"));
    await loader.load(validator(`require 'host.logger' ${VALIDATOR}`));
    expect(bundles).toEqual([undefined]);
    await loader.close();
    const many = parseApi(PIPELINE_API.replace('singleton = true', ''));
    const each = new BundleLoader<Guests, Hosts>({ api: many, host: { 'host.logger': (manifest) => (bundles.push(manifest?.name), nothing) } });
    await each.load(transformer('return input', '', "require 'host.logger'"));
    await each.load(validator(`require 'host.logger' ${VALIDATOR}`));
    expect(bundles).toEqual([undefined, 'transformer', 'validator']);
    await each.close();
  });

  test('may be a bridge, in another VM', async () => {
    const bridge = new LuaHostBridge<Hosts>(api);
    bridge.register('host.logger', bridge.vm.load('lines = {} return { log = function(m) lines[#lines + 1] = m end, log_with_level = print, total = function(a, b, c) return a + b + #c end }').call1() as LuaTable);
    const { loader } = makeLoader({ bridge });
    await loader.load(transformer("logger.log(input) return tostring(logger.total(1, 2, '\\xff'))", '', "local logger = require 'host.logger'"));
    expect(loader.guest('data.Transformer').transform('across')).toBe('4');
    expect((bridge.vm.getGlobal('lines') as LuaTable).get(1)).toBe('across');
    await loader.close();
    bridge.close();
  });

  test('is a bundle that they depend on, and says so if it fails', async () => {
    const { loader } = makeLoader();
    await loader.load(validator("return { ['pipeline.Validator'] = { validate = function(input) if input == 'bad' then error('not valid', 0) end if input == 'own' then error { code = 300, message = 'mine' } end return true end } }"));
    await loader.load(transformer("if input == 'caught' then return tostring(select(2, pcall(v.validate, 'bad'))) end return tostring(v.validate(input))", NEEDS_VALIDATOR, "local v = require 'pipeline.Validator'"));
    const { transform } = loader.guest('data.Transformer');
    expect(transform('good')).toBe('true');
    expect(transform('caught')).toContain('pipeline.Validator.validate: not valid');
    expect(() => transform('bad')).toThrow(expect.objectContaining({ reason: 'call-failed', message: expect.stringContaining('pipeline.Validator.validate: not valid') }));
    expect(() => transform('own')).toThrow(expect.objectContaining({ reason: 'plugin', abiCode: 300 }));
    await loader.close();
  });

  test('is refused if it comes back to who called', async () => {
    const state: { loader?: BundleLoader<Guests, Hosts> } = {};
    const { loader } = makeLoader({ host: { 'host.logger': { log: (message) => void state.loader!.guest('data.Transformer').transform(message), log_with_level: () => undefined, total: () => 0n } } });
    state.loader = loader;
    await loader.load(transformer('logger.log(input) return input', '', "local logger = require 'host.logger'"));
    expect(() => loader.guest('data.Transformer').transform('x')).toThrow(expect.objectContaining({ reason: 'reentrant-call', abiCode: 9 }));
    await loader.close();
  });

  test('is refused in another version', async () => {
    const host = { 'host.logger': { log: () => undefined, log_with_level: () => undefined, total: () => 0n } };
    const { loader } = makeLoader({ host });
    for (const version of ['1.2', '2.0', '0.9']) await expect(loader.load(transformer('', '', `require 'host.logger@${version}'`))).rejects.toMatchObject({ reason: 'version-mismatch', abiCode: 101 });
    await loader.close();
  });

  test('must be implemented whole, and in the API', () => {
    expect(reasonOf(() => makeLoader({ host: { 'host.logger': { log: () => undefined } as never } }))).toBe('type-mismatch');
    expect(reasonOf(() => makeLoader({ host: { 'host.logger': null as never } }))).toBe('type-mismatch');
    expect(reasonOf(() => makeLoader({ host: { 'host.none': {} } as never }))).toBe('host-contract-not-found');
  });
});

describe('versions', () => {
  test('are chosen by the smallest that will do', async () => {
    const { loader } = makeLoader();
    await loader.load(bundle('old', 'pipeline.Validator@1.0', VALIDATOR));
    await loader.load(bundle('new', 'pipeline.Validator@1.4', VALIDATOR));
    const indices = (minVersion?: string): number[] => loader.findAll('pipeline.Validator', minVersion === undefined ? {} : { minVersion }).map(({ index }) => index);
    expect([indices(), indices('1.0'), indices('1.1'), indices('1.5'), indices('2.0')]).toEqual([[0, 1], [0, 1], [1], [], []]);
    expect(loader.find('pipeline.Validator', { bundle: 'new' })).toEqual({ index: 1, generation: 0 });
    expect(reasonOf(() => loader.guest('pipeline.Validator', { minVersion: '1.5' }))).toBe('version-mismatch');
    expect(reasonOf(() => loader.guest('pipeline.Validator', { bundle: 'nobody' }))).toBe('not-found');
    expect(reasonOf(() => loader.find('pipeline.Validator', { minVersion: 'x' }))).toBe('bad-value');
    await loader.close();
  });

  test('of an older bundle may lack the later functions', async () => {
    const { loader } = makeLoader();
    const manifest = `name = "old"\nid = ${bundleId('old')}\nversion = "1.0"\nruntime = "lua"\nfile = "main.lua"\nprovides = ["data.Transformer@1"]\nfunction_count = { "data.Transformer@1" = 1 }\n`;
    const files = { 'manifest.toml': manifest, 'main.lua': "return { ['data.Transformer'] = { transform = function(s) return s end } }" };
    await loader.load(files);
    expect(loader.guest('data.Transformer').transform('x')).toBe('x');
    expect(() => loader.guest('data.Transformer').centre({ name: '', points: [], access: 0 })).toThrow(expect.objectContaining({ reason: 'function-not-available', abiCode: 6 }));
    await loader.close();
  });
});

describe('several bundles', () => {
  test('are loaded in the order that their dependencies want', async () => {
    const { loader, events } = makeLoader();
    await loader.loadAll([transformer('return input', NEEDS_VALIDATOR, "require 'pipeline.Validator'"), validator()]);
    expect(events).toEqual(['loaded validator', 'loaded transformer']);
    await loader.close();
  });

  test('that wait for one another are refused', async () => {
    const { loader } = makeLoader();
    const circle = bundle('validator', 'pipeline.Validator@1.0', VALIDATOR, '[[dependency]]\nkind = "contract"\ncontract = "data.Transformer"\nmin_version = "1.0"\n');
    await expect(loader.loadAll([transformer('return input', NEEDS_VALIDATOR), circle])).rejects.toMatchObject({ reason: 'dependency-missing' });
    expect(loader.bundles).toEqual([]);
  });
});

describe('reloading', () => {
  test('keeps handles, begins the bundle anew, and tells', async () => {
    const { loader, events } = makeLoader();
    await loader.load(transformer('n = (n or 0) + 1 return "a" .. n'));
    const handle = loader.find('data.Transformer');
    const functions = loader.guest('data.Transformer');
    expect([functions.transform(''), functions.transform('')]).toEqual(['a1', 'a2']);
    await loader.reload(transformer('n = (n or 0) + 1 return "b" .. n'));
    expect(functions.transform('')).toBe('b1');
    expect(loader.find('data.Transformer')).toEqual(handle);
    expect(events).toEqual(['loaded transformer', 'preparing transformer', 'reloaded transformer']);
    await loader.close();
  });

  test('that fails leaves the bundle as it was', async () => {
    const { loader, events } = makeLoader();
    await loader.load(transformer('n = (n or 0) + 1 return "a" .. n'));
    const functions = loader.guest('data.Transformer');
    functions.transform('');
    await expect(loader.reload(transformer('x = = 1'))).rejects.toMatchObject({ reason: 'call-failed' });
    await expect(loader.reload(validator())).rejects.toMatchObject({ reason: 'not-found' });
    expect(functions.transform('')).toBe('a2');
    expect(events).toEqual(['loaded transformer', 'preparing transformer', 'failed transformer call-failed']);
    await loader.close();
  });

  test('reaches those that depend on it: anew, if they want so', async () => {
    const { loader, events } = makeLoader();
    await loader.load(validator());
    const depends = (name: string, wish: string): Record<string, string> => ({
      'bundle.toml': `[bundle]\nname = "${name}"\nversion = "1.0"\nloader = "lua"\nfile = "main.lua"\n${wish}\n[[plugin]]\nname = "p"\nimplements = ["data.Transformer@1.2"]\n${NEEDS_VALIDATOR}`,
      'main.lua': "local v = require 'pipeline.Validator' local n = 0 return { ['data.Transformer'] = { transform = function(s) n = n + 1 return n .. tostring(v.validate(s)) end, centre = function() end } }",
    });
    await loader.load(depends('stays', ''));
    await loader.load(depends('anew', 'needs_reinit_on_dep_reload = true'));
    const [stays, anew] = ['stays', 'anew'].map((name) => loader.guest('data.Transformer', { bundle: name }));
    expect([stays!.transform(''), anew!.transform('')]).toEqual(['1false', '1false']);
    await loader.reload(validator(VALIDATOR.replace('#input > 0', 'true')));
    expect([stays!.transform(''), anew!.transform('')]).toEqual(['2true', '1true']);
    expect(events.slice(3)).toEqual(['preparing validator', 'reloaded validator', 'preparing anew', 'reloaded anew']);
    await loader.close();
  });

  test('is refused if others would lack what they need, or if it made a circle', async () => {
    const { loader } = makeLoader();
    await loader.load(validator(VALIDATOR, '1.3'));
    await loader.load(transformer('return tostring(v.validate(input))', NEEDS_VALIDATOR.replace('1.0', '1.2'), "local v = require 'pipeline.Validator'"));
    await expect(loader.reload(validator(VALIDATOR, '1.1'))).rejects.toMatchObject({ reason: 'dependency-in-use' });
    await expect(loader.reload(bundle('validator', 'data.Transformer@1.2', ''))).rejects.toMatchObject({ reason: 'dependency-in-use' });
    await expect(loader.reload(bundle('validator', 'pipeline.Validator@1.3', VALIDATOR, '[[dependency]]\nkind = "contract"\ncontract = "data.Transformer"\nmin_version = "1.0"\n'))).rejects.toMatchObject({ reason: 'dependency-in-use' });
    expect(loader.guest('data.Transformer').transform('x')).toBe('true');
    await loader.unload('validator', { cascade: true });
    expect(loader.bundles).toEqual([]);
  });

  test('under load: each call is one of a version that was whole, and no VM stays behind', async () => {
    const vms = { begun: 0, closed: 0 };
    const { loader } = makeLoader({
      vm: () => (vms.begun++, {}),
      host: { 'host.logger': { log: () => void vms.closed++, log_with_level: () => undefined, total: () => 0n } },
    });
    // Closing a VM calls its finalisers.
    const atEnd = "local logger = require 'host.logger' setmetatable({}, { __gc = function() logger.log('closed') end })";
    const version = (n: number): Record<string, string> => transformer(`calls = (calls or 0) + 1 if input == 'fail' then error('asked', 0) end return "${n}:" .. calls`, '', atEnd);
    await loader.load(version(0));
    const { transform } = loader.guest('data.Transformer');
    let last = 0;
    let isOver = false;
    const seen = new Set<number>();
    const caller = async (): Promise<number> => {
      let calls = 0;
      while (!isOver) {
        if (calls % 5 === 0) expect(() => transform('fail')).toThrow(/asked/);
        const [n, count] = transform('x').split(':').map(Number) as [number, number];
        expect(n).toBeGreaterThanOrEqual(last);
        expect(count).toBeGreaterThan(0);
        last = n;
        seen.add(n);
        calls++;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return calls;
    };
    const callers = Array.from({ length: 4 }, caller);
    for (let n = 1; n <= 40; n++) {
      if (n % 10 === 0) await expect(loader.reload(transformer('x = = 1'))).rejects.toMatchObject({ reason: 'call-failed' });
      await loader.reload(version(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
    isOver = true;
    const counts = await Promise.all(callers);
    expect(Math.min(...counts)).toBeGreaterThan(20);
    expect(transform('x')).toMatch(/^40:/);
    expect([seen.size > 20, loader.revision]).toEqual([true, 41]);
    await loader.close();
    // Four that could not be compiled had no finaliser yet.
    expect(vms).toEqual({ begun: 45, closed: 41 });
  });

  test('from within a call lets the call end', async () => {
    const done: Promise<unknown>[] = [];
    const state: { loader?: BundleLoader<Guests, Hosts> } = {};
    const { loader } = makeLoader({ host: { 'host.logger': { log: () => void done.push(state.loader!.reload(transformer('return "second"', '', "local logger = require 'host.logger'"))), log_with_level: () => undefined, total: () => 0n } } });
    state.loader = loader;
    await loader.load(transformer('logger.log("now") return "first"', '', "local logger = require 'host.logger'"));
    const functions = loader.guest('data.Transformer');
    expect(functions.transform('')).toBe('first');
    await Promise.all(done);
    expect(functions.transform('')).toBe('second');
    await loader.close();
  });
});

describe('unloading', () => {
  test('makes handles stale for ever, and frees what they were for', async () => {
    const { loader, events } = makeLoader();
    await loader.load(validator());
    const handle = loader.find('pipeline.Validator')!;
    const functions = loader.guest('pipeline.Validator');
    await loader.unload('validator');
    expect(() => functions.validate('x')).toThrow(expect.objectContaining({ reason: 'stale-handle', abiCode: 5 }));
    expect(loader.call(handle, 0, new Uint8Array(), new Uint8Array())).toEqual({ code: 5, message: expect.any(String), length: 0 });
    expect(loader.find('pipeline.Validator')).toBeUndefined();
    await loader.load(validator());
    expect(loader.find('pipeline.Validator')).toEqual({ index: handle.index, generation: 1 });
    expect(loader.call(handle, 0, new Uint8Array(), new Uint8Array()).code).toBe(5);
    expect(events).toEqual(['loaded validator', 'unloading validator', 'unloaded validator', 'loaded validator']);
    await loader.close();
  });

  test('is refused while others depend on it, or takes them along', async () => {
    const { loader, events } = makeLoader();
    await loader.loadAll([validator(), transformer('return input', NEEDS_VALIDATOR)]);
    await expect(loader.unload('validator')).rejects.toMatchObject({ reason: 'dependency-in-use', message: expect.stringContaining('by transformer') });
    await expect(loader.unload('nobody')).rejects.toMatchObject({ reason: 'not-found' });
    await loader.unload('validator', { cascade: true });
    expect(events.slice(2)).toEqual(['unloading transformer', 'unloaded transformer', 'unloading validator', 'unloaded validator']);
  });

  test.each([[{}], [null], [{ index: 9, generation: 0 }], [{ index: 'length', generation: undefined }], [1]])('%o is no handle', (handle) => {
    expect(makeLoader().loader.call(handle as never, 0, new Uint8Array(), new Uint8Array()).code).toBe(5);
  });
});

test('operations come one after another, and one that fails holds up none', async () => {
  const { loader, events } = makeLoader();
  const results = await Promise.allSettled([loader.load(validator()), loader.load(validator()), loader.reload(validator()), loader.unload('nobody'), loader.unload('validator')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(events.at(-1)).toBe('unloaded validator');
});

test('what the host throws when it is told before a change stops it', async () => {
  const refuse = (phase: string) => (event: BundleEvent): void => {
    if (event.phase === phase) throw new Error('not now');
  };
  const { loader } = makeLoader({ onEvent: refuse('unloading') });
  await loader.load(validator());
  await expect(loader.unload('validator')).rejects.toThrow('not now');
  expect(loader.guest('pipeline.Validator').validate('x')).toBe(true);
});

test('a slot whose generation would overflow is not used again', () => {
  const slots = new SlotTable<object>(2);
  const first = slots.add({});
  slots.remove(first);
  const second = slots.add({});
  expect(second).toEqual({ index: 0, generation: 1 });
  slots.remove(second);
  const third = slots.add({});
  expect(third).toEqual({ index: 1, generation: 0 });
  expect([slots.get(first), slots.get(second), slots.get({ index: 0, generation: 2 })]).toEqual([undefined, undefined, undefined]);
  expect(slots.get(third)).toBeDefined();
});
