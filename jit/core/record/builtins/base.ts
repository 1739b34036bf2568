/** Recording of the basic library. */
import { TAG_BUILTIN, TAG_INT, TAG_NIL, TAG_STRING, TAG_TABLE } from '../../../../src/bytecode/layout';
import { EVENT_GC, EVENT_INDEX, EVENT_METATABLE, EVENT_MODE, EVENT_PAIRS, EVENT_TOSTRING } from '../../../../src/core/generated/metamethods';
import { Abort, Field, Helper, Op, Type } from '../../generated/ir-tables';
import { Ref } from '../../ir/trace';
import { Operand, rawEquality } from '../access/equality';
import { integerKey, keyOf } from '../access/key';
import { guardMetatable, guardMetatableOf, guardNoMetamethod, metamethodIn } from '../access/metamethod';
import { guardShape, KEY_SCRATCH, loadScratch, readRaw, scratchAddress, storeScratch, TableOperand, VALUE_SCRATCH } from '../access/table-read';
import { writeRaw } from '../access/table-write';
import * as heap from '../core/heap';
import { AfterStep, Recording } from '../core/recording';
import { booleanValue, hasPayload, isFalsyTag, isNumberTag, nil, Value } from '../core/value';
import { BuiltinArguments, BuiltinResult, ConstantResult, known, KnownResult } from './builtin';

/** null for anything that is no table. */
function tableOf(argument: Operand): TableOperand | null {
  return argument.value.tag == TAG_TABLE ? new TableOperand(argument.value.ref, heap.pointer(argument.slot)) : null;
}

export function baseType(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count < 1 || args.wanted == 0) return null;
  args.at(0);
  return new ConstantResult(args.func);
}

export function baseAssert(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return args.count >= 1 && !isFalsyTag(args.at(0).value.tag) ? new KnownResult(args.from(0)) : null;
}

export function baseTonumber(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return args.count == 1 && isNumberTag(args.at(0).value.tag) ? known(args.at(0).value) : null;
}

export function baseTostring(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1) return null;
  const argument = args.at(0);
  const value = argument.value;
  if (value.tag != TAG_STRING && !isNumberTag(value.tag) && hasPayload(value.tag)) return null;
  // Strings, numbers, booleans and nil may have a metatable, too.
  if (hasPayload(metamethodIn(r, guardMetatableOf(r, value, argument.slot), EVENT_TOSTRING).tag)) return null;
  if (value.tag == TAG_STRING) return known(value);
  if (!isNumberTag(value.tag)) return new ConstantResult(args.func);
  storeScratch(r, KEY_SCRATCH, value);
  const text = r.ir.call(Helper.traceToString, r.ir.small(KEY_SCRATCH));
  r.ir.guard(text, true);
  return known(new Value(text, TAG_STRING));
}

export function baseSelect(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count < 1) return null;
  const argument = args.at(0);
  const value = argument.value;
  if (value.tag == TAG_STRING) {
    if (value.ref >= 0 || heap.stringLength(heap.pointer(argument.slot)) != 1) return null;
    return known(new Value(r.ir.int(args.count - 1), TAG_INT));
  }
  if (value.tag != TAG_INT) return null;
  const first = heap.int(argument.slot);
  if (first < 1) return null;
  r.guardEqual(value.ref, r.ir.int(first));
  return new KnownResult(args.from(<i32>min<i64>(first, args.count)));
}

// ---- Iteration

export function baseNext(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count >= 1 ? tableOf(args.at(0)) : null;
  if (table === null) return null;
  storeScratch(r, KEY_SCRATCH, args.count > 1 ? args.at(1).value : nil());
  return new NextResult(args.func, args.wanted, r.ir.call(Helper.traceNext, table.ref, scratchAddress(r, KEY_SCRATCH)));
}

/** The pair that next found, or nil. */
class NextResult extends BuiltinResult {
  constructor(private func: i32, private wanted: i32, private more: Ref) {
    super();
  }

  values(r: Recording): Array<Value> {
    const tag = heap.tag(r.slotAddress(this.func));
    // Not 1 for a key that the table does not have: the interpreter raises the error.
    if (tag == TAG_NIL) {
      r.ir.guard(this.more, false);
      return [nil()];
    }
    r.guardEqual(this.more, r.ir.small(1));
    const first = loadScratch(r, KEY_SCRATCH, tag);
    if (this.wanted >= 0 && this.wanted < 2) return [first];
    return [first, loadScratch(r, VALUE_SCRATCH, heap.tag(r.slotAddress(this.func + 1)))];
  }
}

export function basePairs(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count >= 1 ? tableOf(args.at(0)) : null;
  if (table === null || !guardNoMetamethod(r, table.ref, table.address, EVENT_PAIRS)) return null;
  return new PairsResult(args.func, args.at(0).value);
}

/** The iterator is what the call left: next. */
class PairsResult extends BuiltinResult {
  constructor(private func: i32, private table: Value) {
    super();
  }

