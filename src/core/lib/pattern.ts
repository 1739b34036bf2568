/**
 * Lua patterns (manual, section 6.4.1): a backtracking matcher over bytes, which runs a pattern's program (strings/pattern-program.ts).
 * Owns the state of the match in progress; nothing in here allocates or calls back, so one state is enough.
 *
 * Recursion happens only where a choice must be kept for backtracking; its depth is limited as in PUC, where captures take of it as well.
 */
import { SLOT_SIZE, STRING_BYTES, TAG_STRING } from '../../bytecode/layout';
import { work } from '../base/budget';
import { throwText } from '../base/raise';
import { appendInteger, startMessage, throwMessage } from '../errors/message';
import {
  ITEM_ANY, ITEM_BALANCE, ITEM_BYTE, ITEM_CAPTURED, ITEM_CLOSE, ITEM_END, ITEM_ERROR_BALANCE, ITEM_ERROR_BRACKET, ITEM_ERROR_CAPTURES, ITEM_ERROR_CLOSE,
  ITEM_ERROR_ESCAPE, ITEM_ERROR_FRONTIER, ITEM_EXPECTED, ITEM_FEWEST, ITEM_FRONTIER, ITEM_IS_FINAL, ITEM_KIND, ITEM_MOST, ITEM_MOST_OF_ONE, ITEM_NEXT,
  ITEM_OPEN, ITEM_OPTIONAL, ITEM_POSITION, ITEM_SET, ITEM_SIZE, ITEM_SUBJECT_END, ITEM_TABLE, ITEM_VALUE, MAX_CAPTURES, PROGRAM_ANCHORED, PROGRAM_CAPTURES,
  PROGRAM_FIRST, PROGRAM_FLAGS, PROGRAM_ITEMS, isIn, kindOf, programOf, takes,
} from '../strings/pattern-program';
import { newStringInPieces, stringLength } from '../strings/string';
import { setInt, setObject } from '../base/value';

const MAX_DEPTH: i32 = 200;
/** Lengths of captures that have none. */
const UNCLOSED: i32 = -1;
const POSITION: i32 = -2;

let sourceStart: u32 = 0;
let sourceEnd: u32 = 0;
let program: u32 = 0;
let depth: i32 = 0;
/** Steps not yet paid for. */
let effort: u32 = 0;
/** Steps after which they are. */
const EFFORT: u32 = 4096;
/** Bytes that are passed over in one go. */
const PIECE: u32 = 65536;
/** Number of captures of the match. */
let level: i32 = 0;
/** Start address and length (or UNCLOSED, POSITION) of each capture. */
const captures = <u32>memory.data(MAX_CAPTURES * 8, 8);

// @ts-ignore: decorator
@inline function captureStart(i: i32): u32 { return load<u32>(captures + (<u32>i << 3)); }
// @ts-ignore: decorator
@inline function captureLength(i: i32): i32 { return load<i32>(captures + (<u32>i << 3), 4); }

// ---- Matching. All return the address behind the match, 0 for none.

/** Prepares matches of a pattern in a subject, two string objects. @param anchors whether a ^ at the pattern's start is an anchor @returns the pattern's program */
export function prepareMatch(source: u32, pattern: u32, anchors: bool): u32 {
  sourceStart = source + STRING_BYTES;
  sourceEnd = sourceStart + stringLength(source);
  program = programOf(pattern, anchors);
  return program;
}

// @ts-ignore: decorator
@inline export function isAnchored(): bool { return (load<u32>(program, PROGRAM_FLAGS) & PROGRAM_ANCHORED) != 0; }

/** Counts steps: matching can take exponential time, and the host must be able to stop it. */
// @ts-ignore: decorator
@inline function strive(steps: u32): void {
  effort += steps;
  if (effort >= EFFORT) pay();
}

function pay(): void {
  const steps = effort;
  effort = 0;
  work(steps);
}

/** The first place at or behind s where a match may begin; behind the subject's end if there is none. */
export function nextStart(s: u32): u32 {
  const first = load<u32>(program, PROGRAM_FIRST);
  if (!first || isAnchored()) return s;
  if (s >= sourceEnd) return sourceEnd + 1;
  s = passOver(s, first, kindOf(first), false);
  return s < sourceEnd ? s : sourceEnd + 1;
}

