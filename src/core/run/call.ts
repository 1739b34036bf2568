/**
 * Calling and returning outside the interpreter's fast paths: builtins, callable objects, frames below which something other than a plain
 * CALL waits. Running is a matter of pushing and popping frames; nothing here nests the interpreter.
 *
 * A call has `results` (wanted number, -1 = all) and `kind` (flags of its frame):
 *   0                   a CALL or TFORCALL: results go to the function's slot, then the caller goes on behind the instruction
 *   FRAME_FLAG_META     a metamethod: finishInstruction completes the caller's instruction; `results` is private to it
 *   FRAME_FLAG_SPECIAL  the frame below is not a Lua frame: finishBuiltinFrame
 * Status values are RUN_*; RUN_STEPPED means: go on with the current frame of the running thread, which may be another than before
 * (coroutine.ts). A builtin that returns results has not switched threads.
 */
import {
  BUILTIN_ERROR, BUILTIN_FRAME, BUILTIN_FUNCTION, BUILTIN_STACK, CLOSURE_PROTO, FRAME_BASE, FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_FLAG_FRESH, FRAME_FLAG_META,
  FRAME_FLAG_SPECIAL, FRAME_KIND, FRAME_PC, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS, PROTO_FRAME_SIZE,
  PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, RUN_STEPPED, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, THREAD_BUILTIN, THREAD_FRAME, THREAD_FRAMES_END, THREAD_PENDING_KIND,
  THREAD_PENDING_RESULTS, THREAD_STACK, THREAD_STACK_END, THREAD_TOP, VM_THREAD,
} from '../../bytecode/layout';
import { OPERAND_ERROR_CALL, throwOperandError } from '../base/raise';
import { EVENT_CALL } from '../generated/metamethods';
import { metamethodOfValue } from '../objects/metamethod';
import { copyValue, moveValuesDown, pointerOf, poisonSlots, setNil, setObject, tagOf } from '../base/value';
import { STEPS_PER_UNIT, charge, spendCall, work } from '../base/budget';
import { countCall, uncountCall } from './call-depth';
import { finishInstruction } from './finish-instruction';
import { freshFlag, hookBuiltinCall, hookBuiltinReturn, hookMask, isLibraryFrame, noteReturn } from './hook';
import { finishBuiltinFrame, raise } from './protected-call';
import { growFrames, growStack } from './stack';

/** Instruction bytes of CALL and TFORCALL, behind which a caller goes on. */
const CALL_BYTES = 8;

/** Pushes the frame of the Lua closure in slot `func`, called with `count` arguments. */
export function pushLuaFrame(thread: u32, func: u32, count: u32, results: i32, kind: u32): void {
  const closure = pointerOf(func);
  const proto = load<u32>(closure, CLOSURE_PROTO);
  spendCall(load<u32>(proto, PROTO_CODE_SIZE));
  const frameSize = load<u32>(proto, PROTO_FRAME_SIZE);
  if (func + SLOT_SIZE + frameSize > load<u32>(thread, THREAD_STACK_END)) func += growStack(thread, func + SLOT_SIZE, frameSize);
  if (load<u32>(thread, THREAD_FRAME) + 2 * FRAME_SIZE > load<u32>(thread, THREAD_FRAMES_END)) growFrames(thread, 1);
  const base = func + SLOT_SIZE;
  const parametersEnd = base + load<u32>(proto, PROTO_PARAMETER_COUNT) * SLOT_SIZE;
  for (let slot = base + count * SLOT_SIZE; slot < parametersEnd; slot += SLOT_SIZE) setNil(slot);
  if (CHECKED && !load<u32>(proto, PROTO_IS_VARARG)) poisonSlots(parametersEnd, base + frameSize);
  countCall(thread, kind);
  const frame = load<u32>(thread, THREAD_FRAME) + FRAME_SIZE;
  store<u32>(frame, base, FRAME_BASE);
  store<u32>(frame, load<u32>(proto, PROTO_CODE), FRAME_PC);
  store<u32>(frame, load<u32>(proto, PROTO_CONSTANTS), FRAME_CONSTANTS);
  store<u32>(frame, closure, FRAME_CLOSURE);
  store<i32>(frame, results, FRAME_RESULTS);
  store<u32>(frame, kind | freshFlag(thread), FRAME_KIND);
  store<u32>(frame, count, FRAME_VARARGS);
  store<u32>(frame, base + frameSize, FRAME_TOP);
  store<u32>(thread, frame, THREAD_FRAME);
}

/** Calls whatever is in slot `func` with `count` arguments behind it. @returns RUN_* */
export function callValue(thread: u32, func: u32, count: u32, results: i32, kind: u32): i32 {
  while (true) {
    const tag = tagOf(func);
    if (tag == TAG_CLOSURE) {
      pushLuaFrame(thread, func, count, results, kind);
      return RUN_STEPPED;
    }
    if (tag == TAG_BUILTIN) return callBuiltin(thread, func, count, results, kind);
    func += insertCallMetamethod(thread, func, count);
    count += 1;
  }
}

