/**
 * Descriptors of expressions: where a value is or how to get it, before it is in a register. Code that puts it somewhere is made only when its
 * destination is known (expression-code.ts). So `local x = a.b + 1` computes straight into x, `t.x = 1` names the constant in the store, and `if a < b` never
 * makes a boolean. E_WHEN_TRUE and E_WHEN_FALSE list the jumps that leave the expression early with a true or false value (`and`, `or`,
 * comparisons).
 */
import { MAX_SHORT_STRING, STRING_LENGTH, TAG_NIL, TAG_STRING, TAG_TRUE } from '../../../bytecode/layout';
import { copyValue, isNumber, pointerOf, tagOf } from '../../base/value';
import { E_INFO, E_KEY, E_VALUE, E_WHEN_FALSE, E_WHEN_TRUE } from '../state/records';
import { pushDescriptor } from '../state/stacks';
import { NO_JUMP } from './code';

/** No expression: the end of an empty list. */
export const E_VOID: u32 = 0;
/** The constant in E_VALUE; E_KEY is the name of the variable that stands for it, or 0. */
export const E_CONSTANT: u32 = 1;
/** The local variable in register E_INFO; E_KEY is its index. */
export const E_LOCAL: u32 = 2;
/** Upvalue E_INFO. */
export const E_UPVALUE: u32 = 3;
/** In register E_INFO, for good. */
export const E_REGISTER: u32 = 4;
/** The instruction at E_INFO yields it, into a register still to be chosen. */
export const E_RELOCATABLE: u32 = 5;
/** The comparison at E_INFO jumps if it holds. */
export const E_JUMP: u32 = 6;
/** Results of the CALL at E_INFO. */
export const E_CALL: u32 = 7;
/** The VARARG at E_INFO. */
export const E_VARARG: u32 = 8;
/** Field of the table in register E_INFO: key in register E_KEY, integer E_KEY, or constant string E_KEY. */
export const E_INDEXED: u32 = 9;
export const E_INDEXED_INTEGER: u32 = 10;
export const E_INDEXED_STRING: u32 = 11;
/** Field of the table in upvalue E_INFO, key is constant string E_KEY. */
export const E_INDEXED_UPVALUE: u32 = 12;

// @ts-ignore: decorator
@inline export function kindOf(e: u32): u32 { return load<u32>(e); }
// @ts-ignore: decorator
@inline export function infoOf(e: u32): u32 { return load<u32>(e, E_INFO); }
// @ts-ignore: decorator
@inline export function keyOf(e: u32): u32 { return load<u32>(e, E_KEY); }
// @ts-ignore: decorator
@inline export function whenTrueOf(e: u32): i32 { return load<i32>(e, E_WHEN_TRUE); }
// @ts-ignore: decorator
@inline export function whenFalseOf(e: u32): i32 { return load<i32>(e, E_WHEN_FALSE); }
// @ts-ignore: decorator
@inline export function setWhenTrue(e: u32, list: i32): void { store<i32>(e, list, E_WHEN_TRUE); }
// @ts-ignore: decorator
@inline export function setWhenFalse(e: u32, list: i32): void { store<i32>(e, list, E_WHEN_FALSE); }

/** A new expression without jumps. */
export function setDescriptor(e: u32, kind: u32, info: u32): void {
  store<u32>(e, kind);
  store<u32>(e, info, E_INFO);
  store<u32>(e, 0, E_KEY);
  store<i32>(e, NO_JUMP, E_WHEN_TRUE);
  store<i32>(e, NO_JUMP, E_WHEN_FALSE);
  store<u64>(e, 0, E_VALUE);
  store<u32>(e, TAG_NIL, E_VALUE + 8);
}

/** The expression's value is elsewhere now; its jumps stay. */
// @ts-ignore: decorator
@inline export function moveTo(e: u32, kind: u32, info: u32): void {
  store<u32>(e, kind);
  store<u32>(e, info, E_INFO);
}

export function newDescriptor(kind: u32, info: u32): u32 {
  const e = pushDescriptor();
  setDescriptor(e, kind, info);
  return e;
}

/** A constant whose payload says nothing (nil, true, false) or is an object or number. */
export function setConstant(e: u32, tag: u32, payload: u64): void {
  setDescriptor(e, E_CONSTANT, 0);
  store<u64>(e, payload, E_VALUE);
  store<u32>(e, tag, E_VALUE + 8);
}

export function copyDescriptor(to: u32, from: u32): void { memory.copy(to, from, 32); }

/** As setConstant, with the value of a slot. */
export function setConstantValue(e: u32, slot: u32): void {
  setDescriptor(e, E_CONSTANT, 0);
  copyValue(e + E_VALUE, slot);
}

// @ts-ignore: decorator
@inline export function hasJumps(e: u32): bool { return whenTrueOf(e) != whenFalseOf(e); }
/** A constant and nothing but. */
// @ts-ignore: decorator
@inline export function isConstant(e: u32): bool { return kindOf(e) == E_CONSTANT && !hasJumps(e); }
// @ts-ignore: decorator
@inline export function isNumeral(e: u32): bool { return isConstant(e) && isNumber(e + E_VALUE); }
// @ts-ignore: decorator
@inline export function isMultiple(e: u32): bool { return kindOf(e) - E_CALL < 2; }
// @ts-ignore: decorator
@inline export function isIndexed(e: u32): bool { return kindOf(e) >= E_INDEXED; }
/** Of a constant: nil or false. */
// @ts-ignore: decorator
@inline export function isFalsyConstant(e: u32): bool { return tagOf(e + E_VALUE) < TAG_TRUE; }

/** A string that can be the key of a field instruction. */
export function isShortStringConstant(e: u32): bool {
  return isConstant(e) && tagOf(e + E_VALUE) == TAG_STRING && load<u32>(pointerOf(e + E_VALUE), STRING_LENGTH) <= MAX_SHORT_STRING;
}
