/** Cores and memories of VMs that were closed: the next ones have them, and nothing of what was in them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { VM_HEAP_START, VM_STATE_END } from '../../../src/bytecode/layout.ts';
import { createVm, type LuaFunction, type LuaTable, restoreVm, type Vm } from '../../../src/api/index.ts';
import { decodeImage } from '../../../src/engine/image/format.ts';

const memoryOf = (vm: Vm): WebAssembly.Memory => machineOf(vm).memory.wasm;
const bytesOf = (memory: WebAssembly.Memory): Buffer => Buffer.from(memory.buffer);
const heapCode = (vm: Vm): number => machineOf(vm).core.verifyHeap();

/** A VM that was closed, by its memory. */
function closed(program = '', options = {}): WebAssembly.Memory {
  const vm = createVm(options);
  vm.doString(program);
  const memory = memoryOf(vm);
  vm.close();
  return memory;
}

/** Who makes a VM gets a fresh memory: what is kept is with VMs that nobody closes. */
beforeEach(() => {
  for (let i = 0; i < 16; i++) createVm();
});

describe('what was in it', () => {
  const SECRET = `SECRET${'x'.repeat(20)}`;

  test.each([
    ['in use', `secret = '${SECRET}'`],
    ['garbage', `local s = '${SECRET}' s = nil collectgarbage()`],
    ['in a long string, a buffer, an error', `secret = ('${SECRET}'):rep(3000) table.concat({secret, secret}) pcall(error, secret) print(secret)`],
    ['in memory that was asked for', `t = {} for i = 1, 3000 do t[i] = '${SECRET}' .. i end`],
    ['in another coroutine', `co = coroutine.wrap(function() local s = '${SECRET}' coroutine.yield() end) co()`],
  ])('%s is gone when it is closed', (_, program) => {
    const vm = createVm({ stdout: () => {} });
    vm.doString(program);
    const memory = memoryOf(vm);
    expect(bytesOf(memory).includes(SECRET)).toBe(true);
    vm.close();
    expect(bytesOf(memory).every((byte) => byte === 0)).toBe(true);
    const next = createVm();
    expect(memoryOf(next)).toBe(memory);
    expect(bytesOf(memory).includes(SECRET)).toBe(false);
    next.close();
  });

  test('what the core keeps behind the state of the VM is as an instance leaves it', () => {
    const constantsOf = (vm: Vm): Buffer => bytesOf(memoryOf(vm)).subarray(VM_STATE_END, machineOf(vm).memory.load(VM_HEAP_START));
    const expected = constantsOf(createVm());
    const memory = closed('return ("%5.3f %q"):format(1 / 3, "x"), ("abc"):find("[^%w]()"), string.pack("z", "abc"), utf8.char(300)');
    const vm = createVm();
    expect(memoryOf(vm)).toBe(memory);
    expect(constantsOf(vm).equals(expected)).toBe(true);
    vm.close();
  });

  test('the next VM is as a new one: its heap, its keys, its image', () => {
    // What the core has tables for, or computes when it starts.
    const program = `
      local digits = {}
      for i = 1, 9 do digits[i] = ('%.3f %g %a'):format(i / 7, 10.0 ^ (30 * i), i / 3) end
      local words = {}
      for word in ('one two 3'):gmatch('%a+') do words[#words + 1] = word end
      return table.concat(digits, ' '), table.concat(words, ' '), tostring(0.1), load('return 1.7976931348623157e308')(), math.sin(1e22), math.atan(3), math.exp(1.5), 2 ^ 0.3,
        string.unpack('>i3!4xd', string.pack('>i3!4xd', -5, 0.25)), utf8.char(228, 8364, 0x10ffff), utf8.codepoint('\u{20ac}'), ('%q'):format(1 / 3), ('x'):rep(3, ','), #string.dump(load('return ...'))`;
    const fresh = createVm();
    const expected = fresh.doString(program);
    const memory = closed('for i = 1, 2000 do _G["k" .. i] = {} end');
    const vm = createVm();
    expect(memoryOf(vm)).toBe(memory);
    expect(vm.doString(program)).toEqual(expected);
    expect(heapCode(vm)).toBe(0);
    expect(vm.getGlobal('k1')).toBeUndefined();
    expect(decodeImage(createVm().snapshot()).memorySize).toBe(decodeImage(vm.snapshot()).memorySize);
    vm.close();
  });
});