/**
 * Makes room for a call of the value in slot `handler` with its function at `func`, so that the call itself needs no memory: before what
 * must not be done twice. @param size bytes from `func` that are needed in any case  @returns how far the stack moved
 */
export function growForCall(thread: u32, func: u32, handler: u32, size: u32): u32 {
  if (tagOf(handler) == TAG_CLOSURE) size = max(size, SLOT_SIZE + load<u32>(load<u32>(pointerOf(handler), CLOSURE_PROTO), PROTO_FRAME_SIZE));
  growFrames(thread, 2);
  return growStack(thread, func, size);
}

/** Replaces a value that is no function by its `__call` metamethod and makes it the first argument. @returns how far the stack moved */
export function insertCallMetamethod(thread: u32, func: u32, count: u32): u32 {
  const handler = metamethodOfValue(func, EVENT_CALL);
  if (!handler) throwOperandError(OPERAND_ERROR_CALL, func, 0);
  // A chain of them makes the arguments more and more.
  work(count + STEPS_PER_UNIT);
  const delta = growForCall(thread, func, handler, (count + 2) * SLOT_SIZE);
  func += delta;
  memory.copy(func + SLOT_SIZE, func, (count + 1) * SLOT_SIZE);
  copyValue(func, handler);
  return delta;
}

/** Debug builds: a builtin reads no more arguments than it is given. THREAD_TOP is behind these. */
export function poisonBehindArguments(thread: u32): void {
  const top = load<u32>(thread, THREAD_TOP);
  poisonSlots(top, top + BUILTIN_STACK * SLOT_SIZE);
}

/** Runs the builtin in slot `func` and delivers its results. */
export function callBuiltin(thread: u32, func: u32, count: u32, results: i32, kind: u32): i32 {
  if (hookMask(thread)) func = hookBuiltinCall(thread, func, count);
  store<i32>(thread, results, THREAD_PENDING_RESULTS);
  store<u32>(thread, kind, THREAD_PENDING_KIND);
  store<u32>(thread, func, THREAD_BUILTIN);
  store<u32>(thread, func + (count + 1) * SLOT_SIZE, THREAD_TOP);
  return runBuiltin(thread, func, count);
}

/** Runs the builtin in slot `func` once more, whose call is under way. */
export function repeatBuiltin(thread: u32, func: u32, count: u32): i32 {
  return runBuiltin(thread, func, count);
}

// @ts-ignore: decorator
@inline function runBuiltin(thread: u32, func: u32, count: u32): i32 {
  const results = load<i32>(thread, THREAD_PENDING_RESULTS);
  const kind = load<u32>(thread, THREAD_PENDING_KIND);
  const builtin = pointerOf(func);
  if (CHECKED) poisonBehindArguments(thread);
  const offset = func - load<u32>(thread, THREAD_STACK);
  const produced = call_indirect<i32>(load<u32>(builtin, BUILTIN_FUNCTION), thread, func + SLOT_SIZE, count);
  // One that raises an error is active until that is handled.
  if (produced != BUILTIN_ERROR) store<u32>(thread, 0, THREAD_BUILTIN);
  if (produced < 0) return builtinStatus(thread, produced);
  func = load<u32>(thread, THREAD_STACK) + offset;
  if (!hookMask(thread)) return finishCall(thread, func, func, produced, results, kind);
  return finishHooked(thread, func, builtin, produced, results, kind);
}

/** The builtin in slot `func` of a thread with a hook has returned. */
function finishHooked(thread: u32, func: u32, builtin: u32, produced: u32, results: i32, kind: u32): i32 {
  func += growStack(thread, func, (produced + 2) * SLOT_SIZE);
  // The results have overwritten the function, which the hook may want to know.
  memory.copy(func + SLOT_SIZE, func, produced * SLOT_SIZE);
  setObject(func, TAG_BUILTIN, builtin);
  func = hookBuiltinReturn(thread, func, produced);
  return finishCall(thread, func, func + SLOT_SIZE, produced, results, kind);
}

/**
 * Host API: ends the running builtin, whose arguments are at `base`, without results, after it has set a hook where there was none: the
 * interpreter must look in which form it goes on. @returns what the builtin has to return
 */
export function finishHookingBuiltin(base: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  const results = load<i32>(thread, THREAD_PENDING_RESULTS);
  const kind = load<u32>(thread, THREAD_PENDING_KIND);
  const func = hookBuiltinReturn(thread, base - SLOT_SIZE, 0);
  return statusResult(finishCall(thread, func, func, 0, results, kind));
}

/** Offset by which a builtin's negative result carries a status of a call it started. */
const STATUS_RESULT = -16;

