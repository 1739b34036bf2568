/**
 * pcall, xpcall, the host's entry, and unwinding to them.
 *
 * A protected call is a frame of its own below the called function's. Raising looks for the nearest one, runs xpcall's handler on top of
 * the frames of the error (so that it sees them), then cuts the frames back, calls pending closers with the error, and delivers
 * `false, error`. FRAME_VARARGS of such a frame is its state (STATE_*). The bottom frame of a coroutine is a protected call, too: errors end
 * the coroutine there (coroutine.ts).
 */
import {
  ENTRY_PENDING_KIND_SHIFT, FRAME_BASE, FRAME_CONSTANTS, FRAME_FLAG_HANDLER, FRAME_FLAG_HOOK, FRAME_FLAG_SPECIAL, FRAME_KIND, FRAME_KIND_COLLECT, FRAME_KIND_COROUTINE,
  FRAME_KIND_ENTRY, FRAME_KIND_FINALIZER, FRAME_KIND_HANDLER, FRAME_KIND_PCALL, FRAME_KIND_XPCALL, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS,
  RUN_ERROR, RUN_FINISHED, RUN_STEPPED, SLOT_SIZE, TAG_STRING, THREAD_BUILTIN, THREAD_C_CALLS, THREAD_ERROR, THREAD_FRAME, THREAD_FRAMES, THREAD_HOST_DEPTH, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_RESUMER, THREAD_STACK,
  THREAD_TOP, UNCATCHABLE_ABORT, VM_COLLECT_DUE, VM_MEMORY_MESSAGE, VM_THREAD, VM_UNCATCHABLE,
} from '../../bytecode/layout';
import { EVENT_CLOSE } from '../generated/metamethods';
import { hostThrowError } from '../base/host';
import { commit, uncommit } from '../memory/limit';
import { closeUpvalues } from '../objects/function';
import { isFunction, metamethodOfValue } from '../objects/metamethod';
import { copyError, copyValue, limitOf, moveValuesDown, pointerOf, setBoolean, setLimit, setNil, tagOf } from '../base/value';
import { charge } from '../base/budget';
import { callValue, finishCall } from './call';
import { MAX_HANDLED_C_CALLS, cutFrames, uncountCall } from './call-depth';
import { hasToBeClosed, popToBeClosed } from './close';
import { coroutineClosed, coroutineFailed, coroutineReturned } from './coroutine';
import { callNextFinalizer, collectAt, finalizerFailed } from './finalizer-call';
import { hookMask, hookReturn, noteReturn } from './hook';
import {
  KIND_MASK, STATE_ABORTING, STATE_FINAL, STATE_RUNNING, STATE_UNWINDING, hasHandler, isFinalizerFrame, nearestProtected, storeErrorInHandling,
} from './protected-frames';
import { growStack, popBuiltinFrame, pushBuiltinFrame, shrinkAfterOverflow, shrinkIdle } from './stack';

/** Slots a message handler's call takes: its frame's own, the handler, the error. */
const HANDLER_SLOTS: u32 = 3;

/** Host: calls the function below `count` arguments at the running thread's top. @returns RUN_* */
export function enterCall(count: u32): i32 {
  return enter(count, count + 1, 0);
}

/** The same with a message handler, as xpcall's: below the function lie the handler and a slot for the first result. @returns RUN_* */
export function enterHandled(count: u32): i32 {
  return enter(count, count + 3, FRAME_FLAG_HANDLER);
}

/** The same for a hook. */
export function enterHook(count: u32): i32 {
  return enter(count, count + 1, FRAME_FLAG_HOOK);
}

