/**
 * Lowering of arithmetic, comparisons and conversions. Each function pushes the value of one instruction; those that need statements
 * (division, modulo) leave it in a local. Lua's meaning is exact here: floor division, the sign of modulo, shifts by any amount.
 */
import { Helper, Op, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Instruction, NONE, Ref } from '../ir/trace';
import { Emitter, floatConstant } from './emitter';
import { pushIsInteger, pushToInteger } from './float-to-integer';

/** No instruction, no operation. */
const NOTHING: i32 = -1;

/** The Wasm instruction of an operation that is one for numbers of this type. */
function directOf(op: i32, type: i32): i32 {
  switch (op) {
    case Op.ADD: return byType(type, Wasm.i32_add, Wasm.i64_add, Wasm.f64_add);
    case Op.SUB: return byType(type, Wasm.i32_sub, Wasm.i64_sub, Wasm.f64_sub);
    case Op.MUL: return byType(type, Wasm.i32_mul, Wasm.i64_mul, Wasm.f64_mul);
    case Op.DIV: return Wasm.f64_div;
    case Op.BAND: return byType(type, Wasm.i32_and, Wasm.i64_and, NOTHING);
    case Op.BOR: return byType(type, Wasm.i32_or, Wasm.i64_or, NOTHING);
    case Op.BXOR: return byType(type, Wasm.i32_xor, Wasm.i64_xor, NOTHING);
    case Op.SQRT: return Wasm.f64_sqrt;
    case Op.FLOOR: return Wasm.f64_floor;
    case Op.CEIL: return Wasm.f64_ceil;
    default: return NOTHING;
  }
}

/** The Wasm instruction of a comparison of operands of this type. */
function compareOf(op: i32, type: i32): i32 {
  switch (op) {
    case Op.EQ: return byType(type, Wasm.i32_eq, Wasm.i64_eq, Wasm.f64_eq);
    case Op.NE: return byType(type, Wasm.i32_ne, Wasm.i64_ne, Wasm.f64_ne);
    case Op.LT: return byType(type, Wasm.i32_lt_s, Wasm.i64_lt_s, Wasm.f64_lt);
    case Op.LE: return byType(type, Wasm.i32_le_s, Wasm.i64_le_s, Wasm.f64_le);
    case Op.GT: return byType(type, Wasm.i32_gt_s, Wasm.i64_gt_s, Wasm.f64_gt);
    case Op.GE: return byType(type, Wasm.i32_ge_s, Wasm.i64_ge_s, Wasm.f64_ge);
    case Op.ULT: return byType(type, Wasm.i32_lt_u, Wasm.i64_lt_u, NOTHING);
    case Op.UGE: return byType(type, Wasm.i32_ge_u, Wasm.i64_ge_u, NOTHING);
    default: return NOTHING;
  }
}

/** The comparison that is true where this one is false (NaN apart). */
function inverseOf(op: i32): i32 {
  switch (op) {
    case Op.EQ: return Op.NE;
    case Op.NE: return Op.EQ;
    case Op.LT: return Op.GE;
    case Op.GE: return Op.LT;
    case Op.LE: return Op.GT;
    case Op.GT: return Op.LE;
    case Op.ULT: return Op.UGE;
    case Op.UGE: return Op.ULT;
    default: return NOTHING;
  }
}

function byType(type: i32, small: i32, integer: i32, float: i32): i32 {
  return type == Type.I32 ? small : type == Type.I64 ? integer : float;
}

/** The NaN that x86 makes of numbers, as `print` shows it: negative. */
const NEW_NAN: i64 = 0xfff8_0000_0000_0000;

