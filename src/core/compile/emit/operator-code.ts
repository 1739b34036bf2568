/**
 * Code of unary and binary operators on descriptors. Binary operators come in two steps, as their operands do: `beginBinary` when the left operand is
 * known and before the right one is read, `endBinary` when both are. Numerals stay undischarged between the steps, so that they fold or become operands.
 */
import { TAG_INT } from '../../../bytecode/layout';
import {
  OP_ADD, OP_ADDK, OP_BNOT, OP_CONCAT, OP_EQ, OP_EQK, OP_GEK, OP_GTK, OP_LE, OP_LEK, OP_LEN, OP_LT, OP_LTK, OP_UNM,
} from '../../generated/opcodes';
import { tagOf } from '../../base/value';
import { E_VALUE } from '../state/records';
import { aAt, bAt, emit, fixLine, joinLists, lastConcat, NO_JUMP, setA, setB } from './code';
import { addOperandConstant } from './constants';
import {
  copyDescriptor, E_JUMP, E_RELOCATABLE, infoOf, isConstant, isNumeral, moveTo, setWhenFalse, setWhenTrue, whenFalseOf, whenTrueOf,
} from './descriptor';
import { dischargeVariables, freeExpression, freeExpressions, goIfFalse, goIfTrue, negate, toAnyRegister, toNextRegister } from './expression-code';
import { foldBinary, foldUnary } from './fold';
import { B_AND, B_BAND, B_CONCAT, B_EQ, B_GE, B_GT, B_LE, B_LT, B_NE, B_OR, B_SHR, U_LEN, U_MINUS, U_NOT } from './operator';

/** Applies a unary operator, which stood on `line`. */
export function compileUnary(operator: u32, e: u32, line: u32): void {
  dischargeVariables(e);
  if (operator == U_NOT) {
    negate(e);
    return;
  }
  if (operator != U_LEN && isNumeral(e) && foldUnary(operator == U_MINUS, e + E_VALUE)) return;
  const source = toAnyRegister(e);
  freeExpression(e);
  const at = emit(operator == U_LEN ? OP_LEN : operator == U_MINUS ? OP_UNM : OP_BNOT, 0, source, 0);
  moveTo(e, E_RELOCATABLE, at);
  fixLine(at, line);
}

/** Prepares the left operand before the right one is read. */
export function beginBinary(operator: u32, left: u32): void {
  dischargeVariables(left);
  switch (operator) {
    case B_AND:
      goIfTrue(left);
      break;
    case B_OR:
      goIfFalse(left);
      break;
    case B_CONCAT:
      toNextRegister(left);
      break;
    case B_EQ:
    case B_NE:
      if (!isConstant(left)) toAnyRegister(left);
      break;
    default:
      if (!isNumeral(left)) toAnyRegister(left);
  }
}

/** Applies a binary operator, which stood on `line`; `left` becomes the result. */
export function endBinary(operator: u32, left: u32, right: u32, line: u32): void {
  dischargeVariables(right);
  switch (operator) {
    case B_AND:
      setWhenFalse(right, joinLists(whenFalseOf(right), whenFalseOf(left)));
      copyDescriptor(left, right);
      break;
    case B_OR:
      setWhenTrue(right, joinLists(whenTrueOf(right), whenTrueOf(left)));
      copyDescriptor(left, right);
      break;
    case B_CONCAT:
      toNextRegister(right);
      compileConcat(left, right, line);
      break;
    case B_EQ:
    case B_NE:
      compileEquality(operator == B_EQ, left, right);
      break;
    case B_LT:
    case B_LE:
      compileOrder(operator == B_LT, left, right, left);
      break;
    case B_GT:
    case B_GE:
      // a > b is b < a.
      compileOrder(operator == B_GT, right, left, left);
      break;
    default:
      if (isNumeral(left) && isNumeral(right) && foldBinary(operator, left + E_VALUE, right + E_VALUE)) return;
      compileArithmetic(operator, left, right, line);
  }
}

function compileArithmetic(operator: u32, left: u32, right: u32, line: u32): void {
  const constant = arithmeticConstant(operator, right);
  const second = constant >= 0 ? constant : toAnyRegister(right);
  // A numeral on the left is loaded last; it has no side effects. (Swapping operands would swap those of a metamethod.)
  const first = toAnyRegister(left);
  freeExpressions(left, right);
  const at = emit((constant >= 0 ? OP_ADDK : OP_ADD) + operator, 0, first, second);
  moveTo(left, E_RELOCATABLE, at);
  fixLine(at, line);
}

/** Index of the right operand if it can be a constant operand, or -1. Bitwise operators take integers only. */
function arithmeticConstant(operator: u32, right: u32): i32 {
  if (!isNumeral(right) || (operator >= B_BAND && operator <= B_SHR && tagOf(right + E_VALUE) != TAG_INT)) return -1;
  return addOperandConstant(right + E_VALUE);
}

/** `a .. b` where b is itself a concatenation becomes one instruction; both are in consecutive registers. */
function compileConcat(left: u32, right: u32, line: u32): void {
  const last = lastConcat();
  if (last != NO_JUMP && aAt(last) == infoOf(left) + 1) {
    freeExpression(right);
    setA(last, infoOf(left));
    setB(last, bAt(last) + 1);
    return;
  }
  const at = emit(OP_CONCAT, infoOf(left), 2, 0);
  freeExpression(right);
  fixLine(at, line);
}

/** Equality; a constant on the left changes sides. */
function compileEquality(sense: bool, left: u32, right: u32): void {
  const isSwapped = isConstant(left);
  const a = isSwapped ? right : left;
  const b = isSwapped ? left : right;
  const first = toAnyRegister(a);
  const constant = isConstant(b) ? addOperandConstant(b + E_VALUE) : -1;
  const second = constant >= 0 ? constant : toAnyRegister(b);
  freeExpressions(a, b);
  const at = emit(constant >= 0 ? OP_EQK : OP_EQ, first, second, 0, i32(sense));
  moveTo(left, E_JUMP, at);
}

/** `a < b` or `a <= b`; `result` is one of the two. */
function compileOrder(isStrict: bool, a: u32, b: u32, result: u32): void {
  const rightConstant = isNumeral(b) && !isNumeral(a) ? addOperandConstant(b + E_VALUE) : -1;
  const leftConstant = isNumeral(a) && !isNumeral(b) ? addOperandConstant(a + E_VALUE) : -1;
  let jump: i32;
  if (rightConstant >= 0) jump = emit(isStrict ? OP_LTK : OP_LEK, toAnyRegister(a), rightConstant, 0, 1);
  else if (leftConstant >= 0) jump = emit(isStrict ? OP_GTK : OP_GEK, toAnyRegister(b), leftConstant, 0, 1);
  else {
    const second = toAnyRegister(b);
    jump = emit(isStrict ? OP_LT : OP_LE, toAnyRegister(a), second, 0, 1);
  }
  freeExpressions(a, b);
  moveTo(result, E_JUMP, jump);
}
