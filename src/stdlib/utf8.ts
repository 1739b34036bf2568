/** The utf8 library (manual, section 6.5); `codes` is an iterator in Lua over `codepointAfter` (src/stdlib/lua/utf8.lua). */
import { SLOT_SIZE } from '../bytecode/layout.ts';
import { fromByteString } from '../vm/text.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

const MAX_UNICODE = 0x10ffff;
const MAX_CODE = 0x7fffffff;
/** Smallest code point of a sequence with this many continuation bytes. */
const LIMITS = [0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000];

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Original UTF-8 of a code point up to 2^31. */
function encode(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  let rest = code;
  let bytes = '';
  let firstRoom = 0x3f;
  do {
    bytes = String.fromCharCode(0x80 | (rest & 0x3f)) + bytes;
    rest = Math.floor(rest / 64);
    firstRoom >>= 1;
  } while (rest > firstRoom);
  return String.fromCharCode(((~firstRoom << 1) & 0xff) | rest) + bytes;
}

/** Decodes the sequence at `at`. @returns undefined if it is not valid */
function decode(bytes: Uint8Array, at: number, isStrict: boolean): { readonly code: number; readonly length: number } | undefined {
  const first = bytes[at] as number;
  if (first < 0x80) return { code: first, length: 1 };
  let count = 0;
  let code = 0;
  for (let lead = first; lead & 0x40; lead <<= 1) {
    const next = bytes[at + ++count];
    if (!isContinuation(next)) return undefined;
    code = code * 64 + ((next as number) & 0x3f);
  }
  code += (first & (0x7f >> (count + 1))) * 64 ** count;
  if (count === 0 || count > 5 || code > MAX_CODE || code < (LIMITS[count] as number)) return undefined;
  if (isStrict && (code > MAX_UNICODE || (code >= 0xd800 && code <= 0xdfff))) return undefined;
  return { code, length: count + 1 };
}

export function createUtf8Functions({ machine, args }: LibraryContext): LibraryFunctions {
  const { slots, core, errors } = machine;

  const checkBytes = (base: number, count: number): Uint8Array => fromByteString(args.checkText(base, count, 1));
  const isLax = (base: number, count: number, n: number): boolean => n <= count && !slots.isFalsy(args.slot(base, n));

  /** A position that may count from the end (u_posrelat). */
  const position = (given: bigint, length: number): number => {
    const value = Number(given);
    return value >= 0 ? value : -value > length ? 0 : length + value + 1;
  };

  return {
    char(base, count) {
      let text = '';
      for (let n = 1; n <= count; n++) {
        const code = args.checkInteger(base, count, n);
        if (code < 0n || code > BigInt(MAX_CODE)) errors.throwArgument(n, 'value out of range');
        text += encode(Number(code));
      }
      return args.text(base, text);
    },

    codepoint(base, count) {
      const bytes = checkBytes(base, count);
      const first = position(args.optionalInteger(base, count, 2, 1n), bytes.length);
      const last = position(args.optionalInteger(base, count, 3, BigInt(first)), bytes.length);
      if (first < 1) errors.throwArgument(2, 'out of bounds');
      if (last > bytes.length) errors.throwArgument(3, 'out of bounds');
      const codes: number[] = [];
      for (let at = first - 1; at < last; ) {
        const decoded = decode(bytes, at, !isLax(base, count, 4));
        if (decoded === undefined) return errors.throwMessage('invalid UTF-8 code');
        codes.push(decoded.code);
        at += decoded.length;
      }
      const offset = machine.stackOffset(base);
      core.ensureStack(codes.length);
      codes.forEach((code, i) => {
        slots.setSafeInteger(machine.stackAddress(offset) + (i - 1) * SLOT_SIZE, code);
      });
      return codes.length;
    },

    len(base, count) {
      const bytes = checkBytes(base, count);
      let at = position(args.optionalInteger(base, count, 2, 1n), bytes.length) - 1;
      const last = position(args.optionalInteger(base, count, 3, -1n), bytes.length) - 1;
      if (at < 0 || at > bytes.length) errors.throwArgument(2, 'initial position out of bounds');
      if (last >= bytes.length) errors.throwArgument(3, 'final position out of bounds');
      let length = 0;
      while (at <= last) {
        const decoded = decode(bytes, at, !isLax(base, count, 4));
        if (decoded === undefined) {
          args.nil(base);
          slots.setSafeInteger(base, at + 1);
          return 2;
        }
        at += decoded.length;
        length += 1;
      }
      return args.integer(base, length);
    },

    offset(base, count) {
      const bytes = checkBytes(base, count);
      let n = Number(args.checkInteger(base, count, 2));
      const start = args.optionalInteger(base, count, 3, n > 0 ? 1n : BigInt(bytes.length + 1));
      let at = position(start, bytes.length) - 1;
      if (at < 0 || at > bytes.length) errors.throwArgument(3, 'position out of bounds');
      if (n === 0) {
        while (at > 0 && isContinuation(bytes[at])) at--;
        return args.integer(base, at + 1);
      }
      if (isContinuation(bytes[at])) return errors.throwMessage('initial position is a continuation byte');
      if (n < 0) {
        while (n < 0 && at > 0) {
          do at--;
          while (at > 0 && isContinuation(bytes[at]));
          n++;
        }
      } else {
        n--;
        while (n > 0 && at < bytes.length) {
          do at++;
          while (isContinuation(bytes[at]));
          n--;
        }
      }
      return n === 0 ? args.integer(base, at + 1) : args.nil(base);
    },

    /** codepointAfter(text, position, lax): place and code of the character behind the one at a position; nothing at the end. */
    codepointAfter(base, count) {
      const bytes = slots.stringView(slots.pointer(base));
      let at = Number(args.checkInteger(base, count, 2));
      while (isContinuation(bytes[at])) at++;
      if (at >= bytes.length) return 0;
      const decoded = decode(bytes, at, !isLax(base, count, 3));
      if (decoded === undefined || isContinuation(bytes[at + decoded.length])) return errors.throwMessage('invalid UTF-8 code');
      args.integer(base, at + 1);
      slots.setSafeInteger(base, decoded.code);
      return 2;
    },
  };
}
