/**
 * The guide (docs/guide): every snippet is run. A `js` block is a program; a `text` block behind it is what it prints. A block with a file's name behind its
 * language (`lua plugin.lua`) is a file that the programs of its page find beside them; `html` files are shown by Chromium, and what they show stands below them, too. `sh` blocks are for people.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from './support/needs.ts';

const ROOT = join(import.meta.dirname, '..');
const GUIDE = join(ROOT, 'docs/guide');
/** In the package, so that programs find it by its name. */
const FOLDER = join(ROOT, 'build/guide');

interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly content: string;
  readonly line: number;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(GUIDE, page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: file, 3: content, index }) => ({ language: language!, file, content: content!, line: text.slice(0, index).split('\n').length }));
}

function write(folder: string, files: readonly Block[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { file, content } of files) {
    mkdirSync(dirname(join(folder, file!)), { recursive: true });
    writeFileSync(join(folder, file!), content);
  }
}

/** Tells what a page shows, as soon as it shows anything. */
const TELL = `<script>
  const timer = setInterval(() => {
    const text = document.body.innerText.trim();
    if (text === '') return;
    clearInterval(timer);
    fetch(new URL(location.href).searchParams.get('to'), { method: 'POST', body: JSON.stringify(text + '\\n') });
  }, 50);
</script>`;

interface Browse {
  readonly browse: (browser: string, folder: string, pages: object, milliseconds: number) => Promise<Readonly<Record<string, unknown>>>;
}
const { browse } = (await import(join(ROOT, 'scripts/hosts/browse.mjs'))) as Browse;

/** A program in a folder of its own. @returns what it printed; with its error, if it failed */
function run(folder: string, files: readonly Block[], program: string): Promise<string> {
  write(folder, files);
  writeFileSync(join(folder, 'program.mjs'), program);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--expose-gc', 'program.mjs'], { cwd: folder, encoding: 'utf8', timeout: 50_000 }, (error, stdout, stderr) => resolve(error === null ? stdout : `${stdout}${stderr}`));
  });
}

const pages = readdirSync(GUIDE).filter((name) => name.endsWith('.md')).sort();
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe.each(pages)('%s', (page) => {
  const blocks = blocksOf(page);
  const files = blocks.filter(({ file }) => file !== undefined);
  const programs = blocks.map((block, i) => ({ ...block, output: blocks[i + 1]?.language === 'text' ? blocks[i + 1]!.content : '' })).filter(({ language, file }) => language === 'js' && file === undefined);

  test('has no blocks that nobody runs', () => {
    const strange = blocks.filter(({ language, file }, i) => file === undefined && !['js', 'sh'].includes(language) && !(language === 'text' && ['js', 'html'].includes(blocks[i - 1]?.language ?? '')));
    expect(strange.map(({ language, line }) => `line ${line}: ${language}`)).toEqual([]);
  });

  const shown = blocks.flatMap(({ language, file, content }, i) => (language === 'html' ? [{ file: file!, content, output: blocks[i + 1]?.content }] : []));
  if (shown.length > 0) test.skipIf(CHROMIUM.isMissing)(CHROMIUM.title('pages'), async () => {
    const folder = join(FOLDER, page, 'shown');
    write(folder, files);
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/moontrace'));
    const told = await browse('chromium', folder, Object.fromEntries(shown.map(({ file, content }) => [file, { html: content + TELL }])), 40_000);
    expect(told).toEqual(Object.fromEntries(shown.map(({ file, output }) => [file, output])));
  });

  test.concurrent.each(programs)('line $line', async ({ content, output, line }) => {
    expect(await run(join(FOLDER, page, String(line)), files, content)).toBe(output);
  });
});

test('the first page leads to all others', () => {
  const index = readFileSync(join(GUIDE, 'README.md'), 'utf8');
  expect(pages.filter((name) => name !== 'README.md' && !index.includes(`(${name})`))).toEqual([]);
});
