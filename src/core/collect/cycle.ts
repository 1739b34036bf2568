/**
 * The collector: incremental tri-colour mark and sweep. Owns the order of a cycle and its pace.
 *
 *   paused --roots--> mark --atomic--> sweep --> paused
 *
 * Each phase is done in pieces (mark.ts, sweep.ts); a step does as many as make up for what was allocated, and no
 * more than a bounded number of bytes looked at. Only the atomic phase is not divided: it visits the stacks and weak tables reached once more,
 * separates the objects to be finalised, and, while all dead objects are still intact, lets everything weak let go of them: weak tables,
 * inline caches, transitions of shapes, open upvalues of dead threads (which take their values along). Then the whites change places.
 *
 * Pace: a cycle begins when twice the bytes (VM_COLLECT_PAUSE percent) are in use that were alive after the last; from then on each byte
 * allocated pays for WORK_FACTOR bytes of work (VM_COLLECT_STEP percent of it), done every STEP_BYTES. Large blocks are paid for in several steps, of
 * MAX_STEP_BYTES each, at the allocations that follow. Near the memory limit a whole cycle is done at once.
 *
 * "generational" is accepted and reported, and does the same: measured, it would not pay where programs allocate much (bench/README.md).
 *
 * Callers: only at safe points (ARCHITECTURE.md); frames and THREAD_TOP of the running thread must be up to date.
 */
import {
  CACHE_SHAPE, CACHE_SLOT, COLLECT_MARK, COLLECT_PAUSED, COLLECT_SWEEP, FRAME_SIZE, PROTO_CODE, PROTO_CODE_SIZE, PROTO_GCLIST, THREAD_FRAME, THREAD_FRAMES, THREAD_HAS_UPVALUES, THREAD_OPEN_UPVALUES,
  THREAD_UPVALUE_THREADS, UPVALUE_CLOSED, UPVALUE_LOCATION, UPVALUE_NEXT, VM_BYTES_USED, VM_COLLECTING, VM_COLLECTOR_STOPPED, VM_COLLECT_DUE, VM_COLLECT_PHASE, VM_THREAD,
  VM_COLLECT_STEP, VM_CURRENT_WHITE, VM_FIELD_CACHE,
} from '../../bytecode/layout';
import { hasFieldCache, opcodeWords } from '../generated/opcodes';
import {
  GC_ALL_WEAK, GC_EPHEMERONS, GC_ESTIMATE, GC_GRAY, GC_GRAY_AGAIN, GC_INHIBITED, GC_LIVE_TOP, GC_MARKED_PROTOS, GC_MARKED_SHAPES, GC_MARKED_SHAPE_COUNT,
  GC_SHAPE_COUNT, GC_SLICED_TABLE, GC_STRESS_COUNT, GC_UPVALUE_THREADS, GC_WEAK_VALUES, GC_WOKEN,
} from '../memory/collector-state';
import { isBlack, isDead, isWhite, markValue } from '../memory/colour';
import { MAX_STEP_BYTES, STEP_BYTES, STRESS_CYCLES, STRESS_TRACES, bytesToPayFor, collectorStress, scheduleCollection, scheduleStep } from '../memory/heap';
import { isEmergency } from '../memory/limit';
import { startSweep, sweepNext } from '../memory/sweep';
import { clearFieldCache } from '../objects/field-cache';
import { dropSpare } from '../memory/spare';
import { clearPatterns } from '../strings/pattern-program';
import { pruneChildren } from '../objects/shape';
import { shrinkStringTable } from '../strings/string-table';
import { copyValue } from '../base/value';
import { chargeTime, workTime } from '../base/budget';
import { markPending, pendingFinalizers, separateFinalizable } from './finalizer';
import { convergeEphemerons, markAll, markNext, markRoots, stepsOf, visitGrayAgain } from './mark';
import { dropPinsOfDead, markOwnedPins, markPins } from './pin';
import { verifyHeap } from './verify';
import { clearByKeys, clearByValues, forgetAwaited } from './weak';

export { barrier, barrierField, barrierObject, barrierValues } from '../memory/colour';
export { isPinAbandoned, pinObject, pinnedValue, setPinOwner, unpinObject } from './pin';
export { recount, verifyHeap } from './verify';

