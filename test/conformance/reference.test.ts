/** The expected outputs are those of the lua5.4 at hand. Without one there is nothing to compare, and the outputs stand as they are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runLua54 } from '../support/lua54.ts';
import { LUA54 } from '../support/needs.ts';
import { findPrograms, findScripts } from './scripts.ts';

test('there are scripts and programs to run', () => {
  expect(findScripts().length).toBeGreaterThanOrEqual(40);
  expect(findPrograms().length).toBeGreaterThanOrEqual(14);
});

describe.skipIf(LUA54.isMissing)(LUA54.title('lua5.4'), () => {
  test.each(findScripts().map((script) => [script.path, script] as const))('%s', (path, script) => {
    expect(runLua54(path, undefined, script.input)).toBe(script.expected);
  });

  test.each(findPrograms().map((script) => [script.path, script] as const))('%s', (_, script) => {
    const folder = mkdtempSync(join(tmpdir(), 'moontrace-conformance-'));
    try {
      const file = join(folder, 'program.lua');
      writeFileSync(file, script.source, 'latin1');
      expect(runLua54(file)).toBe(script.expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
