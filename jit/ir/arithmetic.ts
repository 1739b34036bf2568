/**
 * What the pure operations compute, on constants: used by constant folding and by the evaluator, so that there is one place that says it.
 * i64 values are bigints in signed 64-bit range, f64 and i32 values numbers (i32 signed).
 */
import type { IROpName, IRType } from './ir-table.ts';

export type IRValue = bigint | number;

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b;
  return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
};

const floorModulo = (a: bigint, b: bigint): bigint => {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
};

/** Lua's logical shift to the left by any amount; negative amounts shift to the right. */
export function shiftLeft(a: bigint, amount: bigint): bigint {
  if (amount <= -64n || amount >= 64n) return 0n;
  return amount >= 0n ? wrap(a << amount) : wrap(BigInt.asUintN(64, a) >> -amount);
}

/** C's pow, which differs from JavaScript's where the result does not depend on one operand. x^2 is x*x, as in PUC's luai_numpow. */
function power(a: number, b: number): number {
  if (b === 2) return a * a;
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return a ** b;
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  return (rest > 0 ? b < 0 : rest < 0 && b > 0) ? rest + b : rest;
}

// Not Math.min: Lua keeps the first argument if neither is less (NaN, zeros of both signs).
const lesser = <Value extends IRValue>(a: Value, b: Value): Value => (b < a ? b : a);
const greater = <Value extends IRValue>(a: Value, b: Value): Value => (a < b ? b : a);

/** Has the float an exact integer value in range? */
export const isInteger = (value: number): boolean => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;

const INTEGER: { readonly [op in IROpName]?: (a: bigint, b: bigint) => bigint } = {
  ADD: (a, b) => wrap(a + b),
  SUB: (a, b) => wrap(a - b),
  MUL: (a, b) => wrap(a * b),
  IDIV: (a, b) => wrap(floorDivide(a, b)),
  MOD: floorModulo,
  NEG: (a) => wrap(-a),
  BAND: (a, b) => a & b,
  BOR: (a, b) => a | b,
  BXOR: (a, b) => a ^ b,
  BNOT: (a) => ~a,
  SHL: shiftLeft,
  SHR: (a, b) => (b <= -64n ? 0n : shiftLeft(a, -b)),
  SAR: (a, b) => a >> b,
  ABS: (a) => (a < 0n ? wrap(-a) : a),
  MIN: lesser,
  MAX: greater,
};

const FLOAT: { readonly [op in IROpName]?: (a: number, b: number) => number } = {
  ADD: (a, b) => a + b,
  SUB: (a, b) => a - b,
  MUL: (a, b) => a * b,
  DIV: (a, b) => a / b,
  IDIV: (a, b) => Math.floor(a / b),
  MOD: floatModulo,
  POW: power,
  NEG: (a) => -a,
  ABS: Math.abs,
  MIN: lesser,
  MAX: greater,
  SQRT: Math.sqrt,
  FLOOR: Math.floor,
  CEIL: Math.ceil,
};

const shiftLeft32 = (a: number, b: number): number => (b <= -32 || b >= 32 ? 0 : b >= 0 ? a << b : (a >>> -b) | 0);

const SMALL: { readonly [op in IROpName]?: (a: number, b: number) => number } = {
  ADD: (a, b) => (a + b) | 0,
  SUB: (a, b) => (a - b) | 0,
  MUL: Math.imul,
  BAND: (a, b) => a & b,
  BOR: (a, b) => a | b,
  BXOR: (a, b) => a ^ b,
  SHL: shiftLeft32,
  SHR: (a, b) => shiftLeft32(a, -b),
};

const COMPARISONS: { readonly [op in IROpName]?: (a: IRValue, b: IRValue) => boolean } = {
  EQ: (a, b) => a === b,
  NE: (a, b) => a !== b,
  LT: (a, b) => a < b,
  LE: (a, b) => a <= b,
  GT: (a, b) => a > b,
  GE: (a, b) => a >= b,
  ULT: (a, b) => unsigned(a) < unsigned(b),
  UGE: (a, b) => unsigned(a) >= unsigned(b),
};

const unsigned = (value: IRValue): IRValue => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : value >>> 0);

const CONVERSIONS: { readonly [op in IROpName]?: (a: IRValue) => IRValue } = {
  I2F: (a) => Number(a),
  ISINT: (a) => (isInteger(a as number) ? 1 : 0),
  F2I: (a) => BigInt(a as number),
  WRAP: (a) => Number(BigInt.asIntN(32, a as bigint)),
  ZEXT: (a) => BigInt((a as number) >>> 0),
};

/**
 * The value of a pure operation on these operands.
 * @param type the operation's result type
 * @returns undefined if the operation does not work on values alone (BYTE, SLOAD, ...) or has no value there (division by zero)
 */
export function evaluatePure(op: IROpName, type: IRType, a: IRValue, b: IRValue): IRValue | undefined {
  const comparison = COMPARISONS[op];
  if (comparison !== undefined) return comparison(a, b) ? 1 : 0;
  const conversion = CONVERSIONS[op];
  if (conversion !== undefined) return op === 'F2I' && !isInteger(a as number) ? undefined : conversion(a);
  if (type === 'i64') return (op === 'IDIV' || op === 'MOD') && b === 0n ? undefined : INTEGER[op]?.(a as bigint, b as bigint);
  if (type === 'f64') return FLOAT[op]?.(a as number, b as number);
  return SMALL[op]?.(a as number, b as number);
}
