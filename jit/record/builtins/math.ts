/** Recording of the math library. */
import { TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';
import type { HelperName } from '../../ir/helper-table.ts';
import type { IROpName } from '../../ir/ir-table.ts';
import type { IRRef } from '../../ir/trace.ts';
import { floatToInteger, isIntegral, toFloat } from '../access/convert.ts';
import type { Argument, BuiltinRecorder, BuiltinRecorders } from './builtin.ts';
import type { Recording } from '../core/recording.ts';
import { booleanValue, isNumberTag, NIL, type Value } from '../core/value.ts';

const float = (ref: IRRef): readonly Value[] => [{ ref, tag: TAG_FLOAT }];
const integer = (ref: IRRef): readonly Value[] => [{ ref, tag: TAG_INT }];

/** A function of one float. */
const unary = (compute: (r: Recording, x: IRRef) => IRRef): BuiltinRecorder => (r, args) => {
  if (args.count !== 1 || !isNumberTag(args.at(0).value.tag)) return undefined;
  return float(compute(r, toFloat(r, args.at(0).value)));
};
const helper = (name: HelperName): BuiltinRecorder => unary((r, x) => r.ir.call(name, x));

/** floor and ceil: an integer if the result fits one. */
const rounding = (op: IROpName, compute: (x: number) => number): BuiltinRecorder => (r, args) => {
  if (args.count !== 1) return undefined;
  const { value, slot } = args.at(0);
  if (value.tag === TAG_INT) return [value];
  if (value.tag !== TAG_FLOAT) return undefined;
  const rounded = r.ir.emit(op, 'f64', value.ref);
  if (isIntegral(compute(r.heap.float(slot)))) return integer(floatToInteger(r, rounded));
  r.ir.guard(r.ir.emit('ISINT', 'i32', rounded), false);
  return float(rounded);
};

/** max and min of numbers of one type. */
const extreme = (op: IROpName): BuiltinRecorder => (r, args) => {
  if (args.count === 0) return undefined;
  const first = args.at(0).value;
  if (!isNumberTag(first.tag)) return undefined;
  let { ref } = first;
  for (let n = 1; n < args.count; n++) {
    const { value } = args.at(n);
    if (value.tag !== first.tag) return undefined;
    ref = r.ir.emit(op, first.tag === TAG_INT ? 'i64' : 'f64', ref, value.ref);
  }
  return [{ ref, tag: first.tag }];
};

const isNumber = ({ value }: Argument): boolean => isNumberTag(value.tag);

export const MATH_BUILTINS: BuiltinRecorders = {
  'math.floor': rounding('FLOOR', Math.floor),
  'math.ceil': rounding('CEIL', Math.ceil),
  'math.sqrt': unary((r, x) => r.ir.emit('SQRT', 'f64', x)),
  'math.exp': helper('exp'),
  'math.sin': helper('sin'),
  'math.cos': helper('cos'),
  'math.tan': helper('tan'),
  'math.asin': helper('asin'),
  'math.acos': helper('acos'),
  'math.log10': helper('log10'),
  'math.deg': unary((r, x) => r.ir.emit('MUL', 'f64', x, r.ir.float(180 / Math.PI))),
  'math.rad': unary((r, x) => r.ir.emit('MUL', 'f64', x, r.ir.float(Math.PI / 180))),
  'math.max': extreme('MAX'),
  'math.min': extreme('MIN'),
  'math.abs': (r, args) => {
    if (args.count !== 1 || !isNumber(args.at(0))) return undefined;
    const { ref, tag } = args.at(0).value;
    return [{ ref: r.ir.emit('ABS', tag === TAG_INT ? 'i64' : 'f64', ref), tag }];
  },
  'math.atan': (r, args) => {
    if (args.count === 0 || !isNumber(args.at(0)) || (args.count > 1 && !isNumber(args.at(1)))) return undefined;
    return float(r.ir.call('atan2', toFloat(r, args.at(0).value), args.count > 1 ? toFloat(r, args.at(1).value) : r.ir.float(1)));
  },
  'math.log': (r, args) => {
    if (args.count !== 1 || !isNumber(args.at(0))) return undefined;
    return float(r.ir.call('log', toFloat(r, args.at(0).value)));
  },
  'math.pow': (r, args) => {
    if (args.count !== 2 || !isNumber(args.at(0)) || !isNumber(args.at(1))) return undefined;
    return float(r.ir.call('pow', toFloat(r, args.at(0).value), toFloat(r, args.at(1).value)));
  },
  'math.fmod': (r, args) => {
    if (args.count !== 2 || args.at(0).value.tag !== TAG_FLOAT || args.at(1).value.tag !== TAG_FLOAT) return undefined;
    return float(r.ir.call('fmod', args.at(0).value.ref, args.at(1).value.ref));
  },
  'math.tointeger': (r, args) => {
    if (args.count !== 1) return undefined;
    const { value, slot } = args.at(0);
    if (value.tag === TAG_INT) return [value];
    if (value.tag !== TAG_FLOAT) return undefined;
    if (isIntegral(r.heap.float(slot))) return integer(floatToInteger(r, value.ref));
    r.ir.guard(r.ir.emit('ISINT', 'i32', value.ref), false);
    return [NIL];
  },
  'math.ult': (r, args) => {
    if (args.count !== 2 || args.at(0).value.tag !== TAG_INT || args.at(1).value.tag !== TAG_INT) return undefined;
    const condition = r.ir.emit('ULT', 'i32', args.at(0).value.ref, args.at(1).value.ref);
    const truth = BigInt.asUintN(64, r.heap.int(args.at(0).slot)) < BigInt.asUintN(64, r.heap.int(args.at(1).slot));
    r.ir.guard(condition, truth);
    return [booleanValue(truth)];
  },
  // The answer follows from the tag, which reading the argument has guarded.
  'math.type': (r, args) => (args.count === 1 && args.wanted !== 0 && args.at(0) ? () => [r.valueAt(r.slotAddress(args.func))] : undefined),
};
