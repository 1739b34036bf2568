/**
 * Every script and every benchmark program in some modes: all of them print what lua5.4 prints. The modes are spread over several test files, which
 * are run in parallel.
 */
import { describe, expect, test } from 'vitest';
import { type Mode, runLua } from '../support/engine.ts';
import { findPrograms, findScripts } from './scripts.ts';

/** Declares the tests of these modes. */
export function conform(modes: readonly Mode[]): void {
  describe.each(modes.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
    test.each([...findScripts(), ...findPrograms()].map((script) => [script.path, script] as const))('%s', (path, script) => {
      const { stdout, error } = runLua([[script.source, `@${path}`]], mode, script.input);
      expect({ stdout, error }).toEqual({ stdout: script.expected, error: undefined });
    });
  });
}
