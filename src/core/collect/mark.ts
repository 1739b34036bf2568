/**
 * Marking: roots, and the visits that turn gray objects black. One visit is one piece of work; tables are in mark-table.ts, weak
 * ones in weak.ts.
 *
 * Roots: main and running thread, globals, registry, metatables of the basic types, companions, default files and their metatable, pins, objects
 * waiting for their finalisers, what compilations under way refer to.
 * Event and type names are MARK_FIXED.
 *
 * Threads stay gray: their stacks have no barrier, so the atomic phase visits those reached once more.
 */
import {
  BUILTIN_GCLIST, BUILTIN_NAME, BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, CLOSURE_GCLIST, CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT,
  DICT_NODE_VALUE, EXTRA_STACK, FRAME_CLOSURE, FRAME_SIZE, LOCAL_DESC_SIZE, MARK_BLACK, MARK_GRAY, OBJECT_TAG, PROTO_CONSTANTS,
  PROTO_CONSTANT_COUNT, PROTO_GCLIST, PROTO_LOCALS, PROTO_LOCAL_COUNT, PROTO_PROTOS, PROTO_PROTO_COUNT, PROTO_SOURCE, PROTO_UPVALUES, PROTO_UPVALUE_COUNT,
  SLOT_LINK, SLOT_SIZE, TABLE_GCLIST, TABLE_METATABLE, TAG_BUILTIN, TAG_CLOSURE, TAG_PROTO, TAG_TABLE, TAG_THREAD, THREAD_ERROR, THREAD_FRAME, THREAD_FRAMES,
  THREAD_GCLIST, THREAD_OPEN_UPVALUES, THREAD_RESUMER, THREAD_SCRATCH, THREAD_SIZE, THREAD_STACK, THREAD_STACK_END, UPVALUE_DESC_SIZE,
  UPVALUE_NEXT, VM_COMPANIONS, VM_COMPILE_MARKER, VM_FILE_METATABLE, VM_GLOBALS, VM_HOST, VM_MAIN_THREAD, VM_REGISTRY, VM_ROOT_SHAPE, VM_STDOUT, VM_THREAD, VM_TYPE_METATABLES,
} from '../../bytecode/layout';
import { GC_GRAY, GC_GRAY_AGAIN, GC_LIVE_TOP, GC_MARKED_PROTOS, GC_SLICED_TABLE, GC_WOKEN } from '../memory/collector-state';
import { markObject, markPointer, markValue, setColour } from '../memory/colour';
import { setNil } from '../base/value';
import { STEPS_PER_UNIT, workTime } from '../base/budget';
import { markSlice, markSlots, markTable } from './mark-table';
import { visitWeakTable, weakModeOf } from './weak';
import { stackTop } from '../objects/thread';

/** Bytes looked at that count as one step, as a power of two. */
const WORK_SHIFT: u32 = 3;

/** Steps that work on one object, or a piece of one, counts for: its bytes, and a unit for coming to it, as it lies anywhere in memory. */
export function stepsOf(work: u32): u32 { return (work >> WORK_SHIFT) + STEPS_PER_UNIT; }

/** Reaches what is referred to from fixed places. Pins and pending finalisers are the caller's. */
export function markRoots(): void {
  markPointer(load<u32>(VM_MAIN_THREAD));
  markPointer(load<u32>(VM_THREAD));
  markPointer(load<u32>(VM_GLOBALS));
  markPointer(load<u32>(VM_REGISTRY));
  markPointer(load<u32>(VM_ROOT_SHAPE));
  markPointer(load<u32>(VM_COMPANIONS));
  markPointer(load<u32>(VM_HOST));
  for (let place = VM_FILE_METATABLE; place <= VM_STDOUT; place += 4) markPointer(load<u32>(place));
  for (let tag: u32 = 0; tag < 16; tag++) markPointer(load<u32>(VM_TYPE_METATABLES + tag * 4));
  // What compilations under way refer to.
  const markCompilations = load<u32>(VM_COMPILE_MARKER);
  if (markCompilations) call_indirect<void>(markCompilations);
}

/** Does one piece of marking. @param atomic the program does not run until all is marked  @returns work done; 0 when nothing is left */
export function markNext(atomic: bool): u32 {
  if (load<u32>(GC_SLICED_TABLE)) return markSlice() + 1;
  const object = load<u32>(GC_GRAY);
  if (!object) return 0;
  setColour(object, MARK_BLACK);
  switch (<u32>load<u8>(object, OBJECT_TAG)) {
    case TAG_TABLE: {
      store<u32>(GC_GRAY, load<u32>(object, TABLE_GCLIST));
      const metatable = load<u32>(object, TABLE_METATABLE);
      const mode = metatable ? weakModeOf(metatable) : 0;
      return mode ? visitWeakTable(object, mode, atomic) : markTable(object) + 1;
    }
    case TAG_CLOSURE: {
      store<u32>(GC_GRAY, load<u32>(object, CLOSURE_GCLIST));
      const count = load<u32>(object, CLOSURE_UPVALUE_COUNT);
      markPointer(load<u32>(object, CLOSURE_PROTO));
      markPointers(object + CLOSURE_UPVALUES, count, 4);
      return CLOSURE_UPVALUES + count * SLOT_SIZE;
    }
    case TAG_BUILTIN:
      store<u32>(GC_GRAY, load<u32>(object, BUILTIN_GCLIST));
      markPointer(load<u32>(object, BUILTIN_NAME));
      markSlots(object + BUILTIN_UPVALUES, load<u32>(object, BUILTIN_UPVALUE_COUNT));
      return BUILTIN_UPVALUES;
    case TAG_THREAD:
      store<u32>(GC_GRAY, load<u32>(object, THREAD_GCLIST));
      return visitThread(object, atomic);
    case TAG_PROTO:
      store<u32>(GC_GRAY, load<u32>(object, PROTO_GCLIST));
      store<u32>(object, load<u32>(GC_MARKED_PROTOS), PROTO_GCLIST);
      store<u32>(GC_MARKED_PROTOS, object);
      return visitPrototype(object);
    default:
      assert(false);
      return 0;
  }
}

