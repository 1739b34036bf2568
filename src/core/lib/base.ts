/**
 * Basic functions (manual, section 6.1) that run in the core. pcall and xpcall are in protected-call.ts.
 * Functions with metamethods to call (`__tostring`, `__pairs`, `__index` under ipairs) leave that to their companions.
 */
import {
  BUILTIN_ERROR, LIMIT_NONE, SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TABLE_METATABLE, TAG_FALSE, TAG_INT, TAG_NIL, TAG_STRING, TAG_TABLE, THREAD_BUILTIN,
  THREAD_ERROR, VM_BYTES_USED, VM_COLLECTOR_STOPPED, VM_COLLECT_MODE, VM_COLLECT_PAUSE, VM_COLLECT_STEP, VM_DEAD_OWNERS, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { collectFull, collectStep } from '../collect/cycle';
import { shrinkIdle } from '../run/stack';
import { pendingFinalizers, separateFinalizable } from '../collect/finalizer';
import { appendByte, appendString, startMessage, throwArgumentMessage } from '../errors/message';
import { appendPosition } from '../errors/position';
import { throwArgument, throwText } from '../base/raise';
import { BUILTIN_ID_baseIpairs, BUILTIN_ID_baseIpairsStep, BUILTIN_ID_baseNext, BUILTIN_ID_basePairs, BUILTIN_ID_baseTostring } from '../generated/builtin-ids';
import { EVENT_INDEX, EVENT_METATABLE, EVENT_PAIRS, EVENT_TOSTRING } from '../generated/metamethods';
import { hostTidyTraces } from '../base/host';
import { bufferAdvance, bufferFinish, bufferReserve, bufferStart, bufferString, bufferText } from '../strings/buffer';
import { GC_CLOSING, GC_INHIBITED, GC_IN_FINALIZER } from '../memory/collector-state';
import { scheduleStep } from '../memory/heap';
import { equalIntFloat, toIntegerSlot, toNumberSlot } from '../number/arithmetic';
import { NUMBER_ROOM, numberToString, writeNumber } from '../number/print';
import { digitValue, isSpace, parseNumber } from '../number/read';
import { metamethodOf, metamethodOfValue, metatableOf } from '../objects/metamethod';
import { setMetatable } from '../objects/metatable';
import { equalStrings, newString, prepareKey, stringFromLiteral } from '../strings/string';
import { tableGet, tableGetInt, tableLength, tableSet } from '../objects/table';
import { arrayGetFast } from '../objects/table-array';
import { tableNext } from '../objects/table-next';
import { copyValue, floatOf, intOf, isFalsy, isNil, pointerOf, setBoolean, setFloat, setInt, setLimit, setNil, setObject, tagOf } from '../base/value';
import { charge, work } from '../base/budget';
import { callAllFinalizers } from '../run/finalizer-call';
import { appendTypeName, checkAny, checkInteger, checkString, checkTable, isNoneOrNil, namedTypeOf, optInteger, slotOf, throwTypeError } from './arguments';
import { callCompanion, callYieldableCompanion, companionOf } from './companion';

/** Moves `count` values at `from` to the results. */
// @ts-ignore: decorator
@inline function returnValues(base: u32, from: u32, count: i32): i32 {
  charge(count);
  memory.copy(base - SLOT_SIZE, from, <u32>count << 4);
  return count;
}

/** Returns a string. */
// @ts-ignore: decorator
@inline export function returnString(base: u32, s: u32): i32 {
  setObject(base - SLOT_SIZE, TAG_STRING, s);
  return 1;
}

// @ts-ignore: decorator
@inline export function returnNil(base: u32): i32 {
  setNil(base - SLOT_SIZE);
  return 1;
}

// @ts-ignore: decorator
@inline export function returnInt(base: u32, value: i64): i32 {
  setInt(base - SLOT_SIZE, value);
  return 1;
}

export function baseAssert(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  if (!isFalsy(base)) return returnValues(base, base, count);
  const message = base + SLOT_SIZE;
  setLimit(thread + THREAD_ERROR, LIMIT_NONE);
  if (count > 1 && tagOf(message) != TAG_STRING) copyValue(thread + THREAD_ERROR, message);
  else {
    bufferStart();
    appendPosition(thread, 1);
    if (count > 1) bufferString(pointerOf(message));
    else bufferText('assertion failed!');
    setObject(thread + THREAD_ERROR, TAG_STRING, bufferFinish());
  }
  return BUILTIN_ERROR;
}

export function baseError(thread: u32, base: u32, count: i32): i32 {
  const level = optInteger(base, count, 2, 1);
  const error = thread + THREAD_ERROR;
  setLimit(error, LIMIT_NONE);
  if (!count) setNil(error);
  else if (tagOf(base) == TAG_STRING && level > 0) {
    bufferStart();
    appendPosition(thread, level);
    bufferString(pointerOf(base));
    setObject(error, TAG_STRING, bufferFinish());
  } else copyValue(error, base);
  return BUILTIN_ERROR;
}

export function baseGetmetatable(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  const metatable = metatableOf(base);
  if (!metatable) return returnNil(base);
  const field = metamethodOf(metatable, EVENT_METATABLE);
  if (field) copyValue(base - SLOT_SIZE, field);
  else setObject(base - SLOT_SIZE, TAG_TABLE, metatable);
  return 1;
}

export function baseSetmetatable(thread: u32, base: u32, count: i32): i32 {
  const table = checkTable(base, count, 1);
  const second = slotOf(base, 2);
  if (count < 2 || (tagOf(second) != TAG_NIL && tagOf(second) != TAG_TABLE)) throwTypeError(base, count, 2, 'nil or table');
  const old = load<u32>(table, TABLE_METATABLE);
  if (old && metamethodOf(old, EVENT_METATABLE)) throwText('cannot change a protected metatable');
  setMetatable(table, tagOf(second) == TAG_TABLE ? pointerOf(second) : 0);
  return returnValues(base, base, 1);
}

/** Equality without metamethods. */
function rawEquals(a: u32, b: u32): bool {
  const tag = tagOf(a);
  const other = tagOf(b);
  if (tag != other) {
    if (tag - TAG_INT >= 2 || other - TAG_INT >= 2) return false;
    return tag == TAG_INT ? equalIntFloat(intOf(a), floatOf(b)) : equalIntFloat(intOf(b), floatOf(a));
  }
  if (tag < TAG_INT) return true;
  if (tag == TAG_INT) return intOf(a) == intOf(b);
  if (tag < TAG_STRING) return tag == TAG_INT + 1 ? floatOf(a) == floatOf(b) : pointerOf(a) == pointerOf(b);
  return tag == TAG_STRING ? equalStrings(pointerOf(a), pointerOf(b)) : pointerOf(a) == pointerOf(b);
}

export function baseRawequal(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  checkAny(count, 2);
  setBoolean(base - SLOT_SIZE, rawEquals(base, base + SLOT_SIZE));
  return 1;
}

export function baseRawlen(thread: u32, base: u32, count: i32): i32 {
  const tag = count ? tagOf(base) : <u32>TAG_NIL;
  if (tag == TAG_TABLE) return returnInt(base, tableLength(pointerOf(base)));
  if (tag != TAG_STRING) throwTypeError(base, count, 1, 'table or string');
  return returnInt(base, <i64>load<u32>(pointerOf(base), STRING_LENGTH));
}

export function baseRawget(thread: u32, base: u32, count: i32): i32 {
  const table = checkTable(base, count, 1);
  checkAny(count, 2);
  if (tagOf(base + SLOT_SIZE) == TAG_STRING) prepareKey(pointerOf(base + SLOT_SIZE));
  tableGet(table, base + SLOT_SIZE, base - SLOT_SIZE);
  return 1;
}

export function baseRawset(thread: u32, base: u32, count: i32): i32 {
  const table = checkTable(base, count, 1);
  checkAny(count, 2);
  checkAny(count, 3);
  if (tagOf(base + SLOT_SIZE) == TAG_STRING) prepareKey(pointerOf(base + SLOT_SIZE));
  tableSet(table, base + SLOT_SIZE, base + 2 * SLOT_SIZE);
  return returnValues(base, base, 1);
}

export function baseSelect(thread: u32, base: u32, count: i32): i32 {
  if (count && tagOf(base) == TAG_STRING) {
    const s = pointerOf(base);
    if (load<u32>(s, STRING_LENGTH) == 1 && load<u8>(s, STRING_BYTES) == 35) return returnInt(base, count - 1);
  }
  const n = checkInteger(base, count, 1);
  // First value to return, counted from 0 at the selector itself.
  const first = n < 0 ? <i64>count + n : n;
  if (first < 1) throwArgument(1, 'index out of range');
  if (first >= <i64>count) return 0;
  return returnValues(base, base + (<u32>first << 4), count - <i32>first);
}

export function baseType(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  return returnString(base, load<u32>(VM_TYPE_NAMES + (tagOf(base) << 2)));
}

export function baseNext(thread: u32, base: u32, count: i32): i32 {
  const table = checkTable(base, count, 1);
  const key = base + SLOT_SIZE;
  if (count < 2) setNil(key);
  if (tableNext(table, key, base - SLOT_SIZE)) return 2;
  return returnNil(base);
}

export function basePairs(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  const metamethod = metamethodOfValue(base, EVENT_PAIRS);
  if (metamethod) {
    copyValue(base + SLOT_SIZE, metamethod);
    return callYieldableCompanion(thread, base, 2, BUILTIN_ID_basePairs);
  }
  companionOf(BUILTIN_ID_baseNext, base - SLOT_SIZE);
  setNil(base + SLOT_SIZE);
  return 3;
}

export function baseIpairs(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  companionOf(BUILTIN_ID_baseIpairs, base - SLOT_SIZE);
  setInt(base + SLOT_SIZE, 0);
  return 3;
}

/** (table, index) -> index + 1, value; nil at the first absent value. */
export function baseIpairsStep(thread: u32, base: u32, count: i32): i32 {
  const index = checkInteger(base, count, 2) + 1;
  if (tagOf(base) == TAG_TABLE) {
    const table = pointerOf(base);
    const value = base + 2 * SLOT_SIZE;
    if (!arrayGetFast(table, index, value)) tableGetInt(table, index, value);
    if (!isNil(value)) {
      setInt(base - SLOT_SIZE, index);
      copyValue(base, value);
      return 2;
    }
    const metatable = load<u32>(table, TABLE_METATABLE);
    if (!metatable || !metamethodOf(metatable, EVENT_INDEX)) return returnNil(base);
  }
  return callCompanion(thread, base, 2, BUILTIN_ID_baseIpairsStep);
}

/** (n, text): raises "bad argument #n" in the name of the Lua-written library function that calls it. */
export function baseArgumentError(thread: u32, base: u32, count: i32): i32 {
  startMessage('');
  appendString(checkString(base, count, 2));
  throwArgumentMessage(<i32>checkInteger(base, count, 1));
  return 0;
}

/** (n, value [, default]): a value as an integer, or an error about argument #n of the Lua-written library function that calls it. */
export function baseIntegerArgument(thread: u32, base: u32, count: i32): i32 {
  const n = <i32>checkInteger(base, count, 1);
  checkAny(count, 2);
  const value = base + SLOT_SIZE;
  if (tagOf(value) == TAG_NIL && count > 2) copyValue(value, value + SLOT_SIZE);
  if (!toIntegerSlot(value, base - SLOT_SIZE)) {
    const isNumber = toNumberSlot(value, value + SLOT_SIZE);
    startMessage(isNumber ? 'number has no integer representation' : 'number expected, got ');
    if (!isNumber) appendTypeName(value);
    throwArgumentMessage(n);
  }
  return 1;
}

/** Appends "0x" and the address of an object. */
export function bufferPointer(pointer: u32): void {
  const out = bufferReserve(10);
  store<u16>(out, 0x7830);
  for (let i: u32 = 0; i < 8; i++) {
    const digit = (pointer >> (28 - 4 * i)) & 15;
    store<u8>(out + i, digit < 10 ? 48 + digit : 87 + digit, 2);
  }
  bufferAdvance(10);
}

/** Appends the text of a value without regard to `__tostring`, which the caller has found to be absent. */
export function bufferValue(slot: u32): void {
  const tag = tagOf(slot);
  if (tag - TAG_INT < 2) bufferAdvance(writeNumber(bufferReserve(NUMBER_ROOM), slot));
  else if (tag == TAG_STRING) bufferString(pointerOf(slot));
  else if (tag == TAG_NIL) bufferString(load<u32>(VM_TYPE_NAMES));
  else if (tag < TAG_INT) bufferText(tag == TAG_FALSE ? 'false' : 'true');
  else {
    const name = namedTypeOf(slot);
    bufferString(name ? name : load<u32>(VM_TYPE_NAMES + (tag << 2)));
    bufferText(': ');
    bufferPointer(pointerOf(slot));
  }
}

export function baseTostring(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  const metamethod = metamethodOfValue(base, EVENT_TOSTRING);
  if (metamethod) {
    copyValue(base + SLOT_SIZE, metamethod);
    return callCompanion(thread, base, 2, BUILTIN_ID_baseTostring);
  }
  if (tagOf(base) == TAG_STRING) return returnString(base, pointerOf(base));
  if (tagOf(base) - TAG_INT < 2) return returnString(base, numberToString(base));
  bufferStart();
  bufferValue(base);
  return returnString(base, bufferFinish());
}

export function baseTonumber(thread: u32, base: u32, count: i32): i32 {
  if (isNoneOrNil(base, count, 2)) {
    checkAny(count, 1);
    const result = base - SLOT_SIZE;
    if (tagOf(base) - TAG_INT < 2) copyValue(result, base);
    else {
      const s = pointerOf(base);
      if (tagOf(base) != TAG_STRING || !parseNumber(s + STRING_BYTES, load<u32>(s, STRING_LENGTH), result)) setNil(result);
    }
    return 1;
  }
  const radix = checkInteger(base, count, 2);
  if (tagOf(base) != TAG_STRING) throwTypeError(base, count, 1, 'string');
  if (radix < 2 || radix > 36) throwArgument(2, 'base out of range');
  return parseInRadix(pointerOf(base), <u32>radix, base - SLOT_SIZE);
}

/** Digits that are read between two looks at the limits. */
const PIECE: u32 = 1 << 16;

/** Digits of a base, wrapping around, with space around and a minus sign; else nil. */
function parseInRadix(s: u32, radix: u32, result: u32): i32 {
  let at = s + STRING_BYTES;
  let end = at + load<u32>(s, STRING_LENGTH);
  while (at < end && isSpace(load<u8>(at))) at++;
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  const negative = at < end && load<u8>(at) == 45;
  if (negative || (at < end && load<u8>(at) == 43)) at++;
  let value: i64 = 0;
  let valid = at < end;
  work((end - at) & (PIECE - 1));
  for (; at < end; at++) {
    if (((end - at) & (PIECE - 1)) == 0) work(PIECE);
    const digit = digitValue(load<u8>(at));
    if (digit >= radix) valid = false;
    value = value * radix + digit;
  }
  if (valid) setInt(result, negative ? -value : value);
  else setNil(result);
  return 1;
}

/** Is the string's text this ASCII literal? */
function stringIs(s: u32, text: string): bool {
  const length = text.length;
  if (load<u32>(s, STRING_LENGTH) != <u32>length) return false;
  for (let i = 0; i < length; i++) if (load<u8>(s + i, STRING_BYTES) != text.charCodeAt(i)) return false;
  return true;
}

/** A parameter of the collector as PUC Lua keeps it: a byte that counts fours. */
// @ts-ignore: decorator
@inline function packParameter(value: i64): u32 { return <u32>((<i32>value / 4) & 255) * 4; }

function exchangeParameter(base: u32, count: i32, address: u32): i32 {
  const value = optInteger(base, count, 2, 0);
  if (load<u32>(GC_INHIBITED)) return returnNil(base);
  const old = load<u32>(address);
  store<u32>(address, packParameter(value));
  return returnInt(base, old);
}

/** "incremental", "generational": the parameters of the former are set where they are not 0; those of the latter mean nothing here. */
function exchangeMode(base: u32, count: i32, mode: u32): i32 {
  const pause = optInteger(base, count, 2, 0);
  const multiplier = optInteger(base, count, 3, 0);
  if (mode == 0) optInteger(base, count, 4, 0);
  if (load<u32>(GC_INHIBITED)) return returnNil(base);
  if (mode == 0 && pause) store<u32>(VM_COLLECT_PAUSE, packParameter(pause));
  if (mode == 0 && multiplier) store<u32>(VM_COLLECT_STEP, packParameter(multiplier));
  const old = load<u32>(VM_COLLECT_MODE);
  store<u32>(VM_COLLECT_MODE, mode);
  return returnString(base, stringFromLiteral(old ? 'generational' : 'incremental'));
}

/** The builtin's result is in slot `base`; finalisers waiting are called before it returns. */
function finishCollection(thread: u32, base: u32): i32 {
  if (pendingFinalizers()) return callAllFinalizers(thread, base);
  copyValue(base - SLOT_SIZE, base);
  return 1;
}

/** Largest step that is told apart, in kilobytes. */
const MAX_STEP: i64 = (1 << 22) - 1;

/** An argument that names one of a few, as C reads it: up to a zero byte. */
function checkOption(base: u32, count: i32, n: i32): u32 {
  const option = checkString(base, count, n);
  const length = load<u32>(option, STRING_LENGTH);
  for (let i: u32 = 0; i < length; i++) if (!load<u8>(option + STRING_BYTES + i)) return newString(option + STRING_BYTES, i);
  return option;
}

/** All options fail (with nil) while a finaliser runs. */
export function baseCollectgarbage(thread: u32, base: u32, count: i32): i32 {
  const option = isNoneOrNil(base, count, 1) ? 0 : checkOption(base, count, 1);
  const liveTop = base + <u32>count * SLOT_SIZE;
  const fails = load<u32>(GC_INHIBITED) != 0;
  if (!option || stringIs(option, 'collect')) {
    if (fails) return returnNil(base);
    collectFull(liveTop);
    shrinkIdle();
    // What only compiled code kept is known now. No trace is under way if this is what the interpreter called.
    if (load<u32>(VM_DEAD_OWNERS) != 0 && load<u32>(thread, THREAD_BUILTIN) == base - SLOT_SIZE) {
      hostTidyTraces();
      if (!load<u32>(VM_DEAD_OWNERS)) collectFull(liveTop);
    }
    setInt(base, 0);
    return finishCollection(thread, base);
  }
  if (stringIs(option, 'count')) {
    if (fails) return returnNil(base);
    setFloat(base - SLOT_SIZE, <f64>load<u32>(VM_BYTES_USED) / 1024);
    return 1;
  }
  if (stringIs(option, 'step')) {
    const kilobytes = optInteger(base, count, 2, 0);
    if (fails) return returnNil(base);
    const ended = kilobytes >= 0 && collectStep(<u32>min(kilobytes, MAX_STEP), liveTop);
    setBoolean(base, ended);
    return finishCollection(thread, base);
  }
  if (stringIs(option, 'isrunning')) {
    if (fails) return returnNil(base);
    setBoolean(base - SLOT_SIZE, load<u32>(VM_COLLECTOR_STOPPED) == 0);
    return 1;
  }
  const stop = stringIs(option, 'stop');
  if (stop || stringIs(option, 'restart')) {
    if (fails) return returnNil(base);
    store<u32>(VM_COLLECTOR_STOPPED, u32(stop));
    scheduleStep(0);
    return returnInt(base, 0);
  }
  if (stringIs(option, 'incremental')) return exchangeMode(base, count, 0);
  if (stringIs(option, 'generational')) return exchangeMode(base, count, 1);
  if (stringIs(option, 'setpause')) return exchangeParameter(base, count, VM_COLLECT_PAUSE);
  if (stringIs(option, 'setstepmul')) return exchangeParameter(base, count, VM_COLLECT_STEP);
  startMessage("invalid option '");
  appendString(option);
  appendByte(39);
  throwArgumentMessage(1);
  return 0;
}

/** Host API: the VM is being closed. Objects with a finaliser all wait for it now, and none is registered any more. */
export function startClosing(): void {
  separateFinalizable(true);
  store<u32>(GC_INHIBITED, load<u32>(GC_INHIBITED) | GC_CLOSING);
}

/** Calls the finalisers waiting. */
export function baseRunFinalizers(thread: u32, base: u32, count: i32): i32 {
  // A finaliser that ends the program has the others called in its place.
  if ((load<u32>(GC_INHIBITED) & (GC_IN_FINALIZER | GC_CLOSING)) == GC_IN_FINALIZER) return 0;
  setNil(base);
  return finishCollection(thread, base);
}
