/**
 * Closures, upvalues and builtin functions.
 * An upvalue is open while its variable lives in a stack slot: UPVALUE_LOCATION is then that slot, and the thread's list of open upvalues,
 * in descending stack order, holds it, so that two closures share one upvalue. Closing copies the value into the upvalue itself.
 */
import {
  BUILTIN_FUNCTION, BUILTIN_HANDLE, BUILTIN_ID, BUILTIN_NAME, BUILTIN_UPVALUES, BUILTIN_UPVALUE_COUNT, CLOSURE_PROTO, CLOSURE_UPVALUES, CLOSURE_UPVALUE_COUNT,
  PROTO_FLAG_CLOSURE, PROTO_FLAG_CLOSURES, PROTO_FLAGS, PROTO_UPVALUES, PROTO_UPVALUE_COUNT, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_UPVALUE, TAG_USERDATA, THREAD_HAS_UPVALUES, THREAD_OPEN_UPVALUES,
  THREAD_UPVALUE_THREADS, UPVALUE_CLOSED, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_SIZE, UPVALUE_LOCATION, UPVALUE_NEXT, UPVALUE_SIZE,
  USERDATA_BYTES, USERDATA_HANDLE, USERDATA_LENGTH, USERDATA_METATABLE,
} from '../../bytecode/layout';
import { clearWords } from '../base/bytes';
import { throwMemoryError } from '../base/raise';
import { GC_UPVALUE_THREADS } from '../memory/collector-state';
import { barrier, barrierObject } from '../memory/colour';
import { newObject, tryNewObject } from '../memory/heap';
import { HOST_OBJECT_COST, chargeHost } from '../memory/limit';
import { copyValue, setNil } from '../base/value';


/** A closure whose upvalue pointers are 0, for the caller to fill. */
export function newClosure(proto: u32, upvalueCount: u32): u32 {
  const closure = tryNewClosure(proto, upvalueCount);
  if (!closure) throwMemoryError();
  return closure;
}

function tryNewClosure(proto: u32, upvalueCount: u32): u32 {
  const closure = tryNewObject(TAG_CLOSURE, CLOSURE_UPVALUES + 4 * upvalueCount);
  if (!closure) return 0;
  store<u32>(closure, proto, CLOSURE_PROTO);
  const flags = load<u32>(proto, PROTO_FLAGS);
  store<u32>(proto, flags | (flags & PROTO_FLAG_CLOSURE ? PROTO_FLAG_CLOSURES : PROTO_FLAG_CLOSURE), PROTO_FLAGS);
  store<u32>(closure, upvalueCount, CLOSURE_UPVALUE_COUNT);
  clearWords(closure + CLOSURE_UPVALUES, 4 * upvalueCount);
  return closure;
}

/** Sets upvalue `index` of a closure (host's loader: `_ENV`). */
export function setClosureUpvalue(closure: u32, index: u32, upvalue: u32): void {
  store<u32>(closure + CLOSURE_UPVALUES + 4 * index, upvalue);
  barrierObject(closure, upvalue);
}

/** A closed upvalue holding the value of `slot`, or nil if `slot` is 0. */
export function newClosedUpvalue(slot: u32): u32 {
  const upvalue = newObject(TAG_UPVALUE, UPVALUE_SIZE);
  store<u32>(upvalue, upvalue + UPVALUE_CLOSED, UPVALUE_LOCATION);
  store<u32>(upvalue, 0, UPVALUE_NEXT);
  if (slot) copyValue(upvalue + UPVALUE_CLOSED, slot);
  else setNil(upvalue + UPVALUE_CLOSED);
  return upvalue;
}

/** The open upvalue of a stack slot, made if there is none; 0 when memory ran out. */
function tryFindUpvalue(thread: u32, slot: u32): u32 {
  let link = thread + THREAD_OPEN_UPVALUES;
  let upvalue = load<u32>(link);
  while (upvalue && load<u32>(upvalue, UPVALUE_LOCATION) > slot) {
    link = upvalue + UPVALUE_NEXT;
    upvalue = load<u32>(link);
  }
  if (upvalue && load<u32>(upvalue, UPVALUE_LOCATION) == slot) return upvalue;
  const fresh = tryNewObject(TAG_UPVALUE, UPVALUE_SIZE);
  if (!fresh) return 0;
  if (!load<u32>(thread, THREAD_HAS_UPVALUES)) {
    store<u32>(thread, 1, THREAD_HAS_UPVALUES);
    store<u32>(thread, load<u32>(GC_UPVALUE_THREADS), THREAD_UPVALUE_THREADS);
    store<u32>(GC_UPVALUE_THREADS, thread);
  }
  store<u32>(fresh, slot, UPVALUE_LOCATION);
  store<u32>(fresh, upvalue, UPVALUE_NEXT);
  setNil(fresh + UPVALUE_CLOSED);
  store<u32>(link, fresh);
  return fresh;
}

