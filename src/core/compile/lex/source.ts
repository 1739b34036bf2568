/**
 * The source as the scanner sees it: bytes by position, from a string in memory or from a reader's pieces.
 *
 * Positions count from the start of all the source. What is in memory ends at SOURCE_LIMIT; it can be read up to SOURCE_END, where `more` pays for
 * what has been read and looks whether the program may go on. Of pieces only what the current token needs is kept (WINDOW), and none is asked for
 * before the scanner comes to it: what a reader does between two pieces happens when PUC would let it happen.
 */
import { STRING_BYTES, STRING_LENGTH } from '../../../bytecode/layout';
import { throwMemoryError } from '../../base/raise';
import { hostReadPiece } from '../../base/host';
import { STEPS_PER_UNIT, chargeUnits, work } from '../../base/budget';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { LEX_POSITION, SOURCE_BASE, SOURCE_END, SOURCE_HAS_READER, SOURCE_KEPT, SOURCE_LIMIT, SOURCE_PAID, WINDOW } from '../state/cells';

/** What `byteAt` gives behind the last byte. */
export const NO_BYTE: i32 = -1;
/** Bytes between two looks at the budget; a byte costs a unit, about the time of an iteration of a Lua loop. */
const SLICE: u32 = 4096;
/** What an exception costs for each level of nesting that it leaves, in units. */
const LEVEL_UNITS: u32 = 15;

/** The byte at a position that is at most behind the last byte seen. */
// @ts-ignore: decorator
@inline export function byteAt(position: u32): i32 {
  return position < load<u32>(SOURCE_END) || more(position) ? <i32>load<u8>(load<u32>(SOURCE_BASE) + position) : NO_BYTE;
}

/** Address of a byte that is in memory; good until the next `byteAt`. */
// @ts-ignore: decorator
@inline export function addressOf(position: u32): u32 { return load<u32>(SOURCE_BASE) + position; }

/** Makes the byte at a position readable. @returns false if there is none */
export function more(position: u32): bool {
  while (position >= load<u32>(SOURCE_END)) {
    pay();
    const end = load<u32>(SOURCE_END);
    if (end == load<u32>(SOURCE_LIMIT) && !readPiece()) return false;
    store<u32>(SOURCE_END, min(load<u32>(SOURCE_LIMIT), end + SLICE));
  }
  return true;
}

/** Pays for what was readable so far. */
export function pay(): void {
  const end = load<u32>(SOURCE_END);
  work((end - load<u32>(SOURCE_PAID)) * STEPS_PER_UNIT);
  store<u32>(SOURCE_PAID, end);
}

/** Pays for what an error let be: the source up to there, and its way out of the parser, `levels` calls deep. */
export function payForError(levels: u32): void {
  const seen = min(load<u32>(LEX_POSITION), load<u32>(SOURCE_END));
  const paid = load<u32>(SOURCE_PAID);
  chargeUnits(levels * LEVEL_UNITS + (seen > paid ? seen - paid : 0));
}

/** Puts the next piece behind what is kept. @returns false at the end of the source, after which the reader is not asked again */
function readPiece(): bool {
  if (!load<u32>(SOURCE_HAS_READER)) return false;
  const piece = hostReadPiece();
  const length = piece ? load<u32>(piece, STRING_LENGTH) : 0;
  if (!length) {
    store<u32>(SOURCE_HAS_READER, 0);
    return false;
  }
  const kept = load<u32>(SOURCE_KEPT);
  const limit = load<u32>(SOURCE_LIMIT);
  if (<u64>limit + length > <u64>u32.MAX_VALUE) throwMemoryError();
  // The window holds the bytes up to the limit; those in front of the kept ones go.
  const dropped = bufferSize(WINDOW) - (limit - kept);
  memory.copy(bufferAddress(WINDOW), bufferAddress(WINDOW) + dropped, limit - kept);
  cutBuffer(WINDOW, limit - kept);
  memory.copy(pushBytes(WINDOW, length), piece + STRING_BYTES, length);
  store<u32>(SOURCE_BASE, bufferAddress(WINDOW) - kept);
  store<u32>(SOURCE_LIMIT, limit + length);
  return true;
}
