/**
 * No helper that a trace calls can raise an error: an exception would pass through the trace, whose registers are not in the stack. Proved on the call graph of
 * the core: from no helper does a way lead to an import of the host that may throw, the function table included.
 */
import { describe, expect, test } from 'vitest';
import { CORE_CALLS, IMPORTS } from '../../../jit/lower/imports.ts';
import { parseCoreCalls, readCoreCalls, waysOut } from '../../support/core-calls.ts';

/** Imports that never throw, and why a helper may come to them. */
const HARMLESS: ReadonlySet<string> = new Set(['fmod', 'release', 'grown']);

/** Called with the trace's state in the stack (CALLB). */
const SYNCED: string = CORE_CALLS.callBuiltin.name;

const core = readCoreCalls();
const names = IMPORTS.map(({ name }) => name);

/** Calls, through the table, what a prototype's trace descriptor names: a compiled function, which calls these helpers only. */
const CALLS_COMPILED: string = CORE_CALLS.callFunction.name;

test.each(names.filter((name) => name !== SYNCED && name !== CALLS_COMPILED))('%s', (name) => {
  const dangerous = [...waysOut(core, name)].filter(([imported]) => !HARMLESS.has(imported));
  expect(dangerous.map(([imported, way]) => `${imported}: ${way.join(' > ')}`)).toEqual([]);
});

describe('the call graph', () => {
  test('has the ways that there surely are', () => {
    expect([...waysOut(core, SYNCED).keys()].sort()).toEqual(expect.arrayContaining(['callHost', 'refill', 'throwArgumentError', 'throwError', 'throwText']));
    expect(waysOut(core, 'tableSet').get('throwError')?.length).toBeGreaterThan(2);
    expect(waysOut(core, 'tableNext').has('throwBareText')).toBe(true);
    expect(core.calls.size).toBeGreaterThan(300);
  });

  test('leads through the function table', () => {
    const graph = parseCoreCalls(
      [
        '(module', ' (import "host" "throwError" (func $raise))', ' (import "host" "other" (func $other (param i32)))',
        ' (elem $0 (i32.const 1) $first $second)', ' (export "a" (func $a))', ' (export "b" (func $b))',
        ' (func $a (param $0 i32)', '  call_indirect (type $0)', ' )', ' (func $b', '  call $c', ' )', ' (func $c', '  call $other', ' )',
        ' (func $first', ' )', ' (func $second', '  call $raise', ' )', ')',
      ].join('\n'),
    );
    expect([...waysOut(graph, 'a')]).toEqual([['throwError', ['$a', '(table)', '$second', '$raise']]]);
    expect([...waysOut(graph, 'b').keys()]).toEqual(['other']);
    expect(() => waysOut(graph, 'c')).toThrow(RangeError);
  });
});
