/**
 * Coroutines: switching the running thread. VM_THREAD is the running one; resuming and yielding store another there, and the interpreter goes on
 * with that one's current frame. Nothing nests.
 *
 *   resumer   ... | frame of its caller | RESUME, WRAP or CLOSE: waits; the results go to its own slot
 *   coroutine COROUTINE (bottom frame) | frames ... | YIELD while it is suspended: what it is resumed with are the results of yield
 *
 * A fresh coroutine has its function in the slot behind the bottom frame's own. THREAD_RESUMER links running threads to those that wait for them.
 * An error that nothing in the coroutine catches leaves its frames as they are (tracebacks, pending closers) and is delivered to the resumer;
 * a function of coroutine.wrap closes the coroutine first. While it is closed, the coroutine is the running thread and its bottom
 * frame unwinds as a protected call does (protected-call.ts).
 */
import {
  FRAME_BASE, FRAME_FLAG_COMPANION, FRAME_FLAG_SPECIAL, FRAME_KIND, FRAME_KIND_COROUTINE, FRAME_KIND_WRAP, FRAME_KIND_YIELD, FRAME_SIZE, FRAME_TOP,
  FRAME_VARARGS, LIMIT_NONE, SLOT_SIZE, TAG_STRING, THREAD_ACTIVE, THREAD_BUILTIN, THREAD_C_CALLS, THREAD_C_CALLS_BELOW, THREAD_DEAD, THREAD_ERROR,
  THREAD_FAILED, THREAD_FRAME, THREAD_FRAMES, THREAD_FRESH, THREAD_HOST_DEPTH, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_RESUMER, THREAD_STACK,
  THREAD_STATUS, THREAD_SUSPENDED, THREAD_TOP, UNCATCHABLE_ABORT, VM_MEMORY_MESSAGE, VM_THREAD, VM_UNCATCHABLE,
} from '../../bytecode/layout';
import { appendPosition } from '../errors/position';
import { charge } from '../base/budget';
import { bufferFinish, bufferStart, bufferString } from '../strings/buffer';
import { GC_INHIBITED, GC_IN_FINALIZER } from '../memory/collector-state';
import { commit, uncommit } from '../memory/limit';
import { stringFromLiteral } from '../strings/string';
import { newThread } from '../objects/thread';
import { copyError, copyValue, pointerOf, setBoolean, setLimit, setNil, setObject, tagOf } from '../base/value';
import { callValue } from './call';
import { cutFrames } from './call-depth';
import { inheritHook } from './hook';
import { continueUnwinding, leaveBuiltinFrame, raise, resumeAbort, startUnwinding } from './protected-call';
import { KIND_MASK, STATE_CLOSING, STATE_RUNNING, STATE_UNWINDING, isFinalizerFrame } from './protected-frames';
import { growStack, pushBuiltinFrame, shrinkStack, stackLimit } from './stack';

/** Slots and frames a coroutine starts with. */
const COROUTINE_STACK: u32 = 32;
const COROUTINE_FRAMES: u32 = 8;

/** More values than that are moved as a block. */
const FEW: u32 = 8;

/** A coroutine that will run the function in slot `func`. */
export function newCoroutine(func: u32): u32 {
  const thread = newThread(COROUTINE_STACK, COROUTINE_FRAMES);
  store<u32>(load<u32>(thread, THREAD_FRAMES), FRAME_KIND_COROUTINE, FRAME_KIND);
  const top = load<u32>(thread, THREAD_TOP);
  copyValue(top, func);
  store<u32>(thread, top + SLOT_SIZE, THREAD_TOP);
  inheritHook(thread, load<u32>(VM_THREAD));
  return thread;
}

// @ts-ignore: decorator
@inline export function statusOf(thread: u32): u32 { return load<u32>(thread, THREAD_STATUS); }

/** Is the thread a coroutine, and not one that the host runs a program on? */
export function isCoroutine(thread: u32): bool {
  return (load<u32>(load<u32>(thread, THREAD_FRAMES), FRAME_KIND) & KIND_MASK) == FRAME_KIND_COROUTINE;
}

/** Can a yield leave this thread? Not the host's, not through a host function or a finaliser, not while the coroutine is being closed. */
export function isYieldable(thread: u32): bool {
  return isCoroutine(thread) && !load<u32>(thread, THREAD_HOST_DEPTH)
    && load<u32>(load<u32>(thread, THREAD_FRAMES), FRAME_VARARGS) == STATE_RUNNING
    && !((load<u32>(GC_INHIBITED) & GC_IN_FINALIZER) != 0 && isFinalizing(thread));
}

function isFinalizing(thread: u32): bool {
  let frame = load<u32>(thread, THREAD_FRAME);
  for (const bottom = load<u32>(thread, THREAD_FRAMES); frame > bottom; frame -= FRAME_SIZE) {
    if (isFinalizerFrame(load<u32>(frame, FRAME_KIND) & KIND_MASK)) return true;
  }
  return false;
}

