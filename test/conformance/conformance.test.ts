/**
 * Every script and every benchmark program in every mode: interpreted, compiled at the usual thresholds, compiled at once, with every
 * exit forced, with each optimisation off. All of them print what lua5.4 prints.
 */
import { describe, expect, test } from 'vitest';
import { ALL_MODES, runLua } from '../support/engine.ts';
import { findPrograms, findScripts } from './scripts.ts';

describe.each(ALL_MODES.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test.each([...findScripts(), ...findPrograms()].map((script) => [script.path, script] as const))('%s', (path, script) => {
    const { stdout, error } = runLua([[script.source, `@${path}`]], mode, script.input);
    expect({ stdout, error }).toEqual({ stdout: script.expected, error: undefined });
  });
});
