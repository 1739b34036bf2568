/** Reads the textual form of a trace (see print.ts). Instruction numbers left out become NOPs; `;` starts a comment behind an instruction. */
import { ConstantPool } from '../ir/constant-pool.ts';
import { Helper, type HelperName } from '../ir/helper-table.ts';
import { Field, type FieldName, type IROpName, type IRType, UPVALUE_FIELD } from '../ir/ir-table.ts';
import { OPERATIONS } from '../ir/operations.ts';
import { TAG_NAMES } from '../ir/print.ts';
import { type Instruction, type IRRef, NONE, type SnapshotEntry, type SnapshotFrame, Trace, type TraceLink } from '../ir/trace.ts';

/** The text is not a trace. */
export class TraceSyntaxError extends Error {
  override readonly name = 'TraceSyntaxError';
  constructor(what: string, line: string) {
    super(`${what}: ${line}`);
  }
}

const bitsView = new DataView(new ArrayBuffer(8));

/** @throws TraceSyntaxError */
export function parseTrace(text: string): Trace {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith(';'));
  const trace = parseHeader(lines.shift() ?? '');
  const constants = new ConstantPool(trace);
  for (const line of lines) {
    if (line.startsWith('%')) parseInstruction(constants, line.replace(/\s*;.*/, ''));
    else if (line.startsWith('snapshot')) parseSnapshot(constants, line);
    else if (line.startsWith('link')) parseLink(trace, line);
    else throw new TraceSyntaxError('unknown line', line);
  }
  return trace;
}

function parseHeader(line: string): Trace {
  const match = /^trace (\d+) start=(\d+) slots=(\d+)(?: parent=(\d+):(\d+))?(?: function=(\d+))?$/.exec(line);
  if (match === null) throw new TraceSyntaxError('not the head of a trace', line);
  const [, number, start, slots, parent, exit, whole = 0] = match;
  const trace = new Trace(Number(number), Number(start), parent === undefined ? undefined : { trace: Number(parent), exit: Number(exit) }, Number(whole));
  trace.stackSlots = Number(slots);
  return trace;
}

function parseInstruction(constants: ConstantPool, line: string): void {
  const match = /^%(\d+) = ([A-Z0-9_]+)(?:\.(\w+))?(.*)$/.exec(line);
  if (match === null) throw new TraceSyntaxError('not an instruction', line);
  const [, ref, op, type = 'void', rest = ''] = match;
  if (OPERATIONS[op as IROpName] === undefined) throw new TraceSyntaxError('unknown operation', line);
  const { instructions } = constants.trace;
  if (Number(ref) < instructions.length) throw new TraceSyntaxError('numbers go back', line);
  while (instructions.length < Number(ref)) instructions.push(blank('NOP', 'void'));
  const instruction = blank(op as IROpName, type as IRType);
  const call = /^ (\w+)\(([^)]*)\)/.exec(rest);
  if (call !== null) {
    instruction.immediate = Helper[call[1] as HelperName] ?? fail('unknown helper', line);
    instruction.args = parseOperands(constants, call[2]!, line);
  } else {
    const [a = NONE, b = NONE, c = NONE] = parseOperands(constants, rest.replace(/\w+=.*/, ''), line);
    Object.assign(instruction, { a, b, c });
  }
  for (const [, key, value] of rest.matchAll(/(\w+)=(\S+)/g)) parseProperty(instruction, key!, value!, line);
  instructions.push(instruction);
}

function blank(op: IROpName, type: IRType): Instruction {
  return { op, type, a: NONE, b: NONE, c: NONE, immediate: 0, immediate2: 0, args: [], snapshot: -1 };
}

