/** Which frames stop errors, and the state each is in. Reads frames only; protected-call.ts changes them. */
import {
  FRAME_CLOSURE, FRAME_FLAG_HANDLER, FRAME_KIND, FRAME_KIND_COLLECT, FRAME_KIND_COROUTINE, FRAME_KIND_ENTRY, FRAME_KIND_FINALIZER, FRAME_KIND_XPCALL, FRAME_PC, FRAME_SIZE,
  FRAME_VARARGS, LIMIT_NONE, TAG_STRING, THREAD_BUILTIN_FRAME, THREAD_ERROR, THREAD_FRAME, THREAD_FRAMES, VM_THREAD, VM_UNCATCHABLE,
} from '../../bytecode/layout';
import { hostThrowError } from '../base/host';
import { stringFromLiteral } from '../strings/string';
import { setLimit, setObject } from '../base/value';

export const STATE_RUNNING: u32 = 0;
export const STATE_UNWINDING: u32 = 1;
/** As STATE_UNWINDING, but there was no error (yet): a coroutine is closed. */
export const STATE_CLOSING: u32 = 2;
/** The error that is raised next is final: no message handler is called. */
export const STATE_FINAL: u32 = 3;
/** As STATE_UNWINDING, for an abort: once all is closed here, it goes on with what waits for this thread. */
export const STATE_ABORTING: u32 = 4;

const ERROR_IN_HANDLING = 'error in error handling';
export const KIND_MASK: u32 = 0xff;

// @ts-ignore: decorator
@inline export function isFinalizerFrame(kind: u32): bool { return kind == FRAME_KIND_FINALIZER || kind == FRAME_KIND_COLLECT; }

// @ts-ignore: decorator
@inline function isProtected(kind: u32): bool {
  return (kind >= FRAME_KIND_ENTRY && kind <= FRAME_KIND_XPCALL) || isFinalizerFrame(kind);
}

/** The frame that the error in THREAD_ERROR stops at: the nearest protected one, or the host's if nothing in Lua is to catch it. */
export function nearestProtected(thread: u32): u32 {
  const catchable = load<u32>(VM_UNCATCHABLE) == 0;
  let frame = load<u32>(thread, THREAD_FRAMES) + load<u32>(thread, THREAD_BUILTIN_FRAME);
  if (CHECKED) checkBuiltinFrames(thread, frame);
  while (true) {
    const kind = load<u32>(frame, FRAME_KIND) & KIND_MASK;
    if (kind == FRAME_KIND_ENTRY || kind == FRAME_KIND_COROUTINE || (catchable && isProtected(kind))) return frame;
    frame -= load<u32>(frame, FRAME_PC);
  }
}

/** Debug builds: between the current frame and the uppermost builtin one there are none but Lua functions'. */
function checkBuiltinFrames(thread: u32, builtinFrame: u32): void {
  assert(load<u32>(builtinFrame, FRAME_CLOSURE) == 0);
  for (let frame = load<u32>(thread, THREAD_FRAME); frame > builtinFrame; frame -= FRAME_SIZE) assert(load<u32>(frame, FRAME_CLOSURE) != 0);
}

/** Host API: does the error in THREAD_ERROR leave to the host, and no pcall catches it, no message handler sees it, no coroutine ends of it? */
export function leavesToHost(): bool {
  return (load<u32>(nearestProtected(load<u32>(VM_THREAD)), FRAME_KIND) & (KIND_MASK | FRAME_FLAG_HANDLER)) == FRAME_KIND_ENTRY;
}

/** Has this protected frame a message handler that may be called? */
export function hasHandler(frame: u32): bool {
  const kind = load<u32>(frame, FRAME_KIND);
  return (kind & KIND_MASK) == FRAME_KIND_XPCALL || (kind & FRAME_FLAG_HANDLER && !load<u32>(VM_UNCATCHABLE));
}

/** An error while an overflow is being handled: ends message handling. Does not return. */
export function throwErrorInErrorHandling(): void {
  const thread = load<u32>(VM_THREAD);
  const frame = nearestProtected(thread);
  if (hasHandler(frame)) store<u32>(frame, STATE_FINAL, FRAME_VARARGS);
  storeErrorInHandling(thread);
  hostThrowError();
}

export function storeErrorInHandling(thread: u32): void {
  setObject(thread + THREAD_ERROR, TAG_STRING, stringFromLiteral(ERROR_IN_HANDLING));
  setLimit(thread + THREAD_ERROR, LIMIT_NONE);
}
