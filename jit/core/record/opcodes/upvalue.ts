/**
 * Recording of upvalues. Where a variable lives decides how it is read:
 * - in a register of a frame of this trace: the slot, after a guard that the upvalue still points there;
 * - closed, in an upvalue of a constant closure: its address is a constant, since what is closed stays closed;
 * - elsewhere: through its location, after a guard that this is not one of the trace's slots, whose values the real stack does not have.
 */
import { PROTO_PROTOS, TAG_CLOSURE, TAG_STRING, TAG_TABLE, THREAD_OPEN_UPVALUES, THREAD_TBC, UPVALUE_CLOSED, UPVALUE_NEXT } from '../../../../src/bytecode/layout';
import { Abort, Field, Helper, Op, Type } from '../../generated/ir-tables';
import { UPVALUE_FIELD } from '../../ir/operations';
import { NONE, Ref } from '../../ir/trace';
import * as heap from '../core/heap';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, payloadType, Value } from '../core/value';
import { recordGetName, recordSetName } from './table';

/** Where an upvalue's variable is: in a slot of the trace, or at a location. */
class Place {
  constructor(
    /** NO_SLOT if it is at a location. */
    public slot: i32,
    public location: Ref = NONE,
    public owner: Ref = NONE,
    public address: u32 = 0,
  ) {}

  get isSlot(): bool {
    return this.slot != NO_SLOT;
  }
}

const NO_SLOT: i32 = i32.MIN_VALUE;

function placeOf(r: Recording, index: i32): Place {
  const ir = r.ir;
  const upvalue = heap.upvalueOf(r.frame.closure, index);
  const closure = r.closureRef();
  const isConstant = closure < 0;
  const owner = isConstant ? ir.pointer(upvalue) : ir.emit(Op.FLOAD, Type.I32, closure, NONE, NONE, UPVALUE_FIELD + index);
  const address = heap.locationOf(upvalue);
  if (isConstant && address == upvalue + UPVALUE_CLOSED) return new Place(NO_SLOT, ir.small(address), owner, address);
  const location = r.field(owner, Field.UPVALUE_LOCATION);
  if (address >= r.slotAddress(-1) && address < heap.frame().top) {
    const slot = r.slotAt(address);
    r.guardEqual(location, r.slotPointer(slot));
    return new Place(slot);
  }
  // It may be above the base, on the stack of another coroutine.
  const base = ir.emit(Op.BASE, Type.I32);
  const own = ir.emit(Op.SUB, Type.I32, r.field(r.threadRef(), Field.THREAD_STACK_END), base);
  ir.guard(ir.emit(Op.ULT, Type.I32, ir.emit(Op.SUB, Type.I32, location, base), own), false);
  return new Place(NO_SLOT, location, owner, address);
}

/** The value of an upvalue of the current function. */
function readUpvalue(r: Recording, index: i32): Value {
  const place = placeOf(r, index);
  if (place.isSlot) return r.readSlot(place.slot);
  const ir = r.ir;
  const tag = heap.tag(place.address);
  r.guardEqual(ir.emit(Op.UTAG, Type.I32, place.location), ir.small(tag));
  return new Value(hasPayload(tag) ? ir.emit(Op.ULOAD, payloadType(tag), place.location) : NONE, tag);
}

function writeUpvalue(r: Recording, index: i32, value: Value): void {
  const place = placeOf(r, index);
  if (place.isSlot) {
    r.writeSlot(place.slot, value);
    return;
  }
  r.ir.emit(Op.USTORE, Type.VOID, place.location, value.ref, NONE, 0, value.tag);
  if (value.tag >= TAG_STRING) r.barrier(place.owner, value.ref);
}

/**
 * The table in an upvalue, mostly _ENV, a module or a class: guarded to be this very table, so that its fields' places are constants. But not an
 * object (it has a metatable), nor what a function of many closures has: the next call will have another, and the trace would keep this one alive
 * with all that it refers to.
 */