/** Is it a NaN made of constants? An engine that folds them, as V8's optimising tier does, may choose another sign than its own machine code. */
function makesNaN(emitter: Emitter, instruction: Instruction): bool {
  if (instruction.type != Type.F64) return false;
  const a = floatConstant(emitter, instruction.a);
  if (a === null || isNaN(a.float)) return false;
  if (instruction.b == NONE) return instruction.op == Op.SQRT && a.float < 0;
  const b = floatConstant(emitter, instruction.b);
  if (b === null || isNaN(b.float)) return false;
  switch (instruction.op) {
    case Op.ADD: return isNaN(a.float + b.float);
    case Op.SUB: return isNaN(a.float - b.float);
    case Op.MUL: return isNaN(a.float * b.float);
    case Op.DIV:
    case Op.IDIV: return isNaN(a.float / b.float);
    default: return false;
  }
}

/** Pushes the value of a pure instruction. @returns false if it is not one of these operations */
export function pushArithmetic(emitter: Emitter, instruction: Instruction): bool {
  const builder = emitter.builder;
  const op = instruction.op;
  const type = instruction.type;
  const a = instruction.a;
  const b = instruction.b;
  if (makesNaN(emitter, instruction)) {
    builder.i64(NEW_NAN);
    builder.op(Wasm.f64_reinterpret_i64);
    return true;
  }
  const direct = directOf(op, type);
  if (direct != NOTHING) {
    emitter.push(a);
    if (b != NONE) emitter.push(b);
    builder.op(direct);
    return true;
  }
  if (inverseOf(op) != NOTHING) {
    pushCompare(emitter, op, a, b);
    return true;
  }
  switch (op) {
    case Op.IDIV:
      emitter.push(a);
      emitter.push(b);
      builder.op(Wasm.f64_div);
      builder.op(Wasm.f64_floor);
      return true;
    case Op.POW:
      pushPower(emitter, a, b);
      return true;
    case Op.NEG:
      if (type == Type.F64) {
        emitter.push(a);
        builder.op(Wasm.f64_neg);
      } else {
        builder.i64(0);
        emitter.push(a);
        builder.op(Wasm.i64_sub);
      }
      return true;
    case Op.BNOT:
      emitter.push(a);
      builder.i64(-1);
      builder.op(Wasm.i64_xor);
      return true;
    case Op.SHL:
    case Op.SHR:
      pushShift(emitter, op == Op.SHL, type, a, b);
      return true;
    case Op.SAR:
      emitter.push(a);
      emitter.push(b);
      builder.op(Wasm.i64_shr_s);
      return true;
    case Op.ABS:
      pushAbsolute(emitter, type, a);
      return true;
    case Op.MIN:
    case Op.MAX:
      // b < a ? b : a, and a < b ? b : a: not f64.min, which treats NaN and -0 otherwise.
      emitter.push(b);
      emitter.push(a);
      if (op == Op.MIN) pushCompare(emitter, Op.LT, b, a);
      else pushCompare(emitter, Op.LT, a, b);
      builder.select();
      return true;
    case Op.I2F:
      emitter.push(a);
      builder.op(Wasm.f64_convert_i64_s);
      return true;
    case Op.ISINT:
      pushIsInteger(emitter, a);
      return true;
    case Op.F2I:
      pushToInteger(emitter, a);
      return true;
    case Op.WRAP:
      emitter.push(a);
      builder.op(Wasm.i32_wrap_i64);
      return true;
    case Op.ZEXT:
      emitter.push(a);
      builder.op(Wasm.i64_extend_i32_u);
      return true;
    default:
      return false;
  }
}

/** Pushes an i32 that is not 0 if the truth of `ref` is `sense`. */
export function pushCondition(emitter: Emitter, ref: Ref, sense: bool): void {
  if (sense) {
    emitter.push(ref);
    return;
  }
  const inlined = emitter.inlinedInstruction(ref);
  if (inlined !== null) {
    const inverse = inverseOf(inlined.op);
    // The inverse of an ordered float comparison would be false for NaN too.
    if (inverse != NOTHING && (emitter.typeOf(inlined.a) != Type.F64 || inverse == Op.EQ || inverse == Op.NE)) {
      pushCompare(emitter, inverse, inlined.a, inlined.b);
      return;
    }
  }
  emitter.push(ref);
  emitter.builder.op(Wasm.i32_eqz);
}

