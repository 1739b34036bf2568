/** The code caches of the command (src/cli/load-script.ts): taken where they fit, of no consequence where they do not. */
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptLoader } from '../../src/cli/load-script.ts';

const DIST = join(import.meta.dirname, '../../dist');
const SCRIPTS = ['command', 'command-jit'] as const;

/** A copy of the command. */
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-cache-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const file of ['cli.cjs', 'core.wasm', ...SCRIPTS.flatMap((name) => [`${name}.cjs`, `${name}.cache`])]) cpSync(join(DIST, file), join(folder, file), { preserveTimestamps: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Whether V8 refused each script's cache; undefined where it was given none. */
function refusals(): (boolean | undefined)[] {
  const found: (boolean | undefined)[] = [];
  const load = scriptLoader(folder, (_, script) => found.push(script.cachedDataRejected));
  for (const name of SCRIPTS) load(`${name}.cjs`);
  return found;
}

/** What a program prints whose loop is compiled. */
function output(): string {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'cli.cjs'), '-j', 'v', '-j', 'share=100', '-e', 'local s = 0 for i = 1, 1000 do s = s + i end print(s)'], { encoding: 'utf8' });
  return stdout + (/TRACE/i.test(stderr) ? 'compiled' : stderr);
}

const setTime = (file: string, seconds: number): void => utimesSync(join(folder, file), seconds, seconds);

test('V8 takes those that the build has made', () => {
  expect(refusals()).toEqual([false, false]);
  expect(output()).toBe('500500\ncompiled');
});

test('one that is older than its script is not read', () => {
  for (const name of SCRIPTS) {
    setTime(`${name}.cache`, 1000);
    setTime(`${name}.cjs`, 2000);
  }
  expect(refusals()).toEqual([undefined, undefined]);
  expect(output()).toBe('500500\ncompiled');
});

test.each([
  ['of another version', (cache: Buffer) => cache.fill(0x5a, 4, 12)],
  ['cut off', (cache: Buffer) => cache.subarray(0, cache.length / 2)],
  ['empty', () => Buffer.alloc(0)],
])('one that is %s is refused', (_, damage) => {
  for (const name of SCRIPTS) writeFileSync(join(folder, `${name}.cache`), damage(readFileSync(join(folder, `${name}.cache`))));
  expect(refusals()).toEqual([true, true]);
  expect(output()).toBe('500500\ncompiled');
});

test('there need be none', () => {
  for (const name of SCRIPTS) rmSync(join(folder, `${name}.cache`));
  expect(refusals()).toEqual([undefined, undefined]);
  expect(output()).toBe('500500\ncompiled');
});
