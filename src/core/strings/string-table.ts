/**
 * The string table: all short strings, in chains by hash (raw memory, linked through STRING_NEXT). It is weak: the collector unlinks the strings it frees.
 *
 * It changes its size by moving a few chains with each new string: to move a million strings at once takes longer than may pass between two looks at limits, and so does
 * touching new memory. Of the VM_STRING_BUCKETS chains those from VM_STRING_SPLIT on are split by one more bit of the hash, and lie in VM_SPLIT_STRINGS at twice their place
 * (memory/release.ts bucketOf). While the table grows the split goes from the last chain to the first; while it becomes smaller, from the first to the last.
 */
import {
  OBJECT_FLAGS, STRING_BYTES, STRING_HASH, STRING_LENGTH, STRING_NEXT, STRING_SHORT, VM_CURRENT_WHITE, VM_MOVING, VM_SPLIT_STRINGS, VM_STRINGS, VM_STRING_BUCKETS, VM_STRING_COUNT,
  VM_STRING_RESIZING, VM_STRING_SPLIT,
} from '../../bytecode/layout';
import { chargeTime } from '../base/budget';
import { hashShort } from '../base/hash';
import { isDead, setColour } from '../memory/colour';
import { freeRaw } from '../memory/free';
import { allocateRaw, tryAllocateRaw } from '../memory/heap';
import { bucketOf } from '../memory/release';

const INITIAL_BUCKETS: u32 = 256;
/** VM_STRING_RESIZING: the size stays. */
const SETTLED: u32 = 0;
const GROWING: u32 = 1;
const SHRINKING: u32 = 2;
/** Chains that are moved with a new string: more than one, so that a table has grown before it has to again. And behind a collection. */
const CHAINS_PER_STRING: u32 = 4;
const CHAINS_PER_CYCLE: u32 = 1 << 15;
/** Steps that moving a chain counts for. */
const CHAIN_STEPS: u32 = 4;

export function initStringTable(): void {
  const buckets = allocateRaw(INITIAL_BUCKETS * 4);
  memory.fill(buckets, 0, INITIAL_BUCKETS * 4);
  store<u32>(VM_STRING_COUNT, 0);
  settle(buckets, INITIAL_BUCKETS);
}

function settle(chains: u32, buckets: u32): void {
  store<u32>(VM_STRINGS, chains);
  store<u32>(VM_SPLIT_STRINGS, 0);
  store<u32>(VM_STRING_BUCKETS, buckets);
  store<u32>(VM_STRING_SPLIT, buckets);
  store<u32>(VM_STRING_RESIZING, SETTLED);
}

