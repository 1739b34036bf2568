/**
 * Host functions whose results come later, and the threads on which the host runs programs that may wait for them.
 *
 *   host's thread   bottom frame | ENTRY | frames ... | WAIT: a host function is under way; its results go to its own slot
 *
 * Such a thread is a main thread of its own: the host enters it as it does the first one, nothing in Lua can resume it. While nobody runs it the host
 * holds it by a pin on its innermost coroutine, which refers to those that wait for it.
 */
import {
  FRAME_BASE, FRAME_KIND, FRAME_KIND_WAIT, FRAME_VARARGS, RUN_HOST_WAIT, SLOT_SIZE, THREAD_ACTIVE,
  THREAD_BUILTIN, THREAD_C_CALLS, THREAD_FRAME, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_STATUS, THREAD_TOP, VM_THREAD,
} from '../../bytecode/layout';
import { GC_INHIBITED, GC_IN_FINALIZER } from '../memory/collector-state';
import { newThread } from '../objects/thread';
import { pointerOf } from '../base/value';
import { callInstead } from './call';
import { uncountCall } from './call-depth';
import { leaveBuiltinFrame } from './protected-call';
import { popBuiltinFrame, pushBuiltinFrame } from './stack';

/** Slots and frames such a thread starts with. */
const HOST_THREAD_STACK: u32 = 32;
const HOST_THREAD_FRAMES: u32 = 8;

/** Host API: a thread for a call of the host's. */
export function newHostThread(): u32 {
  const thread = newThread(HOST_THREAD_STACK, HOST_THREAD_FRAMES);
  store<u32>(thread, THREAD_ACTIVE, THREAD_STATUS);
  // As for the first one (init).
  store<u32>(thread, 1, THREAD_C_CALLS);
  return thread;
}

/** Host API: may the program stop here for a while? Not while a finaliser runs, for without it the collector stands still. */
export function maySuspend(): bool {
  return (load<u32>(GC_INHIBITED) & GC_IN_FINALIZER) == 0;
}

/**
 * Host API: calls the function below `count` arguments at the top of the stack in place of the running host function, so that its results become that one's.
 * @returns what the host function has to return
 */
export function callInsteadOfHost(count: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  return callInstead(thread, load<u32>(thread, THREAD_TOP) - (count + 1) * SLOT_SIZE, count, 0);
}

/** The running host function waits in a frame of its own, and keeps its arguments: it may be called again. @returns RUN_HOST_WAIT */
export function waitForHost(thread: u32, count: u32): i32 {
  const own = load<u32>(thread, THREAD_BUILTIN);
  pushBuiltinFrame(thread, own, FRAME_KIND_WAIT | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), own + SLOT_SIZE);
  store<u32>(thread, 0, THREAD_BUILTIN);
  store<u32>(thread, own + (count + 1) * SLOT_SIZE, THREAD_TOP);
  return RUN_HOST_WAIT;
}

/** Host API: the function that waited returns `count` values, which lie where its arguments were. @returns RUN_* */
export function finishWait(count: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  const frame = load<u32>(thread, THREAD_FRAME);
  const base = load<u32>(frame, FRAME_BASE);
  // The return event needs the function, whose slot the results take.
  store<u32>(frame, pointerOf(base - SLOT_SIZE), FRAME_VARARGS);
  memory.copy(base - SLOT_SIZE, base, count * SLOT_SIZE);
  return leaveBuiltinFrame(thread, frame, count);
}

/** Host API: the function that waited is going to raise an error, as if it had not waited. */
export function leaveWait(): void {
  const thread = load<u32>(VM_THREAD);
  const frame = load<u32>(thread, THREAD_FRAME);
  const base = load<u32>(frame, FRAME_BASE);
  uncountCall(thread, load<u32>(frame, FRAME_KIND));
  popBuiltinFrame(thread);
  store<u32>(thread, base - SLOT_SIZE, THREAD_BUILTIN);
  store<u32>(thread, base, THREAD_TOP);
}
