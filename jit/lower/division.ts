/**
 * Lowering of Lua's integer division and of modulo, which need several statements: the result goes into a local.
 *
 * Integers: constant divisors get straight code, and for others operands that fit 32 unsigned bits take the 32-bit instruction, several times faster
 * than the 64-bit one on most processors. Wasm's i64.div_s traps for the least integer divided by -1, so -1 is always apart.
 *
 * Floats: fmod is a call of the core that divides bit by bit, so the frequent exact cases are computed in place: a power-of-two divisor, a dividend
 * smaller than the divisor, and two integral operands.
 */
import type { Instruction, IRRef } from '../ir/trace.ts';
import { callHelper } from './calls.ts';
import { type Emitter, integerConstant, numberConstant } from './emitter.ts';

const TWO_32 = 2n ** 32n;
const TWO_51 = 2 ** 51;
const TWO_52 = 2 ** 52;
/** Powers of two whose products with a quotient neither overflow nor get subnormal. */
const LEAST_POWER = 2 ** -500;
const GREATEST_POWER = 2 ** 500;

/** Whether the instruction is one of these. */
export function isDivision({ op, type }: Instruction): boolean {
  return op === 'MOD' || (op === 'IDIV' && type === 'i64');
}

/** Computes IDIV (i64) or MOD into a local. */
export function lowerDivision(emitter: Emitter, { op, type, a, b }: Instruction, result: number): void {
  if (type === 'f64') lowerFloatModulo(emitter, a, b, result);
  else {
    const divisor = integerConstant(emitter, b);
    if (divisor === undefined) lowerGeneral(emitter, op === 'MOD', a, b, result);
    else if (op === 'MOD') lowerModuloBy(emitter, a, divisor, result);
    else lowerDivideBy(emitter, a, divisor, result);
  }
}

const isPowerOfTwo = (value: bigint): boolean => value > 0n && (value & (value - 1n)) === 0n;

/**
 * A quotient or remainder of a dividend that fits 32 unsigned bits, if the divisor does; what follows, up to the `end`, is for others.
 * @returns whether there is an `end` to come
 */
function beginNarrow(emitter: Emitter, a: IRRef, divisor: bigint, op: 'i32.div_u' | 'i32.rem_u', result: number): boolean {
  if (divisor <= 0n || divisor >= TWO_32) return false;
  const { builder } = emitter;
  emitter.push(a);
  pushNarrow(emitter);
  builder.if();
  emitter.push(a);
  builder.op('i32.wrap_i64');
  builder.i32(Number(divisor));
  builder.op(op);
  builder.op('i64.extend_i32_u');
  builder.set(result);
  builder.else();
  return true;
}

/** a // divisor for a constant divisor. */
function lowerDivideBy(emitter: Emitter, a: IRRef, divisor: bigint, result: number): void {
  const { builder } = emitter;
  if (divisor === -1n) {
    builder.i64(0);
    emitter.push(a);
    builder.op('i64.sub');
    builder.set(result);
    return;
  }
  if (isPowerOfTwo(divisor)) {
    emitter.push(a);
    builder.i64(BigInt(divisor.toString(2).length - 1));
    builder.op('i64.shr_s');
    builder.set(result);
    return;
  }
  const narrow = beginNarrow(emitter, a, divisor, 'i32.div_u', result);
  const quotient = emitter.temporary('i64');
  emitter.push(a);
  builder.i64(divisor);
  builder.op('i64.div_s');
  builder.set(quotient);
  const remainder = (): void => {
    emitter.push(a);
    builder.get(quotient);
    builder.i64(divisor);
    builder.op('i64.mul');
    builder.op('i64.sub');
  };
  // One less if the remainder has the other sign than the divisor.
  builder.get(quotient);
  if (divisor < 0n) builder.i64(0);
  remainder();
  if (divisor < 0n) builder.op('i64.sub');
  builder.i64(63);
  builder.op('i64.shr_s');
  builder.op('i64.add');
  builder.set(result);
  if (narrow) builder.end();
}

