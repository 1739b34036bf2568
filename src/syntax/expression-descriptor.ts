/**
 * Values that are not in a register yet.
 *
 * An expression compiles to a descriptor that says where its value is or how to get it; code that puts it somewhere is made only
 * when its destination is known. So `local x = a.b + 1` computes straight into x, `t.x = 1` names the constant in the store, and
 * `if a < b` never makes a boolean. `whenTrue` and `whenFalse` list the jumps that leave the expression early with a true or
 * false value (`and`, `or`, comparisons).
 */
import { Op } from '../bytecode/opcode-table.ts';
import type { ConstantValue } from './ast.ts';
import { NO_JUMP, NO_REGISTER } from './code-buffer.ts';
import type { FunctionState } from './function-state.ts';
import { MAX_INTEGER_KEY } from './limits.ts';
import { MAX_SHORT_STRING } from '../bytecode/layout.ts';

/** No expression: the end of an empty list. */
export const E_VOID = 0;
/** `value`. */
export const E_CONSTANT = 1;
/** A local variable in register `info`. */
export const E_LOCAL = 2;
/** Upvalue `info`. */
export const E_UPVALUE = 3;
/** In register `info`, for good. */
export const E_REGISTER = 4;
/** The instruction at `info` yields it, into a register still to be chosen. */
export const E_RELOCATABLE = 5;
/** The comparison at `info` jumps if it holds. */
export const E_JUMP = 6;
/** Results of the CALL at `info`. */
export const E_CALL = 7;
/** The VARARG at `info`. */
export const E_VARARG = 8;
/** Field of the table in register `info`: key in register `key`, integer `key`, or constant string `key`. */
export const E_INDEXED = 9;
export const E_INDEXED_INTEGER = 10;
export const E_INDEXED_STRING = 11;
/** Field of the table in upvalue `info`, key is constant string `key`. */
export const E_INDEXED_UPVALUE = 12;

/** Open results: as many as there are. */
export const MULTIPLE = -1;

const MAX_INT32 = 0x7fffffff;
const fitsInt32 = (value: number): boolean => Math.abs(value) <= MAX_INT32;

export class ExpressionDescriptor {
  kind: number;
  info: number;
  key = 0;
  value: ConstantValue;
  whenTrue = NO_JUMP;
  whenFalse = NO_JUMP;

  constructor(kind: number, info: number, value: ConstantValue = null) {
    this.kind = kind;
    this.info = info;
    this.value = value;
  }

  set(kind: number, info: number): void {
    this.kind = kind;
    this.info = info;
  }

  get hasJumps(): boolean {
    return this.whenTrue !== this.whenFalse;
  }

  /** A constant and nothing but. */
  get isConstant(): boolean {
    return this.kind === E_CONSTANT && !this.hasJumps;
  }

  get isNumeral(): boolean {
    return this.isConstant && (typeof this.value === 'bigint' || typeof this.value === 'number');
  }

  get isMultiple(): boolean {
    return this.kind === E_CALL || this.kind === E_VARARG;
  }

  get isIndexed(): boolean {
    return this.kind >= E_INDEXED;
  }
}

// ---- Getting values into registers

/** Fixes the number of results of an open call or vararg. */
export function setResults(state: FunctionState, e: ExpressionDescriptor, count: number): void {
  const { code } = state;
  code.setC(e.info, count + 1);
  if (e.kind === E_VARARG) {
    code.setA(e.info, state.freeRegister);
    state.reserve(1);
  }
}

/** Fixes the result of an open call or vararg to one value. */
export function setOneResult(state: FunctionState, e: ExpressionDescriptor): void {
  state.code.setC(e.info, 2);
  if (e.kind === E_CALL) e.set(E_REGISTER, state.code.a(e.info));
  else e.kind = E_RELOCATABLE;
}

