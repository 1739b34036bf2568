/** Folding while a trace is built: applies the rules of folds/*.ts (what a rule is: fold-rule.ts). */
import type { IROpName } from '../ir/ir-table.ts';
import { OPERATIONS } from '../ir/operations.ts';
import type { Instruction, IRRef } from '../ir/trace.ts';
import { Fold, type FoldRule, type FoldTarget } from './fold-rule.ts';
import { COMPARISON_FOLDS } from './folds/comparisons.ts';
import { CONSTANT_FOLDS } from './folds/constants.ts';
import { CONVERSION_FOLDS } from './folds/conversions.ts';
import { FLOAT_FOLDS } from './folds/floats.ts';
import { INTEGER_FOLDS } from './folds/integers.ts';

const RULES = [...CONSTANT_FOLDS, ...INTEGER_FOLDS, ...FLOAT_FOLDS, ...CONVERSION_FOLDS, ...COMPARISON_FOLDS];

const RULES_BY_OPERATION = new Map<IROpName, readonly FoldRule[]>();
for (const rule of RULES) {
  for (const op of rule.ops) RULES_BY_OPERATION.set(op, [...(RULES_BY_OPERATION.get(op) ?? []), rule]);
}

/**
 * Puts the operands of a commutative operation in order (in place) and tries the rules.
 * @returns the reference that has the operation's value, undefined if it has to be emitted as it is
 */
export function foldInstruction(builder: FoldTarget, instruction: Instruction): IRRef | undefined {
  const { op, type, a, b } = instruction;
  if (OPERATIONS[op].commutative === true && (b < 0 ? a < 0 && a < b : a < 0 || (a > b && type !== 'f64'))) {
    instruction.a = b;
    instruction.b = a;
  }
  const rules = RULES_BY_OPERATION.get(op);
  if (rules === undefined) return undefined;
  const fold = new Fold(builder, instruction);
  const aConstant = instruction.a < 0;
  const bConstant = instruction.b < 0;
  for (const { on, constants, apply } of rules) {
    if (on !== undefined && !(on === 'int' ? type === 'i64' || type === 'i32' : on === type)) continue;
    if (constants !== undefined && !((aConstant || constants === 'b') && (bConstant || constants === 'a'))) continue;
    const result = apply(fold);
    if (result !== undefined) return result;
  }
  return undefined;
}
