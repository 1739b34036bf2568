/**
 * Pins: objects that the host or compiled code hold. Owns VM_PINS.
 *
 *   VM_PINS  +0 entries (raw memory)     | +4 capacity   | +8 index + 1 of the first free entry, 0 if none
 *   entry    +0 object, 0 while free     | +4 generation | +8 index + 1 of the next free entry; while in use: owner | +12 abandoned
 *
 * A pin without owner is a root. One with an owner holds its object only as long as the owner is reached otherwise, and is gone with it: so
 * compiled code keeps what it names alive as long as the function it belongs to lives. But a table, a function or the like that nothing but such pins
 * reaches is *abandoned*: it lives until the host has thrown away the code that names it. VM_DEAD_OWNERS tells the host that there is something to tidy up.
 *
 * In a VM that threads share, +12 also says which client's pin it is, above ABANDONED's bit: what a thread has pinned goes with it.
 *
 * A handle is index | generation << INDEX_BITS; unpinning raises the entry's
 * generation, so that a handle kept too long is noticed and does not name the entry's next object.
 */
import { OBJECT_TAG, SHAPE_METATABLE, TAG_CLOSURE, TAG_SHAPE, TAG_TABLE, TAG_THREAD, TAG_USERDATA, VM_CLIENT, VM_DEAD_OWNERS, VM_DEAD_OWNER_COUNT, VM_PINS } from '../../bytecode/layout';
import { isMarking, isWhite, markObject } from '../memory/colour';
import { throwMemoryError } from '../base/raise';
import { tryReallocateRaw } from '../memory/heap';

const PIN_ENTRIES: u32 = VM_PINS;
const PIN_CAPACITY: u32 = VM_PINS + 4;
const PIN_FREE: u32 = VM_PINS + 8;

const ENTRY_SIZE: u32 = 16;
const GENERATION: u32 = 4;
const NEXT_FREE: u32 = 8;
const OWNER: u32 = 8;
const ABANDONED: u32 = 12;
const INDEX_BITS: u32 = 20;
const MAX_GENERATION: u32 = 0xfff;

// @ts-ignore: decorator
@inline function entryAt(index: u32): u32 { return load<u32>(PIN_ENTRIES) + index * ENTRY_SIZE; }

function growPins(): bool {
  const capacity = load<u32>(PIN_CAPACITY);
  const wanted = capacity ? capacity * 2 : 32;
  if (wanted > <u32>1 << INDEX_BITS) return false;
  const entries = tryReallocateRaw(load<u32>(PIN_ENTRIES), capacity * ENTRY_SIZE, wanted * ENTRY_SIZE);
  if (!entries) return false;
  store<u32>(PIN_ENTRIES, entries);
  store<u32>(PIN_CAPACITY, wanted);
  for (let index = wanted; index > capacity; index--) {
    const entry = entryAt(index - 1);
    store<u32>(entry, 0);
    store<u32>(entry, 1, GENERATION);
    store<u32>(entry, load<u32>(PIN_FREE), NEXT_FREE);
    store<u32>(PIN_FREE, index);
  }
  return true;
}

/** Makes an object a root until it is unpinned; each pin counts on its own. @returns a handle, never 0. Raises "not enough memory". */
export function pinObject(pointer: u32): u32 {
  if (!load<u32>(PIN_FREE) && !growPins()) throwMemoryError();
  const index = load<u32>(PIN_FREE) - 1;
  const entry = entryAt(index);
  store<u32>(PIN_FREE, load<u32>(entry, NEXT_FREE));
  store<u32>(entry, pointer);
  store<u32>(entry, 0, OWNER);
  store<u32>(entry, load<u32>(VM_CLIENT) << 1, ABANDONED);
  if (isMarking()) markObject(pointer);
  return index | (load<u32>(entry, GENERATION) << INDEX_BITS);
}

/** The entry of a handle, 0 if the handle is stale. */
function entryOf(handle: u32): u32 {
  const index = handle & ((1 << INDEX_BITS) - 1);
  if (index >= load<u32>(PIN_CAPACITY)) return 0;
  const entry = entryAt(index);
  return load<u32>(entry) != 0 && load<u32>(entry, GENERATION) == handle >> INDEX_BITS ? entry : 0;
}

/** @returns false if the handle is stale */
export function unpinObject(handle: u32): bool {
  const entry = entryOf(handle);
  if (!entry) return false;
  freeEntry(entry, handle & ((1 << INDEX_BITS) - 1));
  return true;
}

