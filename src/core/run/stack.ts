/**
 * A thread's value stack and its frames: both are raw blocks that may move when they grow.
 * Invariant: every slot of a stack, used or not, holds a valid value (unused ones nil or stale but alive until the next collection,
 * which clears them); addresses into the stack are kept only in frames, open upvalues, THREAD_TOP, THREAD_TBC and THREAD_BUILTIN,
 * and growStack fixes them all.
 */
import {
  EXTRA_STACK, FRAME_BASE, FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_KIND, FRAME_PC, FRAME_RESULTS, FRAME_SIZE, FRAME_TOP, FRAME_VARARGS, LIMIT_STACK, SLOT_SIZE,
  THREAD_BUILTIN, THREAD_BUILTIN_FRAME, THREAD_FRAME, THREAD_FRAMES, THREAD_FRAMES_END, THREAD_HOST_DEPTH, THREAD_OPEN_UPVALUES, THREAD_RESUMER, THREAD_STACK, THREAD_STACK_END, THREAD_TBC, THREAD_TOP,
  UPVALUE_LOCATION, UPVALUE_NEXT, VM_HEAP, VM_RUNNING_TRACE, VM_STACK_LIMIT, VM_THREAD,
} from '../../bytecode/layout';
import { throwMemoryError, throwText } from '../base/raise';
import { freeRaw } from '../memory/free';
import { reallocateRaw, tryAllocateRaw, tryReallocateRaw } from '../memory/heap';
import { chunkSize } from '../memory/chunk';
import { commit, isWithinLimit } from '../memory/limit';
import { MAX_SMALL } from '../memory/size-class';
import { chargeTime } from '../base/budget';
import { stackTop } from '../objects/thread';
import { countCall } from './call-depth';
import { throwErrorInErrorHandling } from './protected-frames';

/** Slots beyond the limit that message handlers may use while a stack overflow is being handled. */
const HANDLER_STACK: u32 = 4096;
/** Slots a stack may have. */
// @ts-ignore: decorator
@inline export function stackLimit(): u32 { return load<u32>(VM_STACK_LIMIT); }

/** Slots by which a stack grows at most, unless more are needed at once: they are cleared, and their memory may be new, which takes long where it is touched first. */
const MOST_ADDED: u32 = 65536;
const LEAST_ADDED: u32 = 64;
// @ts-ignore: decorator
@inline function roomierThan(slots: u32): u32 { return slots + min(slots, MOST_ADDED); }
/** A stack of more bytes, and frames of more, get a block with room for all they may become: to move them takes long, and what is not touched costs nothing. */
const LARGE: u32 = 1 << 20;
/** Slots of the stack that a frame takes if it takes few. */
const FEW_SLOTS: u32 = 2;

/** Slots of a stack that is not worth shrinking. */
const SMALL_STACK: u32 = 256;
/** Bytes of the stack of a thread that runs, and of its frames, that are not. */
const IDLE: u32 = 1 << 18;

/** Debug builds: non-zero to move the stack whenever it is asked for room. */
const HEAP_STACK_STRESS: u32 = VM_HEAP + 716;

export function setStackStress(on: bool): void { store<u32>(HEAP_STACK_STRESS, u32(on)); }

/**
 * Makes sure that `needed` bytes from `from` upwards lie within the stack. May move the stack.
 * @returns how far the stack moved in bytes (to be added to addresses into it)
 * @throws "stack overflow", "error in error handling"
 */
// @ts-ignore: decorator
@inline export function growStack(thread: u32, from: u32, needed: u32): u32 {
  return from + needed <= load<u32>(thread, THREAD_STACK_END) && !(CHECKED && load<u32>(HEAP_STACK_STRESS)) ? 0 : growStackSlowly(thread, from, needed);
}

function growStackSlowly(thread: u32, from: u32, needed: u32): u32 {
  const stack = load<u32>(thread, THREAD_STACK);
  const end = load<u32>(thread, THREAD_STACK_END);
  const slots = (end - stack) / SLOT_SIZE;
  if (CHECKED && from + needed <= end) return resizeStack(thread, slots);
  const wanted = (from + needed - stack) / SLOT_SIZE;
  if (wanted > stackLimit()) {
    // The rest is for the message handler; an overflow in it is final.
    if (slots > stackLimit()) throwErrorInErrorHandling();
    resizeStack(thread, stackLimit() + HANDLER_STACK);
    commit(thread);
    throwText('stack overflow', LIMIT_STACK);
  }
  // Where memory is short, by less, but not by ever so little: each time the whole of it may be moved.
  for (let roomy = min(roomierThan(slots), stackLimit()); roomy > wanted; roomy = wanted + (roomy - wanted) / 2) {
    if (tryResizeStack(thread, roomy)) return load<u32>(thread, THREAD_STACK) - stack;
    if (roomy - wanted < LEAST_ADDED) break;
  }
  return resizeStack(thread, wanted);
}

