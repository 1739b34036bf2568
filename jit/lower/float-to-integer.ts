/**
 * Floats that are integers: the test (ISINT), the conversion (F2I), and the guard that is both.
 *
 * Wasm's own truncation takes about 4 ns in V8, which has to look for NaN and overflow. Numbers below 2^51 need only an addition: adding
 * 1.5 * 2^52 moves the integer, rounded, into the low bits of the sum. Converting it back shows whether it was rounded. What is not a
 * small integer goes the long way. The integer stays in a local for the F2I behind a test.
 */
import type { IRRef } from '../ir/trace.ts';
import type { Emitter } from './emitter.ts';

const ALIGN = 1.5 * 2 ** 52;
const ALIGN_BITS = 0x4338_0000_0000_0000n;
const SMALL = 2 ** 51;
const MAX_INTEGER = 2n ** 63n - 1n;

/** Pushes whether a float is an integer in [-2^51, 2^51); `local` holds it then, else nothing of use. */
function pushSmallInteger(emitter: Emitter, a: IRRef, local: number): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.f64(ALIGN);
  builder.op('f64.add');
  builder.op('i64.reinterpret_f64');
  builder.i64(ALIGN_BITS);
  builder.op('i64.sub');
  builder.tee(local);
  builder.op('f64.convert_i64_s');
  emitter.push(a);
  builder.op('f64.eq');
  // Other numbers leave anything in `local`, even what is converted to `a` by rounding.
  builder.get(local);
  builder.i64(SMALL);
  builder.op('i64.add');
  builder.i64(2 * SMALL);
  builder.op('i64.lt_u');
  builder.op('i32.and');
}

/**
 * Pushes whether a float is any 64-bit integer; `local` holds it then. Exact: converting there and back gives the same number, unless the
 * conversion saturated (2^63 gives 2^63-1 and back 2^63; 2^63-1 itself is no float).
 */
function pushAnyInteger(emitter: Emitter, a: IRRef, local: number): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.op('i64.trunc_sat_f64_s');
  builder.tee(local);
  builder.op('f64.convert_i64_s');
  emitter.push(a);
  builder.op('f64.eq');
  builder.get(local);
  builder.i64(MAX_INTEGER);
  builder.op('i64.ne');
  builder.op('i32.and');
}

/** ISINT as a value. */
export function pushIsInteger(emitter: Emitter, a: IRRef): void {
  const { builder } = emitter;
  const local = emitter.defineTruncated(a);
  pushSmallInteger(emitter, a, local);
  builder.if('i32');
  builder.i32(1);
  builder.else();
  pushAnyInteger(emitter, a, local);
  builder.end(true);
}

/** GUARD of ISINT: leaves the trace unless the float is an integer. */
export function lowerIntegerGuard(emitter: Emitter, a: IRRef): void {
  const { builder } = emitter;
  const local = emitter.defineTruncated(a);
  const done = builder.block();
  pushSmallInteger(emitter, a, local);
  builder.brIf(done);
  pushAnyInteger(emitter, a, local);
  builder.op('i32.eqz');
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** F2I of a float that is an integer. */
export function pushToInteger(emitter: Emitter, a: IRRef): void {
  const { builder } = emitter;
  const local = emitter.truncated(a);
  if (local !== undefined) builder.get(local);
  else {
    emitter.push(a);
    builder.op('i64.trunc_sat_f64_s');
  }
}
