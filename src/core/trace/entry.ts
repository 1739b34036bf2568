/**
 * Where the interpreter enters compiled traces and takes over at their exits (docs/ARCHITECTURE.md, "The JIT's contract with the core").
 */
import {
  BUILTIN_FUNCTION, CLOSURE_PROTO, COUNTED_CALLS, EXIT_FLAGS, EXIT_FLAG_BUDGET, EXIT_FLAG_ENTER, EXIT_FRAMES, EXIT_FRAME_BASE, EXIT_FRAME_CALLER_PC,
  EXIT_FRAME_COUNT, EXIT_FRAME_KIND, EXIT_FRAME_RESULTS, EXIT_FRAME_SIZE, EXIT_HITS, EXIT_LENGTH, EXIT_PC, EXIT_LEFT, EXIT_SIDE_TRACE, EXIT_SIZE, EXIT_SYNCED, EXIT_THRESHOLD, FRAME_BASE,
  FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_KIND, FRAME_PC, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, FRAME_WORDS, LOOP_TRACE, MAX_TRACE_UNITS,
  PROTO_CONSTANTS, PROTO_FRAME_SIZE, PROTO_REPORTED, PROTO_TRACE, ROUND_BITS, RUN_BUDGET, RUN_HOT_EXIT, RUN_HOT_FUNCTION, RUN_STEPPED, SLOT_SIZE, TAG_INT, THREAD_BUILTIN, THREAD_C_CALLS,
  THREAD_FRAME, THREAD_FRAMES_END, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_STACK, THREAD_STACK_END, THREAD_TOP, TRACE_ENTERED,
  TRACE_EXITS, TRACE_FUNCTION, TRACE_MAX_FRAMES, TRACE_PARTS, TRACE_ROUNDS, TRACE_STACK, VM_BUDGET, VM_COLLECT_DUE, VM_HOT_PLACE, VM_HOT_TRACE, VM_HOT_WAIT, VM_LOOP_BUDGET,
  VM_RUNNING_TRACE, VM_THREAD, VM_TRACE_BASE, VM_TRACE_BUDGET, VM_TRACE_EXIT, VM_TRACE_LEFT, VM_TRACE_STATUS, VM_TRACE_TOP,
} from '../../bytecode/layout';
import { stressAtTrace } from '../collect/cycle';
import { OP_FORLOOP_JIT, OP_LOOP_JIT, OP_TFORLOOP_JIT } from '../generated/opcodes';
import { copyValue, floatOf, intOf, isNil, pointerOf, setFloat, setInt, tagOf } from '../base/value';
import { builtinStatus, placeResults, poisonBehindArguments, returnFrom } from '../run/call';
import { awaitPrecisePoint, collectNow } from '../run/finalizer-call';
import { growFrames, growStack, makeRoom } from '../run/stack';

/**
 * Words of the host's stack that compiled functions may take that call each other: each takes some more than it has locals. Functions that call themselves go
 * on in the interpreter from there, and from its next call in compiled code again.
 */
const FUNCTION_ROOM: u32 = 16384;

