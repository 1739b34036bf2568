/** Operations whose operands are all constants. POW is left to run time, so that compiled code and interpreter call the same function. */
import { evaluatePure } from '../../ir/arithmetic.ts';
import { NONE } from '../../ir/trace.ts';
import type { FoldRule } from '../fold-rule.ts';

export const CONSTANT_FOLDS: readonly FoldRule[] = [
  {
    ops: [
      'EQ', 'NE', 'LT', 'LE', 'GT', 'GE', 'ULT', 'UGE', 'ADD', 'SUB', 'MUL', 'DIV', 'IDIV', 'MOD', 'BAND', 'BOR', 'BXOR', 'SHL', 'SHR', 'SAR',
      'MIN', 'MAX',
    ],
    constants: 'ab',
    does: 'k op k => k',
    apply: (fold) => {
      const result = evaluatePure(fold.op, fold.type, fold.value(fold.a), fold.value(fold.b));
      return result === undefined || Number.isNaN(result) ? undefined : fold.constant(result);
    },
  },
  {
    ops: ['NEG', 'BNOT', 'ABS', 'SQRT', 'FLOOR', 'CEIL', 'I2F', 'ISINT', 'F2I', 'WRAP', 'ZEXT'],
    does: 'op k => k',
    apply: (fold) => {
      if (fold.a >= 0 || fold.a === NONE) return undefined;
      const result = evaluatePure(fold.op, fold.type, fold.value(fold.a), 0);
      return result === undefined || Number.isNaN(result) ? undefined : fold.constant(result);
    },
  },
];
