/**
 * The few identities that are exact for IEEE doubles with signed zeros, infinities and NaN, its sign included: so x + -y is not x - y, x * -1 not -x
 * and -x * -y not x * y, since a negation turns the sign of a NaN and the other operations leave it.
 */
import { Op } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import { Fold } from '../fold-rule';

const FRACTION_BITS: i64 = 52;
const FRACTION: i64 = (1 << FRACTION_BITS) - 1;
const EXPONENT: i64 = 0x7ff;
const EXPONENT_BIAS: i64 = 1023;

/** Is it a power of two, of either sign, that is a normal number, as is its reciprocal? */
function hasExactReciprocal(divisor: f64): bool {
  const bits = reinterpret<i64>(divisor);
  const exponent = ((bits >> FRACTION_BITS) & EXPONENT) - EXPONENT_BIAS;
  return (bits & FRACTION) == 0 && exponent > -1000 && exponent < 1000;
}

export function foldFloat(fold: Fold): Ref {
  const a = fold.a;
  const b = fold.b;
  switch (fold.op) {
    // x * 1 => x
    case Op.MUL:
      return fold.isFloat(b, 1) ? a : NONE;
    // x + -0.0 => x
    case Op.ADD:
      return fold.isFloat(b, -0.0) ? a : NONE;
    // x - 0.0 => x
    case Op.SUB:
      return fold.isFloat(b, 0) ? a : NONE;
    // x / 1 => x, x / 2^n => x * 2^-n
    case Op.DIV: {
      if (b >= 0) return NONE;
      const divisor = fold.builder.floatOf(b);
      if (divisor == 1) return a;
      return hasExactReciprocal(divisor) ? fold.emit(Op.MUL, a, fold.builder.float(1 / divisor)) : NONE;
    }
    // x ^ 2 => x * x, as PUC's interpreter does; x ^ 0 => 1, NaN included
    case Op.POW:
      if (fold.isFloat(b, 2)) return fold.emit(Op.MUL, a, a);
      return b < 0 && fold.builder.floatOf(b) == 0 ? fold.builder.float(1) : NONE;
    // -(-x) => x
    case Op.NEG: {
      const inner = fold.lookFor(a, Op.NEG);
      return inner !== null ? inner.a : NONE;
    }
    // min(x, x), max(x, x) => x
    case Op.MIN: case Op.MAX:
      return a == b ? a : NONE;
    // abs(abs(x)) => abs(x), abs(-x) => abs(x)
    case Op.ABS: {
      const inner = fold.look(a);
      if (inner === null) return NONE;
      return inner.op == Op.ABS ? a : inner.op == Op.NEG ? fold.emit(Op.ABS, inner.a) : NONE;
    }
    // Rounding what is whole already => x
    case Op.FLOOR: case Op.CEIL: {
      const inner = fold.look(a);
      return inner !== null && (inner.op == Op.FLOOR || inner.op == Op.CEIL || inner.op == Op.I2F) ? a : NONE;
    }
    default:
      return NONE;
  }
}
