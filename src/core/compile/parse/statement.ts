/** Statements and functions: from tokens to code. Each statement leaves the registers as it found them, but for the variables it declares. */
import {
  OP_CLOSE, OP_CLOSURE, OP_FORLOOP, OP_FORPREP, OP_LOADI, OP_RETURN, OP_TAILCALL, OP_TFORCALL, OP_TFORLOOP, OP_TFORPREP,
} from '../../generated/opcodes';
import { stringFromLiteral } from '../../strings/string';
import { pointerOf } from '../../base/value';
import {
  aAt, emit, emitCounting, emitJump, emitLoop, emitWide, fixLine, here, joinLists, lastPosition, NO_JUMP, placeListHere, setC, setOp, setTarget,
} from '../emit/code';
import {
  E_CALL, E_RELOCATABLE, E_VOID, infoOf, isConstant, isFalsyConstant, isMultiple, kindOf, newDescriptor, setDescriptor, whenFalseOf, whenTrueOf,
} from '../emit/descriptor';
import { noteExit } from '../emit/exits';
import { goIfFalse, goIfTrue, MULTIPLE, setResults, storeInto, toAnyRegister, toNextRegister } from '../emit/expression-code';
import { checkStack, freeRegister, freeTemporaries, reserve } from '../emit/registers';
import { activate, activeCount, checkAssignable, declare, registerLevel, restartLastVariable, variableRegisters } from '../emit/scope';
import { advance, line, peek, skip, skipClosing, skipIf, takeName, token } from '../lex/lexer';
import { failAtToken } from '../lex/syntax-error';
import {
  CH_CLOSE_PAREN, CH_COLON, CH_COMMA, CH_DOT, CH_EQUALS, CH_OPEN_PAREN, CH_SEMICOLON, T_BREAK, T_DO, T_DOTS, T_DOUBLE_COLON, T_ELSE, T_ELSEIF, T_END,
  T_EOF, T_FOR, T_FUNCTION, T_GOTO, T_IF, T_IN, T_LOCAL, T_NAME, T_REPEAT, T_RETURN, T_THEN, T_UNTIL, T_WHILE,
} from '../lex/token';
import { LAST_JUMPS, LEX_AHEAD_VALUE } from '../state/cells';
import { B_ACTIVE, B_CLOSES, B_INSIDE_CLOSE, F_PARAMETERS, K_REGULAR } from '../state/records';
import { currentFunction } from '../state/stacks';
import { adjustList, expressionStatement, localStatement } from './assignment';
import { addGoto, compileGoto, currentBlock, defineLabel, enterBlock, isLabelKnown, leaveBlock, markToBeClosed } from './block';
import { dropDescriptors, enterLevel, expression, expressionList, field, functionBody, leaveLevels, variable } from './expression';
import { beginFunction, emitReturn, finishFunction, leaveOperand, makeVararg } from './function';

const GENERIC_FOR_VALUES: i32 = 4;
const NUMERIC_FOR_VALUES: u32 = 3;
/** Registers the call of an iterator needs above the loop's state. */
const ITERATOR_CALL_SPACE: u32 = 3;

// ---- Blocks

/** Whether the current token ends a block; `until` does so only in its own statement list. */
function endsBlock(withUntil: bool): bool {
  switch (token()) {
    case T_ELSE:
    case T_ELSEIF:
    case T_END:
    case T_EOF: return true;
    case T_UNTIL: return withUntil;
    default: return false;
  }
}

/** Statements up to the end of the block, in the scope of the caller. */
export function statements(): void {
  store<u32>(LAST_JUMPS, 0);
  while (!endsBlock(true)) {
    const isReturn = token() == T_RETURN;
    statement();
    if (isReturn) return;
  }
}

function block(): void {
  enterBlock(false);
  statements();
  leaveBlock();
}

function statement(): void {
  const openLine = line();
  let jumps: u32 = 0;
  enterLevel();
  switch (token()) {
    case CH_SEMICOLON:
      advance();
      jumps = load<u32>(LAST_JUMPS);
      break;
    case T_IF:
      ifStatement(openLine);
      break;
    case T_WHILE:
      whileStatement(openLine);
      break;
    case T_DO:
      advance();
      block();
      skipClosing(T_END, T_DO, openLine);
      break;
    case T_FOR:
      forStatement(openLine);
      break;
    case T_REPEAT:
      repeatStatement(openLine);
      break;
    case T_FUNCTION:
      functionStatement(openLine);
      break;
    case T_LOCAL:
      advance();
      if (skipIf(T_FUNCTION)) localFunction();
      else localStatement();
      break;
    case T_DOUBLE_COLON:
      advance();
      labelStatement(takeName(), openLine);
      break;
    case T_RETURN:
      returnStatement();
      jumps = 1;
      break;
    case T_BREAK:
      advance();
      compileGoto(0, openLine);
      jumps = 1;
      break;
    case T_GOTO: {
      advance();
      const gotoLine = line();
      compileGoto(takeName(), gotoLine);
      jumps = 1;
      break;
    }
    default:
      expressionStatement();
  }
  freeTemporaries();
  store<u32>(LAST_JUMPS, jumps);
  leaveLevels(1);
}

