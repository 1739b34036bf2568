/**
 * Lowering of Lua's integer division and of modulo, which need several statements: the result goes into a local.
 *
 * Integers: constant divisors get straight code, and for others operands that fit 32 unsigned bits take the 32-bit instruction, several times faster
 * than the 64-bit one on most processors. Wasm's i64.div_s traps for the least integer divided by -1, so -1 is always apart.
 *
 * Floats: fmod is a call of the core that divides bit by bit, so the frequent exact cases are computed in place: a power-of-two divisor, a dividend
 * smaller than the divisor, and two integral operands.
 */
import { Helper, Op, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Instruction, NONE, Ref } from '../ir/trace';
import { Emitter, floatConstant, integerConstant } from './emitter';

const TWO_32: i64 = 0x1_0000_0000;
const TWO_51: f64 = 2251799813685248;
const TWO_52: f64 = 4503599627370496;
/** Bits of the powers of two whose products with a quotient neither overflow nor get subnormal: 2^-500 and 2^500; and the digits behind a float's first. */
const LEAST_POWER: i64 = (1023 - 500) << 52;
const GREATEST_POWER: i64 = (1023 + 500) << 52;
const FRACTION: i64 = 0xf_ffff_ffff_ffff;

/** Whether the instruction is one of these. */
export function isDivision(instruction: Instruction): bool {
  return instruction.op == Op.MOD || (instruction.op == Op.IDIV && instruction.type == Type.I64);
}

/** Computes IDIV (i64) or MOD into a local. */
export function lowerDivision(emitter: Emitter, instruction: Instruction, result: i32): void {
  const a = instruction.a;
  const b = instruction.b;
  const modulo = instruction.op == Op.MOD;
  if (instruction.type == Type.F64) {
    lowerFloatModulo(emitter, a, b, result);
    return;
  }
  const divisor = integerConstant(emitter, b);
  if (divisor === null) lowerGeneral(emitter, modulo, a, b, result);
  else if (modulo) lowerModuloBy(emitter, a, divisor.bits, result);
  else lowerDivideBy(emitter, a, divisor.bits, result);
}

function isPowerOfTwo(value: i64): bool {
  return value > 0 && (value & (value - 1)) == 0;
}

/**
 * A quotient or remainder of a dividend that fits 32 unsigned bits, if the divisor does; what follows, up to the `end`, is for others.
 * @param op Wasm.i32_div_u or Wasm.i32_rem_u @returns whether there is an `end` to come
 */
function beginNarrow(emitter: Emitter, a: Ref, divisor: i64, op: i32, result: i32): bool {
  if (divisor <= 0 || divisor >= TWO_32) return false;
  const builder = emitter.builder;
  emitter.push(a);
  pushNarrow(emitter);
  builder.if();
  emitter.push(a);
  builder.op(Wasm.i32_wrap_i64);
  builder.i32(<i32>divisor);
  builder.op(op);
  builder.op(Wasm.i64_extend_i32_u);
  builder.set(result);
  builder.else();
  return true;
}

/** a // divisor for a constant divisor. */
function lowerDivideBy(emitter: Emitter, a: Ref, divisor: i64, result: i32): void {
  const builder = emitter.builder;
  if (divisor == -1) {
    builder.i64(0);
    emitter.push(a);
    builder.op(Wasm.i64_sub);
    builder.set(result);
    return;
  }
  if (isPowerOfTwo(divisor)) {
    emitter.push(a);
    builder.i64(ctz(divisor));
    builder.op(Wasm.i64_shr_s);
    builder.set(result);
    return;
  }
  const narrow = beginNarrow(emitter, a, divisor, Wasm.i32_div_u, result);
  const quotient = emitter.temporary(Type.I64);
  emitter.push(a);
  builder.i64(divisor);
  builder.op(Wasm.i64_div_s);
  builder.set(quotient);
  // One less if the remainder has the other sign than the divisor.
  builder.get(quotient);
  if (divisor < 0) builder.i64(0);
  pushRemainder(emitter, a, quotient, divisor);
  if (divisor < 0) builder.op(Wasm.i64_sub);
  builder.i64(63);
  builder.op(Wasm.i64_shr_s);
  builder.op(Wasm.i64_add);
  builder.set(result);
  if (narrow) builder.end();
}

function pushRemainder(emitter: Emitter, a: Ref, quotient: i32, divisor: i64): void {
  const builder = emitter.builder;
  emitter.push(a);
  builder.get(quotient);
  builder.i64(divisor);
  builder.op(Wasm.i64_mul);
  builder.op(Wasm.i64_sub);
}