/** Is a library function running that stands for a C function of PUC which no yield can leave? Here it could; programs are told what they expect. */
export function isInsideLibrary(thread: u32): bool {
  let frame = load<u32>(thread, THREAD_FRAME);
  for (const bottom = load<u32>(thread, THREAD_FRAMES); frame > bottom; frame -= FRAME_SIZE) {
    if (load<u32>(frame, FRAME_KIND) & FRAME_FLAG_COMPANION) return true;
  }
  return false;
}

/** May `count` more values be put at `slot`? */
function hasStackFor(thread: u32, slot: u32, count: u32): bool {
  return (slot - load<u32>(thread, THREAD_STACK)) / SLOT_SIZE + count < stackLimit();
}

function moveValues(to: u32, from: u32, count: u32): void {
  if (count > FEW) {
    charge(2 * count);
    memory.copy(to, from, count * SLOT_SIZE);
  }
  else for (const end = from + count * SLOT_SIZE; from < end; from += SLOT_SIZE, to += SLOT_SIZE) copyValue(to, from);
}

/** Where a coroutine that can be resumed takes its values: the arguments of its function, or the results of yield. */
function entrySlot(thread: u32): u32 {
  return statusOf(thread) == THREAD_FRESH ? load<u32>(thread, THREAD_TOP) : load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_BASE) - SLOT_SIZE;
}

/** Can the coroutine take so many values? */
export function canTake(thread: u32, count: u32): bool {
  return hasStackFor(thread, entrySlot(thread), count);
}

/** Pushes the frame in which the running builtin waits for `thread`, which becomes the running one. @param top behind its slots in use */
function switchTo(thread: u32, waiting: u32, kind: u32, top: u32): void {
  const own = load<u32>(waiting, THREAD_BUILTIN);
  pushBuiltinFrame(waiting, own, kind | load<u32>(waiting, THREAD_PENDING_KIND), load<i32>(waiting, THREAD_PENDING_RESULTS), top);
  store<u32>(waiting, 0, THREAD_BUILTIN);
  store<u32>(thread, waiting, THREAD_RESUMER);
  const below = load<u32>(waiting, THREAD_C_CALLS);
  store<u32>(thread, load<u32>(thread, THREAD_C_CALLS) - load<u32>(thread, THREAD_C_CALLS_BELOW) + below, THREAD_C_CALLS);
  store<u32>(thread, below, THREAD_C_CALLS_BELOW);
  store<u32>(VM_THREAD, thread);
}

/** The running thread gives way to the one that waits for it. @returns that thread */
function switchBack(thread: u32, status: u32): u32 {
  const waiting = load<u32>(thread, THREAD_RESUMER);
  store<u32>(thread, status, THREAD_STATUS);
  store<u32>(thread, 0, THREAD_RESUMER);
  store<u32>(VM_THREAD, waiting);
  return waiting;
}

/**
 * Resumes a coroutine that is fresh or suspended and can take the values. @param kind FRAME_KIND_RESUME or FRAME_KIND_WRAP
 * @returns RUN_*
 */
export function resume(waiting: u32, thread: u32, from: u32, count: u32, kind: u32): i32 {
  growStack(thread, entrySlot(thread), (count + 1) * SLOT_SIZE);
  const to = entrySlot(thread);
  moveValues(to, from, count);
  switchTo(thread, waiting, kind, from);
  const isFresh = statusOf(thread) == THREAD_FRESH;
  store<u32>(thread, THREAD_ACTIVE, THREAD_STATUS);
  if (isFresh) return callValue(thread, to - SLOT_SIZE, count, -1, FRAME_FLAG_SPECIAL);
  return leaveBuiltinFrame(thread, load<u32>(thread, THREAD_FRAME), count);
}

/** Suspends the running thread, which is yieldable; the values go to its resumer. @returns RUN_* */
export function yieldValues(thread: u32, first: u32, count: u32): i32 {
  const own = load<u32>(thread, THREAD_BUILTIN);
  pushBuiltinFrame(thread, own, FRAME_KIND_YIELD | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), own + SLOT_SIZE);
  store<u32>(thread, 0, THREAD_BUILTIN);
  store<u32>(thread, own + SLOT_SIZE, THREAD_TOP);
  return deliver(switchBack(thread, THREAD_SUSPENDED), first, count);
}

/** The function of the running coroutine returned. @returns RUN_* */
export function coroutineReturned(thread: u32, first: u32, count: u32): i32 {
  return deliver(switchBack(thread, THREAD_DEAD), first, count);
}

