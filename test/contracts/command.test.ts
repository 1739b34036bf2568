/** The command moontrace-contracts, as it is built. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { validator } from './bundles.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'moontrace-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...path: string[]): string => join(folder, ...path);

function run(...args: string[]): [status: number | null, stdout: string, stderr: string] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../../dist/contracts-cli.js'), ...args], { encoding: 'utf8', cwd: folder });
  return [status, stdout, stderr];
}

test('makes what follows from an API', () => {
  writeFileSync(at('api.toml'), PIPELINE_API);
  expect(run('validate', 'api.toml')).toEqual([0, '3 contracts\n', '']);
  expect(run('generate', 'api.toml', '--out', 'made')[0]).toBe(0);
  expect(readFileSync(at('made/contracts.ts'), 'utf8')).toBe(readFileSync(join(import.meta.dirname, 'golden/pipeline.ts'), 'utf8'));
  expect(readdirSync(at('made'), { recursive: true }).sort()).toEqual(['annotations', 'annotations/contracts.types.lua', 'annotations/data.Transformer.lua', 'annotations/host.logger.lua', 'annotations/pipeline.Validator.lua', 'contracts.lua', 'contracts.ts']);
});

test('makes, signs and verifies a bundle', () => {
  const bundle = mkdtempSync(at('bundle-'));
  for (const [name, text] of Object.entries(validator())) writeFileSync(join(bundle, name), text);
  expect(run('manifest', join(bundle, 'bundle.toml'))[0]).toBe(0);
  expect(run('validate', bundle)).toEqual([0, expect.stringMatching(/^validator \d+\n$/), '']);
  expect(run('keygen', '--out', 'keys')[0]).toBe(0);
  expect(statSync(at('keys/signing.key')).mode & 0o777).toBe(0o600);
  expect(run('verify', bundle)).toEqual([1, '', expect.stringContaining('no signature')]);
  expect(run('sign', bundle, '--key', 'keys/signing.key')[0]).toBe(0);
  expect(run('verify', bundle, '--key', 'keys/verifying.key')).toEqual([0, `${readFileSync(at('keys/verifying.key')).toString('hex')}\n`, '']);
  writeFileSync(join(bundle, 'main.lua'), 'return {}');
  expect(run('verify', bundle)[0]).toBe(1);
});

test('says what is wrong, and fails', () => {
  writeFileSync(at('bad.toml'), 'x = 1');
  expect(run('validate', 'bad.toml')).toEqual([1, '', expect.stringContaining("api.toml: x: there is no such key")]);
  expect(run('validate', 'none.toml')).toEqual([1, '', expect.stringContaining('none.toml')]);
  expect(run('sign', 'none')).toEqual([1, '', expect.stringContaining('none')]);
  for (const args of [[], ['what'], ['generate'], ['keygen', 'x'], ['toString', 'x']]) expect(run(...args)).toEqual([2, '', expect.stringContaining('usage:')]);
  expect(run('generate', 'api.toml', '--wat')[0]).toBe(1);
  expect(existsSync(at('contracts.ts'))).toBe(false);
});
