/**
 * Programs of others, unchanged from where Debian's packages put them (.ci/run installs them): scripts of ours use each of them, and must print
 * what lua5.4 prints. Where a package is not installed its script is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LUA54, Need } from '../support/needs.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['5.4', '5.3', '5.2', '5.1'].map((version) => `/usr/share/lua/${version}`);

/** Scripts of this folder, the module that each needs (a file, or a folder of modules), and Debian's package of it. */
const PROGRAMS: readonly (readonly [script: string, module: string, from: string])[] = [
  ['argparse', 'argparse.lua', 'lua-argparse'],
  ['basexx', 'basexx.lua', 'lua-basexx'],
  ['dkjson', 'dkjson.lua', 'lua-dkjson'],
  ['inspect', 'inspect.lua', 'lua-inspect'],
  ['luaunit', 'luaunit.lua', 'lua-unit'],
  ['messagepack', 'MessagePack.lua', 'lua-messagepack'],
  ['penlight', 'pl', 'lua-penlight'],
];

const MODES = [
  { mode: 'interpreted', options: ['-j', 'off'] },
  { mode: 'jit', options: ['-j', 'on'] },
  { mode: 'eager', options: ['-j', 'share=100', '-j', 'hotloop=1', '-j', 'hotexit=1'] },
];

/** @param modules folder of the only modules to be found: these programs use others, also such in C, where they happen to be installed */
function run(command: string, args: readonly string[], modules: string): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const env = { ...process.env, LUA_INIT: '', LUA_PATH: `${modules}/?.lua;${modules}/?/init.lua`, LUA_CPATH: '' };
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: ROOT, encoding: 'latin1', env });
  return { stdout, stderr, status };
}

describe.skipIf(LUA54.isMissing).each(PROGRAMS)(LUA54.title('%s'), (script, module, from) => {
  const installed = FOLDERS.map((folder) => `${folder}/${module}`).find((path) => existsSync(path));
  const file = `test/programs/${script}.lua`;
  let modules = '';
  let expected: ReturnType<typeof run>;

  beforeAll(() => {
    modules = mkdtempSync(join(tmpdir(), 'moontrace-modules-'));
    if (installed !== undefined) symlinkSync(installed, join(modules, module));
    expected = run('lua5.4', [file], modules);
  });

  afterAll(() => rmSync(modules, { recursive: true }));

  const need = new Need(from, () => installed !== undefined);
  test.skipIf(need.isMissing).each(MODES)(need.title('$mode'), ({ options }) => {
    expect(expected).toMatchObject({ stderr: '', status: 0 });
    expect(run(process.execPath, ['dist/cli.cjs', ...options, file], modules)).toEqual(expected);
  });
});
