/**
 * Many calls at once on one VM, of a program that does a bit of everything, with errors, aborts, limits and collections at random. What each comes to is what the same
 * program comes to alone, where nothing has to be waited for. $MOONTRACE_CALLS says how many (`MOONTRACE_CALLS=10000 npx vitest run test/api/async/interleaved`).
 */
import { expect, test } from 'vitest';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createVm, LuaError, type LuaValue, type Vm } from '../../../src/api/index-node.ts';
import { createJit } from '../../../jit/index.ts';
import { COMPILED, debugCore, EAGER, FORCED_EXITS, INTERPRETED, type Mode } from '../../support/engine.ts';

const CALLS = Number(process.env['MOONTRACE_CALLS'] ?? 400);
/** So many are under way at a time. */
const WIDTH = 200;

const PROGRAM = `
  local id, seed, ask = ...
  local function random(n) seed = (seed * 1103515245 + 12345) & 0x7fffffff return (seed >> 8) % n end
  local function resource(what)
    open[id] = (open[id] or 0) + 1
    return setmetatable({}, { __close = function() open[id] = open[id] - 1 if random(3) == 0 then ask(id, 'close') end end })
  end
  local object = setmetatable({}, {
    __index = function(_, k) return ask(id, k) end, __add = function(a, b) return ask(id, random(100)) end,
    __lt = function() return ask(id, random(2)) == 1 end, __call = function(_, ...) return ask(id, ...) end, __tostring = function() return 'o' .. ask(id, random(10)) end })
  local log = {}
  local actions = {
    function() return ask(id, random(1000)) end,
    function() return object.field .. object[random(9)] end,
    function() return object + 1 end,
    function() return object < object end,
    function() return tostring(object) end,
    function() return select(2, pcall(ask, id, random(50), random(4) == 0)) end,
    function() local r <close> = resource('a') local s <close> = resource('b') return ask(id, 'in') end,
    function() local t = {} for i = 1, 12 do t[i] = random(100) end table.sort(t, function(a, b) if random(5) == 0 then ask(id, 's') end return a < b end) return table.concat(t, ',') end,
    function() return (('abcdef'):gsub('.', function(c) if random(3) == 0 then return ask(id, c:upper()) end end)) end,
    function() local sum = 0 for i = 1, 150 + random(150) do sum = sum + (i % 97 == 0 and ask(id, i) or i) end return sum end,
    function() local co = coroutine.wrap(function() local r <close> = resource('co') for i = 1, 4 do coroutine.yield(ask(id, i)) end end) local sum = 0 for v in co do sum = sum + v end return sum end,
    function() local ok, e = pcall(function() local r <close> = resource('e') error(ask(id, 'thrown'), 0) end) return e end,
    function() local t = {} for i = 1, 40 do t[i] = { i, tostring(i) } end ask(id, #t) return t[40][2] end,
    function() local ok, e = pcall(error, object) return rawequal(e, object) end,
    function() return (select('#', object(1, 2, 3))) end,
  }
  for i = 1, 6 + random(10) do log[i] = tostring(actions[random(#actions) + 1]()) end
  if random(9) == 0 then error('gave up after ' .. #log, 0) end
  return table.concat(log, ';'), random(1000)`;

/** Deterministic numbers from 0 to n - 1. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

interface Outcome {
  readonly results?: readonly LuaValue[];
  readonly code?: string;
  readonly message?: string;
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof LuaError)) throw error;
  return { code: error.code, message: error.message };
}

/** What the host function answers, to whomever and whenever. @throws if the third argument says so */
function answer(id: LuaValue, value: LuaValue, isError: LuaValue): LuaValue {
  if (isError === true) throw new Error(`refused ${String(value)}`);
  return typeof value === 'number' ? value + (id as number) % 7 : `${String(value)}${(id as number) % 3}`;
}

function make(mode: Mode, isDebug: boolean): Vm {
  const vm = createVm({ ...(mode.jit && { jit: createJit(mode.jit) }), ...(isDebug && { core: debugCore() }) });
  vm.setGlobal('open', vm.newTable());
  return vm;
}

function alone(vm: Vm, id: number): Outcome {
  try {
    return { results: vm.load(PROGRAM).call(id, id * 7919, (i, value, isError) => answer(i, value, isError) as never) };
  } catch (error) {
    return outcomeOf(error);
  }
}

test.each([INTERPRETED, COMPILED, EAGER, FORCED_EXITS])('each comes to what it would alone, $name', async (mode) => {
  const vm = make(mode, CALLS <= 1000);
  const oracle = make(INTERPRETED, false);
  const program = vm.load(PROGRAM, '=program');
  const random = numbers(42);
  const later = async (id: LuaValue, value: LuaValue, isError: LuaValue): Promise<never> => {
    const kind = random(10);
    if (kind < 6) await undefined;
    else if (kind < 9) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, random(3)));
    return answer(id, value, isError) as never;
  };
  const ask = (id: LuaValue, value: LuaValue, isError: LuaValue): never => {
    if (random(200) === 0) vm.collect();
    return (random(4) === 0 ? answer(id, value, isError) : later(id, value, isError)) as never;
  };
  const seen: Record<string, number> = {};
  const open = vm.getGlobal('open') as ReturnType<Vm['newTable']>;

  const run = async (id: number): Promise<void> => {
    const controller = new AbortController();
    const isAborted = random(5) === 0;
    const options = {
      ...(isAborted && { signal: controller.signal }), ...(random(6) === 0 && { fuel: 20 + random(3000) }), ...(random(40) === 0 && { wallTimeout: 1 + random(20) }),
      ...(random(4) === 0 && { yieldEvery: 1 }),
    };
    if (isAborted) setTimeout(() => controller.abort(), random(6));
    const outcome = await program.with(options).callAsync(id, id * 7919, ask).then((results): Outcome => ({ results }), outcomeOf);
    const code = outcome.code ?? 'done';
    seen[code] = (seen[code] ?? 0) + 1;
    if (code === 'done' || code === 'runtime') expect(outcome).toEqual(alone(oracle, id));
    else expect(Object.keys(options)).toContain({ abort: 'signal', fuel: 'fuel', timeout: 'wallTimeout' }[code]);
    if (code !== 'fuel' && code !== 'timeout') expect(open.get(id) ?? 0, `${id} ${code}`).toBe(0);
  };

  let next = 0;
  let memory = 0;
  const worker = async (): Promise<void> => {
    while (next < CALLS) {
      const id = next++;
      await run(id);
      if (id === CALLS >> 1) {
        vm.collect();
        memory = vm.stats().memoryUsed;
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  vm.collect();
  expect(machineOf(vm).suspended.size).toBe(0);
  expect(vm.stats().memoryUsed).toBeLessThan(memory + 100_000);
  if (CALLS <= 1000) expect(machineOf(vm).core.verifyHeap()).toBe(0);
  for (const code of ['done', 'runtime', 'abort', 'fuel']) expect(seen[code], JSON.stringify(seen)).toBeGreaterThan(0);
  expect(vm.doString('return 1 + 1')).toEqual([2]);
  if (process.env['MOONTRACE_CALLS'] !== undefined) console.log(mode.name, seen);
  vm.close();
  oracle.close();
}, 600_000);