/** a % divisor for a constant divisor. */
function lowerModuloBy(emitter: Emitter, a: IRRef, divisor: bigint, result: number): void {
  const { builder } = emitter;
  if (divisor === -1n || divisor === 1n) {
    builder.i64(0);
    builder.set(result);
    return;
  }
  if (isPowerOfTwo(divisor)) {
    emitter.push(a);
    builder.i64(divisor - 1n);
    builder.op('i64.and');
    builder.set(result);
    return;
  }
  const narrow = beginNarrow(emitter, a, divisor, 'i32.rem_u', result);
  emitter.push(a);
  builder.i64(divisor);
  builder.op('i64.rem_s');
  builder.set(result);
  // Add the divisor if the remainder has the other sign.
  builder.get(result);
  if (divisor < 0n) {
    builder.i64(0);
    builder.get(result);
    builder.op('i64.sub');
  } else builder.get(result);
  builder.i64(63);
  builder.op('i64.shr_s');
  builder.i64(divisor);
  builder.op('i64.and');
  builder.op('i64.add');
  builder.set(result);
  if (narrow) builder.end();
}

/** Replaces an i64 on the stack by whether it fits 32 unsigned bits. */
function pushNarrow({ builder }: Emitter): void {
  builder.i64(32);
  builder.op('i64.shr_u');
  builder.op('i64.eqz');
}

function lowerGeneral(emitter: Emitter, modulo: boolean, a: IRRef, b: IRRef, result: number): void {
  const { builder } = emitter;
  emitter.push(a);
  emitter.push(b);
  builder.op('i64.or');
  pushNarrow(emitter);
  builder.if();
  emitter.push(a);
  builder.op('i32.wrap_i64');
  emitter.push(b);
  builder.op('i32.wrap_i64');
  builder.op(modulo ? 'i32.rem_u' : 'i32.div_u');
  builder.op('i64.extend_i32_u');
  builder.set(result);
  builder.else();
  if (modulo) lowerWideModulo(emitter, a, b, result);
  else lowerWideDivide(emitter, a, b, result);
  builder.end();
}

function lowerWideModulo(emitter: Emitter, a: IRRef, b: IRRef, result: number): void {
  const { builder } = emitter;
  // i64.rem_s of the least integer by -1 is 0: no trap.
  emitter.push(a);
  emitter.push(b);
  builder.op('i64.rem_s');
  builder.set(result);
  builder.get(result);
  emitter.push(b);
  builder.op('i64.add');
  builder.get(result);
  pushSignsDiffer(emitter, result, b);
  builder.select();
  builder.set(result);
}

/** Pushes whether a remainder is not 0 and has the other sign than the divisor. */
function pushSignsDiffer(emitter: Emitter, remainder: number, b: IRRef): void {
  const { builder } = emitter;
  builder.get(remainder);
  builder.i64(0);
  builder.op('i64.ne');
  builder.get(remainder);
  emitter.push(b);
  builder.op('i64.xor');
  builder.i64(0);
  builder.op('i64.lt_s');
  builder.op('i32.and');
}

function lowerWideDivide(emitter: Emitter, a: IRRef, b: IRRef, result: number): void {
  const { builder } = emitter;
  const remainder = emitter.temporary('i64');
  emitter.push(b);
  builder.i64(-1n);
  builder.op('i64.eq');
  builder.if();
  builder.i64(0);
  emitter.push(a);
  builder.op('i64.sub');
  builder.set(result);
  builder.else();
  emitter.push(a);
  emitter.push(b);
  builder.op('i64.div_s');
  builder.set(result);
  emitter.push(a);
  builder.get(result);
  emitter.push(b);
  builder.op('i64.mul');
  builder.op('i64.sub');
  builder.set(remainder);
  builder.get(result);
  pushSignsDiffer(emitter, remainder, b);
  builder.op('i64.extend_i32_u');
  builder.op('i64.sub');
  builder.set(result);
  builder.end();
}

