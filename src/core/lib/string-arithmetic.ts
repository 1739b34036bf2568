/**
 * The arithmetic metamethods in the metatable of strings (manual, sections 3.4.3 and 6.4): operands that read as numbers are converted; for others
 * the metamethod of the second one is called.
 *
 * Instructions convert strings themselves as long as these metamethods are in place (convertStrings): a call each time would be for nothing.
 */
import {
  BUILTIN_ID, SLOT_SIZE, TAG_BUILTIN, TAG_INT, TAG_STRING, THREAD_SCRATCH, VM_TYPE_NAMES,
} from '../../bytecode/layout';
import { callCompanion } from './companion';
import { BUILTIN_ID_arithmeticAdd, BUILTIN_ID_arithmeticUnm } from '../generated/builtin-ids';
import {
  EVENT_ADD, EVENT_DIV, EVENT_IDIV, EVENT_MOD, EVENT_MUL, EVENT_POW, EVENT_SUB, EVENT_UNM, eventName,
} from '../generated/metamethods';
import { hookMask } from '../run/hook';
import { appendString, appendText, startMessage, throwBareMessage, throwMessage } from '../errors/message';
import { metamethodOfValue } from '../objects/metamethod';
import { toNumberSlot } from '../number/arithmetic';
import { computeArithmetic } from '../run/operations';
import { copyValue, intOf, pointerOf, setNil, tagOf } from '../objects/value';

/** Would the operation on numbers divide an integer by zero? */
function dividesByZero(event: u32, a: u32, b: u32): bool {
  return (event == EVENT_MOD || event == EVENT_IDIV) && tagOf(a) == TAG_INT && tagOf(b) == TAG_INT && intOf(b) == 0;
}

/** The builtin for an event: the table of builtins has them in the order of the events. */
function arithmeticId(event: u32): u32 {
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

function arithmetic(thread: u32, base: u32, count: i32, event: u32): i32 {
  const second = base + SLOT_SIZE;
  const left = thread + THREAD_SCRATCH;
  const right = left + SLOT_SIZE;
  if (count < 1) setNil(base);
  const isNumeric = toNumberSlot(base, left);
  if (count < 2) {
    // PUC finds the converted operand in the place of the one that is missing.
    if (isNumeric) copyValue(second, left);
    else setNil(second);
  }
  if (isNumeric && toNumberSlot(second, right)) {
    if (dividesByZero(event, left, right)) {
      startMessage(event == EVENT_MOD ? "attempt to perform 'n%0'" : 'attempt to divide by zero');
      throwBareMessage();
    }
    // PUC takes the last operand of a unary operation.
    computeArithmetic(event, event == EVENT_UNM ? right : left, right, base - SLOT_SIZE);
    return 1;
  }
  const handler = tagOf(second) == TAG_STRING ? 0 : metamethodOfValue(second, event);
  if (!handler) throwOperands(event, base, second);
  copyValue(second + SLOT_SIZE, second);
  copyValue(second, base);
  copyValue(base, handler);
  return callCompanion(thread, base, 3, arithmeticId(event));
}

/** Raises "attempt to add a 'string' with a 'table'". */
function throwOperands(event: u32, first: u32, second: u32): void {
  startMessage('attempt to ');
  appendText(eventName(event), '__'.length);
  appendText(" a '");
  appendString(load<u32>(VM_TYPE_NAMES + (tagOf(first) << 2)));
  appendText("' with a '");
  appendString(load<u32>(VM_TYPE_NAMES + (tagOf(second) << 2)));
  appendText("'");
  throwMessage();
}

export function arithmeticAdd(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_ADD); }
export function arithmeticSub(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_SUB); }
export function arithmeticMul(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_MUL); }
export function arithmeticMod(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_MOD); }
export function arithmeticPow(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_POW); }
export function arithmeticDiv(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_DIV); }
export function arithmeticIdiv(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_IDIV); }
export function arithmeticUnm(thread: u32, base: u32, count: i32): i32 { return arithmetic(thread, base, count, EVENT_UNM); }
