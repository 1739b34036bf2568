/**
 * Expression trees to code. Operators and suffixes lean left without bound, so `compileExpression` walks down that side in a loop and comes
 * back up step by step; recursion only goes to right operands, arguments and nested functions, whose depth the parser bounds.
 */
import { Op } from '../bytecode/opcode-table.ts';
import type {
  BinaryExpression, CallExpression, ConstantExpression, Expression, IndexExpression, MethodCallExpression, TableExpression,
  TableField, UnaryExpression,
} from './ast.ts';
import { beginBinary, compileUnary, endBinary } from './compile-operator.ts';
import {
  dischargeVariables, E_CALL, E_CONSTANT, E_LOCAL, E_REGISTER, E_RELOCATABLE, E_UPVALUE, E_VARARG, E_VOID, ExpressionDescriptor,
  indexBy, loadMethod, MULTIPLE, setResults, storeInto, toNextRegister, toRegisterOrUpvalue, toValue,
} from './expression-descriptor.ts';
import type { FunctionState } from './function-state.ts';
import { FIELDS_PER_FLUSH } from './limits.ts';

const MAX_TABLE_HINT = 0xffff;

/** An expression that has its first operand on the left. */
type LeftNested = BinaryExpression | IndexExpression | CallExpression | MethodCallExpression;

/** Code up to the descriptor of the expression's value. */
export function compileExpression(state: FunctionState, node: Expression): ExpressionDescriptor {
  const outside: LeftNested[] = [];
  for (;;) {
    switch (node.kind) {
      case 'binary':
        outside.push(node);
        node = node.left;
        continue;
      case 'index':
      case 'method':
        outside.push(node);
        node = node.object;
        continue;
      case 'call':
        outside.push(node);
        node = node.callee;
        continue;
    }
    break;
  }
  let e = compileInnermost(state, node);
  for (let index = outside.length - 1; index >= 0; index--) e = compileOutside(state, outside[index]!, e);
  return e;
}

function compileOutside(state: FunctionState, node: LeftNested, first: ExpressionDescriptor): ExpressionDescriptor {
  switch (node.kind) {
    case 'binary':
      return compileBinary(state, node, first);
    case 'index':
      compileIndex(state, node, first);
      return first;
    case 'call':
      toNextRegister(state, first);
      return compileCall(state, node, first.info);
    case 'method':
      state.moveTo(node.name);
      loadMethod(state, first, constantDescriptor(node.name));
      return compileCall(state, node, first.info);
  }
}

function compileInnermost(state: FunctionState, node: Exclude<Expression, LeftNested>): ExpressionDescriptor {
  switch (node.kind) {
    case 'unary':
      return compileUnaryNode(state, node);
    case 'paren': {
      const e = compileExpression(state, node.inner);
      state.moveTo(node);
      dischargeVariables(state, e);
      return e;
    }
    case 'table':
      return compileTable(state, node);
  }
  if (node.kind !== 'function') state.moveTo(node);
  switch (node.kind) {
    case 'constant':
      return constantDescriptor(node);
    case 'local':
      return new ExpressionDescriptor(E_LOCAL, node.variable.register);
    case 'upvalue':
      return new ExpressionDescriptor(E_UPVALUE, node.index);
    case 'vararg': {
      const e = new ExpressionDescriptor(E_VARARG, state.emit(Op.VARARG, 0, 0, 1));
      state.code.fixLine(e.info, node.lineBefore);
      return e;
    }
    case 'function': {
      const index = state.addFunction(node.body);
      state.moveTo(node);
      const e = new ExpressionDescriptor(E_RELOCATABLE, state.emitWide(Op.CLOSURE, 0, index));
      toNextRegister(state, e);
      return e;
    }
  }
}

const constantDescriptor = ({ value }: ConstantExpression): ExpressionDescriptor => new ExpressionDescriptor(E_CONSTANT, 0, value);

function compileUnaryNode(state: FunctionState, node: UnaryExpression): ExpressionDescriptor {
  const e = compileExpression(state, node.operand);
  compileUnary(state, node.operator, e, node.operatorLine);
  return e;
}

