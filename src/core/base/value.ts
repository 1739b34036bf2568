/**
 * Value slots: reading, writing and testing them. Owns nothing; everything here is inlined.
 * A slot is an address; see layout.ts for its 16 bytes.
 */
import { SLOT_LINK, SLOT_SIZE, SLOT_TAG, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_POISON, TAG_STRING, TAG_TRUE } from '../../bytecode/layout';

// @ts-ignore: decorator
@inline export function tagOf(slot: u32): u32 {
  if (CHECKED) assert(load<u32>(slot, SLOT_TAG) != TAG_POISON);
  return load<u32>(slot, SLOT_TAG);
}
// @ts-ignore: decorator
@inline export function intOf(slot: u32): i64 { return load<i64>(slot); }
// @ts-ignore: decorator
@inline export function floatOf(slot: u32): f64 { return load<f64>(slot); }
// @ts-ignore: decorator
@inline export function pointerOf(slot: u32): u32 { return load<u32>(slot); }

// @ts-ignore: decorator
@inline export function setNil(slot: u32): void { store<u32>(slot, TAG_NIL, SLOT_TAG); }
// @ts-ignore: decorator
@inline export function setBoolean(slot: u32, value: bool): void { store<u32>(slot, TAG_FALSE + <u32>value, SLOT_TAG); }
// @ts-ignore: decorator
@inline export function setInt(slot: u32, value: i64): void { store<i64>(slot, value); store<u32>(slot, TAG_INT, SLOT_TAG); }
// @ts-ignore: decorator
@inline export function setFloat(slot: u32, value: f64): void { store<f64>(slot, value); store<u32>(slot, TAG_FLOAT, SLOT_TAG); }
/** Writes an object (or light userdata) with its tag; the upper payload half is cleared so that payloads compare as i64. */
// @ts-ignore: decorator
@inline export function setObject(slot: u32, tag: u32, pointer: u32): void { store<u64>(slot, <u64>pointer); store<u32>(slot, tag, SLOT_TAG); }
// @ts-ignore: decorator
@inline export function copyValue(to: u32, from: u32): void {
  if (CHECKED) assert(load<u32>(from, SLOT_TAG) != TAG_POISON);
  store<u64>(to, load<u64>(from));
  store<u32>(to, load<u32>(from, SLOT_TAG), SLOT_TAG);
}

/** Copies values that are few, the first one first: memory.copy leaves Wasm. */
// @ts-ignore: decorator
@inline export function copyValues(to: u32, from: u32, count: u32): void {
  for (const end = from + count * SLOT_SIZE; from < end; from += SLOT_SIZE, to += SLOT_SIZE) copyValue(to, from);
}

const FEW: u32 = 8;

/** Moves values down the stack, as many as there are. */
export function moveValuesDown(to: u32, from: u32, count: u32): void {
  if (count <= FEW) copyValues(to, from, count);
  else memory.copy(to, from, count * SLOT_SIZE);
}

/** Which limit the error in a slot reports (LIMIT_*). Whoever stores an error says so, and copies it with `copyError`. */
// @ts-ignore: decorator
@inline export function limitOf(error: u32): u32 { return load<u32>(error, SLOT_LINK); }
// @ts-ignore: decorator
@inline export function setLimit(error: u32, limit: u32): void { store<u32>(error, limit, SLOT_LINK); }
// @ts-ignore: decorator
@inline export function copyError(to: u32, from: u32): void { copyValue(to, from); setLimit(to, limitOf(from)); }

// @ts-ignore: decorator
@inline export function isNil(slot: u32): bool { return tagOf(slot) == TAG_NIL; }
// @ts-ignore: decorator
@inline export function isFalsy(slot: u32): bool { return tagOf(slot) < TAG_TRUE; }
// @ts-ignore: decorator
@inline export function isNumber(slot: u32): bool { return tagOf(slot) - TAG_INT < 2; }
// @ts-ignore: decorator
@inline export function isCollectable(slot: u32): bool {
  const tag = load<u32>(slot, SLOT_TAG);
  return tag >= TAG_STRING && (!CHECKED || tag != TAG_POISON);
}
// @ts-ignore: decorator
@inline export function isFloat(slot: u32): bool { return tagOf(slot) == TAG_FLOAT; }
// @ts-ignore: decorator
@inline export function isInt(slot: u32): bool { return tagOf(slot) == TAG_INT; }

/** Debug builds: nothing may read the slots [slot, end) before they are written. To be called under CHECKED only. */
export function poisonSlots(slot: u32, end: u32): void {
  for (; slot < end; slot += SLOT_SIZE) {
    store<u64>(slot, 0xdeadbeefdeadbeef);
    store<u32>(slot, TAG_POISON, SLOT_TAG);
  }
}
