/**
 * Lua patterns (manual, section 6.4.1): a backtracking matcher over bytes.
 * Owns the state of the match in progress; nothing in here allocates or calls back, so one state is enough.
 *
 * Recursion happens only where a choice must be kept for backtracking; its depth is limited as in PUC.
 */
import { SLOT_SIZE, TAG_STRING } from '../../bytecode/layout';
import { work } from '../base/budget';
import { throwText } from '../base/raise';
import { appendInteger, startMessage, throwMessage } from '../errors/message';
import { newString } from '../objects/string';
import { setInt, setObject } from '../base/value';

const MAX_CAPTURES: i32 = 32;
const MAX_DEPTH: i32 = 200;
/** Lengths of captures that have none. */
const UNCLOSED: i32 = -1;
const POSITION: i32 = -2;

const ESCAPE: u32 = 37;
const CARET: u32 = 94;

let sourceStart: u32 = 0;
let sourceEnd: u32 = 0;
let patternEnd: u32 = 0;
let anchored: bool = false;
/** Byte each match begins with, or -1. */
let firstByte: i32 = -1;
/** Class of the byte each match begins with, or 0; and whether it is the complement. */
let firstClass: u32 = 0;
let firstIsComplement = false;
let depth: i32 = 0;
/** Steps not yet paid for. */
let effort: u64 = 0;
/** Steps after which they are. */
const EFFORT: u64 = 4096;
/** Number of captures, finished or not. */
let level: i32 = 0;
/** Start address and length (or UNCLOSED, POSITION) of each capture. */
const captures = <u32>memory.data(MAX_CAPTURES * 8, 8);

// @ts-ignore: decorator
@inline function captureStart(i: i32): u32 { return load<u32>(captures + (<u32>i << 3)); }
// @ts-ignore: decorator
@inline function captureLength(i: i32): i32 { return load<i32>(captures + (<u32>i << 3), 4); }

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

