/** The command line against `lua5.4`: same output, same exit code, with the program's name in place of lua5.4's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasLua54 } from '../support/lua54.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-cli-'));
  const files = {
    'args.lua': 'print(#arg, arg[0], arg[1], arg[2], ...)',
    'fail.lua': '#!/usr/bin/lua\nlocal function f() error("failed") end\nf()',
    'syntax.lua': 'x = = 1',
    'module.lua': 'print("loading", ...) return {value = 42}',
    'read.lua': 'for line in io.lines() do io.write("[", line, "]") end print(io.read())',
    'tostring.lua': 'error(setmetatable({}, {__tostring = function() return "an object" end}))',
    'table.lua': 'error({})',
    'exit.lua': 'io.write("partial") os.exit(3)',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function run(command: string, args: readonly string[], input: string, environment: Readonly<Record<string, string>> = {}): Outcome {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: folder, input, encoding: 'utf8', env: { ...process.env, ...environment } });
  return { stdout, stderr, status };
}

const moontrace = (args: readonly string[], input = '', environment = {}): Outcome => run(process.execPath, [CLI, ...args], input, environment);

function lua54(args: readonly string[], input = '', environment = {}): Outcome {
  const { stdout, stderr, status } = run('lua5.4', args, input, environment);
  return { stdout, stderr: stderr.replaceAll('lua5.4:', 'moontrace:'), status };
}

type Case = readonly [title: string, args: readonly string[], input?: string, environment?: Readonly<Record<string, string>>];

const SAME: readonly Case[] = [
  ['statements', ['-e', 'print(1)', '-e', 'x = 2', '-eprint(x)']],
  ['a script with arguments', ['args.lua', 'a', '-b']],
  ['options before a script', ['-e', 'print(arg[-1] ~= nil)', 'args.lua', 'a']],
  ['standard input as script', ['-', 'a', 'b'], 'print(...)'],
  ['standard input without arguments', [], 'print("from stdin", ...)'],
  ['-- ends the options', ['--', 'args.lua', 'x']],
  ['an error in a script', ['fail.lua']],
  ['a syntax error in a script', ['syntax.lua']],
  ['a missing script', ['missing.lua']],
  ['an error in a statement', ['-e', 'local t = nil; t.x = 1']],
  ['a syntax error in a statement', ['-e', 'x =']],
  ['an error object with __tostring', ['tostring.lua']],
  ['an error object without', ['table.lua']],
  ['the exit code of os.exit', ['exit.lua']],
  ['os.exit(false)', ['-e', 'os.exit(false)']],
  ['a required module', ['-l', 'module', '-e', 'print(module.value)']],
  ['a module under a name', ['-l', 'm=module', '-e', 'print(m.value, module)']],
  ['warnings', ['-W', '-e', 'warn("a", "b") warn("@off") warn("c")']],
  ['reading lines', ['read.lua'], 'one\ntwo'],
  ['LUA_INIT', ['-e', 'print(init)'], '', { LUA_INIT: 'init = "set"' }],
  ['-E ignores it', ['-E', '-e', 'print(init)'], '', { LUA_INIT: 'init = "set"' }],
  ['no output is lost', ['-e', 'for i = 1, 100000 do io.write(i, " ") end']],
];

describe.skipIf(!hasLua54())('as lua5.4', () => {
  test.each(SAME.map((each) => [each[0], each] as const))('%s', (_, [, args, input = '', environment = {}]) => {
    expect(moontrace(args, input, environment)).toEqual(lua54(args, input, environment));
  });

  test.each([[['-e']], [['-z']], [['-vx']], [['-Ex']], [['-e', '-x']]])('bad options: %s', (args) => {
    const ours = moontrace(args);
    const theirs = lua54(args);
    expect([ours.status, ours.stdout, ours.stderr.split('\n')[0]]).toEqual([theirs.status, theirs.stdout, theirs.stderr.split('\n')[0]]);
  });
});

describe('own options', () => {
  test('-v shows the version', () => {
    expect(moontrace(['-v']).stdout).toMatch(/^moontrace \d+\.\d+\.\d+, Lua 5\.4 /);
  });

  test.each([[['-joff']], [['-j', 'off']], [['-jon']], [['-j', 'on']]])('%s', (options) => {
    expect(moontrace([...options, '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)'])).toEqual({ stdout: '5000050000\n', stderr: '', status: 0 });
  });

  test('-j backend=binaryen compiles with Binaryen', () => {
    const options = ['-j', 'v', '-j', 'backend=binaryen', '-j', 'mode=synchronous'];
    expect(moontrace([...options, '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)'])).toEqual({
      stdout: '5000050000\n', stderr: '[JIT   backend binaryen is ready]\n[TRACE   1 (command line):1 loop]\n', status: 0,
    });
  });

  test('-j backend=binaryen does not keep the program waiting', () => {
    const { stdout, stderr } = moontrace(['-j', 'v', '-j', 'backend=binaryen', '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)']);
    expect(stdout).toBe('5000050000\n');
    expect(stderr.split('\n')[0]).toBe('[TRACE   1 (command line):1 loop]');
  });

  test('an unknown JIT command is refused', () => {
    const { stderr, status } = moontrace(['-j', 'nonsense', '-e', '']);
    expect([stderr.split('\n')[0], status]).toEqual(["moontrace: unknown JIT command 'nonsense'", 1]);
  });
});

describe('interactive mode', () => {
  const session = (input: string): Outcome => moontrace(['-i'], input);

  test('prints expressions and continues incomplete input', () => {
    const { stdout, stderr } = session('1 + 1\n"a", nil\nfor i = 1, 2 do\nprint(i) end\nx = 5\nx\n= 7\n');
    expect(stdout.split('\n').slice(1)).toEqual(['> 2', '> a\tnil', '> >> 1', '2', '> > 5', '> > ', '']);
    expect(stderr).toBe("stdin:1: unexpected symbol near '='\n");
  });

  test('survives errors', () => {
    const { stdout, stderr, status } = session('error("x")\nnil + 1\n"still here"\n');
    expect(stderr).toContain("stdin:1: x\nstack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk\n\t[C]: in ?\n");
    expect(stdout).toContain('still here');
    expect(status).toBe(0);
  });
});
