/**
 * Expressions: from tokens to descriptors and code, by operator precedence. Each recursion goes through `enterLevel`, which bounds it and looks now and then
 * whether the host's stack has room: so no source exhausts that, wherever it is compiled.
 */
import { TAG_FALSE, TAG_NIL, TAG_STRING, TAG_TRUE } from '../../../bytecode/layout';
import { OP_CALL, OP_NEWTABLE, OP_SETLIST, OP_VARARG } from '../../generated/opcodes';
import { hostCheckStack } from '../../base/host';
import { emit, fixLine, setB, setC, setData } from '../emit/code';
import {
  E_CALL, E_REGISTER, E_VARARG, E_VOID, infoOf, isMultiple, kindOf, newDescriptor, setConstant, setConstantValue, setDescriptor,
} from '../emit/descriptor';
import {
  dischargeVariables, indexBy, loadMethod, MULTIPLE, setResults, storeInto, toNextRegister, toRegisterOrUpvalue, toValue,
} from '../emit/expression-code';
import { binaryOperatorOf, leftPriority, NO_OPERATOR, rightPriority, UNARY_PRIORITY, unaryOperatorOf } from '../emit/operator';
import { beginBinary, compileUnary, endBinary } from '../emit/operator-code';
import { freeRegister, reserve, setFreeRegister } from '../emit/registers';
import { resolve, resolveEnvironment } from '../emit/scope';
import { advance, line, peek, skip, skipClosing, skipIf, takeName, token } from '../lex/lexer';
import { failAtToken } from '../lex/syntax-error';
import {
  CH_CLOSE_BRACE, CH_CLOSE_BRACKET, CH_CLOSE_PAREN, CH_COLON, CH_COMMA, CH_DOT, CH_EQUALS, CH_OPEN_BRACE, CH_OPEN_BRACKET, CH_OPEN_PAREN,
  CH_SEMICOLON, T_DOTS, T_FALSE, T_FUNCTION, T_NAME, T_NIL, T_NUMBER, T_STRING, T_TRUE,
} from '../lex/token';
import { BODY_COMPILER, DESCRIPTOR_TOP, LEX_VALUE, NESTING } from '../state/cells';
import { F_IS_VARARG } from '../state/records';
import { currentFunction, MAX_NESTING, throwNesting } from '../state/stacks';

/** List items collected in registers before a SETLIST stores them. */
const FIELDS_PER_FLUSH: u32 = 50;
const MAX_TABLE_HINT: u32 = 0xffff;
/** So many levels of nesting take less of the host's stack than a check leaves (a level takes about a kilobyte). */
const LEVELS_PER_CHECK: u32 = 16;

// ---- Nesting

export function enterLevel(): void {
  const level = load<u32>(NESTING) + 1;
  if (level > MAX_NESTING) throwNesting();
  if ((level & (LEVELS_PER_CHECK - 1)) == 0) hostCheckStack();
  store<u32>(NESTING, level);
}

// @ts-ignore: decorator
@inline export function leaveLevels(count: u32): void { store<u32>(NESTING, load<u32>(NESTING) - count); }

/** Gives `e` and the descriptors above it back. */
// @ts-ignore: decorator
@inline export function dropDescriptors(e: u32): void { store<u32>(DESCRIPTOR_TOP, e); }

// ---- Operators

export function expression(e: u32): void { operators(e, 0); }

/** Reads operators of a higher left priority than `limit`. */
function operators(e: u32, limit: u32): void {
  enterLevel();
  const unary = unaryOperatorOf(token());
  if (unary != NO_OPERATOR) {
    const operatorLine = line();
    advance();
    operators(e, UNARY_PRIORITY);
    compileUnary(unary, e, operatorLine);
  } else simple(e);
  for (;;) {
    const operator = binaryOperatorOf(token());
    if (operator == NO_OPERATOR || leftPriority(operator) <= limit) break;
    const operatorLine = line();
    advance();
    beginBinary(operator, e);
    const right = newDescriptor(E_VOID, 0);
    operators(right, rightPriority(operator));
    endBinary(operator, e, right, operatorLine);
    dropDescriptors(right);
  }
  leaveLevels(1);
}

function simple(e: u32): void {
  switch (token()) {
    case T_NUMBER:
    case T_STRING:
      setConstantValue(e, LEX_VALUE);
      break;
    case T_NIL:
      setConstant(e, TAG_NIL, 0);
      break;
    case T_TRUE:
      setConstant(e, TAG_TRUE, 0);
      break;
    case T_FALSE:
      setConstant(e, TAG_FALSE, 0);
      break;
    case T_DOTS:
      if (!load<u32>(currentFunction(), F_IS_VARARG)) failAtToken("cannot use '...' outside a vararg function");
      setDescriptor(e, E_VARARG, emit(OP_VARARG, 0, 0, 1));
      break;
    case CH_OPEN_BRACE:
      table(e);
      return;
    case T_FUNCTION:
      advance();
      functionBody(e, false, line());
      return;
    default:
      suffixed(e);
      return;
  }
  advance();
}

/** Parameters, statements and `end` of a function whose `function` stood on `line`. */
export function functionBody(e: u32, isMethod: bool, line: u32): void {
  call_indirect<void>(load<u32>(BODY_COMPILER), e, isMethod, line);
}

// ---- Names, fields, calls

/** What the name that the current token is stands for: a constant, a variable, or a field of _ENV. */
export function variable(e: u32): void {
  const name = takeName();
  resolve(name, e);
  if (kindOf(e) != E_VOID) return;
  resolveEnvironment(e);
  toRegisterOrUpvalue(e);
  indexByName(e, name);
}

