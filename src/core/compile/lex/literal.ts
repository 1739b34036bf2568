/**
 * Names, strings and numerals: tokens with a value. A string without escapes is made from the source's bytes; others go through TEXT, which then begins
 * with the delimiter, so that it is what messages show: the token so far with its escapes replaced.
 */
import { MAX_SHORT_STRING, OBJECT_FLAGS, STRING_RESERVED, STRING_WORD_SHIFT, TAG_STRING } from '../../../bytecode/layout';
import { bufferText } from '../../strings/buffer';
import { digitValue, parseNumber } from '../../number/read';
import { newStringInPieces } from '../../strings/string';
import { tableGet, tableSet } from '../../objects/table';
import { newTable } from '../../objects/table-new';
import { encodeUtf8 } from '../../strings/utf8-encode';
import { isNil, pointerOf, setInt, setObject } from '../../base/value';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import {
  LEX_AHEAD, LEX_LINE, LEX_POSITION, LEX_START, LEX_VALUE, NOT_PEEKED, SCRATCH_VALUE, SOURCE_BASE, SOURCE_END, SOURCE_HAS_READER, SOURCE_KEPT, STRINGS, TEXT,
} from '../state/cells';
import { NO_BYTE, addressOf, byteAt, more } from './source';
import { beginError, bufferInteger, failAtEnd, failInToken, throwAtEnd } from './syntax-error';
import {
  CH_0, CH_BACKSLASH, CH_CLOSE_BRACE, CH_CLOSE_BRACKET, CH_DOT, CH_DOUBLE_QUOTE, CH_EQUALS, CH_MINUS, CH_NEWLINE, CH_OPEN_BRACE, CH_PLUS, CH_QUOTE, CH_RETURN,
  CLASS_ALNUM, CLASS_ALPHA, CLASS_DIGIT, CLASS_HEX, CLASS_PLAIN, CLASS_SPACE, FIRST_RESERVED, T_NAME, T_NUMBER, T_STRING, classOfByte,
} from './token';

/** Decimal numerals up to this length fit an integer. */
const FAST_DIGITS: u32 = 18;
const LOWER: u32 = 32;
const LOWER_E: u32 = 101;
const LOWER_P: u32 = 112;
const LOWER_X: u32 = 120;
/** Largest value of `\u{...}`. */
const MAX_UTF8: u32 = 0x7fffffff;

/**
 * The string of these bytes. In a chunk there is one object for equal long strings, too; and where the collector may come before the string is used,
 * because a reader runs meanwhile, the table of strings keeps it.
 */
function chunkString(bytes: u32, length: u32): u32 {
  const fresh = newStringInPieces(bytes, length);
  if (length <= MAX_SHORT_STRING && !load<u32>(SOURCE_HAS_READER)) return fresh;
  if (!load<u32>(STRINGS)) store<u32>(STRINGS, newTable(0, 0));
  setObject(LEX_VALUE, TAG_STRING, fresh);
  tableGet(load<u32>(STRINGS), LEX_VALUE, SCRATCH_VALUE);
  if (!isNil(SCRATCH_VALUE)) return pointerOf(SCRATCH_VALUE);
  tableSet(load<u32>(STRINGS), LEX_VALUE, LEX_VALUE);
  return fresh;
}

/** Behind the bytes of a class that start at `at`. */
// @ts-ignore: decorator
@inline function endOfRun(at: u32, classes: u32): u32 {
  do {
    const end = load<u32>(SOURCE_END);
    const base = load<u32>(SOURCE_BASE);
    while (at < end && classOfByte(load<u8>(base + at)) & classes) at++;
    if (at < end) break;
  } while (more(at));
  return at;
}

/** The text in front of a position is not needed any more, unless a token that was read before needs it. */
export function letGo(position: u32): void {
  if (load<u32>(LEX_AHEAD) == NOT_PEEKED) store<u32>(SOURCE_KEPT, position);
}

// @ts-ignore: decorator
@inline export function isLineBreak(byte: i32): bool { return byte == CH_NEWLINE || byte == CH_RETURN; }

/** Behind the line break (\n, \r, \r\n or \n\r) at a position. */
export function skipLineBreak(at: u32): u32 {
  const first = byteAt(at);
  const second = byteAt(++at);
  if (isLineBreak(second) && second != first) at++;
  store<u32>(LEX_LINE, load<u32>(LEX_LINE) + 1);
  return at;
}

// ---- Names

/** A name or reserved word. @returns its kind */
export function scanName(start: u32): u32 {
  const at = endOfRun(start + 1, CLASS_ALNUM);
  store<u32>(LEX_START, start);
  store<u32>(LEX_POSITION, at);
  const name = chunkString(addressOf(start), at - start);
  const flags = <u32>load<u8>(name, OBJECT_FLAGS);
  if (flags & STRING_RESERVED) return FIRST_RESERVED + (flags >> STRING_WORD_SHIFT);
  setObject(LEX_VALUE, TAG_STRING, name);
  return T_NAME;
}

