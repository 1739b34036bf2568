/** What goes wrong in a source text: every message of the front end, and the error that carries it. */

/** Messages by code; `%s` and `%d` stand for the arguments in order. The wording is PUC-Rio's, programs match on it. */
export const SYNTAX_MESSAGES = {
  // Lexical
  malformedNumber: 'malformed number',
  unfinishedString: 'unfinished string',
  unfinishedLongString: 'unfinished long %s (starting at line %d)',
  invalidLongDelimiter: 'invalid long string delimiter',
  invalidEscape: 'invalid escape sequence',
  hexDigitExpected: 'hexadecimal digit expected',
  decimalEscapeTooLarge: 'decimal escape too large',
  missingOpenBrace: "missing '{'",
  missingCloseBrace: "missing '}'",
  utf8TooLarge: 'UTF-8 value too large',
  // Syntactic
  expected: '%s expected',
  expectedToClose: '%s expected (to close %s at line %d)',
  unexpectedSymbol: 'unexpected symbol',
  syntaxError: 'syntax error',
  functionArgumentsExpected: 'function arguments expected',
  parameterExpected: "<name> or '...' expected",
  equalsOrInExpected: "'=' or 'in' expected",
  varargOutside: "cannot use '...' outside a vararg function",
  // Scoping
  assignToConst: "attempt to assign to const variable '%s'",
  unknownAttribute: "unknown attribute '%s'",
  multipleToBeClosed: 'multiple to-be-closed variables in local list',
  labelDefined: "label '%s' already defined on line %d",
  gotoIntoScope: "<goto %s> at line %d jumps into the scope of local '%s'",
  breakOutsideLoop: 'break outside loop at line %d',
  noVisibleLabel: "no visible label '%s' for <goto> at line %d",
  // Limits
  tooMany: 'too many %s (limit is %d) in %s',
  tooManyRegisters: 'function or expression needs too many registers',
  nesting: 'C stack overflow',
} as const;

export type SyntaxErrorCode = keyof typeof SYNTAX_MESSAGES;

/** A chunk that does not compile. `message` is complete, as `load` returns it; like all text of the front end it has one char per byte. */
export class LuaSyntaxError extends Error {
  override readonly name = 'LuaSyntaxError';
  readonly code: SyntaxErrorCode;

  constructor(code: SyntaxErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The text of a message with its arguments filled in. */
export function formatSyntaxMessage(code: SyntaxErrorCode, args: readonly (string | number)[]): string {
  let next = 0;
  return SYNTAX_MESSAGES[code].replace(/%[sd]/g, () => String(args[next++]));
}

/** LUA_IDSIZE: room for a chunk's name in messages. */
export const ID_SIZE = 60;
const ELLIPSIS = '...';
const STRING_PREFIX = '[string "';
const STRING_SUFFIX = '"]';

/**
 * The name of a chunk in messages (luaO_chunkid): `=name` and `@file` lose their mark and are cut to 59 chars
 * (a file name at its front), source text becomes `[string "first line..."]`.
 */
export function formatChunkId(source: string): string {
  const mark = source[0];
  if (mark === '=') return source.slice(1, ID_SIZE);
  if (mark === '@') {
    if (source.length <= ID_SIZE) return source.slice(1);
    return ELLIPSIS + source.slice(source.length - (ID_SIZE - 1 - ELLIPSIS.length));
  }
  const room = ID_SIZE - STRING_PREFIX.length - ELLIPSIS.length - STRING_SUFFIX.length - 1;
  const newline = source.indexOf('\n');
  if (newline < 0 && source.length < room) return STRING_PREFIX + source + STRING_SUFFIX;
  const line = newline < 0 ? source : source.slice(0, newline);
  return STRING_PREFIX + line.slice(0, room) + ELLIPSIS + STRING_SUFFIX;
}
