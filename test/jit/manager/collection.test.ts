/** Traces die with the functions they belong to; what lives keeps its traces and all they name. */
import { describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { createVm } from '../../../src/api/index-node.ts';

const eager = () => createVm({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) });

test('functions that are loaded, run and forgotten leave no traces and no memory behind', () => {
  const vm = eager();
  const round = () => {
    vm.doString(`
      for n = 1, 20 do
        local f = load("local t = { x = 1 } for i = 1, 50 do t.x = t.x + i * " .. n .. " if i % 2 == 0 then t.y = { i } end end return t.x")
        f()
      end`);
    vm.collect();
    vm.collect();
  };
  round();
  const { memoryUsed } = vm.stats();
  for (let i = 0; i < 15; i++) round();
  const stats = vm.stats();
  expect(stats.compiled).toBeGreaterThan(100);
  expect(stats.traces.length).toBeLessThan(60);
  expect(stats.memoryUsed).toBeLessThan(memoryUsed + 60_000);
  vm.close();
});

test('a function that lives keeps its traces through collections', () => {
  const vm = eager();
  vm.doString(`
    local methods = { get = function(self) return self.x end }
    local mt = { __index = methods }
    function run(n)
      local sum = 0
      for i = 1, n do
        local o = setmetatable({ x = i }, mt)
        sum = sum + o:get()
      end
      return sum
    end`);
  const run = vm.getGlobal('run') as { call1(n: number): unknown };
  for (let i = 0; i < 5; i++) expect(run.call1(1000)).toBe(500500);
  const before = vm.stats();
  expect(before.traces.length).toBeGreaterThan(0);
  for (let i = 0; i < 5; i++) {
    vm.collect();
    expect(run.call1(1000)).toBe(500500);
  }
  expect(vm.stats().compiled).toBe(before.compiled);
  vm.close();
});

test('a trace keeps what it names alive after the program has let go of it', () => {
  const vm = eager();
  vm.doString(`
    local object = { value = 3 }
    function swap() object = { value = 4, other = true } end
    function run() local sum = 0 for i = 1, 100 do sum = sum + object.value end return sum end`);
  const run = vm.getGlobal('run') as { call1(): unknown };
  expect(run.call1()).toBe(300);
  vm.doString('swap()');
  for (let i = 0; i < 3; i++) vm.collect();
  vm.doString('junk = {} for i = 1, 5000 do junk[i] = { value = -1, other = i } end');
  expect(run.call1()).toBe(400);
  vm.close();
});

/** Loops whose rounds end in many ways, each of them in code of its own: what one round does must be looked at wherever it ends. */
describe('loops of many ways', () => {
  const BRANCHES = [
    'if i < 1000 then n = n + 1 else n = n - 1 end', 't[i % 5000] = n', 'if i > 500 and i < 5000 then n = n + 1 elseif i > 700 then n = n - 1 end',
    'if i % 3 == 0 then n = n + 1 else n = n - 1 end', 'if i % 7 < 3 then goto continue end', 'while n > 5 do n = n - 3 end',
    'for k = 1, i % 3 do n = n + k end', 'if n % 2 == 0 then n = n + 1 elseif n % 3 == 0 then n = n - 2 end', 't[i % 50] = i', 'if t[i % 90] then n = n + 1 end',
  ];
  /** @param parts statements one of which is in front of the branches: the first ones go the same way each time until, in the end, they do not */
  function loop(seed: number, parts: readonly string[]): string {
    let state = seed;
    const draw = (list: readonly string[]) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return list[(state >> 8) % list.length]!;
    };
    const body = [draw(parts), draw(BRANCHES), draw(BRANCHES)];
    return `local t, n = {}, 0 for i = 1, ROUNDS do done = i do ${body.join(' ')} end ::continue:: end`;
  }
  const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

  const allocations = ['local a = { i }', 'local a = { i, {} }', 'local f = function() return i end', "local s = 'x' .. i", 'local o = { x = i, y = {} }', 't[i % 40] = { i }', 't[i % 5000] = { i, {} }', 't[i % 5000] = { x = i }'];
  test.each(seeds)('collect what they made (%i)', (seed) => {
    const vm = createVm({ jit: createJit({ tunables: { share: 100, hotloop: 20, hotexit: 5 } }) });
    const source = loop(seed, allocations);
    const kilobytes = vm.doString(`ROUNDS = 100000 ${source} return collectgarbage('count')`)[0] as number;
    expect(kilobytes, source).toBeLessThan(4000);
    vm.close();
  });

  const work = ['local s = long .. i', "local s = long:sub(i % 10 + 1, -2)", 'if long == (i % 2 == 0 and other or third) then n = 1 end', 'local s = #(long .. long)', 'rawset(t, long, i)', 't[i % 5000] = long .. i'];
  test.each(seeds)('end where their fuel does (%i)', (seed) => {
    const source = `long, other, third = ('x'):rep(1 << 17) .. 'a', ('x'):rep(1 << 17) .. 'b', ('x'):rep(1 << 17) .. 'c' ROUNDS = 1e9 ${loop(seed, work)}`;
    const rounds = [undefined, createJit({ tunables: { share: 100, hotloop: 5, hotexit: 2 } })].map((jit) => {
      const vm = createVm({ fuel: 1_000_000, ...(jit && { jit }) });
      expect(() => vm.doString(source)).toThrow();
      vm.fuel = Number.POSITIVE_INFINITY;
      const done = vm.getGlobal('done') as number;
      vm.close();
      return done;
    });
    expect(rounds[1]!, source).toBeLessThan(2 * rounds[0]! + 100);
  });
});