// ---- Numerals

/** Reads everything that looks like a numeral, then asks whether it is one (PUC's read_numeral). @returns T_NUMBER */
export function scanNumber(start: u32): u32 {
  let at = endOfRun(start, CLASS_DIGIT);
  let byte = byteAt(at);
  if (byte != <i32>CH_DOT && (byte < 0 || !(classOfByte(byte) & CLASS_ALPHA)) && at - start <= FAST_DIGITS) {
    const base = load<u32>(SOURCE_BASE);
    let value: i64 = 0;
    for (let i = start; i < at; i++) value = value * 10 + <i64>(load<u8>(base + i) - CH_0);
    store<u32>(LEX_POSITION, at);
    setInt(LEX_VALUE, value);
    return T_NUMBER;
  }
  // As in PUC, a point in front does not count: .0x1 is as malformed as a hexadecimal numeral can be.
  at = byteAt(start) == <i32>CH_DOT ? start + 1 : start;
  let exponentMark = LOWER_E;
  if (byteAt(at) == <i32>CH_0 && (byteAt(at + 1) | LOWER) == LOWER_X) {
    exponentMark = LOWER_P;
    at += 2;
  }
  for (byte = byteAt(at); byte != NO_BYTE; byte = byteAt(++at)) {
    if ((<u32>byte | LOWER) == exponentMark) {
      const sign = byteAt(at + 1);
      if (sign == <i32>CH_PLUS || sign == <i32>CH_MINUS) at++;
    } else if (!(classOfByte(byte) & CLASS_HEX) && byte != <i32>CH_DOT) break;
  }
  // A letter that touches the numeral makes it malformed.
  if (byte != NO_BYTE && classOfByte(byte) & CLASS_ALPHA) byteAt(++at);
  store<u32>(LEX_POSITION, at);
  if (!parseNumber(addressOf(start), at - start, LEX_VALUE)) failInToken('malformed number', 0, 0, start, at);
  return T_NUMBER;
}

// ---- Long brackets

/** Number of `=` of the long bracket that opens at `start`; if it is none, -1 minus the number of `=` that follow. */
export function longBracketLevel(start: u32): i32 {
  let at = start + 1;
  while (byteAt(at) == <i32>CH_EQUALS) at++;
  const level = <i32>(at - start - 1);
  return byteAt(at) == byteAt(start) ? level : -1 - level;
}

/** The string in the long bracket of `level` at the scanner's position. @returns T_STRING */
export function scanLongString(level: i32): u32 {
  const first = load<u32>(LEX_POSITION) + level + 2;
  cutBuffer(TEXT, 0);
  const firstLine = load<u32>(LEX_LINE);
  let start = first;
  if (isLineBreak(byteAt(start))) start = skipLineBreak(start);
  let at = start;
  let isCopied = false;
  for (;;) {
    const byte = byteAt(at);
    if (byte == NO_BYTE) failUnfinished('string', firstLine);
    if (byte == <i32>CH_CLOSE_BRACKET && longBracketLevel(at) == level) break;
    if (!isLineBreak(byte)) {
      at++;
      continue;
    }
    const behind = skipLineBreak(at);
    // Every line break becomes a \n.
    if (byte == CH_RETURN || behind != at + 1) {
      pushText(start, at);
      store<u8>(pushBytes(TEXT, 1), <u8>CH_NEWLINE);
      isCopied = true;
      start = behind;
    }
    at = behind;
  }
  let value: u32;
  if (isCopied) {
    pushText(start, at);
    value = chunkString(bufferAddress(TEXT), bufferSize(TEXT));
  } else value = chunkString(addressOf(start), at - start);
  setObject(LEX_VALUE, TAG_STRING, value);
  store<u32>(LEX_POSITION, at + level + 2);
  return T_STRING;
}

/** Behind the long comment of `level` whose bracket opens at `at`. */
export function skipLongComment(at: u32, level: i32): u32 {
  const firstLine = load<u32>(LEX_LINE);
  at += level + 2;
  for (;;) {
    const byte = byteAt(at);
    if (byte == NO_BYTE) failUnfinished('comment', firstLine);
    if (byte == <i32>CH_CLOSE_BRACKET && longBracketLevel(at) == level) break;
    if (isLineBreak(byte)) {
      at = skipLineBreak(at);
      letGo(at);
    } else at++;
  }
  return at + level + 2;
}

function failUnfinished(what: string, firstLine: u32): void {
  beginError('unfinished long ');
  bufferText(what);
  bufferText(' (starting at line ');
  bufferInteger(firstLine);
  bufferText(')');
  throwAtEnd();
}

function pushText(start: u32, end: u32): void {
  // The bytes are looked up behind the push: nothing else moves them.
  memory.copy(pushBytes(TEXT, end - start), addressOf(start), end - start);
}

