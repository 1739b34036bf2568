/** The operators: numbering, priorities, and the tokens that stand for them. Arithmetic ones are in the order of their opcodes. */
import {
  CH_AMPERSAND, CH_CARET, CH_GREATER, CH_HASH, CH_LESS, CH_MINUS, CH_PERCENT, CH_PIPE, CH_PLUS, CH_SLASH, CH_STAR, CH_TILDE, T_AND, T_CONCAT, T_EQ,
  T_GE, T_IDIV, T_LE, T_NE, T_NOT, T_OR, T_SHL, T_SHR,
} from '../lex/token';

export const B_ADD: u32 = 0;
export const B_SUB: u32 = 1;
export const B_MUL: u32 = 2;
export const B_MOD: u32 = 3;
export const B_POW: u32 = 4;
export const B_DIV: u32 = 5;
export const B_IDIV: u32 = 6;
export const B_BAND: u32 = 7;
export const B_BOR: u32 = 8;
export const B_BXOR: u32 = 9;
export const B_SHL: u32 = 10;
export const B_SHR: u32 = 11;
export const B_CONCAT: u32 = 12;
export const B_EQ: u32 = 13;
export const B_NE: u32 = 14;
export const B_LT: u32 = 15;
export const B_LE: u32 = 16;
export const B_GT: u32 = 17;
export const B_GE: u32 = 18;
export const B_AND: u32 = 19;
export const B_OR: u32 = 20;

export const U_MINUS: u32 = 0;
const U_BNOT: u32 = 1;
export const U_NOT: u32 = 2;
export const U_LEN: u32 = 3;

/** Priority of the operand of a unary operator. */
export const UNARY_PRIORITY: u32 = 12;
export const NO_OPERATOR: u32 = 255;

/** Priorities by operator, to the left and to the right; left > right makes it right associative. */
const PRIORITIES = <u32>memory.data<u8>([
  10, 10, 10, 10, 11, 11, 11, 11, 14, 13, 11, 11, 11, 11, 6, 6, 4, 4, 5, 5, 7, 7, 7, 7, 9, 8, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 1, 1,
]);

// @ts-ignore: decorator
@inline export function leftPriority(operator: u32): u32 { return load<u8>(PRIORITIES + operator * 2); }
// @ts-ignore: decorator
@inline export function rightPriority(operator: u32): u32 { return load<u8>(PRIORITIES + operator * 2, 1); }

/** Binary operator that a token stands for, or NO_OPERATOR. */
export function binaryOperatorOf(token: u32): u32 {
  switch (token) {
    case CH_PLUS: return B_ADD;
    case CH_MINUS: return B_SUB;
    case CH_STAR: return B_MUL;
    case CH_PERCENT: return B_MOD;
    case CH_CARET: return B_POW;
    case CH_SLASH: return B_DIV;
    case T_IDIV: return B_IDIV;
    case CH_AMPERSAND: return B_BAND;
    case CH_PIPE: return B_BOR;
    case CH_TILDE: return B_BXOR;
    case T_SHL: return B_SHL;
    case T_SHR: return B_SHR;
    case T_CONCAT: return B_CONCAT;
    case T_EQ: return B_EQ;
    case T_NE: return B_NE;
    case CH_LESS: return B_LT;
    case T_LE: return B_LE;
    case CH_GREATER: return B_GT;
    case T_GE: return B_GE;
    case T_AND: return B_AND;
    case T_OR: return B_OR;
    default: return NO_OPERATOR;
  }
}

/** Unary operator that a token stands for, or NO_OPERATOR. */
export function unaryOperatorOf(token: u32): u32 {
  switch (token) {
    case CH_MINUS: return U_MINUS;
    case CH_TILDE: return U_BNOT;
    case T_NOT: return U_NOT;
    case CH_HASH: return U_LEN;
    default: return NO_OPERATOR;
  }
}
