/** The command line against `lua5.4`: same output, same exit code, with the program's name in place of lua5.4's. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LUA54 } from '../support/needs.ts';
import { type Installed, install } from './install.ts';

let folder = '';
let installed: Installed;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-cli-'));
  installed = install(folder);
  const files = {
    'args.lua': 'print(#arg, arg[0], arg[1], arg[2], ...)',
    'fail.lua': '#!/usr/bin/lua\nlocal function f() error("failed") end\nf()',
    'syntax.lua': 'x = = 1',
    'module.lua': 'print("loading", ...) return {value = 42}',
    'read.lua': 'for line in io.lines() do io.write("[", line, "]") end print(io.read())',
    'tostring.lua': 'error(setmetatable({}, {__tostring = function() return "an object" end}))',
    'tostring-levels.lua': `local function f()
      error(setmetatable({}, {__tostring = function() print(debug.traceback("inside")) pcall(error, 1) return "line " .. debug.getinfo(4).currentline end}))
    end
    f()`,
    'table.lua': 'error({})',
    'exit.lua': 'io.write("partial") os.exit(3)',
    'bom.lua': '\uFEFF#!comment\nprint("after a mark", debug.traceback("here"))',
    'hash-only.lua': '#comment without an end',
    'number.lua': 'error(42)',
    'nothing.lua': 'error()',
    'bad-tostring.lua': 'error(setmetatable({}, {__tostring = function() return {} end}))',
    'failing-tostring.lua': `local object = setmetatable({}, {__tostring = function() error("no text") end})
      local function f() error(object) end
      f()`,
    'closing.lua': `local x <close> = setmetatable({}, {__close = function(_, e) print("closing x with", e) end})
      local y <close> = setmetatable({}, {__close = function(_, e) print("closing y with", e) error("in y") end})
      local function f() error("in f") end
      f()`,
    'named.lua': 'error(setmetatable({}, {__name = "My.Type"}))',
    'module-v2.lua': 'return {version = 2}',
    'broken.lua': 'error("cannot load")',
    'vararg.lua': 'print(select("#", ...), ...)',
    'init.lua': 'X = (X or 10) + 1 print("init", X, arg[0], ...)',
    'nested.lua': 'local function a() error({code = 2}) end local ok, e = pcall(a) print(ok, type(e), e.code) error("again", 2)',
    'close.lua': `local x <close> = setmetatable({}, {__close = function(_, e) print("x", e ~= nil) end})
      local y <close> = setmetatable({}, {__close = function(_, e) print("y", e) error("in y", 0) end})
      final = setmetatable({}, {__gc = function() print("final") end})
      local run = select(1, ...) == "in-coroutine" and coroutine.wrap(function()
        local never <close> = setmetatable({}, {__close = function() print("never") end})
        os.exit(7, true)
      end)
      if run then run() end
      os.exit(true, ... ~= "open")`,
    'close-in-finaliser.lua': `setmetatable({}, {__gc = function() print(1) end})
      setmetatable({}, {__gc = function() print(2) setmetatable({}, {__gc = function() print("never") end}) os.exit(4, true) end})`,
    'finalisers.lua': 'warn("@on") for i = 1, 3 do setmetatable({}, {__gc = function() print("final", i) if i == 2 then error("in " .. i) end end}) end',
    'deep.lua': 'local function f(n) if n == 0 then error("deep") end f(n - 1) end f(30)',
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
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: folder, input, encoding: 'utf8', env: { ...process.env, ...installed.environment, ...environment } });
  return { stdout, stderr, status };
}

const moontrace = (args: readonly string[], input = '', environment = {}): Outcome => run('moontrace', args, input, environment);

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
  ['levels below the __tostring of an error object', ['tostring-levels.lua']],
  ['an error object without', ['table.lua']],
  ['the exit code of os.exit', ['exit.lua']],
  ['os.exit(false)', ['-e', 'os.exit(false)']],
  ['os.exit closes the state', ['close.lua']],
  ['os.exit closes the state of the main thread only', ['close.lua', 'in-coroutine']],
  ['os.exit leaves all as it is', ['close.lua', 'open']],
  ['os.exit in a finaliser', ['close-in-finaliser.lua']],
  ['finalisers at the end', ['finalisers.lua']],
  ['a required module', ['-l', 'module', '-e', 'print(module.value)']],
  ['a module under a name', ['-l', 'm=module', '-e', 'print(m.value, module)']],
  ['warnings', ['-W', '-e', 'warn("a", "b") warn("@off") warn("c")']],
  ['reading lines', ['read.lua'], 'one\ntwo'],
  ['LUA_INIT', ['-e', 'print(init)'], '', { LUA_INIT: 'init = "set"' }],
  ['-E ignores it', ['-E', '-e', 'print(init)'], '', { LUA_INIT: 'init = "set"' }],
  ['a script behind a byte order mark and a comment', ['bom.lua']],
  ['a script that is a comment', ['hash-only.lua']],
  ['a number as error', ['number.lua']],
  ['nil as error', ['nothing.lua']],
  ['an error object whose __tostring gives no string', ['bad-tostring.lua']],
  ['an error object whose __tostring fails', ['failing-tostring.lua']],
  ['what closers see of an error that ends the script', ['closing.lua']],
  ['an error object with a name', ['named.lua']],
  ['errors in and out of pcall', ['nested.lua']],
  ['a long traceback', ['deep.lua']],
  ['an error in a module', ['-l', 'broken', '-e', 'print(1)']],
  ['several modules', ['-lmodule', '-l', 'm=module', '-lstr=string', '-e', 'print(m == module, str == string)']],
  ['no require', ['-e', 'require = nil', '-l', 'module']],
  ['many arguments', ['vararg.lua', ...Array.from({ length: 300 }, (_, i) => `a${i}`)]],
  ['arguments the program has changed', ['-e', 'arg[1] = 100 arg[2] = true', '-', 'x'], 'print(...)'],
  ['no arguments any more', ['-e', 'arg = 1', '-'], 'print(...)'],
  ['the whole of arg', ['-e', 'for i = -10, 10 do if i ~= 1 - #arg - 2 then io.write(tostring(arg[i]), " ") end end', 'hash-only.lua', 'x', '-e']],
  ['arg without a script', ['-e', 'print(arg[1], arg[2], arg[3], #arg)']],
  ['loadfile is the program\'s to change', ['-e', 'loadfile, warn, tostring = nil', 'vararg.lua', '1']],
  ['an error in standard input', [], 'print(1)\nerror("in stdin")'],
  ['an error in the first of two statements', ['-e', 'error("first")', '-e', 'print("second")']],
  ['LUA_INIT with a file', ['vararg.lua', 'x'], '', { LUA_INIT: '@init.lua' }],
  ['LUA_INIT with a missing file', ['vararg.lua', 'x'], '', { LUA_INIT: '@missing.lua' }],
  ['LUA_INIT_5_4 comes first', ['-e', 'print(X)'], '', { LUA_INIT: 'X = 1', LUA_INIT_5_4: 'X = 2' }],
  ['an error in LUA_INIT', ['-e', 'print(X)'], '', { LUA_INIT: 'error("init")' }],
  ['a syntax error in LUA_INIT', ['-e', 'print(X)'], '', { LUA_INIT_5_4: 'x =' }],
  ['LUA_PATH', ['-e', 'print(package.path)'], '', { LUA_PATH: 'a;b' }],
  ['-E hides LUA_PATH from package only', ['-E', '-e', 'print(package.path:find("nowhere"), os.getenv("LUA_PATH"))'], '', { LUA_PATH: 'nowhere' }],
  ['warnings in pieces', ['-W', '-e', 'warn("@on", "x") warn("@unknown") warn("", "@off") warn("@off") warn("x") warn("@on") warn("y")']],
  ['no output is lost', ['-e', 'for i = 1, 100000 do io.write(i, " ") end']],
];

/** Input of the interactive mode. */
const LINES: readonly (readonly [title: string, lines: string, args?: readonly string[]])[] = [
  ['expressions', '1 + 1\n"a", nil\n1.0, 2^53\n= 7\n=7, 8\n-- nothing\n\n'],
  ['statements in several lines', 'for i = 1, 2 do\nprint(i) end\ns = [[a\n  b\n]]\ns\nif x then\nend\n'],
  ['errors', 'error("x")\nnil + 1\nx\n= 7\n"still here"\nerror({})\nerror(setmetatable({}, {__tostring = function() return "obj" end}))\nend\n'],
  ['prompts', '_PROMPT = "a "\n_PROMPT2 = setmetatable({}, {__tostring = function() return "b " end})\nprint(\n1)\n_PROMPT = 7\n'],
  ['no print', 'print = nil\n1\n'],
  ['another print', 'print = function(...) io.write(select("#", ...), "\\n") end\n1, nil, 3\n'],
  ['behind a script', 'print(X, ...)\n', ['-e', 'X = 1', '-i', 'hash-only.lua', 'x']],
  ['os.exit', 'print(1)\nos.exit(5)\n'],
  ['bytes that are no text', '#"\xff\xfe", ("\xff"):byte()\n'],
];

