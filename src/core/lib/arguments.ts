/**
 * Arguments of builtins: checks and conversions with PUC's messages (the auxiliary library's luaL_check* and luaL_opt*).
 * `base` and `count` are those of the builtin's call; `n` is 1-based.
 */
import {
  STRING_BYTES, STRING_LENGTH, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL, TAG_STRING, TAG_TABLE, VM_EVENT_NAMES, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { throwArgument } from '../base/raise';
import { EVENT_NAME } from '../generated/metamethods';
import { appendString, appendText, startMessage, throwArgumentMessage } from '../errors/message';
import { metatableOf } from '../objects/metamethod';
import { floatHasExactInt } from '../number/arithmetic';
import { numberToString } from '../number/print';
import { parseNumber } from '../number/read';
import { tableGetString } from '../objects/table';
import { floatOf, intOf, pointerOf, setObject, tagOf } from '../base/value';

const scratch = <u32>memory.data(16, 8);

/** Slot of argument n. */
// @ts-ignore: decorator
@inline export function slotOf(base: u32, n: i32): u32 { return base + (<u32>(n - 1) << 4); }
/** Argument n is absent or nil. */
// @ts-ignore: decorator
@inline export function isNoneOrNil(base: u32, count: i32, n: i32): bool { return count < n || tagOf(slotOf(base, n)) == TAG_NIL; }

/** The string in `__name` of the value's metatable, else 0. */
export function namedTypeOf(slot: u32): u32 {
  const metatable = metatableOf(slot);
  if (!metatable) return 0;
  tableGetString(metatable, load<u32>(VM_EVENT_NAMES + EVENT_NAME * 4), scratch);
  return tagOf(scratch) == TAG_STRING ? pointerOf(scratch) : 0;
}

/** Appends the name of a value's type to a message: `__name` if the metatable has one. */
export function appendTypeName(slot: u32): void {
  const name = namedTypeOf(slot);
  appendString(name ? name : load<u32>(VM_TYPE_NAMES + (tagOf(slot) << 2)));
}

/** Raises "<expected> expected, got <type>". */
export function throwTypeError(base: u32, count: i32, n: i32, expected: string): void {
  startMessage(expected);
  appendText(' expected, got ');
  if (count < n) appendText('no value');
  else {
    const slot = slotOf(base, n);
    if (tagOf(slot) == TAG_LIGHT) appendText('light userdata');
    else appendTypeName(slot);
  }
  throwArgumentMessage(n);
}

export function checkAny(count: i32, n: i32): void {
  if (count < n) throwArgument(n, 'value expected');
}

/** @returns the table */
export function checkTable(base: u32, count: i32, n: i32): u32 {
  const slot = slotOf(base, n);
  if (count < n || tagOf(slot) != TAG_TABLE) throwTypeError(base, count, n, 'table');
  return pointerOf(slot);
}

// @ts-ignore: decorator
@inline export function checkInteger(base: u32, count: i32, n: i32): i64 {
  const slot = slotOf(base, n);
  return count >= n && tagOf(slot) == TAG_INT ? intOf(slot) : convertInteger(base, count, n);
}

function convertInteger(base: u32, count: i32, n: i32): i64 {
  const slot = slotOf(base, n);
  if (count >= n) {
    let number = slot;
    if (tagOf(slot) == TAG_STRING) {
      const s = pointerOf(slot);
      if (parseNumber(s + STRING_BYTES, load<u32>(s, STRING_LENGTH), scratch)) number = scratch;
    }
    if (tagOf(number) == TAG_INT) return intOf(number);
    if (tagOf(number) == TAG_FLOAT) {
      const f = floatOf(number);
      if (floatHasExactInt(f)) return <i64>f;
      throwArgument(n, 'number has no integer representation');
    }
  }
  throwTypeError(base, count, n, 'number');
  return 0;
}

export function optInteger(base: u32, count: i32, n: i32, otherwise: i64): i64 {
  return isNoneOrNil(base, count, n) ? otherwise : checkInteger(base, count, n);
}

/** Checks that argument n is a number or a string that reads as one, which is converted in place. @returns its slot */
function checkNumberSlot(base: u32, count: i32, n: i32): u32 {
  const slot = slotOf(base, n);
  if (count >= n) {
    if (tagOf(slot) - TAG_INT < 2) return slot;
    if (tagOf(slot) == TAG_STRING) {
      const s = pointerOf(slot);
      if (parseNumber(s + STRING_BYTES, load<u32>(s, STRING_LENGTH), slot)) return slot;
    }
  }
  throwTypeError(base, count, n, 'number');
  return 0;
}

/** Float value of a number argument. */
// @ts-ignore: decorator
@inline export function checkNumber(base: u32, count: i32, n: i32): f64 {
  const slot = slotOf(base, n);
  return count >= n && tagOf(slot) == TAG_FLOAT ? floatOf(slot) : convertNumber(base, count, n);
}

function convertNumber(base: u32, count: i32, n: i32): f64 {
  const slot = checkNumberSlot(base, count, n);
  return tagOf(slot) == TAG_INT ? <f64>intOf(slot) : floatOf(slot);
}

/** @returns the string; a number is converted in place */
// @ts-ignore: decorator
@inline export function checkString(base: u32, count: i32, n: i32): u32 {
  const slot = slotOf(base, n);
  return count >= n && tagOf(slot) == TAG_STRING ? pointerOf(slot) : convertString(base, count, n);
}

function convertString(base: u32, count: i32, n: i32): u32 {
  const slot = slotOf(base, n);
  if (count < n || tagOf(slot) - TAG_INT >= 2) throwTypeError(base, count, n, 'string');
  const s = numberToString(slot);
  setObject(slot, TAG_STRING, s);
  return s;
}

