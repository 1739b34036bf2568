/**
 * Bytes to tokens, one token of look-ahead. The current token is in LEX_TOKEN, LEX_VALUE and LEX_START; LEX_LINE is the line the scanner has reached
 * (the current token's end), LEX_LAST_LINE that of the token before. The line moves when a token is peeked at, as in PUC, so that lines in
 * messages and debug data agree.
 */
import { bufferText } from '../../strings/buffer';
import { copyValue, pointerOf } from '../../base/value';
import {
  LEX_AHEAD, LEX_AHEAD_END, LEX_AHEAD_START, LEX_AHEAD_VALUE, LEX_LAST_LINE, LEX_LINE, LEX_POSITION, LEX_START, LEX_TOKEN, LEX_TOKEN_END, LEX_VALUE,
  NOT_PEEKED, SCRATCH_VALUE, SOURCE_BASE, SOURCE_END, SOURCE_KEPT,
} from '../state/cells';
import {
  isLineBreak, letGo, longBracketLevel, scanLongString, scanName, scanNumber, scanQuotedString, skipLineBreak, skipLongComment,
} from './literal';
import { byteAt, more, NO_BYTE } from './source';
import { beginError, bufferInteger, bufferKind, failExpected, failInToken, throwNearToken } from './syntax-error';
import {
  CH_COLON, CH_DOT, CH_DOUBLE_QUOTE, CH_EQUALS, CH_GREATER, CH_LESS, CH_MINUS, CH_OPEN_BRACKET, CH_QUOTE, CH_SLASH, CH_TILDE, CLASS_ALPHA,
  CLASS_DIGIT, CLASS_SPACE, classOfByte, T_CONCAT, T_DOTS, T_DOUBLE_COLON, T_EOF, T_EQ, T_GE, T_IDIV, T_LE, T_NAME, T_NE, T_SHL, T_SHR,
} from './token';

/** Kind of the current token. */
// @ts-ignore: decorator
@inline export function token(): u32 { return load<u32>(LEX_TOKEN); }
/** Line of the scanner, and of the token before the current one. */
// @ts-ignore: decorator
@inline export function line(): u32 { return load<u32>(LEX_LINE); }
// @ts-ignore: decorator
@inline export function lastLine(): u32 { return load<u32>(LEX_LAST_LINE); }

/** Moves to the next token; as PUC's, the scanner has then seen one byte behind it. */
export function advance(): void {
  store<u32>(LEX_LAST_LINE, load<u32>(LEX_LINE));
  if (load<u32>(LEX_AHEAD) != NOT_PEEKED) {
    store<u32>(LEX_TOKEN, load<u32>(LEX_AHEAD));
    store<u32>(LEX_START, load<u32>(LEX_AHEAD_START));
    store<u32>(LEX_TOKEN_END, load<u32>(LEX_AHEAD_END));
    copyValue(LEX_VALUE, LEX_AHEAD_VALUE);
    store<u32>(LEX_AHEAD, NOT_PEEKED);
    return;
  }
  store<u32>(SOURCE_KEPT, load<u32>(LEX_POSITION));
  store<u32>(LEX_TOKEN, scan());
  store<u32>(LEX_TOKEN_END, load<u32>(LEX_POSITION));
  byteAt(load<u32>(LEX_POSITION));
}

/** Kind of the token behind the current one. */
export function peek(): u32 {
  const start = load<u32>(LEX_START);
  copyValue(LEX_AHEAD_VALUE, LEX_VALUE);
  store<u32>(LEX_AHEAD, T_EOF);
  const kind = scan();
  store<u32>(LEX_AHEAD_START, load<u32>(LEX_START));
  store<u32>(LEX_AHEAD_END, load<u32>(LEX_POSITION));
  byteAt(load<u32>(LEX_POSITION));
  store<u32>(LEX_AHEAD, kind);
  copyValue(SCRATCH_VALUE, LEX_VALUE);
  copyValue(LEX_VALUE, LEX_AHEAD_VALUE);
  copyValue(LEX_AHEAD_VALUE, SCRATCH_VALUE);
  store<u32>(LEX_START, start);
  return kind;
}