/** Bytes of work for each byte allocated, at the default step multiplier of 100 percent. */
const WORK_FACTOR: u64 = 16;

/** Host API: garbage that is not swept yet, so that nothing may refer to it again. */
export function isDeadObject(object: u32): bool { return isDead(object); }

// ---- Steps

/**
 * Collection point of the interpreter: does what is due. Finalisers are the caller's affair (finalizer-call.ts).
 * @param liveTop end of the stack slots in use, 0: as the current frame says
 */
export function collectDue(liveTop: u32): void {
  store<u32>(VM_COLLECT_DUE, 0);
  store<u32>(GC_LIVE_TOP, liveTop);
  if (isEmergency()) collectAll();
  else if (CHECKED && collectorStress() % STRESS_TRACES) collectStressed();
  else if (load<u32>(VM_COLLECTOR_STOPPED) | load<u32>(GC_INHIBITED)) scheduleStep(0);
  else {
    const bytes = bytesToPayFor();
    step(min(bytes, MAX_STEP_BYTES), bytes);
  }
  store<u32>(GC_LIVE_TOP, 0);
}

/** One step that makes up for `paid` of `bytes` allocated, or ends the cycle. @returns whether it did */
function step(paid: u32, bytes: u32): bool {
  const budget = <u64>paid * WORK_FACTOR * max<u64>(load<u32>(VM_COLLECT_STEP), 1) / 100;
  let work: u64 = 0;
  store<u32>(VM_COLLECTING, 1);
  do work += workOn(); while (work < budget && load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED);
  store<u32>(VM_COLLECTING, 0);
  chargeTime(stepsOf(<u32>min(work, <u64>u32.MAX_VALUE)));
  if (load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED) {
    scheduleStep(bytes - paid);
    return false;
  }
  scheduleCollection();
  return true;
}

/** collectgarbage("step", kilobytes): as if so much had been allocated; 0 is one step. @returns whether a cycle ended */
export function collectStep(kilobytes: u32, liveTop: u32): bool {
  store<u32>(GC_LIVE_TOP, liveTop);
  const bytes = kilobytes ? kilobytes * 1024 : STEP_BYTES;
  const ended = step(bytes, bytes);
  store<u32>(GC_LIVE_TOP, 0);
  return ended;
}

/** One piece of the work of a cycle. @returns how much it was */
function workOn(): u32 {
  switch (load<u32>(VM_COLLECT_PHASE)) {
    case COLLECT_PAUSED:
      startCycle();
      return 1024;
    case COLLECT_MARK: {
      const work = markNext(false);
      if (work) return work;
      if (markOwnedPins(false)) return 1024;
      finishMarking();
      return 4096;
    }
    default: {
      const work = sweepNext();
      if (work) return work;
      shrinkStringTable();
      store<u32>(VM_COLLECT_PHASE, COLLECT_PAUSED);
      return 1;
    }
  }
}

/** Debug builds: every collection point does one piece of a cycle, or a whole one; the heap is checked now and then. */
function collectStressed(): void {
  if (load<u32>(GC_INHIBITED) | load<u32>(VM_COLLECTOR_STOPPED)) return;
  if (collectorStress() == STRESS_CYCLES) {
    collectAll();
    return;
  }
  workOnChecked();
}

/** Debug builds: one piece; the heap is checked between the phases, and now and then. */
function workOnChecked(): void {
  const phase = load<u32>(VM_COLLECT_PHASE);
  workOn();
  const count = load<u32>(GC_STRESS_COUNT) + 1;
  store<u32>(GC_STRESS_COUNT, count);
  if ((phase != load<u32>(VM_COLLECT_PHASE) || (count & 1023) == 0) && verifyHeap()) unreachable();
}

/** Frames. */
const DEEP: u32 = 1000;

/**
 * Debug builds: a trace is about to be entered, or was left; frames are in memory. Mostly a few pieces, at times what is left of the phase:
 * so each state of a cycle meets each trace, and a trace meets each state of the tables it stores into. Not where the stack is deep: to look through all of it
 * at each of the calls that made it so would not end.
 */
