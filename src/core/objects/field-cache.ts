/**
 * The field cache: (shape, name) -> slot of the table's own field, or else of the value found through the `__index` tables of the shape's metatable,
 * or that there is none. Inline caches serve one shape's own fields; methods, fields of objects of several kinds and fields that are nil are found
 * here in one probe.
 *
 * An entry's own field is right for ever, as a shape's fields are; it may be nil at any time, and then the rest is asked. That is right while the
 * epoch has not changed (no metamethod name was written into a metatable since), and the table that has the value, or ends the chain, and those passed on
 * the way to it have the same shapes. So a chain of up to three tables is remembered. Values other than tables have their metatable in place of a shape.
 * Each collection clears the cache, so that it keeps nothing alive and never names a dead object.
 */
import { FIELD_CACHE_SIZE, SLOT_SIZE, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_TABLE, VM_FIELD_CACHE, VM_METATABLE_EPOCH } from '../../bytecode/layout';
import { isNil, pointerOf, tagOf } from '../base/value';
import { EVENT_INDEX } from '../generated/metamethods';
import { allocateRaw } from '../memory/heap';
import { metamethodOf } from './metamethod';
import { shapeProvesMetamethods } from './metatable-equivalence';
import { shapeLookup } from './shape';
import { tableRecordSlot } from './table-record';

const ENTRY_SIZE: u32 = 48;
const ENTRIES: u32 = FIELD_CACHE_SIZE / ENTRY_SIZE;
// An entry begins with the shape. The rest by offset:
const NAME = 4;
/** Table of the chain to look in when the table's own field is nil; NO_CHAIN: there is no `__index`; 0: not known; or FAILED. */
const HOLDER = 8;
const NO_CHAIN: u32 = 1;
/** It was looked for, and cannot be remembered: as long as the epoch is the same that is not tried again. */
const FAILED: u32 = 2;
const HOLDER_SHAPE = 12;
/** Offset in its slots; NONE: the chain ends there without the field. */
const SLOT = 16;
const EPOCH = 20;
/** Table passed over on the way to the holder and its shape (0: none), twice. */
const PASSED = 24;
const PASSED_COUNT: u32 = 2;
/** Offset of the table's own field, NONE if it has none. */
const OWN = 40;
const NONE: u32 = 0xffffffff;

/** A slot that is always nil: the first bytes of memory are zero. */
export const NIL_SLOT: u32 = 16;

export function initFieldCache(): void {
  store<u32>(VM_FIELD_CACHE, allocateRaw(ENTRIES * ENTRY_SIZE));
  clearFieldCache();
}

/** Forgets everything. Called by each collection. */
export function clearFieldCache(): void {
  memory.fill(load<u32>(VM_FIELD_CACHE), 0, ENTRIES * ENTRY_SIZE);
}

// @ts-ignore: decorator
@inline function entryOf(shape: u32, name: u32): u32 {
  return load<u32>(VM_FIELD_CACHE) + ((((shape >> 4) * 0x9e3779b1 + (name >> 4) * 0x85ebca6b) >> 22) & (ENTRIES - 1)) * ENTRY_SIZE;
}

/** The entry for a shape and a name, 0 if it is another's. */
// @ts-ignore: decorator
@inline function findEntry(shape: u32, name: u32): u32 {
  const entry = entryOf(shape, name);
  return load<u32>(entry) == shape && load<u32>(entry, NAME) == name ? entry : 0;
}

/** Address of the slot that holds the field or method of a table with this shape; 0 if it is not known. */
export function cachedField(table: u32, shape: u32, name: u32): u32 {
  const entry = findEntry(shape, name);
  if (!entry) return 0;
  const own = load<u32>(entry, OWN);
  if (own != NONE) {
    const slot = load<u32>(table, TABLE_SLOTS) + own;
    if (!isNil(slot)) return slot;
  }
  const holder = load<u32>(entry, HOLDER);
  if (!holder || load<u32>(entry, EPOCH) != load<u32>(VM_METATABLE_EPOCH)) return 0;
  if (holder <= FAILED) return holder == NO_CHAIN ? NIL_SLOT : 0;
  if (load<u32>(holder, TABLE_SHAPE) != load<u32>(entry, HOLDER_SHAPE)) return 0;
  for (let i: u32 = 0; i < PASSED_COUNT; i++) {
    const passed = load<u32>(entry + i * 8, PASSED);
    if (passed && load<u32>(passed, TABLE_SHAPE) != load<u32>(entry + i * 8, PASSED + 4)) return 0;
  }
  if (load<u32>(entry, SLOT) == NONE) return NIL_SLOT;
  const slot = load<u32>(holder, TABLE_SLOTS) + load<u32>(entry, SLOT);
  return isNil(slot) ? 0 : slot;
}

