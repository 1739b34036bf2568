/** Forwarding, CSE of loads, and the alias analysis behind them: which reference does the last load of a trace become? */
import { describe, expect, test } from 'vitest';
import { parseTrace } from '../../../jit/build/parse.ts';
import { printRef } from '../../../jit/ir/print.ts';
import { DEFAULT_OPTIONS } from '../../../jit/build/options.ts';
import { rebuilt } from '../passes/core.ts';

/** %0 and %1 are tables, %2 and %3 integers, %4 a float; the lines start at %5 and each load is guarded by nothing: only places matter. */
function lastLoad(lines: string): string {
  const body = lines.trim().split('\n').map((line, index) => `%${5 + index} = ${line.trim()}`);
  const type = /\.(i64|f64|i32)/.exec(body.at(-1)!)![1]!;
  const source = parseTrace([
    'trace 1 start=0 slots=8',
    '%0 = SLOAD.i32 slot=0 tag=table', '%1 = SLOAD.i32 slot=1 tag=table', '%2 = SLOAD.i64 slot=2 tag=int', '%3 = SLOAD.i64 slot=3 tag=int',
    '%4 = SLOAD.f64 slot=4 tag=float', ...body, 'snapshot 0 pc=0 {}',
    `snapshot 1 pc=0 { 9: ${type === 'i64' ? 'int' : type === 'f64' ? 'float' : 'light'} %${4 + body.length} }`, 'link interpreter end=1',
  ].join('\n'));
  const trace = rebuilt(source, DEFAULT_OPTIONS);
  const { ref } = trace.snapshots[trace.endSnapshot]!.entries[0]!;
  return ref >= 0 && trace.instructions.length === ref + 1 && /LOAD|TAG/.test(trace.instructions[ref]!.op) ? 'loaded' : printRef(trace, ref);
}

