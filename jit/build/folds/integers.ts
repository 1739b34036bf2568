/**
 * Identities of integers, which wrap: addition and multiplication are exact modulo 2^64 (2^32 for i32). Division by a power of two is a shift
 * because Lua's // and % round towards minus infinity, as the arithmetic shift and the mask do; C's would not.
 */
import { type IRRef, NONE } from '../../ir/trace.ts';
import type { Fold, FoldRule } from '../fold-rule.ts';

const sameOperands = (fold: Fold): boolean => fold.a === fold.b;

/** The exponent of a power of two, undefined for other numbers. */
function exponentOf(value: bigint): number | undefined {
  return value > 0n && (value & (value - 1n)) === 0n ? value.toString(2).length - 1 : undefined;
}

const valueAsInteger = (fold: Fold, ref: IRRef): bigint => BigInt(fold.value(ref));

export const INTEGER_FOLDS: readonly FoldRule[] = [
  { ops: ['ADD', 'SUB', 'BOR', 'BXOR', 'SHL', 'SHR', 'SAR'], on: 'int', constants: 'b', does: 'x op 0 => x', apply: (fold) => (fold.is(fold.b, 0) ? fold.a : undefined) },
  { ops: ['MUL', 'BAND'], on: 'int', constants: 'b', does: 'x * 0, x & 0 => 0', apply: (fold) => (fold.is(fold.b, 0) ? fold.b : undefined) },
  { ops: ['MUL', 'IDIV'], on: 'int', constants: 'b', does: 'x * 1, x // 1 => x', apply: (fold) => (fold.is(fold.b, 1) ? fold.a : undefined) },
  { ops: ['MUL', 'IDIV'], on: 'i64', constants: 'b', does: 'x * -1, x // -1 => -x', apply: (fold) => (fold.is(fold.b, -1) ? fold.emit('NEG', fold.a) : undefined) },
  { ops: ['BAND'], on: 'int', constants: 'b', does: 'x & -1 => x', apply: (fold) => (fold.is(fold.b, -1) ? fold.a : undefined) },
  { ops: ['BOR'], on: 'int', constants: 'b', does: 'x | -1 => -1', apply: (fold) => (fold.is(fold.b, -1) ? fold.b : undefined) },
  { ops: ['BXOR'], on: 'i64', constants: 'b', does: 'x ~ -1 => ~x', apply: (fold) => (fold.is(fold.b, -1) ? fold.emit('BNOT', fold.a) : undefined) },
  { ops: ['SUB', 'BXOR'], on: 'int', does: 'x - x, x ~ x => 0', apply: (fold) => (sameOperands(fold) ? fold.constant(0) : undefined) },
  { ops: ['BAND', 'BOR', 'MIN', 'MAX'], on: 'int', does: 'x & x, x | x, min(x, x), max(x, x) => x', apply: (fold) => (sameOperands(fold) ? fold.a : undefined) },
  {
    ops: ['SUB'], on: 'int', constants: 'b', does: 'x - k => x + -k',
    apply: (fold) => fold.emit('ADD', fold.a, fold.constant(-valueAsInteger(fold, fold.b))),
  },
  { ops: ['SUB'], on: 'i64', constants: 'a', does: '0 - x => -x', apply: (fold) => (fold.is(fold.a, 0) ? fold.emit('NEG', fold.b) : undefined) },
  {
    ops: ['ADD', 'MUL', 'BAND', 'BOR', 'BXOR'], on: 'int', constants: 'b', does: '(x op k1) op k2 => x op (k1 op k2)',
    apply: (fold) => {
      const inner = fold.lookFor(fold.a, fold.op);
      return inner !== undefined && inner.b < 0 ? fold.emit(fold.op, inner.a, fold.emit(fold.op, inner.b, fold.b)) : undefined;
    },
  },
  {
    ops: ['SUB'], on: 'int', does: '(x + y) - y => x, (x + y) - x => y',
    apply: (fold) => {
      const inner = fold.lookFor(fold.a, 'ADD');
      if (inner === undefined) return undefined;
      return inner.b === fold.b ? inner.a : inner.a === fold.b ? inner.b : undefined;
    },
  },
  {
    ops: ['ADD'], on: 'int', does: '(x - y) + y => x, y + (x - y) => x',
    apply: (fold) => {
      const left = fold.lookFor(fold.a, 'SUB');
      if (left?.b === fold.b) return left.a;
      const right = fold.lookFor(fold.b, 'SUB');
      return right?.b === fold.a ? right.a : undefined;
    },
  },
  {
    ops: ['NEG', 'BNOT'], on: 'int', does: '-(-x), ~(~x) => x',
    apply: (fold) => fold.lookFor(fold.a, fold.op)?.a,
  },
  { ops: ['NEG'], on: 'i64', does: '-(x - y) => y - x', apply: (fold) => {
    const inner = fold.lookFor(fold.a, 'SUB');
    return inner === undefined ? undefined : fold.emit('SUB', inner.b, inner.a);
  } },
  {
    ops: ['SHL', 'SHR'], on: 'i64', constants: 'b', does: 'shifts by 64 and more => 0, by negative amounts => the other shift',
    apply: (fold) => {
      const amount = valueAsInteger(fold, fold.b);
      if (amount <= -64n || amount >= 64n) return fold.constant(0);
      return amount < 0n ? fold.emit(fold.op === 'SHL' ? 'SHR' : 'SHL', fold.a, fold.constant(-amount)) : undefined;
    },
  },
  {
    ops: ['IDIV'], on: 'i64', constants: 'b', does: 'x // 2^n => x >> n, arithmetic',
    apply: (fold) => {
      const exponent = exponentOf(valueAsInteger(fold, fold.b));
      return exponent === undefined ? undefined : fold.emit('SAR', fold.a, fold.constant(exponent));
    },
  },
  {
    ops: ['MOD'], on: 'i64', constants: 'b', does: 'x % 2^n => x & (2^n - 1), x % -1 => 0',
    apply: (fold) => {
      const divisor = valueAsInteger(fold, fold.b);
      if (divisor === -1n) return fold.constant(0);
      return exponentOf(divisor) === undefined ? undefined : fold.emit('BAND', fold.a, fold.constant(divisor - 1n));
    },
  },
  { ops: ['IDIV', 'MOD'], on: 'i64', constants: 'a', does: '0 // x, 0 % x => 0 (x was guarded not to be 0)', apply: (fold) => (fold.is(fold.a, 0) && fold.b !== NONE ? fold.a : undefined) },
  { ops: ['ABS'], on: 'i64', does: 'abs(abs(x)) => abs(x), abs(-x) => abs(x)', apply: (fold) => {
    const inner = fold.look(fold.a);
    return inner?.op === 'ABS' ? fold.a : inner?.op === 'NEG' ? fold.emit('ABS', inner.a) : undefined;
  } },
];
