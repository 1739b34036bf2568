/**
 * Calling finalisers (manual, section 2.5.3): as frames, one after the other, above a builtin frame that stops their errors, which become
 * warnings. Either between two instructions of a Lua function, a few at a time, or all for a builtin (collectgarbage, closing).
 *
 *   FRAME_BASE    slot that the builtin's result waits in    | + 16 function called | + 32 its argument
 *   FRAME_RESULTS (between instructions) how many are left to be called at this point
 *
 * While a finaliser runs, the collector does not, and collectgarbage fails, as in PUC Lua; only the memory limit has a cycle done.
 */
import {
  COLLECT_PAUSED, FRAME_BASE, FRAME_CONSTANTS, FRAME_FLAG_SPECIAL, FRAME_KIND, FRAME_KIND_COLLECT, FRAME_KIND_FINALIZER, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP,
  OBJECT_TAG, RUN_STEPPED, SLOT_SIZE, THREAD_BUILTIN, THREAD_FRAME, THREAD_FRAMES_END, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_STACK,
  THREAD_STACK_END, THREAD_TOP, VM_COLLECT_AT, VM_COLLECT_DUE, VM_COLLECT_PHASE,
} from '../../bytecode/layout';
import { collectDue } from '../collect/cycle';
import { pendingFinalizers, takePending } from '../collect/finalizer';
import { EVENT_GC } from '../generated/metamethods';
import { hostWarnError } from '../base/host';
import { GC_FINALIZER_LOOP, GC_INHIBITED, GC_IN_FINALIZER, GC_PRECISE } from '../memory/collector-state';
import { isEmergency } from '../memory/limit';
import { metamethodOfValue } from '../objects/metamethod';
import { copyValue, setNil, setObject } from '../base/value';
import { callValue, statusResult } from './call';
import { LOOP_IDLE, leaveFinalizers } from './call-depth';
import { stopHooks } from './hook';
import { leaveBuiltinFrame } from './protected-call';
import { popBuiltinFrame, pushBuiltinFrame, shrinkIdle } from './stack';

/** Finalisers called between two instructions. */
const FEW: u32 = 10;
/** Slots above the frame's own: result, function, argument. */
const ROOM: u32 = 4 * SLOT_SIZE;

const LOOP_CALLING: u32 = 1;
const LOOP_RETURNED: u32 = 2;

/**
 * Collection point between two instructions of the current frame, a Lua function's: collects as is due, and may push the frame of a finaliser.
 * Where it is known which registers are in use (behind instructions that allocate) it should be done: elsewhere an old value in a register
 * above would count as reached. So without `liveTop` it is put off to the next allocation, if that was at such a point the last time.
 * @param liveTop end of the stack slots in use, 0: not known
 */
export function collectAt(thread: u32, liveTop: u32): void {
  if (liveTop) store<u32>(GC_PRECISE, 1);
  else if (awaitPrecisePoint()) return;
  collectNow(thread, liveTop);
}

/** Puts the collection that is due off to the next allocation, unless the last time it was, that was at no better point. @returns whether it did */
export function awaitPrecisePoint(): bool {
  const waits = load<u32>(GC_PRECISE) != 0 && !isEmergency();
  store<u32>(GC_PRECISE, u32(!waits));
  if (waits) {
    store<u32>(VM_COLLECT_DUE, 0);
    store<u32>(VM_COLLECT_AT, 0);
  }
  return waits;
}

export function collectNow(thread: u32, liveTop: u32): void {
  if (pendingFinalizers() && load<u32>(VM_COLLECT_PHASE) == COLLECT_PAUSED && !isEmergency()) store<u32>(VM_COLLECT_DUE, 0);
  else {
    collectDue(liveTop);
    if (load<u32>(VM_COLLECT_PHASE) == COLLECT_PAUSED) shrinkIdle();
  }
  if (pendingFinalizers() && !load<u32>(GC_INHIBITED)) callFewFinalizers(thread);
}

/** The same while the recorder steps: nothing must happen that the program did not ask for, unless memory runs out. */
export function collectWhileStepping(): void {
  if (isEmergency()) collectDue(0);
}

