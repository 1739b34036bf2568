/**
 * The textual form of a trace: one line per instruction, snapshot and property. `parse.ts` reads exactly this, so that passes are tested
 * with text in and text out, and a dump can be fed back.
 *
 *     trace 1 start=4096 slots=8
 *     %0 = SLOAD.i64 slot=1 tag=int exit=0
 *     %1 = ADD.i64 %0, 1
 *     %2 = CALL.f64 sin(f:0.5)
 *     snapshot 0 pc=4096 { 1: int %0; 2: nil }
 *     link loop end=1
 *
 * Constants: 5 an integer, f:0.5 a float, i:5 a 32-bit number, @4096 an address. `_` is no operand. NOPs are not printed.
 */
import { TAG_LIGHT, TAG_THREAD } from '../../src/bytecode/layout.ts';
import { fieldAt, helperAt, OPERATIONS } from './operations.ts';
import { type Instruction, type IRRef, NONE, type Snapshot, type Trace } from './trace.ts';

/** Names of the tags a value can have, by number. */
export const TAG_NAMES = ['nil', 'false', 'true', 'int', 'float', 'light', 'string', 'table', 'closure', 'builtin', 'userdata', 'thread'] as const;

const bitsView = new DataView(new ArrayBuffer(8));

export function printTrace(trace: Trace): string {
  const parent = trace.parent === undefined ? '' : ` parent=${trace.parent.trace}:${trace.parent.exit}`;
  const whole = trace.functionProto === 0 ? '' : ` function=${trace.functionProto}`;
  const lines = [`trace ${trace.number} start=${trace.startPc} slots=${trace.stackSlots}${parent}${whole}`];
  trace.instructions.forEach((instruction, ref) => {
    if (instruction.op !== 'NOP') lines.push(printInstruction(trace, ref, instruction));
  });
  for (const [index, snapshot] of trace.snapshots.entries()) lines.push(printSnapshot(trace, index, snapshot));
  const { link } = trace;
  const target = link.kind === 'root' ? ` pc=${link.pc} trace=${link.trace}` : '';
  const results = link.kind === 'return' ? ` results=${trace.resultSnapshot}` : '';
  lines.push(`link ${link.kind}${target} end=${trace.endSnapshot}${results}`);
  return `${lines.join('\n')}\n`;
}

/** One instruction as a line. */
export function printInstruction(trace: Trace, ref: IRRef, instruction: Instruction): string {
  const { op, type, a, b, c, immediate, immediate2, args, snapshot } = instruction;
  const description = OPERATIONS[op];
  const words: string[] = [];
  if (op === 'CALL') words.push(`${helperAt(immediate).name}(${args.map((arg) => printRef(trace, arg)).join(', ')})`);
  else if (description.operands.length > 0) words.push([a, b, c].slice(0, description.operands.length).map((operand) => printRef(trace, operand)).join(', '));
  if (description.immediate === 'field') words.push(`field=${fieldAt(immediate).name}`);
  else if (description.immediate !== undefined && op !== 'CALL') words.push(`${description.immediate}=${immediate}`);
  if (description.immediate2 === 'tag') words.push(`tag=${printTag(immediate2)}`);
  else if (description.immediate2 !== undefined) words.push(`${description.immediate2}=${immediate2}`);
  if (snapshot >= 0) words.push(`exit=${snapshot}`);
  return [`%${ref} =`, type === 'void' ? op : `${op}.${type}`, ...words].join(' ');
}

/** A reference: a constant by its value. */
export function printRef(trace: Trace, ref: IRRef): string {
  if (ref === NONE) return '_';
  if (ref >= 0) return `%${ref}`;
  const { op, value } = trace.constants[~ref]!;
  switch (op) {
    case 'KINT':
      return `${value}`;
    case 'KFLT':
      return `f:${printFloat(value as number)}`;
    case 'KI32':
      return `i:${value}`;
    case 'KPTR':
      return `@${value}`;
  }
}

function printFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (!Number.isNaN(value)) return `${value}`;
  bitsView.setFloat64(0, value);
  return `nan:${bitsView.getBigUint64(0).toString(16)}`;
}

const printTag = (tag: number): string => (tag <= TAG_THREAD ? TAG_NAMES[tag]! : `${tag}`);

function printSnapshot(trace: Trace, index: number, { pc, frames, entries, inStack = [] }: Snapshot): string {
  const values = entries.map(({ slot, ref, tag }) => `${slot}: ${printTag(tag)}${ref === NONE && tag < TAG_LIGHT ? '' : ` ${printRef(trace, ref)}`}`);
  const calls = frames.map((frame) => ` [base=${frame.base} caller=${frame.callerPc} results=${frame.results} kind=${frame.kind}]`);
  const kept = inStack.length === 0 ? '' : ` [stack=${inStack.join(',')}]`;
  return `snapshot ${index} pc=${pc} {${values.length === 0 ? '' : ` ${values.join('; ')} `}}${calls.join('')}${kept}`;
}
