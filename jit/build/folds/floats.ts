/**
 * The few identities that are exact for IEEE doubles with signed zeros, infinities and NaN, its sign included: so x + -y is not x - y, x * -1 not -x
 * and -x * -y not x * y, since a negation turns the sign of a NaN and the other operations leave it.
 */
import type { FoldRule } from '../fold-rule.ts';

/** The exact reciprocal of a power of two that is a normal number, as is its reciprocal. */
function exactReciprocal(divisor: number): number | undefined {
  if (!Number.isFinite(divisor) || divisor === 0) return undefined;
  const exponent = Math.round(Math.log2(Math.abs(divisor)));
  return Math.abs(divisor) === 2 ** exponent && exponent > -1000 && exponent < 1000 ? 1 / divisor : undefined;
}

export const FLOAT_FOLDS: readonly FoldRule[] = [
  { ops: ['MUL', 'DIV'], on: 'f64', constants: 'b', does: 'x * 1, x / 1 => x', apply: (fold) => (fold.is(fold.b, 1) ? fold.a : undefined) },
  { ops: ['ADD'], on: 'f64', constants: 'b', does: 'x + -0.0 => x', apply: (fold) => (fold.is(fold.b, -0) ? fold.a : undefined) },
  { ops: ['SUB'], on: 'f64', constants: 'b', does: 'x - 0.0 => x', apply: (fold) => (fold.is(fold.b, 0) ? fold.a : undefined) },
  {
    ops: ['DIV'], on: 'f64', constants: 'b', does: 'x / 2^n => x * 2^-n',
    apply: (fold) => {
      const reciprocal = exactReciprocal(fold.value(fold.b) as number);
      return reciprocal === undefined ? undefined : fold.emit('MUL', fold.a, fold.constant(reciprocal));
    },
  },
  { ops: ['POW'], on: 'f64', constants: 'b', does: "x ^ 2 => x * x, as PUC's interpreter does", apply: (fold) => (fold.is(fold.b, 2) ? fold.emit('MUL', fold.a, fold.a) : undefined) },
  {
    ops: ['POW'], on: 'f64', constants: 'b', does: 'x ^ 0 => 1, NaN included',
    apply: (fold) => (fold.value(fold.b) === 0 ? fold.constant(1) : undefined),
  },
  { ops: ['NEG'], on: 'f64', does: '-(-x) => x', apply: (fold) => fold.lookFor(fold.a, 'NEG')?.a },
  { ops: ['MIN', 'MAX'], on: 'f64', does: 'min(x, x), max(x, x) => x', apply: (fold) => (fold.a === fold.b ? fold.a : undefined) },
  {
    ops: ['ABS'], on: 'f64', does: 'abs(abs(x)) => abs(x), abs(-x) => abs(x)',
    apply: (fold) => {
      const inner = fold.look(fold.a);
      return inner?.op === 'ABS' ? fold.a : inner?.op === 'NEG' ? fold.emit('ABS', inner.a) : undefined;
    },
  },
  {
    ops: ['FLOOR', 'CEIL'], on: 'f64', does: 'rounding what is whole already => x',
    apply: (fold) => {
      const inner = fold.look(fold.a)?.op;
      return inner === 'FLOOR' || inner === 'CEIL' || inner === 'I2F' ? fold.a : undefined;
    },
  },
];
