/**
 * Arithmetic, comparison, length and loop preparation beyond the interpreter's fast paths (manual, sections 3.4 and 2.4).
 * Each function finishes the current instruction or pushes a metamethod's frame; `pc` arguments are the current instruction.
 */
import {
  BUILTIN_ID, COMPARISON_NEGATED, FRAME_PC, RUN_STEPPED, SLOT_SIZE, STRING_LENGTH, TABLE_METATABLE, TAG_BUILTIN, TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE,
  TAG_USERDATA, THREAD_FRAME, THREAD_SCRATCH,
} from '../../bytecode/layout';
import {
  OPERAND_ERROR_ARITHMETIC, OPERAND_ERROR_BITWISE, OPERAND_ERROR_COMPARE, OPERAND_ERROR_LENGTH, OPERAND_ERROR_TO_INTEGER, throwOperandError, throwText,
} from '../base/raise';
import { BUILTIN_ID_arithmeticAdd, BUILTIN_ID_arithmeticUnm } from '../generated/builtin-ids';
import {
  EVENT_ADD, EVENT_BAND, EVENT_BNOT, EVENT_BOR, EVENT_BXOR, EVENT_DIV, EVENT_EQ, EVENT_IDIV, EVENT_LE, EVENT_LEN, EVENT_LT, EVENT_MOD, EVENT_MUL, EVENT_POW,
  EVENT_SHL, EVENT_SHR, EVENT_SUB, EVENT_UNM,
} from '../generated/metamethods';
import {
  equalIntFloat, floatFloorDivide, floatHasExactInt, floatModulo, floatPow, integerDivide, integerModulo, lessEqualNumbers, lessNumbers, numberOf, shiftLeft,
  shiftRight, toNumberSlot,
} from '../number/arithmetic';
import { metamethodOf, metamethodOfValue } from '../objects/metamethod';
import { compareStrings, equalStrings } from '../strings/string';
import { tableLength } from '../objects/table';
import { floatOf, intOf, isNumber, pointerOf, setFloat, setInt, tagOf } from '../base/value';
import { callMetamethod } from './call';
import { jumpIf } from './finish-instruction';
import { hookMask } from './hook';

function advance(thread: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  store<u32>(frame, load<u32>(frame, FRAME_PC) + 8, FRAME_PC);
  return RUN_STEPPED;
}

function isBitwise(event: u32): bool {
  return (event >= EVENT_BAND && event <= EVENT_SHR) || event == EVENT_BNOT;
}

/** dest := a op b for numbers (strings excluded). @returns false if the operands do not allow it; raises on division by zero */
export function computeArithmetic(event: u32, a: u32, b: u32, dest: u32): bool {
  if (isBitwise(event)) {
    let x: i64;
    let y: i64;
    if (tagOf(a) == TAG_INT) x = intOf(a);
    else if (tagOf(a) == TAG_FLOAT && floatHasExactInt(floatOf(a))) x = <i64>floatOf(a);
    else return false;
    if (tagOf(b) == TAG_INT) y = intOf(b);
    else if (tagOf(b) == TAG_FLOAT && floatHasExactInt(floatOf(b))) y = <i64>floatOf(b);
    else return false;
    switch (event) {
      case EVENT_BAND: x &= y; break;
      case EVENT_BOR: x |= y; break;
      case EVENT_BXOR: x ^= y; break;
      case EVENT_SHL: x = shiftLeft(x, y); break;
      case EVENT_SHR: x = shiftRight(x, y); break;
      default: x = ~x;
    }
    setInt(dest, x);
    return true;
  }
  if (!isNumber(a) || !isNumber(b)) return false;
  if (tagOf(a) == TAG_INT && tagOf(b) == TAG_INT && event != EVENT_DIV && event != EVENT_POW) {
    const x = intOf(a);
    const y = intOf(b);
    switch (event) {
      case EVENT_ADD: setInt(dest, x + y); break;
      case EVENT_SUB: setInt(dest, x - y); break;
      case EVENT_MUL: setInt(dest, x * y); break;
      case EVENT_MOD:
        if (y == 0) throwText("attempt to perform 'n%0'");
        setInt(dest, integerModulo(x, y));
        break;
      case EVENT_IDIV:
        if (y == 0) throwText("attempt to divide by zero");
        setInt(dest, integerDivide(x, y));
        break;
      default: setInt(dest, -x);
    }
    return true;
  }
  const x = numberOf(a);
  const y = numberOf(b);
  switch (event) {
    case EVENT_ADD: setFloat(dest, x + y); break;
    case EVENT_SUB: setFloat(dest, x - y); break;
    case EVENT_MUL: setFloat(dest, x * y); break;
    case EVENT_MOD: setFloat(dest, floatModulo(x, y)); break;
    case EVENT_POW: setFloat(dest, floatPow(x, y)); break;
    case EVENT_DIV: setFloat(dest, x / y); break;
    case EVENT_IDIV: setFloat(dest, floatFloorDivide(x, y)); break;
    default: setFloat(dest, -x);
  }
  return true;
}