// ---- Functions

/** Code of a function's body; `e` becomes the closure in the enclosing function. Called through BODY_COMPILER. */
export function compileBody(e: u32, isMethod: bool, openLine: u32): void {
  const f = beginFunction(openLine);
  enterBlock(false);
  skip(CH_OPEN_PAREN);
  if (isMethod) declare(stringFromLiteral('self'), K_REGULAR);
  parameters(f, isMethod);
  skip(CH_CLOSE_PAREN);
  statements();
  const lastLine = line();
  skipClosing(T_END, T_FUNCTION, openLine);
  const index = finishFunction(lastLine);
  setDescriptor(e, E_RELOCATABLE, emitWide(OP_CLOSURE, 0, index));
  toNextRegister(e);
}

/** Parameter names up to the closing parenthesis. */
function parameters(f: u32, isMethod: bool): void {
  let count: u32 = isMethod ? 1 : 0;
  let isVararg = false;
  if (token() != CH_CLOSE_PAREN) {
    do {
      if (token() == T_DOTS) {
        advance();
        isVararg = true;
      } else if (token() == T_NAME) {
        declare(takeName(), K_REGULAR);
        count++;
      } else failAtToken("<name> or '...' expected");
    } while (!isVararg && skipIf(CH_COMMA));
  }
  activate(count);
  store<u32>(f, count, F_PARAMETERS);
  if (isVararg) makeVararg(f);
  reserve(count);
}

function functionStatement(openLine: u32): void {
  advance();
  const target = newDescriptor(E_VOID, 0);
  variable(target);
  while (token() == CH_DOT) field(target);
  const isMethod = token() == CH_COLON;
  if (isMethod) field(target);
  const value = newDescriptor(E_VOID, 0);
  functionBody(value, isMethod, openLine);
  checkAssignable(target);
  storeInto(target, value);
  fixLine(lastPosition(), openLine);
  dropDescriptors(target);
}

function localFunction(): void {
  declare(takeName(), K_REGULAR);
  activate(1);
  const value = newDescriptor(E_VOID, 0);
  functionBody(value, false, line());
  restartLastVariable();
  dropDescriptors(value);
}

// ---- Control structures

/** Reads a condition; its code falls through if it holds. @returns the jumps otherwise */
function condition(): i32 {
  const e = newDescriptor(E_VOID, 0);
  expression(e);
  goIfTrue(e);
  const jumps = whenFalseOf(e);
  dropDescriptors(e);
  return jumps;
}

function ifStatement(openLine: u32): void {
  let ends = NO_JUMP;
  do ends = ifClause(ends); while (token() == T_ELSEIF);
  if (skipIf(T_ELSE)) block();
  skipClosing(T_END, T_IF, openLine);
  placeListHere(ends);
}

/** One condition and its block. @param ends jumps to the end of the statement @returns the same with those of the clause */
function ifClause(ends: i32): i32 {
  advance();
  const e = newDescriptor(E_VOID, 0);
  expression(e);
  skip(T_THEN);
  let next: i32;
  if (isForwardJump() && (!isConstant(e) || isFalsyConstant(e))) next = ifJump(e);
  else {
    goIfTrue(e);
    next = whenFalseOf(e);
    block();
  }
  dropDescriptors(e);
  if (!load<u32>(LAST_JUMPS) && (token() == T_ELSE || token() == T_ELSEIF)) ends = joinLists(emitJump(), ends);
  placeListHere(next);
  return ends;
}

/** Whether a break, or a goto of a label further down, begins here. */
function isForwardJump(): bool {
  return token() == T_BREAK || (token() == T_GOTO && peek() == T_NAME && !isLabelKnown(pointerOf(LEX_AHEAD_VALUE)));
}

/** `if c then break end`: the condition itself jumps. @returns the jumps taken if it fails */
function ifJump(e: u32): i32 {
  let jumpLine = line();
  goIfFalse(e);
  let name: u32 = 0;
  if (token() == T_GOTO) {
    advance();
    jumpLine = line();
    name = takeName();
  } else advance();
  enterBlock(false);
  addGoto(name, jumpLine, whenTrueOf(e));
  while (skipIf(CH_SEMICOLON)) {}
  let next = NO_JUMP;
  store<u32>(LAST_JUMPS, 1);
  if (!endsBlock(false)) {
    // What follows is reached through labels only.
    next = emitJump();
    statements();
  }
  leaveBlock();
  return next;
}

function whileStatement(openLine: u32): void {
  advance();
  const start = here();
  const exits = condition();
  enterBlock(true);
  skip(T_DO);
  block();
  emitLoop(start);
  skipClosing(T_END, T_WHILE, openLine);
  leaveBlock();
  placeListHere(exits);
}