/** For builtins that called something: the status as a builtin's result. */
export function statusResult(status: i32): i32 {
  return STATUS_RESULT - status;
}

/** What the interpreter does on a builtin's negative result. @returns RUN_* */
export function builtinStatus(thread: u32, produced: i32): i32 {
  if (produced <= STATUS_RESULT) return STATUS_RESULT - produced;
  return produced == BUILTIN_FRAME ? RUN_STEPPED : raise(thread);
}

/**
 * For builtins: calls the value in slot `func` in place of the running builtin, so that its results become the builtin's.
 * @param flags FRAME_FLAG_* of the called function's frame, besides those of the builtin's call
 * @returns BUILTIN_* or a number of results at the builtin's own slot, for the builtin to return
 */
export function callInstead(thread: u32, func: u32, count: u32, flags: u32): i32 {
  const results = load<i32>(thread, THREAD_PENDING_RESULTS);
  const kind = load<u32>(thread, THREAD_PENDING_KIND) | flags;
  const own = load<u32>(thread, THREAD_BUILTIN);
  charge(count);
  if (func != own) moveValuesDown(own, func, count + 1);
  func = own;
  while (tagOf(func) != TAG_CLOSURE) {
    if (tagOf(func) == TAG_BUILTIN) {
      store<u32>(thread, func + (count + 1) * SLOT_SIZE, THREAD_TOP);
      if (CHECKED) poisonBehindArguments(thread);
      return call_indirect<i32>(load<u32>(pointerOf(func), BUILTIN_FUNCTION), thread, func + SLOT_SIZE, count);
    }
    func += insertCallMetamethod(thread, func, count);
    count += 1;
  }
  pushLuaFrame(thread, func, count, results, kind);
  // A companion is the builtin, whose call was seen already.
  const frame = load<u32>(thread, THREAD_FRAME);
  if (isLibraryFrame(frame)) store<u32>(frame, load<u32>(frame, FRAME_KIND) & ~FRAME_FLAG_FRESH, FRAME_KIND);
  return BUILTIN_FRAME;
}

/**
 * Delivers `count` results at `first` of a call whose function was in slot `func`; the current frame is the caller's.
 * @returns RUN_*
 */
export function finishCall(thread: u32, func: u32, first: u32, count: u32, results: i32, kind: u32): i32 {
  if (kind & FRAME_FLAG_META) return finishInstruction(thread, first, count, results);
  if (kind & FRAME_FLAG_SPECIAL) return finishBuiltinFrame(thread, first, count);
  placeResults(thread, func, first, count, results);
  const caller = load<u32>(thread, THREAD_FRAME);
  store<u32>(caller, load<u32>(caller, FRAME_PC) + CALL_BYTES, FRAME_PC);
  return RUN_STEPPED;
}

/** Moves results to `to`, filling up with nil; sets the top if all were wanted. */
export function placeResults(thread: u32, to: u32, first: u32, count: u32, results: i32): void {
  if (results < 0) {
    charge(count);
    if (to != first) moveValuesDown(to, first, count);
    store<u32>(thread, to + count * SLOT_SIZE, THREAD_TOP);
    return;
  }
  const copied = min(count, <u32>results);
  if (to != first) for (let i: u32 = 0; i < copied; i++) copyValue(to + i * SLOT_SIZE, first + i * SLOT_SIZE);
  for (let i = copied; i < <u32>results; i++) setNil(to + i * SLOT_SIZE);
}

/** The current frame returns `count` values at `first`. @returns RUN_* */
export function returnFrom(thread: u32, first: u32, count: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const kind = load<u32>(frame, FRAME_KIND);
  uncountCall(thread, kind);
  store<u32>(thread, frame - FRAME_SIZE, THREAD_FRAME);
  if (hookMask(thread)) noteReturn(thread);
  return finishCall(thread, load<u32>(frame, FRAME_BASE) - SLOT_SIZE, first, count, load<i32>(frame, FRAME_RESULTS), kind);
}

/** Calls a metamethod for the current instruction. `second`, `third` may be 0. @param state handed to finishInstruction */
export function callMetamethod(thread: u32, handler: u32, first: u32, second: u32, third: u32, state: i32): i32 {
  const func = load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP);
  return callMetamethodAt(thread, func, handler, first, second, third, state);
}

/** The same with the function at `func`, at or above the frame's top. */
export function callMetamethodAt(thread: u32, func: u32, handler: u32, first: u32, second: u32, third: u32, state: i32): i32 {
  copyValue(func, handler);
  copyValue(func + SLOT_SIZE, first);
  let count: u32 = 1;
  if (second) {
    copyValue(func + 2 * SLOT_SIZE, second);
    count = 2;
  }
  if (third) {
    copyValue(func + 3 * SLOT_SIZE, third);
    count = 3;
  }
  return callValue(thread, func, count, state, FRAME_FLAG_META);
}
