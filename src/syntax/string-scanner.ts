/**
 * Long and quoted strings. A quoted string without escapes is one slice of the source; escapes go through a list of pieces.
 * Messages show the token as PUC has it in its buffer: the text so far with its escapes already replaced.
 */
import type { Lexer } from './lexer.ts';
import { MAX_UTF8 } from './limits.ts';
import { hexValue } from './numerals.ts';
import {
  CH_0, CH_9, CH_BACKSLASH, CH_CLOSE_BRACE, CH_CLOSE_BRACKET, CH_DOUBLE_QUOTE, CH_EQUALS, CH_NEWLINE, CH_OPEN_BRACE, CH_QUOTE,
  CH_RETURN, CHARACTER_CLASS, CLASS_SPACE,
} from './tokens.ts';
import type { SyntaxErrorCode } from './syntax-error.ts';

const MAX_BYTE = 255;

/** Escapes of a single letter. */
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Content of the long bracket of `level` at the lexer's position; moves behind it. `what` is for the message. */
export function scanLongString(lexer: Lexer, level: number, what: 'string' | 'comment'): string {
  const firstLine = lexer.line;
  lexer.position += level + 2;
  if (isLineBreak(lexer.byteAt(lexer.position))) lexer.skipLineBreak();
  let text = '';
  let pieceStart = lexer.position;
  for (;;) {
    const at = lexer.position;
    const code = lexer.byteAt(at);
    if (code === undefined) {
      lexer.failAtEnd('unfinishedLongString', what, firstLine);
    } else if (code === CH_CLOSE_BRACKET && closesAt(lexer, at, level)) {
      if (what === 'string') text += lexer.slice(pieceStart, at);
      lexer.position = at + level + 2;
      return text;
    } else if (isLineBreak(code)) {
      lexer.skipLineBreak();
      // Every line break becomes a \n.
      if (code === CH_RETURN || lexer.position !== at + 1) {
        text += `${lexer.slice(pieceStart, at)}\n`;
        pieceStart = lexer.position;
      }
    } else {
      lexer.position++;
    }
  }
}

function closesAt(lexer: Lexer, at: number, level: number): boolean {
  for (let index = 1; index <= level; index++) if (lexer.byteAt(at + index) !== CH_EQUALS) return false;
  return lexer.byteAt(at + level + 1) === CH_CLOSE_BRACKET;
}

const isLineBreak = (code: number | undefined): boolean => code === CH_NEWLINE || code === CH_RETURN;

/** Content of the quoted string at the lexer's position, which closes with `delimiter`; moves behind it. */
export function scanQuotedString(lexer: Lexer, delimiter: number): string {
  const open = String.fromCharCode(delimiter);
  let text = '';
  let pieceStart = ++lexer.position;
  for (;;) {
    const at = lexer.position;
    const code = lexer.byteAt(at);
    if (code === delimiter) {
      text += lexer.slice(pieceStart, at);
      lexer.position = at + 1;
      return text;
    }
    if (code === undefined) lexer.failAtEnd('unfinishedString');
    if (isLineBreak(code)) lexer.failInToken('unfinishedString', open + text + lexer.slice(pieceStart, at));
    if (code === CH_BACKSLASH) {
      text += lexer.slice(pieceStart, at);
      text += scanEscape(lexer, open + text);
      pieceStart = lexer.position;
    } else {
      lexer.position++;
    }
  }
}