function parseProperty(instruction: Instruction, key: string, value: string, line: string): void {
  const { immediate, immediate2 } = OPERATIONS[instruction.op];
  if (key === 'exit') instruction.snapshot = Number(value);
  else if (key === 'field') instruction.immediate = parseField(value, line);
  else if (key === 'tag') instruction.immediate2 = parseTag(value, line);
  else if (key === immediate) instruction.immediate = Number(value);
  else if (key === immediate2) instruction.immediate2 = Number(value);
  else throw new TraceSyntaxError(`no property ${key} here`, line);
}

function parseField(name: string, line: string): number {
  const upvalue = /^upvalue(\d+)$/.exec(name);
  return upvalue !== null ? UPVALUE_FIELD + Number(upvalue[1]) : (Field[name as FieldName] ?? fail('unknown field', line));
}

function parseTag(name: string, line: string): number {
  const tag = (TAG_NAMES as readonly string[]).indexOf(name);
  return tag >= 0 ? tag : /^\d+$/.test(name) ? Number(name) : fail('unknown tag', line);
}

function parseOperands(constants: ConstantPool, text: string, line: string): IRRef[] {
  return text.trim() === '' ? [] : text.split(',').map((word) => parseRef(constants, word.trim(), line));
}

function parseRef(constants: ConstantPool, word: string, line: string): IRRef {
  if (word === '_') return NONE;
  if (word.startsWith('%')) return Number(word.slice(1));
  if (word.startsWith('@')) return constants.pointer(Number(word.slice(1)));
  if (word.startsWith('i:')) return constants.i32(Number(word.slice(2)));
  if (word.startsWith('f:nan:')) {
    bitsView.setBigUint64(0, BigInt(`0x${word.slice(6)}`));
    return constants.float(bitsView.getFloat64(0));
  }
  if (word.startsWith('f:')) return constants.float(Number(word.slice(2)));
  return /^-?\d+$/.test(word) ? constants.int(BigInt(word)) : fail('not an operand', line);
}

function parseSnapshot(constants: ConstantPool, line: string): void {
  const match = /^snapshot (\d+) pc=(\d+) \{(.*?)\}(.*)$/.exec(line);
  if (match === null) throw new TraceSyntaxError('not a snapshot', line);
  const [, index, pc, values = '', calls = ''] = match;
  const { snapshots } = constants.trace;
  if (Number(index) !== snapshots.length) throw new TraceSyntaxError('snapshots are numbered from 0', line);
  const entries = values.split(';').filter((entry) => entry.trim() !== '').map((entry): SnapshotEntry => {
    const [, slot, tag, ref] = /^\s*(-?\d+): (\w+)(?: (\S+))?\s*$/.exec(entry) ?? fail('not a slot', line);
    return { slot: Number(slot), tag: parseTag(tag!, line), ref: ref === undefined ? NONE : parseRef(constants, ref, line) };
  });
  const frames = [...calls.matchAll(/\[base=(-?\d+) caller=(\d+) results=(-?\d+) kind=(\d+)\]/g)].map(([, base, caller, results, kind]): SnapshotFrame => ({
    base: Number(base), callerPc: Number(caller), results: Number(results), kind: Number(kind),
  }));
  const inStack = /\[stack=([-\d,]+)\]/.exec(calls)?.[1]?.split(',').map(Number);
  snapshots.push({ pc: Number(pc), entries, frames, length: 0, ...(inStack && { inStack }) });
}

function parseLink(trace: Trace, line: string): void {
  const match = /^link (loop|interpreter|root|side|return)(?: pc=(\d+) trace=(\d+))? end=(-?\d+)(?: results=(\d+))?$/.exec(line);
  if (match === null) throw new TraceSyntaxError('not a link', line);
  const [, kind, pc, number, end, results = -1] = match;
  trace.link = kind === 'root' ? { kind, pc: Number(pc), trace: Number(number) } : { kind: kind as Exclude<TraceLink['kind'], 'root'> };
  trace.endSnapshot = Number(end);
  trace.resultSnapshot = Number(results);
}

function fail(what: string, line: string): never {
  throw new TraceSyntaxError(what, line);
}
