/** Pushing and popping the frames of inlined calls: what CALL, TFORCALL, TAILCALL, metamethods and returns have in common. */
import { FRAME_FLAG_TAIL, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT } from '../../../../src/bytecode/layout';
import { Abort } from '../../generated/ir-tables';
import { Link } from '../../ir/trace';
import { NewFrame } from './frame-stack';
import * as heap from './heap';
import { maxinline, recunroll } from './parameters';
import { Recording } from './recording';
import { nil, Value } from './value';

/** More variable arguments than this are no business of a trace. */
const MAX_VARARGS: i32 = 64;

/** limitOf: none is reached. */
const NO_LIMIT: i32 = -1;

/**
 * Enters a Lua function: its frame is pushed now, and by the step that follows.
 * @param handler the closure's value: guarded to be this closure, or of its prototype
 * @param func slot number of the function
 * @param args arguments, if they are not in their slots yet
 * @param given number of arguments that are in their slots, if `args` is null
 */
export function enterCall(r: Recording, callerPc: u32, closure: u32, handler: Value, func: i32, args: Array<Value> | null, given: i32, results: i32, kind: u32): void {
  const proto = heap.protoOf(closure);
  checkDepth(r, proto);
  r.takeSnapshot();
  const count = args === null ? given : args.length;
  r.writeSlot(func, handler);
  if (args !== null) for (let n = 0; n < count; n++) r.writeSlot(func + 1 + n, args[n]);
  const parameters = <i32>heap.u32(proto + PROTO_PARAMETER_COUNT);
  const isVararg = heap.u32(proto + PROTO_IS_VARARG) != 0;
  if (isVararg && count > MAX_VARARGS) r.abort(Abort.VARARGS, 'too many arguments');
  r.slots.forgetFrom(func + 1 + (isVararg ? count : min(count, parameters)));
  for (let n = count; n < parameters; n++) r.writeSlot(func + 1 + n, nil());
  r.frames.pushOf(closure, new NewFrame(func + 1, func, callerPc, results, kind, isVararg ? count : 0, true, handler.ref));
}

/** VARARGPREP: the frame moves above its arguments; function and fixed parameters move along. */
export function moveAboveVarargs(r: Recording): void {
  const frame = r.frame;
  const base = frame.base;
  const parameters = <i32>heap.u32(frame.proto + PROTO_PARAMETER_COUNT);
  const extra = max(frame.varargs - parameters, 0);
  const moved = base + parameters + extra + 1;
  const func = r.readSlot(frame.functionSlot);
  const fixed: Array<Value> = [];
  for (let n = 0; n < parameters; n++) fixed.push(r.readSlot(base + n));
  r.frames.move(moved, extra);
  r.writeSlot(moved - 1, func);
  for (let n = 0; n < parameters; n++) {
    r.writeSlot(moved + n, fixed[n]);
    r.writeSlot(base + n, nil());
  }
}

/** Limits on nesting and on recursion. @returns Abort, or NO_LIMIT */
function limitOf(r: Recording, proto: u32): i32 {
  if (r.depth >= maxinline) return Abort.INLINE_DEPTH;
  const frames = r.frames.all;
  let same = 0;
  for (let n = 0; n < frames.length; n++) if (frames[n].proto == proto) same++;
  return same > recunroll ? Abort.RECURSION : NO_LIMIT;
}

/** Aborts if the function cannot be inlined here. */
function checkDepth(r: Recording, proto: u32): void {
  const limit = limitOf(r, proto);
  if (limit != NO_LIMIT) r.abort(limit);
}

/** A side trace that comes to a call which is not to be inlined ends there; the interpreter makes the call. @returns whether it does */
export function endsAtCall(r: Recording, closure: u32): bool {
  if (!r.isSide || r.length < 2 || limitOf(r, heap.protoOf(closure)) == NO_LIMIT) return false;
  r.trace.link = Link.INTERPRETER;
  r.finish();
  return true;
}

/** Replaces the current (inlined) frame by that of the function it calls last. */
export function enterTailCall(r: Recording, closure: u32, handler: Value, args: Array<Value>): void {
  const frame = r.frames.pop();
  enterCall(r, frame.callerPc, closure, handler, frame.functionSlot, args, 0, frame.results, frame.kind | FRAME_FLAG_TAIL);
}

/** Results go to the function's slot; -1 wants all of them and sets the top. */
export function placeResults(r: Recording, func: i32, values: Array<Value>, wanted: i32): void {
  const count = wanted < 0 ? values.length : wanted;
  r.slots.forgetFrom(func);
  for (let n = 0; n < count; n++) r.writeSlot(func + n, n < values.length ? values[n] : nil());
  if (wanted >= 0) return;
  r.openTop = func + count;
  r.storeTop(r.openTop);
}