describe.skipIf(LUA54.isMissing)(LUA54.title('as lua5.4'), () => {
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

  test('--help and --version answer, and do nothing else', () => {
    const help = moontrace(['--help', 'fail.lua']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^usage: moontrace \[options\] \[script \[args\]\]\n(.*\n)+ {2}-j cmd .*\n/);
    expect(moontrace(['-i', '--version'])).toEqual(moontrace(['-v']));
    expect(moontrace(['-e', 'print(...)', '--', '--help'])).toMatchObject({ status: 1 });
  });

  test('-j backend=binaryen compiles with Binaryen', () => {
    const options = ['-j', 'v', '-j', 'share=100', '-j', 'backend=binaryen', '-j', 'mode=synchronous'];
    expect(moontrace([...options, '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)'])).toEqual({
      stdout: '5000050000\n', stderr: '[JIT   backend binaryen is ready]\n[TRACE   1 (command line):1 loop]\n', status: 0,
    });
  });

  test('-j backend=binaryen does not keep the program waiting', () => {
    const { stdout, stderr } = moontrace(['-j', 'v', '-j', 'share=100', '-j', 'backend=binaryen', '-e', 'local s = 0 for i = 1, 1e5 do s = s + i end print(s)']);
    expect(stdout).toBe('5000050000\n');
    expect(stderr.split('\n')[0]).toBe('[TRACE   1 (command line):1 loop]');
  });

  test('a module with a version has a global without (5.4.8)', () => {
    expect(moontrace(['-l', 'module-v2', '-e', 'print(module.version)']).stdout).toBe('2\n');
  });

  test('the first word of arg is a command that runs it again', () => {
    const program = 'local i = 0 while arg[i - 1] do i = i - 1 end print(arg[i])';
    expect(moontrace(['-e', program]).stdout).toBe('moontrace\n');
    const elsewhere = spawnSync(join(folder, 'bin/moontrace'), ['-e', program], { cwd: folder, encoding: 'utf8' });
    expect(elsewhere.stdout).toBe(`${join(folder, 'bin/moontrace')}\n`);
  });

  test('an unknown JIT command is refused', () => {
    const { stderr, status } = moontrace(['-j', 'nonsense', '-e', '']);
    expect([stderr.split('\n')[0], status]).toEqual(["moontrace: unknown JIT command 'nonsense'", 1]);
  });
});