/** Runs the trace of the loop instruction the current frame stands at, and what is linked to it. @returns RUN_* */
export function enterTrace(thread: u32): i32 {
  let frame = load<u32>(thread, THREAD_FRAME);
  const loopPc = load<u32>(frame, FRAME_PC);
  let trace = load<u32>(loopPc, LOOP_TRACE);
  let base = load<u32>(frame, FRAME_BASE);
  if (CHECKED) stressAtTrace();
  while (true) {
    const stackNeed = load<u32>(trace, TRACE_STACK);
    if (base + stackNeed > load<u32>(thread, THREAD_STACK_END)) base += growStack(thread, base, stackNeed);
    const frameNeed = load<u32>(trace, TRACE_MAX_FRAMES);
    if (load<u32>(thread, THREAD_FRAME) + (frameNeed + 1) * FRAME_SIZE > load<u32>(thread, THREAD_FRAMES_END)) growFrames(thread, frameNeed);
    beginTrace(trace);
    const exitNumber = call_indirect<i32>(load<u32>(trace, TRACE_FUNCTION), base);
    store<u32>(VM_RUNNING_TRACE, 0);
    if (exitNumber == EXIT_SYNCED) return load<i32>(VM_TRACE_STATUS);
    endTrace(trace);
    if (exitNumber == EXIT_LEFT) return leaveFunction(thread, trace);
    const exit = load<u32>(trace, TRACE_EXITS) + exitNumber * EXIT_SIZE;
    store<u32>(trace, load<u32>(trace, TRACE_PARTS) + load<u32>(exit, EXIT_LENGTH), TRACE_PARTS);
    const side = load<u32>(exit, EXIT_SIDE_TRACE);
    if (side) {
      trace = side;
      continue;
    }
    frame = pushExitFrames(thread, load<u32>(thread, THREAD_FRAME), base, exit, load<u32>(exit, EXIT_FRAME_COUNT));
    store<u32>(thread, frame, THREAD_FRAME);
    store<u32>(frame, load<u32>(exit, EXIT_PC), FRAME_PC);
    return goOnBehind(thread, trace, exit, base);
  }
}

/** Runs the compiled code of the function whose frame was just pushed, or reports it. @returns RUN_* */
export function enterFunction(thread: u32, trace: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  if (trace == PROTO_REPORTED) {
    store<u32>(VM_HOT_PLACE, load<u32>(load<u32>(frame, FRAME_CLOSURE), CLOSURE_PROTO));
    return RUN_HOT_FUNCTION;
  }
  if (CHECKED) stressAtTrace();
  makeRoom(thread, load<u32>(frame, FRAME_BASE));
  const entered = load<u32>(thread, THREAD_FRAME);
  const base = load<u32>(entered, FRAME_BASE);
  beginTrace(trace);
  store<i32>(VM_TRACE_LEFT, load<i32>(VM_TRACE_BUDGET));
  const produced = call_indirect<i32>(load<u32>(trace, TRACE_FUNCTION), base, entered, roomAt(thread, base, entered));
  store<u32>(VM_RUNNING_TRACE, 0);
  endTrace(trace);
  return produced == EXIT_LEFT ? leaveFunction(thread, trace) : returnFrom(thread, base - SLOT_SIZE, produced);
}

/** Words that compiled functions may take from here on: of the host's stack, slots of the thread's stack, and frames, FRAME_WORDS each. */
function roomAt(thread: u32, base: u32, frame: u32): i32 {
  const slots = (load<u32>(thread, THREAD_STACK_END) - base) / SLOT_SIZE;
  const frames = (load<u32>(thread, THREAD_FRAMES_END) - frame) / (FRAME_SIZE / FRAME_WORDS);
  return <i32>min(min(slots, frames), FUNCTION_ROOM);
}

/** A compiled function has left, perhaps one called by that which was entered; what has been called is in frames. @returns RUN_* */
function leaveFunction(thread: u32, trace: u32): i32 {
  store<u32>(thread, load<u32>(VM_TRACE_TOP), THREAD_FRAME);
  return goOnBehind(thread, trace, load<u32>(VM_TRACE_EXIT), load<u32>(VM_TRACE_BASE));
}

function beginTrace(trace: u32): void {
  store<u32>(trace, load<u32>(trace, TRACE_ENTERED) + 1, TRACE_ENTERED);
  store<i32>(VM_TRACE_BUDGET, max(min(min(load<i32>(VM_BUDGET), load<i32>(VM_LOOP_BUDGET)), MAX_TRACE_UNITS), 1) << ROUND_BITS);
  store<u32>(VM_RUNNING_TRACE, trace);
}

function endTrace(trace: u32): void {
  store<u32>(trace, load<u32>(trace, TRACE_ROUNDS) + (load<u32>(VM_TRACE_LEFT) & MAX_TRACE_UNITS), TRACE_ROUNDS);
  payForTrace();
}