/** Marks all there is to mark. */
export function markAll(): void {
  for (let done = markNext(true); done; done = markNext(true)) workTime(stepsOf(done));
}

/** Visits the threads and weak tables reached before the atomic phase again. */
export function visitGrayAgain(): void {
  for (let object = load<u32>(GC_GRAY_AGAIN); object; object = load<u32>(GC_GRAY_AGAIN)) {
    if (load<u8>(object, OBJECT_TAG) == TAG_THREAD) {
      store<u32>(GC_GRAY_AGAIN, load<u32>(object, THREAD_GCLIST));
      setColour(object, MARK_BLACK);
      workTime(stepsOf(visitThread(object, true)));
    } else {
      store<u32>(GC_GRAY_AGAIN, load<u32>(object, TABLE_GCLIST));
      const metatable = load<u32>(object, TABLE_METATABLE);
      const mode = metatable ? weakModeOf(metatable) : 0;
      if (mode) visitWeakTable(object, mode, true);
      else {
        setColour(object, MARK_BLACK);
        markTable(object);
      }
    }
    markAll();
  }
}

/** @param stride distance of the pointers in bytes */
function markPointers(at: u32, count: u32, stride: u32): void {
  for (; count; count--, at += stride) markPointer(load<u32>(at));
}

function visitPrototype(proto: u32): u32 {
  const constants = load<u32>(proto, PROTO_CONSTANT_COUNT);
  markPointer(load<u32>(proto, PROTO_SOURCE));
  markSlots(load<u32>(proto, PROTO_CONSTANTS), constants);
  markPointers(load<u32>(proto, PROTO_PROTOS), load<u32>(proto, PROTO_PROTO_COUNT), 4);
  markPointers(load<u32>(proto, PROTO_UPVALUES), load<u32>(proto, PROTO_UPVALUE_COUNT), UPVALUE_DESC_SIZE);
  markPointers(load<u32>(proto, PROTO_LOCALS), load<u32>(proto, PROTO_LOCAL_COUNT), LOCAL_DESC_SIZE);
  return 100 + constants * SLOT_SIZE;
}

/** Marks the slots in use; at the end of marking clears those above, so that no stale pointer is ever met. */
function visitThread(thread: u32, atomic: bool): u32 {
  if (!atomic) {
    setColour(thread, MARK_GRAY);
    store<u32>(thread, load<u32>(GC_GRAY_AGAIN), THREAD_GCLIST);
    store<u32>(GC_GRAY_AGAIN, thread);
  }
  markPointer(load<u32>(thread, THREAD_RESUMER));
  markValue(thread + THREAD_ERROR);
  markSlots(thread + THREAD_SCRATCH, 4);
  for (let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES); upvalue; upvalue = load<u32>(upvalue, UPVALUE_NEXT)) markObject(upvalue);
  const stack = load<u32>(thread, THREAD_STACK);
  if (!stack) return THREAD_SIZE;
  let top = stackTop(thread);
  const current = load<u32>(thread, THREAD_FRAME);
  if (current) for (let frame = load<u32>(thread, THREAD_FRAMES); frame <= current; frame += FRAME_SIZE) markPointer(load<u32>(frame, FRAME_CLOSURE));
  if (thread == load<u32>(VM_THREAD) && load<u32>(GC_LIVE_TOP)) top = load<u32>(GC_LIVE_TOP);
  for (let slot = stack; slot < top; slot += SLOT_SIZE) markValue(slot);
  if (atomic) for (let slot = top, end = load<u32>(thread, THREAD_STACK_END) + EXTRA_STACK * SLOT_SIZE; slot < end; slot += SLOT_SIZE) setNil(slot);
  return THREAD_SIZE + (top - stack);
}

/** Marks all there is to mark, and the values of ephemerons whose keys are reached by it. */
export function convergeEphemerons(): void {
  markAll();
  for (let node = load<u32>(GC_WOKEN); node; node = load<u32>(GC_WOKEN)) {
    store<u32>(GC_WOKEN, load<u32>(node, DICT_NODE_VALUE + SLOT_LINK));
    markValue(node + DICT_NODE_VALUE);
    if (!load<u32>(GC_WOKEN)) markAll();
  }
}
