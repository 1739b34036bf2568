/** What VMs leave behind: nothing. `npm run requests` does it by the million, and tells what the process takes. */
import { setImmediate as nextTask, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createVm, type LuaTable, type Vm } from '../../../src/api/index.ts';
import { valuesOf } from '../../../src/api/vm.ts';

setFlagsFromString('--expose-gc');
const collectHost = runInNewContext('gc') as () => void;

/** The host calls finalisers in a task of its own, on a busy machine some time behind the collection, and keeps what was looked at until a task ends. @returns whether it came to be so */
async function comesToBe(isSo: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    await nextTask();
    collectHost();
    await sleep(i);
    if (isSo()) return true;
  }
  return false;
}

const serve = (): Vm => {
  const vm = createVm({ memoryLimit: 64 << 20, jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) });
  vm.setGlobal('log', async (rows: LuaTable) => rows.length);
  return vm;
};

test.each([['closed', true], ['dropped', false]] as const)('VMs that are %s are garbage', async (_how, isClosed) => {
  const memories = Array.from({ length: 30 }, () => {
    const vm = serve();
    vm.setGlobal('f', (table: LuaTable) => vm.newTable(table.toJS<number[]>()).length);
    expect(vm.load<[LuaTable], [number]>('local t = ... local n = 0 for i = 1, 50 do n = n + f(t) end return n').call1(vm.newTable([1, 2]))).toBe(100);
    const memory = new WeakRef(machineOf(vm).memory.wasm);
    if (isClosed) vm.close();
    return memory;
  });
  expect(await comesToBe(() => memories.filter((memory) => memory.deref() !== undefined).length < 3)).toBe(true);
});

test('the memory of a VM that is closed is garbage, whoever holds the VM', async () => {
  const vms = Array.from({ length: 30 }, () => createVm());
  const handles = vms.map((vm) => vm.doString('t = {("x"):rep(2 << 20)} return t, function() end'));
  const memories = vms.map((vm) => new WeakRef(machineOf(vm).memory.wasm));
  for (const vm of vms) vm.close();
  expect(await comesToBe(() => memories.every((memory) => memory.deref() === undefined))).toBe(true);
  expect(handles).toHaveLength(vms.length);
});

test('requests that wait leave no handles', async () => {
  const vm = serve();
  const handler = vm.load<[LuaTable], [number]>('local request = ... local rows = {} for i = 1, 1000 do rows[i] = i end return log(rows) + #request.path');
  const before = valuesOf(vm).handles.size;
  for (let i = 0; i < 2000; i++) {
    expect(await handler.callAsync(vm.newTable({ path: '/' }))).toEqual([1001]);
    if (i % 100 === 0) await nextTask();
  }
  expect(await comesToBe(() => valuesOf(vm).handles.size - before < 100)).toBe(true);
});
