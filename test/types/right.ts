/** Uses of the API that have to compile, with what they give. Checked by scripts/types.mjs, in strict mode; never run. */
import {
  type CallOptions, callLua, createMemoryEnvironment, createSandbox, createVm, createVmAsync, type HostFunction, Interrupt, type LuaCoroutine, LuaError, type LuaExecution, LuaFunction, type LuaInput, type LuaSequence,
  LuaTable, type LuaThread, type LuaUserdata, type LuaValue, MoontraceError, type MoontraceErrorCode, results, type Sandbox, type Ticket, type Vm, type VmOptions, yieldLua,
} from 'moontrace';
import { createJit } from 'moontrace/jit';

/** Compiles if both types are one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(isSame: Same<A, B>): void;

declare const signal: AbortSignal;
const options: VmOptions = { libraries: ['base', 'string'], memoryLimit: 1 << 20, jit: createJit(), interrupt: new Interrupt(), catchable: ['fuel'], stdout: (bytes) => void bytes.length };
export const vm: Vm = createVm(options);
export const later: Promise<Vm> = createVmAsync();

// Values
const [any] = vm.doString('return 1');
same<typeof any, LuaValue | undefined>(true);
const [count, text, table] = vm.doString<[number, string, LuaTable]>('return 1, "a", {}');
export const typed: [number, string, LuaTable] = [count, text, table];
export const inputs: LuaInput[] = [undefined, null, true, 1, 1n, 'text', new Uint8Array(1), [1, [2]], { a: { b: [] } }, new Map<string, LuaInput>([['a', 1]]), new Float32Array(1), new Date(), new Error('x'), (x: number) => x, table];

// Functions
const add = vm.load<[number, number], [number]>('local a, b = ... return a + b');
same<ReturnType<typeof add.call>, [number]>(true);
export const sum: number = add.call1(1, 2);
export const promised: Promise<[number]> = add.callAsync(1, 2);
export const limited: [number] = add.with({ fuel: 10, timeout: 5, signal, wallTimeout: 9, outputLimit: 1, yieldEvery: 4 }).call(1, 2);
export const bound: LuaFunction<readonly LuaInput[], [number]> = add.bind(1);
vm.load('return 1', { name: '@x.lua', mode: 't', env: table });

// Host functions: who writes one says what it expects.
vm.setGlobal('f', (name: string, amount: number) => name.length * amount);
vm.setGlobal('g', async (url: string) => (await fetch(url)).text());
vm.setGlobal('h', (callback: LuaFunction<[number], [string]>, ...rest: number[]) => results(callback.call1(rest.length), true));
vm.setGlobal('i', function* (f: LuaFunction): LuaSequence {
  const [first] = yield callLua(f, 1);
  yield yieldLua(first);
  return first;
});
vm.setGlobal('j', () => {});
vm.setGlobal('config', { retries: 3, hosts: ['a'], nested: { f: () => 1 }, map: new Map([['x', 1]]) });
vm.register({ one: () => 1, two: (a: LuaTable) => a.length }, 'lib');
export const host: HostFunction = (self: LuaTable) => self.get('x');

// Tables
export const field: number = table.get<number>('x');
export const asExpected: number = table.get('x');
export const chained: LuaTable = table.set('x', 1).rawSet(2, [3]);
for (const [key, value] of table) same<[typeof key, typeof value], [LuaValue, LuaValue]>(true);
export const content: { a: number[] } = table.toJS<{ a: number[] }>({ depth: 2, maps: true });
export const proxied: number = table.proxy<{ size: { w: number } }>().size.w;
export const made: LuaTable = vm.newTable({ path: '/', list: [1, 2] });
export const copied: LuaTable = vm.fromJS([1, 2]);
export const views: LuaUserdata[] = [vm.fromJS({ a: 1 }, 'live'), vm.fromJS(new Date(), 'opaque')];

// Handles
export const kept: LuaTable = table.keep();
export const scoped: number = vm.scope(() => vm.newTable().length);
const ticket: Ticket = vm.pin({ a: 1 });
vm.write(ticket, 2);
export const read: number | undefined = vm.read<number>(ticket);

// Classes
class Vec3 {
  constructor(public x = 0, public y = 0) {}
  length(): number {
    return Math.hypot(this.x, this.y);
  }
  static unit(): Vec3 {
    return new Vec3(1);
  }
}
vm.register(Vec3, { constructor: true, methods: ['length'], statics: ['unit'], fields: ['x', 'y'] });
vm.register(Vec3, {
  name: 'V',
  constructor: (x: number) => new Vec3(x),
  methods: { twice: (self) => self.length() * 2, plus: (self, other: Vec3) => new Vec3(self.x + other.x) },
  fields: { x: { get: (self) => self.x, set: (self, x: number) => void Object.assign(self, { x }) } },
  metamethods: { __add: (a, b: Vec3) => new Vec3(a.x + b.x), __close: (self) => void self.x },
});
const [instance] = vm.doString<[Vec3]>('return Vec3()');
export const ofClass: number = instance.length();

// Calls
const coroutine: LuaCoroutine = vm.coroutine(vm.load('coroutine.yield(1)'));
for (const [value] of coroutine) same<typeof value, LuaValue | undefined>(true);
const execution: LuaExecution = vm.start(add, [1, 2], { fuel: 5 } satisfies CallOptions);
const step = execution.step(100);
if (step.state === 'done') same<typeof step.results, LuaValue[]>(true);
if (step.state === 'suspended') same<typeof step.ready, Promise<void>>(true);
export const thread: LuaThread | undefined = vm.doString<[LuaThread]>('return coroutine.create(print)')[0];

// Modules, sandboxes, environments
vm.module('m', { f: () => 1 }).get('f');
vm.addSearcher((name: string) => (name === 'x' ? 'return 1' : undefined)).addSearcher(async () => new Uint8Array(1));
export const sandbox: Sandbox = createSandbox({ globals: { f: (x: number) => x, list: [1] }, timeout: 5 });
sandbox.load('return 1', '@a.lua').globals.get<LuaFunction>('f').call();
createVm({ environment: createMemoryEnvironment({ 'a.lua': 'return 1' }) });

// Errors
export function tell(error: unknown): MoontraceErrorCode | string | undefined {
  if (error instanceof LuaError) return error.location?.chunk ?? error.code + error.traceback + String(error.value);
  return error instanceof MoontraceError ? error.code : undefined;
}
export const isTable = (value: LuaValue): value is LuaTable => value instanceof LuaTable;
export const isFunction = (value: LuaValue): value is LuaFunction => value instanceof LuaFunction;
