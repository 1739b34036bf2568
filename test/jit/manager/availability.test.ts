/** What a JIT does where what it was to compile with is not to be had. */
import { afterEach, expect, test, vi } from 'vitest';
import { type CreateJitOptions, createJit } from '../../../jit/index.ts';
import { createVm } from '../../../src/api/index.ts';

afterEach(() => vi.restoreAllMocks());

/** Runs a loop, once with what is ready at once, and once more when all is. */
async function run(options: CreateJitOptions): Promise<{ readonly lines: readonly string[]; readonly compiled: readonly number[] }> {
  const lines: string[] = [];
  const jit = createJit({ verbose: (line) => line.startsWith('[JIT') && lines.push(line), tunables: { share: 100 }, ...options });
  const vm = createVm({ jit });
  const count = (): number => {
    expect(vm.doString('local sum = 0 for i = 1, 20000 do sum = sum + i end return sum')).toEqual([200010000]);
    return vm.stats().compiled;
  };
  const before = count();
  await jit.settle();
  const compiled = [before, count()];
  vm.close();
  return { lines, compiled };
}

test('Binaryen may be imported by the program', async () => {
  const binaryen = vi.fn(() => import('binaryen'));
  expect(await run({ backend: 'binaryen', binaryen })).toEqual({ lines: ['[JIT   backend binaryen is ready]'], compiled: [0, 1] });
  expect(await run({ backend: 'binaryen', binaryen, mode: 'background' })).toMatchObject({ lines: ['[JIT   backend binaryen is ready]'] });
  expect(binaryen).toHaveBeenCalledTimes(2);
  expect(() => createJit({ binaryen: 'binaryen' as never })).toThrow(expect.objectContaining({ code: 'bad-option' }));
});

test('where it cannot be, the program is interpreted', async () => {
  const binaryen = () => Promise.reject(new Error('none here'));
  expect(await run({ backend: 'binaryen', binaryen })).toEqual({ lines: ['[JIT   backend binaryen is not available: none here]'], compiled: [0, 0] });
});

test('where there are no workers, traces are compiled at once', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
    throw new Error('no threads in a renderer');
  });
  expect(await run({ mode: 'background' })).toMatchObject({ compiled: [1, 2] });
});
