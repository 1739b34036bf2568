/**
 * Patterns (manual, section 6.4.1) as programs: a list of items, in which sets and classes are looked up in tables, and which say what the next byte must be. What
 * a pattern does wrong is an item of its own, since it is an error only once a match gets there.
 *
 * A program is raw memory: its header, ITEM_SIZE for each item, then tables of 256 bytes in which each set has a bit. Programs are kept by the pattern's address
 * (VM_PATTERNS) until the next collection, behind which another string may be there.
 */
import { STRING_BYTES, STRING_HASH, VM_PATTERNS } from '../../bytecode/layout';
import { charge, work, workTime } from '../base/budget';
import { ONES } from '../base/bytes';
import { throwMemoryError } from '../base/raise';
import { freeRaw } from '../memory/free';
import { allocateRaw } from '../memory/heap';
import { isShortString, stringLength } from './string';

// Header of a program, by offset. The key is the pattern's address, and whether its ^ is an anchor.
const KEY: u32 = 0;
const CAPACITY: u32 = 4;
/** PROGRAM_* */
export const PROGRAM_FLAGS: u32 = 8;
export const PROGRAM_CAPTURES: u32 = 12;
/** The item that takes the first byte of each match, 0 if none has to. */
export const PROGRAM_FIRST: u32 = 16;
export const PROGRAM_ITEMS: u32 = 32;

export const PROGRAM_ANCHORED: u32 = 1;
/** All bytes stand for themselves. (A closing parenthesis alone does not count, as in PUC.) */
export const PROGRAM_PLAIN: u32 = 2;

// An item, by offset.
const OP: u32 = 0;
/** The byte (of ITEM_BALANCE the first), a mask in the table, the number of a capture, ITEM_ERROR_*. */
export const ITEM_VALUE: u32 = 1;
/** Whether the byte is in the set if its bit is there; the second byte of ITEM_BALANCE. */
export const ITEM_EXPECTED: u32 = 2;
/** Nothing that follows can begin where a shorter run ends. */
export const ITEM_IS_FINAL: u32 = 3;
export const ITEM_TABLE: u32 = 4;
/** The item that takes the byte behind this one, 0 if none has to. */
export const ITEM_NEXT: u32 = 8;
/** Of an item with a suffix: ITEM_BYTE, ITEM_ANY or ITEM_SET. */
export const ITEM_KIND: u32 = 12;
export const ITEM_SIZE: u32 = 16;

export const ITEM_END: u32 = 0;
export const ITEM_BYTE: u32 = 1;
export const ITEM_ANY: u32 = 2;
export const ITEM_SET: u32 = 3;
/** With *, +, -, ?. */
export const ITEM_MOST: u32 = 4;
export const ITEM_MOST_OF_ONE: u32 = 5;
export const ITEM_FEWEST: u32 = 6;
export const ITEM_OPTIONAL: u32 = 7;
export const ITEM_OPEN: u32 = 8;
export const ITEM_POSITION: u32 = 9;
export const ITEM_CLOSE: u32 = 10;
/** %1, %b, %f, $. */
export const ITEM_CAPTURED: u32 = 11;
export const ITEM_BALANCE: u32 = 12;
export const ITEM_FRONTIER: u32 = 13;
export const ITEM_SUBJECT_END: u32 = 14;
export const ITEM_ERROR: u32 = 15;

export const ITEM_ERROR_ESCAPE: u32 = 0;
export const ITEM_ERROR_BRACKET: u32 = 1;
export const ITEM_ERROR_BALANCE: u32 = 2;
export const ITEM_ERROR_FRONTIER: u32 = 3;
export const ITEM_ERROR_CLOSE: u32 = 4;
export const ITEM_ERROR_CAPTURES: u32 = 5;
/** Its number is ITEM_EXPECTED. */
export const ITEM_ERROR_INDEX: u32 = 6;

export const MAX_CAPTURES: u32 = 32;

