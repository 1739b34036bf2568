/** Why a trace is left at an exit, in words: found from what its guard compares. */
import type { ReportReason } from '../../src/engine/jit-report.ts';
import { FIELDS, type IROpName } from '../ir/ir-table.ts';
import type { Instruction, IRRef, Trace } from '../ir/trace.ts';

const REASONS = {
  condition: { meaning: 'a condition (if, and, or, the end of a loop) went the other way than when it was compiled', advice: 'This is what branches are for. If both ways are taken often and in no order, do the work without the branch, or sort the data by it.' },
  type: { meaning: 'a value has another type', advice: 'Keep a variable or field to one type: no integer where there is a float at other times (write 0.0), no nil or false as a special value.' },
  kind: { meaning: 'an object has other fields or another metatable', advice: 'Set all fields of an object in its constructor, always in the same order, and do not set fields to be removed later.' },
  callee: { meaning: 'another function is called', advice: 'If a loop calls many different functions at one place, sort what it works on so that calls of the same one follow each other. Define functions once, not in the loop.' },
  list: { meaning: 'an index is outside of the list part of a table, or the table is not a plain list', advice: 'Fill lists from 1 upwards without gaps; make them before the hot loop, and keep lists and dictionaries apart.' },
  number: { meaning: 'a float has no integer value, or a number is out of range', advice: 'Use // and math.floor where an integer is wanted, and integers for indices.' },
  helper: { meaning: 'the short way through a table or string operation was not possible: a missing key, a metamethod, something to be done first', advice: 'Look up keys that exist; test with rawget or set a default where they often do not.' },
  builtin: { meaning: 'a library function did not simply return', advice: '' },
  memory: { meaning: 'there was no room at hand, or a collection was due', advice: 'Make fewer objects in the loop: use tables again, and table.concat in place of many `..`.' },
  other: { meaning: 'something that the code relies on has changed', advice: '' },
} as const satisfies Readonly<Record<string, Omit<ReportReason, 'name'>>>;

type ExitReason = keyof typeof REASONS;

const TAGS: ReadonlySet<IROpName> = new Set(['STAG', 'ATAG', 'HTAG', 'UTAG', 'DTAG', 'RTAG', 'SLOAD']);

/** What a compared value tells of the reason, by the operation it comes from. */
function reasonOfOperand(trace: Trace, ref: IRRef): ExitReason | undefined {
  const instruction = trace.instructions[ref];
  if (instruction === undefined) return undefined;
  const { op, type, immediate } = instruction;
  if (op === 'FLOAD') {
    const field = FIELDS[immediate]?.name ?? 'upvalue';
    if (field === 'table.shape' || field === 'table.metatable') return 'kind';
    if (field === 'closure.proto' || field === 'builtin.id') return 'callee';
    return field.startsWith('table.') ? 'list' : 'other';
  }
  if (TAGS.has(op) && type === 'i32') return 'type';
  return op === 'CALL' ? 'helper' : op === 'VMLOAD' ? 'other' : undefined;
}

function reasonOfGuard(trace: Trace, { a }: Instruction): ExitReason {
  const condition = trace.instructions[a];
  if (condition === undefined) return 'condition';
  if (condition.op === 'ISINT') return 'number';
  if (condition.op === 'CALL') return 'helper';
  const operands = [condition.a, condition.b];
  if (operands.some((ref) => ref < 0 && trace.constants[~ref]?.op === 'KPTR' && condition.op !== 'LT')) {
    return operands.map((ref) => reasonOfOperand(trace, ref)).find((reason) => reason !== undefined && reason !== 'type') ?? 'callee';
  }
  return operands.map((ref) => reasonOfOperand(trace, ref)).find((reason) => reason !== undefined) ?? 'condition';
}

/** Why exits with this snapshot are taken; the first of several reasons. */
export function exitReason(trace: Trace, snapshot: number): ReportReason {
  const instruction = trace.instructions.find((candidate) => candidate.snapshot === snapshot);
  const name = instruction === undefined ? 'other' : nameOf(trace, instruction);
  return { name, ...REASONS[name] };
}

function nameOf(trace: Trace, instruction: Instruction): ExitReason {
  switch (instruction.op) {
    case 'GUARD':
    case 'GUARDN':
      return reasonOfGuard(trace, instruction);
    case 'SLOAD':
      return 'type';
    case 'CALLB':
      return 'builtin';
    case 'APPEND_ROOM':
    case 'SLOT_ROOM':
      return 'memory';
    case 'CALL':
      return 'helper';
    default:
      return 'other';
  }
}
