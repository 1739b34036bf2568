/** Workers that die: their tasks are told, others take their places, and long tasks go on from their checkpoints. */
import { expect, test } from 'vitest';
import { createVm } from '../../src/api/index-node.ts';
import { failureOf, makeModule, makePool } from './pool.ts';

const code = (name: string): unknown => expect.objectContaining({ code: name });

test('a worker that ends itself takes its task with it, and no other', async () => {
  const pool = makePool({ modules: makeModule('export const die = () => process.exit(3); export const fall = () => { setTimeout(() => { throw new RangeError("out of nowhere"); }); return new Promise(() => {}); }') });
  const tasks = ['die', 'return 1', 'fall', 'return 2'].map((source) => failureOf(pool.run(source)));
  const [died, , fell] = await Promise.all(tasks);
  expect(died).toEqual(expect.objectContaining({ code: 'worker-died', message: expect.stringContaining('exit code 3') }));
  expect(fell).toEqual(expect.objectContaining({ code: 'worker-died', cause: expect.objectContaining({ message: 'out of nowhere' }) }));
  expect([await tasks[1], await tasks[3], pool.workers]).toEqual([{ value: [1] }, { value: [2] }, 1]);
});

test('under load the tasks of workers that die are lost, and no others; aborts do no harm to their neighbours', async () => {
  const pool = makePool({ threads: 2, modules: makeModule('export const die = () => process.exit(1);') });
  const kinds = Array.from({ length: 42 }, (_, i) => (i % 14 === 5 ? 'die' : i % 7 === 3 ? 'abort' : 'work'));
  const outcomes = kinds.map((kind, i) => {
    const abort = new AbortController();
    const source = kind === 'abort' ? 'pool.progress(0) while true do end' : `if ${kind === 'die'} then die() end local s = 0 for i = 1, 2e4 do s = s + i end return s + ...`;
    return failureOf(pool.run(source, [i], { signal: abort.signal, onProgress: () => abort.abort() }));
  });
  const expected = kinds.map((kind, i) => (kind === 'work' ? { value: [200010000 + i] } : code(kind === 'die' ? 'worker-died' : 'abort')));
  expect(await Promise.all(outcomes)).toEqual(expected);
});

