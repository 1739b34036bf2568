/**
 * Floats that are integers: the test (ISINT), the conversion (F2I), and the guard that is both.
 *
 * Wasm's own truncation takes about 4 ns in V8, which has to look for NaN and overflow. Numbers below 2^51 need only an addition: adding
 * 1.5 * 2^52 moves the integer, rounded, into the low bits of the sum. Converting it back shows whether it was rounded. What is not a
 * small integer goes the long way. The integer stays in a local for the F2I behind a test.
 */
import { Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Ref } from '../ir/trace';
import { Emitter } from './emitter';

/** 1.5 * 2^52 */
const ALIGN: f64 = 6755399441055744;
const ALIGN_BITS: i64 = 0x4338_0000_0000_0000;
/** 2^51 */
const SMALL: i64 = 0x8_0000_0000_0000;

/** Pushes whether a float is an integer in [-2^51, 2^51); `local` holds it then, else nothing of use. */
function pushSmallInteger(emitter: Emitter, a: Ref, local: i32): void {
  const builder = emitter.builder;
  emitter.push(a);
  builder.f64(ALIGN);
  builder.op(Wasm.f64_add);
  builder.op(Wasm.i64_reinterpret_f64);
  builder.i64(ALIGN_BITS);
  builder.op(Wasm.i64_sub);
  builder.tee(local);
  builder.op(Wasm.f64_convert_i64_s);
  emitter.push(a);
  builder.op(Wasm.f64_eq);
  // Other numbers leave anything in `local`, even what is converted to `a` by rounding.
  builder.get(local);
  builder.i64(SMALL);
  builder.op(Wasm.i64_add);
  builder.i64(2 * SMALL);
  builder.op(Wasm.i64_lt_u);
  builder.op(Wasm.i32_and);
}

/**
 * Pushes whether a float is any 64-bit integer; `local` holds it then. Exact: converting there and back gives the same number, unless the
 * conversion saturated (2^63 gives 2^63-1 and back 2^63; 2^63-1 itself is no float).
 */
function pushAnyInteger(emitter: Emitter, a: Ref, local: i32): void {
  const builder = emitter.builder;
  emitter.push(a);
  builder.op(Wasm.i64_trunc_sat_f64_s);
  builder.tee(local);
  builder.op(Wasm.f64_convert_i64_s);
  emitter.push(a);
  builder.op(Wasm.f64_eq);
  builder.get(local);
  builder.i64(i64.MAX_VALUE);
  builder.op(Wasm.i64_ne);
  builder.op(Wasm.i32_and);
}

/** ISINT as a value. */
export function pushIsInteger(emitter: Emitter, a: Ref): void {
  const builder = emitter.builder;
  const local = emitter.defineTruncated(a);
  pushSmallInteger(emitter, a, local);
  builder.if(Type.I32);
  builder.i32(1);
  builder.else();
  pushAnyInteger(emitter, a, local);
  builder.end(true);
}

/** GUARD of ISINT: leaves the trace unless the float is an integer. */
export function lowerIntegerGuard(emitter: Emitter, a: Ref): void {
  const builder = emitter.builder;
  const local = emitter.defineTruncated(a);
  const done = builder.block();
  pushSmallInteger(emitter, a, local);
  builder.brIf(done);
  pushAnyInteger(emitter, a, local);
  builder.op(Wasm.i32_eqz);
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** F2I of a float that is an integer. */
export function pushToInteger(emitter: Emitter, a: Ref): void {
  const builder = emitter.builder;
  const local = emitter.truncated(a);
  if (local >= 0) builder.get(local);
  else {
    emitter.push(a);
    builder.op(Wasm.i64_trunc_sat_f64_s);
  }
}
