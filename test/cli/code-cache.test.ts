/** The code caches of the command (src/cli/load-script.ts, code-store.ts): taken where they fit, of no consequence where they do not. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CodeStore, createCodeStore } from '../../src/cli/code-store.ts';
import { scriptLoader } from '../../src/cli/load-script.ts';

const DIST = join(import.meta.dirname, '../../dist');
const SCRIPTS = ['command', 'command-jit'] as const;

/** A copy of the command. */
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-cache-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const file of ['cli.cjs', 'core.wasm', 'boot.mtimg', ...SCRIPTS.flatMap((name) => [`${name}.cjs`, `${name}.cache`])]) cpSync(join(DIST, file), join(folder, file), { preserveTimestamps: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Whether V8 refused each script's cache; undefined where it was given none. */
function refusals(store?: CodeStore): (boolean | undefined)[] {
  const found: (boolean | undefined)[] = [];
  const load = scriptLoader(folder, (_, script) => found.push(script.cachedDataRejected), store);
  for (const name of SCRIPTS) load(`${name}.cjs`);
  return found;
}

/** What a program prints whose loop is compiled. */
function output(environment: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'cli.cjs'), '-j', 'v', '-j', 'share=100', '-e', 'local s = 0 for i = 1, 1000 do s = s + i end print(s)'], { encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: join(folder, 'caches'), ...environment } });
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

describe('an installed package, which has none,', () => {
  /** What the programs of this test have stored. */
  const stored = (): string[] => (existsSync(join(folder, 'caches/moontrace')) ? readdirSync(join(folder, 'caches/moontrace')).sort() : []);
  const storeOf = (build: string): CodeStore | undefined => createCodeStore(build, { XDG_CACHE_HOME: join(folder, 'caches') });
  /** What the build has called its scripts. */
  const build = (): string => /^command\.cjs-(\w+)-v/.exec(stored()[1] ?? '')?.[1] ?? '';
  beforeEach(() => {
    for (const name of SCRIPTS) rmSync(join(folder, `${name}.cache`));
  });

  test('runs without, and stores them in the folder of the user for the next time', () => {
    expect(refusals()).toEqual([undefined, undefined]);
    expect(output()).toBe('500500\ncompiled');
    expect(stored()).toEqual([`command-jit.cjs-${build()}-${process.version}-${process.arch}`, `command.cjs-${build()}-${process.version}-${process.arch}`]);
    expect(refusals(storeOf(build()))).toEqual([false, false]);
    expect(output()).toBe('500500\ncompiled');
  });

  test('does not take those of another build', () => {
    output();
    const store = storeOf('another');
    expect([store?.read('command.cjs'), store?.read('command-jit.cjs')]).toEqual([undefined, undefined]);
  });

  test('has damaged ones stored anew', () => {
    output();
    for (const name of stored()) writeFileSync(join(folder, 'caches/moontrace', name), 'damaged');
    expect(output()).toBe('500500\ncompiled');
    expect(refusals(storeOf(build()))).toEqual([false, false]);
  });

  test('stores nothing where it must not, or cannot', () => {
    expect(output({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('500500\ncompiled');
    expect(stored()).toEqual([]);
    writeFileSync(join(folder, 'file'), '');
    expect(output({ XDG_CACHE_HOME: join(folder, 'file') })).toBe('500500\ncompiled');
  });
});

test('one beside its script that is refused gives way to one of the user', () => {
  for (const name of SCRIPTS) writeFileSync(join(folder, `${name}.cache`), 'damaged');
  output();
  const [script] = readdirSync(join(folder, 'caches/moontrace')).filter((name) => name.startsWith('command.cjs'));
  expect(refusals(createCodeStore(script!.split('-')[1]!, { XDG_CACHE_HOME: join(folder, 'caches') }))).toEqual([false, false]);
});
