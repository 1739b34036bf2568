/** Statement trees to code. Each statement leaves the registers as it found them, but for the variables it declares. */
import { Op } from '../bytecode/opcode-table.ts';
import type {
  AssignableExpression, AssignStatement, Block, Expression, FunctionStatement, GenericForStatement, GotoStatement, IfClause,
  IfStatement, LocalFunctionStatement, LocalStatement, NumericForStatement, RepeatStatement, ReturnStatement, Statement, WhileStatement,
} from './ast.ts';
import { NO_JUMP } from './code-buffer.ts';
import { compileExpression, compileItem, compileList, compileToNextRegister } from './compile-expression.ts';
import {
  E_CALL, E_INDEXED, E_INDEXED_STRING, E_INDEXED_UPVALUE, E_LOCAL, E_REGISTER, E_UPVALUE, E_VOID, ExpressionDescriptor, goIfFalse,
  goIfTrue, MULTIPLE, setOneResult, setResults, storeInto, toAnyRegister, toNextRegister,
} from './expression-descriptor.ts';
import type { FunctionState } from './function-state.ts';
import { KIND_TO_BE_CLOSED, type LabelTarget, NO_POSITION, type Variable } from './scope.ts';

const GENERIC_FOR_VALUES = 4;
/** Registers the call of an iterator needs above the loop's state. */
const ITERATOR_CALL_SPACE = 3;

// ---- Blocks

/** Statements in the scope of the caller. */
export function compileStatements(state: FunctionState, { statements }: Block): void {
  for (const statement of statements) {
    compileStatement(state, statement);
    state.freeRegister = state.registerLevel(state.level);
  }
}

/** Statements in a scope of their own. */
function compileBlock(state: FunctionState, block: Block): void {
  const { level } = state;
  compileStatements(state, block);
  endScope(state, level);
}

/** Ends the scope of the variables above `level`, closing those that need it. */
function endScope(state: FunctionState, level: number): void {
  if (state.needsClose(level)) emitClose(state, level);
  state.deactivate(level);
  state.freeRegister = state.registerLevel(level);
}

function emitClose(state: FunctionState, level: number): void {
  state.emit(Op.CLOSE, state.registerLevel(level));
}

function compileStatement(state: FunctionState, node: Statement): void {
  switch (node.kind) {
    case 'local':
      compileLocal(state, node);
      break;
    case 'localFunction':
      compileLocalFunction(state, node);
      break;
    case 'function':
      compileFunctionStatement(state, node);
      break;
    case 'assign':
      compileAssign(state, node);
      break;
    case 'call':
      setResults(state, compileExpression(state, node.call), 0);
      break;
    case 'do':
      compileBlock(state, node.body);
      break;
    case 'while':
      compileWhile(state, node);
      break;
    case 'repeat':
      compileRepeat(state, node);
      break;
    case 'if':
      compileIf(state, node);
      break;
    case 'numericFor':
      compileNumericFor(state, node);
      break;
    case 'genericFor':
      compileGenericFor(state, node);
      break;
    case 'return':
      compileReturn(state, node);
      break;
    case 'goto':
      compileGoto(state, node);
      break;
    case 'label':
      placeLabel(state, node.label);
  }
}

// ---- Declarations

/** Brings a list that was compiled up to its last expression to `wanted` values in consecutive registers. */
function adjustList(state: FunctionState, wanted: number, count: number, last: ExpressionDescriptor): void {
  const missing = wanted - count;
  if (last.isMultiple) {
    setResults(state, last, Math.max(missing + 1, 0));
  } else {
    if (last.kind !== E_VOID) toNextRegister(state, last);
    if (missing > 0) state.emitNil(state.freeRegister, missing);
  }
  if (missing > 0) state.reserve(missing);
  else state.freeRegister += missing;
}

function compileLocal(state: FunctionState, node: LocalStatement): void {
  const { variables, values } = node;
  if (variables.at(-1)!.constant !== undefined) {
    // The last value is the constant's: no code. The others fill the other variables.
    for (const value of values.slice(0, -1)) compileItem(state, value);
  } else {
    const last = compileList(state, values);
    state.moveTo(node);
    adjustList(state, variables.length, values.length, last);
  }
  state.activateAll(variables);
  const closed = variables.find((variable) => variable.kind === KIND_TO_BE_CLOSED);
  if (closed !== undefined) state.emit(Op.TBC, closed.register);
}

function compileLocalFunction(state: FunctionState, { variable, value }: LocalFunctionStatement): void {
  state.activate(variable);
  compileExpression(state, value);
  state.restartLastVariable();
}

function compileFunctionStatement(state: FunctionState, { target, value, line }: FunctionStatement): void {
  const variable = compileExpression(state, target);
  storeInto(state, variable, compileExpression(state, value));
  state.code.fixLine(state.code.last, line);
}

// ---- Assignments