/** Bits of the class a letter (lower case) names, 0 if it names none. */
function classNamed(letter: u32): u32 {
  switch (letter) {
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

/** Does the byte belong to %name? A capital letter is the complement, what names no class stands for itself. %z is the zero byte. */
function inClass(byte: u32, name: u32): bool {
  const letter = name | 32;
  if (letter == 122) return (byte == 0) != (name == 90);
  const bits = letter - 97 < 26 ? classNamed(letter) : 0;
  if (!bits) return byte == name;
  return ((load<u8>(classes + byte) & bits) != 0) != ((name & 32) == 0);
}

/** Bits of the class that %name names, 0 if it stands for itself. */
// @ts-ignore: decorator
@inline function classBits(name: u32): u32 {
  const letter = name | 32;
  return letter - 97 < 26 ? classNamed(letter) : 0;
}

/** First place from s on whose byte is in the class (or, for `inside` false, is not); the subject's end if there is none. */
function skipClass(s: u32, bits: u32, inside: bool): u32 {
  const end = sourceEnd;
  while (s < end && ((load<u8>(classes + load<u8>(s)) & bits) != 0) != inside) s++;
  return s;
}

// ---- Items of a pattern

/** Address behind the item at p: a byte, an escape, a set. */
function itemEnd(p: u32): u32 {
  const byte = <u32>load<u8>(p++);
  if (byte == ESCAPE) {
    if (p == patternEnd) throwText("malformed pattern (ends with '%')");
    return p + 1;
  }
  if (byte != 91) return p;
  if (p < patternEnd && load<u8>(p) == 94) p++;
  // A closing bracket in the first place is a member.
  do {
    if (p == patternEnd) throwText("malformed pattern (missing ']')");
    if (load<u8>(p++) == ESCAPE) p++;
    if (p > patternEnd) throwText("malformed pattern (missing ']')");
  } while (p == patternEnd || load<u8>(p) != 93);
  return p + 1;
}

/** Is the byte in the set at [p, last], `last` being its closing bracket? */
function inSet(byte: u32, p: u32, last: u32): bool {
  p++;
  const negated = load<u8>(p) == 94;
  if (negated) p++;
  let found = false;
  while (p < last) {
    const member = <u32>load<u8>(p);
    if (member == ESCAPE) {
      if (inClass(byte, load<u8>(p, 1))) found = true;
      p += 2;
    } else if (load<u8>(p, 1) == 45 && p + 2 < last) {
      if (member <= byte && byte <= <u32>load<u8>(p, 2)) found = true;
      p += 3;
    } else {
      if (member == byte) found = true;
      p++;
    }
    if (found) break;
  }
  return found != negated;
}

/** Does the byte at s match the item [p, end)? */
function matchesItem(s: u32, p: u32, end: u32): bool {
  if (s >= sourceEnd) return false;
  const byte = <u32>load<u8>(s);
  const item = <u32>load<u8>(p);
  switch (item) {
    case 46: return true;
    case ESCAPE: return inClass(byte, load<u8>(p, 1));
    case 91: return inSet(byte, p, end - 1);
    default: return byte == item;
  }
}

// ---- Matching. All return the address behind the match, 0 for none.

/**
 * Prepares matches in a subject of the pattern [p, end). @param anchors whether a ^ at its start is an anchor
 * @returns where the pattern proper begins: behind its anchor, if it has one
 */
export function prepareMatch(start: u32, length: u32, p: u32, end: u32, anchors: bool): u32 {
  sourceStart = start;
  sourceEnd = start + length;
  patternEnd = end;
  anchored = anchors && p < end && load<u8>(p) == CARET;
  if (anchored) p++;
  firstByte = anchored ? -1 : requiredByte(p, end);
  firstClass = 0;
  if (!anchored && end - p >= 2 && load<u8>(p) == ESCAPE && !isOptional(p + 2, end)) {
    const name = <u32>load<u8>(p, 1);
    firstClass = classBits(name);
    firstIsComplement = (name & 32) == 0;
  }
  return p;
}

// @ts-ignore: decorator
@inline export function isAnchored(): bool { return anchored; }

/** Whether a byte of a pattern means something other than itself. */
export function isSpecial(byte: u32): bool {
  switch (byte) {
    case 94: case 36: case 42: case 43: case 63: case 46: case 40: case 41: case 91: case 37: case 45: return true;
    default: return false;
  }
}

/** The byte each match of the pattern begins with, -1 if there is no such. */
function requiredByte(p: u32, end: u32): i32 {
  if (p == end || isSpecial(load<u8>(p))) return -1;
  return isOptional(p + 1, end) ? -1 : <i32>load<u8>(p);
}

/** May the item in front of p be left out? */
function isOptional(p: u32, end: u32): bool {
  const suffix = p < end ? <u32>load<u8>(p) : 0;
  return suffix == 42 || suffix == 63 || suffix == 45;
}

/** Counts steps: matching can take exponential time, and the host must be able to stop it. */
// @ts-ignore: decorator
@inline function strive(steps: u64): void {
  effort += steps;
  if (effort >= EFFORT) pay();
}

function pay(): void {
  const steps = <u32>min(effort, <u64>i32.MAX_VALUE);
  effort = 0;
  work(steps);
}

/** The first place at or behind s where a match may begin; behind the subject's end if there is none. */
export function nextStart(s: u32): u32 {
  const byte = firstByte;
  const end = sourceEnd;
  const from = s;
  if (firstClass) s = skipClass(s, firstClass, !firstIsComplement);
  else if (byte < 0) return s;
  else while (s < end && <i32>load<u8>(s) != byte) s++;
  strive(s - from);
  return s < end ? s : end + 1;
}

/** Matches the pattern proper from p at s. */
export function matchAt(s: u32, p: u32): u32 {
  level = 0;
  depth = 1;
  strive(1);
  return matchSequence(s, p);
}

function matchRest(s: u32, p: u32): u32 {
  if (++depth > MAX_DEPTH) throwText('pattern too complex');
  const result = matchSequence(s, p);
  depth--;
  return result;
}

function matchSequence(s: u32, p: u32): u32 {
  while (p != patternEnd) {
    const byte = <u32>load<u8>(p);
    if (byte == 40) {
      const isPosition = p + 1 < patternEnd && load<u8>(p, 1) == 41;
      return openCapture(s, isPosition ? p + 2 : p + 1, isPosition ? POSITION : UNCLOSED);
    }
    if (byte == 41) return closeCapture(s, p + 1);
    if (byte == 36 && p + 1 == patternEnd) return s == sourceEnd ? s : 0;
    if (byte == ESCAPE && p + 1 < patternEnd) {
      const next = <u32>load<u8>(p, 1);
      if (next == 98) {
        s = matchBalance(s, p + 2);
        if (!s) return 0;
        p += 4;
        continue;
      }
      if (next == 102) {
        p = matchFrontier(s, p + 2);
        if (!p) return 0;
        continue;
      }
      if (next - 48 < 10) {
        s = matchCapture(s, next);
        if (!s) return 0;
        p += 2;
        continue;
      }
    }
    const end = byte == ESCAPE || byte == 91 ? itemEnd(p) : p + 1;
    const suffix = end < patternEnd ? <u32>load<u8>(end) : 0;
    if (suffix == 42) return matchMost(s, s, p, end);
    if (suffix == 43) return matchesItem(s, p, end) ? matchMost(s, s + 1, p, end) : 0;
    if (suffix == 45) return matchFewest(s, p, end);
    strive(end - p);
    const matches = matchesItem(s, p, end);
    if (suffix == 63) {
      if (matches) {
        const result = matchRest(s + 1, end + 1);
        if (result) return result;
      }
      p = end + 1;
      continue;
    }
    if (!matches) return 0;
    s++;
    p = end;
  }
  return s;
}

/** Item with * (or + with its first byte taken): as many as possible, down to `least`. */
function matchMost(start: u32, least: u32, p: u32, end: u32): u32 {
  // In pieces: a set costs as much as it is long.
  const size = end - p;
  const piece = size < <u32>EFFORT ? <u32>EFFORT / size : 1;
  let s = least;
  const bits = load<u8>(p) == ESCAPE ? classBits(load<u8>(p, 1)) : 0;
  if (bits) {
    s = skipClass(s, bits, (load<u8>(p, 1) & 32) == 0);
    strive((<u64>(s - least) + 1) * size);
  } else {
    for (let stop = s + piece; ; stop += piece) {
      while (s != stop && matchesItem(s, p, end)) s++;
      strive((<u64>(s + piece - stop) + 1) * size);
      if (s != stop) break;
    }
  }
  if (end + 1 == patternEnd && depth < MAX_DEPTH) return s;
  for (; s >= least; s--) {
    const result = matchRest(s, end + 1);
    if (result) return result;
  }
  return 0;
}

/** Item with -: as few as possible. */
function matchFewest(s: u32, p: u32, end: u32): u32 {
  while (true) {
    const result = matchRest(s, end + 1);
    if (result) return result;
    strive(end - p);
    if (!matchesItem(s, p, end)) return 0;
    s++;
  }
}

function openCapture(s: u32, p: u32, length: i32): u32 {
  if (level >= MAX_CAPTURES) throwText('too many captures');
  store<u32>(captures + (<u32>level << 3), s);
  store<i32>(captures + (<u32>level << 3), length, 4);
  level++;
  strive(1);
  const result = matchRest(s, p);
  if (!result) level--;
  return result;
}

function closeCapture(s: u32, p: u32): u32 {
  let i = level - 1;
  while (i >= 0 && captureLength(i) != UNCLOSED) i--;
  if (i < 0) throwText('invalid pattern capture');
  store<i32>(captures + (<u32>i << 3), <i32>(s - captureStart(i)), 4);
  const result = matchRest(s, p);
  if (!result) store<i32>(captures + (<u32>i << 3), UNCLOSED, 4);
  return result;
}

function throwCaptureIndex(index: i32): void {
  startMessage('invalid capture index %');
  appendInteger(index);
  throwMessage();
}

/** %1 .. %9: the same bytes again. */
function matchCapture(s: u32, digit: u32): u32 {
  const i = <i32>digit - 49;
  if (i < 0 || i >= level || captureLength(i) == UNCLOSED) throwCaptureIndex(i + 1);
  // In PUC a position is as long as an unsigned -2, so nothing ever matches it.
  if (captureLength(i) == POSITION) return 0;
  const length = <u32>captureLength(i);
  strive(length + 1);
  return sourceEnd - s >= length && memory.compare(captureStart(i), s, length) == 0 ? s + length : 0;
}

/** %bxy, p at x. */
function matchBalance(s: u32, p: u32): u32 {
  if (p + 1 >= patternEnd) throwText("malformed pattern (missing arguments to '%b')");
  const open = load<u8>(p);
  const close = load<u8>(p, 1);
  if (s >= sourceEnd || load<u8>(s) != open) return 0;
  let nesting = 1;
  const from = s;
  while (++s < sourceEnd) {
    const byte = load<u8>(s);
    if (byte == close) {
      if (--nesting == 0) break;
    } else if (byte == open) nesting++;
  }
  strive(s - from);
  if (nesting == 0) return s + 1;
  return 0;
}

/** %f[set], p at the set: an empty match between a byte outside the set and one inside. @returns the pattern's rest, 0 for none */
function matchFrontier(s: u32, p: u32): u32 {
  if (p >= patternEnd || load<u8>(p) != 91) throwText("missing '[' after '%f' in pattern");
  const end = itemEnd(p);
  strive(3 * (end - p));
  const before: u32 = s == sourceStart ? 0 : load<u8>(s - 1);
  const here: u32 = s == sourceEnd ? 0 : load<u8>(s);
  return !inSet(before, p, end - 1) && inSet(here, p, end - 1) ? end : 0;
}

// ---- Results

/** Number of values a match yields: its captures, or the whole match if it has none. @param whole count the whole match in that case */
// @ts-ignore: decorator
@inline export function captureCount(whole: bool): i32 { return level == 0 && whole ? 1 : level; }

/** Start of capture i of the match [s, end); i = 0 without captures is the whole match. */
export function captureAddress(i: i32, s: u32): u32 {
  if (i < level) return captureStart(i);
  if (i != 0) throwCaptureIndex(i + 1);
  return s;
}

/** Length in bytes of capture i, or -2 for a position. */
export function captureSize(i: i32, s: u32, end: u32): i32 {
  if (i >= level) return <i32>(end - s);
  const length = captureLength(i);
  if (length == UNCLOSED) throwText('unfinished capture');
  return length;
}

// @ts-ignore: decorator
@inline export function isPositionCapture(size: i32): bool { return size == POSITION; }

/** 1-based place in the subject of an address. */
// @ts-ignore: decorator
@inline export function placeOf(address: u32): i64 { return <i64>(address - sourceStart) + 1; }

/** Writes capture i to a slot. */
export function writeCapture(i: i32, s: u32, end: u32, slot: u32): void {
  const start = captureAddress(i, s);
  const size = captureSize(i, s, end);
  if (size == POSITION) setInt(slot, placeOf(start));
  else setObject(slot, TAG_STRING, newString(start, size));
}

/** Writes all captures to the slots from `slot` on, that one last: it may hold the function, which an error still needs. @param whole the whole match if there are none @returns how many */
export function writeCaptures(s: u32, end: u32, slot: u32, whole: bool): i32 {
  const count = captureCount(whole);
  for (let i = count - 1; i >= 0; i--) writeCapture(i, s, end, slot + <u32>i * SLOT_SIZE);
  return count;
}
