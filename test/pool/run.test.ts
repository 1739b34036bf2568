/** Tasks: what goes in and comes out, what they share, how they are ended. */
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { createVm, LuaError, MoontraceError } from '../../src/api/index-node.ts';
import type { PoolOptions } from '../../pool/index.ts';
import { WorkerVms } from '../../pool/worker-vms.ts';
import { failureOf, makeModule, makePool } from './pool.ts';

const code = (name: string): unknown => expect.objectContaining({ code: name });

test('runs functions by their names, and sources', async () => {
  const pool = makePool({ setup: 'function add(a, b) return a + b, "sum" end lib = { twice = function(x) return 2 * x end }' });
  expect(await pool.run('add', [1, 2])).toEqual([3, 'sum']);
  expect(await pool.run('lib.twice', [4])).toEqual([8]);
  expect(await pool.run('local t = ... return #t, { t[1], { deep = true } }, nil, 2^53 | 0', [['a', 'b']])).toEqual([2, ['a', { deep: true }], undefined, 2n ** 53n]);
});

test('a task begins with the code that the setup has warmed up', async () => {
  const setup = 'function sum(n) local s = 0 for i = 1, n do s = s + i end return s end sum(5000)';
  const vms = new WorkerVms({ image: undefined, setup, modules: undefined, jit: { tunables: { share: 100 } }, vm: {}, reuse: false, limits: {}, cells: new SharedArrayBuffer(8) }, { progress() {}, onSlice() {}, onPrepare() {} });
  for (let task = 0; task < 2; task++) {
    const { vm, func, close } = await vms.load('return sum(10000)');
    expect([func.call(), vm.stats().restored, vm.stats().recorded]).toEqual([[50005000], 1, 0]);
    close();
  }
});

test('a task finds nothing of another one, unless VMs are reused', async () => {
  const source = 'count = (count or 0) + 1 return count';
  const fresh = makePool();
  expect([await fresh.run(source), await fresh.run(source)]).toEqual([[1], [1]]);
  const reused = makePool({ reuse: true, jit: true });
  expect([await reused.run(source), await reused.run(source)]).toEqual([[1], [2]]);
  expect(await reused.run('local s = 0 for i = 1, 1e5 do s = s + i end return s')).toEqual([5000050000]);
});

test('begins with an image, and finds its functions in the module', async () => {
  const vm = createVm();
  vm.register({ double: (x) => 2 * Number(x) });
  vm.doString('base = 10 function f(x) return double(x) + base end');
  const modules = makeModule('export const double = (x) => 2 * x; export const text = { upper: async (s) => s.toUpperCase() }; export class Ignored {}; export const n = 5');
  const pool = makePool({ image: vm.snapshot(), modules });
  expect(await pool.run('f', [4])).toEqual([18]);
  expect(await pool.run('return text.upper(...), Ignored, n', ['a'])).toEqual(['A', undefined, undefined]);
  vm.close();
});

test('typed arrays that are transferred are not copied, either way', async () => {
  const pool = makePool();
  const numbers = new Float64Array([1, 2, 3]);
  const { buffer } = numbers;
  const [same, sum] = await pool.run<[Float64Array, number]>('local a = ... local s = 0 for i = 1, #a do s = s + a[i] a[i] = -a[i] end return a, s', [numbers], { transfer: [buffer] });
  expect([buffer.byteLength, sum, same]).toEqual([0, 6, new Float64Array([-1, -2, -3])]);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  await pool.run('(...)[2] = 7', [shared]);
  expect([...shared]).toEqual([0, 7]);
  expect(await pool.run('return #..., type(...)', [new Int8Array(3)])).toEqual([3, 'table']);
});

test('arguments are those of the time of the call', async () => {
  const pool = makePool();
  const list = [1];
  const results = pool.run('return (...)[1], #(...)', [list]);
  list.push(2);
  expect(await results).toEqual([1, 1]);
});

test('errors are what they were: class, code, message, value, traceback, cause', async () => {
  const pool = makePool({ modules: makeModule('export function refuse() { throw new TypeError("no") }'), setup: 'function f() error({ reason = 5 }) end' });
  const raised = (await failureOf(pool.run('f'))) as LuaError;
  expect(raised).toBeInstanceOf(LuaError);
  expect([raised.code, raised.value, raised.traceback]).toEqual(['runtime', { reason: 5 }, expect.stringContaining("in function 'f'")]);
  expect(await failureOf(pool.run('return +'))).toEqual(expect.objectContaining({ code: 'syntax', location: expect.objectContaining({ line: 1 }) }));
  expect(await failureOf(pool.run('refuse'))).toEqual(expect.objectContaining({ code: 'runtime', message: expect.stringContaining('no'), cause: expect.objectContaining({ message: 'no' }) }));
  expect(((await failureOf(pool.run('nobody'))) as LuaError).message).toContain("attempt to call a nil value (global 'nobody')");
  const handle = await failureOf(pool.run('return { print }'));
  expect(handle).toBeInstanceOf(MoontraceError);
  expect(handle).toEqual(code('bad-value'));
  expect(await failureOf(pool.run('return 1', [() => 1]))).toEqual(code('bad-value'));
});

