/**
 * Objects with finalisers (manual, section 2.5.3): who is registered, and whose finaliser is to be called next. Owns GC_FINALIZABLE, GC_PENDING.
 * Calling them is finalizer-call.ts.
 *
 *   GC_FINALIZABLE  +0 pointers (raw memory) | +4 capacity | +8 count                   in the order of registration, weak
 *   GC_PENDING      +0 pointers (raw memory) | +4 capacity, a power of two | +8 first | +12 count     a ring; roots
 *
 * Invariant: the ring has room for all objects registered, so that the collector itself never needs memory.
 */
import { OBJECT_FINALIZED, OBJECT_FLAGS, OBJECT_TAG, TAG_TABLE, TAG_USERDATA } from '../../bytecode/layout';
import { GC_CLOSING, GC_FINALIZABLE, GC_INHIBITED, GC_PENDING } from '../memory/collector-state';
import { isWhite, markObject } from '../memory/colour';
import { freeRaw } from '../memory/free';
import { tryAllocateRaw, tryReallocateRaw } from '../memory/heap';
import { chargeTime } from '../base/budget';

const CAPACITY: u32 = 4;
const COUNT: u32 = 8;
const RING_FIRST: u32 = 8;
const RING_COUNT: u32 = 12;
const INITIAL: u32 = 32;

// @ts-ignore: decorator
@inline function registered(): u32 { return load<u32>(GC_FINALIZABLE, COUNT); }
// @ts-ignore: decorator
@inline function ringEntry(index: u32): u32 {
  return load<u32>(GC_PENDING) + ((load<u32>(GC_PENDING, RING_FIRST) + index) & (load<u32>(GC_PENDING, CAPACITY) - 1)) * 4;
}

/** Objects waiting for their finalisers. */
// @ts-ignore: decorator
@inline export function pendingFinalizers(): u32 { return load<u32>(GC_PENDING, RING_COUNT); }

function tryGrowRegister(): bool {
  const capacity = load<u32>(GC_FINALIZABLE, CAPACITY);
  if (registered() < capacity) return true;
  const wanted = max(capacity * 2, INITIAL);
  const entries = tryReallocateRaw(load<u32>(GC_FINALIZABLE), capacity * 4, wanted * 4);
  if (!entries) return false;
  store<u32>(GC_FINALIZABLE, entries);
  store<u32>(GC_FINALIZABLE, wanted, CAPACITY);
  return true;
}

function tryGrowRing(needed: u32): bool {
  const capacity = load<u32>(GC_PENDING, CAPACITY);
  if (needed <= capacity) return true;
  let wanted = max(capacity * 2, INITIAL);
  while (wanted < needed) wanted *= 2;
  const entries = tryAllocateRaw(wanted * 4);
  if (!entries) return false;
  const count = pendingFinalizers();
  for (let i: u32 = 0; i < count; i++) store<u32>(entries + i * 4, load<u32>(ringEntry(i)));
  if (capacity) freeRaw(load<u32>(GC_PENDING), capacity * 4);
  store<u32>(GC_PENDING, entries);
  store<u32>(GC_PENDING, wanted, CAPACITY);
  store<u32>(GC_PENDING, 0, RING_FIRST);
  return true;
}

/** Registers a table or userdata whose metatable has `__gc`, once; not any more when the VM is being closed. @returns false when memory ran out */
export function tryRegisterFinalizer(object: u32): bool {
  const flags = load<u8>(object, OBJECT_FLAGS);
  if (flags & OBJECT_FINALIZED || load<u32>(GC_INHIBITED) & GC_CLOSING) return true;
  const count = registered();
  if (!tryGrowRegister() || !tryGrowRing(count + pendingFinalizers() + 1)) return false;
  store<u32>(load<u32>(GC_FINALIZABLE) + count * 4, object);
  store<u32>(GC_FINALIZABLE, count + 1, COUNT);
  store<u8>(object, flags | OBJECT_FINALIZED, OBJECT_FLAGS);
  return true;
}

/** Moves registered objects that are not reached, or all, to those waiting: the ones registered last come first. */
export function separateFinalizable(all: bool): void {
  chargeTime(registered());
  const entries = load<u32>(GC_FINALIZABLE);
  const count = registered();
  // From the end; the survivors gather there and are moved to the front afterwards.
  let kept = count;
  for (let i = count; i > 0; i--) {
    const object = load<u32>(entries + (i - 1) * 4);
    if (all || isWhite(object)) {
      const waiting = pendingFinalizers();
      store<u32>(ringEntry(waiting), object);
      store<u32>(GC_PENDING, waiting + 1, RING_COUNT);
    } else store<u32>(entries + --kept * 4, object);
  }
  memory.copy(entries, entries + kept * 4, (count - kept) * 4);
  store<u32>(GC_FINALIZABLE, count - kept, COUNT);
}

export function markPending(): void {
  for (let i: u32 = 0, count = pendingFinalizers(); i < count; i++) markObject(load<u32>(ringEntry(i)));
}

/** Takes the next object waiting, which becomes an ordinary one (it may be registered again). There is one. */
export function takePending(): u32 {
  const object = load<u32>(ringEntry(0));
  store<u32>(GC_PENDING, (load<u32>(GC_PENDING, RING_FIRST) + 1) & (load<u32>(GC_PENDING, CAPACITY) - 1), RING_FIRST);
  store<u32>(GC_PENDING, pendingFinalizers() - 1, RING_COUNT);
  assert(load<u8>(object, OBJECT_TAG) == TAG_TABLE || load<u8>(object, OBJECT_TAG) == TAG_USERDATA);
  store<u8>(object, load<u8>(object, OBJECT_FLAGS) & ~<u8>OBJECT_FINALIZED, OBJECT_FLAGS);
  return object;
}