function readTable(r: Recording, index: i32): Value {
  const value = readUpvalue(r, index);
  if (value.tag != TAG_TABLE || value.ref < 0) return value;
  const table = heap.pointer(variableAddress(r, index));
  if (table != heap.globals() && (heap.metatable(table) != 0 || r.closureRef() >= 0)) return value;
  const constant = r.ir.pointer(table);
  r.guardEqual(value.ref, constant);
  return new Value(constant, TAG_TABLE);
}

/** Address of an upvalue's variable now. */
function variableAddress(r: Recording, index: i32): u32 {
  return heap.locationOf(heap.upvalueOf(r.frame.closure, index));
}

/**
 * Closes the upvalues of registers from `slot` up. In a frame this trace has pushed there are none as long as it made no closure there.
 * Elsewhere, if there are none now, that is guarded; if there are, their variables are stored to the stack and the core closes them.
 */
export function recordClosing(r: Recording, slot: i32): void {
  const ir = r.ir;
  const first = heap.u32(heap.thread() + THREAD_OPEN_UPVALUES);
  if (first != 0 && heap.locationOf(first) >= r.slotAddress(slot)) {
    // Also those that the stack holds now: in the next iteration it need not.
    for (let open = first; open != 0 && heap.locationOf(open) >= r.slotAddress(slot); open = heap.u32(open + UPVALUE_NEXT)) {
      r.readSlot(r.slotAt(heap.locationOf(open)));
    }
    const slots = r.slots.known();
    for (let n = 0; n < slots.length; n++) {
      const open = slots[n];
      if (open < slot || !r.isCaptured(open)) continue;
      const value = r.readSlot(open);
      ir.emit(Op.USTORE, Type.VOID, r.slotPointer(open), value.ref, NONE, 0, value.tag);
    }
    ir.call(Helper.traceCloseUpvalues, r.slotPointer(slot));
    return;
  }
  if (r.frame.isOwn && !r.frame.hasCaptures) return;
  const list = r.field(r.threadRef(), Field.THREAD_OPEN_UPVALUES);
  if (first == 0) {
    r.guardEqual(list, ir.small(0));
    return;
  }
  r.guardNotEqual(list, ir.small(0));
  ir.guard(ir.emit(Op.ULT, Type.I32, r.field(list, Field.UPVALUE_LOCATION), r.slotPointer(slot)), true);
}

export function recordGetUpvalue(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, readUpvalue(r, i.b));
  return null;
}

export function recordSetUpvalue(r: Recording, i: InstructionView): AfterStep | null {
  writeUpvalue(r, i.b, r.read(i.a));
  return null;
}

/** R[A] := U[B][K[C]] */
export function recordGetGlobal(r: Recording, i: InstructionView): AfterStep | null {
  recordGetName(r, i, readTable(r, i.b), variableAddress(r, i.b));
  return null;
}

/** U[A][K[B]] := RK[C] */
export function recordSetGlobal(r: Recording, i: InstructionView): AfterStep | null {
  return recordSetName(r, i, readTable(r, i.a), variableAddress(r, i.a));
}

/** The end of a scope. What is to be closed, and was marked before the trace began, the interpreter closes. */
export function recordClose(r: Recording, i: InstructionView): AfterStep | null {
  const slot = r.slotOf(i.a);
  if (!r.frame.isOwn) {
    if (heap.u32(heap.thread() + THREAD_TBC) >= r.slotAddress(slot)) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'a variable to be closed');
    r.ir.guard(r.ir.emit(Op.ULT, Type.I32, r.field(r.threadRef(), Field.THREAD_TO_BE_CLOSED), r.slotPointer(slot)), true);
  }
  recordClosing(r, slot);
  return null;
}

/** A closure of a nested prototype. Its open upvalues point into the real stack; the slots they name are never dead in snapshots. */
export function recordClosure(r: Recording, i: InstructionView): AfterStep | null {
  const ir = r.ir;
  const frame = r.frame;
  const proto = heap.u32(heap.u32(frame.proto + PROTO_PROTOS) + 4 * i.d);
  const closure = ir.call(Helper.traceNewClosure, ir.pointer(proto), r.slotPointer(frame.base), r.closureRef());
  ir.guard(closure, true);
  frame.hasCaptures = true;
  r.write(i.a, new Value(closure, TAG_CLOSURE));
  return null;
}
