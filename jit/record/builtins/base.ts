/** Recording of the basic library. */
import { TAG_BUILTIN, TAG_INT, TAG_NIL, TAG_STRING, TAG_TABLE } from '../../../src/bytecode/layout.ts';
import type { Argument, BuiltinRecorder, BuiltinRecorders } from './builtin.ts';
import { rawEquality } from '../access/equality.ts';
import { guardMetatable, guardMetatableOf, guardNoMetamethod, metamethodIn } from '../access/metamethod.ts';
import { keyOf } from '../access/key.ts';
import type { Recording } from '../core/recording.ts';
import { guardShape, KEY_SCRATCH, loadScratch, readRaw, scratchAddress, storeScratch, type TableOperand, VALUE_SCRATCH } from '../access/table-read.ts';
import { writeRaw } from '../access/table-write.ts';
import { booleanValue, hasPayload, isFalsyTag, isNumberTag, NIL, type Value } from '../core/value.ts';

const tableOf = (r: Recording, { value, slot }: Argument): TableOperand | undefined =>
  value.tag === TAG_TABLE ? { ref: value.ref, address: r.heap.pointer(slot) } : undefined;

/** A result that follows from what was guarded: as the call left it. */
const constantResult = (r: Recording, func: number): (() => readonly Value[]) => () => [r.valueAt(r.slotAddress(func))];

const type: BuiltinRecorder = (r, args) => (args.count >= 1 && args.wanted !== 0 && args.at(0) ? constantResult(r, args.func) : undefined);

const next: BuiltinRecorder = (r, args) => {
  const table = args.count >= 1 ? tableOf(r, args.at(0)) : undefined;
  if (table === undefined) return undefined;
  const key = args.count > 1 ? args.at(1).value : NIL;
  storeScratch(r, KEY_SCRATCH, key);
  const more = r.ir.call('traceNext', table.ref, scratchAddress(r, KEY_SCRATCH));
  return () => {
    const tag = r.heap.tag(r.slotAddress(args.func));
    // Not 1 for a key that the table does not have: the interpreter raises the error.
    if (tag === TAG_NIL) {
      r.ir.guard(more, false);
      return [NIL];
    }
    r.guardEqual(more, r.ir.i32(1));
    const first = loadScratch(r, KEY_SCRATCH, tag);
    if (args.wanted >= 0 && args.wanted < 2) return [first];
    return [first, loadScratch(r, VALUE_SCRATCH, r.heap.tag(r.slotAddress(args.func + 1)))];
  };
};

/** The iterator ipairs returns: (table, index) -> index + 1, element. */
const ipairsStep: BuiltinRecorder = (r, args) => {
  const table = tableOf(r, args.at(0));
  const { value, slot } = args.at(1);
  if (table === undefined || value.tag !== TAG_INT) return undefined;
  const index = r.ir.emit('ADD', 'i64', value.ref, r.ir.int(1n));
  const element = readRaw(r, table, { kind: 'int', value: { ref: index, tag: TAG_INT }, integer: index, number: r.heap.int(slot) + 1n, slot: 0 });
  if (element.tag !== TAG_NIL) return [{ ref: index, tag: TAG_INT }, element];
  return guardNoMetamethod(r, table.ref, table.address, 'index') ? [NIL] : undefined;
};

const select: BuiltinRecorder = (r, args) => {
  if (args.count < 1) return undefined;
  const { value, slot } = args.at(0);
  const rest = Array.from({ length: args.count - 1 }, (_, n) => n + 1);
  if (value.tag === TAG_STRING) {
    if (value.ref >= 0 || r.heap.stringLength(r.heap.pointer(slot)) !== 1) return undefined;
    return [{ ref: r.ir.int(BigInt(rest.length)), tag: TAG_INT }];
  }
  if (value.tag !== TAG_INT || r.heap.int(slot) < 1n) return undefined;
  r.guardEqual(value.ref, r.ir.int(r.heap.int(slot)));
  return rest.slice(Number(r.heap.int(slot)) - 1).map((n) => args.at(n).value);
};

const setmetatable: BuiltinRecorder = (r, args) => {
  const table = args.count === 2 ? tableOf(r, args.at(0)) : undefined;
  const metatable = args.count === 2 ? args.at(1).value : NIL;
  if (table === undefined || (metatable.tag !== TAG_TABLE && metatable.tag !== TAG_NIL)) return undefined;
  // A protected metatable, finalisers and weak tables are the core's business.
  if (hasPayload(metamethodIn(r, guardMetatable(r, table.ref, table.address), 'metatable').tag)) return undefined;
  if (metatable.tag === TAG_TABLE) {
    const address = r.heap.pointer(args.at(1).slot);
    if (hasPayload(r.heap.metamethod(address, 'gc').tag) || hasPayload(r.heap.metamethod(address, 'mode').tag)) return undefined;
    // Metatables made for one object each are alike, not the same.
    if (r.heap.saysOnlyIndex(address)) guardShape(r, { ref: metatable.ref, address });
    else r.guardEqual(metatable.ref, r.ir.pointer(address));
  }
  r.ir.guard(r.ir.call('traceSetMetatable', table.ref, metatable.tag === TAG_TABLE ? metatable.ref : r.ir.i32(0)), true);
  return [args.at(0).value];
};

