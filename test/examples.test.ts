/** The examples do what they say. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSandbox } from '../src/api/index.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');

/** @returns what an example printed */
function run(path: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(EXAMPLES, path), ...args], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

test('embed', () => {
  expect(run('embed.mjs')).toMatch(/^42 .*\nhello, world\nmemory - not enough memory\n/);
});

test('http-service: answers, knows limits, and goes on', async () => {
  const server = spawn(process.execPath, [join(EXAMPLES, 'http-service/server.mjs'), '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const base = String(line).trim().replace('/hello?q=you', '');
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(base + path);
      return [response.status, await response.text()];
    };
    expect(await get('/hello?q=Lua')).toEqual([200, 'hello, Lua, for the 1. time']);
    expect(await get('/endless')).toEqual([503, 'timeout']);
    // In whatever order they arrive.
    const answers = await Promise.all(Array.from({ length: 5 }, () => get('/hello?q=Lua')));
    expect(answers.sort()).toEqual([2, 3, 4, 5, 6].map((n) => [200, `hello, Lua, for the ${n}. time`]));
    expect(await get('/hello')).toEqual([400, 'who?']);
    expect(await get('/primes?q=30')).toEqual([200, '2 3 5 7 11 13 17 19 23 29']);
    expect(await get('/none')).toEqual([404, 'no such page']);
    expect(await get('/../server')).toEqual([404, 'no such page']);
  } finally {
    server.kill();
  }
});

test('game-loop: things are coroutines, and a bug in one ends that one', () => {
  const lines = run('game-loop/game.mjs', '120').trimEnd().split('\n');
  const rows = lines.filter((line) => line.length === 40 && line.includes('.'));
  expect(rows.length).toBe(6);
  expect(rows[0]).toMatch(/G/);
  expect(rows.map((row) => row.includes('>'))).toEqual([true, true, true, false, false, false]);
  expect(rows.map((row) => row.includes('B'))).toEqual([true, true, true, false, false, false]);
  expect(lines.filter((line) => !rows.includes(line))).toEqual([expect.stringContaining("B: things.lua:"), 'the arrow is gone']);
});

test('plugin-host: plugins use the app and one another', () => {
  expect(run('plugin-host/host.mjs', '--once')).toBe('loaded: count\nloaded: shout\n[count] 2 words\nshout: HELLO WORLD!!\nunloading: shout\nunloaded: shout\nunloading: count\nunloaded: count\n');
});

describe('spreadsheet', async () => {
  const { Spreadsheet } = (await import(join(EXAMPLES, 'spreadsheet/spreadsheet.mjs'))) as { Spreadsheet: new (make: typeof createSandbox) => { set(name: string, text: string): void; show(name: string): string; close(): void } };

  test('computes cells from cells, and tells what is wrong', () => {
    const sheet = new Spreadsheet(createSandbox);
    const cells = { A1: '2', A2: '3.5', A3: 'text', B1: '=A1 * 2', B2: '=sum(A1, A2, B1)', B3: "=A1 > 1 and 'many' or 'few'", C1: '=C2', C2: '=C1', C3: '=A3 + 1', C4: '=1 +', C5: '=(function() while true do end end)()', D1: '=average(A1, B1)', D2: '=B9' };
    for (const [name, text] of Object.entries(cells)) sheet.set(name, text);
    expect(['B1', 'B2', 'B3', 'D1', 'D2'].map((name) => sheet.show(name))).toEqual(['4', '9.5', 'many', '3', '']);
    expect(['C1', 'C3', 'C4', 'C5'].map((name) => sheet.show(name))).toEqual(['#circle', "#attempt to add a 'string' with a 'number'", expect.stringContaining('unexpected symbol'), '#time limit exceeded']);
    sheet.set('A1', '10');
    expect(sheet.show('B2')).toBe('33.5');
    sheet.close();
  });

  test('has a page that shows it', () => {
    const page = readFileSync(join(EXAMPLES, 'spreadsheet/index.html'), 'utf8');
    expect(page).toContain('"moontrace": "../../dist/index.js"');
    expect(page).toContain("from './spreadsheet.mjs'");
  });
});
