/** Recording of the table library: appending, and unpacking of short lists. */
import { TAG_INT, TAG_NIL, TAG_TABLE } from '../../../../src/bytecode/layout';
import { Field, Op, Type } from '../../generated/ir-tables';
import { Operand } from '../access/equality';
import { integerKey, Key } from '../access/key';
import { guardMetatable } from '../access/metamethod';
import { readRaw, TableOperand } from '../access/table-read';
import { writeRaw } from '../access/table-write';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { Value } from '../core/value';
import { BuiltinArguments, BuiltinResult, KnownResult } from './builtin';

/** Longer lists are unpacked by the core. */
const MAX_UNPACK: u32 = 16;

/** A table without metatable, proved. */
function plainTable(r: Recording, argument: Operand): TableOperand | null {
  if (argument.value.tag != TAG_TABLE) return null;
  const table = new TableOperand(argument.value.ref, heap.pointer(argument.slot));
  if (heap.metatable(table.address) != 0) return null;
  guardMetatable(r, table.ref, table.address);
  return table;
}

function elementKey(r: Recording, number: i64): Key {
  const ref = r.ir.int(number);
  return integerKey(new Value(ref, TAG_INT), ref, number, 0);
}

export function tableInsert(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2) return null;
  const value = args.at(1).value;
  const table = plainTable(r, args.at(0));
  if (table === null || value.tag == TAG_NIL) return null;
  const length = r.ir.emit(Op.ZEXT, Type.I64, r.field(table.ref, Field.TABLE_LENGTH));
  const next = r.ir.emit(Op.ADD, Type.I64, length, r.ir.int(1));
  const number = <i64>heap.arrayLength(table.address) + 1;
  writeRaw(r, table, integerKey(new Value(next, TAG_INT), next, number, 0), value);
  return new KnownResult([]);
}

export function tableUnpack(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1) return null;
  const table = plainTable(r, args.at(0));
  if (table === null) return null;
  const length = heap.arrayLength(table.address);
  if (length > MAX_UNPACK) return null;
  r.guardField(table.ref, Field.TABLE_LENGTH, length);
  const values = new Array<Value>();
  for (let n: u32 = 1; n <= length; n++) values.push(readRaw(r, table, elementKey(r, n)));
  return new KnownResult(values);
}
