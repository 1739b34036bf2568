/** The operators: numbering, priorities, and the tokens that stand for them. Arithmetic ones are numbered in the order of ARITHMETIC. */
import { ARITHMETIC } from '../bytecode/opcode-table.ts';
import {
  CH_AMPERSAND, CH_CARET, CH_GREATER, CH_HASH, CH_LESS, CH_MINUS, CH_PERCENT, CH_PIPE, CH_PLUS, CH_SLASH, CH_STAR, CH_TILDE, T_AND,
  T_CONCAT, T_EOF, T_EQ, T_GE, T_IDIV, T_LE, T_NE, T_NOT, T_OR, T_SHL, T_SHR,
} from './tokens.ts';

export const B_ADD = 0;
export const B_SUB = 1;
export const B_MUL = 2;
export const B_MOD = 3;
export const B_POW = 4;
export const B_DIV = 5;
export const B_IDIV = 6;
export const B_BAND = 7;
export const B_BOR = 8;
export const B_BXOR = 9;
export const B_SHL = 10;
export const B_SHR = 11;
export const B_CONCAT = 12;
export const B_EQ = 13;
export const B_NE = 14;
export const B_LT = 15;
export const B_LE = 16;
export const B_GT = 17;
export const B_GE = 18;
export const B_AND = 19;
export const B_OR = 20;
export type BinaryOperator = number;

/** Operators below this number are arithmetic or bitwise: they fold, and have opcodes `Op.ADD + operator`. */
export const ARITHMETIC_COUNT = ARITHMETIC.length;
export const isBitwise = (operator: BinaryOperator): boolean => operator >= B_BAND && operator <= B_SHR;

export const U_MINUS = 0;
export const U_BNOT = 1;
export const U_NOT = 2;
export const U_LEN = 3;
export type UnaryOperator = number;

interface BinaryDescription {
  readonly operator: BinaryOperator;
  readonly token: number;
  /** Priorities to the left and to the right; left > right makes it right associative. */
  readonly left: number;
  readonly right: number;
}

const BINARY: readonly BinaryDescription[] = [
  { operator: B_ADD, token: CH_PLUS, left: 10, right: 10 },
  { operator: B_SUB, token: CH_MINUS, left: 10, right: 10 },
  { operator: B_MUL, token: CH_STAR, left: 11, right: 11 },
  { operator: B_MOD, token: CH_PERCENT, left: 11, right: 11 },
  { operator: B_POW, token: CH_CARET, left: 14, right: 13 },
  { operator: B_DIV, token: CH_SLASH, left: 11, right: 11 },
  { operator: B_IDIV, token: T_IDIV, left: 11, right: 11 },
  { operator: B_BAND, token: CH_AMPERSAND, left: 6, right: 6 },
  { operator: B_BOR, token: CH_PIPE, left: 4, right: 4 },
  { operator: B_BXOR, token: CH_TILDE, left: 5, right: 5 },
  { operator: B_SHL, token: T_SHL, left: 7, right: 7 },
  { operator: B_SHR, token: T_SHR, left: 7, right: 7 },
  { operator: B_CONCAT, token: T_CONCAT, left: 9, right: 8 },
  { operator: B_EQ, token: T_EQ, left: 3, right: 3 },
  { operator: B_NE, token: T_NE, left: 3, right: 3 },
  { operator: B_LT, token: CH_LESS, left: 3, right: 3 },
  { operator: B_LE, token: T_LE, left: 3, right: 3 },
  { operator: B_GT, token: CH_GREATER, left: 3, right: 3 },
  { operator: B_GE, token: T_GE, left: 3, right: 3 },
  { operator: B_AND, token: T_AND, left: 2, right: 2 },
  { operator: B_OR, token: T_OR, left: 1, right: 1 },
];

/** Priority of the operand of a unary operator. */
export const UNARY_PRIORITY = 12;
export const NO_OPERATOR = -1;

const binaryByToken = new Int8Array(T_EOF + 8).fill(NO_OPERATOR);
for (const { operator, token } of BINARY) binaryByToken[token] = operator;
/** Priorities by operator. */
export const LEFT_PRIORITY = Uint8Array.from(BINARY, ({ left }) => left);
export const RIGHT_PRIORITY = Uint8Array.from(BINARY, ({ right }) => right);

/** Binary operator that a token stands for, or NO_OPERATOR. */
export const binaryOperatorOf = (token: number): BinaryOperator => binaryByToken[token]!;

/** Unary operator that a token stands for, or NO_OPERATOR. */
export function unaryOperatorOf(token: number): UnaryOperator {
  switch (token) {
    case CH_MINUS:
      return U_MINUS;
    case CH_TILDE:
      return U_BNOT;
    case T_NOT:
      return U_NOT;
    case CH_HASH:
      return U_LEN;
    default:
      return NO_OPERATOR;
  }
}
