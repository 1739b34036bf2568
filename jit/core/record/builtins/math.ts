/** Recording of the math library. */
import { TAG_FLOAT, TAG_INT } from '../../../../src/bytecode/layout';
import { Helper, Op, Type } from '../../generated/ir-tables';
import { Ref } from '../../ir/trace';
import { floatToInteger, isIntegral, toFloat } from '../access/convert';
import { Operand } from '../access/equality';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { booleanValue, isNumberTag, nil, Value } from '../core/value';
import { BuiltinArguments, BuiltinResult, ConstantResult, known } from './builtin';

const float = (ref: Ref): BuiltinResult => known(new Value(ref, TAG_FLOAT));
const integer = (ref: Ref): BuiltinResult => known(new Value(ref, TAG_INT));
const isNumber = (argument: Operand): bool => isNumberTag(argument.value.tag);

// ---- Functions of one float

/** Is there one number only? */
const isUnary = (args: BuiltinArguments): bool => args.count == 1 && isNumber(args.at(0));

function unary(r: Recording, args: BuiltinArguments, helper: i32): BuiltinResult | null {
  return isUnary(args) ? float(r.ir.call(helper, toFloat(r, args.at(0).value))) : null;
}

export function mathExp(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.exp);
}

export function mathLog(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.log);
}

export function mathLog10(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.log10);
}

export function mathSin(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.sin);
}

export function mathCos(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.cos);
}

export function mathTan(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.tan);
}

export function mathAsin(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.asin);
}

export function mathAcos(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return unary(r, args, Helper.acos);
}

export function mathSqrt(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return isUnary(args) ? float(r.ir.emit(Op.SQRT, Type.F64, toFloat(r, args.at(0).value))) : null;
}

function scaled(r: Recording, args: BuiltinArguments, factor: f64): BuiltinResult | null {
  if (!isUnary(args)) return null;
  const x = toFloat(r, args.at(0).value);
  return float(r.ir.emit(Op.MUL, Type.F64, x, r.ir.float(factor)));
}

export function mathDeg(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return scaled(r, args, 180 / Math.PI);
}

export function mathRad(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return scaled(r, args, Math.PI / 180);
}

// ---- Functions of two floats

export function mathAtan(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count == 0 || !isNumber(args.at(0)) || (args.count > 1 && !isNumber(args.at(1)))) return null;
  const y = toFloat(r, args.at(0).value);
  return float(r.ir.call(Helper.atan2, y, args.count > 1 ? toFloat(r, args.at(1).value) : r.ir.float(1)));
}

export function mathPow(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2 || !isNumber(args.at(0)) || !isNumber(args.at(1))) return null;
  const base = toFloat(r, args.at(0).value);
  return float(r.ir.call(Helper.pow, base, toFloat(r, args.at(1).value)));
}

export function mathFmod(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2 || args.at(0).value.tag != TAG_FLOAT || args.at(1).value.tag != TAG_FLOAT) return null;
  return float(r.ir.call(Helper.fmod, args.at(0).value.ref, args.at(1).value.ref));
}

// ---- Functions that keep integers

/** An integer if the result fits one. @param now the rounded number now */
function rounding(r: Recording, op: i32, value: Value, now: f64): BuiltinResult {
  const rounded = r.ir.emit(op, Type.F64, value.ref);
  if (isIntegral(now)) return integer(floatToInteger(r, rounded));
  r.ir.guard(r.ir.emit(Op.ISINT, Type.I32, rounded), false);
  return float(rounded);
}

export function mathFloor(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1) return null;
  const argument = args.at(0);
  if (argument.value.tag == TAG_INT) return known(argument.value);
  return argument.value.tag == TAG_FLOAT ? rounding(r, Op.FLOOR, argument.value, Math.floor(heap.float(argument.slot))) : null;
}

export function mathCeil(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1) return null;
  const argument = args.at(0);
  if (argument.value.tag == TAG_INT) return known(argument.value);
  return argument.value.tag == TAG_FLOAT ? rounding(r, Op.CEIL, argument.value, Math.ceil(heap.float(argument.slot))) : null;
}

/** max and min of numbers of one type. */
function extreme(r: Recording, args: BuiltinArguments, op: i32): BuiltinResult | null {
  if (args.count == 0) return null;
  const first = args.at(0).value;
  if (!isNumberTag(first.tag)) return null;
  let ref = first.ref;
  for (let n = 1; n < args.count; n++) {
    const value = args.at(n).value;
    if (value.tag != first.tag) return null;
    ref = r.ir.emit(op, first.tag == TAG_INT ? Type.I64 : Type.F64, ref, value.ref);
  }
  return known(new Value(ref, first.tag));
}

export function mathMax(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return extreme(r, args, Op.MAX);
}

export function mathMin(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return extreme(r, args, Op.MIN);
}

export function mathAbs(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (!isUnary(args)) return null;
  const value = args.at(0).value;
  return known(new Value(r.ir.emit(Op.ABS, value.tag == TAG_INT ? Type.I64 : Type.F64, value.ref), value.tag));
}

export function mathTointeger(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1) return null;
  const argument = args.at(0);
  const value = argument.value;
  if (value.tag == TAG_INT) return known(value);
  if (value.tag != TAG_FLOAT) return null;
  if (isIntegral(heap.float(argument.slot))) return integer(floatToInteger(r, value.ref));
  r.ir.guard(r.ir.emit(Op.ISINT, Type.I32, value.ref), false);
  return known(nil());
}

export function mathUlt(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2 || args.at(0).value.tag != TAG_INT || args.at(1).value.tag != TAG_INT) return null;
  const a = args.at(0);
  const b = args.at(1);
  const condition = r.ir.emit(Op.ULT, Type.I32, a.value.ref, b.value.ref);
  const truth = <u64>heap.int(a.slot) < <u64>heap.int(b.slot);
  r.ir.guard(condition, truth);
  return known(booleanValue(truth));
}

/** The answer follows from the tag, which reading the argument has guarded. */
export function mathType(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1 || args.wanted == 0) return null;
  args.at(0);
  return new ConstantResult(args.func);
}
