/** Code that puts the values of descriptors somewhere: registers, variables, fields, conditions. */
import { SLOT_TAG, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_NIL, TAG_TRUE } from '../../../bytecode/layout';
import {
  OP_GETFIELD, OP_GETI, OP_GETTABLE, OP_GETTABUP, OP_GETUPVAL, OP_LFALSESKIP, OP_LOADF, OP_LOADFALSE, OP_LOADI, OP_LOADK, OP_LOADTRUE, OP_MOVE,
  OP_NOT, OP_SELF, OP_SETFIELD, OP_SETI, OP_SETTABLE, OP_SETTABUP, OP_SETUPVAL, OP_TEST, OP_TESTSET,
} from '../../generated/opcodes';
import { floatOf, intOf, tagOf } from '../../base/value';
import { E_KEY, E_VALUE } from '../state/records';
import {
  aAt, bAt, dropLast, dropValues, emit, emitJump, emitNil, emitWide, here, joinLists, lastPosition, needsValue, negateJump, NO_JUMP, NO_REGISTER,
  opAt, placeListHere, placeValueList, setA, setC,
} from './code';
import { addConstant, addOperandConstant } from './constants';
import {
  E_CALL, E_CONSTANT, E_INDEXED, E_INDEXED_INTEGER, E_INDEXED_STRING, E_INDEXED_UPVALUE, E_JUMP, E_LOCAL, E_REGISTER, E_RELOCATABLE, E_UPVALUE,
  E_VARARG, hasJumps, infoOf, isConstant, isFalsyConstant, isShortStringConstant, keyOf, kindOf, moveTo, setWhenFalse, setWhenTrue, whenFalseOf,
  whenTrueOf,
} from './descriptor';
import { free, freeBoth, freeRegister, isTemporary, reserve } from './registers';

/** Open results: as many as there are. */
export const MULTIPLE: i32 = -1;
/** Largest integer key that GETI and SETI can hold. */
const MAX_INTEGER_KEY: u64 = 0xffff;

// ---- Results of calls

/** Fixes the number of results of an open call or vararg. */
export function setResults(e: u32, count: i32): void {
  const at = infoOf(e);
  setC(at, count + 1);
  if (kindOf(e) == E_VARARG) {
    setA(at, freeRegister());
    reserve(1);
  }
}

/** Fixes the result of an open call or vararg to one value. */
export function setOneResult(e: u32): void {
  const kind = kindOf(e);
  if (kind != E_CALL && kind != E_VARARG) return;
  setC(infoOf(e), 2);
  if (kind == E_CALL) moveTo(e, E_REGISTER, aAt(infoOf(e)));
  else store<u32>(e, E_RELOCATABLE);
}

// ---- Getting values into registers

/** Makes the expression a value: reads variables and fields, takes one result of calls. */
export function dischargeVariables(e: u32): void {
  const info = infoOf(e);
  switch (kindOf(e)) {
    case E_CONSTANT:
      store<u32>(e, 0, E_KEY);
      break;
    case E_LOCAL:
      store<u32>(e, E_REGISTER);
      break;
    case E_UPVALUE:
      moveTo(e, E_RELOCATABLE, emit(OP_GETUPVAL, 0, info, 0));
      break;
    case E_INDEXED:
      freeBoth(info, keyOf(e));
      moveTo(e, E_RELOCATABLE, emit(OP_GETTABLE, 0, info, keyOf(e)));
      break;
    case E_INDEXED_INTEGER:
      free(info);
      moveTo(e, E_RELOCATABLE, emit(OP_GETI, 0, info, keyOf(e)));
      break;
    case E_INDEXED_STRING:
      free(info);
      moveTo(e, E_RELOCATABLE, emit(OP_GETFIELD, 0, info, keyOf(e)));
      break;
    case E_INDEXED_UPVALUE:
      moveTo(e, E_RELOCATABLE, emit(OP_GETTABUP, 0, info, keyOf(e)));
      break;
    case E_CALL:
    case E_VARARG:
      setOneResult(e);
      break;
    default:
  }
}

// @ts-ignore: decorator
@inline function fitsField(value: i64): bool { return value >= -(<i64>i32.MAX_VALUE) && value <= <i64>i32.MAX_VALUE; }

function loadConstant(register: u32, value: u32): void {
  switch (tagOf(value)) {
    case TAG_NIL: emitNil(register, 1); return;
    case TAG_FALSE: emit(OP_LOADFALSE, register, 0, 0); return;
    case TAG_TRUE: emit(OP_LOADTRUE, register, 0, 0); return;
    case TAG_INT: {
      const integer = intOf(value);
      if (fitsField(integer)) {
        emitWide(OP_LOADI, register, <u32>integer);
        return;
      }
      break;
    }
    case TAG_FLOAT: {
      const float = floatOf(value);
      const integer = <i64>float;
      // (Not -0.0, whose bits are not 0.)
      if (<f64>integer == float && fitsField(integer) && (integer != 0 || load<u64>(value) == 0)) {
        emitWide(OP_LOADF, register, <u32>integer);
        return;
      }
      break;
    }
    default:
  }
  emitWide(OP_LOADK, register, addConstant(value));
}