const getmetatable: BuiltinRecorder = (r, args) => {
  const table = args.count === 1 ? tableOf(r, args.at(0)) : undefined;
  if (table === undefined) return undefined;
  const metatable = guardMetatable(r, table.ref, table.address);
  if (metatable === 0) return [NIL];
  const visible = metamethodIn(r, metatable, 'metatable');
  if (visible.tag !== TAG_NIL) return [visible];
  return [{ ref: r.heap.hasRepresentative(metatable) ? r.field(table.ref, 'table.metatable') : r.ir.pointer(metatable), tag: TAG_TABLE }];
};

const tostring: BuiltinRecorder = (r, args) => {
  if (args.count !== 1) return undefined;
  const { value, slot } = args.at(0);
  if (value.tag !== TAG_STRING && !isNumberTag(value.tag) && hasPayload(value.tag)) return undefined;
  // Strings, numbers, booleans and nil may have a metatable, too.
  if (hasPayload(metamethodIn(r, guardMetatableOf(r, value, slot), 'tostring').tag)) return undefined;
  if (value.tag === TAG_STRING) return [value];
  if (!isNumberTag(value.tag)) return constantResult(r, args.func);
  storeScratch(r, KEY_SCRATCH, value);
  const string = r.ir.call('traceToString', r.ir.i32(KEY_SCRATCH));
  r.ir.guard(string, true);
  return [{ ref: string, tag: TAG_STRING }];
};

export const BASE_BUILTINS: BuiltinRecorders = {
  type,
  next,
  select,
  setmetatable,
  getmetatable,
  tostring,
  'internal.ipairsStep': ipairsStep,
  assert: (_, args) => (args.count >= 1 && !isFalsyTag(args.at(0).value.tag) ? Array.from({ length: args.count }, (__, n) => args.at(n).value) : undefined),
  tonumber: (_, args) => (args.count === 1 && isNumberTag(args.at(0).value.tag) ? [args.at(0).value] : undefined),
  ipairs: (r, args) => {
    if (args.count < 1) return undefined;
    const { value } = args.at(0);
    return () => [r.valueAt(r.slotAddress(args.func)), value, { ref: r.ir.int(0n), tag: TAG_INT }];
  },
  pairs: (r, args) => {
    const table = args.count >= 1 ? tableOf(r, args.at(0)) : undefined;
    if (table === undefined || !guardNoMetamethod(r, table.ref, table.address, 'pairs')) return undefined;
    const { value } = args.at(0);
    return () => {
      const iterator = r.valueAt(r.slotAddress(args.func));
      return iterator.tag === TAG_BUILTIN ? [iterator, value, NIL] : r.abort('unsupported-call', 'pairs');
    };
  },
  rawget: (r, args) => {
    const table = args.count === 2 ? tableOf(r, args.at(0)) : undefined;
    return table && [readRaw(r, table, keyOf(r, args.at(1).value, args.at(1).slot))];
  },
  rawset: (r, args) => {
    const table = args.count === 3 ? tableOf(r, args.at(0)) : undefined;
    if (table === undefined || r.heap.metatable(table.address) !== 0) return undefined;
    guardMetatable(r, table.ref, table.address);
    const after = writeRaw(r, table, keyOf(r, args.at(1).value, args.at(1).slot), args.at(2).value);
    const { value } = args.at(0);
    return () => {
      after?.();
      return [value];
    };
  },
  rawlen: (r, args) => {
    const table = args.count === 1 ? tableOf(r, args.at(0)) : undefined;
    return table && [{ ref: r.ir.emit('ZEXT', 'i64', r.field(table.ref, 'table.length')), tag: TAG_INT }];
  },
  rawequal: (r, args) => {
    if (args.count !== 2) return undefined;
    const condition = rawEquality(r, args.at(0), args.at(1));
    if (typeof condition === 'boolean') return [booleanValue(condition)];
    return () => {
      const truth = !isFalsyTag(r.heap.tag(r.slotAddress(args.func)));
      r.ir.guard(condition, truth);
      return [booleanValue(truth)];
    };
  },
};
