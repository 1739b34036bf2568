/** Threads: each owns a value stack and a block of frames; how these grow is in run/stack.ts. */
import {
  CLOSURE_PROTO, EXTRA_STACK, FRAME_BASE, FRAME_CLOSURE, FRAME_PC, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, PROTO_CODE, PROTO_IS_VARARG, SLOT_SIZE, TAG_THREAD, THREAD_FRAME,
  THREAD_FRAMES, THREAD_FRAMES_END, THREAD_SIZE, THREAD_STACK, THREAD_STACK_END, THREAD_TOP,
} from '../../bytecode/layout';
import { allocateRaw, newObject } from '../memory/heap';

/** A new thread with an empty stack of so many slots and room for so many frames. */
export function newThread(slots: u32, frames: u32): u32 {
  const thread = newObject(TAG_THREAD, THREAD_SIZE);
  memory.fill(thread + 4, 0, THREAD_SIZE - 4);
  const stackBytes = (slots + EXTRA_STACK) * SLOT_SIZE;
  const stack = allocateRaw(stackBytes);
  memory.fill(stack, 0, stackBytes);
  store<u32>(thread, stack, THREAD_STACK);
  store<u32>(thread, stack + slots * SLOT_SIZE, THREAD_STACK_END);
  store<u32>(thread, stack + SLOT_SIZE, THREAD_TOP);
  const bottom = allocateRaw(frames * FRAME_SIZE);
  memory.fill(bottom, 0, FRAME_SIZE);
  store<u32>(thread, bottom, THREAD_FRAMES);
  store<u32>(thread, bottom, THREAD_FRAME);
  store<u32>(thread, bottom + frames * FRAME_SIZE, THREAD_FRAMES_END);
  // The bottom frame stands for whoever runs the thread: it is never popped.
  store<u32>(bottom, stack + SLOT_SIZE, FRAME_BASE);
  store<u32>(bottom, stack + SLOT_SIZE, FRAME_TOP);
  return thread;
}

/** End of the slots in use of a thread's stack, as its current frame says. */
export function stackTop(thread: u32): u32 {
  const top = load<u32>(thread, THREAD_TOP);
  const frame = load<u32>(thread, THREAD_FRAME);
  if (!frame) return top;
  let frameTop = load<u32>(frame, FRAME_TOP);
  const closure = load<u32>(frame, FRAME_CLOSURE);
  if (closure) {
    // Where it stops before its first instruction, VARARGPREP, variable arguments lie above its registers.
    const proto = load<u32>(closure, CLOSURE_PROTO);
    if (load<u32>(proto, PROTO_IS_VARARG) != 0 && load<u32>(frame, FRAME_PC) == load<u32>(proto, PROTO_CODE)) {
      frameTop = max(frameTop, load<u32>(frame, FRAME_BASE) + load<u32>(frame, FRAME_VARARGS) * SLOT_SIZE);
    }
  }
  return max(top, frameTop);
}
