/** The textual form: what is printed is read back, and nothing else is read. */
import { expect, test } from 'vitest';
import { parseTrace, TraceSyntaxError } from '../../../jit/build/parse.ts';
import { printTrace } from '../../../jit/ir/print.ts';
import { verifyTrace } from '../../../jit/ir/verify.ts';
import { EVERYTHING } from './everything.ts';

test('printing and parsing are inverse', () => {
  const trace = parseTrace(EVERYTHING);
  verifyTrace(trace, 'parsing');
  expect(printTrace(trace)).toBe(EVERYTHING);
  expect(parseTrace(printTrace(trace))).toEqual(trace);
});

test('links', () => {
  const text = 'trace 1 start=0 slots=0\nsnapshot 0 pc=8 {}\nlink root pc=64 trace=7 end=0\n';
  expect(parseTrace(text).link).toEqual({ kind: 'root', pc: 64, trace: 7 });
  expect(printTrace(parseTrace(text))).toBe(text);
});

test.each([
  ['no head', '%0 = BASE.i32'],
  ['unknown operation', 'trace 1 start=0 slots=0\n%0 = FOO.i32'],
  ['unknown property', 'trace 1 start=0 slots=0\n%0 = BASE.i32 slot=1'],
  ['unknown operand', 'trace 1 start=0 slots=0\n%0 = NEG.i64 x'],
  ['numbers going back', 'trace 1 start=0 slots=0\n%1 = BASE.i32\n%0 = BASE.i32'],
  ['unknown line', 'trace 1 start=0 slots=0\nfoo'],
])('%s is an error', (_, text) => {
  expect(() => parseTrace(text)).toThrow(TraceSyntaxError);
});
