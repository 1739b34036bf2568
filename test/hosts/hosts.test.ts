/**
 * The hosts of the README's table that need nothing but what tests have anyway: this Node, a bundle of esbuild, Chromium. `npm run hosts` (scripts/hosts) runs
 * all of them, with the same program.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from '../support/needs.ts';

const ROOT = join(import.meta.dirname, '../..');

type Outcomes = Readonly<Record<string, unknown>>;
interface Scripts {
  readonly prepare: (folder: string) => void;
  readonly outcomeOf: (command: string, args: readonly string[], options: object) => Promise<unknown>;
  readonly bundle: (name: string, folder: string) => Promise<string>;
  readonly pagesOf: (bundled: string) => Readonly<Record<string, object>>;
  readonly browse: (browser: string, folder: string, pages: object) => Promise<Outcomes>;
  readonly expected: (kind: string) => unknown;
  readonly tableOf: () => string;
}

const FILES = ['prepare', 'bundlers', 'pages', 'browse', 'hosts'];
const scripts = Object.assign({}, ...(await Promise.all(FILES.map((name) => import(join(ROOT, 'scripts/hosts', `${name}.mjs`)))))) as Scripts;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-hosts-'));
  scripts.prepare(folder);
  symlinkSync(join(ROOT, 'node_modules/.bin'), join(folder, 'node_modules/.bin'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['main.mjs', 'main.cjs', 'thread.mjs'])('Node: %s', async (program) => {
  expect(await scripts.outcomeOf(process.execPath, [program], { cwd: folder })).toEqual(scripts.expected('JIT'));
});

test.each([[['dist/cli.cjs', '-j', 'share=100', '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)'], '5000050000\n'], [['dist/contracts-cli.js', '--help'], expect.stringContaining('moontrace-contracts')]])('the command %o', async ([file, ...args], output) => {
  const { stdout } = spawnSync(process.execPath, [join(folder, 'node_modules/moontrace', file!), ...args], { encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: folder } });
  expect(stdout).toEqual(output);
});

describe.skipIf(CHROMIUM.isMissing)(CHROMIUM.title('Chromium'), () => {
  let told: Outcomes = {};
  beforeAll(async () => {
    told = await scripts.browse('chromium', folder, scripts.pagesOf(await scripts.bundle('esbuild', folder)));
  });

  test.each([['page', 'JIT'], ['bundle', 'JIT'], ['worker', 'JIT'], ['policy', 'JIT'], ['refused', 'refused'], ['electron', 'JIT'], ['storage', 'storage']])('%s', (name, kind) => {
    expect(told[name]).toEqual(scripts.expected(kind));
  });
});

test('the README has the table', () => {
  const rows = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n');
  const start = rows.indexOf('| host | the engine | tests run |');
  expect(rows.slice(start, rows.indexOf('', start)).join('\n')).toBe(scripts.tableOf());
});