test('what is nested too deeply is refused, the way that it is written', async () => {
  const pool = makePool({ reuse: true });
  await pool.run('count = 1 function nest(n, key) local t = {} for i = 1, n do t = { [key] = t } end return t end');
  for (const [depth, key] of [[50_000, 1], [6000, 1], [2000, 'next']]) expect(await failureOf(pool.run('nest', [depth!, key]))).toEqual(code('bad-value'));
  expect(await failureOf(pool.run('local all = {} for i = 1, 6000 do all[i] = {} end for i = 1, 5999 do all[i][1] = all[i + 1] end return all'))).toEqual(code('bad-value'));
  expect(await pool.run('local ok, err = pcall(pool.progress, nest(50000, 1)) return ok, tostring(err):match("nested") ~= nil')).toEqual([false, true]);
  expect(await failureOf(pool.run('error(nest(50000, 1))'))).toEqual(expect.objectContaining({ code: 'runtime', value: undefined }));
  let args: unknown[] = [];
  for (let i = 0; i < 50_000; i++) args = [args];
  expect(await failureOf(pool.run('return 1', args))).toEqual(code('bad-value'));
  expect(JSON.stringify(await pool.run('return nest(900, 1)'))).toHaveLength(2 * 901 + 2);
  expect([(await pool.run<[number[]]>('local t = {} for i = 1, 300000 do t[i] = i end return t'))[0].length, await pool.run('return count')]).toEqual([300_000, [1]]);
});

test('a worker that sends what cannot be read is replaced', async () => {
  // With more of the stack than this thread has.
  const pool = makePool({ resourceLimits: { stackSizeMb: 32 }, modules: makeModule('export function deep() { let cause = 1; for (let i = 0; i < 40000; i++) cause = { cause }; return new Error("deep", { cause }); }') });
  const tasks = [failureOf(pool.run('return deep()')), pool.run('return 1')];
  expect(await Promise.all(tasks)).toEqual([code('bad-value'), [1]]);
});

test('limits are those of the pool, or of the task', async () => {
  const pool = makePool({ limits: { timeout: 200 }, vm: { memoryLimit: 8 << 20 }, modules: makeModule('export const never = () => new Promise(() => {})') });
  const endless = 'while true do end';
  expect(await failureOf(pool.run(endless))).toEqual(code('timeout'));
  expect(await failureOf(pool.run(endless, [], { limits: { fuel: 1000 } }))).toEqual(code('fuel'));
  expect(await failureOf(pool.run('never', [], { limits: { wallTimeout: 20 } }))).toEqual(code('timeout'));
  expect(await failureOf(pool.run('return #string.rep("x", 1 << 25)'))).toEqual(code('memory'));
});

test('the bundle for require has the same workers, and errors that are instances of the same classes', async () => {
  const { LuaPool: Required } = createRequire(import.meta.url)('../../dist/pool.cjs') as typeof import('../../pool/index.ts');
  const pool = new Required({ threads: 1 });
  expect(await pool.run('return 1')).toEqual([1]);
  expect(await failureOf(pool.run('error("no")'))).toBeInstanceOf(LuaError);
  await pool.close();
});

test('progress is told in order', async () => {
  const told: unknown[] = [];
  expect(await makePool().run('for i = 1, 3 do pool.progress({ i }) end', [], { onProgress: (value) => told.push(value) })).toEqual([]);
  expect(told).toEqual([[1], [2], [3]]);
});

test('an abort stops Lua in the middle, or while it waits; its closers run, and the worker goes on', async () => {
  const pool = makePool({ reuse: true, modules: makeModule('export const never = () => new Promise(() => {})') });
  await pool.run('mark = 0');
  for (const body of ['while true do end', 'never()', 'pcall(function() while true do end end)']) {
    const abort = new AbortController();
    const source = `local guard <close> = setmetatable({}, { __close = function() mark = mark + 1 end }) pool.progress(1) ${body}`;
    const error = await failureOf(pool.run(source, [], { signal: abort.signal, onProgress: () => abort.abort('enough') }));
    expect(error).toEqual(expect.objectContaining({ code: 'abort', cause: 'enough' }));
  }
  expect([await pool.run('return mark'), pool.workers]).toEqual([[3], 1]);
});

