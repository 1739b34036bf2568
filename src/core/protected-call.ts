/**
 * pcall, xpcall, the host's entry, and unwinding to them.
 *
 * A protected call is a frame of its own below the called function's. Raising looks for the nearest one, runs xpcall's handler on top of
 * the frames of the error (so that it sees them), then cuts the frames back, calls pending closers with the error, and delivers
 * `false, error`. FRAME_VARARGS of such a frame is its state: STATE_RUNNING or STATE_UNWINDING.
 */
import {
  FRAME_BASE, FRAME_CONSTANTS, FRAME_FLAG_SPECIAL, FRAME_KIND, FRAME_KIND_ENTRY, FRAME_KIND_COLLECT, FRAME_KIND_FINALIZER, FRAME_KIND_HANDLER, FRAME_KIND_PCALL, FRAME_KIND_TOSTRING,
  FRAME_KIND_XPCALL, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, RUN_ERROR, RUN_FINISHED, SLOT_SIZE, TAG_STRING,
  THREAD_BUILTIN, THREAD_ERROR, THREAD_FRAME, THREAD_HOST_DEPTH, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_STACK, THREAD_TOP, VM_THREAD, VM_UNCATCHABLE,
} from '../bytecode/layout';
import { checkAny, throwTypeError } from './arguments';
import { callValue, finishCall, statusResult } from './call';
import { hasToBeClosed, popToBeClosed } from './close';
import { throwText } from './errors';
import { callNextFinalizer, finalizerFailed, isFinalizerFrame, leaveFinalizers } from './finalizer-call';
import { closeUpvalues } from './function';
import { EVENT_CLOSE } from './generated/metamethods';
import { hostThrowError } from './host';
import { isFunction, metamethodOfValue } from './metamethod';
import { stringFromLiteral } from './string';
import { pushBuiltinFrame, shrinkAfterOverflow } from './thread';
import { copyValue, setBoolean, setNil, setObject, tagOf } from './value';

const STATE_RUNNING: u32 = 0;
const STATE_UNWINDING: u32 = 1;
/** Nested message handlers after which an error in a handler is final (PUC: C stack overflow). */
const MAX_HANDLERS: u32 = 10;

const KIND_MASK: u32 = 0xff;

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

/** Calls `func` for tostring: its frame stays below to check that the result is a string. @returns BUILTIN_* */
export function callTostring(thread: u32, func: u32, count: u32): i32 {
  const own = load<u32>(thread, THREAD_BUILTIN);
  pushBuiltinFrame(thread, own, FRAME_KIND_TOSTRING | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), func + (count + 1) * SLOT_SIZE);
  return startProtected(thread, func, count);
}

/** Host: calls the function below `count` arguments at the running thread's top. @returns RUN_* */
export function enterCall(count: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  const top = load<u32>(thread, THREAD_TOP);
  const func = top - (count + 1) * SLOT_SIZE;
  const frame = pushBuiltinFrame(thread, func, FRAME_KIND_ENTRY, -1, top);
  const builtin = load<u32>(thread, THREAD_BUILTIN);
  store<u32>(frame, builtin ? builtin - load<u32>(thread, THREAD_STACK) : 0, FRAME_CONSTANTS);
  store<u32>(thread, load<u32>(thread, THREAD_HOST_DEPTH) + 1, THREAD_HOST_DEPTH);
  return callValue(thread, func, count, -1, FRAME_FLAG_SPECIAL);
}

/** Pops an entry frame and restores what the host function that entered had. */
function leaveEntry(thread: u32, frame: u32, top: u32): void {
  const builtin = load<u32>(frame, FRAME_CONSTANTS);
  store<u32>(thread, builtin ? builtin + load<u32>(thread, THREAD_STACK) : 0, THREAD_BUILTIN);
  store<u32>(thread, load<u32>(thread, THREAD_HOST_DEPTH) - 1, THREAD_HOST_DEPTH);
  store<u32>(thread, frame - FRAME_SIZE, THREAD_FRAME);
  store<u32>(thread, top, THREAD_TOP);
}

/** A call above the builtin frame that is now current returned `count` values at `first`. @returns RUN_* */
export function finishBuiltinFrame(thread: u32, first: u32, count: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  if (load<u32>(frame, FRAME_VARARGS) == STATE_UNWINDING) return continueUnwinding(thread, frame);
  const own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  switch (load<u32>(frame, FRAME_KIND) & KIND_MASK) {
    case FRAME_KIND_ENTRY:
      memory.copy(own, first, count * SLOT_SIZE);
      leaveEntry(thread, frame, own + count * SLOT_SIZE);
      return RUN_FINISHED;
    case FRAME_KIND_HANDLER: {
      const error = thread + THREAD_ERROR;
      if (count) copyValue(error, first);
      else setNil(error);
      store<u32>(thread, frame - FRAME_SIZE, THREAD_FRAME);
      return cutTo(thread, nearestProtected(thread));
    }
    case FRAME_KIND_FINALIZER:
    case FRAME_KIND_COLLECT:
      return callNextFinalizer(thread, frame);
    case FRAME_KIND_TOSTRING:
      if (count == 0 || tagOf(first) != TAG_STRING) throwText("'__tostring' must return a string");
      copyValue(own, first);
      return leaveBuiltinFrame(thread, frame, 1);
    default:
      memory.copy(own + SLOT_SIZE, first, count * SLOT_SIZE);
      setBoolean(own, true);
      return leaveBuiltinFrame(thread, frame, count + 1);
  }
}

