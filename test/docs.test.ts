/** Parts of the documentation that come from tables, compared with the tables. UPDATE_DOCS=1 writes them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTRACT_ERRORS } from '../contracts/errors.ts';
import { ABORT_REASONS } from '../jit/abort-reasons.ts';
import { PARAMETERS } from '../jit/parameters.ts';
import { HOW_RECORDED, howRecorded } from '../jit/record/builtins/how-recorded.ts';
import { RECORDED_GROUPS } from '../jit/record/opcodes/how-recorded.ts';
import { BUILTINS, fullName } from '../src/bytecode/builtin-table.ts';
import { OPCODES } from '../src/bytecode/opcode-table.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

function opcodes(): string {
  const rows = RECORDED_GROUPS.map(({ how, names }) => [code(names), how]);
  const recorded = new Set<string>(RECORDED_GROUPS.flatMap(({ names }) => names));
  const missing = OPCODES.map(({ name }) => name).filter((name) => !recorded.has(name) && !/_(PLAIN|JIT)$/.test(name));
  return table(['instructions', 'compiled as'], [...rows, [code(missing), 'end the recording']]);
}

function builtins(): string {
  const names = BUILTINS.filter(({ library }) => !['internal', 'none', 'string metatable'].includes(library)).map(fullName);
  return table(['how', 'functions'], HOW_RECORDED.map((kind) => [kind, code(names.filter((name) => howRecorded(name) === kind))]));
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  'contract errors': () => table(['reason', 'code', 'meaning'], Object.entries(CONTRACT_ERRORS).map(([reason, [number, text]]) => [`\`${reason}\``, reason === 'plugin' ? '256 and above' : String(number), text])),
  opcodes,
  builtins,
  reasons: () => table(['reason', 'meaning'], Object.entries(ABORT_REASONS).map(([reason, meaning]) => [`\`${reason}\``, meaning])),
  parameters: () => table(['name', 'default', 'meaning'], Object.entries(PARAMETERS).map(([name, { value, does }]) => [`\`${name}\``, String(value), does])),
};

test.each(['jit.md', 'contracts.md'])('docs/%s says what the tables say', (name) => {
  const path = join(import.meta.dirname, '../docs', name);
  const text = readFileSync(path, 'utf8');
  const expected = text.replace(/(<!-- generated: ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, head: string, name: string, end: string) => `${head}${SECTIONS[name]?.()}\n${end}`);
  if (process.env['UPDATE_DOCS']) writeFileSync(path, expected);
  expect(text).toBe(process.env['UPDATE_DOCS'] ? text : expected);
});

test('the tests that docs/security.md names exist', () => {
  const root = join(import.meta.dirname, '..');
  const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const citations = [...text.matchAll(/\[`(test\/[^`]+)`\]\(\.\.\/([^)]+)\)((?:,? "[^"]+")*)/g)];
  expect(citations.length).toBeGreaterThan(20);
  for (const [, path, target, names] of citations) {
    expect(target).toBe(path);
    expect(existsSync(join(root, path!)), path).toBe(true);
    const source = readFileSync(join(root, path!), 'utf8').replaceAll("\\'", "'");
    for (const [, name] of names!.matchAll(/"([^"]+)"/g)) expect(source.includes(name!), `${path}: ${name}`).toBe(true);
  }
});

test('each row of the README\'s table of features names tests that exist', () => {
  const root = join(import.meta.dirname, '..');
  const rows = readFileSync(join(root, 'README.md'), 'utf8').split('## Compared')[1]!.split('\n## ')[0]!.split('\n').filter((line) => line.startsWith('| ')).slice(2);
  expect(rows.length).toBeGreaterThan(20);
  const columns = rows[0]!.split(' | ').length;
  for (const row of rows) {
    const tests = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!);
    expect(tests.length, row).toBeGreaterThan(0);
    expect(row.split(' | ').length, row).toBe(columns);
    for (const path of tests) expect(path.endsWith('.test.ts') && existsSync(join(root, path)), path).toBe(true);
  }
});

test('the commands that documents name exist', () => {
  const root = join(import.meta.dirname, '..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const documents = ['README.md', 'bench/README.md', 'test/fuzz/README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  const named = documents.flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/npm run ([\w:]+\w)/g)].map((match) => match[1]!));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  expect(named).toContain('attack');
});