/** dest := a op b with metamethods, those of strings included. @param event EVENT_ADD...EVENT_BNOT; unary ones have b = a */
export function arithmetic(thread: u32, event: u32, a: u32, b: u32, dest: u32): i32 {
  if (computeArithmetic(event, a, b, dest)) return advance(thread);
  let handler = metamethodOfValue(a, event);
  if (!handler) handler = metamethodOfValue(b, event);
  if (handler) return convertStrings(thread, event, handler, a, b, dest) ? advance(thread) : callMetamethod(thread, handler, a, b, 0, 0);
  if (isBitwise(event)) throwOperandError(isNumber(a) && isNumber(b) ? OPERAND_ERROR_TO_INTEGER : OPERAND_ERROR_BITWISE, a, b);
  throwOperandError(OPERAND_ERROR_ARITHMETIC, a, b);
  return RUN_STEPPED;
}

/** if (a < b) == k then jump; for LT, LTK and (swapped) GTK. */
export function compareLess(thread: u32, a: u32, b: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  if (isNumber(a) && isNumber(b)) jumpIf(frame, pc, lessNumbers(a, b));
  else if (tagOf(a) == TAG_STRING && tagOf(b) == TAG_STRING) jumpIf(frame, pc, compareStrings(pointerOf(a), pointerOf(b)) < 0);
  else return compareByMetamethod(thread, EVENT_LT, a, b);
  return RUN_STEPPED;
}

/** if (a <= b) == k then jump; for LE, LEK and (swapped) GEK. */
export function compareLessEqual(thread: u32, a: u32, b: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  if (isNumber(a) && isNumber(b)) jumpIf(frame, pc, lessEqualNumbers(a, b));
  else if (tagOf(a) == TAG_STRING && tagOf(b) == TAG_STRING) jumpIf(frame, pc, compareStrings(pointerOf(a), pointerOf(b)) <= 0);
  else return compareByMetamethod(thread, EVENT_LE, a, b);
  return RUN_STEPPED;
}

function compareByMetamethod(thread: u32, event: u32, a: u32, b: u32): i32 {
  let handler = metamethodOfValue(a, event);
  if (!handler) handler = metamethodOfValue(b, event);
  if (handler) return callMetamethod(thread, handler, a, b, 0, 0);
  if (event == EVENT_LE) {
    // As 5.3 did, and 5.4 with LUA_COMPAT_LT_LE: not b < a.
    handler = metamethodOfValue(b, EVENT_LT);
    if (!handler) handler = metamethodOfValue(a, EVENT_LT);
    if (handler) return callMetamethod(thread, handler, b, a, 0, COMPARISON_NEGATED);
  }
  throwOperandError(OPERAND_ERROR_COMPARE, a, b);
  return RUN_STEPPED;
}