/** Equality of `length` bytes. */
function equalBytes(a: u32, b: u32, length: u32): bool {
  if (length >= 8) {
    const last = length - 8;
    for (let at: u32 = 0; at < last; at += 8) if (load<u64>(a + at) != load<u64>(b + at)) return false;
    return load<u64>(a + last) == load<u64>(b + last);
  }
  if (length >= 4) return load<u32>(a) == load<u32>(b) && load<u32>(a + length - 4) == load<u32>(b + length - 4);
  for (let at: u32 = 0; at < length; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false;
  return true;
}

/** The interned string with these bytes, 0 if there is none. One that has died and is not swept yet lives again. */
export function findShort(bytes: u32, length: u32, hash: u32): u32 {
  for (let s = load<u32>(bucketOf(hash)); s; s = load<u32>(s, STRING_NEXT)) {
    if (load<u32>(s, STRING_HASH) == hash && load<u32>(s, STRING_LENGTH) == length && equalBytes(s + STRING_BYTES, bytes, length)) {
      if (isDead(s)) setColour(s, load<u32>(VM_CURRENT_WHITE));
      return s;
    }
  }
  return 0;
}

/** Puts a string that is not there into the table. */
export function linkShort(s: u32, hash: u32): void {
  const count = load<u32>(VM_STRING_COUNT) + 1;
  store<u32>(VM_STRING_COUNT, count);
  if (count > load<u32>(VM_STRING_BUCKETS)) grow();
  if (load<u32>(VM_STRING_RESIZING)) moveChains(CHAINS_PER_STRING);
  store<u8>(s, STRING_SHORT, OBJECT_FLAGS);
  store<u32>(s, hash, STRING_HASH);
  pushFront(bucketOf(hash), s);
}

// @ts-ignore: decorator
@inline function pushFront(bucket: u32, s: u32): void {
  store<u32>(s, load<u32>(bucket), STRING_NEXT);
  store<u32>(bucket, s);
}

// ---- Changing its size

/** Without memory the table just stays as it is. */
function grow(): void {
  if (load<u32>(VM_STRING_RESIZING) == SETTLED) {
    const split = tryAllocateRaw(load<u32>(VM_STRING_BUCKETS) * 8);
    if (!split) return;
    store<u32>(VM_SPLIT_STRINGS, split);
  }
  store<u32>(VM_STRING_RESIZING, GROWING);
}

/** Makes the table smaller when most of it is empty. Called by the collector after a cycle. */
export function shrinkStringTable(): void {
  if (load<u32>(VM_STRING_RESIZING) == SETTLED) shrink();
  else if (load<u32>(VM_STRING_COUNT) < load<u32>(VM_STRING_BUCKETS) / 4) store<u32>(VM_STRING_RESIZING, SHRINKING);
  if (load<u32>(VM_STRING_RESIZING) == SHRINKING) moveChains(CHAINS_PER_CYCLE);
}

function shrink(): void {
  const buckets = load<u32>(VM_STRING_BUCKETS);
  if (buckets == INITIAL_BUCKETS || load<u32>(VM_STRING_COUNT) >= buckets / 4) return;
  const merged = tryAllocateRaw(buckets * 2);
  if (!merged) return;
  store<u32>(VM_SPLIT_STRINGS, load<u32>(VM_STRINGS));
  store<u32>(VM_STRINGS, merged);
  store<u32>(VM_STRING_BUCKETS, buckets / 2);
  store<u32>(VM_STRING_SPLIT, 0);
  store<u32>(VM_STRING_RESIZING, SHRINKING);
}

/** Moves up to `most` chains. */
function moveChains(most: u32): void {
  // How many strings there are depends on when the collector came.
  chargeTime(most * CHAIN_STEPS);
  store<u32>(VM_MOVING, VM_STRINGS);
  for (; most != 0 && load<u32>(VM_STRING_RESIZING) != SETTLED; most--) {
    const buckets = load<u32>(VM_STRING_BUCKETS);
    const split = load<u32>(VM_STRING_SPLIT);
    if (load<u32>(VM_STRING_RESIZING) == GROWING) {
      if (split) {
        splitChain(split - 1);
        continue;
      }
      freeRaw(load<u32>(VM_STRINGS), buckets * 4);
      settle(load<u32>(VM_SPLIT_STRINGS), buckets * 2);
    } else {
      if (split < buckets) {
        mergeChains(split);
        continue;
      }
      freeRaw(load<u32>(VM_SPLIT_STRINGS), buckets * 8);
      settle(load<u32>(VM_STRINGS), buckets);
      shrink();
    }
  }
  store<u32>(VM_MOVING, 0);
}

function splitChain(place: u32): void {
  let s = load<u32>(load<u32>(VM_STRINGS) + place * 4);
  store<u64>(load<u32>(VM_SPLIT_STRINGS) + place * 8, 0);
  store<u32>(VM_STRING_SPLIT, place);
  while (s) {
    const next = load<u32>(s, STRING_NEXT);
    pushFront(bucketOf(load<u32>(s, STRING_HASH)), s);
    s = next;
  }
}

/** Makes two chains one again. */
function mergeChains(place: u32): void {
  const first = load<u32>(VM_SPLIT_STRINGS) + place * 8;
  let end = first;
  while (load<u32>(end)) end = load<u32>(end) + STRING_NEXT;
  store<u32>(end, load<u32>(first, 4));
  store<u32>(load<u32>(VM_STRINGS) + place * 4, load<u32>(first));
  store<u32>(VM_STRING_SPLIT, place + 1);
}

/** The keys of the hashes have changed: all hashes are made anew. What relies on them is the caller's affair. */
export function rehashStrings(): void {
  if (load<u32>(VM_STRING_RESIZING)) {
    store<u32>(VM_STRING_RESIZING, GROWING);
    while (load<u32>(VM_STRING_RESIZING)) moveChains(CHAINS_PER_CYCLE);
  }
  const buckets = load<u32>(VM_STRING_BUCKETS);
  const heads = load<u32>(VM_STRINGS);
  let list: u32 = 0;
  for (let i: u32 = 0; i < buckets; i++) {
    for (let s = load<u32>(heads + i * 4); s; ) {
      const next = load<u32>(s, STRING_NEXT);
      store<u32>(s, list, STRING_NEXT);
      list = s;
      s = next;
    }
  }
  memory.fill(heads, 0, buckets * 4);
  while (list) {
    const s = list;
    list = load<u32>(s, STRING_NEXT);
    const hash = hashShort(s + STRING_BYTES, load<u32>(s, STRING_LENGTH));
    store<u32>(s, hash, STRING_HASH);
    pushFront(bucketOf(hash), s);
  }
}
