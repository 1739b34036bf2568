/**
 * How deep calls nest that PUC makes through its C stack: metamethods, protected calls, closers, library functions that call back, resumed
 * coroutines. Here all of them are frames and need no stack of the host, but programs count on the limit: it stops a runaway recursion
 * through them long before it has filled the stack. THREAD_C_CALLS is the number of frames with COUNTED_CALLS flags.
 */
import { COUNTED_CALLS, FRAME_KIND, FRAME_PC, FRAME_SIZE, LIMIT_STACK, THREAD_BUILTIN_FRAME, THREAD_C_CALLS, THREAD_FRAME, THREAD_FRAMES, VM_THREAD } from '../../bytecode/layout';
import { throwRuntimeText } from '../base/raise';
import { GC_FINALIZER_LOOP, GC_INHIBITED, GC_IN_FINALIZER } from '../memory/collector-state';
import { allowHooks } from './hook';
import { isFinalizerFrame, throwErrorInErrorHandling } from './protected-frames';

/** PUC's LUAI_MAXCCALLS. */
export const MAX_C_CALLS: u32 = 200;
/** From here on not even message handlers are called: an error is final. */
export const MAX_HANDLED_C_CALLS: u32 = 220;

/** No finaliser is being called (GC_FINALIZER_LOOP). */
export const LOOP_IDLE: u32 = 0;

/** A frame of this kind is going to be pushed. @throws "C stack overflow" */
// @ts-ignore: decorator
@inline export function countCall(thread: u32, kind: u32): void {
  if (kind & COUNTED_CALLS) {
    const calls = load<u32>(thread, THREAD_C_CALLS) + 1;
    if (calls >= MAX_C_CALLS) checkCalls(calls);
    store<u32>(thread, calls, THREAD_C_CALLS);
  }
}

function checkCalls(calls: u32): void {
  if (calls == MAX_C_CALLS) throwRuntimeText('C stack overflow', LIMIT_STACK);
  if (calls >= MAX_HANDLED_C_CALLS) throwErrorInErrorHandling();
}

/** A frame of this kind was popped. */
// @ts-ignore: decorator
@inline export function uncountCall(thread: u32, kind: u32): void {
  if (kind & COUNTED_CALLS) store<u32>(thread, load<u32>(thread, THREAD_C_CALLS) - 1, THREAD_C_CALLS);
}

/** Makes `frame` the current one, dropping all above it. */
export function cutFrames(thread: u32, frame: u32): void {
  for (let above = load<u32>(thread, THREAD_FRAME); above > frame; above -= FRAME_SIZE) {
    const kind = load<u32>(above, FRAME_KIND);
    uncountCall(thread, kind);
    if (isFinalizerFrame(kind & 0xff)) leaveFinalizers();
  }
  const place = frame - load<u32>(thread, THREAD_FRAMES);
  let builtinFrame = load<u32>(thread, THREAD_BUILTIN_FRAME);
  while (builtinFrame > place) builtinFrame -= load<u32>(load<u32>(thread, THREAD_FRAMES) + builtinFrame, FRAME_PC);
  store<u32>(thread, builtinFrame, THREAD_BUILTIN_FRAME);
  store<u32>(thread, frame, THREAD_FRAME);
}

/** No finaliser is running any more (also: its frames were cut by an error nothing inside may stop). */
export function leaveFinalizers(): void {
  allowHooks(load<u32>(VM_THREAD));
  store<u32>(GC_FINALIZER_LOOP, LOOP_IDLE);
  store<u32>(GC_INHIBITED, load<u32>(GC_INHIBITED) & ~GC_IN_FINALIZER);
}