/** Puts a value, leaving its jumps aside, into a register. */
function dischargeTo(e: u32, register: u32): void {
  dischargeVariables(e);
  switch (kindOf(e)) {
    case E_CONSTANT:
      loadConstant(register, e + E_VALUE);
      break;
    case E_RELOCATABLE:
      setA(infoOf(e), register);
      break;
    case E_REGISTER:
      if (infoOf(e) != register) emit(OP_MOVE, register, infoOf(e), 0);
      break;
    default:
      // A jump has no value yet.
      return;
  }
  moveTo(e, E_REGISTER, register);
}

function dischargeToAny(e: u32): void {
  if (kindOf(e) == E_REGISTER) return;
  reserve(1);
  dischargeTo(e, freeRegister() - 1);
}

/** Frees the register of a value. */
export function freeExpression(e: u32): void {
  if (kindOf(e) == E_REGISTER) free(infoOf(e));
}

/** Frees the registers of two values in the right order. */
export function freeExpressions(first: u32, second: u32): void {
  if (kindOf(first) == E_REGISTER && kindOf(second) == E_REGISTER) {
    freeBoth(infoOf(first), infoOf(second));
    return;
  }
  freeExpression(first);
  freeExpression(second);
}

/** Puts the final value, jumps included, into a register. */
function putInto(e: u32, register: u32): void {
  dischargeTo(e, register);
  const isJump = kindOf(e) == E_JUMP;
  if (isJump) setWhenTrue(e, joinLists(infoOf(e), whenTrueOf(e)));
  if (hasJumps(e)) {
    let loadFalse = NO_JUMP;
    let loadTrue = NO_JUMP;
    if (needsValue(whenTrueOf(e)) || needsValue(whenFalseOf(e))) {
      const overLoads = isJump ? NO_JUMP : emitJump();
      here();
      loadFalse = emit(OP_LFALSESKIP, register, 0, 0);
      here();
      loadTrue = emit(OP_LOADTRUE, register, 0, 0);
      placeListHere(overLoads);
    }
    const end = here();
    placeValueList(whenFalseOf(e), end, register, loadFalse);
    placeValueList(whenTrueOf(e), end, register, loadTrue);
  }
  setWhenTrue(e, NO_JUMP);
  setWhenFalse(e, NO_JUMP);
  moveTo(e, E_REGISTER, register);
}

/** Puts the value into the next free register. */
export function toNextRegister(e: u32): void {
  dischargeVariables(e);
  freeExpression(e);
  reserve(1);
  putInto(e, freeRegister() - 1);
}

/** Puts the value into any register; returns it. */
export function toAnyRegister(e: u32): u32 {
  dischargeVariables(e);
  if (kindOf(e) == E_REGISTER) {
    const register = infoOf(e);
    if (!hasJumps(e)) return register;
    // The jumps need a register of their own: a variable's must not change.
    if (isTemporary(register)) {
      putInto(e, register);
      return register;
    }
  }
  toNextRegister(e);
  return infoOf(e);
}

/** Puts the value into a register unless it is an upvalue. */
export function toRegisterOrUpvalue(e: u32): void {
  if (kindOf(e) != E_UPVALUE || hasJumps(e)) toAnyRegister(e);
}

/** Makes the expression a value that is a constant or in a register. */
export function toValue(e: u32): void {
  if (kindOf(e) == E_JUMP || hasJumps(e)) toAnyRegister(e);
  else dischargeVariables(e);
}

// ---- Fields

/** Index of a constant that can be the key of a field instruction, or -1. */
function fieldConstant(key: u32): i32 { return isShortStringConstant(key) ? addOperandConstant(key + E_VALUE) : -1; }

/** Makes `table` (in a register or an upvalue) the field `table[key]`. */
export function indexBy(table: u32, key: u32): void {
  const constant = fieldConstant(key);
  if (kindOf(table) == E_UPVALUE) {
    if (constant >= 0) {
      moveTo(table, E_INDEXED_UPVALUE, infoOf(table));
      store<u32>(table, constant, E_KEY);
      return;
    }
    toAnyRegister(table);
  }
  const register = infoOf(table);
  if (constant >= 0) {
    moveTo(table, E_INDEXED_STRING, register);
    store<u32>(table, constant, E_KEY);
  } else if (isConstant(key) && tagOf(key + E_VALUE) == TAG_INT && load<u64>(key, E_VALUE) <= MAX_INTEGER_KEY) {
    moveTo(table, E_INDEXED_INTEGER, register);
    store<u32>(table, load<u32>(key, E_VALUE), E_KEY);
  } else {
    store<u32>(table, toAnyRegister(key), E_KEY);
    moveTo(table, E_INDEXED, register);
  }
}

