/** Traces as words, as the JIT's core takes and gives them: the layout is described in jit/core/ir/flat.ts. */
import { IR_OPERATIONS, IR_TYPES, type IROpName } from './ir-table.ts';
import { OPERATION_NUMBERS } from './operations.ts';
import { type ConstantInstruction, type Snapshot, Trace, type TraceLink } from './trace.ts';
import { WordReader } from './word-reader.ts';

/** Places of the words that say what a trace is as a whole. */
export const Header = { number: 1, startPc: 2, parent: 3, parentExit: 4, functionProto: 5, link: 6, linkPc: 7, linkTrace: 8, instructions: 12, calls: 16, callsInRound: 17, endDepth: 18 } as const;
export const LINKS: readonly TraceLink['kind'][] = ['loop', 'root', 'side', 'return', 'interpreter'];
const bits = new DataView(new ArrayBuffer(8));

export function flattenTrace(trace: Trace): Int32Array<ArrayBuffer> {
  const { number, startPc, parent, functionProto, link, endSnapshot, resultSnapshot, stackSlots, instructions, constants, snapshots, deadSlots } = trace;
  const words: number[] = [
    0, number, startPc, parent?.trace ?? -1, parent?.exit ?? 0, functionProto, LINKS.indexOf(link.kind), link.kind === 'root' ? link.pc : 0, link.kind === 'root' ? link.trace : 0,
    endSnapshot, resultSnapshot, stackSlots, instructions.length, constants.length, snapshots.length, deadSlots.length,
    ...countCalls(instructions), snapshots[endSnapshot]?.frames.length ?? 0,
  ];
  for (const { op, type, a, b, c, immediate, immediate2, snapshot, args } of instructions) {
    words.push(OPERATION_NUMBERS[op], IR_TYPES.indexOf(type), a, b, c, immediate, immediate2, snapshot, args.length, ...args);
  }
  for (const { op, value } of constants) words.push(OPERATION_NUMBERS[op], ...constantWords(op, value));
  for (const { pc, length, entries, frames, inStack = [] } of snapshots) {
    words.push(pc, length, entries.length, frames.length, inStack.length);
    for (const { slot, ref, tag } of entries) words.push(slot, ref, tag);
    for (const { base, callerPc, results, kind } of frames) words.push(base, callerPc, results, kind);
    words.push(...inStack);
  }
  words.push(...deadSlots);
  words[0] = words.length;
  return Int32Array.from(words);
}

/** Calls of library functions in place: all, and behind the pre-roll, if there is one. */
function countCalls(instructions: Trace['instructions']): readonly [number, number] {
  const calls = instructions.flatMap(({ op }, place) => (op === 'CALLB' ? [place] : []));
  const loop = instructions.findIndex(({ op }) => op === 'LOOP');
  return [calls.length, calls.filter((place) => place > loop).length];
}

function constantWords(op: ConstantInstruction['op'], value: bigint | number): readonly [number, number] {
  if (op === 'KINT') bits.setBigInt64(0, value as bigint);
  else if (op === 'KFLT') bits.setFloat64(0, value as number);
  else bits.setBigInt64(0, BigInt(value));
  return [bits.getInt32(4), bits.getInt32(0)];
}

export function unflattenTrace(flat: Int32Array<ArrayBuffer>): Trace {
  const words = new WordReader(flat);
  words.next();
  const number = words.next();
  const startPc = words.address();
  const [parent, exit] = [words.next(), words.next()];
  const trace = new Trace(number, startPc, parent < 0 ? undefined : { trace: parent, exit }, words.address());
  const kind = LINKS[words.next()]!;
  const [pc, linked] = [words.address(), words.next()];
  trace.link = kind === 'root' ? { kind, pc, trace: linked } : { kind };
  [trace.endSnapshot, trace.resultSnapshot, trace.stackSlots] = [words.next(), words.next(), words.next()];
  const [instructionCount, constantCount, snapshotCount, deadCount] = words.list(7);
  for (let i = 0; i < instructionCount!; i++) {
    const [op, type] = [IR_OPERATIONS[words.next()]!.name as IROpName, IR_TYPES[words.next()]!];
    const [a, b, c, immediate, immediate2, snapshot] = words.list(6) as unknown as [number, number, number, number, number, number];
    trace.instructions.push({ op, type, a, b, c, immediate, immediate2, snapshot, args: Array.from(words.list()) });
  }
  for (let i = 0; i < constantCount!; i++) trace.constants.push(readConstant(words));
  for (let i = 0; i < snapshotCount!; i++) trace.snapshots.push(readSnapshot(words));
  trace.deadSlots = Array.from(words.list(deadCount!));
  return trace;
}

function readConstant(words: WordReader): ConstantInstruction {
  const op = IR_OPERATIONS[words.next()]!.name as ConstantInstruction['op'];
  bits.setInt32(4, words.next());
  bits.setInt32(0, words.next());
  if (op === 'KINT') return { op, type: 'i64', value: bits.getBigInt64(0) };
  if (op === 'KFLT') return { op, type: 'f64', value: bits.getFloat64(0) };
  return { op, type: 'i32', value: op === 'KPTR' ? bits.getUint32(4) : bits.getInt32(4) };
}

function readSnapshot(words: WordReader): Snapshot {
  const [pc, length, entryCount, frameCount, inStackCount] = [words.address(), words.next(), words.next(), words.next(), words.next()];
  const entries = Array.from({ length: entryCount }, () => ({ slot: words.next(), ref: words.next(), tag: words.next() }));
  const frames = Array.from({ length: frameCount }, () => ({ base: words.next(), callerPc: words.address(), results: words.next(), kind: words.address() }));
  const inStack = Array.from(words.list(inStackCount));
  return { pc, frames, entries, length, ...(inStack.length > 0 && { inStack }) };
}
