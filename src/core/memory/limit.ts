/**
 * What the heap may hold, and when memory is so short that a whole cycle of the collector is due. Owns VM_BYTES_HELD, VM_BYTES_LIMIT and the emergency mark.
 *
 * The limit is compared with what is taken from the linear memory: whole blocks of cells, large chunks, and what the host keeps for Lua objects
 * (VM_BYTES_CHARGED). A cell in use keeps its block, so live bytes (VM_BYTES_USED) say nothing about the size of the process. Memory itself
 * grows to the limit and a quarter (MIN_SLACK if the limit is low): more than that fragmentation between chunks cannot hide.
 *
 * Allocation never collects. One that does not fit fails; what failed is done again after a collection if it can be (run/repeat.ts). For what cannot, there is
 * a reserve above the limit, which also is used up in shrinking steps with a cycle after each.
 *
 *   VM_HEAP  +708 emergency mark
 */
import {
  BUILTIN_ID, FRAME_CLOSURE, FRAME_KIND, FRAME_PC, SLOT_TAG, TAG_BUILTIN, THREAD_BUILTIN, THREAD_FRAME, VM_ALLOCATION_FAILED, VM_BYTES_CHARGED, VM_BYTES_HELD,
  VM_BYTES_LIMIT, VM_BYTES_USED, VM_COLLECT_DUE, VM_COMMITTED, VM_HEAP, VM_REPEATING, VM_THREAD,
} from '../../bytecode/layout';
import { isRepeatableBuiltin } from '../generated/builtin-ids';

/** Bytes held at which a collection is due even if the program stopped the collector. */
const HEAP_EMERGENCY: u32 = VM_HEAP + 708;
/** Debug builds: every so many allocations one fails on purpose (0 = none), and how many until the next. */
const HEAP_FAIL_EVERY: u32 = VM_HEAP + 720;
const HEAP_FAIL_COUNT: u32 = VM_HEAP + 724;
const HEAP_FAILURES: u32 = VM_HEAP + 728;
const COLLECTED: u32 = 100;

/** Bytes above the limit for operations that cannot be repeated: those of host functions, mostly. */
const RESERVE: u32 = 262144;
const NO_LIMIT: u32 = 0xffffffff;
/** What small memories may be larger than their limit: so little memory is soon in pieces. */
const MIN_SLACK: u64 = 16 << 20;

/** What the host keeps for an object or function behind a handle, in bytes, if that is an error with its trace. */
export const HOST_OBJECT_COST: u32 = 2048;

/** Is it time for a whole cycle, whatever the program wants? */
export function isEmergency(): bool { return load<u32>(VM_BYTES_HELD) > load<u32>(HEAP_EMERGENCY); }

/** Sets the emergency mark. Near the limit at half of what is left: the last cycles before giving up come at shrinking, but not at tiny, steps. */
export function scheduleEmergency(): void {
  const held = load<u32>(VM_BYTES_HELD);
  const limit = load<u32>(VM_BYTES_LIMIT);
  let ceiling = limit ? limit : NO_LIMIT;
  let mark = ceiling - (ceiling >> 4);
  if (held > mark) {
    if (held >= ceiling) ceiling = <u32>min<u64>(<u64>ceiling + RESERVE, <u64>NO_LIMIT);
    mark = held < ceiling ? held + ((ceiling - held) >> 1) : NO_LIMIT;
  }
  store<u32>(HEAP_EMERGENCY, mark);
}

/** May the heap hold `bytes` more? Asks for a collection where it is time for one. */
export function mayHold(bytes: u64): bool {
  const held = bytes + load<u32>(VM_BYTES_HELD);
  if (held > <u64>load<u32>(HEAP_EMERGENCY)) store<u32>(VM_COLLECT_DUE, 1);
  const limit = load<u32>(VM_BYTES_LIMIT);
  if (limit == 0 || held <= <u64>limit) return true;
  if (held <= <u64>limit + RESERVE && !isRepeatable()) return true;
  if (bytes <= <u64>limit) noteFailure();
  return false;
}

