/**
 * Hooks in the core: when there is an event, and calling the host for it. The host runs the hook function in a nested run, so
 * stack and frames may have moved when `callHook` returns.
 *
 * A thread with a hook runs in the hooked form of the interpreter, which looks here before each instruction and calls and returns by way
 * of call.ts; without one nothing of this is executed. Library functions written in Lua count as builtins: they have a call and a return,
 * no lines and no instructions, and what they call of the library is not seen.
 */
import {
  CLOSURE_PROTO, FRAME_BASE, FRAME_CLOSURE, FRAME_FLAG_FRESH, FRAME_FLAG_TAIL, FRAME_KIND, FRAME_PC, FRAME_SIZE, HOOK_CALL, HOOK_COUNT, HOOK_LINE,
  HOOK_MASK_CALL, HOOK_MASK_COUNT, HOOK_MASK_LINE, HOOK_MASK_RETURN, HOOK_RETURN, HOOK_TAIL_CALL, PROTO_CODE, PROTO_FLAGS, PROTO_FLAG_LIBRARY,
  PROTO_LINES, PROTO_PARAMETER_COUNT, SLOT_SIZE, THREAD_BUILTIN, THREAD_FRAME, THREAD_HOOK_LEFT, THREAD_HOOK_MASK, THREAD_HOOK_PC,
  THREAD_HOOK_PERIOD, THREAD_HOOK_SET, THREAD_HOOK_STOPS, THREAD_STACK, THREAD_TOP,
} from '../../bytecode/layout';
import { OP_VARARGPREP } from '../generated/opcodes';
import { hostCallHook } from '../base/host';

const WORD: u32 = 8;
/** In THREAD_HOOK_PC: the next instruction was begun before. */
const BEGUN: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline export function hookMask(thread: u32): u32 { return load<u32>(thread, THREAD_HOOK_MASK); }

/** No hooks in this thread until allowHooks is called as often. */
export function stopHooks(thread: u32): void {
  store<u32>(thread, load<u32>(thread, THREAD_HOOK_STOPS) + 1, THREAD_HOOK_STOPS);
  store<u32>(thread, 0, THREAD_HOOK_MASK);
}

export function allowHooks(thread: u32): void {
  const stops = load<u32>(thread, THREAD_HOOK_STOPS) - 1;
  store<u32>(thread, stops, THREAD_HOOK_STOPS);
  if (!stops) store<u32>(thread, load<u32>(thread, THREAD_HOOK_SET), THREAD_HOOK_MASK);
}

/**
 * A new thread takes over the mask and period of its creator. Its events call nothing as long as no function is set for it: the hook functions
 * belong to threads (src/engine/state/hooks.ts).
 */
export function inheritHook(thread: u32, creator: u32): void {
  const mask = load<u32>(creator, THREAD_HOOK_SET);
  if (!mask) return;
  const period = load<u32>(creator, THREAD_HOOK_PERIOD);
  store<u32>(thread, mask, THREAD_HOOK_SET);
  store<u32>(thread, mask, THREAD_HOOK_MASK);
  store<u32>(thread, period, THREAD_HOOK_PERIOD);
  store<u32>(thread, period, THREAD_HOOK_LEFT);
}

/** FRAME_KIND flags of a Lua frame that is pushed now. */
// @ts-ignore: decorator
@inline export function freshFlag(thread: u32): u32 { return hookMask(thread) ? FRAME_FLAG_FRESH : 0; }

/** The frame of a library function written in Lua. */
export function isLibraryFrame(frame: u32): bool {
  const closure = load<u32>(frame, FRAME_CLOSURE);
  return closure != 0 && (load<u32>(load<u32>(closure, CLOSURE_PROTO), PROTO_FLAGS) & PROTO_FLAG_LIBRARY) != 0;
}

/** Host API, for tracebacks: frames from `frame` down to `last` that are functions' of the program, up to the first that is none. */
export function countPlainFrames(frame: u32, last: u32): u32 {
  let count: u32 = 0;
  for (; frame >= last && load<u32>(frame, FRAME_CLOSURE) != 0 && !isLibraryFrame(frame); frame -= FRAME_SIZE) count++;
  return count;
}

/** Calls the hook if it wants events of `mask`. @param first, count locals handed over @returns whether it was called */
function callHook(thread: u32, mask: u32, event: u32, line: i32, first: u32, count: u32): bool {
  if (!(hookMask(thread) & mask)) return false;
  hostCallHook(event, line, first, count);
  return true;
}

/** The current frame was returned to: its instruction is the one to compare lines with. */
export function noteReturn(thread: u32): void {
  const frame = load<u32>(thread, THREAD_FRAME);
  const closure = load<u32>(frame, FRAME_CLOSURE);
  if (closure) store<u32>(thread, load<u32>(frame, FRAME_PC) - load<u32>(load<u32>(closure, CLOSURE_PROTO), PROTO_CODE), THREAD_HOOK_PC);
}

