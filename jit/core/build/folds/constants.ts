/** Operations whose operands are all constants. POW is left to run time, so that compiled code and interpreter call the same function. */
import { Op, operandCount, Type } from '../../generated/ir-tables';
import { compareFloats, compareIntegers, floatResult, hasIntegerResult, hasSmallResult, integerResult, isComparison, isInteger, smallResult } from '../../ir/arithmetic';
import { NONE, Ref } from '../../ir/trace';
import { Fold } from '../fold-rule';

/** k op k => k, op k => k */
export function foldConstants(fold: Fold): Ref {
  const op = fold.op;
  const isUnary = operandCount(op) == 1;
  if (fold.a >= 0 || (!isUnary && fold.b >= 0)) return NONE;
  if (isComparison(op)) return comparison(fold);
  switch (op) {
    case Op.I2F:
      return fold.builder.float(<f64>fold.value(fold.a));
    case Op.ISINT:
      return fold.constant(isInteger(fold.builder.floatOf(fold.a)) ? 1 : 0);
    case Op.F2I: {
      const value = fold.builder.floatOf(fold.a);
      return isInteger(value) ? fold.constant(<i64>value) : NONE;
    }
    case Op.WRAP:
      return fold.constant(fold.value(fold.a));
    case Op.ZEXT:
      return fold.constant(<i64><u32>fold.value(fold.a));
    default:
      return fold.type == Type.F64 ? floatArithmetic(fold, isUnary) : integerArithmetic(fold, isUnary);
  }
}

function comparison(fold: Fold): Ref {
  const builder = fold.builder;
  const isFloat = builder.typeOf(fold.a) == Type.F64;
  const truth = isFloat ? compareFloats(fold.op, builder.floatOf(fold.a), builder.floatOf(fold.b)) : compareIntegers(fold.op, fold.value(fold.a), fold.value(fold.b));
  return fold.constant(truth ? 1 : 0);
}

function floatArithmetic(fold: Fold, isUnary: bool): Ref {
  const builder = fold.builder;
  const result = floatResult(fold.op, builder.floatOf(fold.a), isUnary ? 0 : builder.floatOf(fold.b));
  return isNaN(result) ? NONE : builder.float(result);
}

function integerArithmetic(fold: Fold, isUnary: bool): Ref {
  const op = fold.op;
  const a = fold.value(fold.a);
  const b = isUnary ? 0 : fold.value(fold.b);
  if (fold.type == Type.I64) return hasIntegerResult(op, b) ? fold.constant(integerResult(op, a, b)) : NONE;
  return hasSmallResult(op) ? fold.constant(smallResult(op, <i32>a, <i32>b)) : NONE;
}
