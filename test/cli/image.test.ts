/** Images on the command line: `--snapshot-on-exit`, and scripts that are images. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '../../dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'moontrace-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { out: string; err: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' });
  return { out: stdout, err: stderr.replaceAll(CLI, 'moontrace'), status };
}

test('a program goes on where it was left, with its own arguments', () => {
  writeFileSync(join(folder, 'app.lua'), "local runs = 0 function main(...) runs = runs + 1 print(runs, arg[0], ...) end print('made', ...)");
  expect(run('--snapshot-on-exit', 'app.mtimg', 'app.lua', 'x')).toEqual({ out: 'made\tx\n', err: '', status: 0 });
  expect(run('app.mtimg', 'a', 'b')).toEqual({ out: '1\tapp.mtimg\ta\tb\n', err: '', status: 0 });
  expect(run('--snapshot-on-exit', 'next.mtimg', 'app.mtimg').out).toBe('1\tapp.mtimg\n');
  expect(run('-e', "print('before')", 'next.mtimg').out).toBe('before\n2\tnext.mtimg\n');
});

test('compiled code goes along: the second start records nothing', () => {
  writeFileSync(join(folder, 'hot.lua'), 'function main(n) local s = 0 for i = 1, n do s = s + i % 7 end print(s) end main(100000)');
  expect(run('--snapshot-on-exit', 'hot.mtimg', 'hot.lua').out).toBe('300000\n');
  expect(run('-j', 'v', 'hot.mtimg', '100000')).toEqual({ out: '300000\n', err: '[TRACE   1 hot.lua:1 loop, restored]\n', status: 0 });
  expect(run('-j', 'off', 'hot.mtimg', '100000')).toEqual({ out: '300000\n', err: '', status: 0 });
  expect(run('hot.mtimg', '100000').out).toBe('300000\n');
});

test('errors say what is wrong', () => {
  expect(run('-e', 'x = 1', '--snapshot-on-exit', 'plain.mtimg')).toEqual({ out: '', err: '', status: 0 });
  expect(run('plain.mtimg')).toEqual({ out: '', err: "moontrace: plain.mtimg: the image has no function 'main'\n", status: 1 });
  expect(run('-e', "f = io.open('app.lua')", '--snapshot-on-exit', 'file.mtimg')).toEqual({ out: '', err: 'moontrace: cannot write file.mtimg: what cannot be part of an image: the open file app.lua\n', status: 1 });
  expect(run('-e', "error('no')", '--snapshot-on-exit', 'error.mtimg').status).toBe(1);
  expect(['file.mtimg', 'error.mtimg'].some((name) => existsSync(join(folder, name)))).toBe(false);
  expect(run('--snapshot-on-exit').err).toMatch(/^moontrace: '--snapshot-on-exit' needs argument\nusage/);
  writeFileSync(join(folder, 'damaged.mtimg'), Buffer.from('1b4d54494d470d0a0100000000000000ffff', 'hex'));
  expect(run('damaged.mtimg')).toEqual({ out: '', err: 'moontrace: damaged.mtimg: the image cannot be used: these bytes are no image\n', status: 1 });
  expect(run('--snapshot-on-exit', 'failing.mtimg', '-e', "function main() local function f() error('inside') end f() end").status).toBe(0);
  expect(run('failing.mtimg').err).toMatch(/^moontrace: \(command line\):1: inside\nstack traceback:\n/);
});
