/** `moontrace explain`: the page it writes, as a browser shows it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from '../support/needs.ts';
import { install, type Installed } from './install.ts';

/** A loop that is compiled, with a guard that often fails; recursion with variable arguments that is not; a library function; names that HTML would take for its own. */
const PROGRAM = `local Shape = {}
Shape.__index = Shape
function Shape:area() return self.w * self.h end
local shapes = {}
for i = 1, 100 do shapes[i] = setmetatable({ w = i, h = i % 3 }, Shape) end
local total = 0
for round = 1, 300000 do
  for i = 1, #shapes do
    if i % 7 == 3 then total = total + 1 else total = total + shapes[i]:area() end
  end
end
local function fib(n, ...)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
for i = 1, 8000 do fib(12) end
local text = "<script>alert('no')</script> & \\"more\\""
--[[ a long
comment ]]
for i = 1, 100000 do text = string.format("%20.10f %10d", i / 3, i) end
print("done", ...)
`;

let folder = '';
let installed: Installed;
let page = '';

function run(...args: string[]): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync('moontrace', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...installed.environment } });
  return { stdout, stderr, status };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-explain-'));
  installed = install(folder);
  writeFileSync(join(folder, 'program.lua'), PROGRAM);
  writeFileSync(join(folder, 'exits.lua'), 'for i = 1, 3000000 do local x = i % 3 end os.exit(5)');
  writeFileSync(join(folder, 'fails.lua'), 'for i = 1, 3000000 do local x = i % 3 end error("failed")');
  expect(run('explain', '-j', 'share=100', 'program.lua', 'with', '-o', 'arguments', '-o', 'page.html')).toEqual({ stdout: 'done\twith\t-o\targuments\n', stderr: '', status: 0 });
  page = readFileSync(join(folder, 'page.html'), 'utf8');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the command', () => {
  test('programs end as they do without it, and have their page', () => {
    expect(run('explain', 'exits.lua')).toEqual({ stdout: '', stderr: '', status: 5 });
    expect(readFileSync(join(folder, 'exits.html'), 'utf8')).toContain('</html>');
    expect(run('explain', '-o', 'failed.html', 'fails.lua')).toMatchObject({ status: 1, stderr: expect.stringContaining('fails.lua:1: failed') });
    expect(readFileSync(join(folder, 'failed.html'), 'utf8')).toContain('</html>');
    expect(run('explain', '-joff', 'program.lua', '-o', 'off.html').status).toBe(0);
    expect(readFileSync(join(folder, 'off.html'), 'utf8')).toContain('The JIT had nothing to do');
  });

  test('what cannot be explained is refused', () => {
    expect(run('explain')).toMatchObject({ status: 1, stderr: expect.stringContaining("'explain' needs the file of a script") });
    expect(run('explain', 'program.lua', '-o')).toMatchObject({ status: 1, stderr: expect.stringContaining("'-o' needs argument") });
    expect(run('explain', '-o', 'nowhere/page.html', 'program.lua')).toMatchObject({ status: 1, stdout: '' });
    expect(run('explain', 'missing.lua', '-o', 'missing.html')).toMatchObject({ status: 1, stderr: expect.stringContaining('missing.lua') });
  });

  test('the program is not taken for HTML', () => {
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;');
  });
});

/** Where the program of a name is. */
const pathOf = (name: string): string => (process.env['PATH'] ?? '').split(delimiter).map((part) => join(part, name)).find(existsSync) as string;

describe.skipIf(CHROMIUM.isMissing)(CHROMIUM.title('the page in Chromium'), () => {
  let browser: Browser;
  let shown: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args: ['--no-sandbox'] });
    shown = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    shown.on('console', (message) => complaints.push(message.text()));
    shown.on('pageerror', (error) => complaints.push(String(error)));
    shown.on('request', (request) => requests.push(request.url()));
    await shown.goto(pathToFileURL(join(folder, 'page.html')).href);
  }, 60_000);

  afterAll(() => browser.close());

  test('it loads nothing and has no faults', async () => {
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(join(folder, 'page.html')).href]);
    expect(await shown.title()).toBe('program.lua: where its time went');
  });

  test('links lead somewhere, names are unique', async () => {
    const { targets, names } = await shown.evaluate(() => ({
      targets: [...document.querySelectorAll('a')].map((link) => decodeURIComponent(link.hash.slice(1))),
      names: [...document.querySelectorAll('[id]')].map(({ id }) => id),
    }));
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((target) => !names.includes(target))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('the source is there line by line, hot lines are warm, compiled ones marked', async () => {
    const lines = await shown.locator('.source > *').evaluateAll((rows) => rows.map((row) => {
      const summary = row.querySelector('summary') ?? row;
      return {
        text: summary.querySelector(':scope > :last-child')?.textContent ?? '', mark: summary.querySelector('.m')?.getAttribute('title') ?? '',
        heat: Number(/, ([\d.]+)\)$|\/ ([\d.]+)\)$/.exec(getComputedStyle(summary).backgroundColor)?.slice(1).find(Boolean) ?? '1'), state: row.getAttribute('data-state') ?? '',
      };
    }));
    expect(lines.map(({ text }) => text).join('\n')).toBe(PROGRAM.trimEnd());
    const line = (number: number) => lines[number - 1]!;
    expect(line(8)).toMatchObject({ mark: 'compiled', state: 'compiled' });
    expect(line(9).mark).toBe('compiled');
    expect(line(14).state).toBe('interpreted');
    expect(line(20).state).toBe('library');
    expect(line(8).heat).toBeGreaterThan(0.2);
    expect(line(1).heat).toBe(0);
  });

  test('it says what to change', async () => {
    const text = await shown.locator('.suggestions').innerText();
    expect(text).toMatch(/Lines? [\d, ]*1[34][\d, ]* runs? in the interpreter \(\d+ % of the time\)\s+It was not compiled: a recursive call was unrolled too often\. A function that calls itself is compiled /);
    expect(await shown.locator('#failures').locator('xpath=..').innerText()).toContain('recursive call');
    expect(await shown.locator('.legend').innerText()).toMatch(/Compiled \d+\.\d %/);
  });

  test('lines and traces open by the keyboard, down to IR and WebAssembly', async () => {
    const line = shown.locator('.source details').first();
    await line.locator('summary').focus();
    await shown.keyboard.press('Enter');
    expect(await line.getAttribute('open')).not.toBeNull();
    expect(await line.locator('.note').isVisible()).toBe(true);
    await shown.keyboard.press('Tab');
    expect(await shown.evaluate(() => document.activeElement?.closest('.source') !== null)).toBe(true);
    const trace = shown.locator('.trace', { hasText: 'program.lua:8' }).first();
    await trace.locator('summary').first().press('Enter');
    expect(await trace.innerText()).toMatch(/Where it was left[\s\S]*because|\d+ exits, none of which was taken/);
    for (const [title, content] of [['IR', /%0 = /], ['WebAssembly', /\(module/]] as const) {
      const code = trace.locator('details', { hasText: title });
      await code.locator('summary').press('Enter');
      expect(await code.locator('pre').innerText()).toMatch(content);
    }
  });

  test('light and dark, wide and narrow', async () => {
    const paper = () => shown.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await shown.emulateMedia({ colorScheme: 'light' });
    expect(await paper()).toBe('rgb(251, 250, 247)');
    await shown.emulateMedia({ colorScheme: 'dark' });
    expect(await paper()).toBe('rgb(23, 24, 28)');
    await shown.setViewportSize({ width: 360, height: 800 });
    expect(await shown.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
