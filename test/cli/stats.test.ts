/** `-j stats`: what it says of programs that are known to be compiled, or not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createVm } from '../../src/api/index.ts';
import { install, type Installed } from './install.ts';

let folder = '';
let installed: Installed;

const FILES = {
  'loop.lua': 'local s = 0 for round = 1, 500 do for i = 1, 1000000 do s = s + i end end print(s)',
  // Two instructions a round: ADD and FORLOOP.
  'counted.lua': 'local s = 0 for i = 1, 20000000 do s = s + i end',
  'fib.lua': 'local function fib(n, ...)\n  if n < 2 then return n end\n  return fib(n - 1) + fib(n - 2)\nend\nfor i = 1, 3000 do fib(13) end',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-stats-'));
  installed = install(folder);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What goes to stderr. */
function statsOf(...args: string[]): string {
  const { stderr, status } = spawnSync('moontrace', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...installed.environment } });
  expect(status).toBe(0);
  return stderr;
}

const shareOf = (text: string, state: string): number => Number(new RegExp(`(\\d+)% {2}${state}\\n`).exec(text)?.[1] ?? 0);

describe('-j stats', () => {
  test('a loop that is compiled', () => {
    const text = statsOf('-j', 'share=100', '-j', 'stats', 'loop.lua');
    expect(shareOf(text, 'Compiled')).toBeGreaterThan(30);
    expect(Number(/About (\d+)% of its instructions ran in compiled code/.exec(text)?.[1])).toBeGreaterThan(80);
    expect(text).toMatch(/has saved about \d\d+ ms/);
    expect(text).toMatch(/The most expensive lines:\n +\d+% {2}loop\.lua:1 in loop\.lua: compiled/);
  });

  test('what is not compiled says why, and what to do', () => {
    const text = statsOf('-j', 'share=100', '-j', 'stats', 'fib.lua');
    expect(shareOf(text, 'Interpreted')).toBeGreaterThan(40);
    expect(text).toMatch(/given up: \d+, because\n +\d+ {2}a recursive call was unrolled too often \(recursion\)/);
    expect(text).toMatch(/fib\.lua:\d in fib: interpreted\n +not compiled \((once|\d+ times)\): a recursive call was unrolled too often\.\n +A function that calls itself is compiled /);
  });

  test('instructions of the interpreter are reckoned by their time', () => {
    const text = statsOf('-joff', '-j', 'stats', 'counted.lua');
    expect(text).toContain('The JIT had nothing to do');
    const count = Number(/, and (\d+) million in the interpreter/.exec(text)?.[1]);
    expect(count).toSatisfy((millions: number) => millions > 10 && millions < 160, '40 million');
  });

  test('a file', () => {
    expect(statsOf('-j', 'stats=out.txt', 'loop.lua')).toBe('');
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toMatch(/^The program ran for \d+ ms:\n/);
  });
});

test('vm.stats() has what was spent, saved and run in compiled code', () => {
  const vm = createVm({ jit: createJit({ tunables: { share: 100 } }) });
  expect(vm.stats()).toMatchObject({ spent: { recording: 0, compiling: 0 }, saved: 0, instructions: 0 });
  vm.doString('local s = 0 for i = 1, 10000000 do s = s + i end');
  const { spent, saved, instructions } = vm.stats();
  expect(spent.recording).toBeGreaterThan(0);
  expect(spent.compiling).toBeGreaterThan(0);
  expect(saved).toBeGreaterThan(0);
  expect(instructions).toSatisfy((count: number) => count > 10e6 && count < 30e6, '20 million');
});
