/** Text in, text out, for tests of passes. */
import { OPERATIONS } from '../../../jit/ir/operations.ts';
import { parseTrace } from '../../../jit/build/parse.ts';
import { printRef, printTrace } from '../../../jit/ir/print.ts';
import { type IRRef, NONE, type Trace } from '../../../jit/ir/trace.ts';
import { DEFAULT_OPTIONS, type OptimiserOptions } from '../../../jit/build/options.ts';
import { rebuilt, rebuiltAndOptimised, withoutDead } from './core.ts';

const NO_PASSES: OptimiserOptions = { fold: false, cse: false, forward: false, loop: false, dse: false, dce: false, verify: true };

/** Removes the indentation of a template string. */
export function dedent(text: string): string {
  return `${text.split('\n').map((line) => line.trim()).filter((line) => line !== '').join('\n')}\n`;
}

/** A trace after these eliminations, and no emission. */
export const eliminated = (text: string, { dse = false, dce = false }): string => printTrace(withoutDead(parseTrace(text), { ...NO_PASSES, dse, dce }));

/** A recording through all passes. */
export const fully = (text: string): string => printTrace(rebuiltAndOptimised(parseTrace(text), { ...DEFAULT_OPTIONS, verify: true }));

const NAMES = ['x', 'y', 'f', 'g', 'p', 'q'];

/**
 * Emits lines behind loads of the integers x, y (%0, %1), the floats f, g (%2, %3) and the tables p, q (%4, %5), the first line being %6, and
 * shows what became of the last one as a term.
 */
export function folded(lines: string): string {
  const type = /\.(i64|f64|i32)[^\n]*$/.exec(lines.trim())![1]!;
  const last = 5 + lines.trim().split('\n').length;
  const loads = ['i64 slot=0 tag=int', 'i64 slot=1 tag=int', 'f64 slot=2 tag=float', 'f64 slot=3 tag=float', 'i32 slot=4 tag=table', 'i32 slot=5 tag=table'];
  const body = lines.trim().split('\n').map((line, index) => `%${6 + index} = ${line.trim()}`);
  const source = parseTrace([
    'trace 1 start=0 slots=8', ...loads.map((load, index) => `%${index} = SLOAD.${load}`), ...body,
    'snapshot 0 pc=0 {}', `snapshot 1 pc=0 { 0: ${type === 'i64' ? 'int' : type === 'f64' ? 'float' : 'light'} %${last} }`, 'link interpreter end=1',
  ].join('\n'));
  const trace = rebuilt(source, { ...NO_PASSES, fold: true, cse: true });
  return term(trace, trace.snapshots[trace.endSnapshot]!.entries[0]!.ref);
}

function term(trace: Trace, ref: IRRef): string {
  if (ref < 0) return printRef(trace, ref);
  const { op, a, b, c, immediate } = trace.instructions[ref]!;
  if (op === 'SLOAD') return NAMES[immediate]!;
  const operands = [a, b, c].slice(0, OPERATIONS[op].operands.length).filter((operand) => operand !== NONE);
  return `${op}(${operands.map((operand) => term(trace, operand)).join(', ')})`;
}
