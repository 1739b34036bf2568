/**
 * The constants of the functions being compiled: value slots in one buffer, those of the inner function above. A hash over all of them finds equal ones:
 * buckets hold index + 1 of the newest constant, SLOT_LINK the one before. Newest first, so that a search ends where those of the outer function begin,
 * and the inner function's are taken out again from the heads.
 */
import { SLOT_LINK, SLOT_SIZE, TAG_STRING } from '../../../bytecode/layout';
import { freeRaw } from '../../memory/free';
import { allocateRaw } from '../../memory/heap';
import { hashNumber, placeOf } from '../../base/hash';
import { hashOfString } from '../../strings/string';
import { copyValue, pointerOf, tagOf } from '../../base/value';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { BUCKETS, BUCKET_COUNT, CONSTANTS } from '../state/cells';
import { F_FIRST_CONSTANT } from '../state/records';
import { currentFunction } from '../state/stacks';

/** Largest constant index that fits a scaled 16-bit operand. */
const MAX_OPERAND_CONSTANT: i32 = 4095;
const FIRST_BUCKETS: u32 = 32;

function bucketOf(slot: u32): u32 {
  const hash = tagOf(slot) == TAG_STRING ? hashOfString(pointerOf(slot)) : hashNumber(load<u64>(slot));
  return load<u32>(BUCKETS) + placeOf(hash, load<u32>(BUCKET_COUNT)) * 4;
}

/** Number of constants of the current function. */
export function constantCount(): u32 { return (bufferSize(CONSTANTS) - load<u32>(currentFunction(), F_FIRST_CONSTANT)) / SLOT_SIZE; }

/** Index of a constant in its function, added if it is new. @param value a slot whose payload is 0 where the tag says all */
export function addConstant(value: u32): i32 {
  const first = load<u32>(currentFunction(), F_FIRST_CONSTANT) / SLOT_SIZE;
  const count = bufferSize(CONSTANTS) / SLOT_SIZE;
  if (count >= load<u32>(BUCKET_COUNT)) growBuckets(count);
  const bucket = bucketOf(value);
  const known = bufferAddress(CONSTANTS) - SLOT_SIZE;
  for (let i = load<u32>(bucket); i > first; i = load<u32>(known + i * SLOT_SIZE, SLOT_LINK)) {
    const slot = known + i * SLOT_SIZE;
    if (load<u64>(slot) == load<u64>(value) && tagOf(slot) == tagOf(value)) return i - 1 - first;
  }
  const slot = pushBytes(CONSTANTS, SLOT_SIZE);
  copyValue(slot, value);
  store<u32>(slot, load<u32>(bucket), SLOT_LINK);
  store<u32>(bucket, count + 1);
  return count - first;
}

/** As addConstant, for an operand; -1 if the index is too large for one. */
export function addOperandConstant(value: u32): i32 {
  const index = addConstant(value);
  return index <= MAX_OPERAND_CONSTANT ? index : -1;
}

function growBuckets(count: u32): void {
  const size = max(load<u32>(BUCKET_COUNT) * 2, FIRST_BUCKETS);
  const fresh = allocateRaw(size * 4);
  if (load<u32>(BUCKETS)) freeRaw(load<u32>(BUCKETS), load<u32>(BUCKET_COUNT) * 4);
  memory.fill(fresh, 0, size * 4);
  store<u32>(BUCKETS, fresh);
  store<u32>(BUCKET_COUNT, size);
  let slot = bufferAddress(CONSTANTS);
  for (let i: u32 = 1; i <= count; i++, slot += SLOT_SIZE) {
    const bucket = bucketOf(slot);
    store<u32>(slot, load<u32>(bucket), SLOT_LINK);
    store<u32>(bucket, i);
  }
}

/** Moves the current function's constants to `target`, their links cleared. */
export function takeConstants(target: u32): void {
  const first = load<u32>(currentFunction(), F_FIRST_CONSTANT);
  for (let at = bufferSize(CONSTANTS); at > first; ) {
    at -= SLOT_SIZE;
    const slot = bufferAddress(CONSTANTS) + at;
    store<u32>(bucketOf(slot), load<u32>(slot, SLOT_LINK));
    copyValue(target + at - first, slot);
  }
  cutBuffer(CONSTANTS, first);
}