/** Puts `object` and its method `name` into the next two registers, as function and first argument of a call. */
export function loadMethod(object: u32, name: u32): void {
  const source = toAnyRegister(object);
  freeExpression(object);
  const base = freeRegister();
  reserve(2);
  const constant = fieldConstant(name);
  if (constant >= 0) emit(OP_SELF, base, source, constant);
  else {
    emit(OP_MOVE, base + 1, source, 0);
    dischargeTo(name, base);
    emit(OP_GETTABLE, base, base + 1, base);
  }
  moveTo(object, E_REGISTER, base);
}

// ---- Stores

/** Stores a value into a variable or field. */
export function storeInto(target: u32, value: u32): void {
  switch (kindOf(target)) {
    case E_LOCAL:
      freeExpression(value);
      putInto(value, infoOf(target));
      return;
    case E_UPVALUE:
      emit(OP_SETUPVAL, toAnyRegister(value), infoOf(target), 0);
      break;
    default:
      storeField(target, value);
  }
  freeExpression(value);
}

function storeField(target: u32, value: u32): void {
  let k: u32 = 0;
  let operand = isConstant(value) ? addOperandConstant(value + E_VALUE) : -1;
  if (operand >= 0) k = 1;
  else operand = toAnyRegister(value);
  let op = OP_SETTABLE;
  switch (kindOf(target)) {
    case E_INDEXED_INTEGER: op = OP_SETI; break;
    case E_INDEXED_STRING: op = OP_SETFIELD; break;
    case E_INDEXED_UPVALUE: op = OP_SETTABUP; break;
    default:
  }
  emit(op, infoOf(target), keyOf(target), operand, k);
}

// ---- Conditions

/** Turns the condition into one that falls through if it holds; E_WHEN_FALSE are the jumps otherwise. */
export function goIfTrue(e: u32): void {
  dischargeVariables(e);
  let jump = NO_JUMP;
  if (kindOf(e) == E_JUMP) {
    jump = infoOf(e);
    negateJump(jump);
  } else if (kindOf(e) != E_CONSTANT || isFalsyConstant(e)) jump = jumpOnValue(e, 0);
  setWhenFalse(e, joinLists(jump, whenFalseOf(e)));
  placeListHere(whenTrueOf(e));
  setWhenTrue(e, NO_JUMP);
}

/** Turns the condition into one that falls through if it does not hold; E_WHEN_TRUE are the jumps otherwise. */
export function goIfFalse(e: u32): void {
  dischargeVariables(e);
  let jump = NO_JUMP;
  if (kindOf(e) == E_JUMP) jump = infoOf(e);
  else if (kindOf(e) != E_CONSTANT || !isFalsyConstant(e)) jump = jumpOnValue(e, 1);
  setWhenTrue(e, joinLists(jump, whenTrueOf(e)));
  placeListHere(whenFalseOf(e));
  setWhenFalse(e, NO_JUMP);
}

/** Emits a jump that is taken if the value is as true as `sense`. */
function jumpOnValue(e: u32, sense: u32): i32 {
  if (kindOf(e) == E_RELOCATABLE && opAt(infoOf(e)) == OP_NOT && lastPosition() == <i32>infoOf(e)) {
    const source = bAt(infoOf(e));
    dropLast();
    return emitWide(OP_TEST, source, 0, sense ^ 1);
  }
  dischargeToAny(e);
  freeExpression(e);
  return emit(OP_TESTSET, NO_REGISTER, infoOf(e), 0, sense);
}

/** Logical negation of a value. */
export function negate(e: u32): void {
  switch (kindOf(e)) {
    case E_CONSTANT: {
      const tag = isFalsyConstant(e) ? TAG_TRUE : TAG_FALSE;
      store<u64>(e, 0, E_VALUE);
      store<u32>(e, tag, E_VALUE + SLOT_TAG);
      break;
    }
    case E_JUMP:
      negateJump(infoOf(e));
      break;
    default:
      dischargeToAny(e);
      freeExpression(e);
      moveTo(e, E_RELOCATABLE, emit(OP_NOT, 0, infoOf(e), 0));
  }
  const whenTrue = whenTrueOf(e);
  setWhenTrue(e, whenFalseOf(e));
  setWhenFalse(e, whenTrue);
  dropValues(whenFalseOf(e));
  dropValues(whenTrueOf(e));
}
