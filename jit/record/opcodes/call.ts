/**
 * Recording of calls and returns. Lua functions are inlined: their registers are slots above the caller's, snapshots name their frames. Builtins are
 * replaced by IR where builtins/call.ts knows how, else called from inside the trace with the stack in sync.
 */
import { FRAME_FLAG_META, PROTO_FLAG_LIBRARY, PROTO_FLAGS, TAG_BUILTIN, TAG_CLOSURE, THREAD_TBC } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { Helper } from '../../ir/helper-table.ts';
import { readInstruction } from '../core/instruction-view.ts';
import { recordBuiltin } from '../builtins/call.ts';
import { callFunction, isCompiledCall } from './function-call.ts';
import { endsAtCall, enterCall, enterTailCall, moveAboveVarargs, placeResults } from '../core/inlining.ts';
import { guardMetatableOf, metamethodIn } from '../access/metamethod.ts';
import { recordClosing } from './upvalue.ts';
import type { AfterStep, RecordFunction, Recording } from '../core/recording.ts';
import { NIL, type Value } from '../core/value.ts';

/** Proves which function is called. @returns its value: a constant, or the reference if only its prototype is certain */
function guardFunction(r: Recording, value: Value, closure: number): Value {
  const { ir, heap } = r;
  if (value.ref < 0) return value;
  const proto = heap.protoOf(closure);
  const maker = ir.instructionAt(value.ref);
  const isNew = maker?.op === 'CALL' && maker.immediate === Helper.traceNewClosure;
  // Without upvalues one closure is as good as another.
  const isStateless = heap.upvalueCount(closure) === 0;
  if (isNew || isStateless || r.context.isPolymorphic(proto, closure)) {
    r.guardEqual(r.field(value.ref, 'closure.proto'), ir.pointer(proto));
    return value;
  }
  r.guardEqual(value.ref, ir.pointer(closure));
  return { ref: ir.pointer(closure), tag: TAG_CLOSURE };
}

/** Number of arguments or values from register `a` + 1 or `a`: given by the instruction, or up to the open top. */
function openCount(r: Recording, operand: number, from: number): number {
  if (operand !== 0) return operand - 1;
  if (r.openTop === undefined) r.abort('varargs', 'an open list from before the trace');
  return r.openTop - from;
}

const recordCall: RecordFunction = (r, i): AfterStep | undefined => {
  const func = r.slotOf(i.a);
  const count = openCount(r, i.b, func + 1);
  const value = r.readSlot(func);
  const address = r.slotAddress(func);
  const results = i.c - 1;
  if (value.tag === TAG_BUILTIN) return recordBuiltin(r, i, { func, count, wanted: results });
  if (value.tag === TAG_CLOSURE) {
    const closure = r.heap.pointer(address);
    if (isCompiledCall(r, closure)) return callFunction(r, i, { closure, func, count, wanted: results, handler: guardFunction(r, value, closure) });
    if (endsAtCall(r, closure)) return undefined;
    for (let n = 0; n < count; n++) r.readSlot(func + 1 + n);
    enterCall(r, i.pc, { closure, handler: guardFunction(r, value, closure), func, args: undefined, count, results, kind: 0 });
    return undefined;
  }
  const handler = metamethodIn(r, guardMetatableOf(r, value, address), 'call');
  if (handler.tag !== TAG_CLOSURE) r.abort('unsupported-call');
  const args = [value, ...readSlots(r, func + 1, count)];
  enterCall(r, i.pc, { closure: r.ir.addressOf(handler.ref), handler, func, args, results, kind: 0 });
  return undefined;
};

const readSlots = (r: Recording, from: number, count: number): Value[] => Array.from({ length: count }, (_, n) => r.readSlot(from + n));

const recordTailCall: RecordFunction = (r, i): AfterStep | undefined => {
  const func = r.slotOf(i.a);
  const count = openCount(r, i.b, func + 1);
  const value = r.readSlot(func);
  if (i.k !== 0) recordScopeEnd(r);
  if (value.tag === TAG_BUILTIN) return recordBuiltin(r, i, { func, count, wanted: -1 });
  if (value.tag !== TAG_CLOSURE) r.abort('unsupported-call', 'a tail call of something that is no function');
  if (r.depth === 0) {
    leaveRoot(r);
    return undefined;
  }
  const closure = r.heap.pointer(r.slotAddress(func));
  const handler = guardFunction(r, value, closure);
  const args = readSlots(r, func + 1, count);
  // These are called like builtins: they leave the frame in place, which is rare enough to be the interpreter's business.
  if (isLibraryFunction(r, r.heap.protoOf(closure)) && !isLibraryFunction(r, r.frame.proto)) r.abort('unsupported-call', 'a tail call of a library function');
  r.takeSnapshot();
  enterTailCall(r, closure, handler, args);
  return undefined;
};

