/**
 * Recording of comparisons and tests. The condition is emitted before the step; whether it held is seen from where the program went, and
 * becomes the guard. Comparisons of an integer with a float are exact (manual, section 3.4.4): the integer becomes a float if it is proved to
 * have an exact one; else the float is rounded to the integer that decides the comparison in the same way.
 */
import { COMPARISON_NEGATED, TAG_FLOAT, TAG_STRING, TAG_TABLE, TAG_USERDATA } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import type { IROpName } from '../../ir/ir-table.ts';
import type { IRRef } from '../../ir/trace.ts';
import { floatToInteger, isIntegral } from '../access/convert.ts';
import { type InstructionView, jumpTarget } from '../core/instruction-view.ts';
import { type Condition, type Operand, rawEquality } from '../access/equality.ts';
import { binaryMetamethod, callMetamethod } from '../access/metamethod.ts';
import type { AfterStep, RecordFunction, Recording } from '../core/recording.ts';
import { hasPayload, isFalsyTag, isNumberTag } from '../core/value.ts';

type Order = 'LT' | 'LE' | 'GT' | 'GE';

/** Integers up to here have an exact float. */
const EXACT = 2n ** 53n;

/** Where the rounding of a float keeps the truth of `integer <op> float`. */
const ROUNDING: Readonly<Record<Order, IROpName>> = { LT: 'CEIL', LE: 'FLOOR', GT: 'FLOOR', GE: 'CEIL' };
const SWAPPED: Readonly<Record<Order, Order>> = { LT: 'GT', LE: 'GE', GT: 'LT', GE: 'LE' };

/** Guards a condition by what the program does. Nothing to guard where both ways are one. */
function guardJump(r: Recording, i: InstructionView, condition: Condition): AfterStep | undefined {
  const target = jumpTarget(i);
  if (typeof condition === 'boolean' || target === i.next) return undefined;
  return () => r.ir.guard(condition, (r.heap.frame.pc === target) === (i.k !== 0));
}

function compareNumbers(r: Recording, order: Order, a: Operand, b: Operand): Condition {
  const { ir } = r;
  if (a.value.tag === b.value.tag) return ir.emit(order, 'i32', a.value.ref, b.value.ref);
  if (a.value.tag === TAG_FLOAT) return compareNumbers(r, SWAPPED[order], b, a);
  const integer = r.heap.int(a.slot);
  if (integer >= -EXACT && integer <= EXACT) {
    const shifted = ir.emit('ADD', 'i64', a.value.ref, ir.int(EXACT));
    ir.guard(ir.emit('ULT', 'i32', shifted, ir.int(2n * EXACT + 1n)), true);
    return ir.emit(order, 'i32', ir.emit('I2F', 'f64', a.value.ref), b.value.ref);
  }
  return compareWithRounded(r, order, a.value.ref, b);
}

/** Compares an integer of any size with a float. */
function compareWithRounded(r: Recording, order: Order, integer: IRRef, b: Operand): Condition {
  const { ir } = r;
  const number = r.heap.float(b.slot);
  const rounding = ROUNDING[order];
  if (!isIntegral(rounding === 'CEIL' ? Math.ceil(number) : Math.floor(number))) {
    // Infinite, NaN or beyond all integers: the same for every integer as long as the float is this one.
    if (Number.isNaN(number)) {
      ir.guard(ir.emit('EQ', 'i32', b.value.ref, b.value.ref), false);
      return false;
    }
    r.guardEqual(b.value.ref, ir.float(number));
    return number > 0 === (order === 'LT' || order === 'LE');
  }
  return ir.emit(order, 'i32', integer, floatToInteger(r, ir.emit(rounding, 'f64', b.value.ref)));
}

function recordOrder(r: Recording, i: InstructionView, order: 'LT' | 'LE', a: Operand, b: Operand): AfterStep | undefined | void {
  if (isNumberTag(a.value.tag) && isNumberTag(b.value.tag)) return guardJump(r, i, compareNumbers(r, order, a, b));
  if (a.value.tag === TAG_STRING && b.value.tag === TAG_STRING) {
    const difference = r.ir.call('traceCompareStrings', a.value.ref, b.value.ref);
    return guardJump(r, i, r.ir.emit(order, 'i32', difference, r.ir.i32(0)));
  }
  const handler = binaryMetamethod(r, order === 'LT' ? 'lt' : 'le', a.value, a.slot, b.value, b.slot);
  if (!hasPayload(handler.tag) && order === 'LE') {
    const opposite = binaryMetamethod(r, 'lt', b.value, b.slot, a.value, a.slot);
    if (hasPayload(opposite.tag)) return callMetamethod(r, i, opposite, [b.value, a.value], COMPARISON_NEGATED);
  }
  if (!hasPayload(handler.tag)) r.abort('error', 'a comparison of incomparable values');
  callMetamethod(r, i, handler, [a.value, b.value]);
}

function recordEqual(r: Recording, i: InstructionView, a: Operand, b: Operand): AfterStep | undefined | void {
  const { tag } = a.value;
  if (tag !== b.value.tag || (tag !== TAG_TABLE && tag !== TAG_USERDATA) || a.value.ref === b.value.ref) {
    return guardJump(r, i, rawEquality(r, a, b));
  }
  const condition = rawEquality(r, a, b);
  if (typeof condition === 'boolean' || r.heap.pointer(a.slot) === r.heap.pointer(b.slot)) return guardJump(r, i, condition);
  if (tag === TAG_USERDATA) r.abort('unsupported-metamethod', 'a userdata');
  // Different tables: equal only by a metamethod.
  r.ir.guard(condition, false);
  const handler = binaryMetamethod(r, 'eq', a.value, a.slot, b.value, b.slot);
  if (hasPayload(handler.tag)) callMetamethod(r, i, handler, [a.value, b.value]);
}

/** K[B] compared as a number: a < K, a <= K, K < a, K <= a. */
function withConstant(order: Order): RecordFunction {
  return (r, i) => {
    const a = register(r, i.a);
    const b = constant(r, i.b);
    if (isNumberTag(a.value.tag)) return guardJump(r, i, compareNumbers(r, order, a, b));
    const isSwapped = order === 'GT' || order === 'GE';
    return recordOrder(r, i, order === 'LT' || order === 'GT' ? 'LT' : 'LE', isSwapped ? b : a, isSwapped ? a : b) ?? undefined;
  };
}

const register = (r: Recording, scaled: number): Operand => ({ value: r.read(scaled), slot: r.address(scaled) });
const constant = (r: Recording, scaled: number): Operand => ({ value: r.constant(scaled), slot: r.constantAddress(scaled) });

export const COMPARE_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  EQ: (r, i) => recordEqual(r, i, register(r, i.a), register(r, i.b)),
  EQK: (r, i) => guardJump(r, i, rawEquality(r, register(r, i.a), constant(r, i.b))),
  LT: (r, i) => recordOrder(r, i, 'LT', register(r, i.a), register(r, i.b)),
  LE: (r, i) => recordOrder(r, i, 'LE', register(r, i.a), register(r, i.b)),
  LTK: withConstant('LT'),
  LEK: withConstant('LE'),
  GTK: withConstant('GT'),
  GEK: withConstant('GE'),
  // The tag is guarded by reading the register; truth follows from it.
  TEST: (r, { a }) => void r.read(a),
  TESTSET: (r, { a, b, k }) => {
    const value = r.read(b);
    if (!isFalsyTag(value.tag) === (k !== 0)) r.write(a, value);
  },
};
