/** Recording of calls that compiled code of a whole function answers, instead of being inlined: recursion, first of all. */
import { PROTO_FLAG_LIBRARY, PROTO_FLAGS, PROTO_IS_VARARG, PROTO_PARAMETER_COUNT, SLOT_SIZE, TAG_NIL } from '../../../src/bytecode/layout.ts';
import type { Memory } from '../../../src/engine/memory.ts';
import { NONE } from '../../ir/trace.ts';
import { capturedSlots, loadFromStack } from '../builtins/call.ts';
import type { InstructionView } from '../core/instruction-view.ts';
import type { AfterStep, Recording } from '../core/recording.ts';
import { VARARGS_SHIFT } from '../core/snapshots.ts';
import { NIL, type Value } from '../core/value.ts';

export interface FunctionCall {
  readonly closure: number;
  /** The function's value, guarded to be of this prototype. */
  readonly handler: Value;
  /** Slot of the function; arguments behind it. */
  readonly func: number;
  readonly count: number;
  /** Results wanted; -1 = all. */
  readonly wanted: number;
}

/** Is the closure's function compiled as a whole, or the one this trace is part of? */
export function isCompiledCall(r: Recording, closure: number): boolean {
  const proto = r.heap.protoOf(closure);
  return proto === r.trace.functionProto || r.context.isCompiled(proto);
}

/** Can the function be compiled as a whole at all? */
export function isCompilable(memory: Memory, proto: number): boolean {
  return memory.load(proto + PROTO_IS_VARARG) === 0 && (memory.load(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) === 0;
}

/**
 * The call is executed as a whole. Its result is read from the stack, behind a guard of its tag, and of their number where all are wanted. If it takes too long, the trace
 * ends behind the call, and what follows is a side trace.
 */
export function callFunction(r: Recording, i: InstructionView, { closure, handler, func, count, wanted }: FunctionCall): AfterStep {
  const { heap, ir } = r;
  const proto = heap.protoOf(closure);
  r.writeSlot(func, handler);
  for (let n = count; n < heap.u32(proto + PROTO_PARAMETER_COUNT); n++) r.writeSlot(func + 1 + n, NIL);
  r.beginInstruction(i.pc, func, [], { base: func + 1, callerPc: i.pc, results: wanted, kind: count << VARARGS_SHIFT });
  const produced = ir.emit('CALLF', 'i32', ir.pointer(proto), NONE, NONE, func, count);
  /** The state behind the call, whose result is in the stack if it is wanted. */
  const begin = (results: number): readonly number[] => {
    const shared = capturedSlots(r).filter((slot) => slot < func);
    shared.forEach((slot) => r.slots.forget(slot));
    r.slots.forgetFrom(func);
    for (let n = 1; n < wanted; n++) r.writeSlot(func + n, NIL);
    const inStack = results === 0 ? shared : [...shared, func];
    r.beginInstruction(i.next, Infinity, inStack);
    if (wanted < 0) r.storeField(r.threadRef(), 'thread.top', ir.emit('ADD', 'i32', r.slotPointer(func), ir.emit('SHL', 'i32', produced, ir.i32(4))));
    return inStack;
  };
  r.endBehindCall = () => {
    begin(wanted);
    r.trace.link = { kind: 'side' };
    r.finish();
  };
  return () => {
    if (heap.frame.pc !== i.next) r.abort('unsupported-call', 'a call that does not come back');
    const results = wanted < 0 ? (heap.stackTop - r.slotAddress(func)) / SLOT_SIZE : Math.min(wanted, 1);
    // Compiled code returns one at most, and leaves where there are more.
    const areMore = Array.from({ length: Math.max(wanted, 1) - 1 }, (_, n) => heap.tag(r.slotAddress(func + 1 + n))).some((tag) => tag !== TAG_NIL);
    if (results > 1 || areMore) r.abort('varargs', 'many results of a compiled function');
    const inStack = begin(results);
    if (wanted < 0) {
      r.guardEqual(produced, ir.i32(results));
      r.openTop = func + results;
    }
    const values = inStack.map((slot): readonly [number, Value] => [slot, loadFromStack(r, slot)]);
    for (const [slot, value] of values) r.writeSlot(slot, value);
  };
}