/** Pushes a frame for some finalisers above the current Lua frame; not where the stack is nearly full. */
function callFewFinalizers(thread: u32): void {
  const current = load<u32>(thread, THREAD_FRAME);
  const own = max(load<u32>(current, FRAME_TOP), load<u32>(thread, THREAD_TOP));
  if (own + ROOM > load<u32>(thread, THREAD_STACK_END) || current + 3 * FRAME_SIZE > load<u32>(thread, THREAD_FRAMES_END)) return;
  const frame = pushBuiltinFrame(thread, own, FRAME_KIND_FINALIZER, FEW, own + ROOM);
  store<u32>(frame, load<u32>(thread, THREAD_TOP) - load<u32>(thread, THREAD_STACK), FRAME_CONSTANTS);
  stopHooks(thread);
  setNil(own);
  setNil(own + SLOT_SIZE);
  callNextFinalizer(thread, frame);
}

/** For the builtin with `base`: calls all finalisers waiting and then returns the value in slot `base`. @returns BUILTIN_* */
export function callAllFinalizers(thread: u32, base: u32): i32 {
  const frame = pushBuiltinFrame(thread, base - SLOT_SIZE, FRAME_KIND_COLLECT | load<u32>(thread, THREAD_PENDING_KIND), load<i32>(thread, THREAD_PENDING_RESULTS), base + ROOM);
  store<u32>(thread, 0, THREAD_BUILTIN);
  stopHooks(thread);
  return statusResult(callNextFinalizer(thread, frame));
}

/** The frame on top calls the next finaliser, or is left. @returns RUN_* */
export function callNextFinalizer(thread: u32, frame: u32): i32 {
  if (load<u32>(GC_FINALIZER_LOOP) == LOOP_CALLING) {
    // A builtin was called, and is back already.
    store<u32>(GC_FINALIZER_LOOP, LOOP_RETURNED);
    return RUN_STEPPED;
  }
  store<u32>(GC_INHIBITED, load<u32>(GC_INHIBITED) | GC_IN_FINALIZER);
  const isInterrupt = (load<u32>(frame, FRAME_KIND) & 0xff) == FRAME_KIND_FINALIZER;
  while (pendingFinalizers()) {
    if (isInterrupt) {
      const left = load<u32>(frame, FRAME_RESULTS);
      if (!left) break;
      store<u32>(frame, left - 1, FRAME_RESULTS);
    }
    const func = load<u32>(frame, FRAME_BASE) + SLOT_SIZE;
    const object = takePending();
    setObject(func + SLOT_SIZE, load<u8>(object, OBJECT_TAG), object);
    const handler = metamethodOfValue(func + SLOT_SIZE, EVENT_GC);
    if (!handler) continue;
    copyValue(func, handler);
    store<u32>(GC_FINALIZER_LOOP, LOOP_CALLING);
    const status = callValue(thread, func, 1, 0, FRAME_FLAG_SPECIAL);
    const returned = load<u32>(GC_FINALIZER_LOOP) == LOOP_RETURNED;
    store<u32>(GC_FINALIZER_LOOP, LOOP_IDLE);
    if (!returned) return status;
    frame = load<u32>(thread, THREAD_FRAME);
  }
  leaveFinalizers();
  if (!isInterrupt) {
    const base = load<u32>(frame, FRAME_BASE);
    copyValue(base - SLOT_SIZE, base);
    return leaveBuiltinFrame(thread, frame, 1);
  }
  store<u32>(thread, load<u32>(thread, THREAD_STACK) + load<u32>(frame, FRAME_CONSTANTS), THREAD_TOP);
  popBuiltinFrame(thread);
  if (pendingFinalizers()) store<u32>(VM_COLLECT_DUE, 1);
  return RUN_STEPPED;
}

/** What the finaliser called last is does not return to the loop that called it: the loop is begun anew. */
export function leaveFinalizerLoop(): void { store<u32>(GC_FINALIZER_LOOP, LOOP_IDLE); }

/** A finaliser raised the error in slot `error`; its frames are cut. @returns RUN_* */
export function finalizerFailed(thread: u32, frame: u32, error: u32): i32 {
  store<u32>(GC_FINALIZER_LOOP, LOOP_IDLE);
  hostWarnError(error);
  return callNextFinalizer(thread, frame);
}
