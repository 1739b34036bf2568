/**
 * Doing again what an allocation failed in, after a collection: so garbage never makes "not enough memory".
 *
 * An allocation cannot collect: functions of the core hold objects that no root reaches. But raising its error leaves all of them, and what is left is
 * frames that are in memory. So the host, before it looks for a pcall, has the garbage collected here, and what was running done again from its
 * start: the instruction, or the builtin in the slot THREAD_BUILTIN, whose arguments are still there (isRepeatable). A second failure is an error.
 *
 * In compiled code nothing changes: helpers report failure, the trace leaves, the interpreter repeats the operation, and that comes here.
 */
import {
  SLOT_SIZE, TAG_STRING, THREAD_BUILTIN, THREAD_ERROR, THREAD_TOP, VM_ALLOCATION_FAILED, VM_MEMORY_MESSAGE, VM_REPEATING, VM_THREAD,
} from '../../bytecode/layout';
import { repeatBuiltin } from './call';
import { collectFull } from '../collect/cycle';
import { leaveFinalizerLoop } from './finalizer-call';
import { isRepeatable, needsCollection } from '../memory/limit';
import { hostThrowError } from '../base/host';
import { step } from './interpreter';
import { shrinkIdle } from './stack';
import { pointerOf, tagOf } from '../base/value';

/** Host: an error was raised. Is it one for want of memory, where a collection may help? */
export function mayRepeat(): bool {
  const failed = load<u32>(VM_ALLOCATION_FAILED) != 0;
  const error = load<u32>(VM_THREAD) + THREAD_ERROR;
  store<u32>(VM_ALLOCATION_FAILED, 0);
  store<u32>(VM_REPEATING, 0);
  return failed && tagOf(error) == TAG_STRING && pointerOf(error) == load<u32>(VM_MEMORY_MESSAGE);
}

/** Host: if so. @returns RUN_*  @throws the error again, if what was running cannot be repeated, or failed again */
export function repeatFailed(): i32 {
  const thread = load<u32>(VM_THREAD);
  if (needsCollection()) {
    shrinkIdle();
    collectFull(0);
  }
  if (!isRepeatable()) hostThrowError();
  store<u32>(VM_REPEATING, 1);
  leaveFinalizerLoop();
  const func = load<u32>(thread, THREAD_BUILTIN);
  const status = func ? repeatBuiltin(thread, func, (load<u32>(thread, THREAD_TOP) - func) / SLOT_SIZE - 1) : step();
  store<u32>(VM_REPEATING, 0);
  return status;
}