/** @param own slots at the top that belong to the frame; the results begin in their place */
function enter(count: u32, own: u32, flags: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  if (!load<u32>(thread, THREAD_HOST_DEPTH) && !load<u32>(thread, THREAD_RESUMER)) shrinkIdle();
  const top = load<u32>(thread, THREAD_TOP);
  const kind = FRAME_KIND_ENTRY | flags | (load<u32>(thread, THREAD_PENDING_KIND) << ENTRY_PENDING_KIND_SHIFT);
  const frame = pushBuiltinFrame(thread, top - own * SLOT_SIZE, kind, load<i32>(thread, THREAD_PENDING_RESULTS), top);
  const builtin = load<u32>(thread, THREAD_BUILTIN);
  store<u32>(frame, builtin ? builtin - load<u32>(thread, THREAD_STACK) : 0, FRAME_CONSTANTS);
  store<u32>(thread, load<u32>(thread, THREAD_HOST_DEPTH) + 1, THREAD_HOST_DEPTH);
  return callValue(thread, top - (count + 1) * SLOT_SIZE, count, -1, FRAME_FLAG_SPECIAL);
}

/** Pops an entry frame and restores what the host function that entered had. */
function leaveEntry(thread: u32, frame: u32, top: u32): void {
  const builtin = load<u32>(frame, FRAME_CONSTANTS);
  store<u32>(thread, builtin ? builtin + load<u32>(thread, THREAD_STACK) : 0, THREAD_BUILTIN);
  store<i32>(thread, load<i32>(frame, FRAME_RESULTS), THREAD_PENDING_RESULTS);
  store<u32>(thread, load<u32>(frame, FRAME_KIND) >> ENTRY_PENDING_KIND_SHIFT, THREAD_PENDING_KIND);
  store<u32>(thread, load<u32>(thread, THREAD_HOST_DEPTH) - 1, THREAD_HOST_DEPTH);
  popBuiltinFrame(thread);
  store<u32>(thread, top, THREAD_TOP);
}

/** A call above the builtin frame that is now current returned `count` values at `first`. @returns RUN_* */
export function finishBuiltinFrame(thread: u32, first: u32, count: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  if (load<u32>(frame, FRAME_VARARGS) != STATE_RUNNING) return continueUnwinding(thread, frame);
  const own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  switch (load<u32>(frame, FRAME_KIND) & KIND_MASK) {
    case FRAME_KIND_ENTRY:
      charge(count);
      moveValuesDown(own, first, count);
      leaveEntry(thread, frame, own + count * SLOT_SIZE);
      return RUN_FINISHED;
    case FRAME_KIND_HANDLER: {
      const error = thread + THREAD_ERROR;
      if (count) copyValue(error, first);
      else setNil(error);
      // A limit stays one, whatever is said of it.
      setLimit(error, limitOf(own));
      cutFrames(thread, frame - FRAME_SIZE);
      return cutTo(thread, nearestProtected(thread));
    }
    case FRAME_KIND_FINALIZER:
    case FRAME_KIND_COLLECT:
      return callNextFinalizer(thread, frame);
    case FRAME_KIND_COROUTINE:
      return coroutineReturned(thread, first, count);
    default:
      charge(count);
      moveValuesDown(own + SLOT_SIZE, first, count);
      setBoolean(own, true);
      return leaveBuiltinFrame(thread, frame, count + 1);
  }
}

/** Pops a builtin frame whose results start at its own slot, and delivers them. */
export function leaveBuiltinFrame(thread: u32, frame: u32, count: u32): i32 {
  let own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  if (hookMask(thread)) {
    own = hookFrameReturn(thread, own, count);
    frame = load<u32>(thread, THREAD_FRAME);
  }
  const kind = load<u32>(frame, FRAME_KIND) & ~KIND_MASK;
  uncountCall(thread, kind);
  popBuiltinFrame(thread);
  if (hookMask(thread)) noteReturn(thread);
  return finishCall(thread, own, own, count, load<i32>(frame, FRAME_RESULTS), kind);
}

/** Return event of the builtin frame that is current. The host finds its function, in whose slot the results begin. @returns its slot */
function hookFrameReturn(thread: u32, own: u32, count: u32): u32 {
  own += growStack(thread, own, (count + 2) * SLOT_SIZE);
  memory.copy(own + SLOT_SIZE, own, count * SLOT_SIZE);
  setNil(own);
  store<u32>(thread, own + (count + 1) * SLOT_SIZE, THREAD_TOP);
  hookReturn(thread, own + SLOT_SIZE, count);
  own = load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_BASE) - SLOT_SIZE;
  memory.copy(own, own + SLOT_SIZE, count * SLOT_SIZE);
  return own;
}

