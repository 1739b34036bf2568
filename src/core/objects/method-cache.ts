/**
 * The method cache: (shape, name) -> slot of the value found through the `__index` tables of the shape's metatable.
 * Inline caches only serve a table's own fields; a method is found here in one probe.
 *
 *     entry (24 bytes): shape | name | holder table | holder's shape | slot offset | metatable epoch
 *
 * An entry is right while the epoch has not changed (no metamethod name was written into a metatable since) and the holder has the same
 * shape; the tables between object and holder are covered by chain length 1: only a method in the first `__index` table is remembered,
 * deeper ones (inheritance) are remembered with every table in between proven by its shape, see MAX_DEPTH.
 * Each collection clears the cache, so that it keeps nothing alive and never names a dead object.
 */
import { SLOT_SIZE, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_TABLE, VM_METATABLE_EPOCH, VM_METHOD_CACHE } from '../../bytecode/layout';
import { EVENT_INDEX } from '../generated/metamethods';
import { allocateRaw } from '../memory/heap';
import { metamethodOf } from './metamethod';
import { shapeProvesMetamethods } from './metatable-equivalence';
import { shapeLookup } from './shape';
import { isNil, pointerOf, tagOf } from '../base/value';

const ENTRIES: u32 = 512;
const ENTRY_SIZE: u32 = 40;
const NAME = 4;
const HOLDER = 8;
const HOLDER_SHAPE = 12;
const SLOT = 16;
const EPOCH = 20;
/** Table passed over on the way to the holder and its shape (0: none), twice. */
const PASSED = 24;
const PASSED_COUNT: u32 = 2;

export function initMethodCache(): void {
  store<u32>(VM_METHOD_CACHE, allocateRaw(ENTRIES * ENTRY_SIZE));
  clearMethodCache();
}

/** Forgets everything. Called by each collection. */
export function clearMethodCache(): void {
  memory.fill(load<u32>(VM_METHOD_CACHE), 0, ENTRIES * ENTRY_SIZE);
}

// @ts-ignore: decorator
@inline function entryOf(shape: u32, name: u32): u32 {
  return load<u32>(VM_METHOD_CACHE) + (((shape >> 4) ^ (name >> 3)) & (ENTRIES - 1)) * ENTRY_SIZE;
}

/** Address of the slot that holds the method, 0 if it is not known. */
export function cachedMethod(shape: u32, name: u32): u32 {
  const entry = entryOf(shape, name);
  if (load<u32>(entry) != shape || load<u32>(entry, NAME) != name || load<u32>(entry, EPOCH) != load<u32>(VM_METATABLE_EPOCH)) return 0;
  const holder = load<u32>(entry, HOLDER);
  if (load<u32>(holder, TABLE_SHAPE) != load<u32>(entry, HOLDER_SHAPE)) return 0;
  for (let i: u32 = 0; i < PASSED_COUNT; i++) {
    const passed = load<u32>(entry + i * 8, PASSED);
    if (passed && load<u32>(passed, TABLE_SHAPE) != load<u32>(entry + i * 8, PASSED + 4)) return 0;
  }
  const slot = load<u32>(holder, TABLE_SLOTS) + load<u32>(entry, SLOT);
  return isNil(slot) ? 0 : slot;
}

/** Looks for `name` along the `__index` tables of `table` (which has `shape` and not the name itself) and remembers where it is. */
export function rememberMethod(shape: u32, table: u32, name: u32): void {
  if (shapeLookup(shape, name) >= 0) return; // The field exists but is nil now: it may come back without a change of shape.
  if (!shapeProvesMetamethods(shape)) return;
  let passed1: u32 = 0;
  let passed2: u32 = 0;
  let current = table;
  for (let depth: u32 = 0; depth <= PASSED_COUNT; depth++) {
    const metatable = load<u32>(current, TABLE_METATABLE);
    if (!metatable) return;
    const handler = metamethodOf(metatable, EVENT_INDEX);
    if (!handler || tagOf(handler) != TAG_TABLE) return;
    const holder = pointerOf(handler);
    const holderShape = load<u32>(holder, TABLE_SHAPE);
    if (!holderShape) return;
    const index = shapeLookup(holderShape, name);
    if (index >= 0) {
      if (isNil(load<u32>(holder, TABLE_SLOTS) + index * SLOT_SIZE)) return;
      const entry = entryOf(shape, name);
      store<u32>(entry, shape);
      store<u32>(entry, name, NAME);
      store<u32>(entry, holder, HOLDER);
      store<u32>(entry, holderShape, HOLDER_SHAPE);
      store<u32>(entry, index * SLOT_SIZE, SLOT);
      store<u32>(entry, load<u32>(VM_METATABLE_EPOCH), EPOCH);
      store<u32>(entry, passed1, PASSED);
      store<u32>(entry, passed1 ? load<u32>(passed1, TABLE_SHAPE) : 0, PASSED + 4);
      store<u32>(entry, passed2, PASSED + 8);
      store<u32>(entry, passed2 ? load<u32>(passed2, TABLE_SHAPE) : 0, PASSED + 12);
      return;
    }
    if (depth == 0) passed1 = holder;
    else passed2 = holder;
    current = holder;
  }
}
