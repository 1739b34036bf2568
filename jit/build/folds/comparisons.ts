/** Comparisons. Equality of a float with itself is left alone (NaN); that it is not less than itself holds for NaN too. */
import type { FoldRule } from '../fold-rule.ts';

export const COMPARISON_FOLDS: readonly FoldRule[] = [
  {
    ops: ['LT', 'GT', 'ULT', 'NE', 'EQ', 'LE', 'GE', 'UGE'], does: 'x op x => 0 or 1',
    apply: (fold) => {
      if (fold.a !== fold.b) return undefined;
      const { op } = fold;
      if (op === 'LT' || op === 'GT' || op === 'ULT') return fold.constant(0);
      if (fold.builder.typeOf(fold.a) === 'f64') return undefined;
      return fold.constant(op === 'NE' ? 0 : 1);
    },
  },
  { ops: ['GT'], does: 'a > b => b < a', apply: (fold) => fold.emit('LT', fold.b, fold.a) },
  { ops: ['GE'], does: 'a >= b => b <= a', apply: (fold) => fold.emit('LE', fold.b, fold.a) },
  { ops: ['ULT'], constants: 'b', does: 'a < 0 unsigned => 0', apply: (fold) => (fold.is(fold.b, 0) ? fold.constant(0) : undefined) },
  { ops: ['UGE'], constants: 'b', does: 'a >= 0 unsigned => 1', apply: (fold) => (fold.is(fold.b, 0) ? fold.constant(1) : undefined) },
  {
    ops: ['EQ', 'NE'], constants: 'b', does: 'x == k, where x was guarded to be a constant => 0 or 1',
    apply: (fold) => {
      const known = fold.builder.knownConstant(fold.a);
      if (known === undefined) return undefined;
      return fold.constant((fold.value(known) === fold.value(fold.b)) === (fold.op === 'EQ') ? 1 : 0);
    },
  },
  {
    ops: ['EQ', 'NE'], does: 'a new object == what is older or not an object => 0',
    apply: (fold) => {
      const { a, b, builder } = fold;
      // Without memory an allocation yields 0, which is guarded: so nothing is said about comparisons with 0.
      if (!builder.alias.isFresh(a) && !builder.alias.isFresh(b)) return undefined;
      if ((b < 0 && fold.value(b) === 0) || builder.alias.objects(a, b) !== 'no') return undefined;
      return fold.constant(fold.op === 'EQ' ? 0 : 1);
    },
  },
];