/** Programs of short patterns are found by the pattern's hash (a power of two); behind them is one of a long one. */
const KEPT: u32 = 16;
const TABLE_SIZE: u32 = 256;
const ITEMS_OF_A_PAGE: u32 = 256;
const SETS_OF_A_TABLE: u32 = 8;

const CARET: u32 = 94;
const ESCAPE: u32 = 37;
const BRACKET: u32 = 91;

// ---- Character classes: one bit each, by byte.

const ALPHA: u32 = 1;
const DIGIT: u32 = 2;
const LOWER: u32 = 4;
const SPACE: u32 = 8;
const UPPER: u32 = 16;
const CONTROL: u32 = 32;
const PUNCTUATION: u32 = 64;
const HEXADECIMAL: u32 = 128;
const classes = <u32>memory.data(256, 8);

function classBitsOf(byte: u32): u32 {
  let bits: u32 = 0;
  if (byte - 97 < 26) bits |= ALPHA | LOWER;
  if (byte - 65 < 26) bits |= ALPHA | UPPER;
  if (byte - 48 < 10) bits |= DIGIT | HEXADECIMAL;
  if ((byte | 32) - 97 < 6) bits |= HEXADECIMAL;
  if (byte == 32 || byte - 9 < 5) bits |= SPACE;
  if (byte < 32 || byte == 127) bits |= CONTROL;
  if (byte - 33 < 94 && !(bits & (ALPHA | DIGIT))) bits |= PUNCTUATION;
  return bits;
}
for (let byte: u32 = 0; byte < 256; byte++) store<u8>(classes + byte, classBitsOf(byte));

/** Bits of the class that %name names, in lower case or as its complement in upper case; 0 if it stands for itself. */
function classNamed(name: u32): u32 {
  switch (name | 32) {
    case 97: return ALPHA;
    case 99: return CONTROL;
    case 100: return DIGIT;
    case 103: return ALPHA | DIGIT | PUNCTUATION;
    case 108: return LOWER;
    case 112: return PUNCTUATION;
    case 115: return SPACE;
    case 117: return UPPER;
    case 119: return ALPHA | DIGIT;
    case 120: return HEXADECIMAL;
    default: return 0;
  }
}

// @ts-ignore: decorator
@inline function isLetter(byte: u32): bool { return (byte | 32) - 97 < 26; }
// @ts-ignore: decorator
@inline function isZeroClass(name: u32): bool { return (name | 32) == 122; }
// @ts-ignore: decorator
@inline function isComplement(name: u32): bool { return (name & 32) == 0; }

/** Does an item that takes one byte take this one? @param kind ITEM_BYTE, ITEM_ANY or ITEM_SET */
// @ts-ignore: decorator
@inline export function takes(item: u32, kind: u32, byte: u32): bool {
  if (kind == ITEM_BYTE) return byte == <u32>load<u8>(item, ITEM_VALUE);
  if (kind == ITEM_ANY) return true;
  return isIn(load<u32>(item, ITEM_TABLE), load<u8>(item, ITEM_VALUE), load<u8>(item, ITEM_EXPECTED), byte);
}

// @ts-ignore: decorator
@inline export function isIn(table: u32, mask: u32, expected: u32, byte: u32): bool {
  return u32((load<u8>(table + byte) & mask) != 0) == expected;
}

// ---- Sets

/** Adds the members of a class to the set that has this bit in a table. */
function addClass(table: u32, bit: u32, name: u32): void {
  const bits = isLetter(name) ? classNamed(name) : 0;
  if (isLetter(name) && isZeroClass(name)) {
    if (isComplement(name)) for (let byte: u32 = 1; byte < 256; byte++) addByte(table, bit, byte);
    else addByte(table, bit, 0);
  } else if (!bits) addByte(table, bit, name);
  else {
    const expected = u32(!isComplement(name));
    for (let byte: u32 = 0; byte < 256; byte++) if (isIn(classes, bits, expected, byte)) addByte(table, bit, byte);
  }
}

// @ts-ignore: decorator
@inline function addByte(table: u32, bit: u32, byte: u32): void { store<u8>(table + byte, load<u8>(table + byte) | <u8>bit); }