function pushCompare(emitter: Emitter, op: i32, a: Ref, b: Ref): void {
  const type = emitter.typeOf(a);
  emitter.push(a);
  const constant = emitter.constantOf(b);
  if (op == Op.EQ && type != Type.F64 && constant !== null && constant.bits == 0) {
    emitter.builder.op(type == Type.I32 ? Wasm.i32_eqz : Wasm.i64_eqz);
    return;
  }
  emitter.push(b);
  emitter.builder.op(compareOf(op, type));
}

/** a ^ b as PUC computes it: squares are a multiplication. */
function pushPower(emitter: Emitter, a: Ref, b: Ref): void {
  const builder = emitter.builder;
  const exponent = floatConstant(emitter, b);
  if (exponent !== null && exponent.float == 2) {
    pushSquare(emitter, a);
    return;
  }
  if (exponent === null) {
    emitter.push(b);
    builder.f64(2);
    builder.op(Wasm.f64_eq);
    builder.if(Type.F64);
    pushSquare(emitter, a);
    builder.else();
  }
  emitter.push(a);
  emitter.push(b);
  builder.call(Helper.pow);
  if (exponent === null) builder.end(true);
}

function pushSquare(emitter: Emitter, a: Ref): void {
  emitter.push(a);
  emitter.push(a);
  emitter.builder.op(Wasm.f64_mul);
}

/** Logical shift by any amount: 0 from the width on, the other way for negative amounts. */
function pushShift(emitter: Emitter, left: bool, type: i32, a: Ref, b: Ref): void {
  const builder = emitter.builder;
  const width: i64 = type == Type.I64 ? 64 : 32;
  const constant = emitter.constantOf(b);
  if (constant !== null) {
    const amount = constant.bits;
    if (amount <= -width || amount >= width) pushInteger(emitter, type, 0);
    else {
      emitter.push(a);
      pushInteger(emitter, type, abs(amount));
      builder.op(shiftOf(type, amount < 0 ? !left : left));
    }
    return;
  }
  emitter.push(a);
  emitter.push(b);
  builder.op(shiftOf(type, left));
  emitter.push(a);
  pushNegated(emitter, type, b);
  builder.op(shiftOf(type, !left));
  pushInteger(emitter, type, 0);
  pushNegated(emitter, type, b);
  pushInteger(emitter, type, width);
  builder.op(type == Type.I64 ? Wasm.i64_lt_u : Wasm.i32_lt_u);
  builder.select();
  emitter.push(b);
  pushInteger(emitter, type, width);
  builder.op(type == Type.I64 ? Wasm.i64_lt_u : Wasm.i32_lt_u);
  builder.select();
}

function shiftOf(type: i32, left: bool): i32 {
  if (type == Type.I64) return left ? Wasm.i64_shl : Wasm.i64_shr_u;
  return left ? Wasm.i32_shl : Wasm.i32_shr_u;
}

function pushNegated(emitter: Emitter, type: i32, ref: Ref): void {
  pushInteger(emitter, type, 0);
  emitter.push(ref);
  emitter.builder.op(type == Type.I64 ? Wasm.i64_sub : Wasm.i32_sub);
}

function pushInteger(emitter: Emitter, type: i32, value: i64): void {
  if (type == Type.I64) emitter.builder.i64(value);
  else emitter.builder.i32(<i32>value);
}

function pushAbsolute(emitter: Emitter, type: i32, a: Ref): void {
  const builder = emitter.builder;
  emitter.push(a);
  if (type == Type.F64) {
    builder.op(Wasm.f64_abs);
    return;
  }
  pushSign(emitter, a);
  builder.op(Wasm.i64_xor);
  pushSign(emitter, a);
  builder.op(Wasm.i64_sub);
}

/** All bits are the integer's sign. */
function pushSign(emitter: Emitter, a: Ref): void {
  emitter.push(a);
  emitter.builder.i64(63);
  emitter.builder.op(Wasm.i64_shr_s);
}
