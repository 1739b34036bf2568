/**
 * Recording of calls and returns. Lua functions are inlined: their registers are slots above the caller's, snapshots name their frames. Builtins are
 * replaced by IR where builtins/call.ts knows how, else called from inside the trace with the stack in sync.
 */
import { FRAME_FLAG_META, PROTO_FLAG_LIBRARY, PROTO_FLAGS, TAG_BUILTIN, TAG_CLOSURE, THREAD_TBC } from '../../../../src/bytecode/layout';
import { EVENT_CALL } from '../../../../src/core/generated/metamethods';
import {
  OP_EQ, OP_EQK, OP_GEK, OP_GTK, OP_LE, OP_LEK, OP_LT, OP_LTK, OP_SETFIELD, OP_SETI, OP_SETTABLE, OP_SETTABUP,
} from '../../../../src/core/generated/opcodes';
import { isPolymorphic } from '../../base/host';
import { Abort, Field, Helper, Op } from '../../generated/ir-tables';
import { Link } from '../../ir/trace';
import { guardMetatableOf, metamethodIn } from '../access/metamethod';
import { BuiltinCall, IteratorOperands, recordBuiltin } from '../builtins/call';
import * as heap from '../core/heap';
import { endsAtCall, enterCall, enterTailCall, moveAboveVarargs, placeResults } from '../core/inlining';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { nil, Value } from '../core/value';
import { callFunction, isCompiledCall } from './function-call';
import { readSlots } from './operands';
import { recordClosing } from './upvalue';

/** Proves which function is called. @returns its value: a constant, or the reference if only its prototype is certain */
function guardFunction(r: Recording, value: Value, closure: u32): Value {
  const ir = r.ir;
  if (value.ref < 0) return value;
  const proto = heap.protoOf(closure);
  const maker = ir.instructionAt(value.ref);
  const isNew = maker !== null && maker.op == Op.CALL && maker.immediate == Helper.traceNewClosure;
  // Without upvalues one closure is as good as another.
  const isStateless = heap.upvalueCount(closure) == 0;
  if (isNew || isStateless || isPolymorphic(proto, closure) != 0) {
    r.guardEqual(r.field(value.ref, Field.CLOSURE_PROTO), ir.pointer(proto));
    return value;
  }
  r.guardEqual(value.ref, ir.pointer(closure));
  return new Value(ir.pointer(closure), TAG_CLOSURE);
}

/** Number of arguments or values from register `a` + 1 or `a`: given by the instruction, or up to the open top. */
function openCount(r: Recording, operand: i32, from: i32): i32 {
  if (operand != 0) return operand - 1;
  if (r.openTop < 0) r.abort(Abort.VARARGS, 'an open list from before the trace');
  return r.openTop - from;
}

export function recordCall(r: Recording, i: InstructionView): AfterStep | null {
  const func = r.slotOf(i.a);
  const count = openCount(r, i.b, func + 1);
  const value = r.readSlot(func);
  const address = r.slotAddress(func);
  const results = i.c - 1;
  if (value.tag == TAG_BUILTIN) return recordBuiltin(r, i, new BuiltinCall(func, count, results));
  if (value.tag == TAG_CLOSURE) {
    const closure = heap.pointer(address);
    if (isCompiledCall(r, closure)) return callFunction(r, i, closure, guardFunction(r, value, closure), func, count, results);
    if (endsAtCall(r, closure)) return null;
    for (let n = 0; n < count; n++) r.readSlot(func + 1 + n);
    enterCall(r, i.pc, closure, guardFunction(r, value, closure), func, null, count, results, 0);
    return null;
  }
  const handler = metamethodIn(r, guardMetatableOf(r, value, address), EVENT_CALL);
  if (handler.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_CALL);
  const args = [value];
  for (let n = 0; n < count; n++) args.push(r.readSlot(func + 1 + n));
  enterCall(r, i.pc, r.ir.addressOf(handler.ref), handler, func, args, 0, results, 0);
  return null;
}

export function recordTailCall(r: Recording, i: InstructionView): AfterStep | null {
  const func = r.slotOf(i.a);
  const count = openCount(r, i.b, func + 1);
  const value = r.readSlot(func);
  if (i.k != 0) recordScopeEnd(r);
  if (value.tag == TAG_BUILTIN) return recordBuiltin(r, i, new BuiltinCall(func, count, -1));
  if (value.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_CALL, 'a tail call of something that is no function');
  if (r.depth == 0) {
    leaveRoot(r, null);
    return null;
  }
  const closure = heap.pointer(r.slotAddress(func));
  const handler = guardFunction(r, value, closure);
  const args = readSlots(r, func + 1, count);
  // These are called like builtins: they leave the frame in place, which is rare enough to be the interpreter's business.
  if (isLibraryFunction(heap.protoOf(closure)) && !isLibraryFunction(r.frame.proto)) r.abort(Abort.UNSUPPORTED_CALL, 'a tail call of a library function');
  r.takeSnapshot();
  enterTailCall(r, closure, handler, args);
  return null;
}