/** The instruction that was returned to will be executed again from its start, to go on with what it does step by step. */
export function noteResumed(thread: u32): void {
  if (hookMask(thread)) store<u32>(thread, BEGUN, THREAD_HOOK_PC);
}

/** Whether two instructions stand on different lines. */
function lineDiffers(proto: u32, from: u32, to: u32): bool {
  const lines = load<u32>(proto, PROTO_LINES);
  return lines != 0 && load<i32>(lines + (from / WORD) * 4) != load<i32>(lines + (to / WORD) * 4);
}

/** Events in front of the instruction at `pc` of the current frame, whose FRAME_PC is set. @returns whether the hook was called */
export function hookInstruction(thread: u32, pc: u32): bool {
  let frame = load<u32>(thread, THREAD_FRAME);
  const proto = load<u32>(load<u32>(frame, FRAME_CLOSURE), CLOSURE_PROTO);
  const isLibrary = load<u32>(proto, PROTO_FLAGS) & PROTO_FLAG_LIBRARY;
  const offset = pc - load<u32>(proto, PROTO_CODE);
  const kind = load<u32>(frame, FRAME_KIND);
  let called: bool = false;
  if (kind & FRAME_FLAG_FRESH) {
    // Variable arguments have to be in their place first.
    if (load<u8>(pc) == OP_VARARGPREP) return false;
    store<u32>(frame, kind & ~FRAME_FLAG_FRESH, FRAME_KIND);
    store<u32>(thread, offset, THREAD_HOOK_PC);
    if (!isLibrary || !isLibraryFrame(frame - FRAME_SIZE)) {
      const event = kind & FRAME_FLAG_TAIL ? HOOK_TAIL_CALL : HOOK_CALL;
      called = callHook(thread, HOOK_MASK_CALL, event, -1, 1, load<u32>(proto, PROTO_PARAMETER_COUNT));
    }
  }
  if (isLibrary || !(hookMask(thread) & (HOOK_MASK_LINE | HOOK_MASK_COUNT))) return called;
  if (hookMask(thread) & HOOK_MASK_COUNT) {
    const left = load<u32>(thread, THREAD_HOOK_LEFT) - 1;
    store<u32>(thread, left ? left : load<u32>(thread, THREAD_HOOK_PERIOD), THREAD_HOOK_LEFT);
    if (!left) called = callHook(thread, HOOK_MASK_COUNT, HOOK_COUNT, -1, 0, 0) || called;
  }
  if (hookMask(thread) & HOOK_MASK_LINE) {
    const before = load<u32>(thread, THREAD_HOOK_PC);
    store<u32>(thread, offset, THREAD_HOOK_PC);
    // A jump backwards comes to a line anew.
    if (before == BEGUN) return called;
    if (offset <= before || lineDiffers(proto, before, offset)) {
      const lines = load<u32>(proto, PROTO_LINES);
      called = callHook(thread, HOOK_MASK_LINE, HOOK_LINE, lines ? load<i32>(lines + (offset / WORD) * 4) : -1, 0, 0) || called;
    }
  }
  return called;
}

/** The current frame is about to return `count` values at `first`. */
export function hookReturn(thread: u32, first: u32, count: u32): void {
  const frame = load<u32>(thread, THREAD_FRAME);
  if (isLibraryFrame(frame) && isLibraryFrame(frame - FRAME_SIZE)) return;
  callHook(thread, HOOK_MASK_RETURN, HOOK_RETURN, -1, (first - load<u32>(frame, FRAME_BASE)) / SLOT_SIZE + 1, count);
}

/** The builtin in slot `func`, called by the current frame, is about to run. @returns where its slot is then */
export function hookBuiltinCall(thread: u32, func: u32, count: u32): u32 {
  if (isLibraryFrame(load<u32>(thread, THREAD_FRAME))) return func;
  const offset = func - load<u32>(thread, THREAD_STACK);
  store<u32>(thread, func, THREAD_BUILTIN);
  store<u32>(thread, func + (count + 1) * SLOT_SIZE, THREAD_TOP);
  callHook(thread, HOOK_MASK_CALL, HOOK_CALL, -1, 1, count);
  return load<u32>(thread, THREAD_STACK) + offset;
}

/** The builtin in slot `func` has `count` results behind that slot. @returns where its slot is then */
export function hookBuiltinReturn(thread: u32, func: u32, count: u32): u32 {
  if (isLibraryFrame(load<u32>(thread, THREAD_FRAME))) return func;
  const offset = func - load<u32>(thread, THREAD_STACK);
  store<u32>(thread, func, THREAD_BUILTIN);
  store<u32>(thread, func + (count + 1) * SLOT_SIZE, THREAD_TOP);
  callHook(thread, HOOK_MASK_RETURN, HOOK_RETURN, -1, 1, count);
  store<u32>(thread, 0, THREAD_BUILTIN);
  noteReturn(thread);
  return load<u32>(thread, THREAD_STACK) + offset;
}
