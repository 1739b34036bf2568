/**
 * Code of unary and binary operators on expression descriptors.
 *
 * Binary operators come in two steps, as their operands do: `beginBinary` when the left operand is known and before the right one is
 * compiled, `endBinary` when both are. Numerals stay undischarged between the steps, so that they can become constant operands.
 */
import { Op, type OpNumber } from '../bytecode/opcode-table.ts';
import {
  E_JUMP, E_RELOCATABLE, dischargeVariables, type ExpressionDescriptor, freeExpression, freeExpressions, goIfFalse,
  goIfTrue, negate, toAnyRegister, toNextRegister,
} from './expression-descriptor.ts';
import type { FunctionState } from './function-state.ts';
import {
  B_AND, B_CONCAT, B_EQ, B_GE, B_GT, B_LE, B_LT, B_NE, B_OR, type BinaryOperator, isBitwise, U_NOT, type UnaryOperator,
} from './operators.ts';

/** Opcodes by operator. */
const UNARY_OPS: readonly OpNumber[] = [Op.UNM, Op.BNOT, Op.NOT, Op.LEN];

/** Applies a unary operator, which stood on `line`. */
export function compileUnary(state: FunctionState, operator: UnaryOperator, e: ExpressionDescriptor, line: number): void {
  dischargeVariables(state, e);
  if (operator === U_NOT) {
    negate(state, e);
    return;
  }
  const source = toAnyRegister(state, e);
  freeExpression(state, e);
  e.set(E_RELOCATABLE, state.emit(UNARY_OPS[operator]!, 0, source));
  state.code.fixLine(e.info, line);
}

/** Prepares the left operand before the right one is compiled. */
export function beginBinary(state: FunctionState, operator: BinaryOperator, left: ExpressionDescriptor): void {
  dischargeVariables(state, left);
  switch (operator) {
    case B_AND:
      goIfTrue(state, left);
      break;
    case B_OR:
      goIfFalse(state, left);
      break;
    case B_CONCAT:
      toNextRegister(state, left);
      break;
    case B_EQ:
    case B_NE:
      if (!left.isConstant) toAnyRegister(state, left);
      break;
    default:
      if (!left.isNumeral) toAnyRegister(state, left);
  }
}

/** Applies a binary operator, which stood on `line`; returns the descriptor of the result. */
export function endBinary(
  state: FunctionState, operator: BinaryOperator, left: ExpressionDescriptor, right: ExpressionDescriptor, line: number,
): ExpressionDescriptor {
  dischargeVariables(state, right);
  switch (operator) {
    case B_AND:
      right.whenFalse = state.code.joinLists(right.whenFalse, left.whenFalse);
      return right;
    case B_OR:
      right.whenTrue = state.code.joinLists(right.whenTrue, left.whenTrue);
      return right;
    case B_CONCAT:
      toNextRegister(state, right);
      compileConcat(state, left, right, line);
      return left;
    case B_EQ:
    case B_NE:
      return left.isConstant ? compileEquality(state, operator, right, left) : compileEquality(state, operator, left, right);
    case B_LT:
    case B_LE:
      return compileOrder(state, operator === B_LT, left, right);
    case B_GT:
    case B_GE:
      // a > b is b < a.
      return compileOrder(state, operator === B_GT, right, left);
    default:
      compileArithmetic(state, operator, left, right, line);
      return left;
  }
}

function compileArithmetic(
  state: FunctionState, operator: BinaryOperator, left: ExpressionDescriptor, right: ExpressionDescriptor, line: number,
): void {
  const constant = arithmeticConstant(state, operator, right);
  const second = constant >= 0 ? constant : toAnyRegister(state, right);
  // A numeral on the left is loaded last; it has no side effects. (Swapping operands would swap those of a metamethod.)
  const first = toAnyRegister(state, left);
  freeExpressions(state, left, right);
  const op = (constant >= 0 ? Op.ADDK : Op.ADD) + operator;
  left.set(E_RELOCATABLE, state.emit(op, 0, first, second));
  state.code.fixLine(left.info, line);
}

/** Index of the right operand if it can be a constant operand, or -1. Bitwise operators take integers only. */
function arithmeticConstant(state: FunctionState, operator: BinaryOperator, right: ExpressionDescriptor): number {
  if (!right.isNumeral || (isBitwise(operator) && typeof right.value !== 'bigint')) return -1;
  return state.addOperandConstant(right.value);
}

/** `a .. b` where b is itself a concatenation becomes one instruction; both are in consecutive registers. */
function compileConcat(state: FunctionState, left: ExpressionDescriptor, right: ExpressionDescriptor, line: number): void {
  const { code } = state;
  if (code.canMergeWithLast && code.op(code.last) === Op.CONCAT && code.a(code.last) === left.info + 1) {
    freeExpression(state, right);
    code.setA(code.last, left.info);
    code.setB(code.last, code.b(code.last) + 1);
    return;
  }
  state.emit(Op.CONCAT, left.info, 2);
  freeExpression(state, right);
  code.fixLine(code.last, line);
}

/** Equality; a constant may only be on the right. */
function compileEquality(
  state: FunctionState, operator: BinaryOperator, left: ExpressionDescriptor, right: ExpressionDescriptor,
): ExpressionDescriptor {
  const first = toAnyRegister(state, left);
  const sense = operator === B_EQ ? 1 : 0;
  const constant = right.isConstant ? state.addOperandConstant(right.value) : -1;
  const second = constant >= 0 ? constant : toAnyRegister(state, right);
  freeExpressions(state, left, right);
  left.set(E_JUMP, state.emit(constant >= 0 ? Op.EQK : Op.EQ, first, second, 0, sense));
  return left;
}

/** `left < right` or `left <= right`. */
function compileOrder(
  state: FunctionState, isStrict: boolean, left: ExpressionDescriptor, right: ExpressionDescriptor,
): ExpressionDescriptor {
  const rightConstant = right.isNumeral && !left.isNumeral ? state.addOperandConstant(right.value) : -1;
  const leftConstant = left.isNumeral && !right.isNumeral ? state.addOperandConstant(left.value) : -1;
  let jump: number;
  if (rightConstant >= 0) {
    jump = state.emit(isStrict ? Op.LTK : Op.LEK, toAnyRegister(state, left), rightConstant, 0, 1);
  } else if (leftConstant >= 0) {
    // K < x is x > K.
    jump = state.emit(isStrict ? Op.GTK : Op.GEK, toAnyRegister(state, right), leftConstant, 0, 1);
  } else {
    const second = toAnyRegister(state, right);
    jump = state.emit(isStrict ? Op.LT : Op.LE, toAnyRegister(state, left), second, 0, 1);
  }
  freeExpressions(state, left, right);
  left.set(E_JUMP, jump);
  return left;
}