  values(r: Recording): Array<Value> {
    const iterator = r.valueAt(r.slotAddress(this.func));
    if (iterator.tag != TAG_BUILTIN) r.abort(Abort.UNSUPPORTED_CALL, 'pairs');
    return [iterator, this.table, nil()];
  }
}

export function baseIpairs(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  return args.count >= 1 ? new IpairsResult(args.func, args.at(0).value) : null;
}

/** The iterator is what the call left: ipairsStep. */
class IpairsResult extends BuiltinResult {
  constructor(private func: i32, private table: Value) {
    super();
  }

  values(r: Recording): Array<Value> {
    const iterator = r.valueAt(r.slotAddress(this.func));
    return [iterator, this.table, new Value(r.ir.int(0), TAG_INT)];
  }
}

/** The iterator ipairs returns: (table, index) -> index + 1, element. */
export function baseIpairsStep(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = tableOf(args.at(0));
  const control = args.at(1);
  if (table === null || control.value.tag != TAG_INT) return null;
  const index = r.ir.emit(Op.ADD, Type.I64, control.value.ref, r.ir.int(1));
  const next = new Value(index, TAG_INT);
  const element = readRaw(r, table, integerKey(next, index, heap.int(control.slot) + 1, 0));
  if (element.tag != TAG_NIL) return new KnownResult([next, element]);
  return guardNoMetamethod(r, table.ref, table.address, EVENT_INDEX) ? known(nil()) : null;
}

// ---- Metatables

export function baseSetmetatable(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2) return null;
  const table = tableOf(args.at(0));
  const argument = args.at(1);
  const metatable = argument.value;
  if (table === null || (metatable.tag != TAG_TABLE && metatable.tag != TAG_NIL)) return null;
  // A protected metatable, finalisers and weak tables are the core's business.
  if (hasPayload(metamethodIn(r, guardMetatable(r, table.ref, table.address), EVENT_METATABLE).tag)) return null;
  if (metatable.tag == TAG_TABLE) {
    const address = heap.pointer(argument.slot);
    if (hasPayload(heap.metamethod(address, EVENT_GC)) || hasPayload(heap.metamethod(address, EVENT_MODE))) return null;
    // Metatables made for one object each are alike, not the same.
    if (heap.saysOnlyIndex(address)) guardShape(r, new TableOperand(metatable.ref, address));
    else r.guardEqual(metatable.ref, r.ir.pointer(address));
  }
  r.ir.guard(r.ir.call(Helper.traceSetMetatable, table.ref, metatable.tag == TAG_TABLE ? metatable.ref : r.ir.small(0)), true);
  return known(args.at(0).value);
}

export function baseGetmetatable(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count == 1 ? tableOf(args.at(0)) : null;
  if (table === null) return null;
  const metatable = guardMetatable(r, table.ref, table.address);
  if (metatable == 0) return known(nil());
  const visible = metamethodIn(r, metatable, EVENT_METATABLE);
  if (visible.tag != TAG_NIL) return known(visible);
  return known(new Value(heap.hasRepresentative(metatable) ? r.field(table.ref, Field.TABLE_METATABLE) : r.ir.pointer(metatable), TAG_TABLE));
}

// ---- Raw access

export function baseRawget(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count == 2 ? tableOf(args.at(0)) : null;
  if (table === null) return null;
  const key = args.at(1);
  return known(readRaw(r, table, keyOf(r, key.value, key.slot)));
}

export function baseRawset(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count == 3 ? tableOf(args.at(0)) : null;
  if (table === null || heap.metatable(table.address) != 0) return null;
  guardMetatable(r, table.ref, table.address);
  const key = args.at(1);
  const after = writeRaw(r, table, keyOf(r, key.value, key.slot), args.at(2).value);
  return new RawsetResult(after, args.at(0).value);
}

/** The table, once what is left of the store was done. */
class RawsetResult extends BuiltinResult {
  constructor(private after: AfterStep | null, private table: Value) {
    super();
  }

  values(r: Recording): Array<Value> {
    const after = this.after;
    if (after !== null) after.run(r);
    return [this.table];
  }
}

export function baseRawlen(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const table = args.count == 1 ? tableOf(args.at(0)) : null;
  if (table === null) return null;
  return known(new Value(r.ir.emit(Op.ZEXT, Type.I64, r.field(table.ref, Field.TABLE_LENGTH)), TAG_INT));
}

export function baseRawequal(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 2) return null;
  const a = args.at(0);
  const condition = rawEquality(r, a, args.at(1));
  if (condition.isKnown) return known(booleanValue(condition.truth));
  return new RawequalResult(args.func, condition.ref);
}

/** The truth that the call found. */
class RawequalResult extends BuiltinResult {
  constructor(private func: i32, private condition: Ref) {
    super();
  }

  values(r: Recording): Array<Value> {
    const truth = !isFalsyTag(heap.tag(r.slotAddress(this.func)));
    r.ir.guard(this.condition, truth);
    return [booleanValue(truth)];
  }
}