/** Makes the expression a value: reads variables and fields, takes one result of calls. */
export function dischargeVariables(state: FunctionState, e: ExpressionDescriptor): void {
  switch (e.kind) {
    case E_LOCAL:
      e.kind = E_REGISTER;
      break;
    case E_UPVALUE:
      e.set(E_RELOCATABLE, state.emit(Op.GETUPVAL, 0, e.info));
      break;
    case E_INDEXED:
      state.freeBoth(e.info, e.key);
      e.set(E_RELOCATABLE, state.emit(Op.GETTABLE, 0, e.info, e.key));
      break;
    case E_INDEXED_INTEGER:
      state.free(e.info);
      e.set(E_RELOCATABLE, state.emit(Op.GETI, 0, e.info, e.key));
      break;
    case E_INDEXED_STRING:
      state.free(e.info);
      e.set(E_RELOCATABLE, state.emit(Op.GETFIELD, 0, e.info, e.key));
      break;
    case E_INDEXED_UPVALUE:
      e.set(E_RELOCATABLE, state.emit(Op.GETTABUP, 0, e.info, e.key));
      break;
    case E_CALL:
    case E_VARARG:
      setOneResult(state, e);
  }
}

function loadConstant(state: FunctionState, register: number, value: ConstantValue): void {
  if (value === null) state.emitNil(register, 1);
  else if (value === true) state.emit(Op.LOADTRUE, register);
  else if (value === false) state.emit(Op.LOADFALSE, register);
  else if (typeof value === 'bigint' && fitsInt32(Number(value))) state.emitWide(Op.LOADI, register, Number(value));
  else if (typeof value === 'number' && Number.isInteger(value) && fitsInt32(value)) state.emitWide(Op.LOADF, register, value);
  else state.emitWide(Op.LOADK, register, state.addConstant(value));
}

/** Puts a value, leaving its jumps aside, into a register. */
function dischargeTo(state: FunctionState, e: ExpressionDescriptor, register: number): void {
  dischargeVariables(state, e);
  switch (e.kind) {
    case E_CONSTANT:
      loadConstant(state, register, e.value);
      break;
    case E_RELOCATABLE:
      state.code.setA(e.info, register);
      break;
    case E_REGISTER:
      if (e.info !== register) state.emit(Op.MOVE, register, e.info);
      break;
    default:
      // A jump has no value yet.
      return;
  }
  e.set(E_REGISTER, register);
}

function dischargeToAny(state: FunctionState, e: ExpressionDescriptor): void {
  if (e.kind === E_REGISTER) return;
  state.reserve(1);
  dischargeTo(state, e, state.freeRegister - 1);
}

/** Frees the register of a value. */
export function freeExpression(state: FunctionState, e: ExpressionDescriptor): void {
  if (e.kind === E_REGISTER) state.free(e.info);
}

/** Frees the registers of two values in the right order. */
export function freeExpressions(state: FunctionState, first: ExpressionDescriptor, second: ExpressionDescriptor): void {
  if (first.kind === E_REGISTER && second.kind === E_REGISTER) {
    state.freeBoth(first.info, second.info);
  } else {
    freeExpression(state, first);
    freeExpression(state, second);
  }
}

/** Puts the final value, jumps included, into a register. */
function putInto(state: FunctionState, e: ExpressionDescriptor, register: number): void {
  const { code } = state;
  dischargeTo(state, e, register);
  if (e.kind === E_JUMP) e.whenTrue = code.joinLists(e.info, e.whenTrue);
  if (e.hasJumps) {
    let loadFalse = NO_JUMP;
    let loadTrue = NO_JUMP;
    if (code.needsValue(e.whenTrue) || code.needsValue(e.whenFalse)) {
      const overLoads = e.kind === E_JUMP ? NO_JUMP : state.jump();
      code.here();
      loadFalse = state.emit(Op.LFALSESKIP, register);
      code.here();
      loadTrue = state.emit(Op.LOADTRUE, register);
      code.placeListHere(overLoads);
    }
    const end = code.here();
    code.placeValueList(e.whenFalse, end, register, loadFalse);
    code.placeValueList(e.whenTrue, end, register, loadTrue);
  }
  e.whenTrue = NO_JUMP;
  e.whenFalse = NO_JUMP;
  e.set(E_REGISTER, register);
}

