/** The functions that the package exports, with every hostile value in every place: each returns, or throws a LuaError or a MoontraceError, by its promise where it gives one. */
import { afterAll, expect, test } from 'vitest';
import * as api from '../../src/api/index-node.ts';
import { hostileValues } from './hostile-values.ts';

const { createVm, Interrupt, LuaError, MoontraceError, SharedVm } = api;

const other = createVm();
const shared = SharedVm.create();
const image = createVm().snapshot();
const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const VALUES = { ...hostileValues(other), 'detached bytes': detached, 'an array with holes': new Array(3), 'a buffer without bytes': new ArrayBuffer(0), 'a name': 'x' };
afterAll(() => {
  shared.close();
  other.close();
});

const EXPORTS = new Map<string, unknown>(Object.entries(api));
const context = { kind: 'method', name: 'm', private: false, static: false };
/** Arguments that each function takes. */
const FUNCTIONS: Readonly<Record<string, readonly unknown[]>> = {
  createVm: [{}], createVmAsync: [{}], createSandbox: [{}], restoreVm: [image, {}], compressImage: [image], expandImage: [image], openStoredEnvironment: [{ load: async () => ({}), store: async () => {} }, {}],
  createMemoryEnvironment: [{}, {}], createFolderEnvironment: ['/nowhere'], createNodeEnvironment: [() => {}], createDefaultEnvironment: [], directoryStore: [{}], indexedDbStore: ['name'],
  callLua: [other.load(''), 1], yieldLua: [1], results: [1], luaMethod: [() => 1, context], luaMetamethod: ['__add'], luaField: [{}, { ...context, kind: 'accessor' }], luaClass: [{}],
};
/** Decorators get their arguments from the host's compiler. */
const isLikely = (name: string, what: string): boolean => !name.startsWith('lua') || !what.includes('proxy');

const OTHERS: Readonly<Record<string, readonly [(...args: never[]) => unknown, readonly unknown[]]>> = {
  'new Interrupt': [(buffer: ArrayBuffer) => new Interrupt(buffer).isRequested, [undefined]],
  'SharedVm.create': [(options: object) => SharedVm.create(options), [{}]],
  'SharedVm.from': [(options: object) => SharedVm.from(options), [{}]],
  'SharedVm.attach': [(handle: api.SharedHandle, options: object) => SharedVm.attach(handle, options), [shared.handle, {}]],
  'SharedVm.attachAsync': [(handle: api.SharedHandle, options: object) => SharedVm.attachAsync(handle, options), [shared.handle, {}]],
  'shared.open': [(name: api.LibraryName) => shared.open(name), ['math']],
  'shared.watch': [(worker: api.WatchedWorker) => shared.watch(worker), [{ threadId: 1, once() {} }]],
  'shared.bury': [(thread: number) => shared.bury(thread), [99]],
  'shared.lockAsync': [async (signal: AbortSignal) => (await shared.lockAsync(signal))(), [undefined]],
  'shared.call': [(func: string, ...args: api.LuaInput[]) => shared.call(func, ...args), ['f', 1]],
  'shared.setUserdata': [(name: string, value: object) => shared.setUserdata(name, value), ['u', {}]],
  'shared.register': [(functions: Record<string, () => number>, library: string) => shared.register(functions, library), [{ f: () => 1 }, 'lib']],
  'shared.serve': [(functions: Record<string, () => number>, library: string) => shared.serve(functions, library), [{ g: () => 1 }, 'lib']],
};

test('the table has all functions of the package', () => {
  const functions = [...EXPORTS].filter(([, value]) => typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)));
  expect(Object.keys(FUNCTIONS).sort()).toEqual(functions.map(([name]) => name).sort());
});

const CASES = [...Object.entries(FUNCTIONS).map(([name, args]) => [name, EXPORTS.get(name) as (...args: never[]) => unknown, args] as const), ...Object.entries(OTHERS).map(([name, [run, args]]) => [name, run, args] as const)];

test.each(CASES)('%s', async (name, run, args) => {
  const wrong: string[] = [];
  for (const place of args.keys()) {
    for (const [what, value] of Object.entries(VALUES)) {
      if (!isLikely(name, what)) continue;
      try {
        const result = await run(...(args.with(place, value) as never[]));
        if (result instanceof api.Vm || result instanceof api.Sandbox || (result instanceof SharedVm && result !== shared)) result.close();
      } catch (error) {
        if (!(error instanceof MoontraceError) && !(error instanceof LuaError)) wrong.push(`${what} as argument ${place + 1}: ${String(error)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
