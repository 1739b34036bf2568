/**
 * Weak tables (manual, section 2.5.4): weak values, weak keys (ephemerons: a value is reached only if its key is), both.
 *
 * A weak table reached stays gray, so that no barrier reaches what is stored into it. The atomic phase visits it once more, when all else is marked,
 * and puts it on the list of its kind. In the end what is not reached is taken out.
 *
 * Ephemerons whose key is not reached then wait for it: their nodes hang on the key (OBJECT_AWAITED), linked through SLOT_LINK of their values' slots,
 * and when the key is reached (markObject) they go to GC_WOKEN. So each is looked at once, and chains of them cost no more than their length.
 *
 * Strings are values here: never taken out.
 */
import {
  ARRAY_MIXED, DICT_NODE_SIZE, DICT_NODE_VALUE, MARK_GRAY, OBJECT_AWAITED, OBJECT_FLAGS, SHAPE_COUNT, SLOT_LINK, SLOT_SIZE, STRING_BYTES, STRING_LENGTH,
  TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT, TABLE_DICT_SIZE, TABLE_GCLIST, TABLE_IS_METATABLE, TABLE_KIND, TABLE_SHAPE, TABLE_SLOTS,
  TAG_NIL, TAG_STRING, VM_METATABLE_EPOCH,
} from '../../bytecode/layout';
import { EVENT_INDEX, EVENT_MODE } from '../generated/metamethods';
import { GC_ALL_WEAK, GC_EPHEMERONS, GC_GRAY_AGAIN, GC_WEAK_VALUES, GC_WOKEN } from '../memory/collector-state';
import { isWhite, markObject, markPointer, markValue, setColour, waitingLink } from '../memory/colour';
import { metamethodOf } from '../objects/metamethod';
import { leaveRepresentative } from '../objects/metatable-equivalence';
import { trimLength } from '../objects/table-array';
import { isCollectable, isNil, pointerOf, setNil, tagOf } from '../base/value';
import { chargeTime, workTime } from '../base/budget';
import { clearKey, markElements, markMetatables, markRecord } from './mark-table';

const WEAK_KEYS: u32 = 1;
const WEAK_VALUES: u32 = 2;
/** Bytes of nodes between two looks at the budget, a power of two. */
const PIECE: u32 = 65536;

/** What `__mode` of a metatable says: WEAK_KEYS, WEAK_VALUES, both or 0. */
export function weakModeOf(metatable: u32): u32 {
  const slot = metamethodOf(metatable, EVENT_MODE);
  if (!slot || tagOf(slot) != TAG_STRING) return 0;
  const s = pointerOf(slot);
  let mode: u32 = 0;
  chargeTime(load<u32>(s, STRING_LENGTH));
  for (let at = s + STRING_BYTES, end = at + load<u32>(s, STRING_LENGTH); at < end; at++) {
    const letter = load<u8>(at);
    if (letter == 0) break;
    if (letter == 107) mode |= WEAK_KEYS;
    else if (letter == 118) mode |= WEAK_VALUES;
  }
  return mode;
}

// @ts-ignore: decorator
@inline function pushWeak(list: u32, table: u32): void {
  store<u32>(table, load<u32>(list), TABLE_GCLIST);
  store<u32>(list, table);
}

/** Marks what a weak table keeps alive and puts it on a list. @returns work done */
export function visitWeakTable(table: u32, mode: u32, atomic: bool): u32 {
  setColour(table, MARK_GRAY);
  pushWeak(atomic ? mode == WEAK_VALUES ? GC_WEAK_VALUES : mode == WEAK_KEYS ? GC_EPHEMERONS : GC_ALL_WEAK : GC_GRAY_AGAIN, table);
  markMetatables(table);
  if (mode == (WEAK_KEYS | WEAK_VALUES)) {
    markPointer(load<u32>(table, TABLE_SHAPE));
  } else if (mode == WEAK_VALUES) {
    markPointer(load<u32>(table, TABLE_SHAPE));
    markKeys(table);
  } else {
    markRecord(table);
    markElements(table, 0, u32.MAX_VALUE);
    markEphemerons(table, atomic);
  }
  return 64 + load<u32>(table, TABLE_ARRAY_LENGTH) + load<u32>(table, TABLE_DICT_SIZE) * DICT_NODE_SIZE;
}

// @ts-ignore: decorator
@inline function nodesEnd(table: u32): u32 { return load<u32>(table, TABLE_DICT) + load<u32>(table, TABLE_DICT_SIZE) * DICT_NODE_SIZE; }

function markKeys(table: u32): void {
  for (let node = load<u32>(table, TABLE_DICT), end = nodesEnd(table); node < end; node += DICT_NODE_SIZE) {
    lookNowAndThen(node);
    if (isNil(node + DICT_NODE_VALUE)) clearKey(node);
    else markValue(node);
  }
}

/** Large tables: lets the host stop the program in between. */
// @ts-ignore: decorator
@inline function lookNowAndThen(node: u32): void { if ((node & (PIECE - DICT_NODE_SIZE)) == 0) workTime(PIECE / DICT_NODE_SIZE * 2); }