/** Puts the value into the next free register. */
export function toNextRegister(state: FunctionState, e: ExpressionDescriptor): void {
  dischargeVariables(state, e);
  freeExpression(state, e);
  state.reserve(1);
  putInto(state, e, state.freeRegister - 1);
}

/** Puts the value into any register; returns it. */
export function toAnyRegister(state: FunctionState, e: ExpressionDescriptor): number {
  dischargeVariables(state, e);
  if (e.kind === E_REGISTER) {
    if (!e.hasJumps) return e.info;
    // The jumps need a register of their own: a variable's must not change.
    if (state.isTemporary(e.info)) {
      putInto(state, e, e.info);
      return e.info;
    }
  }
  toNextRegister(state, e);
  return e.info;
}

/** Puts the value into a register unless it is an upvalue. */
export function toRegisterOrUpvalue(state: FunctionState, e: ExpressionDescriptor): void {
  if (e.kind !== E_UPVALUE || e.hasJumps) toAnyRegister(state, e);
}

/** Makes the expression a value that is a constant or in a register. */
export function toValue(state: FunctionState, e: ExpressionDescriptor): void {
  if (e.kind === E_JUMP || e.hasJumps) toAnyRegister(state, e);
  else dischargeVariables(state, e);
}

// ---- Fields

/** Index of a constant that can be the key of a field instruction, or -1. */
function fieldConstant(state: FunctionState, key: ExpressionDescriptor): number {
  if (!key.isConstant || typeof key.value !== 'string' || key.value.length > MAX_SHORT_STRING) return -1;
  return state.addOperandConstant(key.value);
}

/** Makes `table` (in a register or an upvalue) the field `table[key]`. */
export function indexBy(state: FunctionState, table: ExpressionDescriptor, key: ExpressionDescriptor): void {
  const constant = fieldConstant(state, key);
  if (table.kind === E_UPVALUE) {
    if (constant >= 0) {
      table.set(E_INDEXED_UPVALUE, table.info);
      table.key = constant;
      return;
    }
    toAnyRegister(state, table);
  }
  const register = table.info;
  if (constant >= 0) {
    table.set(E_INDEXED_STRING, register);
    table.key = constant;
  } else if (key.isConstant && typeof key.value === 'bigint' && key.value >= 0n && key.value <= BigInt(MAX_INTEGER_KEY)) {
    table.set(E_INDEXED_INTEGER, register);
    table.key = Number(key.value);
  } else {
    table.key = toAnyRegister(state, key);
    table.set(E_INDEXED, register);
  }
}

/** Puts `object` and its method `name` into the next two registers, as function and first argument of a call. */
export function loadMethod(state: FunctionState, object: ExpressionDescriptor, name: ExpressionDescriptor): void {
  const source = toAnyRegister(state, object);
  freeExpression(state, object);
  const base = state.freeRegister;
  state.reserve(2);
  const constant = fieldConstant(state, name);
  if (constant >= 0) {
    state.emit(Op.SELF, base, source, constant);
  } else {
    state.emit(Op.MOVE, base + 1, source);
    dischargeTo(state, name, base);
    state.emit(Op.GETTABLE, base, base + 1, base);
  }
  object.set(E_REGISTER, base);
}

// ---- Stores

/** Value operand of a store: a constant (k = 1) or a register. */
function storeOperand(state: FunctionState, value: ExpressionDescriptor): { readonly operand: number; readonly k: number } {
  if (value.isConstant) {
    const constant = state.addOperandConstant(value.value);
    if (constant >= 0) return { operand: constant, k: 1 };
  }
  return { operand: toAnyRegister(state, value), k: 0 };
}