/** Reads the token at the scanner's position. @returns its kind; LEX_START, LEX_VALUE and LEX_POSITION are set */
function scan(): u32 {
  let at = load<u32>(LEX_POSITION);
  for (;;) {
    const byte = byteAt(at);
    if (byte == NO_BYTE) {
      store<u32>(LEX_START, at);
      store<u32>(LEX_POSITION, at);
      return T_EOF;
    }
    const classes = classOfByte(byte);
    if (classes & CLASS_ALPHA) return scanName(at);
    if (classes & CLASS_SPACE) {
      if (isLineBreak(byte)) {
        at = skipLineBreak(at);
        letGo(at);
      } else at++;
      continue;
    }
    if (byte == <i32>CH_MINUS && byteAt(at + 1) == <i32>CH_MINUS) {
      at = skipComment(at + 2);
      continue;
    }
    store<u32>(LEX_START, at);
    if (classes & CLASS_DIGIT) return scanNumber(at);
    return scanSymbol(byte, at);
  }
}

function scanSymbol(byte: u32, start: u32): u32 {
  const next = byteAt(start + 1);
  switch (byte) {
    case CH_OPEN_BRACKET: {
      store<u32>(LEX_POSITION, start);
      const level = longBracketLevel(start);
      if (level >= 0) return scanLongString(level);
      if (level < -1) failInToken('invalid long string delimiter', 0, 0, start, start - level);
      break;
    }
    case CH_DOUBLE_QUOTE:
    case CH_QUOTE:
      store<u32>(LEX_POSITION, start);
      return scanQuotedString(byte);
    case CH_EQUALS:
      if (next == <i32>CH_EQUALS) return accept(T_EQ, start, 2);
      break;
    case CH_LESS:
      if (next == <i32>CH_EQUALS) return accept(T_LE, start, 2);
      if (next == <i32>CH_LESS) return accept(T_SHL, start, 2);
      break;
    case CH_GREATER:
      if (next == <i32>CH_EQUALS) return accept(T_GE, start, 2);
      if (next == <i32>CH_GREATER) return accept(T_SHR, start, 2);
      break;
    case CH_SLASH:
      if (next == <i32>CH_SLASH) return accept(T_IDIV, start, 2);
      break;
    case CH_TILDE:
      if (next == <i32>CH_EQUALS) return accept(T_NE, start, 2);
      break;
    case CH_COLON:
      if (next == <i32>CH_COLON) return accept(T_DOUBLE_COLON, start, 2);
      break;
    case CH_DOT:
      if (next == <i32>CH_DOT) return byteAt(start + 2) == <i32>CH_DOT ? accept(T_DOTS, start, 3) : accept(T_CONCAT, start, 2);
      if (next != NO_BYTE && classOfByte(next) & CLASS_DIGIT) return scanNumber(start);
      break;
    default:
  }
  return accept(byte, start, 1);
}

// @ts-ignore: decorator
@inline function accept(kind: u32, start: u32, size: u32): u32 {
  store<u32>(LEX_POSITION, start + size);
  return kind;
}

/** Behind the comment whose dashes end at `at`. */
function skipComment(at: u32): u32 {
  if (byteAt(at) == <i32>CH_OPEN_BRACKET) {
    const level = longBracketLevel(at);
    if (level >= 0) return skipLongComment(at, level);
  }
  do {
    const end = load<u32>(SOURCE_END);
    const base = load<u32>(SOURCE_BASE);
    while (at < end && !isLineBreak(load<u8>(base + at))) at++;
    letGo(at);
    if (at < end) break;
  } while (more(at));
  return at;
}

// ---- What the parser asks for

/** Moves past the token if it is of this kind. */
export function skipIf(kind: u32): bool {
  if (token() != kind) return false;
  advance();
  return true;
}

export function check(kind: u32): void {
  if (token() != kind) failExpected(kind);
}

export function skip(kind: u32): void {
  check(kind);
  advance();
}

/** Moves past the token that closes what `open` opened on `openLine`. */
export function skipClosing(kind: u32, open: u32, openLine: u32): void {
  if (token() == kind) {
    advance();
    return;
  }
  if (openLine == line()) failExpected(kind);
  beginError('');
  bufferKind(kind);
  bufferText(' expected (to close ');
  bufferKind(open);
  bufferText(' at line ');
  bufferInteger(openLine);
  bufferText(')');
  throwNearToken();
}

/** The name that the current token is; moves past it. */
export function takeName(): u32 {
  check(T_NAME);
  const name = pointerOf(LEX_VALUE);
  advance();
  return name;
}
