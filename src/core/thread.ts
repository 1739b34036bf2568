/**
 * Threads: their value stack and their frames, both raw blocks that may move when they grow.
 * Invariant: every slot of a stack, used or not, holds a valid value (unused ones nil or stale but alive until the next collection,
 * which clears them); addresses into the stack are kept only in frames, open upvalues, THREAD_TOP, THREAD_TBC and THREAD_BUILTIN,
 * and growStack fixes them all.
 */
import {
  EXTRA_STACK, FRAME_BASE, FRAME_KIND, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, MAX_STACK_SLOTS, SLOT_SIZE, TAG_THREAD, THREAD_BUILTIN, THREAD_FRAME,
  THREAD_FRAMES, THREAD_FRAMES_END, THREAD_OPEN_UPVALUES, THREAD_SIZE, THREAD_STACK, THREAD_STACK_END, THREAD_TBC, THREAD_TOP,
  UPVALUE_LOCATION, UPVALUE_NEXT, VM_THREAD,
} from '../bytecode/layout';
import { throwText } from './errors';
import { allocateRaw, freeRaw, newObject, reallocateRaw } from './heap';

const INITIAL_STACK: u32 = 256;
const INITIAL_FRAMES: u32 = 32;
/** Slots beyond the limit that message handlers may use while a stack overflow is being handled. */
const HANDLER_STACK: u32 = 4096;

/** A new thread with an empty stack. */
export function newThread(): u32 {
  const stackBytes = (INITIAL_STACK + EXTRA_STACK) * SLOT_SIZE;
  const stack = allocateRaw(stackBytes);
  memory.fill(stack, 0, stackBytes);
  const frames = allocateRaw(INITIAL_FRAMES * FRAME_SIZE);
  memory.fill(frames, 0, INITIAL_FRAMES * FRAME_SIZE);
  const thread = newObject(TAG_THREAD, THREAD_SIZE);
  memory.fill(thread + 4, 0, THREAD_SIZE - 4);
  store<u32>(thread, stack, THREAD_STACK);
  store<u32>(thread, stack + INITIAL_STACK * SLOT_SIZE, THREAD_STACK_END);
  store<u32>(thread, stack, THREAD_TOP);
  store<u32>(thread, frames, THREAD_FRAMES);
  store<u32>(thread, frames, THREAD_FRAME);
  store<u32>(thread, frames + INITIAL_FRAMES * FRAME_SIZE, THREAD_FRAMES_END);
  // The bottom frame stands for the host: it is never popped.
  store<u32>(frames, stack + SLOT_SIZE, FRAME_BASE);
  store<u32>(frames, stack + SLOT_SIZE, FRAME_TOP);
  store<u32>(thread, stack + SLOT_SIZE, THREAD_TOP);
  return thread;
}

/**
 * Makes sure that `needed` bytes from `from` upwards lie within the stack. May move the stack.
 * @returns how far the stack moved in bytes (to be added to addresses into it)
 * @throws "stack overflow"
 */
export function growStack(thread: u32, from: u32, needed: u32): u32 {
  const stack = load<u32>(thread, THREAD_STACK);
  const end = load<u32>(thread, THREAD_STACK_END);
  if (from + needed <= end) return 0;
  const slots = (end - stack) / SLOT_SIZE;
  const wanted = (from + needed - stack) / SLOT_SIZE;
  if (wanted > <u32>MAX_STACK_SLOTS) {
    // The rest is for the message handler; errors in it end here as well.
    if (wanted > <u32>MAX_STACK_SLOTS + HANDLER_STACK || slots <= <u32>MAX_STACK_SLOTS) {
      if (slots <= <u32>MAX_STACK_SLOTS && wanted <= <u32>MAX_STACK_SLOTS + HANDLER_STACK) resizeStack(thread, MAX_STACK_SLOTS + HANDLER_STACK);
      throwText('stack overflow');
    }
  }
  const doubled = min(slots * 2, <u32>MAX_STACK_SLOTS);
  return resizeStack(thread, max(doubled, wanted));
}

