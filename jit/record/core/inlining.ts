/** Pushing and popping the frames of inlined calls: what CALL, TFORCALL, TAILCALL, metamethods and returns have in common. */
import { FRAME_FLAG_TAIL, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT } from '../../../src/bytecode/layout.ts';
import type { Recording } from './recording.ts';
import { NIL, type Value } from './value.ts';

export interface InlinedCall {
  /** The closure called, and its value: guarded to be this closure, or of its prototype. */
  readonly closure: number;
  readonly handler: Value;
  /** Slot number of the function. */
  readonly func: number;
  /** Arguments, if they are not in their slots yet. */
  readonly args: readonly Value[] | undefined;
  /** Number of arguments that are in their slots, if `args` is undefined. */
  readonly count?: number;
  readonly results: number;
  readonly kind: number;
}

/** More variable arguments than this are no business of a trace. */
const MAX_VARARGS = 64;

/** Enters a Lua function: its frame is pushed now, and by the step that follows. */
export function enterCall(r: Recording, callerPc: number, call: InlinedCall): void {
  const { closure, handler, func, args, results, kind } = call;
  const proto = r.heap.protoOf(closure);
  checkDepth(r, proto);
  r.takeSnapshot();
  const count = args?.length ?? call.count ?? 0;
  r.writeSlot(func, handler);
  args?.forEach((value, n) => r.writeSlot(func + 1 + n, value));
  const parameters = r.heap.u32(proto + PROTO_PARAMETER_COUNT);
  const isVararg = r.heap.u32(proto + PROTO_IS_VARARG) !== 0;
  if (isVararg && count > MAX_VARARGS) r.abort('varargs', 'too many arguments');
  r.slots.forgetFrom(func + 1 + (isVararg ? count : Math.min(count, parameters)));
  for (let n = count; n < parameters; n++) r.writeSlot(func + 1 + n, NIL);
  const varargs = isVararg ? count : 0;
  r.frames.pushOf(closure, { base: func + 1, functionSlot: func, callerPc, results, kind, varargs, isOwn: true, closureRef: handler.ref });
}

/** VARARGPREP: the frame moves above its arguments; function and fixed parameters move along. */
export function moveAboveVarargs(r: Recording): void {
  const { base, proto, varargs: count, functionSlot } = r.frame;
  const parameters = r.heap.u32(proto + PROTO_PARAMETER_COUNT);
  const extra = Math.max(count - parameters, 0);
  const moved = base + parameters + extra + 1;
  const func = r.readSlot(functionSlot);
  const fixed = Array.from({ length: parameters }, (_, n) => r.readSlot(base + n));
  r.frames.move(moved, extra);
  r.writeSlot(moved - 1, func);
  fixed.forEach((value, n) => {
    r.writeSlot(moved + n, value);
    r.writeSlot(base + n, NIL);
  });
}

/** Limits on nesting and on recursion. */
function limitOf(r: Recording, proto: number): 'inline-depth' | 'recursion' | undefined {
  const { maxinline, recunroll } = r.context.parameters;
  if (r.depth >= maxinline) return 'inline-depth';
  return r.frames.all.filter((frame) => frame.proto === proto).length > recunroll ? 'recursion' : undefined;
}

/** @throws RecordingAborted if the function cannot be inlined here */
function checkDepth(r: Recording, proto: number): void {
  const reason = limitOf(r, proto);
  if (reason !== undefined) r.abort(reason);
}

/** A side trace that comes to a call which is not to be inlined ends there; the interpreter makes the call. @returns whether it does */
export function endsAtCall(r: Recording, closure: number): boolean {
  if (!r.isSide || r.length < 2 || limitOf(r, r.heap.protoOf(closure)) === undefined) return false;
  r.trace.link = { kind: 'interpreter' };
  r.finish();
  return true;
}

/** Replaces the current (inlined) frame by that of the function it calls last. */
export function enterTailCall(r: Recording, closure: number, handler: Value, args: readonly Value[]): void {
  const { functionSlot, callerPc, results, kind } = r.frames.pop();
  enterCall(r, callerPc, { closure, handler, func: functionSlot, args, results, kind: kind | FRAME_FLAG_TAIL });
}

/** Results go to the function's slot; -1 wants all of them and sets the top. */
export function placeResults(r: Recording, func: number, values: readonly Value[], wanted: number): void {
  const count = wanted < 0 ? values.length : wanted;
  r.slots.forgetFrom(func);
  for (let n = 0; n < count; n++) r.writeSlot(func + n, values[n] ?? NIL);
  if (wanted >= 0) return;
  r.openTop = func + count;
  r.storeTop(r.openTop);
}
