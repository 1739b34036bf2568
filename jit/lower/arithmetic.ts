/**
 * Lowering of arithmetic, comparisons and conversions. Each function pushes the value of one instruction; those that need statements
 * (division, modulo) leave it in a local. Lua's meaning is exact here: floor division, the sign of modulo, shifts by any amount.
 */
import type { PlainOp } from '../wasm/function-builder.ts';
import { evaluatePure } from '../ir/arithmetic.ts';
import type { IROpName } from '../ir/ir-table.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';
import { callHelper } from './calls.ts';
import { type Emitter, numberConstant, valueType } from './emitter.ts';
import { pushIsInteger, pushToInteger } from './float-to-integer.ts';

type IntegerType = 'i64' | 'i32';

/** Operations that are one Wasm instruction, by type. */
const DIRECT: Partial<Record<IROpName, string>> = {
  ADD: 'add', SUB: 'sub', MUL: 'mul', DIV: 'div', BAND: 'and', BOR: 'or', BXOR: 'xor', SQRT: 'sqrt', FLOOR: 'floor', CEIL: 'ceil',
};
const INTEGER_COMPARES: Partial<Record<IROpName, string>> = {
  EQ: 'eq', NE: 'ne', LT: 'lt_s', LE: 'le_s', GT: 'gt_s', GE: 'ge_s', ULT: 'lt_u', UGE: 'ge_u',
};
const FLOAT_COMPARES: Partial<Record<IROpName, string>> = { EQ: 'eq', NE: 'ne', LT: 'lt', LE: 'le', GT: 'gt', GE: 'ge' };
const INVERSES: Partial<Record<IROpName, IROpName>> = { EQ: 'NE', NE: 'EQ', LT: 'GE', GE: 'LT', LE: 'GT', GT: 'LE', ULT: 'UGE', UGE: 'ULT' };

/** The NaN that x86 makes of numbers, as `print` shows it: negative. */
const NEW_NAN = BigInt.asIntN(64, 0xfff8_0000_0000_0000n);

/** Is it a NaN made of constants? An engine that folds them, as V8's optimising tier does, may choose another sign than its own machine code. */
function makesNaN(emitter: Emitter, { op, type, a, b }: Instruction): boolean {
  if (type !== 'f64' || !(DIRECT[op] !== undefined || op === 'IDIV')) return false;
  const operands = [a, ...(b === NONE ? [] : [b])].map((ref) => numberConstant(emitter, ref));
  if (operands.some((operand) => operand === undefined || Number.isNaN(operand))) return false;
  return Number.isNaN(evaluatePure(op, type, operands[0]!, operands[1] ?? 0));
}

/** Pushes the value of a pure instruction. @returns false if it is not one of these operations */
export function pushArithmetic(emitter: Emitter, instruction: Instruction): boolean {
  const { builder } = emitter;
  const { op, a, b } = instruction;
  if (makesNaN(emitter, instruction)) {
    builder.i64(NEW_NAN);
    builder.op('f64.reinterpret_i64');
    return true;
  }
  const direct = DIRECT[op];
  if (direct !== undefined) {
    emitter.push(a);
    if (op !== 'SQRT' && op !== 'FLOOR' && op !== 'CEIL') emitter.push(b);
    builder.op(`${valueType(instruction.type)}.${direct}` as PlainOp);
    return true;
  }
  if (INTEGER_COMPARES[op] !== undefined) {
    pushCompare(emitter, op, a, b);
    return true;
  }
  switch (op) {
    case 'IDIV':
      emitter.push(a);
      emitter.push(b);
      builder.op('f64.div');
      builder.op('f64.floor');
      return true;
    case 'POW':
      pushPower(emitter, a, b);
      return true;
    case 'NEG':
      if (instruction.type === 'f64') {
        emitter.push(a);
        builder.op('f64.neg');
      } else {
        builder.i64(0);
        emitter.push(a);
        builder.op('i64.sub');
      }
      return true;
    case 'BNOT':
      emitter.push(a);
      builder.i64(-1n);
      builder.op('i64.xor');
      return true;
    case 'SHL':
    case 'SHR':
      pushShift(emitter, op === 'SHL', instruction.type as IntegerType, a, b);
      return true;
    case 'SAR':
      emitter.push(a);
      emitter.push(b);
      builder.op('i64.shr_s');
      return true;
    case 'ABS':
      pushAbsolute(emitter, instruction.type, a);
      return true;
    case 'MIN':
    case 'MAX':
      // b < a ? b : a, and a < b ? b : a: not f64.min, which treats NaN and -0 otherwise.
      emitter.push(b);
      emitter.push(a);
      if (op === 'MIN') pushCompare(emitter, 'LT', b, a);
      else pushCompare(emitter, 'LT', a, b);
      builder.select();
      return true;
    case 'I2F':
      emitter.push(a);
      builder.op('f64.convert_i64_s');
      return true;
    case 'ISINT':
      pushIsInteger(emitter, a);
      return true;
    case 'F2I':
      pushToInteger(emitter, a);
      return true;
    case 'WRAP':
      emitter.push(a);
      builder.op('i32.wrap_i64');
      return true;
    case 'ZEXT':
      emitter.push(a);
      builder.op('i64.extend_i32_u');
      return true;
    default:
      return false;
  }
}

