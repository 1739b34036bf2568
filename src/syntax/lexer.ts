/**
 * Bytes to tokens, one pass, one token of look-ahead.
 *
 * The current token is in `token`, `value` and `tokenStart`; `line` is the line the scanner has reached (the current token's end),
 * `lastLine` and `lastEnd` belong to the token consumed before. `line` moves when a token is peeked, as in PUC, so that line
 * numbers in messages and debug data agree. Escapes of quoted strings are in string-scanner.ts.
 */
import { bytesToText } from './byte-text.ts';
import { parseNumeral } from './numerals.ts';
import { scanLongString, scanQuotedString } from './string-scanner.ts';
import { formatChunkId, formatSyntaxMessage, LuaSyntaxError, type SyntaxErrorCode } from './syntax-error.ts';
import {
  CH_0, CH_9, CH_COLON, CH_DOT, CH_DOUBLE_QUOTE, CH_EQUALS, CH_GREATER, CH_LESS, CH_MINUS, CH_NEWLINE, CH_OPEN_BRACKET, CH_PLUS,
  CH_QUOTE, CH_RETURN, CH_SLASH, CH_TILDE, CHARACTER_CLASS, CLASS_ALNUM, CLASS_ALPHA, CLASS_DIGIT, CLASS_HEX, CLASS_SPACE,
  describeTokenKind, T_CONCAT, T_DOTS, T_DOUBLE_COLON, T_EOF, T_EQ, T_FLOAT, T_GE, T_IDIV, T_INTEGER, T_LE, T_NAME, T_NE,
  RESERVED_WORDS, T_SHL, T_SHR, T_STRING,
} from './tokens.ts';

/** Decimal numerals up to this length are integers that fit a double exactly. */
const FAST_INTEGER_DIGITS = 15;
/** Bytes of the first buffer for pieces. */
const FIRST_BUFFER = 512;
const LOWER_E = 101;
const LOWER_P = 112;
const LOWER_X = 120;
const TO_LOWER = 32;

export type TokenValue = string | bigint | number | undefined;

/** The next piece of a source text; undefined or an empty one at its end, after which it is not called again. */
export type SourceReader = () => Uint8Array | undefined;

export class Lexer {
  /** What has been read of the source. Grows where a look-ahead comes to its end and there is a reader: no byte is read before it is looked at. */
  bytes: Uint8Array;
  readonly chunkName: string;
  /** Scanner position: behind the current token, or behind the peeked one. */
  position: number;
  line: number;
  lastLine: number;
  lastEnd: number;
  token: number = T_EOF;
  /** Names and strings (one char per byte), integers (bigint) and floats (number); undefined for other tokens. */
  value: TokenValue = undefined;
  tokenStart = 0;
  private tokenEnd = 0;
  private more: SourceReader | undefined;
  /** A whole source as a byte string: names and strings are slices of it. */
  private readonly text: string | undefined;
  private isPeeked = false;
  private aheadToken: number = T_EOF;
  private aheadValue: TokenValue = undefined;
  private aheadStart = 0;
  private aheadEnd = 0;

  /** A lexer that stands in front of the first token at `position`, which is on line `line`. */
  constructor(source: Uint8Array | SourceReader, chunkName: string, position = 0, line = 1) {
    this.more = typeof source === 'function' ? source : undefined;
    this.bytes = typeof source === 'function' ? new Uint8Array() : source;
    this.text = typeof source === 'function' ? undefined : bytesToText(source);
    this.chunkName = chunkName;
    this.position = position;
    this.line = line;
    this.lastLine = line;
    this.lastEnd = position;
  }

  /** Moves to the next token; as PUC's, the scanner has then seen one byte behind it. */
  advance(): void {
    this.lastLine = this.line;
    this.lastEnd = this.tokenEnd;
    if (this.isPeeked) {
      this.isPeeked = false;
      this.token = this.aheadToken;
      this.value = this.aheadValue;
      this.tokenStart = this.aheadStart;
      this.tokenEnd = this.aheadEnd;
    } else {
      this.token = this.scan();
      this.tokenEnd = this.position;
      this.byteAt(this.position);
    }
  }

  /** Kind of the token behind the current one. */
  peek(): number {
    const { token, value, tokenStart, tokenEnd } = this;
    this.aheadToken = this.scan();
    this.byteAt(this.position);
    this.aheadValue = this.value;
    this.aheadStart = this.tokenStart;
    this.aheadEnd = this.position;
    this.isPeeked = true;
    this.token = token;
    this.value = value;
    this.tokenStart = tokenStart;
    this.tokenEnd = tokenEnd;
    return this.aheadToken;
  }

  /** The byte at `index`, undefined at the end of the source. */
  byteAt(index: number): number | undefined {
    return index < this.bytes.length || this.pull() ? this.bytes[index] : undefined;
  }