/** Is the value in a slot to be taken out of a weak table? Strings are not, and are reached by the question. */
function isCleared(slot: u32): bool {
  if (!isCollectable(slot)) return false;
  if (tagOf(slot) != TAG_STRING) return isWhite(pointerOf(slot));
  markObject(pointerOf(slot));
  return false;
}

/** Marks the values whose keys are reached. @param atomic those of the others will be when they are */
function markEphemerons(table: u32, atomic: bool): void {
  for (let node = load<u32>(table, TABLE_DICT), end = nodesEnd(table); node < end; node += DICT_NODE_SIZE) {
    lookNowAndThen(node);
    const value = node + DICT_NODE_VALUE;
    if (isNil(value)) clearKey(node);
    else if (!isCleared(node)) markValue(value);
    else if (atomic && isCollectable(value) && isWhite(pointerOf(value))) awaitKey(node, pointerOf(node));
  }
}

function awaitKey(node: u32, key: u32): void {
  const link = waitingLink(key);
  const flags = load<u8>(key, OBJECT_FLAGS);
  store<u32>(node, flags & OBJECT_AWAITED ? load<u32>(link) : 0, DICT_NODE_VALUE + SLOT_LINK);
  store<u32>(link, node);
  store<u8>(key, flags | OBJECT_AWAITED, OBJECT_FLAGS);
}

/** The cycle is given up in the atomic phase: no key is awaited any more. */
export function forgetAwaited(): void {
  store<u32>(GC_WOKEN, 0);
  for (let table = load<u32>(GC_EPHEMERONS); table; table = load<u32>(table, TABLE_GCLIST)) {
    for (let node = load<u32>(table, TABLE_DICT), end = nodesEnd(table); node < end; node += DICT_NODE_SIZE) {
      if (isNil(node + DICT_NODE_VALUE) || !isCollectable(node) || tagOf(node) == TAG_STRING) continue;
      const key = pointerOf(node);
      store<u8>(key, load<u8>(key, OBJECT_FLAGS) & ~<u8>OBJECT_AWAITED, OBJECT_FLAGS);
    }
  }
}

/** Takes entries with keys that are not reached out of the tables of a list. */
export function clearByKeys(list: u32): void {
  for (let table = load<u32>(list); table; table = load<u32>(table, TABLE_GCLIST)) {
    for (let node = load<u32>(table, TABLE_DICT), end = nodesEnd(table); node < end; node += DICT_NODE_SIZE) {
      lookNowAndThen(node);
      const value = node + DICT_NODE_VALUE;
      if (!isNil(value) && isCleared(node)) setNil(value);
      if (isNil(value)) clearKey(node);
    }
  }
}

/** Takes values that are not reached out of the tables of a list, up to the one before `last` (0: all). */
export function clearByValues(list: u32, last: u32): void {
  for (let table = load<u32>(list); table != last; table = load<u32>(table, TABLE_GCLIST)) {
    if (load<u8>(table, OBJECT_FLAGS) & TABLE_IS_METATABLE) forgetMetamethods(table);
    const shape = load<u32>(table, TABLE_SHAPE);
    if (shape) {
      const slots = load<u32>(table, TABLE_SLOTS);
      for (let i: u32 = 0, count = load<u32>(shape, SHAPE_COUNT); i < count; i++) if (isCleared(slots + i * SLOT_SIZE)) setNil(slots + i * SLOT_SIZE);
    }
    if (load<u8>(table, TABLE_KIND) == ARRAY_MIXED) clearElements(table);
    for (let node = load<u32>(table, TABLE_DICT), end = nodesEnd(table); node < end; node += DICT_NODE_SIZE) {
      lookNowAndThen(node);
      const value = node + DICT_NODE_VALUE;
      if (isCleared(value)) setNil(value);
      if (isNil(value)) clearKey(node);
    }
  }
}

/** What caches and shapes know of a metatable's fields ends here: some may be taken out. */
function forgetMetamethods(metatable: u32): void {
  const index = metamethodOf(metatable, EVENT_INDEX);
  // A finaliser may bring back objects whose shapes name the representative.
  if (index != 0 && isCleared(index)) leaveRepresentative(metatable);
  store<u32>(VM_METATABLE_EPOCH, load<u32>(VM_METATABLE_EPOCH) + 1);
}

function clearElements(table: u32): void {
  const array = load<u32>(table, TABLE_ARRAY);
  const tags = array + load<u32>(table, TABLE_ARRAY_CAPACITY) * 8;
  const length = load<u32>(table, TABLE_ARRAY_LENGTH);
  for (let i: u32 = 0; i < length; i++) {
    if ((i & (PIECE - 1)) == 0) workTime(min(length, PIECE));
    const tag = <u32>load<u8>(tags + i);
    const object = load<u32>(array + i * 8);
    if (tag == TAG_STRING) markObject(object);
    else if (tag > TAG_STRING && isWhite(object)) store<u8>(tags + i, TAG_NIL);
  }
  if (length) trimLength(table, length);
}
