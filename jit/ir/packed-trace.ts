/** A trace in JSON: lists in place of objects, and as text what is no number there (integers of 64 bits, floats by their bits). */
import { type ConstantInstruction, type Instruction, type Snapshot, Trace, type TraceLink } from './trace.ts';

type PackedInstruction = readonly [
  op: Instruction['op'], type: Instruction['type'], a: number, b: number, c: number, immediate: number, immediate2: number, snapshot: number, ...args: number[],
];

type PackedSnapshot = readonly [
  pc: number, entries: readonly (readonly [slot: number, ref: number, tag: number])[], frames: readonly (readonly [base: number, callerPc: number, results: number, kind: number])[],
  length: number, inStack: readonly number[] | undefined,
];

export interface PackedTrace {
  readonly start: readonly [number: number, startPc: number, functionProto: number];
  readonly parent?: { readonly trace: number; readonly exit: number } | undefined;
  readonly instructions: readonly PackedInstruction[];
  readonly constants: readonly (readonly [op: ConstantInstruction['op'], type: ConstantInstruction['type'], value: number | string])[];
  readonly snapshots: readonly PackedSnapshot[];
  readonly link: TraceLink;
  readonly end: readonly [endSnapshot: number, resultSnapshot: number, stackSlots: number];
  readonly deadSlots: readonly number[];
}

const bits = new DataView(new ArrayBuffer(8));

export function packTrace(trace: Trace): PackedTrace {
  const { number, startPc, functionProto, parent, instructions, constants, snapshots, link, endSnapshot, resultSnapshot, stackSlots, deadSlots } = trace;
  return {
    start: [number, startPc, functionProto], parent, link, end: [endSnapshot, resultSnapshot, stackSlots], deadSlots,
    instructions: instructions.map(({ op, type, a, b, c, immediate, immediate2, snapshot, args }) => [op, type, a, b, c, immediate, immediate2, snapshot, ...args]),
    constants: constants.map(({ op, type, value }) => [op, type, packValue(op, value)]),
    snapshots: snapshots.map(packSnapshot),
  };
}

export function unpackTrace({ start, parent, instructions, constants, snapshots, link, end, deadSlots }: PackedTrace): Trace {
  const [number, startPc, functionProto] = start;
  const trace = new Trace(number, startPc, parent, functionProto);
  for (const [op, type, a, b, c, immediate, immediate2, snapshot, ...args] of instructions) trace.instructions.push({ op, type, a, b, c, immediate, immediate2, snapshot, args });
  for (const [op, type, value] of constants) trace.constants.push({ op, type, value: unpackValue(op, value) });
  trace.snapshots.push(...snapshots.map(unpackSnapshot));
  [trace.endSnapshot, trace.resultSnapshot, trace.stackSlots] = end;
  return Object.assign(trace, { link, deadSlots });
}

const packSnapshot = ({ pc, entries, frames, length, inStack }: Snapshot): PackedSnapshot => [
  pc, entries.map(({ slot, ref, tag }) => [slot, ref, tag]), frames.map(({ base, callerPc, results, kind }) => [base, callerPc, results, kind]), length, inStack,
];

const unpackSnapshot = ([pc, entries, frames, length, inStack]: PackedSnapshot): Snapshot => ({
  pc, entries: entries.map(([slot, ref, tag]) => ({ slot, ref, tag })), frames: frames.map(([base, callerPc, results, kind]) => ({ base, callerPc, results, kind })), length, ...(inStack && { inStack }),
});

function packValue(op: ConstantInstruction['op'], value: bigint | number): number | string {
  if (op === 'KINT') return `${value}`;
  if (op !== 'KFLT') return value as number;
  bits.setFloat64(0, value as number);
  return `${bits.getBigUint64(0)}`;
}

function unpackValue(op: ConstantInstruction['op'], value: number | string): bigint | number {
  if (op === 'KINT') return BigInt(value);
  if (op !== 'KFLT') return value as number;
  bits.setBigUint64(0, BigInt(value));
  return bits.getFloat64(0);
}