/** Stores a value into a variable or field. */
export function storeInto(state: FunctionState, target: ExpressionDescriptor, value: ExpressionDescriptor): void {
  switch (target.kind) {
    case E_LOCAL:
      freeExpression(state, value);
      putInto(state, value, target.info);
      return;
    case E_UPVALUE:
      state.emit(Op.SETUPVAL, toAnyRegister(state, value), target.info);
      break;
    default:
      storeField(state, target, value);
  }
  freeExpression(state, value);
}

function storeField(state: FunctionState, target: ExpressionDescriptor, value: ExpressionDescriptor): void {
  const { operand, k } = storeOperand(state, value);
  switch (target.kind) {
    case E_INDEXED:
      state.emit(Op.SETTABLE, target.info, target.key, operand, k);
      break;
    case E_INDEXED_INTEGER:
      state.emit(Op.SETI, target.info, target.key, operand, k);
      break;
    case E_INDEXED_STRING:
      state.emit(Op.SETFIELD, target.info, target.key, operand, k);
      break;
    case E_INDEXED_UPVALUE:
      state.emit(Op.SETTABUP, target.info, target.key, operand, k);
  }
}

// ---- Conditions

/** Turns the condition into one that falls through if it holds; `whenFalse` are the jumps otherwise. */
export function goIfTrue(state: FunctionState, e: ExpressionDescriptor): void {
  const { code } = state;
  dischargeVariables(state, e);
  let jump = NO_JUMP;
  if (e.kind === E_JUMP) {
    code.negate(e.info);
    jump = e.info;
  } else if (e.kind !== E_CONSTANT || e.value === null || e.value === false) {
    jump = jumpOnValue(state, e, 0);
  }
  e.whenFalse = code.joinLists(jump, e.whenFalse);
  code.placeListHere(e.whenTrue);
  e.whenTrue = NO_JUMP;
}

/** Turns the condition into one that falls through if it does not hold; `whenTrue` are the jumps otherwise. */
export function goIfFalse(state: FunctionState, e: ExpressionDescriptor): void {
  const { code } = state;
  dischargeVariables(state, e);
  let jump = NO_JUMP;
  if (e.kind === E_JUMP) jump = e.info;
  else if (e.kind !== E_CONSTANT || (e.value !== null && e.value !== false)) jump = jumpOnValue(state, e, 1);
  e.whenTrue = code.joinLists(jump, e.whenTrue);
  code.placeListHere(e.whenFalse);
  e.whenFalse = NO_JUMP;
}

/** Emits a jump that is taken if the value is as true as `sense`. */
function jumpOnValue(state: FunctionState, e: ExpressionDescriptor, sense: number): number {
  const { code } = state;
  if (e.kind === E_RELOCATABLE && code.op(e.info) === Op.NOT && code.last === e.info) {
    const source = code.b(e.info);
    code.dropLast();
    return state.emitWide(Op.TEST, source, 0, sense ^ 1);
  }
  dischargeToAny(state, e);
  freeExpression(state, e);
  return state.emit(Op.TESTSET, NO_REGISTER, e.info, 0, sense);
}

/** Logical negation. */
export function negate(state: FunctionState, e: ExpressionDescriptor): void {
  const { code } = state;
  switch (e.kind) {
    case E_CONSTANT:
      e.value = e.value === null || e.value === false;
      break;
    case E_JUMP:
      code.negate(e.info);
      break;
    default:
      dischargeToAny(state, e);
      freeExpression(state, e);
      e.set(E_RELOCATABLE, state.emit(Op.NOT, 0, e.info));
  }
  const { whenTrue } = e;
  e.whenTrue = e.whenFalse;
  e.whenFalse = whenTrue;
  code.dropValues(e.whenFalse);
  code.dropValues(e.whenTrue);
}
