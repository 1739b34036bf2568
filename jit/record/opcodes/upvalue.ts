/**
 * Recording of upvalues. Where a variable lives decides how it is read:
 * - in a register of a frame of this trace: the slot, after a guard that the upvalue still points there;
 * - closed, in an upvalue of a constant closure: its address is a constant, since what is closed stays closed;
 * - elsewhere: through its location, after a guard that this is not one of the trace's slots, whose values the real stack does not have.
 */
import { PROTO_PROTOS, SLOT_SIZE, TAG_CLOSURE, TAG_STRING, TAG_TABLE, THREAD_OPEN_UPVALUES, THREAD_TBC, UPVALUE_CLOSED, UPVALUE_NEXT } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { UPVALUE_FIELD } from '../../ir/ir-table.ts';
import { type IRRef, NONE } from '../../ir/trace.ts';
import { recordGetField, recordSetField } from './table.ts';
import type { RecordFunction, Recording } from '../core/recording.ts';
import { hasPayload, payloadType, type Value } from '../core/value.ts';

/** Where an upvalue's variable is. */
type Place = { readonly slot: number } | { readonly location: IRRef; readonly owner: IRRef; readonly address: number };

function placeOf(r: Recording, index: number): Place {
  const { ir, heap } = r;
  const upvalue = heap.upvalueOf(r.frame.closure, index);
  const closure = r.closureRef();
  const isConstant = closure < 0;
  const owner = isConstant ? ir.pointer(upvalue) : ir.emit('FLOAD', 'i32', closure, NONE, NONE, UPVALUE_FIELD + index);
  const address = heap.locationOf(upvalue);
  if (isConstant && address === upvalue + UPVALUE_CLOSED) return { location: ir.i32(address), owner, address };
  const location = r.field(owner, 'upvalue.location');
  const slot = (address - r.rootBase) / SLOT_SIZE;
  if (slot >= -1 && address < heap.frame.top) {
    r.guardEqual(location, r.slotPointer(slot));
    return { slot };
  }
  // It may be above the base, on the stack of another coroutine.
  const base = ir.emit('BASE', 'i32');
  const own = ir.emit('SUB', 'i32', r.field(r.threadRef(), 'thread.stackEnd'), base);
  ir.guard(ir.emit('ULT', 'i32', ir.emit('SUB', 'i32', location, base), own), false);
  return { location, owner, address };
}

/** The value of an upvalue of the current function. */
export function readUpvalue(r: Recording, index: number): Value {
  const place = placeOf(r, index);
  if ('slot' in place) return r.readSlot(place.slot);
  const { ir } = r;
  const tag = r.heap.tag(place.address);
  r.guardEqual(ir.emit('UTAG', 'i32', place.location), ir.i32(tag));
  return { ref: hasPayload(tag) ? ir.emit('ULOAD', payloadType(tag), place.location) : NONE, tag };
}

function writeUpvalue(r: Recording, index: number, value: Value): void {
  const place = placeOf(r, index);
  if ('slot' in place) {
    r.writeSlot(place.slot, value);
    return;
  }
  r.ir.emit('USTORE', 'void', place.location, value.ref, NONE, 0, value.tag);
  if (value.tag >= TAG_STRING) r.barrier(place.owner, value.ref);
}

/**
 * The table in an upvalue, mostly _ENV, a module or a class: guarded to be this very table, so that its fields' places are constants. But not an
 * object (it has a metatable): the next call will have another, and the trace would keep this one alive with all that it refers to.
 */
function readTable(r: Recording, index: number): Value {
  const value = readUpvalue(r, index);
  if (value.tag !== TAG_TABLE || value.ref < 0) return value;
  const table = r.heap.pointer(variableAddress(r, index));
  if (table !== r.heap.globals && r.heap.metatable(table) !== 0) return value;
  const constant = r.ir.pointer(table);
  r.guardEqual(value.ref, constant);
  return { ref: constant, tag: TAG_TABLE };
}

/** Address of an upvalue's variable now. */
const variableAddress = (r: Recording, index: number): number => r.heap.locationOf(r.heap.upvalueOf(r.frame.closure, index));

/**
 * Closes the upvalues of registers from `slot` up. In a frame this trace has pushed there are none as long as it made no closure there.
 * Elsewhere, if there are none now, that is guarded; if there are, their variables are stored to the stack and the core closes them.
 */
export function recordClosing(r: Recording, slot: number): void {
  const { ir, heap } = r;
  const first = heap.u32(heap.thread + THREAD_OPEN_UPVALUES);
  if (first !== 0 && heap.locationOf(first) >= r.slotAddress(slot)) {
    // Also those that the stack holds now: in the next iteration it need not.
    for (let open = first; open !== 0 && heap.locationOf(open) >= r.slotAddress(slot); open = heap.u32(open + UPVALUE_NEXT)) {
      r.readSlot((heap.locationOf(open) - r.rootBase) / SLOT_SIZE);
    }
    for (const [open, { ref, tag }] of r.slots.entries()) {
      if (open >= slot && r.isCaptured(open)) ir.emit('USTORE', 'void', r.slotPointer(open), ref, NONE, 0, tag);
    }
    ir.call('traceCloseUpvalues', r.slotPointer(slot));
    return;
  }
  if (r.frame.isOwn && !r.frame.hasCaptures) return;
  const list = r.field(r.threadRef(), 'thread.openUpvalues');
  if (first === 0) {
    r.guardEqual(list, ir.i32(0));
    return;
  }
  r.guardNotEqual(list, ir.i32(0));
  ir.guard(ir.emit('ULT', 'i32', r.field(list, 'upvalue.location'), r.slotPointer(slot)), true);
}

/** The end of a scope. What is to be closed, and was marked before the trace began, the interpreter closes. */
function recordClose(r: Recording, slot: number): void {
  if (!r.frame.isOwn) {
    if (r.heap.u32(r.heap.thread + THREAD_TBC) >= r.slotAddress(slot)) r.abort('unsupported-instruction', 'a variable to be closed');
    r.ir.guard(r.ir.emit('ULT', 'i32', r.field(r.threadRef(), 'thread.toBeClosed'), r.slotPointer(slot)), true);
  }
  recordClosing(r, slot);
}

/** A closure of a nested prototype. Its open upvalues point into the real stack; the slots they name are never dead in snapshots. */
const recordClosure: RecordFunction = (r, i) => {
  const { ir, heap, frame } = r;
  const proto = heap.u32(heap.u32(frame.proto + PROTO_PROTOS) + 4 * i.d);
  const closure = ir.call('traceNewClosure', ir.pointer(proto), r.slotPointer(frame.base), r.closureRef());
  ir.guard(closure, true);
  frame.hasCaptures = true;
  r.write(i.a, { ref: closure, tag: TAG_CLOSURE });
};

export const UPVALUE_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  GETUPVAL: (r, { a, b }) => r.write(a, readUpvalue(r, b)),
  SETUPVAL: (r, { a, b }) => writeUpvalue(r, b, r.read(a)),
  GETTABUP: (r, i) => recordGetField(r, i, readTable(r, i.b), variableAddress(r, i.b)),
  SETTABUP: (r, i) => recordSetField(r, i, readTable(r, i.a), variableAddress(r, i.a)),
  CLOSE: (r, i) => recordClose(r, r.slotOf(i.a)),
  CLOSURE: recordClosure,
};
