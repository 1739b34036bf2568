/**
 * Every script with the collector at work all the time and stacks that move: on the debug core, which checks its heap (collect/verify.ts),
 * interpreted, compiled at once, and with the work done around traces. A collector that frees too much, a missing barrier, an address kept too long: the check or the output tells.
 */
import { describe, expect, test } from 'vitest';
import { COLLECTING, runLua, STRESSED, STRESSED_EAGER } from '../support/engine.ts';
import { findScripts } from './scripts.ts';

/** Deep stacks, which every piece of work visits; and a script that is a stress of its own. They take minutes here. */
const SLOW = new Set(['test/lua/functions/calls.lua', 'test/lua/collector/barriers.lua']);

describe.each([STRESSED, STRESSED_EAGER, COLLECTING].map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test.each(findScripts().filter(({ path }) => !SLOW.has(path)).map((script) => [script.path, script] as const))('%s', (path, script) => {
    const { stdout, error } = runLua([[script.source, `@${path}`]], mode, script.input);
    expect({ stdout, error }).toEqual({ stdout: script.expected, error: undefined });
  });
});