function compileBinary(state: FunctionState, node: BinaryExpression, left: ExpressionDescriptor): ExpressionDescriptor {
  state.moveTo({ line: node.operatorLine, end: node.operatorEnd });
  beginBinary(state, node.operator, left);
  const right = compileExpression(state, node.right);
  return endBinary(state, node.operator, left, right, node.operatorLine);
}

/** Makes `object` the field that `node` names; the field itself is not read yet. */
function compileIndex(state: FunctionState, node: IndexExpression, object: ExpressionDescriptor): void {
  toRegisterOrUpvalue(state, object);
  const key = compileExpression(state, node.key);
  state.moveTo(node);
  toValue(state, key);
  indexBy(state, object, key);
}

/** A value with one result in a register of its own, for list items and arguments. */
export function compileToNextRegister(state: FunctionState, node: Expression): void {
  toNextRegister(state, compileExpression(state, node));
}

/** A list item that a comma follows. */
export function compileItem(state: FunctionState, node: Expression): void {
  const e = compileExpression(state, node);
  state.passSeparator();
  toNextRegister(state, e);
}

/** Compiles a list into consecutive registers, except for its last expression, which is returned as it is. */
export function compileList(state: FunctionState, nodes: readonly Expression[]): ExpressionDescriptor {
  if (nodes.length === 0) return new ExpressionDescriptor(E_VOID, 0);
  for (let index = 0; index < nodes.length - 1; index++) compileItem(state, nodes[index]!);
  return compileExpression(state, nodes.at(-1)!);
}

/** A call of the function in `base`, with the arguments above it (a method's object is there already). */
function compileCall(state: FunctionState, node: CallExpression | MethodCallExpression, base: number): ExpressionDescriptor {
  const last = compileList(state, node.arguments);
  let count: number;
  if (last.isMultiple) {
    setResults(state, last, MULTIPLE);
    count = MULTIPLE;
  } else {
    state.moveTo(node);
    if (last.kind !== E_VOID) toNextRegister(state, last);
    count = state.freeRegister - base - 1;
  }
  state.moveTo(node);
  const e = new ExpressionDescriptor(E_CALL, state.emit(Op.CALL, base, count + 1, 2));
  state.code.fixLine(e.info, node.callLine);
  // The call takes function and arguments away and leaves one result, unless told otherwise later.
  state.freeRegister = base + 1;
  return e;
}

// ---- Table constructors

function compileTable(state: FunctionState, node: TableExpression): ExpressionDescriptor {
  const { fields } = node;
  state.moveTo(node.start);
  const table = state.freeRegister;
  const create = state.emit(Op.NEWTABLE, table);
  state.reserve(1);
  let recordCount = 0;
  let stored = 0;
  let pending = 0;
  let item: ExpressionDescriptor | undefined;
  const storeItems = (count: number): void => {
    state.code.setData(state.emit(Op.SETLIST, table, count + 1), stored);
    state.freeRegister = table + 1;
  };
  for (const field of fields) {
    // An item stays undischarged until the next field, because the last one may have several values.
    if (item !== undefined) {
      state.passSeparator();
      toNextRegister(state, item);
      item = undefined;
      if (pending === FIELDS_PER_FLUSH) {
        storeItems(pending);
        stored += pending;
        pending = 0;
      }
    }
    if (field.key === undefined) {
      item = compileExpression(state, field.value);
      pending++;
    } else {
      compileRecordField(state, table, field.key, field);
      recordCount++;
    }
  }
  state.moveTo(node);
  if (item?.isMultiple) {
    setResults(state, item, MULTIPLE);
    storeItems(MULTIPLE);
    stored--;
  } else if (pending > 0) {
    if (item !== undefined) toNextRegister(state, item);
    storeItems(pending);
  }
  stored += pending;
  state.code.setB(create, Math.min(recordCount, MAX_TABLE_HINT));
  state.code.setC(create, Math.min(stored, MAX_TABLE_HINT));
  return new ExpressionDescriptor(E_REGISTER, table);
}

function compileRecordField(state: FunctionState, table: number, key: Expression, { value }: TableField): void {
  const freeRegister = state.freeRegister;
  const target = new ExpressionDescriptor(E_REGISTER, table);
  const keyDescriptor = compileExpression(state, key);
  toValue(state, keyDescriptor);
  indexBy(state, target, keyDescriptor);
  storeInto(state, target, compileExpression(state, value));
  state.freeRegister = freeRegister;
}
