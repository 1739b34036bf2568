/** `-j p`: programs whose hot places are known, in each state, and the forms a profile is written in. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, type Installed } from './install.ts';

let folder = '';
let installed: Installed;

const FILES = {
  'functions.lua': `
    local function slow(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end
    local function quick(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end
    for i = 1, 600 do slow(30000) quick(10000) end`,
  'lines.lua': `
    local t = {}
    for i = 1, 5000000 do
      local a = i % 5
      local b = (a + i) // 3 * 2 - a + (a + i) // 3 * 2 - a + (a + i) // 3 * 2 - a + (a + i) // 3 * 2 - a
    end`,
  'library.lua': `
    local t = {}
    for i = 1, 200000 do
      local n = i % 3
      t[n] = string.format('%5.3f %10d %s', i / 3, i, 'text')
      n = n + 1
    end`,
  'compiled.lua': `
    local s = 0
    for round = 1, 300 do
      for i = 1, 1000000 do s = s + i * 2 end
    end`,
  'garbage.lua': `
    local keep = {}
    for i = 1, 300000 do keep[i] = { i } end
    for i = 1, 4 do collectgarbage() end`,
  'callers.lua': `
    local function leaf(n) local s = 0 for i = 1, n do s = s + i % 7 end return s end
    local function often() return (leaf(100000)) end
    local function seldom() return (leaf(10000)) end
    for i = 1, 300 do often() seldom() end`,
  'coroutine.lua': `
    local co = coroutine.wrap(function()
      local function inside() local s = 0 for i = 1, 100000 do s = s + i % 3 end return s end
      while true do coroutine.yield(inside()) end
    end)
    local function outside() return (co()) end
    for i = 1, 200 do outside() end`,
  'exits.lua': 'local s = 0 for i = 1, 300000000 do s = s + i % 3 end print(s) os.exit(3)',
  'fails.lua': 'local function run() local s = 0 for i = 1, 3000000 do s = s + i % 3 end error("failed") end run()',
  'hooked.lua': `
    local lines = 0
    debug.sethook(function() lines = lines + 1 end, 'l')
    for i = 1, 200000 do
      local x = i
    end
    debug.sethook()
    print(lines)`,
  'short.lua': 'print("done")',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'moontrace-profile-'));
  installed = install(folder);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function run(...args: string[]): Outcome {
  const { stdout, stderr, status } = spawnSync('moontrace', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...installed.environment } });
  return { stdout, stderr, status };
}

/** Percent by label; of a split profile the first level only. */
function shares(text: string): Record<string, number> {
  return Object.fromEntries([...text.matchAll(/^ *(\d+)% {2}(.*)$/gm)].map(([, percent, label]) => [label, Number(percent)]));
}

const profile = (options: string, file: string, ...more: string[]): Record<string, number> => shares(run(...more, '-j', `p=${options}m0i1`, file).stdout);

describe('where the time goes', () => {
  test('functions get what they take', () => {
    const found = profile('f', 'functions.lua', '-joff');
    expect(found['slow']).toBeGreaterThan(60);
    expect(found['quick']).toBeGreaterThan(12);
    expect(found['slow']! / found['quick']!).toSatisfy((ratio: number) => ratio > 1.7 && ratio < 5.5, 'three times as long');
  });

  test('lines get what their instructions take, not only those where loops end', () => {
    const found = profile('l', 'lines.lua', '-joff');
    expect(found['lines.lua:5']).toBeGreaterThan(55);
    expect(found['lines.lua:4']).toSatisfy((share: number) => share > 1 && share < 25);
  });

  test('what a library function takes is its own, and in lines that of its call', () => {
    expect(profile('f', 'library.lua', '-joff')['string.format']).toBeGreaterThan(35);
    expect(profile('l', 'library.lua', '-joff')['library.lua:5']).toBeGreaterThan(60);
    expect(profile('v', 'library.lua', '-joff')['Library functions']).toBeGreaterThan(35);
  });

  test('compiled code counts for the line of its loop', () => {
    const found = run('-j', 'p=lvm0i1', 'compiled.lua').stdout;
    expect(shares(found)['compiled.lua:4']).toBeGreaterThan(70);
    expect(found).toMatch(/compiled\.lua:4\n +-- +\d\d% {2}Compiled/);
  });

  test('the collector', () => {
    expect(profile('v', 'garbage.lua', '-joff')['Garbage collector']).toBeGreaterThan(20);
  });

  test('what a function takes is told apart by its callers, and the other way round', () => {
    const found = profile('2', 'callers.lua', '-joff');
    expect(found['leaf <- often']).toBeGreaterThan(70);
    expect(found['leaf <- seldom']).toSatisfy((share: number) => share > 1 && share < 25);
    const down = run('-joff', '-j', 'p=-3sm0i1', 'callers.lua').stdout;
    expect(down).toMatch(/^ *\d+% {2}callers\.lua\n +-- +\d+% {2}often -> leaf\n/);
  });

  test('stacks go through coroutines', () => {
    const found = profile('3', 'coroutine.lua', '-joff');
    expect(Object.entries(found).find(([label]) => label.startsWith('inside <- '))?.[1]).toBeGreaterThan(80);
    expect(Object.keys(found)[0]).toContain('<- outside');
  });
});