/** Pushes an i32 that is not 0 if the truth of `ref` is `sense`. */
export function pushCondition(emitter: Emitter, ref: IRRef, sense: boolean): void {
  if (sense) {
    emitter.push(ref);
    return;
  }
  const inlined = emitter.inlinedInstruction(ref);
  const inverse = inlined && INVERSES[inlined.op];
  // The inverse of an ordered float comparison would be false for NaN too.
  if (inlined && inverse && (emitter.typeOf(inlined.a) !== 'f64' || inverse === 'EQ' || inverse === 'NE')) {
    pushCompare(emitter, inverse, inlined.a, inlined.b);
    return;
  }
  emitter.push(ref);
  emitter.builder.op('i32.eqz');
}

function pushCompare(emitter: Emitter, op: IROpName, a: IRRef, b: IRRef): void {
  const { builder } = emitter;
  const type = emitter.typeOf(a);
  emitter.push(a);
  const constant = emitter.constantOf(b);
  if (op === 'EQ' && type !== 'f64' && constant && Number(constant.value) === 0) {
    builder.op(`${type}.eqz`);
    return;
  }
  emitter.push(b);
  builder.op(`${type}.${(type === 'f64' ? FLOAT_COMPARES : INTEGER_COMPARES)[op]}` as PlainOp);
}

/** a ^ b as PUC computes it: squares are a multiplication. */
function pushPower(emitter: Emitter, a: IRRef, b: IRRef): void {
  const { builder } = emitter;
  const square = (): void => {
    emitter.push(a);
    emitter.push(a);
    builder.op('f64.mul');
  };
  const exponent = numberConstant(emitter, b);
  if (exponent === 2) {
    square();
    return;
  }
  if (exponent === undefined) {
    emitter.push(b);
    builder.f64(2);
    builder.op('f64.eq');
    builder.if('f64');
    square();
    builder.else();
  }
  emitter.push(a);
  emitter.push(b);
  callHelper(builder, 'pow');
  if (exponent === undefined) builder.end(true);
}

/** Logical shift by any amount: 0 from the width on, the other way for negative amounts. */
function pushShift(emitter: Emitter, left: boolean, type: IntegerType, a: IRRef, b: IRRef): void {
  const { builder } = emitter;
  const width = type === 'i64' ? 64 : 32;
  const shift = (toLeft: boolean): PlainOp => `${type}.${toLeft ? 'shl' : 'shr_u'}`;
  const constant = emitter.constantOf(b)?.value;
  if (constant !== undefined) {
    const amount = Number(constant);
    if (Math.abs(amount) >= width) pushInteger(emitter, type, 0);
    else {
      emitter.push(a);
      pushInteger(emitter, type, Math.abs(amount));
      builder.op(shift(amount < 0 ? !left : left));
    }
    return;
  }
  const negated = (): void => {
    pushInteger(emitter, type, 0);
    emitter.push(b);
    builder.op(`${type}.sub`);
  };
  emitter.push(a);
  emitter.push(b);
  builder.op(shift(left));
  emitter.push(a);
  negated();
  builder.op(shift(!left));
  pushInteger(emitter, type, 0);
  negated();
  pushInteger(emitter, type, width);
  builder.op(`${type}.lt_u`);
  builder.select();
  emitter.push(b);
  pushInteger(emitter, type, width);
  builder.op(`${type}.lt_u`);
  builder.select();
}

function pushInteger(emitter: Emitter, type: IntegerType, value: number): void {
  if (type === 'i64') emitter.builder.i64(value);
  else emitter.builder.i32(value);
}

function pushAbsolute(emitter: Emitter, type: string, a: IRRef): void {
  const { builder } = emitter;
  emitter.push(a);
  if (type === 'f64') {
    builder.op('f64.abs');
    return;
  }
  const sign = (): void => {
    emitter.push(a);
    builder.i64(63);
    builder.op('i64.shr_s');
  };
  sign();
  builder.op('i64.xor');
  sign();
  builder.op('i64.sub');
}