/** The first place from s on whose byte the item takes, or (`taken`) does not; the subject's end if there is none. */
function passOver(s: u32, item: u32, kind: u32, taken: bool): u32 {
  if (kind == ITEM_ANY) return taken ? sourceEnd : s;
  while (true) {
    const from = s;
    const stop = sourceEnd - s > PIECE ? s + PIECE : sourceEnd;
    if (kind == ITEM_BYTE) {
      const byte = load<u8>(item, ITEM_VALUE);
      while (s < stop && (load<u8>(s) == byte) == taken) s++;
    } else {
      const table = load<u32>(item, ITEM_TABLE);
      const mask = <u32>load<u8>(item, ITEM_VALUE);
      const expected = u32((load<u8>(item, ITEM_EXPECTED) != 0) == taken);
      while (s < stop && isIn(table, mask, expected, load<u8>(s))) s++;
    }
    strive(s - from + 1);
    if (s != stop || s == sourceEnd) return s;
  }
}

/** Matches the pattern proper at s. */
export function matchAt(s: u32): u32 {
  depth = 1;
  level = <i32>load<u32>(program, PROGRAM_CAPTURES);
  return match(s, program + PROGRAM_ITEMS);
}

function matchRest(s: u32, item: u32): u32 {
  const before = depth;
  deepen();
  const end = match(s, item);
  depth = before;
  return end;
}

// @ts-ignore: decorator
@inline function deepen(): void {
  if (++depth > MAX_DEPTH) throwText('pattern too complex');
}

function match(s: u32, item: u32): u32 {
  while (true) {
    strive(1);
    switch (<u32>load<u8>(item)) {
      case ITEM_END: return s;
      case ITEM_BYTE: {
        if (s >= sourceEnd || load<u8>(s) != load<u8>(item, ITEM_VALUE)) return 0;
        s++;
        break;
      }
      case ITEM_ANY: {
        if (s >= sourceEnd) return 0;
        s++;
        break;
      }
      case ITEM_SET: {
        if (s >= sourceEnd || !takes(item, ITEM_SET, load<u8>(s))) return 0;
        s++;
        break;
      }
      case ITEM_MOST:
      case ITEM_MOST_OF_ONE:
      case ITEM_FEWEST:
      case ITEM_OPTIONAL: {
        const op = <u32>load<u8>(item);
        if (s >= sourceEnd || !takes(item, load<u32>(item, ITEM_KIND), load<u8>(s))) {
          // What may be left out and has to be takes nothing of the depth.
          if (op == ITEM_MOST_OF_ONE) return 0;
          break;
        }
        if (op == ITEM_FEWEST) return matchFewest(s, item);
        if (op != ITEM_OPTIONAL) return matchMost(s + 1, op == ITEM_MOST ? s : s + 1, item);
        const end = matchRest(s + 1, item + ITEM_SIZE);
        if (end) return end;
        break;
      }
      case ITEM_OPEN: {
        beginCapture(load<u8>(item, ITEM_VALUE), s, UNCLOSED);
        break;
      }
      case ITEM_POSITION: {
        beginCapture(load<u8>(item, ITEM_VALUE), s, POSITION);
        break;
      }
      case ITEM_CLOSE: {
        const i = <i32>load<u8>(item, ITEM_VALUE);
        store<i32>(captures + (i << 3), <i32>(s - captureStart(i)), 4);
        deepen();
        break;
      }
      case ITEM_CAPTURED: {
        s = matchCaptured(s, load<u8>(item, ITEM_VALUE));
        if (!s) return 0;
        break;
      }
      case ITEM_BALANCE: {
        s = matchBalance(s, load<u8>(item, ITEM_VALUE), load<u8>(item, ITEM_EXPECTED));
        if (!s) return 0;
        break;
      }
      case ITEM_FRONTIER: {
        const before: u32 = s == sourceStart ? 0 : load<u8>(s - 1);
        const here: u32 = s == sourceEnd ? 0 : load<u8>(s);
        if (takes(item, ITEM_SET, before) || !takes(item, ITEM_SET, here)) return 0;
        break;
      }
      case ITEM_SUBJECT_END: return s == sourceEnd ? s : 0;
      default: throwMalformed(item);
    }
    item += ITEM_SIZE;
  }
}

