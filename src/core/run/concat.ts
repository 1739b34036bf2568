/** Concatenation of any number of operands (manual, section 3.4.6), with `__concat`. */
import {
  FRAME_BASE, FRAME_PC, MAX_SHORT_STRING, RUN_STEPPED, SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_STRING, THREAD_FRAME, VM_ALLOCATION_FAILED, VM_REPEATING, VM_TEXT_SCRATCH,
} from '../../bytecode/layout';
import { chargeBytes } from '../base/budget';
import { copyBytes } from '../base/bytes';
import { AT_ONCE, copyInPieces } from '../base/pieces';
import { callMetamethod } from './call';
import { collectFull } from '../collect/cycle';
import { OPERAND_ERROR_CONCAT, throwMemoryError, throwOperandError } from '../base/raise';
import { commit, needsCollection, uncommit } from '../memory/limit';
import { EVENT_CONCAT } from '../generated/metamethods';
import { metamethodOfValue } from '../objects/metamethod';
import { numberToString } from '../number/print';
import { tryNewString, tryNewStringUninitialised } from '../strings/string';
import { copyValue, isNumber, pointerOf, setObject, tagOf } from '../base/value';

const MAX_LENGTH: u64 = 0x7fffffff;

function isConcatenable(slot: u32): bool {
  return tagOf(slot) == TAG_STRING || isNumber(slot);
}

/** Turns a number in a slot into its string. */
function stringifyInPlace(slot: u32): void {
  if (tagOf(slot) != TAG_STRING) setObject(slot, TAG_STRING, numberToString(slot));
}

/** Joins `count` strings in consecutive slots; 0 when memory ran out, or for a string that is too long to be made without a look at limits. */
export function tryJoinStrings(slots: u32, count: u32): u32 {
  const total = totalLength(slots, count);
  // A short one may exist: memory is taken for it only if it does not.
  if (total <= MAX_SHORT_STRING) {
    copyStrings(VM_TEXT_SCRATCH, slots, count);
    return tryNewString(VM_TEXT_SCRATCH, <u32>total);
  }
  // One that is joined with empty ones stays the same object, as in PUC.
  for (let i: u32 = 0; i < count; i++) if (load<u32>(pointerOf(slots + i * SLOT_SIZE), STRING_LENGTH) == <u32>total) return pointerOf(slots + i * SLOT_SIZE);
  if (total > AT_ONCE) return 0;
  chargeBytes(<u32>total);
  const result = tryNewStringUninitialised(<u32>total);
  if (result) copyStrings(result + STRING_BYTES, slots, count);
  return result;
}

/** The same for strings of any length. */
function tryJoin(slots: u32, count: u32): u32 {
  const joined = tryJoinStrings(slots, count);
  if (joined) return joined;
  const total = totalLength(slots, count);
  if (total <= AT_ONCE || total > MAX_LENGTH) return 0;
  const result = tryNewStringUninitialised(<u32>total);
  let to = result + STRING_BYTES;
  for (let i: u32 = 0; result != 0 && i < count; i++) {
    const part = pointerOf(slots + i * SLOT_SIZE);
    copyInPieces(to, part + STRING_BYTES, load<u32>(part, STRING_LENGTH));
    to += load<u32>(part, STRING_LENGTH);
  }
  return result;
}

function totalLength(slots: u32, count: u32): u64 {
  let total: u64 = 0;
  for (let i: u32 = 0; i < count; i++) total += load<u32>(pointerOf(slots + i * SLOT_SIZE), STRING_LENGTH);
  return total;
}

// @ts-ignore: decorator
@inline function copyStrings(to: u32, slots: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const part = pointerOf(slots + i * SLOT_SIZE);
    const length = load<u32>(part, STRING_LENGTH);
    copyBytes(to, part + STRING_BYTES, length);
    to += length;
  }
}

/** The same for the current CONCAT, which is not done again when it fails, as it may have joined other operands before. Its operands are all in their slots. */
function join(slots: u32, count: u32): u32 {
  let result = tryJoin(slots, count);
  if (result) return result;
  if (load<u32>(VM_ALLOCATION_FAILED)) {
    store<u32>(VM_ALLOCATION_FAILED, 0);
    if (needsCollection()) collectFull(0);
    store<u32>(VM_REPEATING, 1);
    result = tryJoin(slots, count);
    store<u32>(VM_REPEATING, 0);
  }
  if (!result) throwMemoryError();
  return result;
}

/**
 * R[A] := the concatenation of the `count` slots from `slots` = R[A] up, from the right; numbers among them are turned into strings in place.
 * Finishes the current CONCAT or pushes a metamethod's frame.
 */
export function concatenate(thread: u32, slots: u32, count: u32): i32 {
  if (count == <u32>load<u16>(load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_PC), 4)) uncommit();
  else commit(thread);
  while (count > 1) {
    const last = slots + (count - 1) * SLOT_SIZE;
    if (!isConcatenable(last - SLOT_SIZE) || !isConcatenable(last)) {
      let handler = metamethodOfValue(last - SLOT_SIZE, EVENT_CONCAT);
      if (!handler) handler = metamethodOfValue(last, EVENT_CONCAT);
      if (!handler) throwOperandError(OPERAND_ERROR_CONCAT, last - SLOT_SIZE, last);
      return callMetamethod(thread, handler, last - SLOT_SIZE, last, 0, count);
    }
    // As many strings as stand together at the end.
    let first = last;
    while (first > slots && isConcatenable(first - SLOT_SIZE)) first -= SLOT_SIZE;
    for (let slot = first; slot <= last; slot += SLOT_SIZE) stringifyInPlace(slot);
    const joined = (last - first) / SLOT_SIZE + 1;
    setObject(first, TAG_STRING, join(first, joined));
    commit(thread);
    count -= joined - 1;
  }
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  const dest = load<u32>(frame, FRAME_BASE) + load<u16>(pc, 2);
  if (slots != dest) copyValue(dest, slots);
  store<u32>(frame, pc + 8, FRAME_PC);
  return RUN_STEPPED;
}