describe('what the program does is not touched', () => {
  test('its end is the end of the profile, too', () => {
    expect(run('-j', 'p=i1', 'exits.lua')).toMatchObject({ status: 3, stderr: '' });
    expect(run('-j', 'p=i1', 'exits.lua').stdout).toMatch(/^300000000\n *\d+% {2}exits\.lua\n/);
    const failed = run('-j', 'p=i1', 'fails.lua');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('fails.lua:1: failed');
    expect(failed.stdout).toMatch(/^ *\d+% {2}run\n/);
  });

  test('hooks are called as often', () => {
    expect(run('-j', 'p=i1', 'hooked.lua').stdout.split('\n')[0]).toBe(run('hooked.lua').stdout.trim());
  });
});

describe('forms', () => {
  test('a file', () => {
    expect(run('-j', 'p=fl,out.txt', 'functions.lua').stdout).toBe('');
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toMatch(/functions\.lua:2\n[\s\S]*\n\[\d+ samples, \d+ ms\]\n$/);
  });

  test('speedscope', () => {
    run('-joff', '-j', 'p=speedscopei1,out.json', 'callers.lua');
    const { $schema, shared, profiles } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
      $schema: string; shared: { frames: { name: string; file?: string; line?: number }[] };
      profiles: [{ type: string; unit: string; endValue: number; samples: number[][]; weights: number[] }];
    };
    expect($schema).toBe('https://www.speedscope.app/file-format-schema.json');
    expect(shared.frames).toContainEqual({ name: 'leaf', file: 'callers.lua', line: 2 });
    const [{ type, unit, endValue, samples, weights }] = profiles;
    expect([type, unit, samples.length]).toEqual(['sampled', 'milliseconds', weights.length]);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(endValue, 3);
    expect(samples.flat().every((number) => shared.frames[number] !== undefined)).toBe(true);
    // The outermost function first.
    const names = samples.map((sample) => sample.map((number) => shared.frames[number]!.name).join('>'));
    expect(names).toContain('callers.lua>often>leaf');
  });

  test('stacks for flame graphs', () => {
    expect(run('-joff', '-j', 'p=G', 'callers.lua').stdout).toMatch(/^callers\.lua;often;leaf \d+$/m);
  });

  test('annotated sources', () => {
    const { stdout } = run('-joff', '-j', 'p=ai1', 'library.lua');
    expect(stdout).toContain('====== library.lua ======');
    expect(stdout).toMatch(/^ \d\d% \| {7}t\[n\] = string\.format/m);
  });

  test('times in place of percent, and none for a program that is over at once', () => {
    expect(run('-joff', '-j', 'p=r', 'functions.lua').stdout).toMatch(/^ +\d+\.\d ms {2}slow$/m);
    expect(run('-j', 'p=i1000', 'short.lua').stdout).toBe('done\n[No samples: the program was too short]\n');
  });

  test('options and files that do not work are refused before the program runs', () => {
    expect(run('-j', 'p=fX', 'short.lua')).toMatchObject({ status: 1, stdout: '' });
    expect(run('-j', 'p=fX', 'short.lua').stderr).toContain("'X' is none of the options");
    const missing = run('-j', 'p=f,nowhere/out.txt', 'short.lua');
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toContain('nowhere');
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});