/** Could the byte at s be the one that the item takes which comes next, if one has to? */
// @ts-ignore: decorator
@inline function mayFollow(s: u32, next: u32, kind: u32): bool { return next == 0 || (s < sourceEnd && takes(next, kind, load<u8>(s))); }

/** Item with * or +, which has taken the byte in front of s: as many as possible, down to `least`. */
function matchMost(s: u32, least: u32, item: u32): u32 {
  const rest = item + ITEM_SIZE;
  s = passOver(s, item, load<u32>(item, ITEM_KIND), true);
  if (load<u8>(rest) == ITEM_END && depth < MAX_DEPTH) return s;
  // What is wrong with the rest shows at the first attempt.
  let end = matchRest(s, rest);
  if (end || load<u8>(item, ITEM_IS_FINAL)) return end;
  const next = load<u32>(item, ITEM_NEXT);
  const kind = next ? kindOf(next) : 0;
  while (s > least) {
    s--;
    strive(1);
    if (!mayFollow(s, next, kind)) continue;
    end = matchRest(s, rest);
    if (end) return end;
  }
  return 0;
}

/** Item with -, which would take the byte at s: as few as possible. */
function matchFewest(s: u32, item: u32): u32 {
  const rest = item + ITEM_SIZE;
  const kind = load<u32>(item, ITEM_KIND);
  const next = load<u32>(item, ITEM_NEXT);
  const nextKind = next ? kindOf(next) : 0;
  let end = matchRest(s, rest);
  while (!end) {
    strive(1);
    if (s >= sourceEnd || !takes(item, kind, load<u8>(s))) return 0;
    s++;
    if (mayFollow(s, next, nextKind)) end = matchRest(s, rest);
  }
  return end;
}

function beginCapture(i: u32, s: u32, length: i32): void {
  store<u32>(captures + (i << 3), s);
  store<i32>(captures + (i << 3), length, 4);
  deepen();
}

function throwCaptureIndex(index: i32): void {
  startMessage('invalid capture index %');
  appendInteger(index);
  throwMessage();
}

/** %1 .. %9: the same bytes again. */
function matchCaptured(s: u32, i: i32): u32 {
  // In PUC a position is as long as an unsigned -2, so nothing ever matches it.
  if (captureLength(i) == POSITION) return 0;
  const length = <u32>captureLength(i);
  strive(length + 1);
  return sourceEnd - s >= length && memory.compare(captureStart(i), s, length) == 0 ? s + length : 0;
}

/** %bxy */
function matchBalance(s: u32, open: u32, close: u32): u32 {
  if (s >= sourceEnd || <u32>load<u8>(s) != open) return 0;
  let nesting = 1;
  let from = s;
  while (++s < sourceEnd) {
    const byte = <u32>load<u8>(s);
    if (byte == close) {
      if (--nesting == 0) break;
    } else if (byte == open) nesting++;
    if (s - from < PIECE) continue;
    strive(s - from);
    from = s;
  }
  strive(s - from);
  return nesting == 0 ? s + 1 : 0;
}

function throwMalformed(item: u32): void {
  switch (<u32>load<u8>(item, ITEM_VALUE)) {
    case ITEM_ERROR_ESCAPE: throwText("malformed pattern (ends with '%')"); break;
    case ITEM_ERROR_BRACKET: throwText("malformed pattern (missing ']')"); break;
    case ITEM_ERROR_BALANCE: throwText("malformed pattern (missing arguments to '%b')"); break;
    case ITEM_ERROR_FRONTIER: throwText("missing '[' after '%f' in pattern"); break;
    case ITEM_ERROR_CLOSE: throwText('invalid pattern capture'); break;
    case ITEM_ERROR_CAPTURES: throwText('too many captures'); break;
    default: throwCaptureIndex(load<u8>(item, ITEM_EXPECTED));
  }
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
  else setObject(slot, TAG_STRING, newStringInPieces(start, size));
}

/** Writes all captures to the slots from `slot` on, that one last: it may hold the function, which an error still needs. @param whole the whole match if there are none @returns how many */
export function writeCaptures(s: u32, end: u32, slot: u32, whole: bool): i32 {
  const count = captureCount(whole);
  for (let i = count - 1; i >= 0; i--) writeCapture(i, s, end, slot + <u32>i * SLOT_SIZE);
  return count;
}