function indexByName(e: u32, name: u32): void {
  const key = newDescriptor(E_VOID, 0);
  setConstant(key, TAG_STRING, name);
  indexBy(e, key);
  dropDescriptors(key);
}

/** A name or parenthesis with its fields, indices and calls. */
export function suffixed(e: u32): void {
  primary(e);
  for (;;) {
    switch (token()) {
      case CH_DOT:
        field(e);
        break;
      case CH_OPEN_BRACKET: {
        toRegisterOrUpvalue(e);
        const key = newDescriptor(E_VOID, 0);
        bracketKey(key);
        indexBy(e, key);
        dropDescriptors(key);
        break;
      }
      case CH_COLON: {
        advance();
        const key = newDescriptor(E_VOID, 0);
        setConstant(key, TAG_STRING, takeName());
        loadMethod(e, key);
        dropDescriptors(key);
        callArguments(e);
        break;
      }
      case CH_OPEN_PAREN:
      case T_STRING:
      case CH_OPEN_BRACE:
        toNextRegister(e);
        callArguments(e);
        break;
      default:
        return;
    }
  }
}

function primary(e: u32): void {
  if (token() == T_NAME) {
    variable(e);
    return;
  }
  if (token() != CH_OPEN_PAREN) failAtToken('unexpected symbol');
  const openLine = line();
  advance();
  expression(e);
  skipClosing(CH_CLOSE_PAREN, CH_OPEN_PAREN, openLine);
  dischargeVariables(e);
}

/** `.name` or `:name` behind an object. */
export function field(e: u32): void {
  toRegisterOrUpvalue(e);
  advance();
  indexByName(e, takeName());
}

function bracketKey(key: u32): void {
  advance();
  expression(key);
  toValue(key);
  skip(CH_CLOSE_BRACKET);
}

/** The arguments of a call; the function is in the register of `e`, a method's object behind it. */
function callArguments(e: u32): void {
  const callLine = line();
  const base = infoOf(e);
  const last = newDescriptor(E_VOID, 0);
  switch (token()) {
    case T_STRING:
      setConstantValue(last, LEX_VALUE);
      advance();
      break;
    case CH_OPEN_BRACE:
      table(last);
      break;
    case CH_OPEN_PAREN:
      advance();
      if (token() != CH_CLOSE_PAREN) {
        expressionList(last);
        if (isMultiple(last)) setResults(last, MULTIPLE);
      }
      skipClosing(CH_CLOSE_PAREN, CH_OPEN_PAREN, callLine);
      break;
    default:
      failAtToken('function arguments expected');
  }
  let count = MULTIPLE;
  if (!isMultiple(last)) {
    if (kindOf(last) != E_VOID) toNextRegister(last);
    count = freeRegister() - base - 1;
  }
  dropDescriptors(last);
  setDescriptor(e, E_CALL, emit(OP_CALL, base, count + 1, 2));
  fixLine(infoOf(e), callLine);
  // The call takes function and arguments away and leaves one result, unless told otherwise later.
  setFreeRegister(base + 1);
}

/** Compiles a list into consecutive registers, except for its last expression, which is left in `e`. @returns number of expressions */
export function expressionList(e: u32): i32 {
  let count = 1;
  expression(e);
  while (skipIf(CH_COMMA)) {
    toNextRegister(e);
    expression(e);
    count++;
  }
  return count;
}

// ---- Table constructors

function table(e: u32): void {
  const openLine = line();
  const register = freeRegister();
  const create = emit(OP_NEWTABLE, register, 0, 0);
  setDescriptor(e, E_REGISTER, register);
  reserve(1);
  skip(CH_OPEN_BRACE);
  // An item stays undischarged until the next field, because the last one may have several values.
  const item = newDescriptor(E_VOID, 0);
  let records: u32 = 0;
  let stored: u32 = 0;
  let pending: u32 = 0;
  while (token() != CH_CLOSE_BRACE) {
    if (kindOf(item) != E_VOID) {
      toNextRegister(item);
      setDescriptor(item, E_VOID, 0);
      if (pending == FIELDS_PER_FLUSH) {
        storeItems(register, pending, stored);
        stored += pending;
        pending = 0;
      }
    }
    if (token() == CH_OPEN_BRACKET || (token() == T_NAME && peek() == CH_EQUALS)) {
      recordField(e);
      records++;
    } else {
      expression(item);
      pending++;
    }
    if (!skipIf(CH_COMMA) && !skipIf(CH_SEMICOLON)) break;
  }
  skipClosing(CH_CLOSE_BRACE, CH_OPEN_BRACE, openLine);
  let sizeHint = stored + pending;
  if (isMultiple(item)) {
    setResults(item, MULTIPLE);
    storeItems(register, MULTIPLE, stored);
    sizeHint--;
  } else if (pending) {
    if (kindOf(item) != E_VOID) toNextRegister(item);
    storeItems(register, pending, stored);
  }
  dropDescriptors(item);
  setB(create, min(records, MAX_TABLE_HINT));
  setC(create, min(sizeHint, MAX_TABLE_HINT));
}

/** Stores the items above the table; `stored` were stored before. */
function storeItems(register: u32, count: i32, stored: u32): void {
  setData(emit(OP_SETLIST, register, count + 1, 0), stored);
  setFreeRegister(register + 1);
}

/** `name = value` or `[key] = value` */
function recordField(tableDescriptor: u32): void {
  const register = freeRegister();
  const target = newDescriptor(E_REGISTER, infoOf(tableDescriptor));
  const key = newDescriptor(E_VOID, 0);
  if (token() == T_NAME) setConstant(key, TAG_STRING, takeName());
  else bracketKey(key);
  skip(CH_EQUALS);
  indexBy(target, key);
  expression(key);
  storeInto(target, key);
  setFreeRegister(register);
  dropDescriptors(target);
}
