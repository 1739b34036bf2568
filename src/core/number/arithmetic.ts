/**
 * Lua's arithmetic on numbers (manual, 3.4.1 to 3.4.4 and 3.3.5), as functions of plain i64 and f64 values, and the coercions of slots.
 * Owns nothing. The division functions expect their callers to have checked integer divisors for zero.
 *
 * pow and exp are computed here and not by the host: the algorithms are those of current C libraries (which PUC Lua calls), so the last
 * digit agrees with PUC's where a host's would not, and results are the same on each host.
 *
 * NaN signs: PUC on x86-64 prints what the hardware made, `-nan` for 0/0. Wasm leaves the sign open; engines on x86-64 produce the
 * same as PUC, since they use the same instructions. Nothing here canonicalises a NaN, and tostring prints its sign bit.
 */
import { TAG_FLOAT, TAG_INT, TAG_STRING, STRING_BYTES, STRING_LENGTH } from '../../bytecode/layout';
import { OPERAND_ERROR_FOR, throwOperandError, throwText } from '../base/raise';
import { hostFmod } from '../base/host';
import { parseNumber } from './read';
import { floatOf, intOf, pointerOf, setFloat, setInt, tagOf } from '../base/value';

const TWO_63: f64 = 9223372036854775808.0;

/** Whether `<i64>f` is exactly f. The conversion saturates, so only 2^63 needs a test of its own. */
// @ts-ignore: decorator
@inline export function floatHasExactInt(f: f64): bool { return <f64>(<i64>f) == f && f != TWO_63; }

/** Whether f lies in the range of the integers (false for NaN). */
// @ts-ignore: decorator
@inline export function floatFitsInt(f: f64): bool { return f >= -TWO_63 && f < TWO_63; }

/** a // b, b not 0; mininteger // -1 wraps. */
// @ts-ignore: decorator
@inline export function integerDivide(a: i64, b: i64): i64 {
  if (b == -1) return -a;
  const quotient = a / b;
  return quotient - i64((a ^ b) < 0 && quotient * b != a);
}

/** a % b, b not 0: the sign is b's. */
// @ts-ignore: decorator
@inline export function integerModulo(a: i64, b: i64): i64 {
  const rest = a % b;
  return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
}

/** C's fmod: the sign is a's. */
export function floatRemainder(a: f64, b: f64): f64 {
  const magnitude = abs(a);
  const divisor = abs(b);
  if (magnitude < divisor) return a;
  if (a != a || b != b) return a != a ? a : b;
  if (magnitude == Infinity || divisor == 0) return copysign<f64>(NaN, -1);
  if (magnitude <= 9007199254740992.0 && <f64>(<i64>a) == a && <f64>(<i64>b) == b && b != 0) {
    return copysign<f64>(<f64>(<i64>magnitude % <i64>divisor), a);
  }
  // Exact while the quotient's bits are few; the loop inside takes a step per bit.
  return magnitude >= divisor * 4294967296.0 && divisor != 0 && magnitude != Infinity ? hostFmod(a, b) : a % b;
}

/** a % b for floats: the sign is b's; a % inf is a or inf. */
export function floatModulo(a: f64, b: f64): f64 {
  const rest = floatRemainder(a, b);
  return (rest > 0 ? b < 0 : rest < 0 && b > 0) ? rest + b : rest;
}

// @ts-ignore: decorator
@inline export function floatFloorDivide(a: f64, b: f64): f64 { return floor<f64>(a / b); }

/** C's pow; of a NaN, too, glibc takes odd powers with the sign's part in it: the sign is cleared. */
export function floatPow(x: f64, y: f64): f64 {
  if (y == 2) return x * x;
  if (x != x && y == y) return y == 0 ? 1 : floor<f64>(y) == y && floor<f64>(y * 0.5) != y * 0.5 ? abs(x) : x;
  if (x == 1 || (x == -1 && abs(y) == Infinity)) return 1;
  if (x < 0 && x > -Infinity && abs(y) != Infinity && y == y && floor<f64>(y) != y) return copysign<f64>(NaN, -1);
  return NativeMath.pow(x, y);
}

/** a << n; n >= 64 gives 0, a negative n shifts right (logically). */
// @ts-ignore: decorator
@inline export function shiftLeft(a: i64, n: i64): i64 {
  if (<u64>n < 64) return a << n;
  return n < 0 && n > -64 ? <i64>(<u64>a >> <u64>-n) : 0;
}

// @ts-ignore: decorator
@inline export function shiftRight(a: i64, n: i64): i64 {
  if (<u64>n < 64) return <i64>(<u64>a >> <u64>n);
  return n < 0 && n > -64 ? a << -n : 0;
}

// ---- Exact comparisons of an integer with a float: round the float to the side that keeps the order, then compare integers.

export function equalIntFloat(i: i64, f: f64): bool { return floatHasExactInt(f) && <i64>f == i; }
/** i < f */
export function lessIntFloat(i: i64, f: f64): bool { return floatFitsInt(f) ? i < <i64>ceil<f64>(f) : f > 0; }
/** i <= f */
export function lessEqualIntFloat(i: i64, f: f64): bool { return floatFitsInt(f) ? i <= <i64>floor<f64>(f) : f > 0; }
/** f < i */
export function lessFloatInt(f: f64, i: i64): bool { return floatFitsInt(f) ? <i64>floor<f64>(f) < i : f < 0; }
/** f <= i */
export function lessEqualFloatInt(f: f64, i: i64): bool { return floatFitsInt(f) ? <i64>ceil<f64>(f) <= i : f < 0; }

