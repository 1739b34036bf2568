/**
 * Recording of comparisons and tests. The condition is emitted before the step; whether it held is seen from where the program went, and
 * becomes the guard. Comparisons of an integer with a float are exact (manual, section 3.4.4): the integer becomes a float if it is proved to
 * have an exact one; else the float is rounded to the integer that decides the comparison in the same way.
 */
import { COMPARISON_NEGATED, TAG_FLOAT, TAG_STRING, TAG_TABLE, TAG_USERDATA } from '../../../../src/bytecode/layout';
import { EVENT_EQ, EVENT_LE, EVENT_LT } from '../../../../src/core/generated/metamethods';
import { Abort, Helper, Op, Type } from '../../generated/ir-tables';
import { Ref } from '../../ir/trace';
import { floatToInteger, isIntegral } from '../access/convert';
import { Condition, known, Operand, rawEquality } from '../access/equality';
import { binaryMetamethod, callMetamethod } from '../access/metamethod';
import * as heap from '../core/heap';
import { InstructionView, jumpTarget } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, isFalsyTag, isNumberTag } from '../core/value';
import { constantOperand, registerOperand } from './operands';

/** Integers up to here have an exact float. */
const EXACT: i64 = <i64>1 << 53;

/** Where the rounding of a float keeps the truth of `integer <op> float`. */
const roundingOf = (order: i32): i32 => (order == Op.LT || order == Op.GE ? Op.CEIL : Op.FLOOR);

/** The comparison of the operands in the other order. */
function swapped(order: i32): i32 {
  switch (order) {
    case Op.LT: return Op.GT;
    case Op.LE: return Op.GE;
    case Op.GT: return Op.LT;
    default: return Op.LE;
  }
}

/** Guards a condition by what the program does. Nothing to guard where both ways are one. */
function guardJump(i: InstructionView, condition: Condition): AfterStep | null {
  return condition.isKnown || jumpTarget(i) == i.next ? null : new JumpGuard(i, condition.ref);
}

/** Did the program jump? */
class JumpGuard extends AfterStep {
  constructor(private i: InstructionView, private condition: Ref) {
    super();
  }

  run(r: Recording): void {
    const hasJumped = heap.frame().pc == jumpTarget(this.i);
    r.ir.guard(this.condition, hasJumped == (this.i.k != 0));
  }
}

/** @param order Op.LT, LE, GT or GE */
function compareNumbers(r: Recording, order: i32, a: Operand, b: Operand): Condition {
  const ir = r.ir;
  if (a.value.tag == b.value.tag) return new Condition(ir.emit(order, Type.I32, a.value.ref, b.value.ref));
  if (a.value.tag == TAG_FLOAT) return compareNumbers(r, swapped(order), b, a);
  const integer = heap.int(a.slot);
  if (integer >= -EXACT && integer <= EXACT) {
    const shifted = ir.emit(Op.ADD, Type.I64, a.value.ref, ir.int(EXACT));
    ir.guard(ir.emit(Op.ULT, Type.I32, shifted, ir.int(2 * EXACT + 1)), true);
    return new Condition(ir.emit(order, Type.I32, ir.emit(Op.I2F, Type.F64, a.value.ref), b.value.ref));
  }
  return compareWithRounded(r, order, a.value.ref, b);
}

/** Compares an integer of any size with a float. */
function compareWithRounded(r: Recording, order: i32, integer: Ref, b: Operand): Condition {
  const ir = r.ir;
  const number = heap.float(b.slot);
  const rounding = roundingOf(order);
  if (!isIntegral(rounding == Op.CEIL ? Math.ceil(number) : Math.floor(number))) {
    // Infinite, NaN or beyond all integers: the same for every integer as long as the float is this one.
    if (isNaN(number)) {
      ir.guard(ir.emit(Op.EQ, Type.I32, b.value.ref, b.value.ref), false);
      return known(false);
    }
    r.guardEqual(b.value.ref, ir.float(number));
    return known(number > 0 == (order == Op.LT || order == Op.LE));
  }
  return new Condition(ir.emit(order, Type.I32, integer, floatToInteger(r, ir.emit(rounding, Type.F64, b.value.ref))));
}