test('a worker without memory for the host dies', async () => {
  const pool = makePool({ resourceLimits: { maxOldGenerationSizeMb: 40 }, modules: makeModule('export function eat() { const all = []; for (;;) all.push(new Array(10000).fill({})); }') });
  expect(await failureOf(pool.run('eat'))).toEqual(expect.objectContaining({ code: 'worker-died', cause: expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' }) }));
  expect(await pool.run('return 1')).toEqual([1]);
});

test('what goes wrong before the first task is told to each', async () => {
  const raising = makePool({ setup: 'error("not today")' });
  for (let i = 0; i < 2; i++) expect(await failureOf(raising.run('return 1'))).toEqual(expect.objectContaining({ code: 'runtime', message: 'setup:1: not today' }));
  expect(raising.workers).toBe(1);
  expect(await failureOf(makePool({ modules: './nowhere.mjs' }).run('return 1'))).toEqual(code('host-failure'));
  const dying = makePool({ modules: makeModule('process.exit(4)') });
  for (let i = 0; i < 2; i++) expect(await failureOf(dying.run('return 1'))).toEqual(code('worker-died'));
});

test('a task whose worker is being prepared is given up like one that waits for another', async () => {
  for (const options of [{ setup: 'while true do end' }, { modules: makeModule('while (true) {}') }, { modules: makeModule('await new Promise(() => {});') }]) {
    const pool = makePool(options);
    const abort = new AbortController();
    const task = failureOf(pool.run('return 1', [], { signal: abort.signal }));
    abort.abort('at once');
    expect(await task).toEqual(expect.objectContaining({ code: 'abort', cause: 'at once' }));
    expect(await failureOf(pool.run('return 1', [], { signal: AbortSignal.timeout(300) }))).toEqual(code('abort'));
    // Its own limit, and that of one that comes behind it.
    const limits = { wallTimeout: 20 };
    expect(await Promise.all([1, 2].map(() => failureOf(pool.run('return 1', [], { limits }))))).toEqual([code('timeout'), code('timeout')]);
    expect(pool.workers).toBe(1);
  }
});

test('a task that was given up before its worker was ready leaves that to the next one', async () => {
  const pool = makePool({ modules: makeModule('await new Promise((resolve) => setTimeout(resolve, 100)); export const one = () => 1;') });
  const abort = new AbortController();
  const tasks = [failureOf(pool.run('while true do end', [], { signal: abort.signal })), pool.run('one')];
  abort.abort();
  expect(await Promise.all(tasks)).toEqual([code('abort'), [1]]);
  expect([await pool.run('one'), pool.workers]).toEqual([[1], 1]);
});

test.each([{ timeout: 50 }, { wallTimeout: 50 }])('a worker whose setup takes longer than %j tells its task, and is replaced', async (limits) => {
  const pool = makePool({ setup: 'while true do end', limits });
  for (let i = 0; i < 2; i++) expect(await failureOf(pool.run('return 1'))).toEqual(code('timeout'));
  const both = [1, 2].map(() => failureOf(pool.run('return 1', [], { limits: { timeout: 60_000, wallTimeout: 60_000 } })));
  expect(await Promise.all(both)).toEqual([code('timeout'), code('timeout')]);
});

test('a worker whose first setup took too long is replaced by one that works', async () => {
  const modules = makeModule(`
    import { existsSync, writeFileSync } from 'node:fs';
    const mark = new URL('./mark', import.meta.url);
    export function isFirst() { const is = !existsSync(mark); writeFileSync(mark, ''); return is; }`);
  const pool = makePool({ setup: 'if isFirst() then while true do end end', limits: { timeout: 1000 }, modules });
  expect(await failureOf(pool.run('return 1'))).toEqual(code('timeout'));
  expect([await pool.run('return 1'), pool.workers]).toEqual([[1], 1]);
});

/** Counts primes in a coroutine, tells each hundredth, and ends its worker at one of them if it is to. */
const LONG = `
  local n, victim = ...
  local primes = coroutine.wrap(function()
    for i = 2, n do
      local isPrime = true
      for d = 2, i - 1 do if d * d > i then break end if i % d == 0 then isPrime = false break end end
      if isPrime then coroutine.yield(i) end
    end
  end)
  local count, sum = 0, 0
  for p in primes do
    count, sum = count + 1, sum + p
    if count % 100 == 0 then pool.progress(count) end
    if count == victim then die() end
  end
  return count, sum`;

test.each([false, true])('a task whose worker is killed goes on from its last checkpoint, with nothing lost or done twice (JIT: %s)', async (jit) => {
  const modules = makeModule('export const die = () => process.exit(1);');
  const images: Uint8Array[] = [];
  const told: number[] = [];
  const pool = makePool({ modules, jit });
  const vm = createVm();
  vm.register({ die() {} });
  vm.doString('pool = { progress = function() end }');
  const whole = vm.load(LONG).call(40_000, -1);
  vm.close();
  const died = await failureOf(pool.run(LONG, [40_000, 3000], { onProgress: (count) => told.push(count as number), checkpoint: { every: 1, save: (image) => void images.push(image) } }));
  expect(died).toEqual(code('worker-died'));
  expect(images.length).toBeGreaterThan(0);
  const before = told.length;
  const survivor = makePool({ modules: makeModule('export const die = () => {};'), jit });
  const later: number[] = [];
  expect(await survivor.resume(images.at(-1)!, { onProgress: (count) => later.push(count as number) })).toEqual(whole);
  expect(before).toBeGreaterThan(0);
  // Each hundredth is counted once from where the image was made.
  expect(later).toEqual(Array.from({ length: later.length }, (_, i) => later[0]! + 100 * i));
  expect(later.at(-1)).toBe(Math.floor(Number(whole[0]) / 100) * 100);
});

test('a task goes on in one worker after the other, each terminated in the middle of Lua', async () => {
  // Work enough that it takes longer than all the checkpoints that are asked for.
  const source = 'local t, s = {}, 0 for i = 1, 4e6 do t[i % 100] = i s = (s * 31 + (t[i % 7] or 0)) % 1000003 end return s, #t';
  const expected = await makePool().run(source);
  let image: Uint8Array | undefined;
  let hops = 0;
  for (; hops < 4; hops++) {
    const pool = makePool();
    const checkpoint = { every: 1, save: (made: Uint8Array): void => {
      image = made;
      void pool.close({ terminate: true });
    } };
    expect(await failureOf(image === undefined ? pool.run(source, [], { checkpoint }) : pool.resume(image, { checkpoint }))).toEqual(code('pool-closed'));
  }
  expect(await makePool().resume(image!)).toEqual(expected);
});

test('any checkpoint will do, and the next is not made before the last is saved', async () => {
  const pool = makePool({ threads: 2 });
  const images: Uint8Array[] = [];
  let saving = 0;
  const save = async (image: Uint8Array): Promise<void> => {
    expect(++saving).toBe(1);
    images.push(image);
    await new Promise((resolve) => setTimeout(resolve, 2));
    saving--;
  };
  const source = 'local s = 0 for i = 1, 6e6 do s = s + i % 7 end return s';
  const expected = await pool.run(source, [], { checkpoint: { every: 1, save } });
  expect([images.length > 1, saving]).toEqual([true, 0]);
  expect(await Promise.all([images[0]!, images.at(-1)!].map((image) => pool.resume(image)))).toEqual([expected, expected]);
});

test('a task that waits goes on with the call it waited for', async () => {
  const modules = makeModule('export const slow = (x) => new Promise((resolve) => setTimeout(() => resolve(x + 1), 5));');
  const images: Uint8Array[] = [];
  const pool = makePool({ modules });
  const source = 'local x = 0 for i = 1, 4 do x = slow(x) end return x';
  expect(await pool.run(source, [], { checkpoint: { every: 1, save: (image) => void images.push(image) } })).toEqual([4]);
  expect(await pool.resume(images[0]!)).toEqual([4]);
});

test('calls that were under way in the image of the pool are not taken for the task', async () => {
  const vm = createVm();
  const other = vm.start(vm.load('while true do end'));
  expect(other.step(1000).state).toBe('running');
  const pool = makePool({ image: vm.snapshot() });
  const images: Uint8Array[] = [];
  const source = 'local s = 0 for i = 1, 2e6 do s = s + i end return s';
  const expected = await pool.run(source, [], { checkpoint: { every: 1, save: (image) => void images.push(image) } });
  expect(await pool.resume(images[0]!)).toEqual(expected);
  vm.close();
});

test('a limit of time goes along with a task that waits', async () => {
  const images: Uint8Array[] = [];
  const pool = makePool({ modules: makeModule('export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); export const never = () => new Promise(() => {});') });
  const image = { checkpoint: { every: 1, save: (made: Uint8Array) => void images.push(made) } };
  expect(await failureOf(pool.run('wait(10) wait(10) never()', [], { limits: { wallTimeout: 300 }, ...image }))).toEqual(code('timeout'));
  expect(await failureOf(pool.resume(images[0]!))).toEqual(code('timeout'));
});

test('what cannot be saved ends the task, as does a host that cannot save', async () => {
  const pool = makePool();
  const refusal = new Error('disk full');
  const spin = 'local s = 0 for i = 1, 1e9 do s = s + i end return s';
  expect(await failureOf(pool.run(spin, [], { checkpoint: { every: 1, save: () => Promise.reject(refusal) } }))).toBe(refusal);
  expect(await failureOf(pool.run(`local d = ... ${spin}`, [new Date(0)], { checkpoint: { every: 1, save() {} } }))).toEqual(code('not-portable'));
  const vm = createVm();
  expect(await failureOf(pool.resume(vm.snapshot()))).toEqual(code('bad-image'));
  vm.close();
});