const CASES: Record<string, readonly (readonly [string, string, string])[]> = {
  fields: [
    ['stored value', 'FSTORE %0, i:5 field=table.length\nFLOAD.i32 %0 field=table.length', 'i:5'],
    ['other field', 'FLOAD.i32 %0 field=table.length\nFSTORE %0, i:5 field=table.shape\nFLOAD.i32 %0 field=table.length', '%5'],
    ['other table, perhaps the same', 'FSTORE %0, i:5 field=table.length\nFSTORE %1, i:6 field=table.length\nFLOAD.i32 %0 field=table.length', 'loaded'],
    ['a call kills', 'FLOAD.i32 %0 field=table.length\nCALL.i32 traceTableSet(%0, i:0, i:0)\nFLOAD.i32 %0 field=table.length', 'loaded'],
    ['but not invariant fields', 'FLOAD.i32 %0 field=closure.proto\nCALL.i32 traceTableSet(%0, i:0, i:0)\nFLOAD.i32 %0 field=closure.proto', '%5'],
    ['a pure call does not', 'FLOAD.i32 %0 field=table.length\nCALL.f64 sin(%4)\nFLOAD.i32 %0 field=table.length', '%5'],
    ['room moves the array', 'FLOAD.i32 %0 field=table.array\nAPPEND_ROOM %1, i:0 exit=0\nFLOAD.i32 %0 field=table.array', 'loaded'],
    ['and not the slots', 'FLOAD.i32 %0 field=table.slots\nAPPEND_ROOM %1, i:0 exit=0\nFLOAD.i32 %0 field=table.slots', '%5'],
    ['a byte cuts off', 'FSTORE %0, i:300 field=table.kind\nFLOAD.i32 %0 field=table.kind', 'loaded'],
  ],
  records: [
    ['payload', 'HSTORE %0, %2 index=1 tag=int\nHLOAD.i64 %0 index=1', '%2'],
    ['tag', 'HSTORE %0, %2 index=1 tag=int\nHTAG.i32 %0 index=1', 'i:3'],
    ['other slot', 'HSTORE %0, %2 index=1 tag=int\nHSTORE %1, %3 index=2 tag=int\nHLOAD.i64 %0 index=1', '%2'],
    ['other type, other place', 'HSTORE %0, %2 index=1 tag=int\nHSTORE %1, %4 index=1 tag=float\nHLOAD.i64 %0 index=1', '%2'],
    ['but tags are reloaded', 'HSTORE %0, %2 index=1 tag=int\nHSTORE %1, %4 index=1 tag=float\nHTAG.i32 %0 index=1', 'loaded'],
    ['through slots that moved', 'FLOAD.i32 %0 field=table.slots\nHSTORE %5, %2 index=0 tag=int\nSLOT_ROOM %0 index=1 exit=0\nFLOAD.i32 %0 field=table.slots\nHLOAD.i64 %8 index=0', '%2'],
    [
      'tables of different shape',
      `FLOAD.i32 %0 field=table.shape\nEQ.i32 %5, @64\nGUARD %6 exit=0\nFLOAD.i32 %1 field=table.shape\nEQ.i32 %8, @96\nGUARD %9 exit=0
       FLOAD.i32 %0 field=table.slots\nFLOAD.i32 %1 field=table.slots\nHSTORE %11, %2 index=0 tag=int\nHSTORE %12, %3 index=0 tag=int\nHLOAD.i64 %11 index=0`,
      '%2',
    ],
    [
      'tables of one shape',
      `FLOAD.i32 %0 field=table.shape\nEQ.i32 %5, @64\nGUARD %6 exit=0\nFLOAD.i32 %1 field=table.shape\nEQ.i32 %8, @64\nGUARD %9 exit=0
       FLOAD.i32 %0 field=table.slots\nFLOAD.i32 %1 field=table.slots\nHSTORE %11, %2 index=0 tag=int\nHSTORE %12, %3 index=0 tag=int\nHLOAD.i64 %11 index=0`,
      'loaded',
    ],
    ['an unknown call kills', 'HLOAD.i64 %0 index=1\nCALLB i:1 slot=5 count=0 exit=0\nHLOAD.i64 %0 index=1', 'loaded'],
  ],
  arrays: [
    ['element', 'WRAP.i32 %2\nASTORE %0, %5, %4\nALOAD.f64 %0, %5', '%4'],
    ['next element', 'WRAP.i32 %2\nADD.i64 %2, 1\nWRAP.i32 %6\nASTORE %0, %5, %4\nASTORE %1, %7, f:1\nALOAD.f64 %0, %5', '%4'],
    ['unrelated index', 'WRAP.i32 %2\nWRAP.i32 %3\nASTORE %0, %5, %4\nASTORE %0, %6, f:1\nALOAD.f64 %0, %5', 'loaded'],
    ['integers are elsewhere', 'WRAP.i32 %2\nWRAP.i32 %3\nASTORE %0, %5, %4\nASTORE %1, %6, %2\nALOAD.f64 %0, %5', '%4'],
    ['appending is behind what was there', 'FLOAD.i32 %0 field=table.length\nZEXT.i64 %5\nADD.i64 %6, -1\nWRAP.i32 %7\nASTORE %0, %8, %4\nASTORE %0, %5, f:1\nALOAD.f64 %0, %8', '%4'],
    ['constant indexes', 'ASTORE %0, i:1, %4\nASTORE %0, i:2, f:1\nALOAD.f64 %0, i:1', '%4'],
  ],
  'new tables': [
    ['start empty', 'CALL.i32 traceNewTable(i:4, i:0)\nFLOAD.i32 %5 field=table.length', 'i:0'],
    ['are nobody else', 'FLOAD.i32 %0 field=table.length\nCALL.i32 traceNewTable(i:4, i:0)\nFSTORE %6, i:1 field=table.length\nFLOAD.i32 %0 field=table.length', '%5'],
    ['are safe from calls', 'CALL.i32 traceNewTable(i:4, i:0)\nFSTORE %5, i:1 field=table.length\nCALL.i32 traceTableSet(%0, i:0, i:0)\nFLOAD.i32 %5 field=table.length', 'i:1'],
    ['until they escape', 'CALL.i32 traceNewTable(i:4, i:0)\nFSTORE %5, i:1 field=table.length\nHSTORE %0, %5 index=0 tag=table\nCALL.i32 traceTableSet(%0, i:0, i:0)\nFLOAD.i32 %5 field=table.length', 'loaded'],
    [
      'what is loaded later may be one that escaped',
      'CALL.i32 traceNewTable(i:4, i:0)\nFSTORE %5, i:1 field=table.length\nHSTORE %0, %5 index=0 tag=table\nHLOAD.i32 %1 index=0\nFSTORE %8, i:2 field=table.length\nFLOAD.i32 %5 field=table.length',
      'loaded',
    ],
    [
      'and not one that did not',
      'CALL.i32 traceNewTable(i:4, i:0)\nFSTORE %5, i:1 field=table.length\nHLOAD.i32 %1 index=0\nFSTORE %7, i:2 field=table.length\nFLOAD.i32 %5 field=table.length',
      'i:1',
    ],
  ],
  others: [
    ['upvalue', 'USTORE @64, %2 tag=int\nULOAD.i64 @64', '%2'],
    ['different upvalues', 'FLOAD.i32 @64 field=upvalue.location\nFLOAD.i32 @96 field=upvalue.location\nUSTORE %5, %2 tag=int\nUSTORE %6, %3 tag=int\nULOAD.i64 %5', '%2'],
    ['unknown upvalues', 'FLOAD.i32 %0 field=upvalue.location\nFLOAD.i32 %1 field=upvalue.location\nUSTORE %5, %2 tag=int\nUSTORE %6, %3 tag=int\nULOAD.i64 %5', 'loaded'],
    ['dictionary', 'DSTORE %0, %2 tag=int\nDTAG.i32 %0', 'i:3'],
    ['a lookup again', 'CALL.i32 traceTableGetString(%0, @64)\nDSTORE %5, %2 tag=int\nCALL.i32 traceTableGetString(%0, @64)', '%5'],
    ['scratch', 'RSTORE %2 index=0 tag=int\nRSTORE %3 index=1 tag=int\nRLOAD.i64 index=0', '%2'],
    ['the stack behind a call', 'LOADS.i64 slot=5\nCALLB i:1 slot=5 count=0 exit=0\nLOADS.i64 slot=5', 'loaded'],
    ['VM state', 'VMLOAD.i32 offset=1040\nCALL.f64 sin(%4)\nVMLOAD.i32 offset=1040', '%5'],
  ],
};

for (const [title, cases] of Object.entries(CASES)) {
  describe(title, () => {
    test.each(cases)('%s', (_, lines, expected) => expect(lastLoad(lines)).toBe(expected));
  });
}

test('a lookup is not repeated only while nothing is removed', () => {
  const lines = 'CALL.i32 traceTableGetString(%0, @64)\nDSTORE %5, _ tag=nil\nCALL.i32 traceTableGetString(%0, @64)';
  expect(lastLoad(lines)).toBe('%7');
});
