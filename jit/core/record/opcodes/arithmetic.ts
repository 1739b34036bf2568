/**
 * Recording of arithmetic and bit operations with Lua's exact semantics: integers wrap in i64, mixed operands become floats, `/` and `^` are
 * floats, bit operations take floats with integer values. Anything but numbers goes to a metamethod.
 */
import { TAG_FLOAT, TAG_INT } from '../../../../src/bytecode/layout';
import { EVENT_ADD, EVENT_BNOT, EVENT_UNM, eventName } from '../../../../src/core/generated/metamethods';
import { OP_ADD, OP_ADDK } from '../../../../src/core/generated/opcodes';
import { Abort, Op, Type } from '../../generated/ir-tables';
import { toFloat, toInteger } from '../access/convert';
import { Operand } from '../access/equality';
import { binaryMetamethod, callMetamethod } from '../access/metamethod';
import * as heap from '../core/heap';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { hasPayload, isNumberTag, Value } from '../core/value';
import { constantOperand, registerOperand } from './operands';

/** Operations in the order of the opcodes (ARITHMETIC in opcode-table.ts) and of the metamethods' events. */
const OPERATIONS = memory.data<i32>([Op.ADD, Op.SUB, Op.MUL, Op.MOD, Op.POW, Op.DIV, Op.IDIV, Op.BAND, Op.BOR, Op.BXOR, Op.SHL, Op.SHR]);

const isBitwise = (op: i32): bool => op >= Op.BAND && op <= Op.SHR;

/** @param index place in the order of the opcodes */
function recordBinary(r: Recording, i: InstructionView, index: u32, a: Operand, b: Operand): void {
  if (!isNumberTag(a.value.tag) || !isNumberTag(b.value.tag)) {
    recordMetamethod(r, i, EVENT_ADD + index, a, b);
    return;
  }
  const op = load<i32>(OPERATIONS + (index << 2));
  r.write(i.a, isBitwise(op) ? recordBits(r, op, a, b) : recordNumbers(r, op, a, b));
}

function recordBits(r: Recording, op: i32, a: Operand, b: Operand): Value {
  return new Value(r.ir.emit(op, Type.I64, toInteger(r, a.value, a.slot), toInteger(r, b.value, b.slot)), TAG_INT);
}

function recordNumbers(r: Recording, op: i32, left: Operand, right: Operand): Value {
  const ir = r.ir;
  const a = left.value;
  const b = right.value;
  if (a.tag == TAG_INT && b.tag == TAG_INT && op != Op.DIV && op != Op.POW) {
    if (op == Op.IDIV || op == Op.MOD) {
      if (heap.int(right.slot) == 0) r.abort(Abort.ERROR, 'division by zero');
      r.guardNotEqual(b.ref, ir.int(0));
    }
    return new Value(ir.emit(op, Type.I64, a.ref, b.ref), TAG_INT);
  }
  return new Value(ir.emit(op, Type.F64, toFloat(r, a), toFloat(r, b)), TAG_FLOAT);
}

function recordMetamethod(r: Recording, i: InstructionView, event: u32, a: Operand, b: Operand): void {
  const handler = binaryMetamethod(r, event, a.value, a.slot, b.value, b.slot);
  if (!hasPayload(handler.tag)) r.abort(Abort.UNSUPPORTED_INSTRUCTION, `arithmetic (${eventName(event).slice(2)}) on something that is no number`);
  callMetamethod(r, i, handler, [a.value, b.value]);
}

/** R[A] := R[B] op R[C] */
export function recordArithmetic(r: Recording, i: InstructionView): AfterStep | null {
  recordBinary(r, i, i.baseOp - OP_ADD, registerOperand(r, i.b), registerOperand(r, i.c));
  return null;
}

/** R[A] := R[B] op K[C] */
export function recordConstantArithmetic(r: Recording, i: InstructionView): AfterStep | null {
  recordBinary(r, i, i.baseOp - OP_ADDK, registerOperand(r, i.b), constantOperand(r, i.c));
  return null;
}

export function recordNegation(r: Recording, i: InstructionView): AfterStep | null {
  const operand = registerOperand(r, i.b);
  const value = operand.value;
  if (!isNumberTag(value.tag)) recordMetamethod(r, i, EVENT_UNM, operand, operand);
  else r.write(i.a, new Value(r.ir.emit(Op.NEG, value.tag == TAG_INT ? Type.I64 : Type.F64, value.ref), value.tag));
  return null;
}

export function recordComplement(r: Recording, i: InstructionView): AfterStep | null {
  const operand = registerOperand(r, i.b);
  const value = operand.value;
  if (!isNumberTag(value.tag)) recordMetamethod(r, i, EVENT_BNOT, operand, operand);
  else r.write(i.a, new Value(r.ir.emit(Op.BNOT, Type.I64, toInteger(r, value, operand.slot)), TAG_INT));
  return null;
}