/** The first line is the version. */
const withoutVersion = ({ stdout, ...rest }: Outcome): Outcome => ({ ...rest, stdout: stdout.slice(stdout.indexOf('\n') + 1) });

describe.skipIf(LUA54.isMissing)(LUA54.title('interactive mode without a terminal, as lua5.4'), () => {
  test.each(LINES.map((each) => [each[0], each] as const))('%s', (_, [, lines, args = ['-i']]) => {
    expect(withoutVersion(moontrace(args, lines))).toEqual(withoutVersion(lua54(args, lines)));
  });

  // 5.4.4 prints "(null)".
  test('the end in the middle', () => {
    expect(withoutVersion(moontrace(['-i'], 'a.'))).toEqual({ stdout: '> a.\n>> > \n', stderr: 'stdin:1: <name> expected near <eof>\n', status: 0 });
  });
});

describe.skipIf(!existsSync('/dev/full') || LUA54.isMissing)(LUA54.title('a full disk, as lua5.4'), () => {
  /** Exit code and standard error with standard output on /dev/full. */
  const full = (command: string, code: string): { stderr: string; status: number | null } => {
    const { stderr, status } = spawnSync('/bin/sh', ['-c', 'exec "$0" -e "$1" >/dev/full', command, code], {
      cwd: folder, encoding: 'utf8', env: { ...process.env, ...installed.environment },
    });
    return { stderr: stderr.replaceAll('lua5.4:', 'moontrace:'), status };
  };

  test.each([
    'print(1)', 'print(1) error("x")', 'for i = 1, 1e5 do print(i) end os.exit(3)', 'io.write(("x"):rep(1e6))', 'io.write("a") error("x")',
    'local t = {io.write(("x"):rep(1e6))} io.stderr:write(tostring(t[1]), t[2], t[3])',
    'io.write("a") local t = {io.stdout:flush()} io.stderr:write(tostring(t[1]), t[2], t[3])',
    'io.stdout:setvbuf("no") io.stderr:write(tostring(io.write("a")), select(3, io.write("a")))',
    'local f = io.open("/dev/full", "w") f:write("a") local t = {f:close()} io.stderr:write(tostring(t[1]), t[2], t[3])',
  ])('%s', (code) => {
    expect(full('moontrace', code)).toEqual(full('lua5.4', code));
  });
});

