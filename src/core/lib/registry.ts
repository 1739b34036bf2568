/** Function objects of builtins: those of the core, by their id, and those of the host, by their place in its catalogue or as a closure behind a slot. */
import { BUILTIN_HANDLE, BUILTIN_WAIT, HOST_CLOSURE, SLOT_SIZE } from '../../bytecode/layout';
import { hostCall } from '../base/host';
import { HOST_OBJECT_COST, chargeHost } from '../memory/limit';
import { newBuiltinObject } from '../objects/function';
import { statusResult } from '../run/call';
import { waitForHost } from '../run/host-wait';
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

/** The implementation all host functions share. */
function callHostFunction(thread: u32, base: u32, count: i32): i32 {
  const produced = hostCall(load<u32>(load<u32>(base - SLOT_SIZE), BUILTIN_HANDLE), base, count);
  return produced == BUILTIN_WAIT ? statusResult(waitForHost(thread)) : produced;
}
