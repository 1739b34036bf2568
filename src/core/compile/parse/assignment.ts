/** Declarations of variables, assignments, and calls that are statements. */
import { OP_GETUPVAL, OP_MOVE, OP_TBC } from '../../generated/opcodes';
import { stringFromLiteral } from '../../strings/string';
import { copyValue } from '../../base/value';
import { emit, emitNil, setC } from '../emit/code';
import {
  E_CALL, E_CONSTANT, E_INDEXED, E_INDEXED_STRING, E_INDEXED_UPVALUE, E_LOCAL, E_REGISTER, E_UPVALUE, E_VOID, infoOf, isConstant, isIndexed,
  isMultiple, keyOf, kindOf, moveTo, newDescriptor, setDescriptor,
} from '../emit/descriptor';
import { setOneResult, setResults, storeInto, toNextRegister } from '../emit/expression-code';
import { freeRegister, reserve, setFreeRegister } from '../emit/registers';
import { activate, activateConstant, activeCount, checkAssignable, declare, variableAt } from '../emit/scope';
import { skip, skipIf, takeName, token } from '../lex/lexer';
import { beginError, bufferName, failAtLine, failAtToken, throwSyntaxError } from '../lex/syntax-error';
import { CH_COMMA, CH_EQUALS, CH_GREATER, CH_LESS } from '../lex/token';
import { E_KEY, E_SIZE, E_VALUE, K_CONST, K_REGULAR, K_TO_BE_CLOSED, V_KIND, V_REGISTER, V_VALUE } from '../state/records';
import { currentFunction } from '../state/stacks';
import { markToBeClosed } from './block';
import { dropDescriptors, enterLevel, expressionList, leaveLevels, suffixed } from './expression';

/** Brings a list that was compiled up to its last expression to `wanted` values in consecutive registers. */
export function adjustList(wanted: i32, count: i32, last: u32): void {
  const missing = wanted - count;
  if (isMultiple(last)) setResults(last, max(missing + 1, 0));
  else {
    if (kindOf(last) != E_VOID) toNextRegister(last);
    if (missing > 0) emitNil(freeRegister(), missing);
  }
  if (missing > 0) reserve(missing);
  else setFreeRegister(freeRegister() + missing);
}

export function localStatement(): void {
  const f = currentFunction();
  let count = 0;
  let closed = -1;
  let kind = K_REGULAR;
  do {
    const index = declare(takeName(), K_REGULAR);
    kind = attribute();
    store<u32>(variableAt(f, index), kind, V_KIND);
    if (kind == K_TO_BE_CLOSED) {
      if (closed >= 0) failAtLine('multiple to-be-closed variables in local list');
      closed = index;
    }
    count++;
  } while (skipIf(CH_COMMA));
  const last = newDescriptor(E_VOID, 0);
  const values = skipIf(CH_EQUALS) ? expressionList(last) : 0;
  if (count == values && kind == K_CONST && isConstant(last)) {
    // The last variable of a fully initialised list becomes a compile-time constant. The others have their values already.
    activate(count - 1);
    copyValue(variableAt(f, activeCount()) + V_VALUE, last + E_VALUE);
    activateConstant();
  } else {
    adjustList(count, values, last);
    activate(count);
    if (closed >= 0) {
      markToBeClosed(closed);
      emit(OP_TBC, load<u32>(variableAt(f, closed), V_REGISTER), 0, 0);
    }
  }
  dropDescriptors(last);
}

function attribute(): u32 {
  if (!skipIf(CH_LESS)) return K_REGULAR;
  const name = takeName();
  skip(CH_GREATER);
  if (name == stringFromLiteral('const')) return K_CONST;
  if (name == stringFromLiteral('close')) return K_TO_BE_CLOSED;
  beginError('unknown attribute ');
  bufferName(name);
  throwSyntaxError();
  return 0;
}

// ---- Assignments and calls

export function expressionStatement(): void {
  const first = newDescriptor(E_VOID, 0);
  suffixed(first);
  if (token() == CH_EQUALS || token() == CH_COMMA) assignment(first);
  else if (kindOf(first) == E_CALL) setC(infoOf(first), 1);
  else failAtToken('syntax error');
  dropDescriptors(first);
}

function checkTarget(target: u32): void {
  const kind = kindOf(target);
  const isVariable = kind == E_LOCAL || kind == E_UPVALUE || isIndexed(target) || (kind == E_CONSTANT && keyOf(target) != 0);
  if (!isVariable) failAtToken('syntax error');
  checkAssignable(target);
}

/** The descriptors of the targets lie one above the other. */
function assignment(first: u32): void {
  let count = 1;
  let target = first;
  checkTarget(first);
  while (skipIf(CH_COMMA)) {
    target = newDescriptor(E_VOID, 0);
    suffixed(target);
    if (!isIndexed(target)) resolveConflict(first, target);
    // PUC recurses for each further target, which bounds their number.
    enterLevel();
    checkTarget(target);
    count++;
  }
  skip(CH_EQUALS);
  const value = newDescriptor(E_VOID, 0);
  const values = expressionList(value);
  if (values == count) {
    // The last value need not go through a register.
    setOneResult(value);
    storeInto(target, value);
    target -= E_SIZE;
  } else adjustList(count, values, value);
  // The others are on top of the register stack.
  for (; target >= first; target -= E_SIZE) {
    setDescriptor(value, E_REGISTER, freeRegister() - 1);
    storeInto(target, value);
  }
  leaveLevels(count - 1);
}

/**
 * A variable that is assigned to after it was used as table or key of an earlier target (`t[i], i = ...`): the earlier targets must use
 * its old value, so they get a copy.
 */
function resolveConflict(first: u32, target: u32): void {
  const copy = freeRegister();
  const kind = kindOf(target);
  const info = infoOf(target);
  let isConflict = false;
  for (let earlier = first; earlier < target; earlier += E_SIZE) {
    if (!isIndexed(earlier)) continue;
    if (kindOf(earlier) == E_INDEXED_UPVALUE) {
      if (kind == E_UPVALUE && infoOf(earlier) == info) {
        isConflict = true;
        moveTo(earlier, E_INDEXED_STRING, copy);
      }
    } else if (kind == E_LOCAL) {
      if (infoOf(earlier) == info) {
        isConflict = true;
        moveTo(earlier, kindOf(earlier), copy);
      }
      if (kindOf(earlier) == E_INDEXED && keyOf(earlier) == info) {
        isConflict = true;
        store<u32>(earlier, copy, E_KEY);
      }
    }
  }
  if (!isConflict) return;
  emit(kind == E_LOCAL ? OP_MOVE : OP_GETUPVAL, copy, info, 0);
  reserve(1);
}

