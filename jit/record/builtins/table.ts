/** Recording of the table library: appending, and unpacking of short lists. */
import { TAG_INT, TAG_NIL, TAG_TABLE } from '../../../src/bytecode/layout.ts';
import type { Argument, BuiltinRecorders } from './builtin.ts';
import { guardMetatable } from '../access/metamethod.ts';
import type { Recording } from '../core/recording.ts';
import type { Key } from '../access/key.ts';
import { readRaw, type TableOperand } from '../access/table-read.ts';
import { writeRaw } from '../access/table-write.ts';
import type { Value } from '../core/value.ts';

/** Longer lists are unpacked by the core. */
const MAX_UNPACK = 16;

/** A table without metatable, proved. */
function plainTable(r: Recording, { value, slot }: Argument): TableOperand | undefined {
  if (value.tag !== TAG_TABLE) return undefined;
  const table = { ref: value.ref, address: r.heap.pointer(slot) };
  if (r.heap.metatable(table.address) !== 0) return undefined;
  guardMetatable(r, table.ref, table.address);
  return table;
}

const elementKey = (r: Recording, number: bigint): Key => {
  const ref = r.ir.int(number);
  return { kind: 'int', value: { ref, tag: TAG_INT }, integer: ref, number, slot: 0 };
};

export const TABLE_BUILTINS: BuiltinRecorders = {
  'table.insert': (r, args) => {
    if (args.count !== 2) return undefined;
    const { value } = args.at(1);
    const table = plainTable(r, args.at(0));
    if (table === undefined || value.tag === TAG_NIL) return undefined;
    const length = r.ir.emit('ZEXT', 'i64', r.field(table.ref, 'table.length'));
    const next = r.ir.emit('ADD', 'i64', length, r.ir.int(1n));
    const number = BigInt(r.heap.arrayLength(table.address)) + 1n;
    writeRaw(r, table, { kind: 'int', value: { ref: next, tag: TAG_INT }, integer: next, number, slot: 0 }, value);
    return [];
  },
  'table.unpack': (r, args) => {
    if (args.count !== 1) return undefined;
    const table = plainTable(r, args.at(0));
    if (table === undefined) return undefined;
    const length = r.heap.arrayLength(table.address);
    if (length > MAX_UNPACK) return undefined;
    r.guardField(table.ref, 'table.length', length);
    return Array.from({ length }, (_, n): Value => readRaw(r, table, elementKey(r, BigInt(n + 1))));
  },
};