/** Makes the set [p, last], `last` being its closing bracket. */
function makeSet(table: u32, bit: u32, p: u32, last: u32): void {
  p++;
  const negated = load<u8>(p) == CARET;
  if (negated) p++;
  while (p < last) {
    const member = <u32>load<u8>(p);
    if (member == ESCAPE) {
      addClass(table, bit, load<u8>(p, 1));
      p += 2;
    } else if (load<u8>(p, 1) == 45 && p + 2 < last) {
      for (let byte = member, end = <u32>load<u8>(p, 2); byte <= end; byte++) addByte(table, bit, byte);
      p += 3;
    } else {
      addByte(table, bit, member);
      p++;
    }
  }
  if (negated) for (let at = table; at < table + TABLE_SIZE; at += 8) store<u64>(at, load<u64>(at) ^ <u64>bit * ONES);
}

/** Address behind the set at p; `end`, or behind it, if its bracket is not closed. */
function setEnd(p: u32, end: u32): u32 {
  p++;
  if (p < end && load<u8>(p) == CARET) p++;
  // A closing bracket in the first place is a member.
  do {
    if (p >= end) return NOT_CLOSED;
    if (load<u8>(p++) == ESCAPE) p++;
    if (p > end) return NOT_CLOSED;
  } while (p == end || load<u8>(p) != 93);
  return p + 1;
}
const NOT_CLOSED: u32 = 0;

// ---- Programs

/** The program of a pattern. @param pattern a string object @param anchors whether a ^ at its start is an anchor */
export function programOf(pattern: u32, anchors: bool): u32 {
  // Whether it is kept or not: the same call costs the same.
  charge(stringLength(pattern));
  const place = VM_PATTERNS + (isShortString(pattern) ? load<u32>(pattern, STRING_HASH) & (KEPT - 1) : KEPT) * 4;
  const program = load<u32>(place);
  const key = pattern | u32(anchors);
  return program != 0 && load<u32>(program, KEY) == key ? program : makeProgram(place, pattern, key);
}

/** Forgets all programs: strings die. */
export function clearPatterns(): void {
  for (let i: u32 = 0; i <= KEPT; i++) {
    const place = VM_PATTERNS + i * 4;
    const program = load<u32>(place);
    if (!program) continue;
    store<u32>(place, 0);
    freeRaw(program, load<u32>(program, CAPACITY));
  }
}

/** Room for a program in its place. */
function reserveProgram(place: u32, size: u64): u32 {
  if (size > <u64>i32.MAX_VALUE) throwMemoryError();
  const old = load<u32>(place);
  if (old != 0) {
    store<u32>(old, 0, KEY);
    if (<u64>load<u32>(old, CAPACITY) >= size) return old;
    store<u32>(place, 0);
    freeRaw(old, load<u32>(old, CAPACITY));
  }
  const program = allocateRaw(<u32>size);
  store<u32>(program, 0, KEY);
  store<u32>(program, <u32>size, CAPACITY);
  store<u32>(place, program);
  return program;
}

/** The program under way: where its next item goes, the table with room for sets, and the bit of the next. */
let item: u32 = 0;
let table: u32 = 0;
let bit: u32 = 0;

function makeProgram(place: u32, pattern: u32, key: u32): u32 {
  let p = pattern + STRING_BYTES;
  const length = stringLength(pattern);
  const end = p + length;
  work(length);
  // Not more than these: %z is a set of its own.
  let sets: u32 = 0;
  for (let at = p; at < end; at++) sets += u32(load<u8>(at) == BRACKET || isZeroClass(load<u8>(at)));
  const items = PROGRAM_ITEMS + <u64>(length + 1) * ITEM_SIZE;
  const program = reserveProgram(place, items + <u64>((sets + SETS_OF_A_TABLE - 1) / SETS_OF_A_TABLE) * TABLE_SIZE);
  const isAnchored = (key & 1) != 0 && length != 0 && load<u8>(p) == CARET;
  if (isAnchored) p++;
  item = program + PROGRAM_ITEMS;
  table = program + <u32>items - TABLE_SIZE;
  bit = 1 << SETS_OF_A_TABLE;
  const captures = makeItems(p, end);
  store<u32>(program, (isAnchored ? PROGRAM_ANCHORED : 0) | (hasSpecials(pattern + STRING_BYTES, end) ? 0 : PROGRAM_PLAIN), PROGRAM_FLAGS);
  store<u32>(program, captures, PROGRAM_CAPTURES);
  store<u32>(program, linkItems(program + PROGRAM_ITEMS), PROGRAM_FIRST);
  store<u32>(program, key, KEY);
  return program;
}

