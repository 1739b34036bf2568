/**
 * Variable arguments and tail calls: moving frames within the stack.
 *
 * A vararg function's frame is moved above its arguments, the function and the fixed parameters copied along:
 *
 *     | func | fixed (old, cleared) | extra ... | func | fixed | registers ...
 *       ^ results go here                              ^ base of the frame
 *
 * FRAME_VARARGS is the number of all arguments until VARARGPREP has run, of the extra ones afterwards.
 */
import {
  CLOSURE_PROTO, FRAME_BASE, FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_FLAG_TAIL, FRAME_KIND, FRAME_PC, FRAME_TOP, FRAME_VARARGS, PROTO_CODE, PROTO_CODE_SIZE, PROTO_CONSTANTS,
  PROTO_FLAGS, PROTO_FLAG_LIBRARY, PROTO_FRAME_SIZE, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, RUN_STEPPED, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, THREAD_FRAME, THREAD_TOP,
} from '../../bytecode/layout';
import { copyValue, moveValuesDown, pointerOf, poisonSlots, setNil, tagOf } from '../base/value';
import { charge, spend, spendCall } from '../base/budget';
import { callBuiltin, insertCallMetamethod, pushLuaFrame } from './call';
import { freshFlag, isLibraryFrame } from './hook';
import { growStack } from './stack';

/** VARARGPREP: moves the current frame above its variable arguments. */
// @ts-ignore: decorator
@inline export function prepareVarargs(thread: u32, frame: u32, parameters: u32): void {
  const count = load<u32>(frame, FRAME_VARARGS);
  const extra = count > parameters ? count - parameters : 0;
  const frameSize = load<u32>(frame, FRAME_TOP) - load<u32>(frame, FRAME_BASE);
  const shift = (parameters + extra + 1) * SLOT_SIZE;
  growStack(thread, load<u32>(frame, FRAME_BASE), shift + frameSize);
  const base = load<u32>(frame, FRAME_BASE);
  const moved = base + shift;
  copyValue(moved - SLOT_SIZE, base - SLOT_SIZE);
  for (let i: u32 = 0; i < parameters; i++) {
    copyValue(moved + i * SLOT_SIZE, base + i * SLOT_SIZE);
    setNil(base + i * SLOT_SIZE);
  }
  store<u32>(frame, moved, FRAME_BASE);
  store<u32>(frame, moved + frameSize, FRAME_TOP);
  store<u32>(frame, extra, FRAME_VARARGS);
  if (CHECKED) poisonSlots(moved + parameters * SLOT_SIZE, moved + frameSize);
}

/** VARARG: copies `wanted` variable arguments (-1 = all, setting the top) to the register at `offset`. */
// @ts-ignore: decorator
@inline export function pushVarargs(thread: u32, frame: u32, offset: u32, wanted: i32): void {
  const extra = load<u32>(frame, FRAME_VARARGS);
  if (wanted < 0) {
    growStack(thread, load<u32>(frame, FRAME_BASE) + offset, extra * SLOT_SIZE);
    wanted = extra;
    store<u32>(thread, load<u32>(frame, FRAME_BASE) + offset + extra * SLOT_SIZE, THREAD_TOP);
  }
  const base = load<u32>(frame, FRAME_BASE);
  const to = base + offset;
  const from = base - SLOT_SIZE - extra * SLOT_SIZE;
  const copied = min(<u32>wanted, extra);
  charge(copied);
  for (let i: u32 = 0; i < copied; i++) copyValue(to + i * SLOT_SIZE, from + i * SLOT_SIZE);
  for (let i = copied; i < <u32>wanted; i++) setNil(to + i * SLOT_SIZE);
}

/**
 * TAILCALL behind its closing: a Lua function takes over the current frame; a builtin is called as by CALL with all results, which
 * the RETURN behind the instruction passes on.
 */
export function finishTailCall(thread: u32, pc: u32, func: u32, count: u32): i32 {
  while (tagOf(func) != TAG_CLOSURE) {
    if (tagOf(func) == TAG_BUILTIN) {
      spend();
      return callBuiltin(thread, func, count, -1, 0);
    }
    func += insertCallMetamethod(thread, func, count);
    count += 1;
  }
  if (load<u32>(load<u32>(pointerOf(func), CLOSURE_PROTO), PROTO_FLAGS) & PROTO_FLAG_LIBRARY) {
    // As a builtin; within the library its own caller goes.
    if (!isLibraryFrame(load<u32>(thread, THREAD_FRAME))) {
      pushLuaFrame(thread, func, count, -1, 0);
      return RUN_STEPPED;
    }
  }
  const frame = load<u32>(thread, THREAD_FRAME);
  const parameters = <u32>load<u16>(pc, 6);
  const closure = pointerOf(func);
  const proto = load<u32>(closure, CLOSURE_PROTO);
  spendCall(load<u32>(proto, PROTO_CODE_SIZE));
  const frameSize = load<u32>(proto, PROTO_FRAME_SIZE);
  let own = load<u32>(frame, FRAME_BASE) - SLOT_SIZE;
  if (parameters) own -= (load<u32>(frame, FRAME_VARARGS) + parameters) * SLOT_SIZE;
  const delta = growStack(thread, own + SLOT_SIZE, frameSize);
  own += delta;
  charge(count);
  moveValuesDown(own, func + delta, count + 1);
  const base = own + SLOT_SIZE;
  store<u32>(frame, base, FRAME_BASE);
  const parametersEnd = base + load<u32>(proto, PROTO_PARAMETER_COUNT) * SLOT_SIZE;
  for (let slot = base + count * SLOT_SIZE; slot < parametersEnd; slot += SLOT_SIZE) setNil(slot);
  if (CHECKED && !load<u32>(proto, PROTO_IS_VARARG)) poisonSlots(parametersEnd, base + frameSize);
  store<u32>(frame, load<u32>(proto, PROTO_CODE), FRAME_PC);
  store<u32>(frame, load<u32>(proto, PROTO_CONSTANTS), FRAME_CONSTANTS);
  store<u32>(frame, closure, FRAME_CLOSURE);
  store<u32>(frame, load<u32>(frame, FRAME_KIND) | FRAME_FLAG_TAIL | freshFlag(thread), FRAME_KIND);
  store<u32>(frame, count, FRAME_VARARGS);
  store<u32>(frame, base + frameSize, FRAME_TOP);
  return RUN_STEPPED;
}