/** Order of two number slots: a < b. */
export function lessNumbers(a: u32, b: u32): bool {
  if (tagOf(a) == TAG_INT) return tagOf(b) == TAG_INT ? intOf(a) < intOf(b) : lessIntFloat(intOf(a), floatOf(b));
  return tagOf(b) == TAG_INT ? lessFloatInt(floatOf(a), intOf(b)) : floatOf(a) < floatOf(b);
}

/** a <= b of two number slots. */
export function lessEqualNumbers(a: u32, b: u32): bool {
  if (tagOf(a) == TAG_INT) return tagOf(b) == TAG_INT ? intOf(a) <= intOf(b) : lessEqualIntFloat(intOf(a), floatOf(b));
  return tagOf(b) == TAG_INT ? lessEqualFloatInt(floatOf(a), intOf(b)) : floatOf(a) <= floatOf(b);
}

// ---- Coercions of slots

/** Float value of a number slot. */
// @ts-ignore: decorator
@inline export function numberOf(slot: u32): f64 { return tagOf(slot) == TAG_INT ? <f64>intOf(slot) : floatOf(slot); }

/**
 * Arithmetic's coercion: a number as it is, a string that reads as a number converted.
 * @returns false: neither; `result` is then unchanged. `result` may be `slot`.
 */
export function toNumberSlot(slot: u32, result: u32): bool {
  const tag = tagOf(slot);
  if (tag - TAG_INT < 2) {
    if (tag == TAG_INT) setInt(result, intOf(slot));
    else setFloat(result, floatOf(slot));
    return true;
  }
  if (tag != TAG_STRING) return false;
  const s = pointerOf(slot);
  return parseNumber(s + STRING_BYTES, load<u32>(s, STRING_LENGTH), result);
}

/** Coercion to an integer, of strings too; floats only with an exact integer value. */
export function toIntegerSlot(slot: u32, result: u32): bool {
  if (tagOf(slot) == TAG_INT) {
    setInt(result, intOf(slot));
    return true;
  }
  if (tagOf(slot) == TAG_FLOAT) {
    const f = floatOf(slot);
    if (!floatHasExactInt(f)) return false;
    setInt(result, <i64>f);
    return true;
  }
  if (tagOf(slot) != TAG_STRING) return false;
  const s = pointerOf(slot);
  if (!parseNumber(s + STRING_BYTES, load<u32>(s, STRING_LENGTH), scratchSlot)) return false;
  return toIntegerSlot(scratchSlot, result);
}
const scratchSlot = <u32>memory.data(16, 8);

// ---- Numeric for

const FOR_INITIAL: u32 = 0;
const FOR_LIMIT: u32 = 1;
const FOR_STEP: u32 = 2;

/**
 * Prepares a numeric loop (opcode-table.ts, note 6): slots init, limit, step, variable from `slot` upwards. An integer loop gets its
 * iteration count (u64) as limit. @returns whether it runs at all
 */
export function forPrepare(slot: u32): bool {
  const limit = slot + 16;
  const step = slot + 32;
  if (tagOf(slot) == TAG_INT && tagOf(step) == TAG_INT) {
    const from = intOf(slot);
    const by = intOf(step);
    if (by == 0) throwText("'for' step is zero");
    let to: i64;
    if (tagOf(limit) == TAG_INT) {
      to = intOf(limit);
    } else {
      if (!toNumberSlot(limit, scratchSlot)) throwOperandError(OPERAND_ERROR_FOR, limit, FOR_LIMIT);
      if (tagOf(scratchSlot) == TAG_INT) to = intOf(scratchSlot);
      else {
        const f = floatOf(scratchSlot);
        if (f != f) return false;
        // A limit outside the integers is one the loop cannot reach: clip it, unless the loop starts beyond it.
        if (floatFitsInt(f)) to = <i64>(by < 0 ? ceil<f64>(f) : floor<f64>(f));
        else if (f > 0) {
          if (by < 0) return false;
          to = i64.MAX_VALUE;
        } else {
          if (by > 0) return false;
          to = i64.MIN_VALUE;
        }
      }
    }
    if (by > 0 ? from > to : from < to) return false;
    const distance = by > 0 ? <u64>to - <u64>from : <u64>from - <u64>to;
    // The step's magnitude by way of step + 1, since -mininteger is no integer.
    const stride: u64 = by > 0 ? <u64>by : <u64>-(by + 1) + 1;
    setInt(limit, <i64>(stride == 1 ? distance : distance / stride));
    setInt(slot + 48, from);
    return true;
  }
  if (!toNumberSlot(limit, scratchSlot)) throwOperandError(OPERAND_ERROR_FOR, limit, FOR_LIMIT);
  const to = numberOf(scratchSlot);
  if (!toNumberSlot(step, scratchSlot)) throwOperandError(OPERAND_ERROR_FOR, step, FOR_STEP);
  const by = numberOf(scratchSlot);
  if (!toNumberSlot(slot, scratchSlot)) throwOperandError(OPERAND_ERROR_FOR, slot, FOR_INITIAL);
  const from = numberOf(scratchSlot);
  if (by == 0) throwText("'for' step is zero");
  if (by > 0 ? to < from : from < to) return false;
  setFloat(limit, to);
  setFloat(step, by);
  setFloat(slot, from);
  setFloat(slot + 48, from);
  return true;
}