/** a % divisor for a constant divisor. */
function lowerModuloBy(emitter: Emitter, a: Ref, divisor: i64, result: i32): void {
  const builder = emitter.builder;
  if (divisor == -1 || divisor == 1) {
    builder.i64(0);
    builder.set(result);
    return;
  }
  if (isPowerOfTwo(divisor)) {
    emitter.push(a);
    builder.i64(divisor - 1);
    builder.op(Wasm.i64_and);
    builder.set(result);
    return;
  }
  const narrow = beginNarrow(emitter, a, divisor, Wasm.i32_rem_u, result);
  emitter.push(a);
  builder.i64(divisor);
  builder.op(Wasm.i64_rem_s);
  builder.set(result);
  // Add the divisor if the remainder has the other sign.
  builder.get(result);
  if (divisor < 0) {
    builder.i64(0);
    builder.get(result);
    builder.op(Wasm.i64_sub);
  } else builder.get(result);
  builder.i64(63);
  builder.op(Wasm.i64_shr_s);
  builder.i64(divisor);
  builder.op(Wasm.i64_and);
  builder.op(Wasm.i64_add);
  builder.set(result);
  if (narrow) builder.end();
}

/** Replaces an i64 on the stack by whether it fits 32 unsigned bits. */
function pushNarrow(emitter: Emitter): void {
  const builder = emitter.builder;
  builder.i64(32);
  builder.op(Wasm.i64_shr_u);
  builder.op(Wasm.i64_eqz);
}

function lowerGeneral(emitter: Emitter, modulo: bool, a: Ref, b: Ref, result: i32): void {
  const builder = emitter.builder;
  emitter.push(a);
  emitter.push(b);
  builder.op(Wasm.i64_or);
  pushNarrow(emitter);
  builder.if();
  emitter.push(a);
  builder.op(Wasm.i32_wrap_i64);
  emitter.push(b);
  builder.op(Wasm.i32_wrap_i64);
  builder.op(modulo ? Wasm.i32_rem_u : Wasm.i32_div_u);
  builder.op(Wasm.i64_extend_i32_u);
  builder.set(result);
  builder.else();
  if (modulo) lowerWideModulo(emitter, a, b, result);
  else lowerWideDivide(emitter, a, b, result);
  builder.end();
}

function lowerWideModulo(emitter: Emitter, a: Ref, b: Ref, result: i32): void {
  const builder = emitter.builder;
  // i64.rem_s of the least integer by -1 is 0: no trap.
  emitter.push(a);
  emitter.push(b);
  builder.op(Wasm.i64_rem_s);
  builder.set(result);
  builder.get(result);
  emitter.push(b);
  builder.op(Wasm.i64_add);
  builder.get(result);
  pushSignsDiffer(emitter, result, b);
  builder.select();
  builder.set(result);
}

/** Pushes whether a remainder is not 0 and has the other sign than the divisor. */
function pushSignsDiffer(emitter: Emitter, remainder: i32, b: Ref): void {
  const builder = emitter.builder;
  builder.get(remainder);
  builder.i64(0);
  builder.op(Wasm.i64_ne);
  builder.get(remainder);
  emitter.push(b);
  builder.op(Wasm.i64_xor);
  builder.i64(0);
  builder.op(Wasm.i64_lt_s);
  builder.op(Wasm.i32_and);
}

function lowerWideDivide(emitter: Emitter, a: Ref, b: Ref, result: i32): void {
  const builder = emitter.builder;
  const remainder = emitter.temporary(Type.I64);
  emitter.push(b);
  builder.i64(-1);
  builder.op(Wasm.i64_eq);
  builder.if();
  builder.i64(0);
  emitter.push(a);
  builder.op(Wasm.i64_sub);
  builder.set(result);
  builder.else();
  emitter.push(a);
  emitter.push(b);
  builder.op(Wasm.i64_div_s);
  builder.set(result);
  emitter.push(a);
  builder.get(result);
  emitter.push(b);
  builder.op(Wasm.i64_mul);
  builder.op(Wasm.i64_sub);
  builder.set(remainder);
  builder.get(result);
  pushSignsDiffer(emitter, remainder, b);
  builder.op(Wasm.i64_extend_i32_u);
  builder.op(Wasm.i64_sub);
  builder.set(result);
  builder.end();
}

