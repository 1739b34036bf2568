/**
 * Token kinds. A single-character token is its own byte; the others are numbered from FIRST_RESERVED in the order of TOKEN_NAMES.
 * Plain constants, not an enum: they are compared in the hottest code of the front end and bundlers inline them.
 */

export const FIRST_RESERVED = 256;
export const T_AND = 256;
export const T_BREAK = 257;
export const T_DO = 258;
export const T_ELSE = 259;
export const T_ELSEIF = 260;
export const T_END = 261;
export const T_FALSE = 262;
export const T_FOR = 263;
export const T_FUNCTION = 264;
export const T_GOTO = 265;
export const T_IF = 266;
export const T_IN = 267;
export const T_LOCAL = 268;
export const T_NIL = 269;
export const T_NOT = 270;
export const T_OR = 271;
export const T_REPEAT = 272;
export const T_RETURN = 273;
export const T_THEN = 274;
export const T_TRUE = 275;
export const T_UNTIL = 276;
export const T_WHILE = 277;
export const T_IDIV = 278;
export const T_CONCAT = 279;
export const T_DOTS = 280;
export const T_EQ = 281;
export const T_GE = 282;
export const T_LE = 283;
export const T_NE = 284;
export const T_SHL = 285;
export const T_SHR = 286;
export const T_DOUBLE_COLON = 287;
export const T_EOF = 288;
export const T_FLOAT = 289;
export const T_INTEGER = 290;
export const T_NAME = 291;
export const T_STRING = 292;

export const TOKEN_NAMES: readonly string[] = [
  'and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for', 'function', 'goto', 'if', 'in', 'local', 'nil', 'not', 'or',
  'repeat', 'return', 'then', 'true', 'until', 'while', '//', '..', '...', '==', '>=', '<=', '~=', '<<', '>>', '::',
  '<eof>', '<number>', '<integer>', '<name>', '<string>',
];

/** Reserved words to their tokens: the leading entries of TOKEN_NAMES. */
export const RESERVED_WORDS: ReadonlyMap<string, number> = new Map(
  TOKEN_NAMES.slice(0, T_WHILE - FIRST_RESERVED + 1).map((word, index) => [word, FIRST_RESERVED + index]),
);

/** A token kind as messages show it: `'while'`, `'+'`, `<eof>`, `'<\1>'` for a byte that cannot be printed. */
export function describeTokenKind(kind: number): string {
  if (kind < FIRST_RESERVED) return kind >= 32 && kind < 127 ? `'${String.fromCharCode(kind)}'` : `'<\\${kind}>'`;
  const name = TOKEN_NAMES[kind - FIRST_RESERVED]!;
  return kind < T_EOF ? `'${name}'` : name;
}

// ASCII codes that the lexer and the parser name.
export const CH_TAB = 9;
export const CH_NEWLINE = 10;
export const CH_RETURN = 13;
export const CH_DOUBLE_QUOTE = 34;
export const CH_HASH = 35;
export const CH_PERCENT = 37;
export const CH_AMPERSAND = 38;
export const CH_QUOTE = 39;
export const CH_OPEN_PAREN = 40;
export const CH_CLOSE_PAREN = 41;
export const CH_STAR = 42;
export const CH_PLUS = 43;
export const CH_COMMA = 44;
export const CH_MINUS = 45;
export const CH_DOT = 46;
export const CH_SLASH = 47;
export const CH_0 = 48;
export const CH_9 = 57;
export const CH_COLON = 58;
export const CH_SEMICOLON = 59;
export const CH_LESS = 60;
export const CH_EQUALS = 61;
export const CH_GREATER = 62;
export const CH_OPEN_BRACKET = 91;
export const CH_BACKSLASH = 92;
export const CH_CLOSE_BRACKET = 93;
export const CH_CARET = 94;
export const CH_OPEN_BRACE = 123;
export const CH_PIPE = 124;
export const CH_CLOSE_BRACE = 125;
export const CH_TILDE = 126;

// Character classes of the "C" locale.
export const CLASS_ALPHA = 1;
export const CLASS_DIGIT = 2;
export const CLASS_HEX = 4;
export const CLASS_SPACE = 8;
export const CLASS_ALNUM = CLASS_ALPHA | CLASS_DIGIT;

/** Class bits of each byte; `_` is a letter. */
export const CHARACTER_CLASS = buildClasses();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (first: string, last: string, bits: number): void => {
    for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) classes[code]! |= bits;
  };
  mark('a', 'z', CLASS_ALPHA);
  mark('A', 'Z', CLASS_ALPHA);
  mark('_', '_', CLASS_ALPHA);
  mark('0', '9', CLASS_DIGIT | CLASS_HEX);
  mark('a', 'f', CLASS_HEX);
  mark('A', 'F', CLASS_HEX);
  mark('\t', '\r', CLASS_SPACE);
  mark(' ', ' ', CLASS_SPACE);
  return classes;
}