/** An exit was taken, whose frames are there: counts it. @returns RUN_* */
function goOnBehind(thread: u32, trace: u32, exit: u32, base: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  if (CHECKED) stressAtTrace();
  const flags = load<u32>(exit, EXIT_FLAGS);
  if (flags & EXIT_FLAG_BUDGET) {
    // What a trace may do at once is little; the slice may be longer, and to end it takes as long as a thousand rounds of a short loop.
    if (!load<u32>(VM_COLLECT_DUE)) return load<i32>(VM_BUDGET) > 0 ? RUN_STEPPED : RUN_BUDGET;
    // One iteration in the interpreter comes to an allocation, where it is known which registers are in use.
    if (awaitPrecisePoint()) runLoopPlain(frame, pc);
    else collectNow(thread, 0);
    return RUN_STEPPED;
  }
  const threshold = load<u32>(exit, EXIT_THRESHOLD);
  if (threshold) {
    const hits = load<u32>(exit, EXIT_HITS) + 1;
    store<u32>(exit, hits, EXIT_HITS);
    if (hits >= threshold && jitWaits()) store<u32>(exit, 0, EXIT_HITS);
    else if (hits >= threshold) {
      store<u32>(VM_HOT_PLACE, exit);
      store<u32>(VM_HOT_TRACE, trace);
      store<u32>(VM_TRACE_BASE, base);
      return RUN_HOT_EXIT;
    }
  }
  if (!(flags & EXIT_FLAG_ENTER)) runLoopPlain(frame, pc);
  return RUN_STEPPED;
}

/** Is what has become hot not to be reported yet? To come to the JIT takes as long as a few thousand instructions. */
export function jitWaits(): bool {
  const rest = load<u32>(VM_HOT_WAIT);
  if (!rest) return false;
  store<u32>(VM_HOT_WAIT, rest - 1);
  return true;
}

/** Draws what the running trace has spent and not paid for yet from the budget of all. @returns VM_TRACE_LEFT */
function payForTrace(): i32 {
  const left = load<i32>(VM_TRACE_LEFT);
  store<i32>(VM_BUDGET, load<i32>(VM_BUDGET) - ((load<i32>(VM_TRACE_BUDGET) >> ROUND_BITS) - (left >> ROUND_BITS)));
  store<i32>(VM_TRACE_BUDGET, left);
  return left;
}

/**
 * Pushes above `frame` the first `count` frames of the calls that were inlined where the trace left, which has stored their functions and registers.
 * Writes where the frames below each go on, but not where the last does. @returns the last frame
 */
function pushExitFrames(thread: u32, frame: u32, base: u32, exit: u32, count: u32): u32 {
  let record = load<u32>(exit, EXIT_FRAMES);
  for (; count; count--, record += EXIT_FRAME_SIZE) {
    store<u32>(frame, load<u32>(record, EXIT_FRAME_CALLER_PC), FRAME_PC);
    frame += FRAME_SIZE;
    const newBase = base + load<u32>(record, EXIT_FRAME_BASE);
    const closure = pointerOf(newBase - SLOT_SIZE);
    const proto = load<u32>(closure, CLOSURE_PROTO);
    store<u32>(frame, newBase, FRAME_BASE);
    store<u32>(frame, load<u32>(proto, PROTO_CONSTANTS), FRAME_CONSTANTS);
    store<u32>(frame, closure, FRAME_CLOSURE);
    store<u32>(frame, load<u32>(record, EXIT_FRAME_RESULTS), FRAME_RESULTS);
    const kind = load<u32>(record, EXIT_FRAME_KIND) & 0xffff;
    if (kind & COUNTED_CALLS) store<u32>(thread, load<u32>(thread, THREAD_C_CALLS) + 1, THREAD_C_CALLS);
    store<u32>(frame, kind, FRAME_KIND);
    store<u32>(frame, load<u32>(record, EXIT_FRAME_KIND) >>> 16, FRAME_VARARGS);
    store<u32>(frame, newBase + load<u32>(proto, PROTO_FRAME_SIZE), FRAME_TOP);
  }
  return frame;
}

