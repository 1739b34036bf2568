/**
 * Conversions and their round trips. float(x) of an integer is exact up to 2^53; above that I2F rounds, and close to 2^63 the result is not even
 * in the range of integers. So a round trip folds only if the integer is known to be small.
 */
import { Op } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import { Fold } from '../fold-rule';

const EXACT_BITS: i32 = 53;
/** How far operands are followed to find out how large a value can be. */
const MAX_DEPTH: i32 = 4;
const LOW_BITS: i64 = 0xffffffff;

/** Bits of a number without its sign; 0 and -1 have one. */
function bitLength(value: i64): i32 {
  return max(1, 64 - <i32>clz(value < 0 ? ~value : value));
}

/** A number n with -2^n <= x < 2^n, at most 63. */
function magnitude(fold: Fold, ref: Ref, depth: i32 = 0): i32 {
  if (ref < 0) return bitLength(fold.value(ref));
  const instruction = fold.look(ref);
  if (instruction === null || depth > MAX_DEPTH) return 63;
  const a = instruction.a;
  const b = instruction.b;
  switch (instruction.op) {
    case Op.ZEXT:
      return 32;
    case Op.BAND:
      return b < 0 && fold.value(b) >= 0 ? bitLength(fold.value(b)) : 63;
    case Op.MOD:
      return b < 0 ? bitLength(fold.value(b)) : 63;
    case Op.SHR: case Op.SAR: {
      const amount = b < 0 ? fold.value(b) : 0;
      if (amount <= 0 || amount > 63) return 63;
      return (instruction.op == Op.SHR ? 64 : 63) - <i32>amount;
    }
    case Op.ADD: case Op.SUB:
      return min(63, 1 + max(magnitude(fold, a, depth + 1), magnitude(fold, b, depth + 1)));
    case Op.MUL:
      return min(63, 1 + magnitude(fold, a, depth + 1) + magnitude(fold, b, depth + 1));
    default:
      return 63;
  }
}

/** The integer x of I2F(x) if the conversion is known to be exact. */
function exactInteger(fold: Fold): Ref {
  const converted = fold.lookFor(fold.a, Op.I2F);
  return converted !== null && magnitude(fold, converted.a) <= EXACT_BITS ? converted.a : NONE;
}

export function foldConversion(fold: Fold): Ref {
  switch (fold.op) {
    // integer(float(x)) => x, x small
    case Op.F2I:
      return exactInteger(fold);
    // isint(float(x)) => 1, x small
    case Op.ISINT:
      return exactInteger(fold) == NONE ? NONE : fold.constant(1);
    case Op.WRAP:
      return foldWrap(fold);
    // zext(wrap(x)) => x & 0xffffffff
    case Op.ZEXT: {
      const inner = fold.lookFor(fold.a, Op.WRAP);
      return inner === null ? NONE : fold.emit(Op.BAND, inner.a, fold.constant(LOW_BITS));
    }
    default:
      return NONE;
  }
}

/** wrap(zext(x)) => x, wrap(x & 0xffffffff) => wrap(x) */
function foldWrap(fold: Fold): Ref {
  const extended = fold.lookFor(fold.a, Op.ZEXT);
  if (extended !== null) return extended.a;
  const masked = fold.lookFor(fold.a, Op.BAND);
  return masked !== null && masked.b < 0 && (fold.value(masked.b) & LOW_BITS) == LOW_BITS ? fold.emit(Op.WRAP, masked.a) : NONE;
}