function compileAssign(state: FunctionState, { targets, values }: AssignStatement): void {
  const variables = compileTargets(state, targets);
  const last = compileList(state, values);
  if (targets.length === values.length) {
    // The last value need not go through a register.
    if (last.isMultiple) setOneResult(state, last);
    storeInto(state, variables.at(-1)!, last);
    storeFromRegisters(state, variables, variables.length - 1);
  } else {
    adjustList(state, targets.length, values.length, last);
    storeFromRegisters(state, variables, variables.length);
  }
}

function compileTargets(state: FunctionState, targets: readonly AssignableExpression[]): ExpressionDescriptor[] {
  const variables: ExpressionDescriptor[] = [];
  for (const target of targets) {
    const variable = compileExpression(state, target);
    if (!variable.isIndexed) resolveConflict(state, variables, variable);
    variables.push(variable);
  }
  return variables;
}

/** Assigns the values on top of the register stack to the first `count` variables, last one first. */
function storeFromRegisters(state: FunctionState, variables: readonly ExpressionDescriptor[], count: number): void {
  for (let index = count - 1; index >= 0; index--) {
    storeInto(state, variables[index]!, new ExpressionDescriptor(E_REGISTER, state.freeRegister - 1));
  }
}

/**
 * A variable that is assigned to after it was used as table or key of an earlier target (`t[i], i = ...`): the earlier targets must use
 * its old value, so they get a copy.
 */
function resolveConflict(state: FunctionState, earlier: readonly ExpressionDescriptor[], variable: ExpressionDescriptor): void {
  const copy = state.freeRegister;
  let isConflict = false;
  for (const target of earlier) {
    if (!target.isIndexed) continue;
    if (target.kind === E_INDEXED_UPVALUE) {
      if (variable.kind === E_UPVALUE && target.info === variable.info) {
        isConflict = true;
        target.set(E_INDEXED_STRING, copy);
      }
    } else if (variable.kind === E_LOCAL) {
      if (target.info === variable.info) {
        isConflict = true;
        target.info = copy;
      }
      if (target.kind === E_INDEXED && target.key === variable.info) {
        isConflict = true;
        target.key = copy;
      }
    }
  }
  if (!isConflict) return;
  state.emit(variable.kind === E_LOCAL ? Op.MOVE : Op.GETUPVAL, copy, variable.info);
  state.reserve(1);
}

// ---- Control structures

/** Code of a condition that falls through if it holds; returns the jumps otherwise. */
function compileCondition(state: FunctionState, node: Expression): number {
  const e = compileExpression(state, node);
  goIfTrue(state, e);
  return e.whenFalse;
}

function compileWhile(state: FunctionState, node: WhileStatement): void {
  const { code } = state;
  const start = code.here();
  const exits = compileCondition(state, node.condition);
  state.moveTo(node.body);
  compileBlock(state, node.body);
  code.loopTo(start, state.line);
  code.placeListHere(exits);
  placeLabel(state, node.breakLabel);
}

function compileRepeat(state: FunctionState, node: RepeatStatement): void {
  const { code } = state;
  const { level } = state;
  const start = code.here();
  compileStatements(state, node.body);
  const condition = compileExpression(state, node.condition);
  goIfFalse(state, condition);
  const needsClose = state.needsClose(level);
  if (needsClose) emitClose(state, level);
  code.loopTo(start, state.line);
  code.placeListHere(condition.whenTrue);
  if (needsClose) emitClose(state, level);
  state.deactivate(level);
  placeLabel(state, node.breakLabel);
}

function compileIf(state: FunctionState, { clauses, otherwise }: IfStatement): void {
  const { code } = state;
  let ends = NO_JUMP;
  clauses.forEach((clause, index) => {
    const isLast = index === clauses.length - 1 && otherwise === undefined;
    const next = compileClause(state, clause);
    if (!isLast && !endsInJump(clause.body)) ends = code.joinLists(state.jump(), ends);
    code.placeListHere(next);
  });
  if (otherwise !== undefined) compileBlock(state, otherwise);
  code.placeListHere(ends);
}

/** One condition and its block; returns the jumps taken if the condition fails. */
function compileClause(state: FunctionState, { condition, body }: IfClause): number {
  const e = compileExpression(state, condition);
  state.moveTo(body);
  const [only] = body.statements;
  if (body.statements.length === 1 && only!.kind === 'goto' && !isTrue(e) && isDirectForwardJump(state, only!.target!)) {
    // `if c then break end`: the condition itself jumps.
    state.moveTo(only!);
    goIfFalse(state, e);
    addJumps(state, only!.target!, e.whenTrue);
    return e.whenFalse;
  }
  goIfTrue(state, e);
  compileBlock(state, body);
  return e.whenFalse;
}

const isTrue = (e: ExpressionDescriptor): boolean => e.isConstant && e.value !== null && e.value !== false;

/** Whether control never reaches the end of a block. */
function endsInJump({ statements }: Block): boolean {
  const last = statements.at(-1);
  return last !== undefined && (last.kind === 'goto' || last.kind === 'return');
}

// ---- For

