/** The interactive mode on a terminal, which the program `script` provides. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCRIPT } from '../support/needs.ts';
import { type Installed, install } from './install.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const ENTER = '\r';
const TAB = '\t';
const UP = '\x1b[A';

let folder = '';
let installed: Installed;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-terminal-'));
  installed = install(folder);
  writeFileSync(join(folder, 'defines.lua'), 'answer = 42');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A key or line to send once the output since the last one ends as expected (a prompt by default). */
type Step = string | { readonly after: RegExp; readonly send: string };

const READY = /> $/;
const PATIENCE = 20_000;

interface Ending {
  /** What the terminal showed, without control sequences of the line editor, colours as <red>, <dim> and </>. */
  readonly text: string;
  readonly status: number | null;
}

const shown = (raw: string): string =>
  raw
    .replaceAll('\x1b[31m', '<red>')
    .replaceAll('\x1b[2m', '<dim>')
    .replaceAll('\x1b[0m', '</>')
    .replaceAll('\r', '')
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');

/** Types on a terminal, with Ctrl-D at the end unless the command ends before. The command takes the shell's place: some shells would pass on its Ctrl-C as their own status. */
async function type(steps: readonly Step[], args: readonly string[] = [], environment: Readonly<Record<string, string | undefined>> = {}): Promise<Ending> {
  const child = spawn('script', ['-qec', ['exec', 'moontrace', ...args].join(' '), '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ...installed.environment, SHELL: '/bin/sh', MOONTRACE_HISTORY: '', TERM: 'xterm', NO_COLOR: '', ...environment },
  });
  let raw = '';
  let since = 0;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    raw += part;
  });
  const ended = once(child, 'close');
  for (const step of [...steps, CTRL_D]) {
    const { after, send } = typeof step === 'string' ? { after: READY, send: step } : step;
    const end = Date.now() + PATIENCE;
    while (child.exitCode === null && !after.test(shown(raw.slice(since)))) {
      if (Date.now() > end) throw new Error(`waited for ${after}, got ${JSON.stringify(raw.slice(since))}`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
    if (child.exitCode !== null) break;
    since = raw.length;
    child.stdin.write(send);
  }
  const [status] = (await ended) as [number | null];
  return { text: shown(raw).split('\n').slice(1).join('\n'), status };
}

/** What is shown for lines typed one by one. */
const linesShown = async (...lines: readonly string[]): Promise<string> => (await type(lines.map((line) => line + ENTER))).text;

describe.skipIf(SCRIPT.isMissing)(SCRIPT.title('on a terminal'), () => {
  test('evaluates lines, and continues statements', async () => {
    expect(await linesShown('1 + 1', '="a", nil', 'for i = 1, 2 do', 'print(i)', 'end', '"plain \\n text"')).toBe(
      '> 1 + 1\n2\n> ="a", nil\na\tnil\n> for i = 1, 2 do\n>> print(i)\n>> end\n1\n2\n> "plain \\n text"\nplain \n text\n> \n',
    );
  });

  test('shows the version, runs the script first, ends with Ctrl-D', async () => {
    const { text, status } = await type([`answer${ENTER}`], ['-i', 'defines.lua']);
    expect([text, status]).toEqual(['> answer\n42\n> \n', 0]);
  });

  test('os.exit', async () => {
    expect(await type([`os.exit(3)${ENTER}`])).toEqual({ text: '> os.exit(3)\n', status: 3 });
  });

  test('shows tables', async () => {
    expect(await linesShown('{1, 2.0, "a\\n", {}, x = {true, [true] = 1}, ["a b"] = 2, ["end"] = 3}')).toContain(
      '\n{1, 2.0, "a\\n", {}, ["a b"] = 2, ["end"] = 3, x = {true, [true] = 1}}\n',
    );
    expect(await linesShown('t = {}', 't.t = t', 't')).toContain('\n{t = <cycle>}\n');
    expect(await linesShown('{{{{{{}}}}}}')).toContain('\n{{{{{...}}}}}\n');
    expect(await linesShown('setmetatable({}, {__tostring = function() return "itself" end})')).toContain('\nitself\n');
    expect(await linesShown('"\\xff\\0", {"\\xff\\0"}')).toContain('{"\\xFF\\x00"}');
  });

  test('breaks and cuts large tables', async () => {
    const text = await linesShown('t = {} for i = 1, 1000 do t[i] = i end', 't', '{name = ("x"):rep(50), other = ("y"):rep(50)}');
    expect(text).toContain('\n{\n  1, 2, 3, 4, 5,');
    expect(text).toContain('... 940 more\n}\n');
    expect(text).toContain(`\n{\n  name = "${'x'.repeat(50)}",\n  other = "${'y'.repeat(50)}"\n}\n`);
  });

  test('leaves results to a print of the program', async () => {
    expect(await linesShown('print = function(...) io.write("mine ", select("#", ...), "\\n") end', '{}, {}')).toContain('\nmine 2\n');
  });

  test('errors are red, and plain if the user wants it so', async () => {
    const traceback = "stack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk\n\t[C]: in ?";
    expect(await linesShown('error("failed")', 'x = = 1')).toBe(
      `> error("failed")\n<red>stdin:1: failed</>\n<dim>${traceback}</>\n> x = = 1\n<red>stdin:1: unexpected symbol near '='</>\n> \n`,
    );
    expect((await type([`error("failed")${ENTER}`], [], { NO_COLOR: '1' })).text).toBe(`> error("failed")\nstdin:1: failed\n${traceback}\n> \n`);
  });

  test('prompts of the program, and output without an end of line', async () => {
    expect(await linesShown('_PROMPT, _PROMPT2 = "one> ", "two> "', 'if true then', 'end', '_ = io.write("no end")')).toBe(
      '> _PROMPT, _PROMPT2 = "one> ", "two> "\none> if true then\ntwo> end\none> _ = io.write("no end")\nno end\none> \n',
    );
  });

  test('Ctrl-C cancels the line, and the statement', async () => {
    const { text } = await type([`x = 1 y${CTRL_C}`, `x${ENTER}`, `if x then${ENTER}`, CTRL_C, `"next"${ENTER}`]);
    expect(text).toMatch(/\n> x\nnil\n> if x then\n(>> \n?)+> "next"\nnext\n> \n$/);
  });

  test.each([['-joff'], ['-jon']])('Ctrl-C stops what runs, again and again: %s', async (option) => {
    const loop = `print("started") while true do end${ENTER}`;
    const stop = { after: /\nstarted\n/, send: CTRL_C };
    const { text, status } = await type([loop, stop, loop, stop, `"alive"${ENTER}`], ['-i', option]);
    expect(text.match(/<red>interrupted!<\/>/g)).toHaveLength(2);
    expect([text.includes('\nalive\n'), status]).toEqual([true, 0]);
  });

  // Until Ctrl-C is watched, it ends the process: the programs begin with a while.
  const AWHILE = 'local t = os.time() repeat until os.time() - t > 1 ';

  test.each([
    ['io.read', 'print(1) local line = io.read() print("never", line)'],
    ['io.lines', 'print(1) for line in io.lines() do print("never", line) end'],
  ])('Ctrl-C stops a program that waits in %s', async (_, program) => {
    const { text, status } = await type([{ after: /1\n/, send: CTRL_C }], ['-e', `'${AWHILE}${program}'`], { NO_COLOR: '1' });
    expect([text, status]).toEqual([expect.stringMatching(/moontrace: \(command line\):1: interrupted!\nstack traceback:\n/), 1]);
    expect(text).not.toContain('never');
  });

  test('Ctrl-C while reading is an error that pcall catches', async () => {
    const program = 'print(1) print(pcall(io.read)) print(io.read())';
    const { text, status } = await type([{ after: /1\n/, send: CTRL_C }, { after: /interrupted!/, send: 'typed\n' }], ['-e', `'${AWHILE}${program}'`]);
    expect([text, status]).toEqual([expect.stringMatching(/false\t.*interrupted!\n(typed\n)?typed\n$/), 0]);
  });

  test('programs read from the terminal', async () => {
    // Asked for by the program itself: what is typed sooner, while the line editor has the terminal, is not echoed.
    const { text } = await type([`print(io.write("name? ") and io.read())${ENTER}`, { after: /\nname\? $/, send: 'typed\n' }]);
    expect(text).toBe('> print(io.write("name? ") and io.read())\nname? typed\ntyped\n> \n');
  });
});

describe.skipIf(SCRIPT.isMissing)(SCRIPT.title('completion'), () => {
  /** What is shown when keys are typed, the last of them without waiting for a prompt. */
  const completed = async (...keys: readonly Step[]): Promise<string> => (await type([...keys, { after: /./, send: CTRL_C }])).text;

  test.each([
    ['print(str', 'print(string'],
    ['string.fo', 'string.format'],
    ['("").x = strin', '("").x = string'],
    ['t.inner.na', 't.inner.name'],
    ['t["inner"].na', 't["inner"].name'],
    ['t.list[1].na', 't.list[1].name'],
    ['o:meth', 'o:method'],
    ['o.base', 'o.basefield'],
    ['s:rev', 's:reverse'],
    ['repe', 'repeat'],
  ])('%s', async (begun, whole) => {
    const define =
      't = {inner = {name = 1}, list = {{name = 2}}} s = "x" o = setmetatable({}, {__index = setmetatable({basefield = 1}, {__index = {method = print}})})';
    expect(await completed(define + ENTER, begun + TAB)).toContain(`> ${whole}`);
  });

  test('has nothing to offer where nothing is, and calls nothing', async () => {
    const define = 'o = setmetatable({field = 1}, {__index = function() error("called") end})';
    expect(await completed(define + ENTER, `unknown.na${TAB}`)).toMatch(/> unknown\.na(?!\w)/);
    expect(await completed(define + ENTER, `o:fie${TAB}`)).toMatch(/> o:fie(?!\w)/);
    expect(await completed(define + ENTER, `o.field.x${TAB}`)).not.toContain(': called');
  });

  test('shows what there is', async () => {
    expect(await completed(`math.a${TAB}`, { after: /math.a/, send: TAB })).toMatch(/abs\s+acos\s+asin\s+atan/);
  });

  test('indents an empty line', async () => {
    expect(await completed(TAB, { after: / /, send: 'x' })).toContain('>   x');
  });
});

describe.skipIf(SCRIPT.isMissing)(SCRIPT.title('history'), () => {
  test('lasts from one session to the next', async () => {
    const file = join(folder, 'state', 'history');
    const environment = { MOONTRACE_HISTORY: file };
    await type([`"first"${ENTER}`, `"second"${ENTER}`, `"second"${ENTER}`, ENTER], [], environment);
    expect(readFileSync(file, 'utf8')).toBe('"first"\n"second"\n');
    const { text } = await type([`${UP}${UP}${ENTER}`], [], environment);
    expect(text).toContain('\nfirst\n');
    expect(readFileSync(file, 'utf8')).toBe('"first"\n"second"\n"first"\n');
  });

  test('lies in the state folder', async () => {
    const { status } = await type([`"kept"${ENTER}`], [], { MOONTRACE_HISTORY: undefined, XDG_STATE_HOME: join(folder, 'xdg') });
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'xdg/moontrace/history'), 'utf8')).toBe('"kept"\n');
  });

  test('is cut when it gets long', async () => {
    const file = join(folder, 'long');
    writeFileSync(file, Array.from({ length: 3000 }, (_, i) => `x = ${i}\n`).join(''));
    await type([], [], { MOONTRACE_HISTORY: file });
    expect(readFileSync(file, 'utf8').split('\n').slice(0, -1)).toEqual(Array.from({ length: 1000 }, (_, i) => `x = ${i + 2000}`));
  });
});