/** Are `bytes` more within the limit? Asks for nothing and notes nothing. */
export function isWithinLimit(bytes: u64): bool {
  const limit = load<u32>(VM_BYTES_LIMIT);
  return limit == 0 || bytes + load<u32>(VM_BYTES_HELD) <= <u64>limit;
}

/** An allocation failed that a collection may make possible. */
export function noteFailure(): void {
  if (!load<u32>(VM_REPEATING)) store<u32>(VM_ALLOCATION_FAILED, 1);
}

/** Counts memory that was taken or (negative) given back. */
// @ts-ignore: decorator
@inline export function hold(bytes: i32): void { store<u32>(VM_BYTES_HELD, load<u32>(VM_BYTES_HELD) + bytes); }

/** The size to which memory may grow for the heap that starts at `start`, in bytes. */
export function memoryCeiling(start: u32): u64 {
  const limit = <u64>load<u32>(VM_BYTES_LIMIT);
  return limit ? <u64>start + limit + max(limit >> 2, min(limit, MIN_SLACK)) + RESERVE : <u64>NO_LIMIT;
}

/**
 * Counts what the host keeps for a Lua object outside of the linear memory (negative: keeps no more), so that programs are collected, and
 * end, for it, too.
 */
export function chargeHost(bytes: i32): void {
  store<u32>(VM_BYTES_CHARGED, load<u32>(VM_BYTES_CHARGED) + bytes);
  store<u32>(VM_BYTES_USED, load<u32>(VM_BYTES_USED) + bytes);
  hold(bytes);
}

/**
 * What the current frame is doing must not be done again from now on: something has changed that it would find changed. Until `uncommit`, or the
 * frame's next instruction.
 */
export function commit(thread: u32): void {
  const frame = load<u32>(thread, THREAD_FRAME);
  store<u32>(VM_COMMITTED, load<u32>(frame, FRAME_CLOSURE) ? load<u32>(frame, FRAME_PC) : 0);
}
export function uncommit(): void { store<u32>(VM_COMMITTED, 0); }

/**
 * Can what is running be done again from its start when an allocation in it fails? Instructions can: what they allocate, they allocate before
 * anything changes. Builtins say so in their table. Elsewhere, the host is at work.
 */
export function isRepeatable(): bool {
  const thread = load<u32>(VM_THREAD);
  const func = load<u32>(thread, THREAD_BUILTIN);
  const frame = load<u32>(thread, THREAD_FRAME);
  const committed = load<u32>(VM_COMMITTED);
  if (committed != 0 && load<u32>(frame, FRAME_CLOSURE) != 0 && load<u32>(frame, FRAME_PC) == committed) return false;
  if (func) return load<u32>(func, SLOT_TAG) == TAG_BUILTIN && isRepeatableBuiltin(load<u32>(load<u32>(func), BUILTIN_ID));
  return (load<u32>(frame, FRAME_KIND) & 0xff) == 0 && load<u32>(frame, FRAME_CLOSURE) != 0;
}

// ---- Debug builds

/** Makes every so many allocations of what can be repeated fail, 0 = none: the program must not notice. */
export function setFailures(every: u32): void {
  store<u32>(HEAP_FAIL_EVERY, every);
  store<u32>(HEAP_FAIL_COUNT, every);
}

/** Is this allocation to fail? */
export function failsOnPurpose(): bool {
  if (!CHECKED || !load<u32>(HEAP_FAIL_EVERY) || load<u32>(VM_REPEATING) || !isRepeatable()) return false;
  const left = load<u32>(HEAP_FAIL_COUNT) - 1;
  store<u32>(HEAP_FAIL_COUNT, left ? left : load<u32>(HEAP_FAIL_EVERY));
  if (left) return false;
  noteFailure();
  return true;
}

/** Is a failed allocation to be made good by a collection? Of failures on purpose, only some are: else a script would take minutes. */
export function needsCollection(): bool {
  if (!CHECKED || !load<u32>(HEAP_FAIL_EVERY)) return true;
  const failures = load<u32>(HEAP_FAILURES) + 1;
  store<u32>(HEAP_FAILURES, failures);
  return failures % COLLECTED == 0;
}

/** Do failures on purpose need to see each allocation? */
export function hasFailures(): bool { return load<u32>(HEAP_FAIL_EVERY) != 0; }
