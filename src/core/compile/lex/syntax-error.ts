/**
 * Errors in the source: "chunk:line: message near token", worded as PUC-Rio's, for programs match on it. A message is begun, appended to by the
 * functions of buffer.ts, and raised. None of the functions named throw... returns.
 */
import { COMPILE_FAILED, LIMIT_NONE, STRING_BYTES, STRING_LENGTH } from '../../../bytecode/layout';
import { appendSourceName } from '../../errors/position';
import { throwString } from '../../base/raise';
import { bufferAdvance, bufferByte, bufferBytes, bufferFinish, bufferLength, bufferReserve, bufferStart, bufferText } from '../../strings/buffer';
import { writeInteger } from '../../number/digits';
import { pointerOf } from '../../base/value';
import { CHUNK_NAME, LEX_LINE, LEX_START, LEX_TOKEN, LEX_TOKEN_END, LEX_VALUE } from '../state/cells';
import { addressOf, byteAt } from './source';
import { CH_OPEN_BRACKET, CH_QUOTE, FIRST_RESERVED, T_EOF, T_NAME, T_NUMBER, T_STRING, tokenText } from './token';

/** "chunk:line: text" */
export function beginError(text: string): void {
  bufferStart();
  appendSourceName(load<u32>(CHUNK_NAME));
  bufferByte(58);
  bufferInteger(load<u32>(LEX_LINE));
  bufferText(': ');
  bufferText(text);
}

export function bufferInteger(value: u32): void { bufferAdvance(writeInteger(bufferReserve(24), <i64>value)); }

/** Appends bytes up to the first zero, as C shows them. */
function bufferCString(bytes: u32, length: u32): void {
  let end: u32 = 0;
  while (end < length && load<u8>(bytes + end)) end++;
  bufferBytes(bytes, end);
}

export function bufferBareName(name: u32): void { bufferCString(name + STRING_BYTES, load<u32>(name, STRING_LENGTH)); }

/** Appends a name, between quotes. */
export function bufferName(name: u32): void {
  bufferByte(CH_QUOTE);
  bufferBareName(name);
  bufferByte(CH_QUOTE);
}

/** Appends a kind of token as messages show it: `'while'`, `'+'`, `<eof>`, `'<\1>'` for a byte that cannot be printed. */
export function bufferKind(kind: u32): void {
  if (kind >= T_EOF) {
    bufferText(tokenText(kind));
    return;
  }
  bufferByte(CH_QUOTE);
  if (kind >= FIRST_RESERVED) bufferText(tokenText(kind));
  else if (kind - 32 < 95) bufferByte(kind);
  else {
    bufferText('<\\');
    bufferInteger(kind);
    bufferByte(62);
  }
  bufferByte(CH_QUOTE);
}

/** Raises the message as it is. */
export function throwSyntaxError(): void {
  const message = bufferFinish();
  store<u32>(COMPILE_FAILED, 1);
  throwString(message, LIMIT_NONE);
}

/** Raises the message with the current token. */
export function throwNearToken(): void {
  const token = load<u32>(LEX_TOKEN);
  // PUC takes a zero byte for no token.
  if (token) {
    bufferText(' near ');
    bufferToken(token);
  }
  throwSyntaxError();
}

function bufferToken(token: u32): void {
  if (token == T_NAME) {
    bufferName(pointerOf(LEX_VALUE));
    return;
  }
  if (token != T_NUMBER && token != T_STRING) {
    bufferKind(token);
    return;
  }
  const start = load<u32>(LEX_START);
  bufferByte(CH_QUOTE);
  if (token == T_NUMBER) bufferBytes(addressOf(start), load<u32>(LEX_TOKEN_END) - start);
  else {
    // As in PUC's buffer: with its delimiters, escapes replaced.
    let size: u32 = 1;
    if (byteAt(start) == CH_OPEN_BRACKET) while (load<u8>(addressOf(start + size++)) != CH_OPEN_BRACKET) {}
    const value = pointerOf(LEX_VALUE);
    const length = load<u32>(value, STRING_LENGTH);
    bufferBytes(addressOf(start), size);
    const before = bufferLength();
    bufferCString(value + STRING_BYTES, length);
    if (bufferLength() - before == length) bufferBytes(addressOf(load<u32>(LEX_TOKEN_END) - size), size);
  }
  bufferByte(CH_QUOTE);
}

/** Raises an error at the current token. */
export function failAtToken(text: string): void {
  beginError(text);
  throwNearToken();
}

/** Raises an error at the current line, without a token. */
export function failAtLine(text: string): void {
  beginError(text);
  throwSyntaxError();
}

/** Raises "token expected". */
export function failExpected(kind: u32): void {
  beginError('');
  bufferKind(kind);
  bufferText(' expected');
  throwNearToken();
}

/** Raises a lexical error at the end of the source. */
export function failAtEnd(text: string): void {
  beginError(text);
  throwAtEnd();
}

/** Raises the message begun, at the end of the source. */
export function throwAtEnd(): void {
  bufferText(' near <eof>');
  throwSyntaxError();
}

/** Raises a lexical error in a token that begins with `text` bytes and goes on with those of the source from `start` up to `end`. */
export function failInToken(text: string, begun: u32, length: u32, start: u32, end: u32): void {
  beginError(text);
  bufferText(" near '");
  const before = bufferLength();
  bufferCString(begun, length);
  if (bufferLength() - before == length) bufferCString(addressOf(start), end - start);
  bufferByte(CH_QUOTE);
  throwSyntaxError();
}