/** If the instruction at `pc` is a loop's head in compiled form, executes it in its plain form and advances the frame. */
export function runLoopPlain(frame: u32, pc: u32): void {
  const op = <u32>load<u8>(pc);
  const a = load<u32>(frame, FRAME_BASE) + load<u16>(pc, 2);
  const jump = load<i32>(pc, 4);
  let taken: bool;
  if (op == OP_FORLOOP_JIT) taken = advanceFor(a);
  else if (op == OP_TFORLOOP_JIT) taken = advanceGenericFor(a);
  else if (op == OP_LOOP_JIT) taken = true;
  else return;
  store<u32>(frame, pc + 16 + (taken ? jump : 0), FRAME_PC);
}

/**
 * One step of a numeric for whose slots start at `a`. Writes the tags as well: forged bytecode and debug.setlocal can have put anything there, which must
 * not become an object with a number for an address. @returns whether the body runs again
 */
// @ts-ignore: decorator
@inline export function advanceFor(a: u32): bool {
  if (tagOf(a + 2 * SLOT_SIZE) == TAG_INT) {
    const count = load<u64>(a, SLOT_SIZE);
    if (count == 0) return false;
    const index = intOf(a) + intOf(a + 2 * SLOT_SIZE);
    setInt(a + SLOT_SIZE, count - 1);
    setInt(a, index);
    setInt(a + 3 * SLOT_SIZE, index);
    return true;
  }
  const step = floatOf(a + 2 * SLOT_SIZE);
  const limit = floatOf(a + SLOT_SIZE);
  const index = floatOf(a) + step;
  if (!(step > 0 ? index <= limit : limit <= index)) return false;
  setFloat(a, index);
  setFloat(a + 3 * SLOT_SIZE, index);
  return true;
}

/** One step of a generic for: the control variable takes the first result. */
// @ts-ignore: decorator
@inline export function advanceGenericFor(a: u32): bool {
  if (isNil(a + 4 * SLOT_SIZE)) return false;
  copyValue(a + 2 * SLOT_SIZE, a + 4 * SLOT_SIZE);
  return true;
}

/**
 * Helper of traces: calls the builtin in the stack slot at `base + functionSlot`, with the frames of `exit` pushed meanwhile.
 * @returns 0: results are placed, frames popped, go on; -1: the trace must leave with EXIT_SYNCED, VM_TRACE_STATUS says how to go on
 */
export function traceCallBuiltin(base: u32, exit: u32, functionSlot: u32, count: u32, wanted: i32): i32 {
  const thread = load<u32>(VM_THREAD);
  // The builtin may throw through the trace, or run other traces.
  const budgetLeft = payForTrace();
  const calls = load<u32>(thread, THREAD_C_CALLS);
  const frame = pushExitFrames(thread, load<u32>(thread, THREAD_FRAME), base, exit, load<u32>(exit, EXIT_FRAME_COUNT));
  store<u32>(thread, frame, THREAD_FRAME);
  store<u32>(frame, load<u32>(exit, EXIT_PC), FRAME_PC);
  const func = base + functionSlot;
  store<i32>(thread, wanted, THREAD_PENDING_RESULTS);
  store<u32>(thread, 0, THREAD_PENDING_KIND);
  store<u32>(thread, func, THREAD_BUILTIN);
  store<u32>(thread, func + (count + 1) * SLOT_SIZE, THREAD_TOP);
  if (CHECKED) poisonBehindArguments(thread);
  const stack = load<u32>(thread, THREAD_STACK);
  const trace = load<u32>(VM_RUNNING_TRACE);
  store<u32>(VM_RUNNING_TRACE, 0);
  const produced = call_indirect<i32>(load<u32>(pointerOf(func), BUILTIN_FUNCTION), thread, func + SLOT_SIZE, count);
  store<u32>(VM_RUNNING_TRACE, trace);
  store<u32>(thread, 0, THREAD_BUILTIN);
  store<i32>(VM_TRACE_BUDGET, budgetLeft);
  store<i32>(VM_TRACE_LEFT, budgetLeft);
  if (produced >= 0) {
    const delta = load<u32>(thread, THREAD_STACK) - stack;
    placeResults(thread, func + delta, func + delta, produced, wanted);
    if (delta == 0) {
      const pushed = load<u32>(exit, EXIT_FRAME_COUNT);
      store<u32>(thread, calls, THREAD_C_CALLS);
      store<u32>(thread, load<u32>(thread, THREAD_FRAME) - pushed * FRAME_SIZE, THREAD_FRAME);
      return 0;
    }
    // The stack moved under the trace: the interpreter goes on behind the call.
    const current = load<u32>(thread, THREAD_FRAME);
    store<u32>(current, load<u32>(current, FRAME_PC) + 8, FRAME_PC);
    store<i32>(VM_TRACE_STATUS, RUN_STEPPED);
    return -1;
  }
  store<i32>(VM_TRACE_STATUS, builtinStatus(thread, produced));
  return -1;
}

