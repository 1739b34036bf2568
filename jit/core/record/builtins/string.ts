/** Recording of the string library's small functions: those whose result is a byte, a length or a piece of a string. */
import { TAG_FLOAT, TAG_INT, TAG_STRING } from '../../../../src/bytecode/layout';
import { Field, Helper, Op, Type } from '../../generated/ir-tables';
import { Ref } from '../../ir/trace';
import { floatToInteger, isIntegral } from '../access/convert';
import { Operand } from '../access/equality';
import * as heap from '../core/heap';
import { Recording } from '../core/recording';
import { Value } from '../core/value';
import { BuiltinArguments, BuiltinResult, known } from './builtin';

/** An integer argument, and its value now. */
class IntegerArgument {
  constructor(public ref: Ref, public now: i64) {}
}

/** Given as integer or as a float with an integer value; null for anything else. */
function integerArgument(r: Recording, argument: Operand): IntegerArgument | null {
  const value = argument.value;
  if (value.tag == TAG_INT) return new IntegerArgument(value.ref, heap.int(argument.slot));
  if (value.tag != TAG_FLOAT || !isIntegral(heap.float(argument.slot))) return null;
  return new IntegerArgument(floatToInteger(r, value.ref), <i64>heap.float(argument.slot));
}

/** Argument `n`, or a constant where it is left out. */
function optionalInteger(r: Recording, args: BuiltinArguments, n: i32, missing: i64): IntegerArgument | null {
  return n < args.count ? integerArgument(r, args.at(n)) : new IntegerArgument(r.ir.int(missing), missing);
}

function lengthOf(r: Recording, text: Ref): Ref {
  return r.ir.emit(Op.ZEXT, Type.I64, r.field(text, Field.STRING_LENGTH));
}

/** string.byte(s, i) with one result. */
export function stringByte(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  const ir = r.ir;
  if (args.count < 1 || args.count > 2 || args.at(0).value.tag != TAG_STRING) return null;
  const text = args.at(0);
  const position = optionalInteger(r, args, 1, 1);
  if (position === null) return null;
  const size = lengthOf(r, text.value.ref);
  const isNegative = position.now < 0;
  // -1 is the last byte.
  const index = isNegative ? ir.emit(Op.ADD, Type.I64, size, position.ref) : ir.emit(Op.SUB, Type.I64, position.ref, ir.int(1));
  const length: i64 = heap.stringLength(heap.pointer(text.slot));
  const now = isNegative ? position.now + length : position.now - 1;
  if (now < 0 || now >= length) return null;
  if (args.count == 2) ir.guard(ir.emit(Op.LT, Type.I32, position.ref, ir.int(0)), isNegative);
  ir.guard(ir.emit(Op.ULT, Type.I32, index, size), true);
  const code = ir.emit(Op.BYTE, Type.I32, text.value.ref, ir.emit(Op.WRAP, Type.I32, index));
  return known(new Value(ir.emit(Op.ZEXT, Type.I64, code), TAG_INT));
}

export function stringLen(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count < 1 || args.at(0).value.tag != TAG_STRING) return null;
  return known(new Value(lengthOf(r, args.at(0).value.ref), TAG_INT));
}

export function stringSub(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count < 2 || args.at(0).value.tag != TAG_STRING) return null;
  const from = integerArgument(r, args.at(1));
  const to = optionalInteger(r, args, 2, -1);
  if (from === null || to === null) return null;
  const piece = r.ir.call(Helper.traceSubstring, args.at(0).value.ref, from.ref, to.ref);
  r.ir.guard(piece, true);
  return known(new Value(piece, TAG_STRING));
}

export function stringChar(r: Recording, args: BuiltinArguments): BuiltinResult | null {
  if (args.count != 1 || args.at(0).value.tag != TAG_INT) return null;
  const ref = args.at(0).value.ref;
  r.ir.guard(r.ir.emit(Op.ULT, Type.I32, ref, r.ir.int(256)), true);
  const text = r.ir.call(Helper.traceChar, ref);
  r.ir.guard(text, true);
  return known(new Value(text, TAG_STRING));
}
