/**
 * Identities of integers, which wrap: addition and multiplication are exact modulo 2^64 (2^32 for i32). Division by a power of two is a shift
 * because Lua's // and % round towards minus infinity, as the arithmetic shift and the mask do; C's would not.
 */
import { Op, Type } from '../../generated/ir-tables';
import { NONE, Ref } from '../../ir/trace';
import { Fold } from '../fold-rule';

export function foldInteger(fold: Fold): Ref {
  switch (fold.op) {
    case Op.ADD:
      return foldAdd(fold);
    case Op.SUB:
      return foldSub(fold);
    case Op.MUL:
      return foldMul(fold);
    case Op.IDIV:
      return foldIdiv(fold);
    case Op.MOD:
      return foldMod(fold);
    case Op.BAND:
      return foldBand(fold);
    case Op.BOR:
      return foldBor(fold);
    case Op.BXOR:
      return foldBxor(fold);
    case Op.SHL: case Op.SHR:
      return foldShift(fold);
    // x >> 0 => x
    case Op.SAR:
      return fold.is(fold.b, 0) ? fold.a : NONE;
    // min(x, x), max(x, x) => x
    case Op.MIN: case Op.MAX:
      return fold.a == fold.b ? fold.a : NONE;
    case Op.NEG:
      return foldNeg(fold);
    case Op.BNOT:
      return behindTwin(fold);
    case Op.ABS:
      return foldAbs(fold);
    default:
      return NONE;
  }
}

/** The exponent of a power of two, -1 for other numbers. */
function exponentOf(value: i64): i32 {
  return value > 0 && popcnt(value) == 1 ? <i32>ctz(value) : -1;
}

/** (x op k1) op k2 => x op (k1 op k2) */
function foldChain(fold: Fold): Ref {
  if (fold.b >= 0) return NONE;
  const inner = fold.lookFor(fold.a, fold.op);
  return inner !== null && inner.b < 0 ? fold.emit(fold.op, inner.a, fold.emit(fold.op, inner.b, fold.b)) : NONE;
}

/** op(op(x)) => x */
function behindTwin(fold: Fold): Ref {
  const inner = fold.lookFor(fold.a, fold.op);
  return inner !== null ? inner.a : NONE;
}

/** x + 0 => x; (x - y) + y => x, y + (x - y) => x */
function foldAdd(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.a;
  const chain = foldChain(fold);
  if (chain != NONE) return chain;
  const left = fold.lookFor(fold.a, Op.SUB);
  if (left !== null && left.b == fold.b) return left.a;
  const right = fold.lookFor(fold.b, Op.SUB);
  return right !== null && right.b == fold.a ? right.a : NONE;
}

/** x - 0 => x; x - x => 0; x - k => x + -k; 0 - x => -x; (x + y) - y => x, (x + y) - x => y */
function foldSub(fold: Fold): Ref {
  const a = fold.a;
  const b = fold.b;
  if (fold.is(b, 0)) return a;
  if (a == b) return fold.constant(0);
  if (b < 0) return fold.emit(Op.ADD, a, fold.constant(-fold.value(b)));
  if (fold.type == Type.I64 && fold.is(a, 0)) return fold.emit(Op.NEG, b);
  const inner = fold.lookFor(a, Op.ADD);
  if (inner === null) return NONE;
  return inner.b == b ? inner.a : inner.a == b ? inner.b : NONE;
}

/** x * 0 => 0; x * 1 => x; x * -1 => -x */
function foldMul(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.b;
  if (fold.is(fold.b, 1)) return fold.a;
  if (fold.type == Type.I64 && fold.is(fold.b, -1)) return fold.emit(Op.NEG, fold.a);
  return foldChain(fold);
}

/** x // 1 => x; x // -1 => -x; x // 2^n => x >> n, arithmetic; 0 // x => 0 (x was guarded not to be 0) */
function foldIdiv(fold: Fold): Ref {
  const b = fold.b;
  if (fold.is(b, 1)) return fold.a;
  if (fold.type != Type.I64) return NONE;
  if (fold.is(b, -1)) return fold.emit(Op.NEG, fold.a);
  const exponent = b < 0 ? exponentOf(fold.value(b)) : -1;
  if (exponent >= 0) return fold.emit(Op.SAR, fold.a, fold.constant(exponent));
  return fold.is(fold.a, 0) ? fold.a : NONE;
}

/** x % 2^n => x & (2^n - 1), x % -1 => 0; 0 % x => 0 (x was guarded not to be 0) */
function foldMod(fold: Fold): Ref {
  const b = fold.b;
  if (fold.type != Type.I64) return NONE;
  if (b < 0) {
    const divisor = fold.value(b);
    if (divisor == -1) return fold.constant(0);
    if (exponentOf(divisor) >= 0) return fold.emit(Op.BAND, fold.a, fold.constant(divisor - 1));
  }
  return fold.is(fold.a, 0) ? fold.a : NONE;
}

/** x & 0 => 0; x & -1 => x; x & x => x */
function foldBand(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.b;
  if (fold.is(fold.b, -1) || fold.a == fold.b) return fold.a;
  return foldChain(fold);
}

/** x | 0 => x; x | -1 => -1; x | x => x */
function foldBor(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.a;
  if (fold.is(fold.b, -1)) return fold.b;
  return fold.a == fold.b ? fold.a : foldChain(fold);
}

/** x ~ 0 => x; x ~ -1 => ~x; x ~ x => 0 */
function foldBxor(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.a;
  if (fold.type == Type.I64 && fold.is(fold.b, -1)) return fold.emit(Op.BNOT, fold.a);
  return fold.a == fold.b ? fold.constant(0) : foldChain(fold);
}

/** x << 0 => x; shifts by 64 and more => 0, by negative amounts => the other shift */
function foldShift(fold: Fold): Ref {
  if (fold.is(fold.b, 0)) return fold.a;
  if (fold.type != Type.I64 || fold.b >= 0) return NONE;
  const amount = fold.value(fold.b);
  if (amount <= -64 || amount >= 64) return fold.constant(0);
  return amount < 0 ? fold.emit(fold.op == Op.SHL ? Op.SHR : Op.SHL, fold.a, fold.constant(-amount)) : NONE;
}

/** -(-x) => x; -(x - y) => y - x */
function foldNeg(fold: Fold): Ref {
  const twin = behindTwin(fold);
  if (twin != NONE || fold.type != Type.I64) return twin;
  const inner = fold.lookFor(fold.a, Op.SUB);
  return inner === null ? NONE : fold.emit(Op.SUB, inner.b, inner.a);
}

/** abs(abs(x)) => abs(x), abs(-x) => abs(x) */
function foldAbs(fold: Fold): Ref {
  if (fold.type != Type.I64) return NONE;
  const inner = fold.look(fold.a);
  if (inner === null) return NONE;
  return inner.op == Op.ABS ? fold.a : inner.op == Op.NEG ? fold.emit(Op.ABS, inner.a) : NONE;
}