/** @param order Op.LT or LE */
function recordOrder(r: Recording, i: InstructionView, order: i32, a: Operand, b: Operand): AfterStep | null {
  if (isNumberTag(a.value.tag) && isNumberTag(b.value.tag)) return guardJump(i, compareNumbers(r, order, a, b));
  if (a.value.tag == TAG_STRING && b.value.tag == TAG_STRING) {
    const difference = r.ir.call(Helper.traceCompareStrings, a.value.ref, b.value.ref);
    return guardJump(i, new Condition(r.ir.emit(order, Type.I32, difference, r.ir.small(0))));
  }
  const handler = binaryMetamethod(r, order == Op.LT ? EVENT_LT : EVENT_LE, a.value, a.slot, b.value, b.slot);
  if (!hasPayload(handler.tag) && order == Op.LE) {
    const opposite = binaryMetamethod(r, EVENT_LT, b.value, b.slot, a.value, a.slot);
    if (hasPayload(opposite.tag)) {
      callMetamethod(r, i, opposite, [b.value, a.value], COMPARISON_NEGATED);
      return null;
    }
  }
  if (!hasPayload(handler.tag)) r.abort(Abort.ERROR, 'a comparison of incomparable values');
  callMetamethod(r, i, handler, [a.value, b.value]);
  return null;
}

export function recordEqual(r: Recording, i: InstructionView): AfterStep | null {
  const a = registerOperand(r, i.a);
  const b = registerOperand(r, i.b);
  const tag = a.value.tag;
  const condition = rawEquality(r, a, b);
  if (tag != b.value.tag || (tag != TAG_TABLE && tag != TAG_USERDATA) || a.value.ref == b.value.ref) return guardJump(i, condition);
  if (condition.isKnown || heap.pointer(a.slot) == heap.pointer(b.slot)) return guardJump(i, condition);
  if (tag == TAG_USERDATA) r.abort(Abort.UNSUPPORTED_METAMETHOD, 'a userdata');
  // Different tables: equal only by a metamethod.
  r.ir.guard(condition.ref, false);
  const handler = binaryMetamethod(r, EVENT_EQ, a.value, a.slot, b.value, b.slot);
  if (hasPayload(handler.tag)) callMetamethod(r, i, handler, [a.value, b.value]);
  return null;
}

export function recordEqualConstant(r: Recording, i: InstructionView): AfterStep | null {
  const a = registerOperand(r, i.a);
  return guardJump(i, rawEquality(r, a, constantOperand(r, i.b)));
}

export function recordLess(r: Recording, i: InstructionView): AfterStep | null {
  const a = registerOperand(r, i.a);
  return recordOrder(r, i, Op.LT, a, registerOperand(r, i.b));
}

export function recordLessOrEqual(r: Recording, i: InstructionView): AfterStep | null {
  const a = registerOperand(r, i.a);
  return recordOrder(r, i, Op.LE, a, registerOperand(r, i.b));
}

/** K[B] compared as a number: a < K, a <= K, K < a, K <= a. */
function recordConstantOrder(r: Recording, i: InstructionView, order: i32): AfterStep | null {
  const a = registerOperand(r, i.a);
  const b = constantOperand(r, i.b);
  if (isNumberTag(a.value.tag)) return guardJump(i, compareNumbers(r, order, a, b));
  const isSwapped = order == Op.GT || order == Op.GE;
  return recordOrder(r, i, order == Op.LT || order == Op.GT ? Op.LT : Op.LE, isSwapped ? b : a, isSwapped ? a : b);
}

export function recordLessConstant(r: Recording, i: InstructionView): AfterStep | null {
  return recordConstantOrder(r, i, Op.LT);
}

export function recordLessOrEqualConstant(r: Recording, i: InstructionView): AfterStep | null {
  return recordConstantOrder(r, i, Op.LE);
}

export function recordGreaterConstant(r: Recording, i: InstructionView): AfterStep | null {
  return recordConstantOrder(r, i, Op.GT);
}

export function recordGreaterOrEqualConstant(r: Recording, i: InstructionView): AfterStep | null {
  return recordConstantOrder(r, i, Op.GE);
}

/** The tag is guarded by reading the register; truth follows from it. */
export function recordTest(r: Recording, i: InstructionView): AfterStep | null {
  r.read(i.a);
  return null;
}

export function recordTestSet(r: Recording, i: InstructionView): AfterStep | null {
  const value = r.read(i.b);
  if (!isFalsyTag(value.tag) == (i.k != 0)) r.write(i.a, value);
  return null;
}
