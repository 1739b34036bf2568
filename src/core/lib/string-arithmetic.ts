/**
 * The arithmetic metamethods in the metatable of strings (manual, sections 3.4.3 and 6.4): operands that read as numbers are converted; for others
 * the metamethod of the second one is called.
 *
 * Instructions convert strings themselves as long as these metamethods are in place (convertStrings): a call each time would be for nothing.
 */
import { SLOT_SIZE, TAG_STRING, THREAD_SCRATCH, VM_TYPE_NAMES } from '../../bytecode/layout';
import { appendString, appendText, startMessage, throwBareMessage, throwMessage } from '../errors/message';
import { EVENT_ADD, EVENT_DIV, EVENT_IDIV, EVENT_MOD, EVENT_MUL, EVENT_POW, EVENT_SUB, EVENT_UNM, eventName } from '../generated/metamethods';
import { toNumberSlot } from '../number/arithmetic';
import { metamethodOfValue } from '../objects/metamethod';
import { copyValue, setNil, tagOf } from '../base/value';
import { arithmeticId, computeArithmetic, dividesByZero } from '../run/operations';
import { callCompanion } from './companion';

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
