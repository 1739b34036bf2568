/**
 * Recording of table accesses: the opcodes, and the chain of `__index` and `__newindex`. Raw reads and writes are in table-read.ts and
 * table-write.ts.
 */
import { TAG_CLOSURE, TAG_INT, TAG_NIL, TAG_TABLE } from '../../../src/bytecode/layout.ts';
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import type { InstructionView } from '../core/instruction-view.ts';
import { callMetamethod, guardMetatable, guardMetatableOf, metamethodIn } from '../access/metamethod.ts';
import type { AfterStep, RecordFunction, Recording } from '../core/recording.ts';
import { fieldKey, type Key, keyOf } from '../access/key.ts';
import { readRaw, type TableOperand } from '../access/table-read.ts';
import { hasNewIndex, writeRaw } from '../access/table-write.ts';
import { hasPayload, NIL, type Value } from '../core/value.ts';

/** Tables looked through along __index before the recorder gives up. */
const MAX_CHAIN = 8;

/** What a read found: a value, or a metamethod to be called with the object it was found for. */
type Found = { readonly value: Value } | { readonly handler: Value; readonly object: Value };

/**
 * object[key] with metamethods.
 * @param slot address of the object's value now
 */
function readIndexed(r: Recording, object: Value, slot: number, key: Key): Found {
  let current = object;
  let address = r.heap.pointer(slot);
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    let metatable: number;
    if (current.tag === TAG_TABLE) {
      const table: TableOperand = { ref: current.ref, address };
      const value = readRaw(r, table, key);
      if (value.tag !== TAG_NIL) return { value };
      metatable = guardMetatable(r, table.ref, table.address);
    } else {
      metatable = guardMetatableOf(r, current, slot);
    }
    const handler = metamethodIn(r, metatable, 'index');
    if (!hasPayload(handler.tag)) {
      if (current.tag !== TAG_TABLE) r.abort('error', 'indexing something that cannot be indexed');
      return { value: NIL };
    }
    if (handler.tag !== TAG_TABLE) return { handler, object: current };
    current = handler;
    address = r.ir.addressOf(handler.ref);
  }
  return r.abort('unsupported-metamethod', '__index chain too long');
}

function recordGet(r: Recording, i: InstructionView, object: Value, slot: number, key: Key): void {
  const found = readIndexed(r, object, slot, key);
  if ('value' in found) r.write(i.a, found.value);
  else if (found.handler.tag !== TAG_CLOSURE) r.abort('unsupported-metamethod', '__index is not a Lua function');
  else callMetamethod(r, i, found.handler, [found.object, key.value]);
}

function recordSet(r: Recording, i: InstructionView, object: Value, slot: number, key: Key, value: Value): AfterStep | undefined {
  let current = object;
  let address = r.heap.pointer(slot);
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    if (current.tag !== TAG_TABLE) r.abort('unsupported-metamethod', 'assigning into something that is no table');
    const table: TableOperand = { ref: current.ref, address };
    if (!hasNewIndex(r, table) || readRaw(r, table, key).tag !== TAG_NIL) return writeRaw(r, table, key, value);
    const handler = metamethodIn(r, guardMetatable(r, table.ref, table.address), 'newindex');
    if (handler.tag !== TAG_TABLE) {
      callMetamethod(r, i, handler, [current, key.value, value]);
      return undefined;
    }
    current = handler;
    address = r.ir.addressOf(handler.ref);
  }
  return r.abort('unsupported-metamethod', '__newindex chain too long');
}

const constantIndex = (r: Recording, index: number): Key => {
  const integer = r.ir.int(BigInt(index));
  return { kind: 'int', value: { ref: integer, tag: TAG_INT }, integer, number: BigInt(index), slot: 0 };
};

// ---- Opcodes

/** R[A] := object[K[C]] */
export function recordGetField(r: Recording, i: InstructionView, object: Value, slot: number): void {
  recordGet(r, i, object, slot, fieldKey(r, r.constant(i.c)));
}

/** object[K[B]] := RK[C] */
export function recordSetField(r: Recording, i: InstructionView, object: Value, slot: number): AfterStep | undefined {
  return recordSet(r, i, object, slot, fieldKey(r, r.constant(i.b)), valueOperand(r, i));
}

const valueOperand = (r: Recording, i: InstructionView): Value => (i.k === 0 ? r.read(i.c) : r.constant(i.c));

const recordSelf: RecordFunction = (r, i) => {
  const object = r.read(i.b);
  const found = readIndexed(r, object, r.address(i.b), fieldKey(r, r.constant(i.c)));
  if (!('value' in found)) return r.abort('unsupported-metamethod', '__index function at a method call');
  r.write(i.a + 16, object);
  r.write(i.a, found.value);
};

export const TABLE_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  GETTABLE: (r, i) => recordGet(r, i, r.read(i.b), r.address(i.b), keyOf(r, r.read(i.c), r.address(i.c))),
  GETI: (r, i) => recordGet(r, i, r.read(i.b), r.address(i.b), constantIndex(r, i.c)),
  GETFIELD: (r, i) => recordGetField(r, i, r.read(i.b), r.address(i.b)),
  SELF: recordSelf,
  SETTABLE: (r, i) => recordSet(r, i, r.read(i.a), r.address(i.a), keyOf(r, r.read(i.b), r.address(i.b)), valueOperand(r, i)),
  SETI: (r, i) => recordSet(r, i, r.read(i.a), r.address(i.a), constantIndex(r, i.b), valueOperand(r, i)),
  SETFIELD: (r, i) => recordSetField(r, i, r.read(i.a), r.address(i.a)),
};