function freeEntry(entry: u32, index: u32): void {
  const generation = load<u32>(entry, GENERATION);
  store<u32>(entry, 0);
  store<u32>(entry, generation == MAX_GENERATION ? 1 : generation + 1, GENERATION);
  store<u32>(entry, load<u32>(PIN_FREE), NEXT_FREE);
  store<u32>(PIN_FREE, index + 1);
}

/** Host API: takes all pins away: whoever held them is not there any more. */
export function dropPins(): void {
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) if (load<u32>(entryAt(index))) freeEntry(entryAt(index), index);
}

/** Host API: takes away the pins of a client that is not there any more. @param client its place + 1 */
export function dropPinsOf(client: u32): void {
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) {
    const entry = entryAt(index);
    if (load<u32>(entry) != 0 && load<u32>(entry, ABANDONED) >> 1 == client) freeEntry(entry, index);
  }
}

/** From now on the pin holds only as long as `owner` lives. */
export function setPinOwner(handle: u32, owner: u32): void {
  const entry = entryOf(handle);
  if (entry) store<u32>(entry, owner, OWNER);
}

/** The pinned object, 0 if the handle is stale. */
export function pinnedValue(handle: u32): u32 {
  const entry = entryOf(handle);
  return entry ? load<u32>(entry) : 0;
}

export function markPins(): void {
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) {
    const entry = entryAt(index);
    if (load<u32>(entry) != 0 && load<u32>(entry, OWNER) == 0) markObject(load<u32>(entry));
  }
}

/** Was the pinned object reached by nothing but pins with owners? */
export function isPinAbandoned(handle: u32): bool {
  const entry = entryOf(handle);
  return entry != 0 && (load<u32>(entry, ABANDONED) & 1) != 0;
}

/**
 * Marks what pins hold whose owners are reached. @param isLast all else that is reachable is marked: what is not may be abandoned
 * @returns whether there was something new
 */
export function markOwnedPins(isLast: bool): bool {
  if (isLast) noteAbandoned();
  let any = false;
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) {
    const entry = entryAt(index);
    const object = load<u32>(entry);
    if (!isHeldByCode(entry) || (!isLast && mayBeAbandoned(object))) continue;
    markObject(object);
    any = true;
  }
  return any;
}

/** Does a pin whose owner is reached hold something that nothing has reached yet? */
function isHeldByCode(entry: u32): bool {
  const object = load<u32>(entry);
  const owner = load<u32>(entry, OWNER);
  return object != 0 && owner != 0 && !isWhite(owner) && isWhite(object);
}

/** All of them at once, before one is marked: what refers to another one does not save it. */
function noteAbandoned(): void {
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) {
    const entry = entryAt(index);
    if (!isHeldByCode(entry) || !mayBeAbandoned(load<u32>(entry))) continue;
    store<u32>(entry, load<u32>(entry, ABANDONED) | 1, ABANDONED);
    noteDead();
  }
}

/**
 * Not shapes, which the next objects will have again, but for those of a metatable that is not reached; nor strings, prototypes and upvalues: they are
 * of use to code whoever else refers to them.
 */
function mayBeAbandoned(object: u32): bool {
  const tag = <u32>load<u8>(object, OBJECT_TAG);
  if (tag != TAG_SHAPE) return tag == TAG_TABLE || tag == TAG_CLOSURE || tag == TAG_USERDATA || tag == TAG_THREAD;
  const metatable = load<u32>(object, SHAPE_METATABLE);
  return metatable != 0 && isWhite(metatable);
}

/** There is something for the host to tidy up. */
function noteDead(): void {
  store<u32>(VM_DEAD_OWNERS, load<u32>(VM_DEAD_OWNERS) + 1);
  store<u32>(VM_DEAD_OWNER_COUNT, load<u32>(VM_DEAD_OWNER_COUNT) + 1);
}

/** At the end of marking: frees the pins whose owners are dead. */
export function dropPinsOfDead(): void {
  for (let index: u32 = 0, capacity = load<u32>(PIN_CAPACITY); index < capacity; index++) {
    const entry = entryAt(index);
    if (load<u32>(entry) == 0 || load<u32>(entry, OWNER) == 0 || !isWhite(load<u32>(entry, OWNER))) continue;
    freeEntry(entry, index);
    noteDead();
  }
}