/** fmod in place where that is exact, then Lua's correction of the sign. */
function lowerFloatModulo(emitter: Emitter, a: Ref, b: Ref, result: i32): void {
  const builder = emitter.builder;
  const divisor = floatConstant(emitter, b);
  if (divisor !== null && divisor.bits >= LEAST_POWER && divisor.bits <= GREATEST_POWER && (divisor.bits & FRACTION) == 0) lowerFmodByPower(emitter, a, divisor.float, result);
  else lowerFmod(emitter, a, b, result);
  builder.get(result);
  emitter.push(b);
  builder.op(Wasm.f64_add);
  builder.get(result);
  // One of the two signs, or either if the divisor's is not known.
  const either = divisor === null ? b : NONE;
  if (divisor === null || divisor.float > 0) pushSigns(emitter, result, Wasm.f64_lt, either, Wasm.f64_gt);
  if (divisor === null || !(divisor.float > 0)) pushSigns(emitter, result, Wasm.f64_gt, either, Wasm.f64_lt);
  if (divisor === null) builder.op(Wasm.i32_or);
  builder.select();
  builder.set(result);
}

/** Pushes whether a result compares with 0, and the divisor unless it is NONE. */
function pushSigns(emitter: Emitter, result: i32, compareResult: i32, divisor: Ref, compareDivisor: i32): void {
  const builder = emitter.builder;
  builder.get(result);
  builder.f64(0);
  builder.op(compareResult);
  if (divisor == NONE) return;
  emitter.push(divisor);
  builder.f64(0);
  builder.op(compareDivisor);
  builder.op(Wasm.i32_and);
}

/** With d a power of two, a/d and trunc(a/d)*d are exact as long as the quotient is below 2^52. */
function lowerFmodByPower(emitter: Emitter, a: Ref, divisor: f64, result: i32): void {
  const builder = emitter.builder;
  emitter.push(a);
  builder.op(Wasm.f64_abs);
  builder.f64(TWO_52 * divisor);
  builder.op(Wasm.f64_lt);
  builder.if();
  emitter.push(a);
  emitter.push(a);
  builder.f64(1 / divisor);
  builder.op(Wasm.f64_mul);
  builder.op(Wasm.f64_trunc);
  builder.f64(divisor);
  builder.op(Wasm.f64_mul);
  builder.op(Wasm.f64_sub);
  emitter.push(a);
  builder.op(Wasm.f64_copysign);
  builder.set(result);
  builder.else();
  emitter.push(a);
  builder.f64(divisor);
  builder.call(Helper.fmod);
  builder.set(result);
  builder.end();
}

/** For integers below 2^51, a - trunc(a/b)*b is exact: the quotient is too small to be rounded up to the next integer. */
function lowerFmod(emitter: Emitter, a: Ref, b: Ref, result: i32): void {
  const builder = emitter.builder;
  emitter.push(a);
  builder.op(Wasm.f64_abs);
  emitter.push(b);
  builder.op(Wasm.f64_abs);
  builder.op(Wasm.f64_lt);
  builder.if();
  emitter.push(a);
  builder.set(result);
  builder.else();
  emitter.push(a);
  builder.op(Wasm.f64_abs);
  builder.f64(TWO_51);
  builder.op(Wasm.f64_lt);
  pushIsIntegral(emitter, a);
  builder.op(Wasm.i32_and);
  pushIsIntegral(emitter, b);
  builder.op(Wasm.i32_and);
  emitter.push(b);
  builder.f64(0);
  builder.op(Wasm.f64_ne);
  builder.op(Wasm.i32_and);
  builder.if();
  emitter.push(a);
  emitter.push(a);
  emitter.push(b);
  builder.op(Wasm.f64_div);
  builder.op(Wasm.f64_trunc);
  emitter.push(b);
  builder.op(Wasm.f64_mul);
  builder.op(Wasm.f64_sub);
  emitter.push(a);
  builder.op(Wasm.f64_copysign);
  builder.set(result);
  builder.else();
  emitter.push(a);
  emitter.push(b);
  builder.call(Helper.fmod);
  builder.set(result);
  builder.end();
  builder.end();
}

function pushIsIntegral(emitter: Emitter, ref: Ref): void {
  const constant = floatConstant(emitter, ref);
  if (constant !== null) {
    emitter.builder.i32(isFinite(constant.float) && trunc(constant.float) == constant.float ? 1 : 0);
    return;
  }
  emitter.push(ref);
  emitter.builder.op(Wasm.f64_trunc);
  emitter.push(ref);
  emitter.builder.op(Wasm.f64_eq);
}