export function stressAtTrace(): void {
  if (!CHECKED || collectorStress() != STRESS_TRACES || (load<u32>(GC_INHIBITED) | load<u32>(VM_COLLECTOR_STOPPED)) != 0) return;
  const thread = load<u32>(VM_THREAD);
  if (load<u32>(thread, THREAD_FRAME) > load<u32>(thread, THREAD_FRAMES) + DEEP * FRAME_SIZE) return;
  const phase = load<u32>(VM_COLLECT_PHASE);
  const chance = load<u32>(GC_STRESS_COUNT) * 0x9e3779b1 >> 26;
  // What the trace has stored, before this work puts it right. Not each time: what is missed is found where marking ends, if nothing else has marked it.
  if ((chance & 15) == 1 && phase == COLLECT_MARK && verifyHeap()) unreachable();
  let pieces: u32 = chance == 0 ? u32.MAX_VALUE : 1 + (chance & 7) * (chance & 7);
  do workOnChecked(); while (--pieces != 0 && load<u32>(VM_COLLECT_PHASE) == phase);
  // Left to the pace they might never be called: a program may wait for one whose garbage always is collected here.
  if (pendingFinalizers()) store<u32>(VM_COLLECT_DUE, 1);
}

/** A full collection: what is garbage now is freed. @param liveTop end of the stack slots in use, 0: as the current frame says */
export function collectFull(liveTop: u32): void {
  store<u32>(GC_LIVE_TOP, liveTop);
  collectAll();
  store<u32>(GC_LIVE_TOP, 0);
}

function collectAll(): void {
  store<u32>(VM_COLLECTING, 1);
  // A cycle under way has taken for reached what is garbage by now: it is given up (all that is black becomes white), or swept to its end.
  if (load<u32>(VM_COLLECT_PHASE) == COLLECT_MARK) startSweepPhase();
  while (load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED) workTime(stepsOf(workOn()));
  do workTime(stepsOf(workOn())); while (load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED);
  store<u32>(VM_COLLECTING, 0);
  scheduleCollection();
  store<u32>(VM_COLLECT_DUE, 0);
  if (CHECKED && collectorStress() && verifyHeap()) unreachable();
}

/** Host API: a limit is going to be raised out of the collector. What was being marked is given up: all that is black will be white again. */
export function abandonCycle(): void {
  store<u32>(VM_COLLECTING, 0);
  store<u32>(GC_LIVE_TOP, 0);
  if (load<u32>(VM_COLLECT_PHASE) == COLLECT_MARK) {
    forgetAwaited();
    startSweepPhase();
  }
  if (load<u32>(VM_COLLECT_PHASE) != COLLECT_PAUSED) scheduleStep(0);
}

// ---- Phases

function startCycle(): void {
  store<u32>(GC_GRAY, 0);
  store<u32>(GC_GRAY_AGAIN, 0);
  store<u32>(GC_MARKED_SHAPES, 0);
  store<u32>(GC_MARKED_SHAPE_COUNT, 0);
  store<u32>(GC_MARKED_PROTOS, 0);
  store<u32>(GC_SLICED_TABLE, 0);
  store<u32>(GC_WEAK_VALUES, 0);
  store<u32>(GC_EPHEMERONS, 0);
  store<u32>(GC_ALL_WEAK, 0);
  store<u32>(GC_WOKEN, 0);
  store<u32>(VM_COLLECT_PHASE, COLLECT_MARK);
  markRoots();
  markPins();
  markPending();
}