function repeatStatement(openLine: u32): void {
  const start = here();
  enterBlock(true);
  enterBlock(false);
  advance();
  statements();
  skipClosing(T_UNTIL, T_REPEAT, openLine);
  const e = newDescriptor(E_VOID, 0);
  expression(e);
  goIfFalse(e);
  // The condition sees the variables of the body, which are closed on both ways on.
  const body = currentBlock();
  if (load<u32>(body, B_CLOSES)) emit(OP_CLOSE, registerLevel(currentFunction(), load<u32>(body, B_ACTIVE)), 0, 0);
  emitLoop(start);
  placeListHere(whenTrueOf(e));
  dropDescriptors(e);
  leaveBlock();
  leaveBlock();
}

function forStatement(openLine: u32): void {
  enterBlock(true);
  advance();
  const name = takeName();
  switch (token()) {
    case CH_EQUALS:
      numericFor(name, openLine);
      break;
    case CH_COMMA:
    case T_IN:
      genericFor(name);
      break;
    default:
      failAtToken("'=' or 'in' expected");
  }
  skipClosing(T_END, T_FOR, openLine);
  leaveBlock();
}

function declareHidden(count: u32): void {
  const name = stringFromLiteral('(for state)');
  for (; count; count--) declare(name, K_REGULAR);
}

/** An expression in the next register. */
function forValue(): void {
  const e = newDescriptor(E_VOID, 0);
  expression(e);
  toNextRegister(e);
  dropDescriptors(e);
}

function numericFor(name: u32, openLine: u32): void {
  const base = freeRegister();
  declareHidden(NUMERIC_FOR_VALUES);
  declare(name, K_REGULAR);
  skip(CH_EQUALS);
  forValue();
  skip(CH_COMMA);
  forValue();
  if (skipIf(CH_COMMA)) forValue();
  else {
    emitWide(OP_LOADI, freeRegister(), 1);
    reserve(1);
  }
  activate(NUMERIC_FOR_VALUES);
  const prepare = forBody(OP_FORPREP, base, 1);
  here();
  const loop = emitCounting(OP_FORLOOP, base);
  setTarget(loop, prepare + 1);
  fixLine(loop, openLine);
  setTarget(prepare, here());
}

function genericFor(name: u32): void {
  const base = freeRegister();
  declareHidden(GENERIC_FOR_VALUES);
  let count: u32 = 1;
  declare(name, K_REGULAR);
  while (skipIf(CH_COMMA)) {
    declare(takeName(), K_REGULAR);
    count++;
  }
  skip(T_IN);
  // Errors of the iterator are reported where it is given.
  const callLine = line();
  const last = newDescriptor(E_VOID, 0);
  adjustList(GENERIC_FOR_VALUES, expressionList(last), last);
  dropDescriptors(last);
  activate(GENERIC_FOR_VALUES);
  markToBeClosed(activeCount() - 1);
  checkStack(ITERATOR_CALL_SPACE);
  const prepare = forBody(OP_TFORPREP, base, count);
  setTarget(prepare, here());
  fixLine(emit(OP_TFORCALL, base, count, 0), callLine);
  const loop = emitCounting(OP_TFORLOOP, base);
  setTarget(loop, prepare + 1);
  fixLine(loop, callLine);
}

/** The `do` block of a for, in a scope with its `count` visible variables. @returns position of the instruction that prepares the loop */
function forBody(op: u32, base: u32, count: u32): i32 {
  skip(T_DO);
  const prepare = emitWide(op, base, 0);
  here();
  enterBlock(false);
  activate(count);
  reserve(count);
  statements();
  leaveBlock();
  return prepare;
}

// ---- Jumps

function labelStatement(name: u32, openLine: u32): void {
  skip(T_DOUBLE_COLON);
  while (token() == CH_SEMICOLON || token() == T_DOUBLE_COLON) statement();
  defineLabel(name, openLine, endsBlock(false));
}

function returnStatement(): void {
  advance();
  const last = newDescriptor(E_VOID, 0);
  let first = variableRegisters();
  let count = endsBlock(true) || token() == CH_SEMICOLON ? 0 : expressionList(last);
  if (isMultiple(last)) {
    if (kindOf(last) == E_CALL && count == 1 && !load<u32>(currentBlock(), B_INSIDE_CLOSE)) tailCall(last);
    else {
      setResults(last, MULTIPLE);
      emitReturn(first, MULTIPLE);
    }
  } else {
    if (count == 1) first = toAnyRegister(last);
    else if (count > 1) toNextRegister(last);
    emitReturn(first, count);
  }
  dropDescriptors(last);
  skipIf(CH_SEMICOLON);
}

function tailCall(call: u32): void {
  const at = infoOf(call);
  const base = aAt(at);
  setOp(at, OP_TAILCALL);
  setC(at, leaveOperand());
  noteExit(at, 0);
  noteExit(emit(OP_RETURN, base, MULTIPLE + 1, leaveOperand()), 0);
}