/** Is a message handler to be called before a protected frame gets the error? Not for want of memory, by whomever that is raised (manual, section 4.4.1). */
function isHandled(thread: u32, frame: u32): bool {
  const error = thread + THREAD_ERROR;
  const isMemoryError = tagOf(error) == TAG_STRING && pointerOf(error) == load<u32>(VM_MEMORY_MESSAGE);
  return !isMemoryError && load<u32>(frame, FRAME_VARARGS) != STATE_FINAL && hasHandler(frame);
}

/**
 * Raises the value in THREAD_ERROR from the interpreter. Errors that no pcall will catch are thrown to the host, which may want
 * a traceback while the frames are still there, and comes back through `unwind`.
 */
export function raise(thread: u32): i32 {
  if ((load<u32>(nearestProtected(thread), FRAME_KIND) & KIND_MASK) == FRAME_KIND_ENTRY) hostThrowError();
  return unwindFrames();
}

/** Host: as unwindFrames. An error may have been all that a loop allocates: where it is caught is a collection point. */
export function unwind(): i32 {
  const status = unwindFrames();
  if (status == RUN_STEPPED && load<u32>(VM_COLLECT_DUE)) collectAt(load<u32>(VM_THREAD), 0);
  return status;
}

/** Unwinds the running thread with the value in THREAD_ERROR. @returns RUN_STEPPED: go on; RUN_ERROR: it left through the host's entry */
function unwindFrames(): i32 {
  // What raised the error is not current any more, and must not be done again for want of memory on the way.
  commit(load<u32>(VM_THREAD));
  const status = stopError(load<u32>(VM_THREAD));
  uncommit();
  return status;
}

function stopError(thread: u32): i32 {
  const builtin = load<u32>(thread, THREAD_BUILTIN);
  // Tracebacks name it: no builtin writes results into its own slot before the last point at which it can fail.
  if (CHECKED && builtin && !isFunction(builtin)) unreachable();
  store<u32>(thread, 0, THREAD_BUILTIN);
  const frame = nearestProtected(thread);
  charge((load<u32>(thread, THREAD_FRAME) - frame) / FRAME_SIZE);
  const kind = load<u32>(frame, FRAME_KIND) & KIND_MASK;
  if (kind == FRAME_KIND_COROUTINE && load<u32>(frame, FRAME_VARARGS) == STATE_RUNNING) return coroutineFailed(thread, builtin);
  if (!isHandled(thread, frame)) return cutTo(thread, frame);
  if (load<u32>(thread, THREAD_C_CALLS) >= MAX_HANDLED_C_CALLS) {
    storeErrorInHandling(thread);
    return cutTo(thread, frame);
  }
  return callHandler(thread, frame, builtin ? builtin - load<u32>(thread, THREAD_STACK) : 0);
}

/** Calls the message handler of a protected frame on top of the frames of the error. @param raiser offset of the builtin that raised it, 0 = none */
function callHandler(thread: u32, frame: u32, raiser: u32): i32 {
  let func = max(load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP), load<u32>(thread, THREAD_TOP));
  const state = load<u32>(frame, FRAME_VARARGS);
  store<u32>(frame, STATE_FINAL, FRAME_VARARGS);
  func += growStack(thread, func, HANDLER_SLOTS * SLOT_SIZE);
  const offset = frame - load<u32>(thread, THREAD_FRAMES);
  copyValue(func + SLOT_SIZE, load<u32>(frame, FRAME_BASE));
  copyValue(func + 2 * SLOT_SIZE, thread + THREAD_ERROR);
  setLimit(func, limitOf(thread + THREAD_ERROR));
  const own = pushBuiltinFrame(thread, func, FRAME_KIND_HANDLER, -1, func + HANDLER_SLOTS * SLOT_SIZE);
  store<u32>(own, raiser, FRAME_CONSTANTS);
  // Counted without a check: a handler may be called in answer to an overflow, only handlers of handlers come to an end.
  store<u32>(own, FRAME_KIND_HANDLER | FRAME_FLAG_SPECIAL, FRAME_KIND);
  store<u32>(thread, load<u32>(thread, THREAD_C_CALLS) + 1, THREAD_C_CALLS);
  store<u32>(load<u32>(thread, THREAD_FRAMES) + offset, state, FRAME_VARARGS);
  return callValue(thread, func + SLOT_SIZE, 1, -1, FRAME_FLAG_SPECIAL);
}