/** The atomic phase. */
function finishMarking(): void {
  markRoots();
  markAll();
  visitGrayAgain();
  markUpvaluesOfDeadThreads();
  markAll();
  converge();
  // All that the program can reach is marked. Values are taken out of weak tables before finalisers bring objects back, keys after.
  clearByValues(GC_WEAK_VALUES, 0);
  clearByValues(GC_ALL_WEAK, 0);
  const weakValues = load<u32>(GC_WEAK_VALUES);
  const allWeak = load<u32>(GC_ALL_WEAK);
  separateFinalizable(false);
  markPending();
  markAll();
  converge();
  clearByKeys(GC_EPHEMERONS);
  clearByKeys(GC_ALL_WEAK);
  clearByValues(GC_WEAK_VALUES, weakValues);
  clearByValues(GC_ALL_WEAK, allWeak);
  // From here on the host is not asked any more: what follows cannot be given up.
  dropPinsOfDead();
  if (load<u32>(VM_FIELD_CACHE)) clearFieldCache();
  clearPatterns();
  dropSpare();
  if (load<u32>(GC_MARKED_SHAPE_COUNT) != load<u32>(GC_SHAPE_COUNT)) {
    clearInlineCaches();
    pruneChildren(load<u32>(GC_MARKED_SHAPES));
  }
  closeUpvaluesOfDeadThreads();
  store<u32>(VM_CURRENT_WHITE, load<u32>(VM_CURRENT_WHITE) ^ 1);
  startSweepPhase();
}

/** Values of reached keys, and what is pinned for owners that are reached: each may reach the other. */
function converge(): void {
  do convergeEphemerons(); while (markOwnedPins(true));
}

function startSweepPhase(): void {
  store<u32>(GC_ESTIMATE, load<u32>(VM_BYTES_USED));
  store<u32>(GC_SLICED_TABLE, 0);
  startSweep();
  store<u32>(VM_COLLECT_PHASE, COLLECT_SWEEP);
}

/** Empties inline caches that name a dead shape. */
function clearInlineCaches(): void {
  for (let proto = load<u32>(GC_MARKED_PROTOS); proto; proto = load<u32>(proto, PROTO_GCLIST)) {
    let pc = load<u32>(proto, PROTO_CODE);
    for (const end = pc + load<u32>(proto, PROTO_CODE_SIZE); pc < end; ) {
      const op = <u32>load<u8>(pc);
      if (hasFieldCache(op)) {
        const shape = load<u32>(pc, CACHE_SHAPE);
        const child = load<u32>(pc, CACHE_SLOT);
        if ((shape != 0 && isWhite(shape)) || (child >= 65536 && isWhite(child))) store<u64>(pc, 0, CACHE_SHAPE);
      }
      pc += opcodeWords(op) * 8;
    }
  }
}

// ---- Open upvalues of threads that are not reached

/** Their variables may have changed since the upvalues were reached (from closures): stacks have no barrier. */
function markUpvaluesOfDeadThreads(): void {
  for (let thread = load<u32>(GC_UPVALUE_THREADS); thread; thread = load<u32>(thread, THREAD_UPVALUE_THREADS)) {
    if (!isWhite(thread)) continue;
    for (let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES); upvalue; upvalue = load<u32>(upvalue, UPVALUE_NEXT)) {
      if (isBlack(upvalue)) markValue(load<u32>(upvalue, UPVALUE_LOCATION));
    }
  }
}

/** They may live on in closures: they take their values along. Threads without open upvalues leave the list, too. */
function closeUpvaluesOfDeadThreads(): void {
  let link = GC_UPVALUE_THREADS;
  for (let thread = load<u32>(GC_UPVALUE_THREADS); thread; ) {
    const next = load<u32>(thread, THREAD_UPVALUE_THREADS);
    const dies = isWhite(thread);
    if (dies) {
      for (let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES); upvalue; ) {
        const below = load<u32>(upvalue, UPVALUE_NEXT);
        copyValue(upvalue + UPVALUE_CLOSED, load<u32>(upvalue, UPVALUE_LOCATION));
        store<u32>(upvalue, upvalue + UPVALUE_CLOSED, UPVALUE_LOCATION);
        store<u32>(upvalue, 0, UPVALUE_NEXT);
        upvalue = below;
      }
      store<u32>(thread, 0, THREAD_OPEN_UPVALUES);
    }
    if (dies || !load<u32>(thread, THREAD_OPEN_UPVALUES)) store<u32>(thread, 0, THREAD_HAS_UPVALUES);
    else {
      store<u32>(link, thread);
      link = thread + THREAD_UPVALUE_THREADS;
    }
    thread = next;
  }
  store<u32>(link, 0);
}