test('an abort takes a waiting task out of the queue, which is as long as it may be', async () => {
  const pool = makePool({ maxQueue: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  const running = failureOf(pool.run('while true do end', [], { signal: first.signal }));
  const waiting = failureOf(pool.run('return 1', [], { signal: second.signal }));
  expect(pool.waiting).toBe(1);
  expect(await failureOf(pool.run('return 2'))).toEqual(code('queue-full'));
  second.abort();
  expect([await waiting, pool.waiting]).toEqual([code('abort'), 0]);
  const next = pool.run('return 3');
  first.abort();
  expect([await running, await next]).toEqual([code('abort'), [3]]);
  expect(await failureOf(pool.run('return 4', [], { signal: first.signal }))).toEqual(code('abort'));
});

test('any number of tasks may have one signal, without a warning', async () => {
  const warned = vi.spyOn(process, 'emitWarning');
  const pool = makePool();
  const abort = new AbortController();
  const tasks = Array.from({ length: 20 }, () => failureOf(pool.run('while true do end', [], { signal: abort.signal })));
  abort.abort();
  expect(new Set((await Promise.all(tasks)).map((error) => (error as LuaError).code))).toEqual(new Set(['abort']));
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test('map gives the results in order, and takes items as they are wanted', async () => {
  const pool = makePool({ threads: 2 });
  let taken = 0;
  function* items(): Generator<number> {
    for (; taken < 100; ) yield taken++;
  }
  const got: unknown[] = [];
  for await (const result of pool.map('local n = ... for i = 1, (n % 2) * 1e5 do end return n * n', items())) {
    got.push(result);
    if (got.length === 10) break;
  }
  expect(got).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
  expect(taken).toBeLessThanOrEqual(15);
  const failing = pool.map('if ... == 2 then error("two") end return ...', [1, 2, 3]);
  expect(await failing.next()).toEqual({ done: false, value: 1 });
  expect(await failureOf(failing.next())).toEqual(code('runtime'));
});

test('a signal ends a map that waits for items', async () => {
  const abort = new AbortController();
  const never: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const first = failureOf(makePool().map('return ...', never, { signal: abort.signal }).next());
  abort.abort('late');
  expect(await first).toEqual(expect.objectContaining({ code: 'abort', cause: 'late' }));
});

test('a host function that throws in progress ends the task', async () => {
  const pool = makePool();
  const refusal = new Error('stop');
  expect(await failureOf(pool.run('pool.progress(1) while true do end', [], { onProgress: () => { throw refusal; } }))).toBe(refusal);
  expect(await pool.run('return 1')).toEqual([1]);
});

test('close waits for tasks, or gives them up', async () => {
  const patient = makePool();
  const result = patient.run('return 1');
  await patient.close();
  expect([await result, patient.workers, await failureOf(patient.run('return 1'))]).toEqual([[1], 0, code('pool-closed')]);
  const hasty = makePool();
  const lost = [failureOf(hasty.run('while true do end')), failureOf(hasty.run('return 1'))];
  await hasty.close({ terminate: true });
  expect(await Promise.all(lost)).toEqual([code('pool-closed'), code('pool-closed')]);
});

test.each<[PoolOptions, string]>([
  [{ threads: 0 }, 'threads'], [{ tread: 1 } as never, 'tread'], [{ limits: { timeout: -1 } }, 'limits.timeout'], [{ vm: { stdout() {} } as never }, 'vm.stdout'], [{ vm: { libraries: 'many' as never } }, 'libraries'],
  [{ jit: { binaryen: (() => {}) as never } }, 'jit'], [{ image: new Uint8Array(4), vm: { without: [] } }, 'vm.without'],
])('refuses %j', (options, name) => {
  expect(() => makePool(options)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(name) }));
});

test('refuses what tasks cannot be given', async () => {
  const pool = makePool();
  expect(await failureOf(pool.run(5 as never))).toEqual(code('bad-argument'));
  expect(await failureOf(pool.run('return 1', {} as never))).toEqual(code('bad-argument'));
  expect(await failureOf(pool.run('return 1', [], { transfer: [5 as never] }))).toEqual(code('bad-option'));
  expect(await failureOf(pool.run('return 1', [], { checkpoint: { every: 0, save() {} } }))).toEqual(code('bad-option'));
  expect(await failureOf(pool.resume('x' as never))).toEqual(code('bad-argument'));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const huge = Object.assign([], { length: 2 ** 32 - 1 });
  for (const args of [proxy, huge]) expect(await failureOf(pool.run('return 1', args as never))).toEqual(code('bad-argument'));
  expect(await failureOf(pool.run('return 1', [], { transfer: huge }))).toEqual(code('bad-option'));
  expect(await failureOf(pool.resume(proxy as never))).toEqual(code('bad-argument'));
  expect(await failureOf(pool.resume(new Uint8Array(10)))).toEqual(code('bad-image'));
  const unreadable = Object.defineProperty({}, 'limits', { enumerable: true, get: () => { throw new RangeError('no'); } });
  expect(await failureOf(pool.run('return 1', [], unreadable))).toEqual(code('bad-option'));
  for (const items of [undefined, 5, {}]) expect(await failureOf(pool.map('return 1', items as never).next())).toEqual(code('bad-argument'));
  for (const options of [{ terminate: 1 }, { end: true }]) expect(await failureOf(pool.close(options as never))).toEqual(code('bad-option'));
});
