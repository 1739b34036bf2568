/**
 * Recording of table accesses: the opcodes, and the chain of `__index` and `__newindex`. Raw reads and writes are in table-read.ts and
 * table-write.ts.
 */
import { TAG_CLOSURE, TAG_INT, TAG_NIL, TAG_TABLE } from '../../../../src/bytecode/layout';
import { EVENT_INDEX, EVENT_NEWINDEX } from '../../../../src/core/generated/metamethods';
import { Abort } from '../../generated/ir-tables';
import { fieldKey, integerKey, Key, keyOf } from '../access/key';
import { callMetamethod, guardMetatable, guardMetatableOf, metamethodIn } from '../access/metamethod';
import { readRaw, TableOperand } from '../access/table-read';
import { hasNewIndex, writeRaw } from '../access/table-write';
import * as heap from '../core/heap';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, nil, Value } from '../core/value';

/** Tables looked through along __index before the recorder gives up. */
const MAX_CHAIN: i32 = 8;

/** What a read found: a value, or a metamethod to be called with the object it was found for. */
class Found {
  constructor(
    /** The metamethod, if there is an object. */
    public value: Value,
    public object: Value | null = null,
  ) {}
}

/**
 * object[key] with metamethods.
 * @param slot address of the object's value now
 */
function readIndexed(r: Recording, object: Value, slot: u32, key: Key): Found {
  let current = object;
  let address = heap.pointer(slot);
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    let metatable: u32;
    if (current.tag == TAG_TABLE) {
      const table = new TableOperand(current.ref, address);
      const value = readRaw(r, table, key);
      if (value.tag != TAG_NIL) return new Found(value);
      metatable = guardMetatable(r, table.ref, table.address);
    } else {
      metatable = guardMetatableOf(r, current, slot);
    }
    const handler = metamethodIn(r, metatable, EVENT_INDEX);
    if (!hasPayload(handler.tag)) {
      if (current.tag != TAG_TABLE) r.abort(Abort.ERROR, 'indexing something that cannot be indexed');
      return new Found(nil());
    }
    if (handler.tag != TAG_TABLE) return new Found(handler, current);
    current = handler;
    address = r.ir.addressOf(handler.ref);
  }
  r.abort(Abort.UNSUPPORTED_METAMETHOD, '__index chain too long');
  return new Found(nil());
}

function recordGet(r: Recording, i: InstructionView, object: Value, slot: u32, key: Key): void {
  const found = readIndexed(r, object, slot, key);
  const owner = found.object;
  if (owner === null) r.write(i.a, found.value);
  else if (found.value.tag != TAG_CLOSURE) r.abort(Abort.UNSUPPORTED_METAMETHOD, '__index is not a Lua function');
  else callMetamethod(r, i, found.value, [owner, key.value]);
}

function recordSet(r: Recording, i: InstructionView, object: Value, slot: u32, key: Key, value: Value): AfterStep | null {
  let current = object;
  let address = heap.pointer(slot);
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    if (current.tag != TAG_TABLE) r.abort(Abort.UNSUPPORTED_METAMETHOD, 'assigning into something that is no table');
    const table = new TableOperand(current.ref, address);
    if (!hasNewIndex(table) || readRaw(r, table, key).tag != TAG_NIL) return writeRaw(r, table, key, value);
    const handler = metamethodIn(r, guardMetatable(r, table.ref, table.address), EVENT_NEWINDEX);
    if (handler.tag != TAG_TABLE) {
      callMetamethod(r, i, handler, [current, key.value, value]);
      return null;
    }
    current = handler;
    address = r.ir.addressOf(handler.ref);
  }
  r.abort(Abort.UNSUPPORTED_METAMETHOD, '__newindex chain too long');
  return null;
}

function constantIndex(r: Recording, index: i32): Key {
  const integer = r.ir.int(index);
  return integerKey(new Value(integer, TAG_INT), integer, index, 0);
}

// ---- Opcodes

/** R[A] := object[K[C]] */
export function recordGetName(r: Recording, i: InstructionView, object: Value, slot: u32): void {
  recordGet(r, i, object, slot, fieldKey(r, r.constant(i.c)));
}

/** object[K[B]] := RK[C] */
export function recordSetName(r: Recording, i: InstructionView, object: Value, slot: u32): AfterStep | null {
  const key = fieldKey(r, r.constant(i.b));
  return recordSet(r, i, object, slot, key, valueOperand(r, i));
}

function valueOperand(r: Recording, i: InstructionView): Value {
  return i.k == 0 ? r.read(i.c) : r.constant(i.c);
}

export function recordGetTable(r: Recording, i: InstructionView): AfterStep | null {
  recordGet(r, i, r.read(i.b), r.address(i.b), keyOf(r, r.read(i.c), r.address(i.c)));
  return null;
}

export function recordGetInteger(r: Recording, i: InstructionView): AfterStep | null {
  recordGet(r, i, r.read(i.b), r.address(i.b), constantIndex(r, i.c));
  return null;
}

export function recordGetField(r: Recording, i: InstructionView): AfterStep | null {
  recordGetName(r, i, r.read(i.b), r.address(i.b));
  return null;
}

export function recordSelf(r: Recording, i: InstructionView): AfterStep | null {
  const object = r.read(i.b);
  const found = readIndexed(r, object, r.address(i.b), fieldKey(r, r.constant(i.c)));
  if (found.object !== null) r.abort(Abort.UNSUPPORTED_METAMETHOD, '__index function at a method call');
  r.write(i.a + 16, object);
  r.write(i.a, found.value);
  return null;
}

export function recordSetTable(r: Recording, i: InstructionView): AfterStep | null {
  return recordSet(r, i, r.read(i.a), r.address(i.a), keyOf(r, r.read(i.b), r.address(i.b)), valueOperand(r, i));
}

export function recordSetInteger(r: Recording, i: InstructionView): AfterStep | null {
  return recordSet(r, i, r.read(i.a), r.address(i.a), constantIndex(r, i.b), valueOperand(r, i));
}

export function recordSetField(r: Recording, i: InstructionView): AfterStep | null {
  return recordSetName(r, i, r.read(i.a), r.address(i.a));
}