/**
 * Helper of compiled functions: one leaves at `exit`. Those that called it unwind behind it.
 * @param frame where its frame is, or is going to be once its caller has unwound  @returns EXIT_LEFT
 */
export function traceLeave(base: u32, frame: u32, exit: u32): i32 {
  const top = pushExitFrames(load<u32>(VM_THREAD), frame, base, exit, load<u32>(exit, EXIT_FRAME_COUNT));
  store<u32>(top, load<u32>(exit, EXIT_PC), FRAME_PC);
  return leaveWith(base, top, exit);
}

/** Helper of compiled functions: what was called at `exit`, whose last frame is the callee's, has left. @returns EXIT_LEFT */
export function traceUnwind(base: u32, frame: u32, exit: u32): i32 {
  pushExitFrames(load<u32>(VM_THREAD), frame, base, exit, load<u32>(exit, EXIT_FRAME_COUNT));
  return EXIT_LEFT;
}

/**
 * Helper of traces: calls another compiled function, whose closure and arguments are in the stack from `base + functionSlot` on. If it is not compiled (any more),
 * the trace leaves in front of the call; if it leaves, so does the trace.
 * @param frame the trace's frame, and the room it has; 0: a loop's trace, whose frame is the thread's @param exit the state around the call; its last frame is the callee's
 * @returns number of results, or EXIT_LEFT: the frames are in memory
 */
export function traceCallFunction(base: u32, frame: u32, room: i32, exit: u32, functionSlot: u32, proto: u32): i32 {
  const thread = load<u32>(VM_THREAD);
  const isLoop = frame == 0;
  if (isLoop) frame = load<u32>(thread, THREAD_FRAME);
  const count = load<u32>(exit, EXIT_FRAME_COUNT);
  const trace = load<u32>(proto, PROTO_TRACE);
  if (trace <= PROTO_REPORTED) {
    const top = pushExitFrames(thread, frame, base, exit, count - 1);
    store<u32>(top, load<u32>(load<u32>(exit, EXIT_FRAMES) + (count - 1) * EXIT_FRAME_SIZE, EXIT_FRAME_CALLER_PC), FRAME_PC);
    return leaveWith(base, top, exit);
  }
  const calleeBase = base + functionSlot + SLOT_SIZE;
  const calleeFrame = frame + count * FRAME_SIZE;
  if (isLoop) room = roomAt(thread, calleeBase, calleeFrame);
  const produced = call_indirect<i32>(load<u32>(trace, TRACE_FUNCTION), calleeBase, calleeFrame, room);
  if (produced == EXIT_LEFT) pushExitFrames(thread, frame, base, exit, count);
  return produced;
}

function leaveWith(base: u32, top: u32, exit: u32): i32 {
  store<u32>(VM_TRACE_BASE, base);
  store<u32>(VM_TRACE_TOP, top);
  store<u32>(VM_TRACE_EXIT, exit);
  return EXIT_LEFT;
}