describe('whose it is', () => {
  test('a memory that had grown is used as far as it goes, then it grows', () => {
    const grow = 'local n = ... local t = {} for i = 1, n do t[i] = "string number " .. i end return #t';
    const memory = closed(grow.replace('...', '4000'));
    const { byteLength } = memory.buffer;
    const vm = createVm();
    expect(memoryOf(vm)).toBe(memory);
    expect(machineOf(vm).memory.size).toBeLessThan(byteLength);
    const run = vm.load(grow);
    expect(run.call(3000)).toEqual([3000]);
    expect(memory.buffer.byteLength).toBe(byteLength);
    expect(heapCode(vm)).toBe(0);
    expect(run.call(40000)).toEqual([40000]);
    expect(memory.buffer.byteLength).toBe(machineOf(vm).memory.size);
    expect(memory.buffer.byteLength).toBeGreaterThan(byteLength);
    expect(heapCode(vm)).toBe(0);
    vm.close();
  });

  test('what a closed VM is still asked for does not reach it', async () => {
    const vm = createVm();
    vm.doString('t = setmetatable({}, {__gc = print}) function f() while true do coroutine.yield() end end function g() wait() end');
    vm.register({ wait: () => new Promise((resolve) => setTimeout(resolve, 5)) });
    const [table, released, func] = [vm.getGlobal<LuaTable>('t'), vm.globals, vm.getGlobal<LuaFunction>('f')];
    const coroutine = vm.coroutine(func);
    coroutine.next();
    const waiting = vm.getGlobal<LuaFunction>('g').callAsync();
    const execution = vm.start(func);
    const machine = machineOf(vm);
    const memory = memoryOf(vm);
    vm.close();
    const next = createVm();
    expect(memoryOf(next)).toBe(memory);
    const before = bytesOf(memory).toString('latin1');
    released.release();
    execution.abort();
    for (const use of [() => table.get(1), () => func.call(), () => vm.doString(''), () => vm.stats(), () => coroutine.next(), () => execution.step()]) expect(use).toThrow(expect.objectContaining({ code: 'closed' }) as Error);
    await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'closed' }) as Error);
    machine.core.collectFull(0);
    machine.memory.store(1024, 5);
    vm.close();
    expect(bytesOf(memory).toString('latin1')).toBe(before);
    expect(next.doString('return 6 * 7')).toEqual([42]);
    next.close();
  });

  test('one that is closed by what runs in it is given away when that has ended', () => {
    const vm = createVm();
    const memory = memoryOf(vm);
    let inside: Vm | undefined;
    vm.register({ stop: () => {
      vm.close();
      inside = createVm();
    } });
    expect(() => vm.doString('stop() x = 1')).toThrow();
    expect(memoryOf(inside as Vm)).not.toBe(memory);
    const next = createVm();
    expect(memoryOf(next)).toBe(memory);
    next.close();
  });

  test('forks and restored VMs have them, too', () => {
    const vm = createVm();
    vm.doString('x = 42 function f() return x end');
    const image = vm.snapshot();
    const memory = closed();
    const fork = vm.fork();
    expect(memoryOf(fork)).toBe(memory);
    expect(fork.doString('return f()')).toEqual([42]);
    fork.close();
    const restored = restoreVm(image);
    expect(memoryOf(restored)).toBe(memory);
    expect(restored.doString('return f()')).toEqual([42]);
    restored.close();
  });

  test('host functions are those of the VM that has it now', () => {
    const first = createVm();
    first.register({ who: () => 'first' });
    const memory = memoryOf(first);
    first.close();
    const second = createVm();
    expect(memoryOf(second)).toBe(memory);
    expect(second.getGlobal('who')).toBeUndefined();
    second.register({ who: () => 'second' });
    expect(second.doString('return who()')).toEqual(['second']);
    second.close();
  });
});

describe('what is not kept', () => {
  const nextMemory = (): WebAssembly.Memory => closed();

  test('a large one', () => {
    const memory = closed('s = ("x"):rep(2 << 20)');
    expect(nextMemory()).not.toBe(memory);
  });

  test('one whose core has compiled code in its table', () => {
    const loop = 'local s = 0 for i = 1, 100000 do s = s + i end return s';
    const memory = closed(loop, { jit: createJit() });
    expect(nextMemory()).not.toBe(memory);
    const kept = closed('', { jit: createJit() });
    expect(nextMemory()).toBe(kept);
  });

  test('that of a broken machine', () => {
    const vm = createVm();
    const memory = memoryOf(vm);
    machineOf(vm).access.fail('on purpose', undefined);
    vm.close();
    expect(nextMemory()).not.toBe(memory);
  });

  test('more than 4 MiB in all', () => {
    const vms = Array.from({ length: 40 }, () => createVm());
    const memories = new Set(vms.map(memoryOf));
    const { byteLength } = memoryOf(vms[0] as Vm).buffer;
    for (const vm of vms) vm.close();
    const again = Array.from({ length: 40 }, () => createVm());
    const kept = again.filter((vm) => memories.has(memoryOf(vm))).length;
    expect(kept).toBe(Math.floor((4 << 20) / byteLength));
  });
});