/** Is it part of a library that is written in Lua? */
const isLibraryFunction = (r: Recording, proto: number): boolean => (r.heap.u32(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) !== 0;

/** A function that closes variables returns. */
function recordScopeEnd(r: Recording): void {
  const pending = r.heap.u32(r.heap.thread + THREAD_TBC);
  if (pending >= r.slotAddress(r.frame.base)) r.abort('unsupported-instruction', 'a variable to be closed');
  recordClosing(r, r.frame.base);
}

/**
 * The function the trace started in returns: the trace ends there. As part of the function's code it returns the values, elsewhere the interpreter does.
 * @param values undefined if they are not known
 */
function leaveRoot(r: Recording, values?: readonly Value[]): void {
  const { trace } = r;
  if (trace.functionProto === 0 && !r.isSide) r.abort('leaves-root-frame');
  if (values !== undefined && values.length <= 1) r.finishReturning(values);
  else if (!r.isSide) r.abort('leaves-root-frame');
  else {
    trace.link = { kind: 'interpreter' };
    r.finish();
  }
}

function recordReturn(r: Recording, values: readonly Value[]): void {
  const { functionSlot, callerPc, results, kind } = r.frames.pop();
  if ((kind & FRAME_FLAG_META) !== 0) {
    r.slots.forgetFrom(functionSlot);
    finishInstruction(r, callerPc, values[0] ?? NIL);
    return;
  }
  placeResults(r, functionSlot, values, results);
}

/** Completes the caller's instruction with a metamethod's result, as the core's finishInstruction. */
function finishInstruction(r: Recording, pc: number, result: Value): void {
  const i = readInstruction(r.heap.memory, pc);
  switch (i.name) {
    case 'EQ': case 'LT': case 'LE': case 'EQK': case 'LTK': case 'LEK': case 'GTK': case 'GEK':
    case 'SETTABUP': case 'SETTABLE': case 'SETI': case 'SETFIELD':
      return;
    default:
      r.write(i.a, result);
  }
}

function returning(values: (r: Recording, a: number, b: number) => readonly Value[]): RecordFunction {
  return (r, i): AfterStep | void => {
    const closes = i.baseName === 'RETURN' && i.k !== 0;
    if (r.depth === 0 && closes) return leaveRoot(r);
    const list = values(r, i.a, i.b);
    if (r.depth === 0) return leaveRoot(r, list);
    if (closes) recordScopeEnd(r);
    r.takeSnapshot();
    recordReturn(r, list);
  };
}

/** R[A], ... := iterator(state, control) of a generic for. */
const recordIteratorCall: RecordFunction = (r, i): AfterStep | undefined => {
  const slot = r.slotOf(i.a);
  const func = slot + 4;
  const value = r.readSlot(slot);
  const args = readSlots(r, slot + 1, 2);
  if (value.tag === TAG_BUILTIN) return recordBuiltin(r, i, { func, count: 2, wanted: i.b, iterator: { slot, function: value, args } });
  if (value.tag !== TAG_CLOSURE) r.abort('unsupported-call', 'an iterator that is no function');
  const closure = r.heap.pointer(r.slotAddress(slot));
  enterCall(r, i.pc, { closure, handler: guardFunction(r, value, closure), func, args, results: i.b, kind: 0 });
  return undefined;
};

/** The variable arguments lie in front of the frame's function; how many there are is known of inlined calls only. */
const recordVararg: RecordFunction = (r, i) => {
  const { base, varargs } = r.frame;
  if (varargs < 0) r.abort('varargs', 'the number of variable arguments is not known');
  const wanted = i.c === 0 ? varargs : i.c - 1;
  const values = Array.from({ length: wanted }, (_, n) => (n < varargs ? r.readSlot(base - 1 - varargs + n) : NIL));
  const to = r.slotOf(i.a);
  values.forEach((value, n) => r.writeSlot(to + n, value));
  if (i.c !== 0) return;
  r.openTop = to + wanted;
  r.storeTop(r.openTop);
};

const recordVarargPrep: RecordFunction = (r) => {
  if (r.depth === 0) r.abort('varargs', 'the start of a vararg function');
  moveAboveVarargs(r);
};

export const CALL_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  CALL: recordCall,
  TAILCALL: recordTailCall,
  RETURN: returning((r, a, b) => readSlots(r, r.slotOf(a), openCount(r, b, r.slotOf(a)))),
  RETURN0: returning(() => []),
  RETURN1: returning((r, a) => [r.read(a)]),
  TFORCALL: recordIteratorCall,
  VARARG: recordVararg,
  VARARGPREP: recordVarargPrep,
};
