/** Handles of host functions and host objects are free again once the collector has freed what Lua had of them. */
import { machineOf } from '../../src/api/engine-port.ts';
import { expect, test } from 'vitest';
import { createVm, type LuaFunction } from '../../src/api/index.ts';

class Thing {
  constructor(readonly name: unknown) {}
}

function collectAll(vm: ReturnType<typeof createVm>): void {
  // What finalisers kept alive goes with the second cycle.
  vm.collect();
  vm.collect();
}

test('functions', () => {
  const vm = createVm();
  collectAll(vm);
  const before = machineOf(vm).hostObjects.counts.functions;
  const keep = vm.doString('local kept kept = {} return function(f) kept[1] = f end')[0] as LuaFunction;
  for (let i = 0; i < 1000; i++) keep.call(() => i);
  expect(machineOf(vm).hostObjects.counts.functions).toBeGreaterThan(before);
  collectAll(vm);
  expect(machineOf(vm).hostObjects.counts.functions).toBe(before + 1);
  vm.close();
});

test('a function comes back as the same object while Lua has it, and still works after it was freed', () => {
  const vm = createVm();
  const twice = (x: unknown) => Number(x) * 2;
  vm.setGlobal('f', twice).setGlobal('g', twice);
  expect(vm.doString('return f == g, f(4)')).toEqual([true, 8]);
  vm.setGlobal('f', undefined).setGlobal('g', undefined);
  collectAll(vm);
  vm.setGlobal('f', twice);
  for (let i = 0; i < 100; i++) vm.setGlobal(`other${i}`, () => i);
  expect(vm.doString('return f(5), other99()')).toEqual([10, 99]);
  vm.close();
});

test('objects', () => {
  const vm = createVm();
  collectAll(vm);
  const before = machineOf(vm).hostObjects.counts.objects;
  const shared = new Thing('shared');
  vm.setGlobal('a', shared).setGlobal('b', shared);
  for (let i = 0; i < 1000; i++) vm.setGlobal('c', new Thing(i));
  vm.setGlobal('b', undefined);
  collectAll(vm);
  expect(machineOf(vm).hostObjects.counts.objects).toBe(before + 2);
  expect(vm.getGlobal('a')).toBe(shared);
  expect(vm.getGlobal('c')).toEqual(new Thing(999));
  vm.close();
});

test('files that nothing refers to are closed, and their handles with them', () => {
  const vm = createVm();
  const closed: string[] = [];
  const environment = {
    ...machineOf(vm).environment,
    openFile: (path: string) => ({ read: () => 0, close: () => void closed.push(path) }),
  };
  vm.close();
  const other = createVm({ environment });
  const before = machineOf(other).hostObjects.counts.objects;
  other.doString('for i = 1, 300 do io.open("file" .. i) end');
  collectAll(other);
  expect(closed).toHaveLength(300);
  expect(machineOf(other).hostObjects.counts.objects).toBe(before);
  other.close();
});