function compileNumericFor(state: FunctionState, node: NumericForStatement): void {
  const { code } = state;
  const { level } = state;
  const base = state.freeRegister;
  compileToNextRegister(state, node.start);
  compileToNextRegister(state, node.limit);
  if (node.step === undefined) {
    state.emitWide(Op.LOADI, state.freeRegister, 1);
    state.reserve(1);
  } else {
    compileToNextRegister(state, node.step);
  }
  state.activateAll(node.hidden);
  state.moveTo(node.body);
  const prepare = state.emitWide(Op.FORPREP, base, 0);
  code.here();
  compileForBody(state, [node.variable], node.body);
  code.here();
  code.setTarget(emitAtLine(state, Op.FORLOOP, base, node.line), prepare + 1);
  code.setTarget(prepare, code.here());
  endScope(state, level);
  placeLabel(state, node.breakLabel);
}

function compileGenericFor(state: FunctionState, node: GenericForStatement): void {
  const { code } = state;
  const { level } = state;
  const base = state.freeRegister;
  const last = compileList(state, node.values);
  adjustList(state, GENERIC_FOR_VALUES, node.values.length, last);
  state.activateAll(node.hidden);
  state.checkStack(ITERATOR_CALL_SPACE);
  state.moveTo(node.body);
  const prepare = state.emitWide(Op.TFORPREP, base, 0);
  const start = code.here();
  compileForBody(state, node.variables, node.body);
  code.setTarget(prepare, code.here());
  code.fixLine(state.emit(Op.TFORCALL, base, node.variables.length), node.callLine);
  code.setTarget(emitAtLine(state, Op.TFORLOOP, base, node.callLine), start);
  // Breaks come here too, so that the closing value is closed either way.
  placeLabel(state, node.breakLabel);
  state.line = node.endLine;
  endScope(state, level);
}

function emitAtLine(state: FunctionState, op: number, base: number, line: number): number {
  const at = state.emitWide(op, base, 0);
  state.code.fixLine(at, line);
  return at;
}

/** The visible variables and the statements of a for. */
function compileForBody(state: FunctionState, variables: readonly Variable[], body: Block): void {
  const { level } = state;
  state.reserve(variables.length);
  state.activateAll(variables);
  compileStatements(state, body);
  endScope(state, level);
}

// ---- Jumps

/** Whether a goto of the target, from here, is nothing but a forward jump. */
function isDirectForwardJump(state: FunctionState, target: LabelTarget): boolean {
  return target.pc === NO_POSITION && (target.closes || !state.needsClose(target.level));
}

function addJumps(state: FunctionState, target: LabelTarget, list: number): void {
  target.pendingJumps = state.code.joinLists(list, target.pendingJumps);
}

function compileGoto(state: FunctionState, node: GotoStatement): void {
  state.moveTo(node);
  const target = node.target!;
  if (!target.closes && state.needsClose(target.level)) emitClose(state, target.level);
  if (target.pc === NO_POSITION) addJumps(state, target, state.jump());
  else state.code.loopTo(target.pc, state.line);
}

function placeLabel(state: FunctionState, label: LabelTarget): void {
  label.pc = state.code.here();
  state.code.placeListHere(label.pendingJumps);
  label.pendingJumps = NO_JUMP;
}

function compileReturn(state: FunctionState, node: ReturnStatement): void {
  let first = state.registerLevel(state.level);
  let count = node.values.length;
  const last = compileList(state, node.values);
  state.moveTo(node);
  if (last.isMultiple) {
    if (last.kind === E_CALL && count === 1 && !state.isInsideToBeClosed) {
      emitTailCall(state, last);
      return;
    }
    setResults(state, last, MULTIPLE);
    count = MULTIPLE;
  } else if (count === 1) {
    first = toAnyRegister(state, last);
  } else if (count > 1) {
    toNextRegister(state, last);
  }
  emitReturn(state, first, count);
}

function emitTailCall(state: FunctionState, call: ExpressionDescriptor): void {
  const { code } = state;
  const { operand, k } = leaveOperands(state);
  const base = code.a(call.info);
  code.setOp(call.info, Op.TAILCALL);
  code.setC(call.info, operand);
  code.setK(call.info, k);
  state.emit(Op.RETURN, base, MULTIPLE + 1, operand, k);
}

/** C and k of the instructions that leave the function. */
function leaveOperands(state: FunctionState): { readonly operand: number; readonly k: number } {
  const { isVararg, parameters } = state.body;
  return { operand: isVararg ? parameters.length + 1 : 0, k: state.needsClose(0) ? 1 : 0 };
}

/** Return of `count` values from register `first` on; without values the register is 0, so that it exists. */
export function emitReturn(state: FunctionState, first: number, count: number): void {
  const { operand, k } = leaveOperands(state);
  if (operand === 0 && k === 0 && count === 0) state.emit(Op.RETURN0, 0);
  else if (operand === 0 && k === 0 && count === 1) state.emit(Op.RETURN1, first);
  else state.emit(Op.RETURN, count === 0 ? 0 : first, count + 1, operand, k);
}
