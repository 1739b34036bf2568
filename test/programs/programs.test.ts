/**
 * Programs of others, unchanged from where Debian's packages put them (.ci/run installs them): scripts of ours use each of them, and must print
 * what lua5.4 prints. Where a package is not installed its script is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasLua54 } from '../support/lua54.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['5.4', '5.3', '5.2', '5.1'].map((version) => `/usr/share/lua/${version}`);
const LUA_PATH = FOLDERS.flatMap((folder) => [`${folder}/?.lua`, `${folder}/?/init.lua`]).join(';');

/** Scripts of this folder by the module they need. */
const PROGRAMS: readonly (readonly [script: string, module: string])[] = [
  ['argparse', 'argparse'],
  ['basexx', 'basexx'],
  ['dkjson', 'dkjson'],
  ['inspect', 'inspect'],
  ['luaunit', 'luaunit'],
  ['messagepack', 'MessagePack'],
  ['penlight', 'pl/utils'],
];

const MODES = [
  { mode: 'interpreted', options: ['-j', 'off'] },
  { mode: 'jit', options: ['-j', 'on'] },
  { mode: 'eager', options: ['-j', 'hotloop=1', '-j', 'hotexit=1'] },
];

function run(command: string, args: readonly string[]): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: ROOT, encoding: 'latin1', env: { ...process.env, LUA_PATH } });
  return { stdout, stderr, status };
}

describe.skipIf(!hasLua54()).each(PROGRAMS)('%s', (script, module) => {
  const isInstalled = FOLDERS.some((folder) => existsSync(`${folder}/${module}.lua`));
  const file = `test/programs/${script}.lua`;
  let expected: ReturnType<typeof run>;

  beforeAll(() => {
    expected = run('lua5.4', [file]);
  });

  test.skipIf(!isInstalled).each(MODES)('$mode', ({ options }) => {
    expect(expected).toMatchObject({ stderr: '', status: 0 });
    expect(run(process.execPath, ['dist/cli.js', ...options, file])).toEqual(expected);
  });
});