function hasSpecials(p: u32, end: u32): bool {
  for (; p < end; p++) if (isSpecial(load<u8>(p))) return true;
  return false;
}

/** Whether a byte of a pattern means something other than itself. */
function isSpecial(byte: u32): bool {
  switch (byte) {
    case 94: case 36: case 42: case 43: case 63: case 46: case 40: case 91: case 37: case 45: return true;
    default: return false;
  }
}

function put(op: u32, value: u32, expected: u32): void {
  store<u32>(item, op | (value << 8) | (expected << 16), OP);
  store<u32>(item, 0, ITEM_TABLE);
  item += ITEM_SIZE;
}

/** A set of its own in a table. */
function newSet(): void {
  bit <<= 1;
  if (bit < 1 << SETS_OF_A_TABLE) return;
  bit = 1;
  table += TABLE_SIZE;
  memory.fill(table, 0, TABLE_SIZE);
}

function putSet(op: u32, p: u32, last: u32): void {
  newSet();
  makeSet(table, bit, p, last);
  put(op, bit, 1);
  store<u32>(item - ITEM_SIZE, table, ITEM_TABLE);
}

/** %name, a class or a byte. */
function putEscape(name: u32): void {
  const bits = isLetter(name) ? classNamed(name) : 0;
  if (bits) {
    put(ITEM_SET, bits, u32(!isComplement(name)));
    store<u32>(item - ITEM_SIZE, classes, ITEM_TABLE);
  } else if (isLetter(name) && isZeroClass(name)) {
    newSet();
    addClass(table, bit, name);
    put(ITEM_SET, bit, 1);
    store<u32>(item - ITEM_SIZE, table, ITEM_TABLE);
  } else put(ITEM_BYTE, name, 0);
}

