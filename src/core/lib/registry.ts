/** Function objects of builtins: those of the core, by their id, and those of the host, by their place in its catalogue or as a closure behind a slot. */
import { BUILTIN_HANDLE, BUILTIN_NUMBER, BUILTIN_WAIT, HOST_CLOSURE, SLOT_SIZE, THREAD_STACK, VM_HOST_RESULT } from '../../bytecode/layout';
import { chargeUnits } from '../base/budget';
import { hostCall } from '../base/host';
import { floatOf, intOf, isFloat, isInt, setFloat, setInt } from '../base/value';
import { HOST_OBJECT_COST, chargeHost } from '../memory/limit';
import { newBuiltinObject } from '../objects/function';
import { statusResult } from '../run/call';
import { waitForHost } from '../run/host-wait';
import { flushOutput } from './file';
import { builtinFunctionIndex } from './generated/builtins';

/** The builtin with this id (builtin-table.ts). */
export function newBuiltin(id: u32, name: u32): u32 {
  return newBuiltinObject(builtinFunctionIndex(id), name, id, 0);
}

/** A function of the host. @param handle as in BUILTIN_HANDLE */
export function newHostFunction(handle: u32, name: u32): u32 {
  const builtin = newBuiltinObject(<u32>callHostFunction.index, name, 0, handle);
  if (handle >= HOST_CLOSURE) chargeHost(HOST_OBJECT_COST);
  return builtin;
}

/** What a call of a host function costs. */
const HOST_CALL_UNITS: u32 = 10;
/** Integers from here to there are numbers of the host's. */
const MAX_SAFE: i64 = 0x1fffffffffffff;

/**
 * The implementation all host functions share. Numbers do not pass through memory where it can be helped: for the host a look at the VM's memory takes about as
 * long as a call.
 */
function callHostFunction(thread: u32, base: u32, count: i32): i32 {
  chargeUnits(HOST_CALL_UNITS);
  const handle = load<u32>(load<u32>(base - SLOT_SIZE), BUILTIN_HANDLE);
  if (handle >= HOST_CLOSURE) flushOutput();
  const offset = base - load<u32>(thread, THREAD_STACK);
  let numbers: u32 = 0;
  if (count > 0 && isHostNumber(base)) numbers = 1;
  if (count > 1 && isHostNumber(base + SLOT_SIZE)) numbers |= 2;
  const produced = hostCall(handle, base, count, offset, numbers, numbers & 1 ? hostNumber(base) : 0, numbers & 2 ? hostNumber(base + SLOT_SIZE) : 0);
  if (produced == BUILTIN_NUMBER) {
    setHostNumber(load<u32>(thread, THREAD_STACK) + offset - SLOT_SIZE, load<f64>(VM_HOST_RESULT));
    return 1;
  }
  return produced == BUILTIN_WAIT ? statusResult(waitForHost(thread, count)) : produced;
}

/** Can it be handed over as a number of the host's, exactly? */
// @ts-ignore: decorator
@inline function isHostNumber(slot: u32): bool {
  return isFloat(slot) || (isInt(slot) && intOf(slot) <= MAX_SAFE && intOf(slot) >= -MAX_SAFE);
}

// @ts-ignore: decorator
@inline function hostNumber(slot: u32): f64 { return isFloat(slot) ? floatOf(slot) : <f64>intOf(slot); }

/** A number of the host's: an integer if it is a safe one, but -0 a float. */
// @ts-ignore: decorator
@inline function setHostNumber(slot: u32, value: f64): void {
  if (abs(value) <= <f64>MAX_SAFE && trunc(value) == value && reinterpret<i64>(value) != i64.MIN_VALUE) setInt(slot, <i64>value);
  else setFloat(slot, value);
}