/** The thread that waited gets the results of what it resumed. */
function deliver(waiting: u32, first: u32, count: u32): i32 {
  const frame = load<u32>(waiting, THREAD_FRAME);
  const isWrap = (load<u32>(frame, FRAME_KIND) & KIND_MASK) == FRAME_KIND_WRAP;
  let own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  if (!hasStackFor(waiting, own, count)) {
    setObject(waiting + THREAD_ERROR, TAG_STRING, stringFromLiteral('too many results to resume'));
    setLimit(waiting + THREAD_ERROR, LIMIT_NONE);
    return deliverError(waiting);
  }
  own += growStack(waiting, own, (count + 2) * SLOT_SIZE);
  if (isWrap) {
    // The return event needs the function, whose slot the results take.
    store<u32>(frame, pointerOf(own), FRAME_VARARGS);
    moveValues(own, first, count);
    return leaveBuiltinFrame(waiting, frame, count);
  }
  setBoolean(own, true);
  moveValues(own + SLOT_SIZE, first, count);
  return leaveBuiltinFrame(waiting, frame, count + 1);
}

/** The thread that waited gets an error, which is in its THREAD_ERROR: as false and the value, or raised. */
function deliverError(waiting: u32): i32 {
  const frame = load<u32>(waiting, THREAD_FRAME);
  if ((load<u32>(frame, FRAME_KIND) & KIND_MASK) == FRAME_KIND_WRAP || load<u32>(VM_UNCATCHABLE)) {
    cutFrames(waiting, frame - FRAME_SIZE);
    commit(waiting);
    if (!load<u32>(VM_UNCATCHABLE)) addPosition(waiting);
    uncommit();
    return raise(waiting);
  }
  const own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  setBoolean(own, false);
  copyValue(own + SLOT_SIZE, waiting + THREAD_ERROR);
  return leaveBuiltinFrame(waiting, frame, 2);
}

/** Puts the position of the function that runs in front of the error, if that is a string. */
export function addPosition(thread: u32): void {
  const error = thread + THREAD_ERROR;
  if (tagOf(error) != TAG_STRING || pointerOf(error) == load<u32>(VM_MEMORY_MESSAGE)) return;
  bufferStart();
  appendPosition(thread, 1);
  bufferString(pointerOf(error));
  setObject(error, TAG_STRING, bufferFinish());
}

/** Nothing in the running coroutine catches the error in its THREAD_ERROR. @param builtin the one that raised it, for tracebacks; 0 = none @returns RUN_* */
export function coroutineFailed(thread: u32, builtin: u32): i32 {
  const waiting = load<u32>(thread, THREAD_RESUMER);
  const kind = load<u32>(load<u32>(waiting, THREAD_FRAME), FRAME_KIND) & KIND_MASK;
  const uncatchable = load<u32>(VM_UNCATCHABLE);
  // An abort closes coroutines, whoever resumed them.
  if (uncatchable == UNCATCHABLE_ABORT || (kind == FRAME_KIND_WRAP && !uncatchable)) return startClosing(thread, STATE_UNWINDING);
  switchBack(thread, THREAD_FAILED);
  store<u32>(thread, builtin, THREAD_BUILTIN);
  copyError(waiting + THREAD_ERROR, thread + THREAD_ERROR);
  return deliverError(waiting);
}

/** Closes a coroutine that is not active, for the running builtin, which waits. @param top behind its slots in use  @returns RUN_* */
export function close(waiting: u32, thread: u32, top: u32, kind: u32): i32 {
  const hasFailed = statusOf(thread) == THREAD_FAILED;
  switchTo(thread, waiting, kind, top);
  store<u32>(thread, THREAD_ACTIVE, THREAD_STATUS);
  if (!hasFailed) setNil(thread + THREAD_ERROR);
  return startClosing(thread, hasFailed ? STATE_UNWINDING : STATE_CLOSING);
}

/** Drops the frames of the running coroutine and calls what is to be closed, with the value in THREAD_ERROR. */
function startClosing(thread: u32, state: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAMES);
  store<u32>(thread, 0, THREAD_BUILTIN);
  cutFrames(thread, frame);
  startUnwinding(frame, state);
  copyError(load<u32>(frame, FRAME_BASE) - SLOT_SIZE, thread + THREAD_ERROR);
  return continueUnwinding(thread, frame);
}

/** All is closed; the error, if there was one, is in the bottom frame's own slot. @returns RUN_* */
export function coroutineClosed(thread: u32, frame: u32): i32 {
  const state = load<u32>(frame, FRAME_VARARGS);
  const base = load<u32>(frame, FRAME_BASE);
  store<u32>(frame, STATE_RUNNING, FRAME_VARARGS);
  store<u32>(frame, base, FRAME_TOP);
  store<u32>(thread, base, THREAD_TOP);
  const waiting = switchBack(thread, THREAD_DEAD);
  const error = waiting + THREAD_ERROR;
  copyError(error, base - SLOT_SIZE);
  setNil(base - SLOT_SIZE);
  setNil(thread + THREAD_ERROR);
  shrinkStack(thread);
  resumeAbort(state);
  if (state != STATE_CLOSING) return deliverError(waiting);
  const waitingFrame = load<u32>(waiting, THREAD_FRAME);
  setBoolean(load<u32>(waitingFrame, FRAME_BASE) - SLOT_SIZE, true);
  return leaveBuiltinFrame(waiting, waitingFrame, 1);
}
