/**
 * Strings: immutable bytes.
 *
 * Strings of up to MAX_SHORT_STRING bytes are interned: equal bytes, equal pointer, so keys and comparisons are compares of pointers.
 * Longer ones are hashed when first used as a key, over all their bytes.
 *
 * Invariants: each short string is in the table exactly once; names of metamethods carry their event number + 1 in OBJECT_EXTRA and are
 * MARK_FIXED, as are the type names, the reserved words and the memory error's message, so that raising it needs no memory.
 */
import {
  MARK_FIXED, MAX_SHORT_STRING, OBJECT_EXTRA, OBJECT_FLAGS, OBJECT_MARK, STRING_BYTES, STRING_HASH, STRING_HASHED, STRING_LENGTH, STRING_NEXT,
  STRING_RESERVED, STRING_SHORT, STRING_WORD_SHIFT, TAG_STRING, VM_EVENT_NAMES, VM_MEMORY_MESSAGE, VM_TEXT_SCRATCH,
  VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { copyBytes } from '../base/bytes';
import { AT_ONCE, copyInPieces } from '../base/pieces';
import { throwMemoryError } from '../base/raise';
import { EVENT_COUNT, eventName } from '../generated/metamethods';
import { freeObject } from '../memory/free';
import { adoptObject, tryNewObject } from '../memory/heap';
import { chargeBytes } from '../base/budget';
import { hashInPieces, hashLong, hashShort } from '../base/hash';
import { RESERVED_WORD_COUNT, reservedWord } from './reserved-word';
import { findShort, initStringTable, linkShort } from './string-table';

const MAX_STRING_LENGTH: u32 = 0x7fffff00;

// @ts-ignore: decorator
@inline export function stringLength(s: u32): u32 { return load<u32>(s, STRING_LENGTH); }
// @ts-ignore: decorator
@inline export function isShortString(s: u32): bool { return (load<u8>(s, OBJECT_FLAGS) & STRING_SHORT) != 0; }

/** After initHeap. Makes the table, and the names the core itself needs. */
export function initStrings(): void {
  initStringTable();
  for (let event: u32 = 0; event < EVENT_COUNT; event++) {
    const name = fixedString(eventName(event));
    store<u8>(name, <u8>(event + 1), OBJECT_EXTRA);
    store<u32>(VM_EVENT_NAMES + event * 4, name);
  }
  for (let tag: u32 = 0; tag < 12; tag++) store<u32>(VM_TYPE_NAMES + tag * 4, fixedString(typeName(tag)));
  store<u32>(VM_MEMORY_MESSAGE, fixedString('not enough memory'));
  for (let word: u32 = 0; word < RESERVED_WORD_COUNT; word++) {
    store<u8>(fixedString(reservedWord(word)), <u8>(STRING_SHORT | STRING_RESERVED | (word << STRING_WORD_SHIFT)), OBJECT_FLAGS);
  }
}

function typeName(tag: u32): string {
  switch (tag) {
    case 0: return 'nil';
    case 1: case 2: return 'boolean';
    case 3: case 4: return 'number';
    case 6: return 'string';
    case 7: return 'table';
    case 8: case 9: return 'function';
    case 11: return 'thread';
    default: return 'userdata';
  }
}

function fixedString(text: string): u32 {
  const s = stringFromLiteral(text);
  store<u8>(s, MARK_FIXED, OBJECT_MARK);
  return s;
}

/** As newStringUninitialised, but 0 when memory ran out. */
export function tryNewStringUninitialised(length: u32): u32 {
  if (length > MAX_STRING_LENGTH) return 0;
  const s = tryNewObject(TAG_STRING, STRING_BYTES + length);
  if (s) {
    store<u64>(s, <u64>length << 32, STRING_HASH);
    store<u32>(s, 0, STRING_NEXT);
  }
  return s;
}

/**
 * A string object of any length for a builder: fill in `length` bytes at STRING_BYTES, then take what internFinished returns.
 * Raises "not enough memory".
 */
export function newStringUninitialised(length: u32): u32 {
  const s = tryNewStringUninitialised(length);
  if (!s) throwMemoryError();
  return s;
}

/** The string whose bytes are in raw memory behind room for its header: a large block, which becomes the string. @param size of the block */
export function adoptString(block: u32, size: u32, length: u32): u32 {
  const s = adoptObject(TAG_STRING, block, size, STRING_BYTES + length);
  store<u64>(s, <u64>length << 32, STRING_HASH);
  store<u32>(s, 0, STRING_NEXT);
  return s;
}

/** Same, for `length` > MAX_SHORT_STRING: it is a finished string once its bytes are written. */
// @ts-ignore: decorator
@inline export function newLongStringUninitialised(length: u32): u32 { return newStringUninitialised(length); }

/** Host API: the same, whose bytes the host fills in at once. */
export function newLongString(length: u32): u32 {
  chargeBytes(length);
  return newStringUninitialised(length);
}

/** The string to use for a filled-in object: itself, or the interned one with the same bytes (the object is then freed). Never fails. */
export function internFinished(s: u32): u32 {
  const length = stringLength(s);
  if (length > MAX_SHORT_STRING) return s;
  const hash = hashShort(s + STRING_BYTES, length);
  const known = findShort(s + STRING_BYTES, length, hash);
  if (known) {
    freeObject(s, STRING_BYTES + length);
    return known;
  }
  linkShort(s, hash);
  return s;
}

/** As newString, but 0 when memory ran out. */
export function tryNewString(bytes: u32, length: u32): u32 {
  if (length > MAX_SHORT_STRING) {
    const s = tryNewStringUninitialised(length);
    chargeBytes(length);
    if (s) copyBytes(s + STRING_BYTES, bytes, length);
    return s;
  }
  const hash = hashShort(bytes, length);
  const known = findShort(bytes, length, hash);
  if (known) return known;
  const s = tryNewObject(TAG_STRING, STRING_BYTES + length);
  if (!s) return 0;
  store<u32>(s, length, STRING_LENGTH);
  copyBytes(s + STRING_BYTES, bytes, length);
  linkShort(s, hash);
  return s;
}

/** The string of `length` bytes at `bytes`; interned up to MAX_SHORT_STRING. Raises "not enough memory". */
export function newString(bytes: u32, length: u32): u32 {
  const s = tryNewString(bytes, length);
  if (!s) throwMemoryError();
  return s;
}

/** As tryNewString, for what may be long. @throws what the host raises: out of fuel, interrupted */
// @ts-ignore: decorator
@inline export function tryNewStringInPieces(bytes: u32, length: u32): u32 { return length <= AT_ONCE ? tryNewString(bytes, length) : tryNewLongString(bytes, length); }

/** As newString, for what may be long. @throws also what the host raises: out of fuel, interrupted */
// @ts-ignore: decorator
@inline export function newStringInPieces(bytes: u32, length: u32): u32 {
  if (length <= AT_ONCE) return newString(bytes, length);
  const s = tryNewLongString(bytes, length);
  if (!s) throwMemoryError();
  return s;
}

function tryNewLongString(bytes: u32, length: u32): u32 {
  const s = tryNewStringUninitialised(length);
  if (s) copyInPieces(s + STRING_BYTES, bytes, length);
  return s;
}

/** The string of an ASCII literal of up to 900 characters (goes through the text scratch). */
export function stringFromLiteral(text: string): u32 {
  const length = <u32>min(text.length, 900);
  for (let i: u32 = 0; i < length; i++) store<u8>(VM_TEXT_SCRATCH + i, <u8>text.charCodeAt(i));
  return newString(VM_TEXT_SCRATCH, length);
}

export function hashOfString(s: u32): u32 {
  const flags = load<u8>(s, OBJECT_FLAGS);
  if (!(flags & (STRING_SHORT | STRING_HASHED))) {
    chargeBytes(stringLength(s));
    store<u32>(s, hashLong(s + STRING_BYTES, stringLength(s)), STRING_HASH);
    store<u8>(s, flags | STRING_HASHED, OBJECT_FLAGS);
  }
  return load<u32>(s, STRING_HASH);
}

/** Before a string is used as a key, where the program may be stopped: the hash of a very long one is made with looks at the limits. */
// @ts-ignore: decorator
@inline export function prepareKey(s: u32): void {
  if (!(load<u8>(s, OBJECT_FLAGS) & (STRING_SHORT | STRING_HASHED)) && stringLength(s) > AT_ONCE) storeHash(s);
}

function storeHash(s: u32): void {
  store<u32>(s, hashInPieces(s + STRING_BYTES, stringLength(s)), STRING_HASH);
  store<u8>(s, load<u8>(s, OBJECT_FLAGS) | STRING_HASHED, OBJECT_FLAGS);
}

export function equalStrings(a: u32, b: u32): bool {
  if (a == b) return true;
  if (isShortString(a) || isShortString(b)) return false;
  return stringLength(a) == stringLength(b) && compareBytes(a + STRING_BYTES, b + STRING_BYTES, stringLength(a)) == 0;
}

/** Order by unsigned bytes, a prefix first (strcoll in the C locale, zeros included): negative, 0 or positive. */
export function compareStrings(a: u32, b: u32): i32 {
  if (a == b) return 0;
  const lengthA = stringLength(a);
  const lengthB = stringLength(b);
  const order = compareBytes(a + STRING_BYTES, b + STRING_BYTES, min(lengthA, lengthB));
  if (order) return order;
  return lengthA == lengthB ? 0 : lengthA < lengthB ? -1 : 1;
}

/** Order of `length` bytes; what is compared is paid for. */
function compareBytes(a: u32, b: u32, length: u32): i32 {
  let at: u32 = 0;
  for (; at + 8 <= length; at += 8) {
    const left = load<u64>(a + at);
    const right = load<u64>(b + at);
    if (left == right) continue;
    chargeBytes(at);
    return bswap(left) < bswap(right) ? -1 : 1;
  }
  chargeBytes(at);
  for (; at < length; at++) {
    const difference = <i32>load<u8>(a + at) - <i32>load<u8>(b + at);
    if (difference) return difference;
  }
  return 0;
}