/** Pops a builtin frame whose results start at its own slot, and delivers them. */
export function leaveBuiltinFrame(thread: u32, frame: u32, count: u32): i32 {
  const own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  store<u32>(thread, frame - FRAME_SIZE, THREAD_FRAME);
  return finishCall(thread, own, own, count, load<i32>(frame, FRAME_RESULTS), load<u32>(frame, FRAME_KIND) & ~KIND_MASK);
}

// @ts-ignore: decorator
@inline function isProtected(kind: u32): bool {
  return (kind >= FRAME_KIND_ENTRY && kind <= FRAME_KIND_XPCALL) || isFinalizerFrame(kind);
}

/** The frame that the error in THREAD_ERROR stops at: the nearest protected one, or the host's if nothing in Lua is to catch it. */
function nearestProtected(thread: u32): u32 {
  const catchable = load<u32>(VM_UNCATCHABLE) == 0;
  let frame = load<u32>(thread, THREAD_FRAME);
  while (true) {
    const kind = load<u32>(frame, FRAME_KIND) & KIND_MASK;
    if (kind == FRAME_KIND_ENTRY || (catchable && isProtected(kind))) return frame;
    frame -= FRAME_SIZE;
  }
}

/** Message handlers running above a protected frame. */
function handlersAbove(thread: u32, frame: u32): u32 {
  let count: u32 = 0;
  for (let above = load<u32>(thread, THREAD_FRAME); above > frame; above -= FRAME_SIZE) {
    if ((load<u32>(above, FRAME_KIND) & KIND_MASK) == FRAME_KIND_HANDLER) count++;
  }
  return count;
}

/**
 * Raises the value in THREAD_ERROR from the interpreter. Errors that no pcall will catch are thrown to the host, which may want
 * a traceback while the frames are still there, and comes back through `unwind`.
 */
export function raise(thread: u32): i32 {
  if ((load<u32>(nearestProtected(thread), FRAME_KIND) & KIND_MASK) == FRAME_KIND_ENTRY) hostThrowError();
  return unwind();
}

/** Unwinds the running thread with the value in THREAD_ERROR. @returns RUN_STEPPED: go on; RUN_ERROR: it left through the host's entry */
export function unwind(): i32 {
  const thread = load<u32>(VM_THREAD);
  store<u32>(thread, 0, THREAD_BUILTIN);
  const frame = nearestProtected(thread);
  const isXpcall = (load<u32>(frame, FRAME_KIND) & KIND_MASK) == FRAME_KIND_XPCALL;
  if (!isXpcall || load<u32>(frame, FRAME_VARARGS) == STATE_UNWINDING) return cutTo(thread, frame);
  if (handlersAbove(thread, frame) >= MAX_HANDLERS) {
    setObject(thread + THREAD_ERROR, TAG_STRING, stringFromLiteral('error in error handling'));
    return cutTo(thread, frame);
  }
  const func = max(load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP), load<u32>(thread, THREAD_TOP));
  copyValue(func + SLOT_SIZE, load<u32>(frame, FRAME_BASE));
  copyValue(func + 2 * SLOT_SIZE, thread + THREAD_ERROR);
  pushBuiltinFrame(thread, func, FRAME_KIND_HANDLER, -1, func + 3 * SLOT_SIZE);
  return callValue(thread, func + SLOT_SIZE, 1, -1, FRAME_FLAG_SPECIAL);
}

/** Makes a protected frame the current one and starts closing what lay above it. The error is kept in the frame's own slot. */
function cutTo(thread: u32, frame: u32): i32 {
  for (let above = load<u32>(thread, THREAD_FRAME); above > frame; above -= FRAME_SIZE) {
    if (isFinalizerFrame(load<u32>(above, FRAME_KIND) & KIND_MASK)) leaveFinalizers();
  }
  store<u32>(thread, frame, THREAD_FRAME);
  store<u32>(frame, STATE_UNWINDING, FRAME_VARARGS);
  copyValue(load<u32>(frame, FRAME_BASE) - SLOT_SIZE, thread + THREAD_ERROR);
  return continueUnwinding(thread, frame);
}

/** Calls the next pending closer, or delivers the error. */
function continueUnwinding(thread: u32, frame: u32): i32 {
  const base = load<u32>(frame, FRAME_BASE);
  const own = base - SLOT_SIZE;
  // A program that was stopped by the host has no say any more: its closers are not called.
  if (load<u32>(VM_UNCATCHABLE)) while (hasToBeClosed(thread, base)) popToBeClosed(thread);
  if (hasToBeClosed(thread, base)) {
    const slot = popToBeClosed(thread);
    closeUpvalues(thread, slot);
    const handler = metamethodOfValue(slot, EVENT_CLOSE);
    const func = slot + SLOT_SIZE;
    store<u32>(frame, func + 3 * SLOT_SIZE, FRAME_TOP);
    copyValue(func, handler ? handler : slot);
    copyValue(func + SLOT_SIZE, slot);
    copyValue(func + 2 * SLOT_SIZE, own);
    return callValue(thread, func, 2, 0, FRAME_FLAG_SPECIAL);
  }
  closeUpvalues(thread, base);
  if ((load<u32>(frame, FRAME_KIND) & KIND_MASK) == FRAME_KIND_ENTRY) {
    copyValue(thread + THREAD_ERROR, own);
    leaveEntry(thread, frame, own);
    return RUN_ERROR;
  }
  if (isFinalizerFrame(load<u32>(frame, FRAME_KIND) & KIND_MASK)) {
    store<u32>(frame, STATE_RUNNING, FRAME_VARARGS);
    return finalizerFailed(thread, frame, own);
  }
  copyValue(base, own);
  setBoolean(own, false);
  store<u32>(frame, STATE_RUNNING, FRAME_VARARGS);
  const status = leaveBuiltinFrame(thread, frame, 2);
  shrinkAfterOverflow(thread);
  return status;
}
