/** Recording of calls that compiled code of a whole function answers, instead of being inlined: recursion, first of all. */
import { PROTO_FLAG_LIBRARY, PROTO_FLAGS, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, TAG_NIL } from '../../../../src/bytecode/layout';
import { isCompiled } from '../../base/host';
import { Abort, Field, Op, Type } from '../../generated/ir-tables';
import { Link, NONE, Ref, SnapshotFrame } from '../../ir/trace';
import { capturedSlots, loadFromStack } from '../builtins/call';
import * as heap from '../core/heap';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, NOTHING_STAGED, Recording } from '../core/recording';
import { VARARGS_SHIFT } from '../core/snapshots';
import { nil, Value } from '../core/value';

/** Is the closure's function compiled as a whole, or the one this trace is part of? */
export function isCompiledCall(r: Recording, closure: u32): bool {
  const proto = heap.protoOf(closure);
  return proto == r.trace.functionProto || isCompiled(proto) != 0;
}

/** Can the function be compiled as a whole at all? As in jit/record/opcodes/compilable.ts. */
export function isCompilable(proto: u32): bool {
  return heap.u32(proto + PROTO_IS_VARARG) == 0 && (heap.u32(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) == 0;
}

/**
 * The call is executed as a whole. Its result is read from the stack, behind a guard of its tag, and of their number where all are wanted. If it takes too long, the trace
 * ends behind the call, and what follows is a side trace.
 * @param handler the function's value, guarded to be of this prototype
 * @param func slot of the function; arguments behind it
 * @param wanted results; -1 = all
 */
export function callFunction(r: Recording, i: InstructionView, closure: u32, handler: Value, func: i32, count: i32, wanted: i32): AfterStep {
  const ir = r.ir;
  const proto = heap.protoOf(closure);
  r.writeSlot(func, handler);
  for (let n = count; n < <i32>heap.u32(proto + PROTO_PARAMETER_COUNT); n++) r.writeSlot(func + 1 + n, nil());
  r.beginInstruction(i.pc, func, [], new SnapshotFrame(func + 1, i.pc, wanted, count << VARARGS_SHIFT));
  const produced = ir.emit(Op.CALLF, Type.I32, ir.pointer(proto), NONE, NONE, func, count);
  r.endBehindCall = new EndBehindCall(i, func, wanted, produced);
  return new BehindCall(i, func, wanted, produced);
}

/** The state behind the call, whose result is in the stack if it is wanted. @returns the slots that have their value there */
function beginBehind(r: Recording, i: InstructionView, func: i32, wanted: i32, produced: Ref, results: i32): Array<i32> {
  const ir = r.ir;
  const captured = capturedSlots(r);
  const inStack: Array<i32> = [];
  for (let n = 0; n < captured.length; n++) {
    if (captured[n] >= func) continue;
    r.slots.forget(captured[n]);
    inStack.push(captured[n]);
  }
  r.slots.forgetFrom(func);
  for (let n = 1; n < wanted; n++) r.writeSlot(func + n, nil());
  if (results != 0) inStack.push(func);
  r.beginInstruction(i.next, NOTHING_STAGED, inStack);
  if (wanted < 0) r.storeField(r.threadRef(), Field.THREAD_TOP, ir.emit(Op.ADD, Type.I32, r.slotPointer(func), ir.emit(Op.SHL, Type.I32, produced, ir.small(4))));
  return inStack;
}

/** Ends the trace behind the call, which takes too long. */
class EndBehindCall extends AfterStep {
  constructor(private i: InstructionView, private func: i32, private wanted: i32, private produced: Ref) {
    super();
  }

  run(r: Recording): void {
    beginBehind(r, this.i, this.func, this.wanted, this.produced, this.wanted);
    r.trace.link = Link.SIDE;
    r.finish();
  }
}

/** The call has returned. */
class BehindCall extends AfterStep {
  constructor(private i: InstructionView, private func: i32, private wanted: i32, private produced: Ref) {
    super();
  }

  run(r: Recording): void {
    const func = this.func;
    const wanted = this.wanted;
    if (heap.frame().pc != this.i.next) r.abort(Abort.UNSUPPORTED_CALL, 'a call that does not come back');
    const results = wanted < 0 ? r.slotAt(heap.stackTop()) - func : min(wanted, 1);
    if (results > 1 || this.areMore(r)) r.abort(Abort.VARARGS, 'many results of a compiled function');
    const inStack = beginBehind(r, this.i, func, wanted, this.produced, results);
    if (wanted < 0) {
      r.guardEqual(this.produced, r.ir.small(results));
      r.openTop = func + results;
    }
    const values = new Array<Value>();
    for (let n = 0; n < inStack.length; n++) values.push(loadFromStack(r, inStack[n]));
    for (let n = 0; n < inStack.length; n++) r.writeSlot(inStack[n], values[n]);
  }

  /** Compiled code returns one result at most, and leaves where there are more. */
  private areMore(r: Recording): bool {
    for (let n = 1; n < this.wanted; n++) if (heap.tag(r.slotAddress(this.func + n)) != TAG_NIL) return true;
    return false;
  }
}
