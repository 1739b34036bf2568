/** Buffers of files are memory of the VM, and what passes through them is work that limits see. */
import { machineOf, streamsOf } from '../../../src/api/engine-port.ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVm } from '../../../src/api/index-node.ts';

const KILOBYTES = 1024;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('memory', () => {
  test('a buffer counts, and is free when its file is closed or collected', () => {
    const core = new WebAssembly.Module(readFileSync('build/core.debug.wasm'));
    const vm = createVm({ core });
    vm.setGlobal('path', join(folder, 'counted'));
    const used = (): number => {
      vm.collect();
      return vm.stats().memoryUsed;
    };
    vm.doString('local f = io.open(path, "w") f:write("x") f:close() collectgarbage()');
    const before = used();
    vm.doString('f = io.open(path, "w") f:write("x")');
    expect(used() - before).toBeGreaterThan(16 * KILOBYTES);
    vm.doString('f:close() f = nil');
    expect(used() - before).toBeLessThan(KILOBYTES);
    vm.doString('getmetatable(io.stdout).__gc = nil for i = 1, 20 do local f = io.open(path, "w+") f:write(("x"):rep(40000)) f:seek("set") f:read("a") end');
    expect(used() - before).toBeLessThan(8 * KILOBYTES);
    expect(machineOf(vm).core.verifyHeap()).toBe(0);
    vm.close();
  });

  test.each(['"l"', '"L"', '"a"', '1 << 40'])('what there was no memory for is lost, as in C, and holds none: read(%s)', (format) => {
    let byte = 120;
    const vm = createVm({ memoryLimit: 8 * 1024 * KILOBYTES, stdin: (target) => target.fill(byte).length });
    expect(() => vm.doString(`io.read(${format})`)).toThrow(/not enough memory/);
    expect(vm.doString('return (pcall(string.rep, "x", 5 << 20))')).toEqual([true]);
    byte = 10;
    expect(vm.doString('return io.read("l")')).toEqual(['']);
  });

  test('an endless line ends at the memory limit', () => {
    const vm = createVm({ memoryLimit: 4 * 1024 * KILOBYTES, stdin: (target) => target.fill(120).length });
    for (const format of ['"l"', '"a"', '1 << 40']) expect(() => vm.doString(`io.read(${format})`)).toThrow(/not enough memory/);
    vm.doString('function next_byte() return io.read(1) end');
    expect(vm.doString('return next_byte()')).toEqual(['x']);
  });
});

test('a long line in small pieces is looked through once', () => {
  const text = Buffer.from(`--${'x'.repeat(300_000)}\nsecond\nlast`);
  let at = 0;
  const vm = createVm({
    stdin: (target) => {
      const piece = text.subarray(at, at + Math.min(target.length, 100));
      at += piece.length;
      target.set(piece);
      return piece.length;
    },
  });
  const { indexOf } = Uint8Array.prototype;
  let looked = 0;
  Uint8Array.prototype.indexOf = function (...args) {
    looked += this.length;
    return indexOf.apply(this, args);
  };
  const { stdin } = streamsOf(vm);
  try {
    expect(stdin.readLine(false)?.length).toBe(300_002);
  } finally {
    Uint8Array.prototype.indexOf = indexOf;
  }
  expect(looked).toBeLessThan(301_000);
  expect([stdin.readLine(true), stdin.readLine(false), stdin.readLine(true)].map((line) => line && Buffer.from(line).toString())).toEqual(['second\n', 'last', undefined]);
});

describe('work', () => {
  const endless = [
    ['lines that never end', 'io.read("a")'],
    ['spaces before a numeral', 'io.read("n")'],
    ['short reads', 'local read = io.read local function again() while read(1) do end end again()'],
  ] as const;

  test('bytes that are in the buffer already are paid for when they are searched', () => {
    let byte = 120;
    const vm = createVm({ fuel: 300_000, stdin: (target) => target.fill(byte).length });
    expect(() => vm.doString('io.read()')).toThrow(/out of fuel/);
    byte = 10;
    vm.fuel = 1e9;
    const [length] = vm.doString('return #io.read()') as [number];
    expect(length).toBeGreaterThan(1e6);
    expect(1e9 - vm.fuel).toBeGreaterThan(length / 16);
  });

  test.each(endless)('%s: fuel runs out', (_, program) => {
    const vm = createVm({ fuel: 300_000, stdin: (target) => target.fill(32).length });
    expect(() => vm.doString(program)).toThrow(/out of fuel/);
  });

  test('bytes that are written cost as much as those of any string function', () => {
    const vm = createVm({ fuel: 10_000_000, stdout: () => {} });
    vm.doString('s = ("x"):rep(160000)');
    const before = vm.fuel;
    vm.doString('io.write(s) print(s) io.stdout:write(s)');
    expect(before - vm.fuel).toBeGreaterThanOrEqual(3 * 10_000);
  });
});