/** Value of the escape sequence at the position; `before` is the token up to it, for messages. */
function scanEscape(lexer: Lexer, before: string): string {
  const start = lexer.position;
  const code = lexer.byteAt(start + 1);
  // At the end of the source there is nothing to show; the string is unfinished.
  if (code === undefined) {
    lexer.position = start + 1;
    lexer.failAtEnd('unfinishedString');
  }
  const letter = String.fromCharCode(code);
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) {
    lexer.position = start + 2;
    return simple;
  }
  switch (code) {
    case CH_NEWLINE:
    case CH_RETURN:
      lexer.position = start + 1;
      lexer.skipLineBreak();
      return '\n';
    case CH_BACKSLASH:
    case CH_QUOTE:
    case CH_DOUBLE_QUOTE:
      lexer.position = start + 2;
      return letter;
  }
  if (letter === 'x') return scanHexEscape(lexer, before);
  if (letter === 'u') return scanUtf8Escape(lexer, before);
  if (letter === 'z') {
    lexer.position = start + 2;
    skipSpaces(lexer);
    return '';
  }
  if (code >= CH_0 && code <= CH_9) return scanDecimalEscape(lexer, before);
  return failEscape(lexer, 'invalidEscape', before, start + 1);
}

/** Shows the token up to and including the byte at `culprit`; the scanner has then seen one more. */
function failEscape(lexer: Lexer, code: SyntaxErrorCode, before: string, culprit: number): never {
  if (lexer.byteAt(culprit) !== undefined) lexer.byteAt(culprit + 1);
  const end = Math.min(culprit + 1, lexer.bytes.length);
  lexer.failInToken(code, before + lexer.slice(lexer.position, end));
}

function hexDigitAt(lexer: Lexer, before: string, at: number): number {
  const value = hexValue(lexer.byteAt(at) ?? 0);
  return value >= 0 ? value : failEscape(lexer, 'hexDigitExpected', before, at);
}

function scanHexEscape(lexer: Lexer, before: string): string {
  const start = lexer.position;
  const high = hexDigitAt(lexer, before, start + 2);
  const low = hexDigitAt(lexer, before, start + 3);
  lexer.position = start + 4;
  return String.fromCharCode(high * 16 + low);
}

function scanDecimalEscape(lexer: Lexer, before: string): string {
  let at = lexer.position + 1;
  let value = 0;
  for (let count = 0; count < 3; count++) {
    const code = lexer.byteAt(at) ?? 0;
    if (code < CH_0 || code > CH_9) break;
    value = value * 10 + code - CH_0;
    at++;
  }
  if (value > MAX_BYTE) failEscape(lexer, 'decimalEscapeTooLarge', before, at);
  lexer.position = at;
  return String.fromCharCode(value);
}

function scanUtf8Escape(lexer: Lexer, before: string): string {
  let at = lexer.position + 2;
  if (lexer.byteAt(at) !== CH_OPEN_BRACE) failEscape(lexer, 'missingOpenBrace', before, at);
  let value = hexDigitAt(lexer, before, ++at);
  for (at++; ; at++) {
    const digit = hexValue(lexer.byteAt(at) ?? 0);
    if (digit < 0) break;
    value = value * 16 + digit;
    if (value > MAX_UTF8) failEscape(lexer, 'utf8TooLarge', before, at);
  }
  if (lexer.byteAt(at) !== CH_CLOSE_BRACE) failEscape(lexer, 'missingCloseBrace', before, at);
  lexer.position = at + 1;
  return encodeUtf8(value);
}

function skipSpaces(lexer: Lexer): void {
  for (;;) {
    const code = lexer.byteAt(lexer.position);
    if (code === undefined || (CHARACTER_CLASS[code]! & CLASS_SPACE) === 0) return;
    if (isLineBreak(code)) lexer.skipLineBreak();
    else lexer.position++;
  }
}

/** UTF-8 in its original form, up to six bytes, for values up to 2^31 - 1. */
function encodeUtf8(value: number): string {
  if (value < 0x80) return String.fromCharCode(value);
  let continuation = '';
  // The largest value the first byte can still hold.
  let room = 0x3f;
  do {
    continuation = String.fromCharCode(0x80 | (value & 0x3f)) + continuation;
    value >>= 6;
    room >>= 1;
  } while (value > room);
  return String.fromCharCode(((~room << 1) & 0xff) | value) + continuation;
}