/** Address of the slot of the table behind `__index` where a value other than a table finds a method; 0: it has to be looked for otherwise. */
export function methodSlot(metatable: u32, name: u32): u32 {
  const cached = cachedField(0, metatable, name);
  if (cached) return cached;
  const handler = metamethodOf(metatable, EVENT_INDEX);
  if (!handler || tagOf(handler) != TAG_TABLE) return 0;
  const holder = pointerOf(handler);
  const slot = tableRecordSlot(holder, name);
  if (!slot || isNil(slot)) return 0;
  if (load<u32>(holder, TABLE_SHAPE)) {
    const entry = writeEntry(metatable, name, NONE, holder, slot - load<u32>(holder, TABLE_SLOTS));
    store<u64>(entry, 0, PASSED);
    store<u64>(entry, 0, PASSED + 8);
  }
  return slot;
}

/** Address of the slot of the table's own field, which may be nil; 0 if it is not known. */
export function cachedOwnField(table: u32, shape: u32, name: u32): u32 {
  const entry = findEntry(shape, name);
  if (!entry || load<u32>(entry, OWN) == NONE) return 0;
  return load<u32>(table, TABLE_SLOTS) + load<u32>(entry, OWN);
}

/** Tables with this shape have the field in this slot. */
export function rememberOwnField(shape: u32, name: u32, offset: u32): void {
  writeEntry(shape, name, offset, 0, 0);
}

function writeEntry(shape: u32, name: u32, own: u32, holder: u32, slot: u32): u32 {
  const entry = entryOf(shape, name);
  store<u32>(entry, shape);
  store<u32>(entry, name, NAME);
  store<u32>(entry, own, OWN);
  store<u32>(entry, holder, HOLDER);
  store<u32>(entry, holder > FAILED ? load<u32>(holder, TABLE_SHAPE) : 0, HOLDER_SHAPE);
  store<u32>(entry, slot, SLOT);
  store<u32>(entry, load<u32>(VM_METATABLE_EPOCH), EPOCH);
  return entry;
}

/** Looks for `name`, which `table` (with `shape`) has not or nil for, along its `__index` tables, and remembers where it is, or that it is nowhere. */
export function rememberField(shape: u32, table: u32, name: u32): void {
  const known = findEntry(shape, name);
  if (known && load<u32>(known, HOLDER) == FAILED && load<u32>(known, EPOCH) == load<u32>(VM_METATABLE_EPOCH)) return;
  if (!tryRemember(shape, table, name)) {
    const index = shapeLookup(shape, name);
    writeEntry(shape, name, index >= 0 ? index * SLOT_SIZE : NONE, FAILED, 0);
  }
}

function tryRemember(shape: u32, table: u32, name: u32): bool {
  const ownIndex = shapeLookup(shape, name);
  const own = ownIndex >= 0 ? ownIndex * SLOT_SIZE : NONE;
  if (!load<u32>(table, TABLE_METATABLE)) {
    writeEntry(shape, name, own, NO_CHAIN, 0);
    return true;
  }
  if (!shapeProvesMetamethods(shape)) return false;
  let passed1: u32 = 0;
  let passed2: u32 = 0;
  let current = table;
  let slot = NONE;
  for (let depth: u32 = 0; depth <= PASSED_COUNT + 1; depth++) {
    const metatable = load<u32>(current, TABLE_METATABLE);
    const handler = metatable ? metamethodOf(metatable, EVENT_INDEX) : 0;
    if (!handler) break;
    if (tagOf(handler) != TAG_TABLE || depth > PASSED_COUNT) return false;
    if (depth == 2) passed2 = current;
    else if (depth == 1) passed1 = current;
    const holder = pointerOf(handler);
    const holderShape = load<u32>(holder, TABLE_SHAPE);
    if (!holderShape || !shapeProvesMetamethods(holderShape)) return false;
    const index = shapeLookup(holderShape, name);
    current = holder;
    if (index < 0) continue;
    // A field that is nil now may come back without a change of shape.
    if (isNil(load<u32>(holder, TABLE_SLOTS) + index * SLOT_SIZE)) return false;
    slot = index * SLOT_SIZE;
    break;
  }
  // A metatable without __index, and nothing passed: who gets one changes the epoch.
  const entry = writeEntry(shape, name, own, current == table ? NO_CHAIN : current, slot);
  if (current == table) return true;
  store<u32>(entry, passed1, PASSED);
  store<u32>(entry, passed1 ? load<u32>(passed1, TABLE_SHAPE) : 0, PASSED + 4);
  store<u32>(entry, passed2, PASSED + 8);
  store<u32>(entry, passed2 ? load<u32>(passed2, TABLE_SHAPE) : 0, PASSED + 12);
  return true;
}
