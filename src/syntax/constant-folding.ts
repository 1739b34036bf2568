/**
 * Constant folding on the tree: what PUC's compiler folds, and nothing else. Operations that would yield NaN or a float zero (whose
 * sign a constant table may lose), divide by zero or fail at run time stay in the code.
 */
import type { BinaryExpression, ConstantExpression, ConstantValue, Expression, UnaryExpression } from './ast.ts';
import {
  ARITHMETIC_COUNT, B_ADD, B_AND, B_BAND, B_BOR, B_BXOR, B_DIV, B_IDIV, B_MOD, B_MUL, B_OR, B_POW, B_SHL, B_SHR, B_SUB,
  type BinaryOperator, isBitwise, U_BNOT, U_MINUS, U_NOT, type UnaryOperator,
} from './operators.ts';

type Numeral = bigint | number;

const INTEGER_BITS = 64;
const MAX_FLOAT_INTEGER = 2 ** 63;
const MIN_EXPONENT = -1022;
const MAX_EXPONENT = 1023;

const isNumeral = (value: ConstantValue): value is Numeral => typeof value === 'bigint' || typeof value === 'number';
const wrap = (value: bigint): bigint => BigInt.asIntN(INTEGER_BITS, value);

/** Value of a unary operation on a constant, or the operation itself. */
export function foldUnary(node: UnaryExpression): Expression {
  const { operand } = node;
  if (operand.kind !== 'constant') return node;
  const value = foldUnaryValue(node.operator, operand.value);
  return value === undefined ? node : replaceBy(operand, value);
}

function foldUnaryValue(operator: UnaryOperator, value: ConstantValue): ConstantValue | undefined {
  switch (operator) {
    case U_NOT:
      return value === null || value === false;
    case U_MINUS:
      if (!isNumeral(value)) return undefined;
      return typeof value === 'bigint' ? wrap(-value) : keepFloat(-value);
    case U_BNOT: {
      const integer = isNumeral(value) ? toInteger(value) : undefined;
      return integer === undefined ? undefined : ~integer;
    }
    default:
      return undefined;
  }
}

/** Value of a binary operation on constants, or the operation itself. */
export function foldBinary(node: BinaryExpression): Expression {
  const { operator, left, right } = node;
  if (left.kind !== 'constant') return node;
  if (operator === B_AND || operator === B_OR) return foldLogical(node, left);
  if (operator >= ARITHMETIC_COUNT || right.kind !== 'constant') return node;
  if (!isNumeral(left.value) || !isNumeral(right.value)) return node;
  const value = foldArithmetic(operator, left.value, right.value);
  return value === undefined ? node : replaceBy(right, value);
}

/** `true and x` and `false or x` are x, adjusted to one value. */
function foldLogical(node: BinaryExpression, left: ConstantExpression): Expression {
  const { right } = node;
  // PUC tests a nil that stands before `and`, and other constants that decide the result, at run time.
  const isNeutral = node.operator === B_AND ? left.value !== null && left.value !== false : left.value === null || left.value === false;
  if (!isNeutral) return node;
  if (right.kind === 'constant') return replaceBy(right, right.value);
  return { kind: 'paren', inner: right, line: node.operatorLine, end: node.operatorEnd };
}

const replaceBy = ({ line, end }: ConstantExpression, value: ConstantValue): ConstantExpression => ({
  kind: 'constant', value, constantName: undefined, line, end,
});

function keepFloat(value: number): number | undefined {
  return Number.isNaN(value) || value === 0 ? undefined : value;
}

/** The integer a numeral is equal to, if there is one in the 64-bit range. */
function toInteger(value: Numeral): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (!Number.isInteger(value) || value < -MAX_FLOAT_INTEGER || value >= MAX_FLOAT_INTEGER) return undefined;
  return BigInt(value);
}

function foldArithmetic(operator: BinaryOperator, left: Numeral, right: Numeral): Numeral | undefined {
  if (isBitwise(operator)) {
    const a = toInteger(left);
    const b = toInteger(right);
    return a === undefined || b === undefined ? undefined : foldBitwise(operator, a, b);
  }
  if (typeof left === 'bigint' && typeof right === 'bigint' && operator !== B_DIV && operator !== B_POW) {
    return foldInteger(operator, left, right);
  }
  return foldFloat(operator, Number(left), Number(right));
}

function foldInteger(operator: BinaryOperator, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case B_ADD:
      return wrap(a + b);
    case B_SUB:
      return wrap(a - b);
    case B_MUL:
      return wrap(a * b);
    case B_IDIV: {
      if (b === 0n) return undefined;
      const quotient = a / b;
      return wrap(a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient);
    }
    case B_MOD: {
      if (b === 0n) return undefined;
      const rest = a % b;
      return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
    }
    default:
      return undefined;
  }
}

function foldFloat(operator: BinaryOperator, a: number, b: number): number | undefined {
  switch (operator) {
    case B_ADD:
      return keepFloat(a + b);
    case B_SUB:
      return keepFloat(a - b);
    case B_MUL:
      return keepFloat(a * b);
    case B_DIV:
      return b === 0 ? undefined : keepFloat(a / b);
    case B_POW:
      return keepFloat(foldPower(a, b));
    case B_IDIV:
      return b === 0 ? undefined : keepFloat(Math.floor(a / b));
    case B_MOD: {
      if (b === 0) return undefined;
      const rest = a % b;
      return keepFloat(rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest);
    }
    default:
      return undefined;
  }
}

function foldBitwise(operator: BinaryOperator, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case B_BAND:
      return a & b;
    case B_BOR:
      return a | b;
    case B_BXOR:
      return a ^ b;
    case B_SHL:
      return shiftLeft(a, b);
    case B_SHR:
      return shiftLeft(a, -b);
    default:
      return undefined;
  }
}

/** Logical shift; negative counts shift right, counts of 64 and more give 0. */
function shiftLeft(value: bigint, count: bigint): bigint {
  if (count <= -64n || count >= 64n) return 0n;
  return wrap(count >= 0n ? value << count : BigInt.asUintN(INTEGER_BITS, value) >> -count);
}

/**
 * Powers whose value is exact: powers of two and integers. Others are left to the core, whose `pow` may round the last bit differently
 * from this host's: an expression must not depend on whether it was folded.
 */
function foldPower(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return Number.NaN;
  if (a === 2 && b >= MIN_EXPONENT && b <= MAX_EXPONENT) return 2 ** b;
  const value = a ** b;
  return b >= 0 && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}