/** Equality without metamethods. */
export function rawEqual(a: u32, b: u32): bool {
  const tag = tagOf(a);
  const other = tagOf(b);
  if (tag != other) {
    if (tag == TAG_INT && other == TAG_FLOAT) return equalIntFloat(intOf(a), floatOf(b));
    if (tag == TAG_FLOAT && other == TAG_INT) return rawEqual(b, a);
    return false;
  }
  if (tag < TAG_INT) return true;
  if (tag == TAG_FLOAT) return floatOf(a) == floatOf(b);
  if (tag == TAG_STRING) return equalStrings(pointerOf(a), pointerOf(b));
  return intOf(a) == intOf(b);
}

/** if (a == b) == k then jump. */
export function compareEqual(thread: u32, a: u32, b: u32): i32 {
  const frame = load<u32>(thread, THREAD_FRAME);
  const pc = load<u32>(frame, FRAME_PC);
  const equal = rawEqual(a, b);
  const tag = tagOf(a);
  if (!equal && tag == tagOf(b) && (tag == TAG_TABLE || tag == TAG_USERDATA)) {
    let handler = metamethodOfValue(a, EVENT_EQ);
    if (!handler) handler = metamethodOfValue(b, EVENT_EQ);
    if (handler) return callMetamethod(thread, handler, a, b, 0, 0);
  }
  jumpIf(frame, pc, equal);
  return RUN_STEPPED;
}

/** dest := #value. */
export function lengthOf(thread: u32, value: u32, dest: u32): i32 {
  let handler: u32 = 0;
  if (tagOf(value) == TAG_TABLE) {
    const table = pointerOf(value);
    const metatable = load<u32>(table, TABLE_METATABLE);
    if (metatable) handler = metamethodOf(metatable, EVENT_LEN);
    if (!handler) {
      setInt(dest, tableLength(table));
      return advance(thread);
    }
  } else if (tagOf(value) == TAG_STRING) {
    setInt(dest, <i64>load<u32>(pointerOf(value), STRING_LENGTH));
    return advance(thread);
  } else {
    handler = metamethodOfValue(value, EVENT_LEN);
    if (!handler) throwOperandError(OPERAND_ERROR_LENGTH, value, 0);
  }
  return callMetamethod(thread, handler, value, value, 0, 0);
}

// ---- Strings as operands

/** Would the operation on numbers divide an integer by zero? */
export function dividesByZero(event: u32, a: u32, b: u32): bool {
  return (event == EVENT_MOD || event == EVENT_IDIV) && tagOf(a) == TAG_INT && tagOf(b) == TAG_INT && intOf(b) == 0;
}

/** The builtin for an event: the table of builtins has them in the order of the events. */
export function arithmeticId(event: u32): u32 {
  return event == EVENT_UNM ? BUILTIN_ID_arithmeticUnm : BUILTIN_ID_arithmeticAdd + (event - EVENT_ADD);
}

/** Is this handler the one that strings have for the event? */
function isStringMetamethod(event: u32, handler: u32): bool {
  if (tagOf(handler) != TAG_BUILTIN || event < EVENT_ADD) return false;
  return load<u32>(pointerOf(handler), BUILTIN_ID) == arithmeticId(event);
}

/**
 * For instructions: dest := a op b in place of a call of `handler`, if that is the metamethod of strings, it would succeed, and no hook wants to see it.
 * @returns whether it is done
 */
export function convertStrings(thread: u32, event: u32, handler: u32, a: u32, b: u32, dest: u32): bool {
  if (!isStringMetamethod(event, handler) || hookMask(thread)) return false;
  const left = thread + THREAD_SCRATCH;
  const right = left + SLOT_SIZE;
  if (!toNumberSlot(a, left) || !toNumberSlot(b, right) || dividesByZero(event, left, right)) return false;
  return computeArithmetic(event, left, right, dest);
}