/** Reallocates the stack and fixes all addresses into it. */
function resizeStack(thread: u32, slots: u32): u32 {
  const stack = load<u32>(thread, THREAD_STACK);
  const end = load<u32>(thread, THREAD_STACK_END);
  const oldBytes = end - stack + EXTRA_STACK * SLOT_SIZE;
  const newBytes = (slots + EXTRA_STACK) * SLOT_SIZE;
  const moved = allocateRaw(newBytes);
  memory.copy(moved, stack, min(oldBytes, newBytes));
  if (newBytes > oldBytes) memory.fill(moved + oldBytes, 0, newBytes - oldBytes);
  const delta = moved - stack;
  store<u32>(thread, moved, THREAD_STACK);
  store<u32>(thread, moved + slots * SLOT_SIZE, THREAD_STACK_END);
  store<u32>(thread, load<u32>(thread, THREAD_TOP) + delta, THREAD_TOP);
  if (load<u32>(thread, THREAD_TBC)) store<u32>(thread, load<u32>(thread, THREAD_TBC) + delta, THREAD_TBC);
  if (load<u32>(thread, THREAD_BUILTIN)) store<u32>(thread, load<u32>(thread, THREAD_BUILTIN) + delta, THREAD_BUILTIN);
  for (let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES); upvalue; upvalue = load<u32>(upvalue, UPVALUE_NEXT)) {
    store<u32>(upvalue, load<u32>(upvalue, UPVALUE_LOCATION) + delta, UPVALUE_LOCATION);
  }
  const last = load<u32>(thread, THREAD_FRAME);
  for (let frame = load<u32>(thread, THREAD_FRAMES); frame <= last; frame += FRAME_SIZE) {
    store<u32>(frame, load<u32>(frame, FRAME_BASE) + delta, FRAME_BASE);
    store<u32>(frame, load<u32>(frame, FRAME_TOP) + delta, FRAME_TOP);
  }
  freeRaw(stack, oldBytes);
  return delta;
}

/** Shrinks a stack that overflowed back to its limit, once nothing lives above. */
export function shrinkAfterOverflow(thread: u32): void {
  const stack = load<u32>(thread, THREAD_STACK);
  if (load<u32>(thread, THREAD_STACK_END) - stack <= <u32>MAX_STACK_SLOTS * SLOT_SIZE) return;
  if (load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP) - stack < <u32>MAX_STACK_SLOTS * SLOT_SIZE / 2) resizeStack(thread, MAX_STACK_SLOTS);
}

/** Makes room for `count` frames more; may move the frames (never the stack). */
export function growFrames(thread: u32, count: u32): void {
  const frames = load<u32>(thread, THREAD_FRAMES);
  const end = load<u32>(thread, THREAD_FRAMES_END);
  const frame = load<u32>(thread, THREAD_FRAME);
  if (frame + FRAME_SIZE * (count + 1) <= end) return;
  const oldBytes = end - frames;
  const newBytes = oldBytes * 2 + count * FRAME_SIZE;
  const moved = reallocateRaw(frames, oldBytes, newBytes);
  store<u32>(thread, moved, THREAD_FRAMES);
  store<u32>(thread, moved + newBytes, THREAD_FRAMES_END);
  store<u32>(thread, moved + (frame - frames), THREAD_FRAME);
}

/**
 * Pushes a frame that is not a Lua function's: the host's entry, pcall and its like. Its function slot is `func`.
 * @param kind FRAME_KIND_* with the flags of the call that reached it  @param results wanted by that call
 */
export function pushBuiltinFrame(thread: u32, func: u32, kind: u32, results: i32, top: u32): u32 {
  growFrames(thread, 1);
  const frame = load<u32>(thread, THREAD_FRAME) + FRAME_SIZE;
  memory.fill(frame, 0, FRAME_SIZE);
  store<u32>(frame, func + SLOT_SIZE, FRAME_BASE);
  store<u32>(frame, top, FRAME_TOP);
  store<i32>(frame, results, FRAME_RESULTS);
  store<u32>(frame, kind, FRAME_KIND);
  store<u32>(thread, frame, THREAD_FRAME);
  return frame;
}

/** Host API: room for `slots` values above THREAD_TOP. */
export function ensureStack(slots: u32): void {
  const thread = load<u32>(VM_THREAD);
  growStack(thread, load<u32>(thread, THREAD_TOP), slots * SLOT_SIZE);
}
