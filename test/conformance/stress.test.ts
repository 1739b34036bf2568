/**
 * Every script with the collector at work all the time and stacks that move: on the debug core, which checks its heap (collect/verify.ts),
 * interpreted, compiled at once, and with the work done around traces. A collector that frees too much, a missing barrier, an address kept too long: the check or the output tells.
 * And every script with allocations that fail: what is done again (src/core/run/repeat.ts) must not have done anything before.
 */
import { describe, expect, test } from 'vitest';
import { COLLECTING, FAILING, FAILING_EAGER, type Mode, runLua, STRESSED, STRESSED_EAGER } from '../support/engine.ts';
import { findScripts } from './scripts.ts';

/** Deep stacks, which every piece of work visits; and a script that is a stress of its own. They take minutes here. */
const SLOW = new Set(['errors/overflow', 'functions/calls', 'collector/barriers', 'collector/finalizers-at-a-resume'].map((name) => `test/lua/${name}.lua`));

/** Sorts of thousands of objects, in compiled loops: the heap is checked at each fourth of their exits. */
const SLOW_AT_TRACES = 'test/lua/regressions/order-of-equal-elements.lua';

/** Milliseconds for a script: the slowest take ten seconds of a processor's time. */
const PATIENCE = 300_000;

/** Scripts that look at what is collected when: a collection that a failed allocation asks for comes when they do not expect it. */
const OBSERVERS = new Set(['collector/finalizers', 'collector/options', 'collector/weak', 'metatables/alike'].map((name) => `test/lua/${name}.lua`));

const scriptsFor = ({ failures, stress }: Mode) =>
  findScripts().filter(({ path }) => !SLOW.has(path) && !(failures && OBSERVERS.has(path)) && !(stress === 'traces' && path === SLOW_AT_TRACES));

describe.each([STRESSED, STRESSED_EAGER, COLLECTING, FAILING, FAILING_EAGER].map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test.each(scriptsFor(mode).map((script) => [script.path, script] as const))('%s', (path, script) => {
    const { stdout, error } = runLua([[script.source, `@${path}`]], mode, script.input);
    expect({ stdout, error }).toEqual({ stdout: script.expected, error: undefined });
  }, PATIENCE);
});
