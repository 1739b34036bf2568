/**
 * Constant folding: what PUC's compiler folds, by the functions that the interpreter calls. Operations that would yield NaN or a float zero (whose sign a
 * constant table may lose), divide by zero or fail at run time stay in the code.
 */
import { TAG_INT } from '../../../bytecode/layout';
import {
  floatFloorDivide, floatHasExactInt, floatModulo, floatPow, integerDivide, integerModulo, numberOf, shiftLeft, shiftRight,
} from '../../number/arithmetic';
import { floatOf, intOf, setFloat, setInt, tagOf } from '../../base/value';
import { B_ADD, B_BAND, B_BOR, B_BXOR, B_DIV, B_IDIV, B_MOD, B_MUL, B_POW, B_SHL, B_SUB } from './operator';

// @ts-ignore: decorator
@inline function hasInteger(slot: u32): bool { return tagOf(slot) == TAG_INT || floatHasExactInt(floatOf(slot)); }
// @ts-ignore: decorator
@inline function integerOf(slot: u32): i64 { return tagOf(slot) == TAG_INT ? intOf(slot) : <i64>floatOf(slot); }

/** Applies an arithmetic or bitwise operator to two number slots. @returns false: not to be folded; `left`, which gets the result, is then unchanged */
export function foldBinary(operator: u32, left: u32, right: u32): bool {
  if (operator >= B_BAND) {
    if (!hasInteger(left) || !hasInteger(right)) return false;
    setInt(left, foldBitwise(operator, integerOf(left), integerOf(right)));
    return true;
  }
  if (tagOf(left) == TAG_INT && tagOf(right) == TAG_INT && operator != B_DIV && operator != B_POW) {
    const divisor = intOf(right);
    if (divisor == 0 && (operator == B_IDIV || operator == B_MOD)) return false;
    setInt(left, foldInteger(operator, intOf(left), divisor));
    return true;
  }
  const divisor = numberOf(right);
  if (divisor == 0 && (operator == B_DIV || operator == B_IDIV || operator == B_MOD)) return false;
  const value = foldFloat(operator, numberOf(left), divisor);
  if (value != value || value == 0) return false;
  setFloat(left, value);
  return true;
}

function foldBitwise(operator: u32, a: i64, b: i64): i64 {
  switch (operator) {
    case B_BAND: return a & b;
    case B_BOR: return a | b;
    case B_BXOR: return a ^ b;
    case B_SHL: return shiftLeft(a, b);
    default: return shiftRight(a, b);
  }
}

function foldInteger(operator: u32, a: i64, b: i64): i64 {
  switch (operator) {
    case B_ADD: return a + b;
    case B_SUB: return a - b;
    case B_MUL: return a * b;
    case B_IDIV: return integerDivide(a, b);
    default: return integerModulo(a, b);
  }
}

function foldFloat(operator: u32, a: f64, b: f64): f64 {
  switch (operator) {
    case B_ADD: return a + b;
    case B_SUB: return a - b;
    case B_MUL: return a * b;
    case B_DIV: return a / b;
    case B_POW: return floatPow(a, b);
    case B_IDIV: return floatFloorDivide(a, b);
    default: return floatModulo(a, b);
  }
}

/** The same for unary minus and bitwise not. */
export function foldUnary(isMinus: bool, slot: u32): bool {
  if (!isMinus) {
    if (!hasInteger(slot)) return false;
    setInt(slot, ~integerOf(slot));
  } else if (tagOf(slot) == TAG_INT) setInt(slot, -intOf(slot));
  else {
    if (floatOf(slot) == 0) return false;
    setFloat(slot, -floatOf(slot));
  }
  return true;
}
