/** Folding while a trace is built: applies the rules of folds/*.ts (what a rule is: fold-rule.ts). */
import { isCommutative, Op, Type } from '../generated/ir-tables';
import { isComparison } from '../ir/arithmetic';
import { Instruction, NONE, Ref } from '../ir/trace';
import { IRBuilder } from './builder';
import { Fold } from './fold-rule';
import { foldComparison } from './folds/comparisons';
import { foldConstants } from './folds/constants';
import { foldConversion } from './folds/conversions';
import { foldFloat } from './folds/floats';
import { foldInteger } from './folds/integers';

/**
 * Puts the operands of a commutative operation in order (in place) and tries the rules.
 * @returns the reference that has the operation's value, NONE if it has to be emitted as it is
 */
export function foldInstruction(builder: IRBuilder, instruction: Instruction): Ref {
  const op = instruction.op;
  // Neither comparison nor arithmetic nor conversion.
  if (op < Op.EQ || op > Op.ZEXT) return NONE;
  const a = instruction.a;
  const b = instruction.b;
  if (isCommutative(op) && (b < 0 ? a < 0 && a < b : a < 0 || (a > b && instruction.type != Type.F64))) {
    instruction.a = b;
    instruction.b = a;
  }
  const fold = new Fold(builder, instruction);
  const constant = foldConstants(fold);
  if (constant != NONE) return constant;
  if (isComparison(op)) return foldComparison(fold);
  switch (op) {
    case Op.I2F: case Op.ISINT: case Op.F2I: case Op.WRAP: case Op.ZEXT:
      return foldConversion(fold);
    default:
      return fold.type == Type.F64 ? foldFloat(fold) : foldInteger(fold);
  }
}