/** fmod in place where that is exact, then Lua's correction of the sign. */
function lowerFloatModulo(emitter: Emitter, a: IRRef, b: IRRef, result: number): void {
  const divisor = numberConstant(emitter, b);
  if (divisor !== undefined && divisor >= LEAST_POWER && divisor <= GREATEST_POWER && Number.isInteger(Math.log2(divisor)) && 2 ** Math.log2(divisor) === divisor) {
    lowerFmodByPower(emitter, a, divisor, result);
  } else lowerFmod(emitter, a, b, result);
  const { builder } = emitter;
  const signs = (compareResult: 'f64.gt' | 'f64.lt', compareDivisor: 'f64.gt' | 'f64.lt'): void => {
    builder.get(result);
    builder.f64(0);
    builder.op(compareResult);
    if (divisor === undefined) {
      emitter.push(b);
      builder.f64(0);
      builder.op(compareDivisor);
      builder.op('i32.and');
    }
  };
  builder.get(result);
  emitter.push(b);
  builder.op('f64.add');
  builder.get(result);
  if (divisor === undefined || divisor > 0) signs('f64.lt', 'f64.gt');
  if (divisor === undefined || !(divisor > 0)) signs('f64.gt', 'f64.lt');
  if (divisor === undefined) builder.op('i32.or');
  builder.select();
  builder.set(result);
}

/** With d a power of two, a/d and trunc(a/d)*d are exact as long as the quotient is below 2^52. */
function lowerFmodByPower(emitter: Emitter, a: IRRef, divisor: number, result: number): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.op('f64.abs');
  builder.f64(TWO_52 * divisor);
  builder.op('f64.lt');
  builder.if();
  emitter.push(a);
  emitter.push(a);
  builder.f64(1 / divisor);
  builder.op('f64.mul');
  builder.op('f64.trunc');
  builder.f64(divisor);
  builder.op('f64.mul');
  builder.op('f64.sub');
  emitter.push(a);
  builder.op('f64.copysign');
  builder.set(result);
  builder.else();
  emitter.push(a);
  builder.f64(divisor);
  callHelper(builder, 'fmod');
  builder.set(result);
  builder.end();
}

/** For integers below 2^51, a - trunc(a/b)*b is exact: the quotient is too small to be rounded up to the next integer. */
function lowerFmod(emitter: Emitter, a: IRRef, b: IRRef, result: number): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.op('f64.abs');
  emitter.push(b);
  builder.op('f64.abs');
  builder.op('f64.lt');
  builder.if();
  emitter.push(a);
  builder.set(result);
  builder.else();
  emitter.push(a);
  builder.op('f64.abs');
  builder.f64(TWO_51);
  builder.op('f64.lt');
  pushIsIntegral(emitter, a);
  builder.op('i32.and');
  pushIsIntegral(emitter, b);
  builder.op('i32.and');
  emitter.push(b);
  builder.f64(0);
  builder.op('f64.ne');
  builder.op('i32.and');
  builder.if();
  emitter.push(a);
  emitter.push(a);
  emitter.push(b);
  builder.op('f64.div');
  builder.op('f64.trunc');
  emitter.push(b);
  builder.op('f64.mul');
  builder.op('f64.sub');
  emitter.push(a);
  builder.op('f64.copysign');
  builder.set(result);
  builder.else();
  emitter.push(a);
  emitter.push(b);
  callHelper(builder, 'fmod');
  builder.set(result);
  builder.end();
  builder.end();
}

function pushIsIntegral(emitter: Emitter, ref: IRRef): void {
  const value = numberConstant(emitter, ref);
  if (value !== undefined) {
    emitter.builder.i32(Number.isInteger(value) ? 1 : 0);
    return;
  }
  emitter.push(ref);
  emitter.builder.op('f64.trunc');
  emitter.push(ref);
  emitter.builder.op('f64.eq');
}