/** Makes the items of the pattern [p, end), as far as a match may get. @returns number of captures */
function makeItems(p: u32, end: u32): u32 {
  let captures: u32 = 0;
  /** Captures that are not closed yet, a bit each. */
  let open: u32 = 0;
  for (let count: u32 = 1; p != end; count++) {
    // A page of items, which may be a new one. It costs the program nothing: others find the program made.
    if (!(count & (ITEMS_OF_A_PAGE - 1))) workTime(ITEMS_OF_A_PAGE * ITEM_SIZE);
    const byte = <u32>load<u8>(p);
    const next: u32 = p + 1 < end ? load<u8>(p, 1) : 0;
    if (byte == 40) {
      if (captures == MAX_CAPTURES) return fail(ITEM_ERROR_CAPTURES, 0, captures);
      const isPosition = p + 1 < end && next == 41;
      put(isPosition ? ITEM_POSITION : ITEM_OPEN, captures, 0);
      if (!isPosition) open |= 1 << captures;
      captures++;
      p += isPosition ? 2 : 1;
      continue;
    }
    if (byte == 41) {
      if (!open) return fail(ITEM_ERROR_CLOSE, 0, captures);
      const last = 31 - clz(open);
      open &= ~(<u32>1 << last);
      put(ITEM_CLOSE, last, 0);
      p++;
      continue;
    }
    if (byte == 36 && p + 1 == end) {
      put(ITEM_SUBJECT_END, 0, 0);
      break;
    }
    if (byte == ESCAPE && p + 1 < end) {
      if (next == 98) {
        if (p + 3 >= end) return fail(ITEM_ERROR_BALANCE, 0, captures);
        put(ITEM_BALANCE, load<u8>(p, 2), load<u8>(p, 3));
        p += 4;
        continue;
      }
      if (next == 102) {
        p += 2;
        if (p >= end || load<u8>(p) != BRACKET) return fail(ITEM_ERROR_FRONTIER, 0, captures);
        const behind = setEnd(p, end);
        if (behind == NOT_CLOSED) return fail(ITEM_ERROR_BRACKET, 0, captures);
        putSet(ITEM_FRONTIER, p, behind - 1);
        p = behind;
        continue;
      }
      if (next - 48 < 10) {
        const index = next - 49;
        if (index >= captures || (open & (1 << index)) != 0) return fail(ITEM_ERROR_INDEX, next - 48, captures);
        put(ITEM_CAPTURED, index, 0);
        p += 2;
        continue;
      }
    }
    if (byte == ESCAPE) {
      if (p + 1 == end) return fail(ITEM_ERROR_ESCAPE, 0, captures);
      putEscape(next);
      p += 2;
    } else if (byte == BRACKET) {
      const behind = setEnd(p, end);
      if (behind == NOT_CLOSED) return fail(ITEM_ERROR_BRACKET, 0, captures);
      putSet(ITEM_SET, p, behind - 1);
      p = behind;
    } else {
      put(byte == 46 ? ITEM_ANY : ITEM_BYTE, byte, 0);
      p++;
    }
    const suffix: u32 = p < end ? load<u8>(p) : 0;
    const op = suffix == 42 ? ITEM_MOST : suffix == 43 ? ITEM_MOST_OF_ONE : suffix == 45 ? ITEM_FEWEST : suffix == 63 ? ITEM_OPTIONAL : 0;
    if (!op) continue;
    const one = item - ITEM_SIZE;
    store<u32>(one, load<u8>(one, OP), ITEM_KIND);
    store<u8>(one, <u8>op, OP);
    p++;
  }
  put(ITEM_END, 0, 0);
  return captures;
}

function fail(error: u32, index: u32, captures: u32): u32 {
  put(ITEM_ERROR, error, index);
  return captures;
}

/** Fills in what follows each item. @returns the item that takes the first byte, 0 if none has to */
function linkItems(first: u32): u32 {
  let next: u32 = 0;
  let isEnd = false;
  for (let at = item - ITEM_SIZE; at >= first; at -= ITEM_SIZE) {
    const op = <u32>load<u8>(at, OP);
    store<u32>(at, next, ITEM_NEXT);
    if (op == ITEM_MOST || op == ITEM_MOST_OF_ONE) store<u8>(at, u8(isEnd || (next != 0 && areDisjoint(at, load<u32>(at, ITEM_KIND), next, kindOf(next)))), ITEM_IS_FINAL);
    // These take nothing.
    if (op == ITEM_OPEN || op == ITEM_POSITION || op == ITEM_CLOSE || op == ITEM_FRONTIER) continue;
    next = op - ITEM_BYTE <= ITEM_SET - ITEM_BYTE || op == ITEM_MOST_OF_ONE || op == ITEM_BALANCE ? at : 0;
    isEnd = op == ITEM_SUBJECT_END;
  }
  return next;
}

/** ITEM_BYTE, ITEM_ANY or ITEM_SET of an item that takes a byte in any case; the first of a balance is its value. */
// @ts-ignore: decorator
@inline export function kindOf(item: u32): u32 {
  const op = <u32>load<u8>(item, OP);
  return op == ITEM_MOST_OF_ONE ? load<u32>(item, ITEM_KIND) : op == ITEM_BALANCE ? ITEM_BYTE : op;
}

/** Is there no byte that both take? */
function areDisjoint(a: u32, kindA: u32, b: u32, kindB: u32): bool {
  if (kindB == ITEM_BYTE) return !takes(a, kindA, load<u8>(b, ITEM_VALUE));
  for (let byte: u32 = 0; byte < 256; byte++) if (takes(a, kindA, byte) && takes(b, kindB, byte)) return false;
  return true;
}