  /** A part of the source that has been read, one char per byte. */
  slice(start: number, end: number): string {
    return this.text === undefined ? bytesToText(this.bytes.subarray(start, end)) : this.text.slice(start, end);
  }

  /** Appends the next piece. @returns false at the end of the source */
  private pull(): boolean {
    const piece = this.more?.();
    if (piece === undefined || piece.length === 0) {
      this.more = undefined;
      return false;
    }
    const { bytes } = this;
    const size = bytes.length + piece.length;
    let buffer = bytes;
    if (size > bytes.buffer.byteLength) {
      buffer = new Uint8Array(Math.max(2 * size, FIRST_BUFFER));
      buffer.set(bytes);
    }
    this.bytes = new Uint8Array(buffer.buffer, 0, size);
    this.bytes.set(piece, bytes.length);
    return true;
  }

  /** Raises a syntax error at the current token. */
  failAtToken(code: SyntaxErrorCode, ...args: (string | number)[]): never {
    // PUC takes a zero byte for no token.
    this.fail(code, this.token === 0 ? undefined : this.describeToken(), ...args);
  }

  /** Raises a syntax error at the current line, without a token. */
  failAtLine(code: SyntaxErrorCode, ...args: (string | number)[]): never {
    this.fail(code, undefined, ...args);
  }

  /** Raises a lexical error; `near` is the text of the offending token so far. */
  failInToken(code: SyntaxErrorCode, near: string, ...args: (string | number)[]): never {
    this.fail(code, quote(near), ...args);
  }

  /** Raises a lexical error at the end of the source. */
  failAtEnd(code: SyntaxErrorCode, ...args: (string | number)[]): never {
    this.fail(code, describeTokenKind(T_EOF), ...args);
  }

  private fail(code: SyntaxErrorCode, near: string | undefined, ...args: (string | number)[]): never {
    const text = `${formatChunkId(this.chunkName)}:${this.line}: ${formatSyntaxMessage(code, args)}`;
    throw new LuaSyntaxError(code, near === undefined ? text : `${text} near ${near}`);
  }

  private describeToken(): string {
    const { token, tokenStart, bytes } = this;
    if (token === T_NAME || token === T_INTEGER || token === T_FLOAT) return quote(this.slice(tokenStart, this.tokenEnd));
    if (token !== T_STRING) return describeTokenKind(token);
    const first = bytes[tokenStart]!;
    if (first !== CH_OPEN_BRACKET) return quote(String.fromCharCode(first) + this.value + String.fromCharCode(first));
    const open = this.slice(tokenStart, bytes.indexOf(CH_OPEN_BRACKET, tokenStart + 1) + 1);
    return quote(open + this.value + open.replaceAll('[', ']'));
  }

  /** Steps over a line break (\n, \r, \r\n or \n\r) at the position. */
  skipLineBreak(): void {
    const first = this.bytes[this.position++];
    const second = this.byteAt(this.position);
    if ((second === CH_NEWLINE || second === CH_RETURN) && second !== first) this.position++;
    this.line++;
  }

  private scan(): number {
    this.value = undefined;
    for (;;) {
      const start = this.position;
      const code = this.byteAt(start);
      if (code === undefined) {
        this.tokenStart = start;
        return T_EOF;
      }
      const characterClass = CHARACTER_CLASS[code]!;
      if ((characterClass & CLASS_ALPHA) !== 0) return this.scanName(start);
      if ((characterClass & CLASS_SPACE) !== 0) {
        if (code === CH_NEWLINE || code === CH_RETURN) this.skipLineBreak();
        else this.position++;
        continue;
      }
      if (code === CH_MINUS && this.byteAt(start + 1) === CH_MINUS) {
        this.skipComment(start);
        continue;
      }
      this.tokenStart = start;
      if ((characterClass & CLASS_DIGIT) !== 0) return this.scanNumber(start);
      return this.scanSymbol(code, start);
    }
  }

  private scanSymbol(code: number, start: number): number {
    const next = this.byteAt(start + 1);
    switch (code) {
      case CH_OPEN_BRACKET:
        return this.scanOpenBracket(start);
      case CH_DOUBLE_QUOTE:
      case CH_QUOTE:
        this.value = scanQuotedString(this, code);
        return T_STRING;
      case CH_EQUALS:
        return next === CH_EQUALS ? this.accept(T_EQ, 2) : this.accept(code, 1);
      case CH_LESS:
        if (next === CH_EQUALS) return this.accept(T_LE, 2);
        return next === CH_LESS ? this.accept(T_SHL, 2) : this.accept(code, 1);
      case CH_GREATER:
        if (next === CH_EQUALS) return this.accept(T_GE, 2);
        return next === CH_GREATER ? this.accept(T_SHR, 2) : this.accept(code, 1);
      case CH_SLASH:
        return next === CH_SLASH ? this.accept(T_IDIV, 2) : this.accept(code, 1);
      case CH_TILDE:
        return next === CH_EQUALS ? this.accept(T_NE, 2) : this.accept(code, 1);
      case CH_COLON:
        return next === CH_COLON ? this.accept(T_DOUBLE_COLON, 2) : this.accept(code, 1);
      case CH_DOT:
        if (next === CH_DOT) return this.byteAt(start + 2) === CH_DOT ? this.accept(T_DOTS, 3) : this.accept(T_CONCAT, 2);
        return next !== undefined && next >= CH_0 && next <= CH_9 ? this.scanNumber(start) : this.accept(code, 1);
      default:
        return this.accept(code, 1);
    }
  }

