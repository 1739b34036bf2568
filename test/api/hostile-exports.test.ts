/** The functions that the package exports, with every hostile value in every place: each returns, or throws a LuaError or a MoontraceError, by its promise where it gives one. */
import { afterAll, expect, test } from 'vitest';
import * as api from '../../src/api/index-node.ts';
import { VM_CHECKS } from '../../src/api/options.ts';
import { hostileValues } from './hostile-values.ts';

const { createVm, Interrupt, LuaError, MoontraceError, SharedVm } = api;

const other = createVm();
const shared = SharedVm.create();
const image = createVm().register({ f: () => 1 }).snapshot();
const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const VALUES = {
  ...hostileValues(other), 'an array that claims 2^32 - 1 elements': Object.assign([], { length: 2 ** 32 - 1 }), 'an array of one in 2^32 - 1 elements': Object.assign([1], { length: 2 ** 32 - 1 }),
  'detached bytes': detached, 'an array with holes': new Array(3), 'a buffer without bytes': new ArrayBuffer(0), 'a name': 'x',
};
afterAll(() => {
  shared.close();
  other.close();
});

const EXPORTS = new Map<string, unknown>(Object.entries(api));
/** A schema that has something against all values. */
const REFUSING: api.StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) } };
const context = { kind: 'method', name: 'm', private: false, static: false };
/** Arguments that each function takes. */
const FUNCTIONS: Readonly<Record<string, readonly unknown[]>> = {
  createVm: [{}], createVmAsync: [{}], createSandbox: [{}], restoreVm: [image, {}], compressImage: [image], expandImage: [image], openStoredEnvironment: [{ load: async () => ({}), store: async () => {} }, {}],
  createMemoryEnvironment: [{}, {}], createFolderEnvironment: ['.', {}], createNodeEnvironment: [() => {}], createDefaultEnvironment: [], directoryStore: [{}], indexedDbStore: ['name'],
  callLua: [other.load(''), 1], yieldLua: [1], results: [1], luaMethod: [() => 1, context], luaMetamethod: ['__add'], luaField: [{}, { ...context, kind: 'accessor' }], luaClass: [{}],
};
const OTHERS: Readonly<Record<string, readonly [(...args: never[]) => unknown, readonly unknown[]]>> = {
  'new Interrupt': [(buffer: ArrayBuffer) => new Interrupt(buffer).isRequested, [undefined]],
  'SharedVm.create': [(options: object) => SharedVm.create(options), [{}]],
  'SharedVm.from': [(options: object) => SharedVm.from(options), [{}]],
  'SharedVm.attach': [(handle: api.SharedHandle, options: object) => SharedVm.attach(handle, options), [shared.handle, {}]],
  'SharedVm.attachAsync': [(handle: api.SharedHandle, options: object) => SharedVm.attachAsync(handle, options), [shared.handle, {}]],
  // What the action throws comes through.
  'shared.withVm': [(action: () => number) => shared.withVm(typeof action === 'function' ? () => 1 : action), [() => 1]],
  'shared.withVmAsync': [(action: () => number, signal: AbortSignal) => shared.withVmAsync(typeof action === 'function' ? () => 1 : action, signal), [() => 1, undefined]],
  'luaMetamethod(...)': [(method: () => number, to: ClassMethodDecoratorContext) => api.luaMetamethod('__add')(method, to), [() => 1, context]],
  'luaClass(...)': [(type: api.HostClass, options: object) => api.luaClass(options)(type, context as never), [class A {}, {}]],
  'vm.fork': [(options: object) => other.fork(options), [{}]],
  'contract.bind': [(table: api.LuaTable) => other.contract({}).bind(table), [other.newTable()]],
  'a function of a contract': [(value: unknown) => other.contract({ f: { params: [REFUSING] } }).bind(other.newTable({ f: () => 1 })).f(value), [1]],
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

/** What is wrong with what a call throws: nothing, for the errors of the API. */
async function problemOf(run: () => unknown): Promise<string | undefined> {
  try {
    const result = await run();
    if (result instanceof api.Vm || result instanceof api.Sandbox || (result instanceof SharedVm && result !== shared)) result.close();
  } catch (error) {
    if (!(error instanceof MoontraceError) && !(error instanceof LuaError)) return String(error);
  }
  return undefined;
}

test.each(CASES)('%s', async (_name, run, args) => {
  const wrong: string[] = [];
  for (const place of args.keys()) {
    for (const [what, value] of Object.entries(VALUES)) {
      const problem = await problemOf(() => run(...(args.with(place, value) as never[])));
      if (problem !== undefined) wrong.push(`${what} as argument ${place + 1}: ${problem}`);
    }
  }
  expect(wrong).toEqual([]);
});

const OPTIONS_OF_VMS = Object.keys(VM_CHECKS);
/** Functions of options, and the options there are. */
const WITH_OPTIONS: Readonly<Record<string, readonly [run: (options: object) => unknown, names: readonly string[]]>> = {
  createVm: [createVm, OPTIONS_OF_VMS],
  createSandbox: [api.createSandbox, [...OPTIONS_OF_VMS, 'globals']],
  restoreVm: [(options) => api.restoreVm(image, options), [...OPTIONS_OF_VMS, 'modules', 'classes', 'onMissing', 'deltas', 'code']],
  'vm.fork': [(options) => other.fork(options), OPTIONS_OF_VMS],
  'vm.snapshot': [(options) => other.snapshot(options), ['since', 'unportable', 'code']],
  'vm.load': [(options) => other.load('', options), ['name', 'mode', 'env']],
  'vm.contract': [(options) => other.contract({ f: options }), ['params', 'returns']],
  'vm.register': [(options) => other.register(class A {}, options), ['name', 'constructor', 'methods', 'statics', 'fields', 'metamethods', 'save', 'load']],
  'func.with': [(options) => other.load('').with(options).call(), ['fuel', 'timeout', 'wallTimeout', 'outputLimit', 'signal', 'yieldEvery']],
  'table.toJS': [(options) => other.newTable().toJS(options), ['depth', 'maps']],
  'SharedVm.from': [SharedVm.from, [...OPTIONS_OF_VMS, 'thread', 'blocks']],
  createFolderEnvironment: [(options) => api.createFolderEnvironment('.', options), ['base']],
  createMemoryEnvironment: [(options) => api.createMemoryEnvironment({}, options), ['isReadOnly', 'base']],
  luaClass: [(options) => api.luaClass(options)(class A {}, context as never), ['name', 'constructor', 'fields']],
};

test.each(Object.entries(WITH_OPTIONS))('options of %s', async (_name, [run, names]) => {
  const wrong: string[] = [];
  for (const name of names) {
    for (const [what, value] of Object.entries(VALUES)) {
      const throwing = { get [name](): never { throw value; } };
      for (const options of [{ [name]: value }, { [name]: [value] }, throwing]) {
        const problem = await problemOf(() => run(options));
        if (problem !== undefined) wrong.push(`${what} as ${name}: ${problem}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