describe.skipIf(process.platform === 'win32')('SIGINT', () => {
  /** Starts a program that says when it runs; sends it signals when it does. @returns what it wrote, and how it ended */
  async function interrupt(args: readonly string[], signals: number): Promise<{ text: string; code: number | null; signal: string | null }> {
    const child = spawn('moontrace', args, { cwd: folder, env: { ...process.env, ...installed.environment } });
    let text = '';
    let sent = 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (sent < signals && /ready\n/.test(part)) {
          sent += 1;
          child.kill('SIGINT');
        }
      });
    }
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { text, code, signal };
  }

  const ready = 'local i = 0 while true do i = i + 1 if i == 1e5 then io.stderr:write("ready\\n") end end';

  test.each([['-joff'], ['-jon'], ['-jhotloop=1']])('stops a program with a traceback: %s', async (option) => {
    const { text, code } = await interrupt([option, '-e', ready], 1);
    expect([text, code]).toEqual(['ready\nmoontrace: interrupted!\nstack traceback:\n\t(command line):1: in main chunk\n\t[C]: in ?\n', 1]);
  });

  test('is caught as soon as what the program printed can be seen', async () => {
    const program = 'pcall(function() print("ready") while true do end end) print(42)';
    expect(await interrupt(['-e', program], 1)).toEqual({ text: 'ready\n42\n', code: 0, signal: null });
  });

  test('is an error that pcall catches; the next one ends the process', async () => {
    const program = `print(pcall(function() ${ready} end)) io.stdout:flush() ${ready}`;
    expect(await interrupt(['-e', program], 2)).toEqual({ text: 'ready\nfalse\tinterrupted!\nready\n', code: null, signal: 'SIGINT' });
  });
});

describe.skipIf(LUA54.isMissing)(LUA54.title('one pipe for both outputs'), () => {
  const orderOf = (command: string, program: string): string =>
    spawnSync('sh', ['-c', `${command} -e '${program}' 2>&1`], { encoding: 'utf8', env: { ...process.env, ...installed.environment } }).stdout;

  test.each([
    ['print(1) io.stderr:write("2\\n") print(3) io.write("4\\n") io.stderr:write("5\\n")'],
    ['io.write("1\\n") io.stderr:write("2\\n") print(3) os.execute("echo 4")'],
    ['print(1) warn("@on") warn("2") print(3) io.popen("echo 4 >&2"):close() print(5)'],
  ])('what is printed comes in time, as with lua5.4: %s', (program) => {
    expect(orderOf('moontrace', program)).toBe(orderOf('lua5.4', program));
  });
});

describe('a reader that goes away', () => {
  test.each([['for i = 1, 1e5 do print(i) end'], ['io.write(("1\\n"):rep(1e6))'], ['io.write("1\\n", ("x"):rep(1e6))']])('ends the command, silently: %s', (program) => {
    const script = `{ moontrace -e '${program}'; echo "status $?" >&2; } | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, ...installed.environment } });
    expect([stdout, stderr]).toEqual(['1\n', 'status 141\n']);
  });
});

describe('a short program', () => {
  const command = join(import.meta.dirname, '../../dist/cli.cjs');
  /** Loads, prints, and runs on for 20,000 instructions. */
  const program = `load(("local x = 1 "):rep(100)) print(1) ${'do local x = { 1, "x" } end '.repeat(1000)} local n = 0 for i = 1, 5000 do n = n + i end`;

  test.each([['print(1)'], [program]])('gives V8 nothing to optimise', (code) => {
    const { stdout } = spawnSync(process.execPath, ['--trace-wasm-compilation-times', command, '-j', 'off', '-e', code], { encoding: 'utf8' });
    expect(stdout.match(/using \w+/g)?.filter((tier) => tier !== 'using Liftoff')).toEqual([]);
    expect(stdout).toMatch(/^1$/m);
  });

  test('starts no worker', () => {
    writeFileSync(join(folder, 'short.lua'), program);
    const workersOf = (code: string): number => spawnSync(process.execPath, [command, ...code.split(' ')], { encoding: 'utf8', cwd: folder, env: { ...process.env, NODE_DEBUG: 'worker' } }).stderr.match(/instantiating/gi)?.length ?? 0;
    // On a busy machine it may run for long.
    expect(Math.min(...Array.from({ length: 4 }, () => workersOf('short.lua')))).toBe(0);
    expect(workersOf('-e io.stderr:write("x")')).toBe(1);
  });
});
