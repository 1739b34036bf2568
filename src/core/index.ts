/**
 * The core's exports. Three users: the host (src/engine), compiled code (jit/ir/helper-table.ts) and tests. Nothing else is defined here but `init`.
 * The build moves functions into the table (scripts/pack-core.mjs).
 */
import {
  MAX_STACK_SLOTS, THREAD_ACTIVE, THREAD_C_CALLS, THREAD_STATUS, VM_GLOBALS, VM_MAIN_THREAD, VM_METATABLE_EPOCH, VM_REGISTRY,
  VM_STACK_LIMIT, VM_THREAD,
} from '../bytecode/layout';
import { initHeap } from './memory/heap';
import { seedRandomly } from './lib/math';
import { initFieldCache } from './objects/field-cache';
import { initShapes } from './objects/shape';
import { initStrings } from './strings/string';
import { newTable } from './objects/table-new';
import { newThread } from './objects/thread';
import { initHash } from './base/hash';

export { freeRaw } from './memory/free';
export { allocateRaw, reallocateRaw, setCollectorStress, setMemoryLimit } from './memory/heap';
export { abandonCycle, collectDue, collectFull, isPinAbandoned, pinObject, pinnedValue, setPinOwner, recount, unpinObject, verifyHeap, isDeadObject } from './collect/cycle';
export { beginCompilation, endCompilation } from './compile/compilation';
export { compileChunk } from './compile/compile';
export { chargeHost, setFailures } from './memory/limit';
export { mayRepeat, repeatFailed } from './run/repeat';
export { sourceName } from './errors/position';
export { newLongString, newString } from './strings/string';
export { numberToString as stringFromNumber } from './number/print';
export { toNumberSlot as toNumber } from './number/arithmetic';
export { fillFile, newFile } from './lib/file';
export { setMetatable, setUserdataMetatable } from './objects/metatable';
export { newTable } from './objects/table-new';
export {
  tableGet, tableGetString, tableLength, tableNext, tableSet, tableSetString, traceAppendGrow as traceAppendRoom, traceNewTable,
  traceTableGet, traceTableSet,
} from './objects/table';
export { newBuiltin, newHostFunction } from './lib/registry';
export { newClosedUpvalue, newClosure, newUserdata, setClosureUpvalue, setUserdataHandle } from './objects/function';
export { chunkSize, readChunk } from './chunk/read';
export { isAssigned, isLive, isLoopState } from './chunk/verify';
export { dumpPrototype } from './chunk/write';
export { dropPinsOf } from './collect/pin';
export { abandonRuns } from './run/abandon';
export { retireHandles } from './run/retire';
export { ensureStack, setStackStress } from './run/stack';
export { enterCall, enterHandled, enterHook, unwind } from './run/protected-call';
export { leavesToHost } from './run/protected-frames';
export { finishHookingBuiltin } from './run/call';
export { callInsteadOfHost as callInstead, finishWait, leaveWait, maySuspend, newHostThread } from './run/host-wait';
export { newCoroutine } from './run/coroutine';
export { countPlainFrames } from './run/hook';
export { run, step } from './run/interpreter';
export {
  traceAppendValues, traceBarrier, traceChar, traceCloseUpvalues, traceCompareStrings, traceConcat, traceEqualStrings, traceNewClosure, traceNext,
  traceSetMetatable, traceSlotRoom, traceSubstring, traceTableGetString, traceToString,
} from './trace/helpers';
export { traceCallBuiltin, traceCallFunction, traceLeave, traceUnwind } from './trace/entry';
export { acos, asin, atan2, cos, exp, fmod, log, log10, log2, pow, sin, tan } from './trace/math';
export { load32, load64, load8, loadFloat, store32, store64 } from './trace/peek';
export { popToBeClosed } from './run/close';
export { startClosing } from './lib/base';
export { setCompanion } from './lib/companion';
export { dropPins, nextFreeChunk, reseed, resetLoops } from './image/adopt';
export { clearUnused } from './image/clear';
export { allowHooks, stopHooks } from './run/hook';
export { joinUpvalue, setBuiltinUpvalue, setTypeMetatable, setUpvalue } from './run/debug';

/** What the main thread starts with. */
const MAIN_STACK: u32 = 256;
const MAIN_FRAMES: u32 = 32;

/** Lays out an empty VM. */
export function init(): void {
  initHash();
  seedRandomly();
  store<u32>(VM_METATABLE_EPOCH, 1);
  store<u32>(VM_STACK_LIMIT, MAX_STACK_SLOTS);
  initHeap();
  initStrings();
  initShapes();
  initFieldCache();
  const thread = newThread(MAIN_STACK, MAIN_FRAMES);
  store<u32>(thread, THREAD_ACTIVE, THREAD_STATUS);
  // As in lua's main program, which runs inside a protected call of its own.
  store<u32>(thread, 1, THREAD_C_CALLS);
  store<u32>(VM_MAIN_THREAD, thread);
  store<u32>(VM_THREAD, thread);
  store<u32>(VM_REGISTRY, newTable(0, 0));
  store<u32>(VM_GLOBALS, newTable(0, 64));
}