/** As tryReallocateRaw, for a block that may grow to `most` bytes: a large one gets them at once, and is not moved again. */
function tryGrowBlock(block: u32, oldBytes: u32, newBytes: u32, most: u32): u32 {
  if (oldBytes > MAX_SMALL && newBytes <= chunkSize(block)) return block;
  const roomy = newBytes > LARGE && newBytes < most && isWithinLimit(most) ? tryReallocateRaw(block, oldBytes, most) : 0;
  return roomy ? roomy : tryReallocateRaw(block, oldBytes, newBytes);
}

/** Reallocates the stack and fixes all addresses into it. @returns how far it moved */
function resizeStack(thread: u32, slots: u32): u32 {
  const stack = load<u32>(thread, THREAD_STACK);
  if (!tryResizeStack(thread, slots)) throwMemoryError();
  return load<u32>(thread, THREAD_STACK) - stack;
}

/** @returns false, having changed nothing, if memory ran out: only where the stack grows */
function tryResizeStack(thread: u32, slots: u32): bool {
  const stack = load<u32>(thread, THREAD_STACK);
  const end = load<u32>(thread, THREAD_STACK_END);
  const oldBytes = end - stack + EXTRA_STACK * SLOT_SIZE;
  const newBytes = (slots + EXTRA_STACK) * SLOT_SIZE;
  if (newBytes < oldBytes) {
    // In place: giving memory back needs none.
    reallocateRaw(stack, oldBytes, newBytes);
    store<u32>(thread, stack + slots * SLOT_SIZE, THREAD_STACK_END);
    return true;
  }
  const isStressed = CHECKED && load<u32>(HEAP_STACK_STRESS) != 0;
  const moved = isStressed ? tryAllocateRaw(newBytes) : tryGrowBlock(stack, oldBytes, newBytes, (stackLimit() + HANDLER_STACK + EXTRA_STACK) * SLOT_SIZE);
  if (!moved) return false;
  // How large a stack is, and how often it was moved, is a matter of what ran before.
  chargeTime((moved == stack ? newBytes - oldBytes : newBytes) >> 3);
  if (isStressed) memory.copy(moved, stack, oldBytes);
  memory.fill(moved + oldBytes, 0, newBytes - oldBytes);
  const delta = moved - stack;
  store<u32>(thread, moved, THREAD_STACK);
  store<u32>(thread, moved + slots * SLOT_SIZE, THREAD_STACK_END);
  if (!delta) return true;
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
  if (isStressed) {
    memory.fill(stack, 0xdd, oldBytes);
    freeRaw(stack, oldBytes);
  }
  return true;
}

/** Shrinks a stack that overflowed back to its limit, once nothing lives above. */
export function shrinkAfterOverflow(thread: u32): void {
  const stack = load<u32>(thread, THREAD_STACK);
  if (load<u32>(thread, THREAD_STACK_END) - stack <= stackLimit() * SLOT_SIZE) return;
  if (load<u32>(load<u32>(thread, THREAD_FRAME), FRAME_TOP) - stack < stackLimit() * SLOT_SIZE / 2) tryResizeStack(thread, stackLimit());
}

/**
 * Gives back most of what the running thread's stack and frames have and do not use; nothing moves. Not while compiled code may count on it, here or further down the
 * host's stack.
 */
export function shrinkIdle(): void {
  const thread = load<u32>(VM_THREAD);
  const stack = load<u32>(thread, THREAD_STACK);
  const size = load<u32>(thread, THREAD_STACK_END) - stack;
  if (size <= IDLE || load<u32>(VM_RUNNING_TRACE) || isNested(thread)) return;
  const used = stackTop(thread) - stack;
  if (used < size / 4) tryResizeStack(thread, max(2 * used, IDLE) / SLOT_SIZE);
  const frames = load<u32>(thread, THREAD_FRAMES);
  const framesSize = load<u32>(thread, THREAD_FRAMES_END) - frames;
  const framesUsed = load<u32>(thread, THREAD_FRAME) + FRAME_SIZE - frames;
  if (framesSize <= IDLE || framesUsed >= framesSize / 4) return;
  const kept = max(2 * framesUsed, IDLE);
  reallocateRaw(frames, framesSize, kept);
  store<u32>(thread, frames + kept, THREAD_FRAMES_END);
}

/** Has the host entered the VM again from what runs, counted over all threads that wait for each other? */
function isNested(thread: u32): bool {
  let entries: u32 = 0;
  for (; thread; thread = load<u32>(thread, THREAD_RESUMER)) entries += load<u32>(thread, THREAD_HOST_DEPTH);
  return entries > 1;
}

