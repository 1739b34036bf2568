/** Hosts that compile nothing: those that were handed the core interpret, the others say so. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type * as Jit from '../../jit/index.ts';
import type * as Api from '../../src/api/index.ts';

const BINARY = readFileSync(join(import.meta.dirname, '../../dist/core.wasm'));
const core = await WebAssembly.compile(BINARY);
const { Module, compile } = WebAssembly;
const refuse = (): never => {
  throw new WebAssembly.CompileError('code generation disallowed');
};

let api: typeof Api;
let jit: typeof Jit;

beforeAll(async () => {
  // What is compiled once for all VMs of a process has to be compiled here.
  vi.resetModules();
  [api, jit] = await Promise.all([import('../../src/api/index.ts'), import('../../jit/index.ts')]);
  WebAssembly.Module = new Proxy(Module, { construct: refuse });
  WebAssembly.compile = async () => refuse();
});
afterAll(() => {
  WebAssembly.Module = Module;
  WebAssembly.compile = compile;
});

describe('with the core', () => {
  test('a VM interprets, its JIT is silent, and tells its listeners why', () => {
    const lines: string[] = [];
    const vm = api.createVm({ core, jit: jit.createJit({ verbose: (line) => lines.push(line) }) });
    expect(vm.doString('local sum = 0 for i = 1, 100000 do sum = sum + i end return sum')).toEqual([5000050000]);
    expect(vm.stats()).toMatchObject({ compiled: 0, recorded: 0 });
    expect(lines).toEqual(['[JIT   backend encoder is not available: code generation disallowed]']);
    vm.close();
  });

  test("the host's stack is watched", () => {
    const vm = api.createVm({ core, libraries: 'all' });
    vm.setGlobal('again', () => vm.doString('again()'));
    expect(() => vm.doString('again()')).toThrow(expect.objectContaining({ code: 'stack' }));
    const deep = (): unknown => {
      try {
        return deep();
      } catch {
        return vm.doString('return 1');
      }
    };
    expect(deep()).toEqual([1]);
    vm.close();
  });

  test('of another realm it is as good', () => {
    const module = runInContext('new WebAssembly.Module(binary)', createContext({ binary: BINARY })) as WebAssembly.Module;
    expect(api.createVm({ core: module }).doString('return 1')).toEqual([1]);
  });
});

test('without it there are no VMs, and the error says why', async () => {
  const refused = expect.objectContaining({ code: 'no-webassembly', message: 'WebAssembly cannot be compiled here: code generation disallowed', cause: expect.any(WebAssembly.CompileError) });
  expect(() => api.createVm()).toThrow(refused);
  await expect(api.createVmAsync()).rejects.toEqual(refused);
  await expect(api.createVmAsync({ core })).resolves.toMatchObject({ stats: expect.any(Function) });
});

test('nor are there any where there is no WebAssembly at all', () => {
  const program = `delete globalThis.WebAssembly;
    const { createVm, createVmAsync } = await import('moontrace');
    const { createJit } = await import('moontrace/jit');
    for (const make of [createVm, () => createVm({ jit: createJit() }), createVmAsync]) await new Promise((resolve) => resolve(make())).catch(({ code }) => console.log(code));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['no-webassembly\n'.repeat(3), '']);
});

test('what is not the core of this version is refused', () => {
  const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
  const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
  // Imports a function, and names one that every core has.
  const foreign = new Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(1, 1, 0x60, 0, 0), ...section(2, 1, ...text('none'), ...text('none'), 0, 0), ...section(0, ...text('functions'), ...Buffer.from('enterCall'))]));
  expect(() => api.createVm({ core: foreign })).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining('of another version') }));
  expect(() => api.createVm({ core: new Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])) })).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