/** Where an unwinding frame keeps the error: in the called function's place, so that pcall and xpcall are still to be seen below the closers. */
function errorSlot(frame: u32): u32 {
  const kind = load<u32>(frame, FRAME_KIND) & KIND_MASK;
  const base = load<u32>(frame, FRAME_BASE);
  if (kind == FRAME_KIND_PCALL) return base;
  return kind == FRAME_KIND_XPCALL ? base + SLOT_SIZE : base - SLOT_SIZE;
}

/** Makes a protected frame the current one and starts closing what lay above it. */
function cutTo(thread: u32, frame: u32): i32 {
  cutFrames(thread, frame);
  startUnwinding(frame, STATE_UNWINDING);
  copyError(errorSlot(frame), thread + THREAD_ERROR);
  return continueUnwinding(thread, frame);
}

/** A protected frame is going to close what lay above it. Under an abort closers run like any code, and what they raise does not end it. @param state without one */
export function startUnwinding(frame: u32, state: u32): void {
  const isAborted = load<u32>(VM_UNCATCHABLE) == UNCATCHABLE_ABORT;
  if (isAborted) store<u32>(VM_UNCATCHABLE, 0);
  store<u32>(frame, isAborted || load<u32>(frame, FRAME_VARARGS) == STATE_ABORTING ? STATE_ABORTING : state, FRAME_VARARGS);
}

/** All is closed above a frame of this state: an abort is under way again, unless a limit was met. */
export function resumeAbort(state: u32): void {
  if (state == STATE_ABORTING && !load<u32>(VM_UNCATCHABLE)) store<u32>(VM_UNCATCHABLE, UNCATCHABLE_ABORT);
}

/** Calls the next pending closer, or delivers the error. */
export function continueUnwinding(thread: u32, frame: u32): i32 {
  const base = load<u32>(frame, FRAME_BASE);
  const error = errorSlot(frame);
  // A program that ran into a limit has no say any more: its closers are not called.
  if (load<u32>(VM_UNCATCHABLE)) while (hasToBeClosed(thread, base)) popToBeClosed(thread);
  if (hasToBeClosed(thread, base)) {
    const slot = popToBeClosed(thread);
    closeUpvalues(thread, slot);
    const handler = metamethodOfValue(slot, EVENT_CLOSE);
    const func = slot + SLOT_SIZE;
    store<u32>(frame, func + 3 * SLOT_SIZE, FRAME_TOP);
    copyValue(func, handler ? handler : slot);
    copyValue(func + SLOT_SIZE, slot);
    copyValue(func + 2 * SLOT_SIZE, error);
    return callValue(thread, func, 2, 0, FRAME_FLAG_SPECIAL);
  }
  closeUpvalues(thread, base);
  const kind = load<u32>(frame, FRAME_KIND) & KIND_MASK;
  if (kind == FRAME_KIND_COROUTINE) return coroutineClosed(thread, frame);
  if (kind == FRAME_KIND_ENTRY) {
    copyError(thread + THREAD_ERROR, error);
    resumeAbort(load<u32>(frame, FRAME_VARARGS));
    leaveEntry(thread, frame, error);
    return RUN_ERROR;
  }
  if (isFinalizerFrame(load<u32>(frame, FRAME_KIND) & KIND_MASK)) {
    store<u32>(frame, STATE_RUNNING, FRAME_VARARGS);
    return finalizerFailed(thread, frame, error);
  }
  copyValue(base, error);
  setBoolean(base - SLOT_SIZE, false);
  store<u32>(frame, STATE_RUNNING, FRAME_VARARGS);
  const status = leaveBuiltinFrame(thread, frame, 2);
  shrinkAfterOverflow(thread);
  return status;
}
