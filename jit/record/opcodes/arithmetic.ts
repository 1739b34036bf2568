/**
 * Recording of arithmetic and bit operations with Lua's exact semantics: integers wrap in i64, mixed operands become floats, `/` and `^` are
 * floats, bit operations take floats with integer values. Anything but numbers goes to a metamethod.
 */
import { TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';
import { ARITHMETIC, type OpName } from '../../../src/bytecode/opcode-table.ts';
import type { IROpName } from '../../ir/ir-table.ts';
import { toFloat, toInteger } from '../access/convert.ts';
import type { MetamethodName } from '../core/heap-reader.ts';
import type { InstructionView } from '../core/instruction-view.ts';
import { binaryMetamethod, callMetamethod } from '../access/metamethod.ts';
import type { RecordFunction, Recording } from '../core/recording.ts';
import { hasPayload, isNumberTag, type Value } from '../core/value.ts';

type Arithmetic = (typeof ARITHMETIC)[number];

const BITWISE: ReadonlySet<string> = new Set(['BAND', 'BOR', 'BXOR', 'SHL', 'SHR', 'BNOT']);

/** An operand: its value, and where it is now. */
interface Operand {
  readonly value: Value;
  readonly slot: number;
}

function recordBinary(r: Recording, i: InstructionView, name: Arithmetic, a: Operand, b: Operand): void {
  if (!isNumberTag(a.value.tag) || !isNumberTag(b.value.tag)) return recordMetamethod(r, i, name.toLowerCase() as MetamethodName, a, b);
  r.write(i.a, BITWISE.has(name) ? recordBits(r, name, a, b) : recordNumbers(r, name, a, b));
}

function recordBits(r: Recording, name: IROpName, a: Operand, b: Operand): Value {
  return { ref: r.ir.emit(name, 'i64', toInteger(r, a.value, a.slot), toInteger(r, b.value, b.slot)), tag: TAG_INT };
}

function recordNumbers(r: Recording, name: Arithmetic, { value: a }: Operand, { value: b, slot }: Operand): Value {
  const { ir } = r;
  if (a.tag === TAG_INT && b.tag === TAG_INT && name !== 'DIV' && name !== 'POW') {
    if (name === 'IDIV' || name === 'MOD') {
      if (r.heap.int(slot) === 0n) r.abort('error', 'division by zero');
      r.guardNotEqual(b.ref, ir.int(0n));
    }
    return { ref: ir.emit(name, 'i64', a.ref, b.ref), tag: TAG_INT };
  }
  return { ref: ir.emit(name, 'f64', toFloat(r, a), toFloat(r, b)), tag: TAG_FLOAT };
}

function recordMetamethod(r: Recording, i: InstructionView, event: MetamethodName, a: Operand, b: Operand): void {
  const handler = binaryMetamethod(r, event, a.value, a.slot, b.value, b.slot);
  if (!hasPayload(handler.tag)) r.abort('unsupported-instruction', `arithmetic (${event}) on something that is no number`);
  callMetamethod(r, i, handler, [a.value, b.value]);
}

const register = (r: Recording, scaled: number): Operand => ({ value: r.read(scaled), slot: r.address(scaled) });
const constant = (r: Recording, scaled: number): Operand => ({ value: r.constant(scaled), slot: r.constantAddress(scaled) });

function recordUnary(r: Recording, i: InstructionView, event: 'unm' | 'bnot'): void {
  const operand = register(r, i.b);
  const { value, slot } = operand;
  if (!isNumberTag(value.tag)) recordMetamethod(r, i, event, operand, operand);
  else if (event === 'bnot') r.write(i.a, { ref: r.ir.emit('BNOT', 'i64', toInteger(r, value, slot)), tag: TAG_INT });
  else r.write(i.a, { ref: r.ir.emit('NEG', value.tag === TAG_INT ? 'i64' : 'f64', value.ref), tag: value.tag });
}

const binary = Object.fromEntries(
  ARITHMETIC.flatMap((name): [OpName, RecordFunction][] => [
    [name, (r, i) => recordBinary(r, i, name, register(r, i.b), register(r, i.c))],
    [`${name}K`, (r, i) => recordBinary(r, i, name, register(r, i.b), constant(r, i.c))],
  ]),
);

export const ARITHMETIC_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  ...binary,
  UNM: (r, i) => recordUnary(r, i, 'unm'),
  BNOT: (r, i) => recordUnary(r, i, 'bnot'),
};
