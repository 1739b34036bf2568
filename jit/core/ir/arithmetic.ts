/**
 * What the pure operations compute, on constants: jit/ir/arithmetic.ts for the core. i32 values are given as i64, sign-extended, which keeps their
 * order, the unsigned one as well.
 */
import { Op } from '../generated/ir-tables';

/** Lua's logical shift to the left by any amount; negative amounts shift to the right. */
export function shiftLeft(a: i64, amount: i64): i64 {
  if (amount <= -64 || amount >= 64) return 0;
  return amount >= 0 ? a << amount : <i64>(<u64>a >> <u64>-amount);
}

function shiftLeft32(a: i32, amount: i32): i32 {
  if (amount <= -32 || amount >= 32) return 0;
  return amount >= 0 ? a << amount : <i32>(<u32>a >> <u32>-amount);
}

function floorDivide(a: i64, b: i64): i64 {
  if (b == -1) return -a;
  const quotient = a / b;
  return quotient * b != a && a < 0 != b < 0 ? quotient - 1 : quotient;
}

function floorModulo(a: i64, b: i64): i64 {
  if (b == -1) return 0;
  const rest = a % b;
  return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
}

function floatModulo(a: f64, b: f64): f64 {
  const rest = a % b;
  return (rest > 0 ? b < 0 : rest < 0 && b > 0) ? rest + b : rest;
}

/** Has the float an exact integer value in range? */
export function isInteger(value: f64): bool {
  return Math.floor(value) == value && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
}

/** Is it one of EQ to UGE? */
export function isComparison(op: i32): bool {
  return op >= Op.EQ && op <= Op.UGE;
}

export function compareIntegers(op: i32, a: i64, b: i64): bool {
  switch (op) {
    case Op.EQ: return a == b;
    case Op.NE: return a != b;
    case Op.LT: return a < b;
    case Op.LE: return a <= b;
    case Op.GT: return a > b;
    case Op.GE: return a >= b;
    case Op.ULT: return <u64>a < <u64>b;
    default: return <u64>a >= <u64>b;
  }
}

/** There is no unsigned order of floats. */
export function compareFloats(op: i32, a: f64, b: f64): bool {
  switch (op) {
    case Op.EQ: return a == b;
    case Op.NE: return a != b;
    case Op.LT: return a < b;
    case Op.LE: return a <= b;
    case Op.GT: return a > b;
    default: return a >= b;
  }
}

/** Has an operation with an i64 result a value here? */
export function hasIntegerResult(op: i32, b: i64): bool {
  if (op == Op.IDIV || op == Op.MOD) return b != 0;
  return (op >= Op.ADD && op <= Op.MUL) || (op >= Op.NEG && op <= Op.MAX);
}

/** An operation with an i64 result; unary ones ignore `b`. Only where `hasIntegerResult`. */
export function integerResult(op: i32, a: i64, b: i64): i64 {
  switch (op) {
    case Op.ADD: return a + b;
    case Op.SUB: return a - b;
    case Op.MUL: return a * b;
    case Op.IDIV: return floorDivide(a, b);
    case Op.MOD: return floorModulo(a, b);
    case Op.NEG: return -a;
    case Op.BAND: return a & b;
    case Op.BOR: return a | b;
    case Op.BXOR: return a ^ b;
    case Op.BNOT: return ~a;
    case Op.SHL: return shiftLeft(a, b);
    case Op.SHR: return b <= -64 ? 0 : shiftLeft(a, -b);
    case Op.SAR: return a >> b;
    case Op.ABS: return a < 0 ? -a : a;
    case Op.MIN: return b < a ? b : a;
    default: return a < b ? b : a;
  }
}

/** An operation with an f64 result; unary ones ignore `b`. NaN where it has no value (POW). */
export function floatResult(op: i32, a: f64, b: f64): f64 {
  switch (op) {
    case Op.ADD: return a + b;
    case Op.SUB: return a - b;
    case Op.MUL: return a * b;
    case Op.DIV: return a / b;
    case Op.IDIV: return Math.floor(a / b);
    case Op.MOD: return floatModulo(a, b);
    case Op.NEG: return -a;
    case Op.ABS: return Math.abs(a);
    // Lua keeps the first argument if neither is less (NaN, zeros of both signs).
    case Op.MIN: return b < a ? b : a;
    case Op.MAX: return a < b ? b : a;
    case Op.SQRT: return Math.sqrt(a);
    case Op.FLOOR: return Math.floor(a);
    case Op.CEIL: return Math.ceil(a);
    default: return NaN;
  }
}

/** Is an operation with an i32 result one that works on i32 values? */
export function hasSmallResult(op: i32): bool {
  return (op >= Op.ADD && op <= Op.MUL) || (op >= Op.BAND && op <= Op.BXOR) || op == Op.SHL || op == Op.SHR;
}

/** An operation with an i32 result. Only where `hasSmallResult`. */
export function smallResult(op: i32, a: i32, b: i32): i32 {
  switch (op) {
    case Op.ADD: return a + b;
    case Op.SUB: return a - b;
    case Op.MUL: return a * b;
    case Op.BAND: return a & b;
    case Op.BOR: return a | b;
    case Op.BXOR: return a ^ b;
    case Op.SHL: return shiftLeft32(a, b);
    default: return shiftLeft32(a, -b);
  }
}
