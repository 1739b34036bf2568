/** Token kinds and classes of bytes. A single-character token is its own byte; the others are numbered from FIRST_RESERVED in the order of reserved-word.ts. */
import { reservedWord } from '../../strings/reserved-word';

export const FIRST_RESERVED: u32 = 256;
export const T_AND: u32 = 256;
export const T_BREAK: u32 = 257;
export const T_DO: u32 = 258;
export const T_ELSE: u32 = 259;
export const T_ELSEIF: u32 = 260;
export const T_END: u32 = 261;
export const T_FALSE: u32 = 262;
export const T_FOR: u32 = 263;
export const T_FUNCTION: u32 = 264;
export const T_GOTO: u32 = 265;
export const T_IF: u32 = 266;
export const T_IN: u32 = 267;
export const T_LOCAL: u32 = 268;
export const T_NIL: u32 = 269;
export const T_NOT: u32 = 270;
export const T_OR: u32 = 271;
export const T_REPEAT: u32 = 272;
export const T_RETURN: u32 = 273;
export const T_THEN: u32 = 274;
export const T_TRUE: u32 = 275;
export const T_UNTIL: u32 = 276;
export const T_WHILE: u32 = 277;
export const T_IDIV: u32 = 278;
export const T_CONCAT: u32 = 279;
export const T_DOTS: u32 = 280;
export const T_EQ: u32 = 281;
export const T_GE: u32 = 282;
export const T_LE: u32 = 283;
export const T_NE: u32 = 284;
export const T_SHL: u32 = 285;
export const T_SHR: u32 = 286;
export const T_DOUBLE_COLON: u32 = 287;
export const T_EOF: u32 = 288;
export const T_NUMBER: u32 = 289;
export const T_NAME: u32 = 290;
export const T_STRING: u32 = 291;

/** Text of a kind that is no single character. */
export function tokenText(kind: u32): string {
  switch (kind) {
    case T_IDIV: return '//';
    case T_CONCAT: return '..';
    case T_DOTS: return '...';
    case T_EQ: return '==';
    case T_GE: return '>=';
    case T_LE: return '<=';
    case T_NE: return '~=';
    case T_SHL: return '<<';
    case T_SHR: return '>>';
    case T_DOUBLE_COLON: return '::';
    case T_EOF: return '<eof>';
    case T_NAME: return '<name>';
    default: return reservedWord(kind - FIRST_RESERVED);
  }
}

// ---- Bytes
export const CH_NEWLINE: i32 = 10;
export const CH_RETURN: i32 = 13;
export const CH_DOUBLE_QUOTE: i32 = 34;
export const CH_HASH: u32 = 35;
export const CH_PERCENT: u32 = 37;
export const CH_AMPERSAND: u32 = 38;
export const CH_QUOTE: i32 = 39;
export const CH_OPEN_PAREN: u32 = 40;
export const CH_CLOSE_PAREN: u32 = 41;
export const CH_STAR: u32 = 42;
export const CH_PLUS: u32 = 43;
export const CH_COMMA: u32 = 44;
export const CH_MINUS: u32 = 45;
export const CH_DOT: u32 = 46;
export const CH_SLASH: u32 = 47;
export const CH_0: u32 = 48;
export const CH_COLON: u32 = 58;
export const CH_SEMICOLON: u32 = 59;
export const CH_LESS: u32 = 60;
export const CH_EQUALS: u32 = 61;
export const CH_GREATER: u32 = 62;
export const CH_OPEN_BRACKET: u32 = 91;
export const CH_BACKSLASH: i32 = 92;
export const CH_CLOSE_BRACKET: u32 = 93;
export const CH_CARET: u32 = 94;
export const CH_OPEN_BRACE: u32 = 123;
export const CH_PIPE: u32 = 124;
export const CH_CLOSE_BRACE: u32 = 125;
export const CH_TILDE: u32 = 126;

// Classes of the "C" locale.
/** A letter or `_`. */
export const CLASS_ALPHA: u32 = 1;
export const CLASS_DIGIT: u32 = 2;
export const CLASS_HEX: u32 = 4;
export const CLASS_SPACE: u32 = 8;
/** Nothing special inside of quotes: no delimiter, backslash, line break. */
export const CLASS_PLAIN: u32 = 16;
export const CLASS_ALNUM: u32 = 3;

/** Class bits by byte. */
const CLASSES = <u32>memory.data<u8>([
  16, 16, 16, 16, 16, 16, 16, 16, 16, 24, 8, 24, 24, 8, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
  24, 16, 0, 16, 16, 16, 16, 0, 16, 16, 16, 16, 16, 16, 16, 16, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 16, 16, 16, 16, 16, 16,
  16, 21, 21, 21, 21, 21, 21, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 16, 0, 16, 16, 17,
  16, 21, 21, 21, 21, 21, 21, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 16, 16, 16, 16, 16,
  16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
  16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
  16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
  16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
]);

// @ts-ignore: decorator
@inline export function classOfByte(byte: u32): u32 { return load<u8>(CLASSES + byte); }
