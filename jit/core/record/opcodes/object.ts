/** Recording of constructors, lengths and concatenation. */
import { SETLIST_LAST, TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE, TRACE_SCRATCH_SLOTS } from '../../../../src/bytecode/layout';
import { EVENT_CONCAT, EVENT_LEN } from '../../../../src/core/generated/metamethods';
import { Abort, Field, Helper, Op, Type } from '../../generated/ir-tables';
import { binaryMetamethod, callMetamethod, guardNoMetamethod } from '../access/metamethod';
import { storeScratch } from '../access/table-read';
import * as heap from '../core/heap';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, Value } from '../core/value';
import { readSlots } from './operands';

export function recordNewTable(r: Recording, i: InstructionView): AfterStep | null {
  const table = r.ir.call(Helper.traceNewTable, r.ir.small(i.c), r.ir.small(i.b));
  r.ir.guard(table, true);
  r.write(i.a, new Value(table, TAG_TABLE));
  return null;
}

export function recordLength(r: Recording, i: InstructionView): AfterStep | null {
  const value = r.read(i.b);
  const ir = r.ir;
  if (value.tag == TAG_STRING) {
    r.write(i.a, new Value(ir.emit(Op.ZEXT, Type.I64, r.field(value.ref, Field.STRING_LENGTH)), TAG_INT));
    return null;
  }
  const slot = r.address(i.b);
  if (value.tag == TAG_TABLE && guardNoMetamethod(r, value.ref, heap.pointer(slot), EVENT_LEN)) {
    r.write(i.a, new Value(ir.emit(Op.ZEXT, Type.I64, r.field(value.ref, Field.TABLE_LENGTH)), TAG_INT));
    return null;
  }
  const handler = binaryMetamethod(r, EVENT_LEN, value, slot, value, slot);
  if (!hasPayload(handler.tag)) r.abort(Abort.ERROR, 'the length of something that has none');
  callMetamethod(r, i, handler, [value, value]);
  return null;
}

function areConcatenable(values: Array<Value>): bool {
  for (let n = 0; n < values.length; n++) {
    const tag = values[n].tag;
    if (tag != TAG_STRING && tag != TAG_INT && tag != TAG_FLOAT) return false;
  }
  return true;
}

export function recordConcat(r: Recording, i: InstructionView): AfterStep | null {
  const slot = r.slotOf(i.a);
  const values = readSlots(r, slot, i.b);
  if (areConcatenable(values) && values.length <= <i32>TRACE_SCRATCH_SLOTS) {
    for (let n = 0; n < values.length; n++) storeScratch(r, n, values[n]);
    const text = r.ir.call(Helper.traceConcat, r.ir.small(values.length));
    r.ir.guard(text, true);
    r.write(i.a, new Value(text, TAG_STRING));
    // The operands are gone: the interpreter converts numbers where they lie.
    for (let n = 1; n < values.length; n++) r.slots.forget(slot + n);
    return null;
  }
  if (values.length != 2) r.abort(Abort.UNSUPPORTED_METAMETHOD, '__concat among several operands');
  const handler = binaryMetamethod(r, EVENT_CONCAT, values[0], r.slotAddress(slot), values[1], r.slotAddress(slot + 1));
  if (!hasPayload(handler.tag)) r.abort(Abort.ERROR, 'concatenation of something that cannot be');
  callMetamethod(r, i, handler, values, 2);
  return null;
}

/** The elements of a constructor, in one call of the core. */
export function recordSetList(r: Recording, i: InstructionView): AfterStep | null {
  const slot = r.slotOf(i.a);
  const table = r.readSlot(slot);
  if (table.tag != TAG_TABLE) r.abort(Abort.ERROR, 'a constructor without its table');
  if (i.b == 0 && r.openTop < 0) r.abort(Abort.VARARGS, 'an open list from before the trace');
  const count = i.b == 0 ? r.openTop - slot - 1 : i.b - 1;
  if (count > <i32>TRACE_SCRATCH_SLOTS) r.abort(Abort.UNSUPPORTED_INSTRUCTION, 'a long list of elements');
  const values = readSlots(r, slot + 1, count);
  for (let n = 0; n < count; n++) storeScratch(r, n, values[n]);
  r.ir.guard(r.ir.call(Helper.traceAppendValues, table.ref, r.ir.small(heap.u32(i.pc + SETLIST_LAST)), r.ir.small(count)), true);
  if (i.b == 0) r.slots.forgetFrom(slot + 1);
  return null;
}