/** Gives back what a stack has grown beyond a small one. Nothing but the bottom frame may be on it. */
export function shrinkStack(thread: u32): void {
  if (load<u32>(thread, THREAD_STACK_END) - load<u32>(thread, THREAD_STACK) > SMALL_STACK * SLOT_SIZE) tryResizeStack(thread, SMALL_STACK);
}

/** Makes room for `count` frames more; may move the frames (never the stack). */
// @ts-ignore: decorator
@inline export function growFrames(thread: u32, count: u32): void {
  if (load<u32>(thread, THREAD_FRAME) + FRAME_SIZE * (count + 1) > load<u32>(thread, THREAD_FRAMES_END)) growFramesSlowly(thread, count);
}

function growFramesSlowly(thread: u32, count: u32): void {
  if (!tryGrowFrames(thread, count)) throwMemoryError();
}

/** @returns false, having changed nothing, if memory ran out */
function tryGrowFrames(thread: u32, count: u32): bool {
  const frames = load<u32>(thread, THREAD_FRAMES);
  const oldBytes = load<u32>(thread, THREAD_FRAMES_END) - frames;
  const most = stackLimit() / FEW_SLOTS * FRAME_SIZE;
  let room = oldBytes;
  let moved = tryGrowBlock(frames, oldBytes, oldBytes + room + count * FRAME_SIZE, most);
  // As the stack: where memory is short, by less.
  for (; !moved && room > LEAST_ADDED * FRAME_SIZE; moved = tryGrowBlock(frames, oldBytes, oldBytes + room + count * FRAME_SIZE, most)) room = room / 2 & ~(FRAME_SIZE - 1);
  if (!moved) return false;
  const frame = load<u32>(thread, THREAD_FRAME) - frames;
  store<u32>(thread, moved, THREAD_FRAMES);
  store<u32>(thread, moved + oldBytes + room + count * FRAME_SIZE, THREAD_FRAMES_END);
  store<u32>(thread, moved + frame, THREAD_FRAME);
  return true;
}

/** Slots and frames for compiled functions that call each other. */
const ROOM_SLOTS: u32 = 2048;
const ROOM_FRAMES: u32 = 256;

/** Gives the current frame, whose base is `base`, some room above, unless the stack is near its limit or there is no memory. May move stack and frames. */
export function makeRoom(thread: u32, base: u32): void {
  const stack = load<u32>(thread, THREAD_STACK);
  const end = load<u32>(thread, THREAD_STACK_END);
  const wanted = (base - stack) / SLOT_SIZE + ROOM_SLOTS;
  if (base + ROOM_SLOTS * SLOT_SIZE > end && wanted < stackLimit()) tryResizeStack(thread, min(max(roomierThan((end - stack) / SLOT_SIZE), wanted), stackLimit()));
  if (load<u32>(thread, THREAD_FRAME) + ROOM_FRAMES * FRAME_SIZE > load<u32>(thread, THREAD_FRAMES_END)) tryGrowFrames(thread, ROOM_FRAMES);
}

/**
 * Pushes a frame that is not a Lua function's: the host's entry, pcall and its like. Its function slot is `func`.
 * @param kind FRAME_KIND_* with the flags of the call that reached it  @param results wanted by that call
 */
export function pushBuiltinFrame(thread: u32, func: u32, kind: u32, results: i32, top: u32): u32 {
  growFrames(thread, 1);
  countCall(thread, kind);
  const frame = load<u32>(thread, THREAD_FRAME) + FRAME_SIZE;
  const place = frame - load<u32>(thread, THREAD_FRAMES);
  store<u32>(frame, place - load<u32>(thread, THREAD_BUILTIN_FRAME), FRAME_PC);
  store<u32>(thread, place, THREAD_BUILTIN_FRAME);
  store<u32>(frame, 0, FRAME_CONSTANTS);
  store<u32>(frame, 0, FRAME_CLOSURE);
  store<u32>(frame, 0, FRAME_VARARGS);
  store<u32>(frame, func + SLOT_SIZE, FRAME_BASE);
  store<u32>(frame, top, FRAME_TOP);
  store<i32>(frame, results, FRAME_RESULTS);
  store<u32>(frame, kind, FRAME_KIND);
  store<u32>(thread, frame, THREAD_FRAME);
  return frame;
}

/** Pops the current frame, which is such a one. */
export function popBuiltinFrame(thread: u32): void {
  const frame = load<u32>(thread, THREAD_FRAME);
  store<u32>(thread, load<u32>(thread, THREAD_BUILTIN_FRAME) - load<u32>(frame, FRAME_PC), THREAD_BUILTIN_FRAME);
  store<u32>(thread, frame - FRAME_SIZE, THREAD_FRAME);
}

/** Host API: room for `slots` values above THREAD_TOP. */
export function ensureStack(slots: u32): void {
  const thread = load<u32>(VM_THREAD);
  growStack(thread, load<u32>(thread, THREAD_TOP), slots * SLOT_SIZE);
}