// ---- Quoted strings

/** The quoted string at the scanner's position. @returns T_STRING */
export function scanQuotedString(delimiter: i32): u32 {
  const token = load<u32>(LEX_POSITION);
  cutBuffer(TEXT, 0);
  // Start of what is not in TEXT yet; the delimiter goes there, too.
  let start = token;
  let at = token + 1;
  for (;;) {
    at = endOfRun(at, CLASS_PLAIN);
    const byte = byteAt(at);
    if (byte == delimiter) break;
    if (byte == NO_BYTE) failAtEnd('unfinished string');
    if (isLineBreak(byte)) failInString('unfinished string', start, at);
    if (byte == CH_BACKSLASH) {
      pushText(start, at);
      at = scanEscape(at);
      start = at;
    } else at++;
  }
  let value: u32;
  if (start == token) value = chunkString(addressOf(token + 1), at - token - 1);
  else {
    pushText(start, at);
    value = chunkString(bufferAddress(TEXT) + 1, bufferSize(TEXT) - 1);
  }
  setObject(LEX_VALUE, TAG_STRING, value);
  store<u32>(LEX_POSITION, at + 1);
  return T_STRING;
}

function failInString(text: string, start: u32, end: u32): void {
  failInToken(text, bufferAddress(TEXT), bufferSize(TEXT), start, end);
}

/** Shows the string up to and including the byte at `culprit`; the scanner has then seen one more. */
function failEscape(text: string, start: u32, culprit: u32): void {
  let end = culprit;
  if (byteAt(culprit) != NO_BYTE) byteAt(++end);
  failInString(text, start, end);
}

function pushByte(byte: u32): void { store<u8>(pushBytes(TEXT, 1), <u8>byte); }

/** Appends what the escape sequence at `start` stands for. @returns the position behind it */
function scanEscape(start: u32): u32 {
  const byte = byteAt(start + 1);
  switch (byte) {
    // At the end of the source there is nothing to show; the string is unfinished.
    case NO_BYTE: failAtEnd('unfinished string'); break;
    case 97: pushByte(7); return start + 2;
    case 98: pushByte(8); return start + 2;
    case 102: pushByte(12); return start + 2;
    case 110: pushByte(10); return start + 2;
    case 114: pushByte(13); return start + 2;
    case 116: pushByte(9); return start + 2;
    case 118: pushByte(11); return start + 2;
    case 120: {
      const high = hexDigitAt(start, start + 2);
      pushByte(high * 16 + hexDigitAt(start, start + 3));
      return start + 4;
    }
    case 117: return scanUtf8Escape(start);
    case 122: {
      let at = start + 2;
      for (;;) {
        const space = byteAt(at);
        if (space == NO_BYTE || !(classOfByte(space) & CLASS_SPACE)) return at;
        at = isLineBreak(space) ? skipLineBreak(at) : at + 1;
      }
    }
    case CH_NEWLINE:
    case CH_RETURN: {
      const at = skipLineBreak(start + 1);
      pushByte(CH_NEWLINE);
      return at;
    }
    case CH_BACKSLASH:
    case CH_QUOTE:
    case CH_DOUBLE_QUOTE: pushByte(byte); return start + 2;
    default:
  }
  if (!(classOfByte(byte) & CLASS_DIGIT)) failEscape('invalid escape sequence', start, start + 1);
  let at = start + 1;
  let value: u32 = 0;
  for (let count = 0; count < 3; count++, at++) {
    const digit = byteAt(at);
    if (digit == NO_BYTE || !(classOfByte(digit) & CLASS_DIGIT)) break;
    value = value * 10 + <u32>digit - CH_0;
  }
  if (value > 255) failEscape('decimal escape too large', start, at);
  pushByte(value);
  return at;
}

function hexDigitAt(start: u32, at: u32): u32 {
  const byte = byteAt(at);
  if (byte == NO_BYTE || !(classOfByte(byte) & CLASS_HEX)) failEscape('hexadecimal digit expected', start, at);
  return digitValue(byte);
}

function scanUtf8Escape(start: u32): u32 {
  let at = start + 2;
  if (byteAt(at) != <i32>CH_OPEN_BRACE) failEscape("missing '{'", start, at);
  let value = hexDigitAt(start, ++at);
  for (at++; ; at++) {
    const byte = byteAt(at);
    if (byte == NO_BYTE || !(classOfByte(byte) & CLASS_HEX)) break;
    if (value > MAX_UTF8 >> 4) failEscape('UTF-8 value too large', start, at);
    value = (value << 4) | digitValue(byte);
  }
  if (byteAt(at) != <i32>CH_CLOSE_BRACE) failEscape("missing '}'", start, at);
  const size = bufferSize(TEXT);
  cutBuffer(TEXT, size + encodeUtf8(pushBytes(TEXT, 6), value));
  return at + 1;
}
