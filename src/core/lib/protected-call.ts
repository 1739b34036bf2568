/** pcall and xpcall (manual, section 6.1): the frames they push; what happens at errors is in run/protected-call.ts. */
import {
  FRAME_FLAG_SPECIAL, FRAME_KIND_PCALL, FRAME_KIND_XPCALL, SLOT_SIZE, THREAD_BUILTIN, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS,
} from '../../bytecode/layout';
import { isFunction } from '../objects/metamethod';
import { copyValue } from '../base/value';
import { callValue, statusResult } from '../run/call';
import { pushBuiltinFrame } from '../run/stack';
import { checkAny, throwTypeError } from './arguments';

/** pcall(f, ...): its frame stays below f's; f moves up by one slot for the `true` in front of the results. */
export function basePcall(thread: u32, base: u32, count: i32): i32 {
  checkAny(count, 1);
  pushBuiltinFrame(thread, base - SLOT_SIZE, FRAME_KIND_PCALL | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), base + count * SLOT_SIZE);
  return startProtected(thread, base, count - 1);
}

/** xpcall(f, handler, ...): slots become handler, f, arguments. */
export function baseXpcall(thread: u32, base: u32, count: i32): i32 {
  if (count < 2 || !isFunction(base + SLOT_SIZE)) throwTypeError(base, count, 2, 'function');
  const scratch = base + count * SLOT_SIZE;
  copyValue(scratch, base);
  copyValue(base, base + SLOT_SIZE);
  copyValue(base + SLOT_SIZE, scratch);
  pushBuiltinFrame(thread, base - SLOT_SIZE, FRAME_KIND_XPCALL | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), base + count * SLOT_SIZE);
  return startProtected(thread, base + SLOT_SIZE, count - 2);
}

/** Calls the function of a protected frame just pushed. */
function startProtected(thread: u32, func: u32, count: u32): i32 {
  store<u32>(thread, 0, THREAD_BUILTIN);
  return statusResult(callValue(thread, func, count, -1, FRAME_FLAG_SPECIAL));
}
