/**
 * Indexing beyond the interpreter's fast paths: raw misses, `__index` and `__newindex` chains (manual, section 2.4), inline caches and
 * the field cache. Every function finishes the current instruction (advances FRAME_PC) or pushes a metamethod's frame.
 */
import {
  CACHE_SHAPE, CACHE_SLOT, FRAME_PC, OBJECT_EXTRA, RUN_STEPPED, SHAPE_COUNT, SHAPE_EPOCH, SLOT_SIZE, TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TAG_FLOAT, TAG_NIL, TAG_STRING, TAG_TABLE,
  THREAD_FRAME, THREAD_SCRATCH, VM_METATABLE_EPOCH,
} from '../../bytecode/layout';
import { OPERAND_ERROR_INDEX, throwOperandError, throwText } from '../base/raise';
import { EVENT_INDEX, EVENT_NEWINDEX } from '../generated/metamethods';
import { isFunction, metamethodOf, metamethodOfValue, metatableOf } from '../objects/metamethod';
import { shapeProvesMetamethods } from '../objects/metatable-equivalence';
import { barrier } from '../memory/colour';
import { NIL_SLOT, cachedField, cachedOwnField, methodSlot, rememberField, rememberOwnField } from '../objects/field-cache';
import { shapeLookup } from '../objects/shape';
import { isShortString, prepareKey } from '../strings/string';
import { slotOutsideArray, tableGet, tableSet, tableSetString } from '../objects/table';
import { tableRecordSlot } from '../objects/table-record';
import { copyValue, isNil, pointerOf, setNil, tagOf } from '../base/value';
import { charge } from '../base/budget';
import { callMetamethod } from './call';

/** Steps that a link of such a chain counts for. */
const HOP_STEPS: u32 = 16;
/** PUC's MAXTAGLOOP. */
const MAX_CHAIN = 2000;

/** Advances the current frame behind its instruction. */
function advance(thread: u32, bytes: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  store<u32>(frame, load<u32>(frame, FRAME_PC) + bytes, FRAME_PC);
  return RUN_STEPPED;
}

// @ts-ignore: decorator
@inline function isShortKey(key: u32): bool { return tagOf(key) == TAG_STRING && isShortString(pointerOf(key)); }

/** A key as dictionaries have it, without a conversion. */
// @ts-ignore: decorator
@inline function isPlainKey(tag: u32): bool { return tag != TAG_FLOAT && tag != TAG_NIL; }

/** dest := table[key] for a key that the array part has no value of. @returns false, having done nothing, if that takes more than a look, or as long as the key */
export function getOutsideArray(table: u32, key: u32, dest: u32): bool {
  const tag = tagOf(key);
  if (!isPlainKey(tag) || (tag == TAG_STRING && !isShortKey(key))) return false;
  let slot = slotOutsideArray(table, tag, key);
  if (!slot || isNil(slot)) {
    slot = load<u32>(table, TABLE_METATABLE) ? inheritedSlot(table, key) : NIL_SLOT;
    if (!slot) return false;
  }
  copyValue(dest, slot);
  return true;
}

/** Address of the value that a table with a metatable has for a key that it has not itself; 0: it has to be looked for. */
function inheritedSlot(table: u32, key: u32): u32 {
  const shape = load<u32>(table, TABLE_SHAPE);
  if (!shape || !isShortKey(key)) return 0;
  const slot = cachedField(table, shape, pointerOf(key));
  if (!slot) rememberField(shape, table, pointerOf(key));
  return slot;
}

/** dest := object[key], with metamethods. @param bytes size of the instruction */
export function getValue(thread: u32, object: u32, key: u32, dest: u32, bytes: u32): i32 {
  const scratch = thread + THREAD_SCRATCH;
  if (tagOf(key) == TAG_STRING) prepareKey(pointerOf(key));
  for (let i = 0; i < MAX_CHAIN; i++) {
    let handler: u32;
    if (tagOf(object) == TAG_TABLE) {
      const table = pointerOf(object);
      let value = scratch;
      if (isShortKey(key)) {
        value = tableRecordSlot(table, pointerOf(key));
        if (!value) value = NIL_SLOT;
      } else tableGet(table, key, scratch);
      const metatable = load<u32>(table, TABLE_METATABLE);
      if (!isNil(value) || !metatable || !(handler = metamethodOf(metatable, EVENT_INDEX))) {
        copyValue(dest, value);
        return advance(thread, bytes);
      }
    } else {
      handler = metamethodOfValue(object, EVENT_INDEX);
      if (!handler) throwOperandError(OPERAND_ERROR_INDEX, object, key);
    }
    if (isFunction(handler)) return callMetamethod(thread, handler, object, key, 0, 0);
    charge(HOP_STEPS);
    object = handler;
  }
  throwText("'__index' chain too long; possible loop");
  return RUN_STEPPED;
}