/** Is it part of a library that is written in Lua? */
const isLibraryFunction = (proto: u32): bool => (heap.u32(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) != 0;

/** A function that closes variables returns. */
function recordScopeEnd(r: Recording): void {
  const pending = heap.u32(heap.thread() + THREAD_TBC);
  if (pending >= r.slotAddress(r.frame.base)) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'a variable to be closed');
  recordClosing(r, r.frame.base);
}

/**
 * The function the trace started in returns: the trace ends there. As part of the function's code it returns the values, elsewhere the interpreter does.
 * @param values null if they are not known
 */
function leaveRoot(r: Recording, values: Array<Value> | null): void {
  const trace = r.trace;
  if (trace.functionProto == 0 && !r.isSide) r.abort(Abort.LEAVES_ROOT_FRAME);
  if (values !== null && values.length <= 1) r.finishReturning(values);
  else if (!r.isSide) r.abort(Abort.LEAVES_ROOT_FRAME);
  else {
    trace.link = Link.INTERPRETER;
    r.finish();
  }
}

function leaveFrame(r: Recording, values: Array<Value>): void {
  const frame = r.frames.pop();
  if ((frame.kind & FRAME_FLAG_META) != 0) {
    r.slots.forgetFrom(frame.functionSlot);
    finishInstruction(r, frame.callerPc, values.length > 0 ? values[0] : nil());
    return;
  }
  placeResults(r, frame.functionSlot, values, frame.results);
}

/** Completes the caller's instruction with a metamethod's result, as the core's finishInstruction. */
function finishInstruction(r: Recording, pc: u32, result: Value): void {
  const i = new InstructionView(pc);
  switch (i.op) {
    case OP_EQ: case OP_LT: case OP_LE: case OP_EQK: case OP_LTK: case OP_LEK: case OP_GTK: case OP_GEK:
    case OP_SETTABUP: case OP_SETTABLE: case OP_SETI: case OP_SETFIELD:
      return;
    default:
      r.write(i.a, result);
  }
}

function returnValues(r: Recording, values: Array<Value>, closes: bool): void {
  if (r.depth == 0) {
    leaveRoot(r, values);
    return;
  }
  if (closes) recordScopeEnd(r);
  r.takeSnapshot();
  leaveFrame(r, values);
}

export function recordReturn(r: Recording, i: InstructionView): AfterStep | null {
  const closes = i.k != 0;
  if (r.depth == 0 && closes) {
    leaveRoot(r, null);
    return null;
  }
  const from = r.slotOf(i.a);
  returnValues(r, readSlots(r, from, openCount(r, i.b, from)), closes);
  return null;
}

export function recordReturnNothing(r: Recording, i: InstructionView): AfterStep | null {
  returnValues(r, [], false);
  return null;
}

export function recordReturnOne(r: Recording, i: InstructionView): AfterStep | null {
  returnValues(r, [r.read(i.a)], false);
  return null;
}

/** R[A], ... := iterator(state, control) of a generic for. */
export function recordIteratorCall(r: Recording, i: InstructionView): AfterStep | null {
  const slot = r.slotOf(i.a);
  const func = slot + 4;
  const value = r.readSlot(slot);
  const args = readSlots(r, slot + 1, 2);
  if (value.tag == TAG_BUILTIN) return recordBuiltin(r, i, new BuiltinCall(func, 2, i.b, new IteratorOperands(slot, value, args)));
  if (value.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_CALL, 'an iterator that is no function');
  const closure = heap.pointer(r.slotAddress(slot));
  enterCall(r, i.pc, closure, guardFunction(r, value, closure), func, args, 0, i.b, 0);
  return null;
}

/** The variable arguments lie in front of the frame's function; how many there are is known of inlined calls only. */
export function recordVararg(r: Recording, i: InstructionView): AfterStep | null {
  const base = r.frame.base;
  const varargs = r.frame.varargs;
  if (varargs < 0) r.abort(Abort.VARARGS, 'the number of variable arguments is not known');
  const wanted = i.c == 0 ? varargs : i.c - 1;
  const values = new Array<Value>();
  for (let n = 0; n < wanted; n++) values.push(n < varargs ? r.readSlot(base - 1 - varargs + n) : nil());
  const to = r.slotOf(i.a);
  for (let n = 0; n < wanted; n++) r.writeSlot(to + n, values[n]);
  if (i.c != 0) return null;
  r.openTop = to + wanted;
  r.storeTop(r.openTop);
  return null;
}

export function recordVarargPrep(r: Recording, i: InstructionView): AfterStep | null {
  if (r.depth == 0) r.abort(Abort.VARARGS, 'the start of a vararg function');
  moveAboveVarargs(r);
  return null;
}