/** Closes all open upvalues at or above `level`. */
export function closeUpvalues(thread: u32, level: u32): void {
  let upvalue = load<u32>(thread, THREAD_OPEN_UPVALUES);
  while (upvalue && load<u32>(upvalue, UPVALUE_LOCATION) >= level) {
    const next = load<u32>(upvalue, UPVALUE_NEXT);
    copyValue(upvalue + UPVALUE_CLOSED, load<u32>(upvalue, UPVALUE_LOCATION));
    store<u32>(upvalue, upvalue + UPVALUE_CLOSED, UPVALUE_LOCATION);
    store<u32>(upvalue, 0, UPVALUE_NEXT);
    barrier(upvalue, upvalue + UPVALUE_CLOSED);
    upvalue = next;
  }
  store<u32>(thread, upvalue, THREAD_OPEN_UPVALUES);
}

/** Instantiates a prototype in a running frame: upvalues come from the frame's registers or from the running closure. */
export function instantiate(thread: u32, proto: u32, enclosing: u32, base: u32): u32 {
  const closure = tryInstantiate(thread, proto, enclosing, base);
  if (!closure) throwMemoryError();
  return closure;
}

/** As instantiate; 0 when memory ran out. */
export function tryInstantiate(thread: u32, proto: u32, enclosing: u32, base: u32): u32 {
  const count = load<u32>(proto, PROTO_UPVALUE_COUNT);
  const closure = tryNewClosure(proto, count);
  if (!closure) return 0;
  let description = load<u32>(proto, PROTO_UPVALUES);
  for (let i: u32 = 0; i < count; i++, description += UPVALUE_DESC_SIZE) {
    const index = <u32>load<u8>(description, UPVALUE_DESC_INDEX);
    const upvalue = load<u8>(description, UPVALUE_DESC_FROM_STACK)
      ? tryFindUpvalue(thread, base + index * SLOT_SIZE)
      : load<u32>(enclosing + CLOSURE_UPVALUES + 4 * index);
    if (!upvalue) return 0;
    store<u32>(closure + CLOSURE_UPVALUES + 4 * i, upvalue);
  }
  return closure;
}

/** A builtin function. @param functionIndex of its implementation in the core's table  @param id place in builtin-table.ts + 1, or 0 and the host's handle */
export function newBuiltinObject(functionIndex: u32, name: u32, id: u32, handle: u32): u32 {
  const builtin = newObject(TAG_BUILTIN, BUILTIN_UPVALUES);
  writeBuiltin(builtin, functionIndex, name, id, handle);
  return builtin;
}

/** One of the core's with the values in `count` slots from `first` on as its upvalues. */
export function newBuiltinWithUpvalues(functionIndex: u32, id: u32, first: u32, count: u32): u32 {
  const builtin = newObject(TAG_BUILTIN, BUILTIN_UPVALUES + count * SLOT_SIZE);
  writeBuiltin(builtin, functionIndex, 0, id, 0);
  memory.copy(builtin + BUILTIN_UPVALUES, first, count * SLOT_SIZE);
  store<u32>(builtin, count, BUILTIN_UPVALUE_COUNT);
  return builtin;
}

function writeBuiltin(builtin: u32, functionIndex: u32, name: u32, id: u32, handle: u32): void {
  store<u32>(builtin, functionIndex, BUILTIN_FUNCTION);
  store<u32>(builtin, name, BUILTIN_NAME);
  store<u32>(builtin, handle, BUILTIN_HANDLE);
  store<u32>(builtin, id, BUILTIN_ID);
  store<u32>(builtin, 0, BUILTIN_UPVALUE_COUNT);
}

/** A userdata with `length` zeroed bytes and a host handle. */
export function newUserdata(length: u32, handle: u32): u32 {
  const userdata = newObject(TAG_USERDATA, USERDATA_BYTES + length);
  if (handle) chargeHost(HOST_OBJECT_COST);
  store<u32>(userdata, 0, USERDATA_METATABLE);
  store<u32>(userdata, handle, USERDATA_HANDLE);
  store<u32>(userdata, length, USERDATA_LENGTH);
  memory.fill(userdata + USERDATA_BYTES, 0, length);
  return userdata;
}

/** Gives a userdata without handle this one. */
export function setUserdataHandle(userdata: u32, handle: u32): void {
  chargeHost(HOST_OBJECT_COST);
  store<u32>(userdata, handle, USERDATA_HANDLE);
}
