/**
 * Conversions and their round trips. float(x) of an integer is exact up to 2^53; above that I2F rounds, and close to 2^63 the result is not even
 * in the range of integers. So a round trip folds only if the integer is known to be small.
 */
import type { IRRef } from '../../ir/trace.ts';
import type { Fold, FoldRule } from '../fold-rule.ts';

const EXACT_BITS = 53;
/** How far operands are followed to find out how large a value can be. */
const MAX_DEPTH = 4;

const bitLength = (value: bigint): number => (value < 0n ? ~value : value).toString(2).length;

/** A number n with -2^n <= x < 2^n, at most 63. */
function magnitude(fold: Fold, ref: IRRef, depth = 0): number {
  if (ref < 0) return bitLength(fold.value(ref) as bigint);
  const instruction = fold.look(ref);
  if (instruction === undefined || depth > MAX_DEPTH) return 63;
  const { op, a, b } = instruction;
  switch (op) {
    case 'ZEXT':
      return 32;
    case 'BAND':
      return b < 0 && (fold.value(b) as bigint) >= 0n ? bitLength(fold.value(b) as bigint) : 63;
    case 'MOD':
      return b < 0 ? bitLength(fold.value(b) as bigint) : 63;
    case 'SHR':
    case 'SAR': {
      const amount = b < 0 ? (fold.value(b) as bigint) : 0n;
      if (amount <= 0n || amount > 63n) return 63;
      return (op === 'SHR' ? 64 : 63) - Number(amount);
    }
    case 'ADD':
    case 'SUB':
      return Math.min(63, 1 + Math.max(magnitude(fold, a, depth + 1), magnitude(fold, b, depth + 1)));
    case 'MUL':
      return Math.min(63, 1 + magnitude(fold, a, depth + 1) + magnitude(fold, b, depth + 1));
    default:
      return 63;
  }
}

/** The integer x of I2F(x) if the conversion is known to be exact. */
function exactInteger(fold: Fold): IRRef | undefined {
  const converted = fold.lookFor(fold.a, 'I2F');
  return converted !== undefined && magnitude(fold, converted.a) <= EXACT_BITS ? converted.a : undefined;
}

export const CONVERSION_FOLDS: readonly FoldRule[] = [
  { ops: ['F2I'], does: 'integer(float(x)) => x, x small', apply: exactInteger },
  { ops: ['ISINT'], does: 'isint(float(x)) => 1, x small', apply: (fold) => (exactInteger(fold) === undefined ? undefined : fold.constant(1)) },
  { ops: ['WRAP'], does: 'wrap(zext(x)) => x', apply: (fold) => fold.lookFor(fold.a, 'ZEXT')?.a },
  {
    ops: ['WRAP'], does: 'wrap(x & 0xffffffff) => wrap(x)',
    apply: (fold) => {
      const inner = fold.lookFor(fold.a, 'BAND');
      const lowBits = 0xffffffffn;
      return inner !== undefined && inner.b < 0 && ((fold.value(inner.b) as bigint) & lowBits) === lowBits ? fold.emit('WRAP', inner.a) : undefined;
    },
  },
  {
    ops: ['ZEXT'], does: 'zext(wrap(x)) => x & 0xffffffff',
    apply: (fold) => {
      const inner = fold.lookFor(fold.a, 'WRAP');
      return inner === undefined ? undefined : fold.emit('BAND', inner.a, fold.constant(0xffffffffn));
    },
  },
];