  private accept(kind: number, size: number): number {
    this.position += size;
    return kind;
  }

  private scanName(start: number): number {
    const at = this.endOfRun(start + 1, CLASS_ALNUM);
    this.tokenStart = start;
    this.position = at;
    const name = this.slice(start, at);
    const reserved = RESERVED_WORDS.get(name);
    if (reserved !== undefined) return reserved;
    this.value = name;
    return T_NAME;
  }

  /** Behind the bytes of a class that start at `at`. */
  private endOfRun(at: number, characterClass: number): number {
    for (;;) {
      const { bytes } = this;
      while (at < bytes.length && (CHARACTER_CLASS[bytes[at]!]! & characterClass) !== 0) at++;
      if (at < bytes.length || !this.pull()) return at;
    }
  }

  /** Reads everything that looks like a numeral, then asks whether it is one (PUC's read_numeral). */
  private scanNumber(start: number): number {
    let at = this.endOfRun(start, CLASS_DIGIT);
    const { bytes } = this;
    const next = at < bytes.length ? bytes[at]! : 0;
    if (next !== CH_DOT && (CHARACTER_CLASS[next]! & CLASS_ALPHA) === 0 && at - start <= FAST_INTEGER_DIGITS) {
      let integer = 0;
      for (let i = start; i < at; i++) integer = integer * 10 + bytes[i]! - CH_0;
      this.position = at;
      this.value = BigInt(integer);
      return T_INTEGER;
    }
    at = start;
    let exponentMark = LOWER_E;
    if (bytes[at] === CH_0 && (bytes[at + 1]! | TO_LOWER) === LOWER_X) {
      exponentMark = LOWER_P;
      at += 2;
    }
    let code = this.byteAt(at);
    for (; code !== undefined; code = this.byteAt(++at)) {
      if ((code | TO_LOWER) === exponentMark) {
        const sign = this.byteAt(at + 1);
        if (sign === CH_PLUS || sign === CH_MINUS) at++;
      } else if ((CHARACTER_CLASS[code]! & CLASS_HEX) === 0 && code !== CH_DOT) break;
    }
    // A letter that touches the numeral makes it malformed.
    if (code !== undefined && (CHARACTER_CLASS[code]! & CLASS_ALPHA) !== 0) this.byteAt(++at);
    this.position = at;
    const text = this.slice(start, at);
    const value = parseNumeral(text);
    if (value === undefined) this.failInToken('malformedNumber', text);
    this.value = value;
    return typeof value === 'bigint' ? T_INTEGER : T_FLOAT;
  }

  private scanOpenBracket(start: number): number {
    const level = this.longBracketLevel(start);
    if (level >= 0) {
      this.value = scanLongString(this, level, 'string');
      return T_STRING;
    }
    if (level < -1) this.failInToken('invalidLongDelimiter', this.slice(start, start - level));
    return this.accept(CH_OPEN_BRACKET, 1);
  }

  private skipComment(start: number): void {
    this.position = start + 2;
    if (this.byteAt(this.position) === CH_OPEN_BRACKET) {
      const level = this.longBracketLevel(this.position);
      if (level >= 0) {
        scanLongString(this, level, 'comment');
        return;
      }
    }
    let at = this.position;
    let code = this.byteAt(at);
    while (code !== undefined && code !== CH_NEWLINE && code !== CH_RETURN) code = this.byteAt(++at);
    this.position = at;
  }

  /** Number of `=` of the long bracket that opens at `start`; if it is none, -1 minus the number of `=` that follow. */
  private longBracketLevel(start: number): number {
    let at = start + 1;
    while (this.byteAt(at) === CH_EQUALS) at++;
    const level = at - start - 1;
    return this.bytes[at] === CH_OPEN_BRACKET ? level : -1 - level;
  }
}

/** Text of a token in a message: C strings end at a zero byte. */
function quote(text: string): string {
  const zero = text.indexOf('\0');
  return `'${zero < 0 ? text : text.slice(0, zero)}'`;
}
