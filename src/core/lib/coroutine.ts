/** The coroutine library (manual, section 6.2). What the functions do to threads is in coroutine.ts. */
import {
  BUILTIN_ERROR, BUILTIN_UPVALUES, FRAME_CLOSURE, FRAME_FLAG_COMPANION, FRAME_KIND, FRAME_KIND_CLOSE, FRAME_KIND_RESUME, FRAME_KIND_WRAP, LIMIT_NONE,
  SLOT_SIZE, TAG_BUILTIN, TAG_STRING, TAG_THREAD, THREAD_ACTIVE, THREAD_C_CALLS, THREAD_DEAD, THREAD_ERROR, THREAD_FAILED, THREAD_FRAME, THREAD_FRESH,
  THREAD_SUSPENDED,
} from '../../bytecode/layout';
import { throwRuntimeText, throwText } from '../base/raise';
import { newBuiltinWithUpvalues } from '../objects/function';
import { BUILTIN_ID_coroutineWrapStep } from '../generated/builtin-ids';
import { isFunction } from '../objects/metamethod';
import { stringFromLiteral } from '../strings/string';
import { pointerOf, setBoolean, setLimit, setObject, tagOf } from '../base/value';
import { statusResult } from '../run/call';
import { MAX_C_CALLS } from '../run/call-depth';
import { addPosition, canTake, close, isCoroutine, isInsideLibrary, isYieldable, newCoroutine, resume, statusOf, yieldValues } from '../run/coroutine';
import { throwTypeError } from './arguments';
import { returnString } from './base';

function checkThread(base: u32, count: i32): u32 {
  if (count < 1 || tagOf(base) != TAG_THREAD) throwTypeError(base, count, 1, 'thread');
  return pointerOf(base);
}

function checkFunction(base: u32, count: i32): void {
  if (count < 1 || !isFunction(base)) throwTypeError(base, count, 1, 'function');
}

export function coroutineCreate(thread: u32, base: u32, count: i32): i32 {
  checkFunction(base, count);
  setObject(base - SLOT_SIZE, TAG_THREAD, newCoroutine(base));
  return 1;
}

export function coroutineWrap(thread: u32, base: u32, count: i32): i32 {
  checkFunction(base, count);
  const co = base + <u32>count * SLOT_SIZE;
  setObject(co, TAG_THREAD, newCoroutine(base));
  setObject(base - SLOT_SIZE, TAG_BUILTIN, newBuiltinWithUpvalues(<u32>coroutineWrapStep.index, BUILTIN_ID_coroutineWrapStep, co, 1));
  return 1;
}

/** Why a coroutine cannot be resumed with `count` values; '' if it can. */
function problemOf(waiting: u32, co: u32, count: u32): string {
  const status = statusOf(co);
  if (status == THREAD_ACTIVE) return 'cannot resume non-suspended coroutine';
  if (status != THREAD_FRESH && status != THREAD_SUSPENDED) return 'cannot resume dead coroutine';
  if (load<u32>(waiting, THREAD_C_CALLS) + 1 >= MAX_C_CALLS) return 'C stack overflow';
  return canTake(co, count) ? '' : 'too many arguments to resume';
}

export function coroutineResume(thread: u32, base: u32, count: i32): i32 {
  const co = checkThread(base, count);
  const problem = problemOf(thread, co, count - 1);
  if (problem.length == 0) return statusResult(resume(thread, co, base + SLOT_SIZE, count - 1, FRAME_KIND_RESUME));
  setBoolean(base - SLOT_SIZE, false);
  setObject(base, TAG_STRING, stringFromLiteral(problem));
  return 2;
}

/** What a function made by coroutine.wrap does. */
export function coroutineWrapStep(thread: u32, base: u32, count: i32): i32 {
  const upvalue = pointerOf(base - SLOT_SIZE) + BUILTIN_UPVALUES;
  // debug.setupvalue may have put anything there.
  if (tagOf(upvalue) != TAG_THREAD) throwText('invalid upvalue');
  const co = pointerOf(upvalue);
  const problem = problemOf(thread, co, count);
  if (problem.length == 0) return statusResult(resume(thread, co, base, count, FRAME_KIND_WRAP));
  setObject(thread + THREAD_ERROR, TAG_STRING, stringFromLiteral(problem));
  setLimit(thread + THREAD_ERROR, LIMIT_NONE);
  addPosition(thread);
  return BUILTIN_ERROR;
}

/** Is the yield called by a library function (a comparator, a replacement function...) that stands for a C function of PUC? */
function isCalledByLibrary(thread: u32): bool {
  const frame = load<u32>(thread, THREAD_FRAME);
  return load<u32>(frame, FRAME_CLOSURE) != 0 && (load<u32>(frame, FRAME_KIND) & FRAME_FLAG_COMPANION) != 0;
}

export function coroutineYield(thread: u32, base: u32, count: i32): i32 {
  if (!isCoroutine(thread)) throwRuntimeText('attempt to yield from outside a coroutine');
  if (!isYieldable(thread) || isCalledByLibrary(thread)) throwRuntimeText('attempt to yield across a C-call boundary');
  return statusResult(yieldValues(thread, base, count));
}

export function coroutineClose(thread: u32, base: u32, count: i32): i32 {
  const co = checkThread(base, count);
  if (statusOf(co) == THREAD_ACTIVE) throwText(co == thread ? 'cannot close a running coroutine' : 'cannot close a normal coroutine');
  return statusResult(close(thread, co, base + SLOT_SIZE, FRAME_KIND_CLOSE));
}

export function coroutineStatus(thread: u32, base: u32, count: i32): i32 {
  const co = checkThread(base, count);
  const status = statusOf(co);
  let text = 'suspended';
  if (co == thread) text = 'running';
  else if (status == THREAD_ACTIVE) text = 'normal';
  else if (status == THREAD_DEAD || status == THREAD_FAILED) text = 'dead';
  return returnString(base, stringFromLiteral(text));
}

export function coroutineIsyieldable(thread: u32, base: u32, count: i32): i32 {
  const co = count < 1 ? thread : checkThread(base, count);
  setBoolean(base - SLOT_SIZE, isYieldable(co) && !isInsideLibrary(co));
  return 1;
}

export function coroutineRunning(thread: u32, base: u32, count: i32): i32 {
  setObject(base - SLOT_SIZE, TAG_THREAD, thread);
  setBoolean(base, !isCoroutine(thread));
  return 2;
}
