/**
 * What is done with a VM whose thread of the host is gone in the middle of running it: all that was under way is over, as if nobody had ever begun it, but for what it
 * had done by then. The caller has the heap checked behind that.
 */
import {
  COLLECT_MARK, COLLECT_SWEEP, FRAME_BASE, FRAME_TOP, FRAME_VARARGS, THREAD_ACTIVE, THREAD_BUILTIN_FRAME, THREAD_C_CALLS, THREAD_C_CALLS_BELOW, THREAD_DEAD, THREAD_ERROR,
  THREAD_FRAME, THREAD_FRAMES, THREAD_HOOK_MASK, THREAD_HOOK_SET, THREAD_HOOK_STOPS, THREAD_HOST_DEPTH, THREAD_PENDING_KIND, THREAD_PENDING_RESULTS, THREAD_RESUMER, THREAD_STATUS,
  THREAD_TBC, THREAD_TOP, VM_ALLOCATION_FAILED, VM_BUFFER, VM_COLLECTING, VM_COLLECT_PHASE, VM_COMMITTED, VM_COMPILE_MARKER, VM_MAIN_THREAD, VM_MOVING, VM_RUNNING_TRACE,
  VM_THREAD, VM_UNCATCHABLE,
} from '../../bytecode/layout';
import { GC_FINALIZER_LOOP, GC_INHIBITED, GC_IN_FINALIZER } from '../memory/collector-state';
import { abandonCycle } from '../collect/cycle';
import { closeUpvalues } from '../objects/function';
import { setNil } from '../base/value';
import { LOOP_IDLE } from './call-depth';
import { STATE_RUNNING } from './protected-frames';

/** Cuts a thread down to its bottom frame. Nothing is closed: what has to be called for that is the program's. */
function cutDown(thread: u32): void {
  const bottom = load<u32>(thread, THREAD_FRAMES);
  const base = load<u32>(bottom, FRAME_BASE);
  closeUpvalues(thread, base);
  store<u32>(bottom, base, FRAME_TOP);
  store<u32>(bottom, STATE_RUNNING, FRAME_VARARGS);
  store<u32>(thread, bottom, THREAD_FRAME);
  store<u32>(thread, base, THREAD_TOP);
  for (let field = THREAD_TBC; field <= THREAD_HOST_DEPTH; field += 4) store<u32>(thread + field, 0);
  store<u32>(thread, 0, THREAD_BUILTIN_FRAME);
  store<u32>(thread, 0, THREAD_PENDING_RESULTS);
  store<u32>(thread, 0, THREAD_PENDING_KIND);
  store<u32>(thread, 0, THREAD_C_CALLS_BELOW);
  store<u32>(thread, 1, THREAD_C_CALLS);
  store<u32>(thread, 0, THREAD_HOOK_STOPS);
  store<u32>(thread, load<u32>(thread, THREAD_HOOK_SET), THREAD_HOOK_MASK);
  setNil(thread + THREAD_ERROR);
}

/**
 * Host API. @returns false if it was in the middle of something that cannot be put right: keys moved from one part of a table to another, garbage being freed. Then the
 * VM must not be used
 */
export function abandonRuns(): bool {
  const phase = load<u32>(VM_COLLECT_PHASE);
  const isCollecting = load<u32>(VM_COLLECTING) != 0;
  if (load<u32>(VM_MOVING) || (isCollecting && phase == COLLECT_SWEEP)) return false;
  const main = load<u32>(VM_MAIN_THREAD);
  for (let thread = load<u32>(VM_THREAD); thread; ) {
    const waiting = load<u32>(thread, THREAD_RESUMER);
    cutDown(thread);
    store<u32>(thread, thread == main ? THREAD_ACTIVE : THREAD_DEAD, THREAD_STATUS);
    thread = waiting;
  }
  cutDown(main);
  store<u32>(VM_THREAD, main);
  for (let cell = VM_ALLOCATION_FAILED; cell <= VM_COMMITTED; cell += 4) store<u32>(cell, 0);
  store<u32>(VM_UNCATCHABLE, 0);
  store<u32>(VM_RUNNING_TRACE, 0);
  store<u32>(VM_BUFFER, 0, 8);
  // What a compilation had taken is lost, but not freed twice.
  store<u32>(VM_COMPILE_MARKER, 0);
  store<u32>(GC_INHIBITED, load<u32>(GC_INHIBITED) & ~GC_IN_FINALIZER);
  store<u32>(GC_FINALIZER_LOOP, LOOP_IDLE);
  if (isCollecting && phase == COLLECT_MARK) abandonCycle();
  return true;
}
