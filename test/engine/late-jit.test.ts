/** A JIT that is loaded when the first loop is hot: nobody but the clock can tell. */
import { expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createVm } from '../../src/api/index-node.ts';
import type { JitPort } from '../../src/engine/jit-port.ts';
import { createLateJit } from '../../src/engine/late-jit.ts';

const LOOP = 'local s = 0 for i = 1, 20000 do s = s + i % 7 end return s';

/** A VM with such a JIT, and how often that was loaded. */
function lateVm(make: () => JitPort | undefined) {
  const loads: (JitPort | undefined)[] = [];
  const load = (): JitPort | undefined => {
    const jit = make();
    loads.push(jit);
    return jit;
  };
  return { vm: createVm({ jit: createLateJit(load) }), loads };
}

test('it is not loaded before a loop is hot, and then once', () => {
  const { vm, loads } = lateVm(() => createJit({ tunables: { share: 100 } }));
  expect(vm.doString('local s = 0 for i = 1, 900 do s = s + i end debug.upvaluejoin(load("return x"), 1, load("return y"), 1) collectgarbage() return s')).toEqual([405450]);
  expect([loads.length, vm.stats().compiled]).toEqual([0, 0]);
  for (let i = 0; i < 3; i++) expect(vm.doString(LOOP)).toEqual([59998]);
  expect(loads.length).toBe(1);
  expect(vm.stats().compiled).toBeGreaterThan(0);
  vm.close();
});

test('traces are the same, at the same points', () => {
  const { vm } = lateVm(() => createJit({ tunables: { share: 100 } }));
  const early = createVm({ jit: createJit({ tunables: { share: 100 } }) });
  const program = 'local t = {} for i = 1, 5000 do t[i] = i end for i, v in ipairs(t) do t[i] = v * 2 end local n = 0 while n < 4000 do n = n + (n % 3 == 0 and 1 or 2) end return n, #t';
  expect(vm.doString(program)).toEqual(early.doString(program));
  expect(vm.stats().traces).toEqual(early.stats().traces);
  expect(vm.stats().traces.length).toBeGreaterThan(2);
  vm.close();
  early.close();
});

test('where it cannot be loaded the program is interpreted, and it is not tried again', () => {
  const { vm, loads } = lateVm(() => undefined);
  for (let i = 0; i < 3; i++) expect(vm.doString(LOOP)).toEqual([59998]);
  expect(loads).toEqual([undefined]);
  vm.close();
});

test('a VM that is closed loads nothing', () => {
  const { vm, loads } = lateVm(() => createJit({ tunables: { share: 100 } }));
  vm.close();
  expect(loads).toEqual([]);
});