/** object[key] := value, with metamethods. */
export function setValue(thread: u32, object: u32, key: u32, value: u32, bytes: u32): i32 {
  const scratch = thread + THREAD_SCRATCH;
  if (tagOf(key) == TAG_STRING) prepareKey(pointerOf(key));
  for (let i = 0; i < MAX_CHAIN; i++) {
    let handler: u32;
    if (tagOf(object) == TAG_TABLE) {
      const table = pointerOf(object);
      // A field that is there is replaced, unless its name is a metamethod's, whose stores have to be seen.
      if (isShortKey(key) && !isNil(value) && !load<u8>(pointerOf(key), OBJECT_EXTRA)) {
        const slot = tableRecordSlot(table, pointerOf(key));
        if (slot && !isNil(slot)) {
          copyValue(slot, value);
          barrier(table, value);
          return advance(thread, bytes);
        }
      }
      const metatable = load<u32>(table, TABLE_METATABLE);
      if (metatable && (handler = metamethodOf(metatable, EVENT_NEWINDEX))) tableGet(table, key, scratch);
      else handler = 0;
      if (!handler || !isNil(scratch)) {
        tableSet(table, key, value);
        return advance(thread, bytes);
      }
    } else {
      handler = metamethodOfValue(object, EVENT_NEWINDEX);
      if (!handler) throwOperandError(OPERAND_ERROR_INDEX, object, key);
    }
    if (isFunction(handler)) return callMetamethod(thread, handler, object, key, value, 0);
    charge(HOP_STEPS);
    object = handler;
  }
  throwText("'__newindex' chain too long; possible loop");
  return RUN_STEPPED;
}

/** Address of the value of object[constant short string] if one look finds it; 0 if not: getField. Fills the instruction's field cache at `pc` where it can. */
export function fieldSlot(pc: u32, object: u32, name: u32): u32 {
  if (tagOf(object) != TAG_TABLE) {
    const metatable = metatableOf(object);
    return metatable ? methodSlot(metatable, name) : 0;
  }
  const table = pointerOf(object);
  const shape = load<u32>(table, TABLE_SHAPE);
  if (!shape) {
    const value = tableRecordSlot(table, name);
    return value && !isNil(value) ? value : 0;
  }
  const slot = cachedField(table, shape, name);
  const offset = slot - load<u32>(table, TABLE_SLOTS);
  if (slot && offset < load<u32>(shape, SHAPE_COUNT) * SLOT_SIZE) {
    store<u32>(pc, shape, CACHE_SHAPE);
    store<u32>(pc, offset, CACHE_SLOT);
  }
  return slot;
}

/** dest := object[constant short string] where fieldSlot did not find it; fills the cache where it can. */
export function getField(thread: u32, pc: u32, object: u32, key: u32, dest: u32): i32 {
  if (tagOf(object) != TAG_TABLE) return getValue(thread, object, key, dest, 16);
  const table = pointerOf(object);
  const name = pointerOf(key);
  const shape = load<u32>(table, TABLE_SHAPE);
  if (shape) {
    const index = shapeLookup(shape, name);
    if (index >= 0) {
      const slot = load<u32>(table, TABLE_SLOTS) + index * SLOT_SIZE;
      if (!isNil(slot)) {
        store<u32>(pc, shape, CACHE_SHAPE);
        store<u32>(pc, index * SLOT_SIZE, CACHE_SLOT);
        rememberOwnField(shape, name, index * SLOT_SIZE);
        copyValue(dest, slot);
        return advance(thread, 16);
      }
    }
    rememberField(shape, table, name);
  }
  if (!load<u32>(table, TABLE_METATABLE)) {
    setNil(dest);
    return advance(thread, 16);
  }
  return getValue(thread, object, key, dest, 16);
}

/** object[constant short string] := value for an instruction with a field cache at `pc`. */
export function setField(thread: u32, pc: u32, object: u32, key: u32, value: u32): i32 {
  if (tagOf(object) != TAG_TABLE) return setValue(thread, object, key, value, 16);
  const table = pointerOf(object);
  const name = pointerOf(key);
  const shape = load<u32>(table, TABLE_SHAPE);
  // Names of metamethods are never cached: storing one has to be seen (metatable epoch).
  if (!shape || load<u8>(name, OBJECT_EXTRA)) return setValue(thread, object, key, value, 16);
  const metatable = load<u32>(table, TABLE_METATABLE);
  const own = cachedOwnField(table, shape, name);
  if (own && (!isNil(own) || !metatable || !metamethodOf(metatable, EVENT_NEWINDEX))) {
    store<u32>(pc, shape, CACHE_SHAPE);
    store<u32>(pc, own - load<u32>(table, TABLE_SLOTS), CACHE_SLOT);
    copyValue(own, value);
    barrier(table, value);
    return advance(thread, 16);
  }
  const index = shapeLookup(shape, name);
  if (index >= 0) {
    const slot = load<u32>(table, TABLE_SLOTS) + index * SLOT_SIZE;
    if (isNil(slot)) return setValue(thread, object, key, value, 16);
    store<u32>(pc, shape, CACHE_SHAPE);
    store<u32>(pc, index * SLOT_SIZE, CACHE_SLOT);
    rememberOwnField(shape, name, index * SLOT_SIZE);
    tableSetString(table, name, value);
    return advance(thread, 16);
  }
  if (metatable && metamethodOf(metatable, EVENT_NEWINDEX)) return setValue(thread, object, key, value, 16);
  tableSetString(table, name, value);
  const child = load<u32>(table, TABLE_SHAPE);
  if (child && child != shape && shapeProvesMetamethods(shape) && load<u32>(child, SHAPE_COUNT) == load<u32>(shape, SHAPE_COUNT) + 1) {
    store<u32>(child, load<u32>(VM_METATABLE_EPOCH), SHAPE_EPOCH);
    store<u32>(pc, shape, CACHE_SHAPE);
    store<u32>(pc, child, CACHE_SLOT);
  }
  return advance(thread, 16);
}

