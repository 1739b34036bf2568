/** Traces in JSON: as they were, to the bit. */
import { expect, test } from 'vitest';
import { parseTrace } from '../../../jit/build/parse.ts';
import { packTrace, unpackTrace } from '../../../jit/ir/packed-trace.ts';
import { printTrace } from '../../../jit/ir/print.ts';
import { runJit } from '../record/harness.ts';

const throughText = (trace: Parameters<typeof packTrace>[0]) => unpackTrace(JSON.parse(JSON.stringify(packTrace(trace))) as ReturnType<typeof packTrace>);

test.each(['9223372036854775807', '-9223372036854775808', 'f:0.1', 'f:-0', 'f:Infinity', 'f:-Infinity', 'f:nan:7ff8000000000123', 'i:-1', '@4294967280'])('the constant %s', (constant) => {
  const trace = parseTrace(`trace 7 start=4096 slots=8 parent=3:2 function=64\nsnapshot 0 pc=4096 { 1: int ${constant}; 2: nil } [base=3 caller=4100 results=1 kind=0] [stack=4,5]\nlink return end=0 results=0`);
  expect(printTrace(throughText(trace))).toBe(printTrace(trace));
});

test('traces as they are recorded, all of them', () => {
  const { events } = runJit('local t, s = {}, 0.5 for i = 1, 200 do t[i] = { x = i, y = "n" .. i } s = s * 1.5 + #t[i].y if i % 3 == 0 then s = -s end end print(s)', { tunables: { share: 100, hotloop: 2, hotexit: 5 } });
  const traces = events.flatMap((event) => (event.kind === 'compiled' ? [event.trace] : []));
  expect(traces.length).toBeGreaterThan(1);
  for (const trace of traces) expect(throughText(trace)).toEqual(trace);
});
