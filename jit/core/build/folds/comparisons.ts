/** Comparisons. Equality of a float with itself is left alone (NaN); that it is not less than itself holds for NaN too. */
import { Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import { Aliasing } from '../alias';
import { Fold } from '../fold-rule';

export function foldComparison(fold: Fold): Ref {
  const op = fold.op;
  if (fold.a == fold.b) {
    const same = withItself(fold);
    if (same != NONE) return same;
  }
  switch (op) {
    // a > b => b < a
    case Op.GT:
      return fold.emit(Op.LT, fold.b, fold.a);
    // a >= b => b <= a
    case Op.GE:
      return fold.emit(Op.LE, fold.b, fold.a);
    // a < 0 unsigned => 0
    case Op.ULT:
      return fold.is(fold.b, 0) ? fold.constant(0) : NONE;
    // a >= 0 unsigned => 1
    case Op.UGE:
      return fold.is(fold.b, 0) ? fold.constant(1) : NONE;
    case Op.EQ: case Op.NE: {
      const known = withKnownConstant(fold);
      return known != NONE ? known : withNewObject(fold);
    }
    default:
      return NONE;
  }
}

/** x op x => 0 or 1 */
function withItself(fold: Fold): Ref {
  const op = fold.op;
  if (op == Op.LT || op == Op.GT || op == Op.ULT) return fold.constant(0);
  if (fold.builder.typeOf(fold.a) == Type.F64) return NONE;
  return fold.constant(op == Op.NE ? 0 : 1);
}

/** x == k, where x was guarded to be a constant => 0 or 1 */
function withKnownConstant(fold: Fold): Ref {
  if (fold.b >= 0) return NONE;
  const known = fold.builder.knownConstant(fold.a);
  if (known == NONE) return NONE;
  return fold.constant((fold.value(known) == fold.value(fold.b)) == (fold.op == Op.EQ) ? 1 : 0);
}

/** A new object == what is older or not an object => 0 */
function withNewObject(fold: Fold): Ref {
  const a = fold.a;
  const b = fold.b;
  const alias = fold.builder.alias;
  // Without memory an allocation yields 0, which is guarded: so nothing is said about comparisons with 0.
  if (!alias.isFresh(a) && !alias.isFresh(b)) return NONE;
  if (fold.is(b, 0) || alias.objects(a, b) != Aliasing.NO) return NONE;
  return fold.constant(fold.op == Op.EQ ? 0 : 1);
}
