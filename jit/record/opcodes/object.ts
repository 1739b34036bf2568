/** Recording of constructors, lengths and concatenation. */
import {
  SETLIST_LAST, TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE, TRACE_SCRATCH_SLOTS,
} from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { binaryMetamethod, callMetamethod, guardNoMetamethod } from '../access/metamethod.ts';
import type { RecordFunction } from '../core/recording.ts';
import { storeScratch } from '../access/table-read.ts';
import { hasPayload } from '../core/value.ts';

const recordNewTable: RecordFunction = (r, i) => {
  const table = r.ir.call('traceNewTable', r.ir.i32(i.c), r.ir.i32(i.b));
  r.ir.guard(table, true);
  r.write(i.a, { ref: table, tag: TAG_TABLE });
};

const recordLength: RecordFunction = (r, i) => {
  const value = r.read(i.b);
  const { ir } = r;
  if (value.tag === TAG_STRING) {
    r.write(i.a, { ref: ir.emit('ZEXT', 'i64', r.field(value.ref, 'string.length')), tag: TAG_INT });
    return;
  }
  const slot = r.address(i.b);
  if (value.tag === TAG_TABLE && guardNoMetamethod(r, value.ref, r.heap.pointer(slot), 'len')) {
    r.write(i.a, { ref: ir.emit('ZEXT', 'i64', r.field(value.ref, 'table.length')), tag: TAG_INT });
    return;
  }
  const handler = binaryMetamethod(r, 'len', value, slot, value, slot);
  if (!hasPayload(handler.tag)) r.abort('error', 'the length of something that has none');
  callMetamethod(r, i, handler, [value, value]);
};

const isConcatenable = (tag: number): boolean => tag === TAG_STRING || tag === TAG_INT || tag === TAG_FLOAT;

const recordConcat: RecordFunction = (r, i) => {
  const slot = r.slotOf(i.a);
  const values = Array.from({ length: i.b }, (_, n) => r.readSlot(slot + n));
  if (values.every(({ tag }) => isConcatenable(tag)) && values.length <= TRACE_SCRATCH_SLOTS) {
    values.forEach((value, n) => storeScratch(r, n, value));
    const string = r.ir.call('traceConcat', r.ir.i32(values.length));
    r.ir.guard(string, true);
    r.write(i.a, { ref: string, tag: TAG_STRING });
    // The operands are gone: the interpreter converts numbers where they lie.
    for (let n = 1; n < values.length; n++) r.slots.forget(slot + n);
    return;
  }
  if (values.length !== 2) r.abort('unsupported-metamethod', '__concat among several operands');
  const [left, right] = [values[0]!, values[1]!];
  const handler = binaryMetamethod(r, 'concat', left, r.slotAddress(slot), right, r.slotAddress(slot + 1));
  if (!hasPayload(handler.tag)) r.abort('error', 'concatenation of something that cannot be');
  callMetamethod(r, i, handler, [left, right], 2);
};

/** The elements of a constructor, in one call of the core. */
const recordSetList: RecordFunction = (r, i) => {
  const slot = r.slotOf(i.a);
  const { ref: table, tag } = r.readSlot(slot);
  if (tag !== TAG_TABLE) r.abort('error', 'a constructor without its table');
  const count = i.b === 0 ? (r.openTop ?? r.abort('varargs', 'an open list from before the trace')) - slot - 1 : i.b - 1;
  if (count > TRACE_SCRATCH_SLOTS) r.abort('unsupported-instruction', 'a long list of elements');
  const values = Array.from({ length: count }, (_, n) => r.readSlot(slot + 1 + n));
  values.forEach((value, n) => storeScratch(r, n, value));
  r.ir.guard(r.ir.call('traceAppendValues', table, r.ir.i32(r.heap.u32(i.pc + SETLIST_LAST)), r.ir.i32(count)), true);
  if (i.b === 0) r.slots.forgetFrom(slot + 1);
};

export const OBJECT_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  NEWTABLE: recordNewTable,
  LEN: recordLength,
  CONCAT: recordConcat,
  SETLIST: recordSetList,
};
