/** Traces die with the functions they belong to; what lives keeps its traces and all they name. */
import { expect, test } from 'vitest';
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
