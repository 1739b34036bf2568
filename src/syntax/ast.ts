/**
 * The syntax tree. Names are already resolved and constants folded (scope.ts, constant-folding.ts do both while parsing), so the tree
 * says for each name what it is, and each variable knows whether a closure captures it before any code is made.
 *
 * Positions: `line` and `end` of a node are where the parser stood when the node was complete: the line of its last token and the
 * offset behind it. They become line numbers of instructions and, in limit errors, the token to name. Operators, calls and statements
 * that report errors at another token have a line of their own.
 *
 * Trees lean left without bound (`a + b + c...`, `f()()()...`), so their walkers iterate there; other nesting is bounded by MAX_NESTING.
 */
import type { BinaryOperator, UnaryOperator } from './operators.ts';
import type { LabelTarget, UpvalueEntry, Variable } from './scope.ts';

/** nil is null, strings have one char per byte. */
export type ConstantValue = null | boolean | bigint | number | string;

export interface Position {
  readonly line: number;
  readonly end: number;
}

export interface ConstantExpression extends Position {
  readonly kind: 'constant';
  readonly value: ConstantValue;
  /** Name of the `<const>` variable that was replaced, if it was one: it cannot be assigned to. */
  readonly constantName: string | undefined;
}
export interface VarargExpression extends Position {
  readonly kind: 'vararg';
  /** Line of the token before it. */
  readonly lineBefore: number;
}
export interface FunctionExpression extends Position {
  readonly kind: 'function';
  readonly body: FunctionBody;
}
export interface LocalExpression extends Position {
  readonly kind: 'local';
  readonly variable: Variable;
}
export interface UpvalueExpression extends Position {
  readonly kind: 'upvalue';
  readonly upvalue: UpvalueEntry;
  /** Index of the upvalue in the function. */
  readonly index: number;
}
/** `object.key`, `object[key]`, and global names (object is _ENV). */
export interface IndexExpression extends Position {
  readonly kind: 'index';
  readonly object: Expression;
  readonly key: Expression;
}
export interface CallExpression extends Position {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Expression[];
  /** Line of the opening parenthesis: where errors of the call are reported. */
  readonly callLine: number;
}
export interface MethodCallExpression extends Position {
  readonly kind: 'method';
  readonly object: Expression;
  readonly name: ConstantExpression;
  readonly arguments: readonly Expression[];
  readonly callLine: number;
}
export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly operatorLine: number;
}
export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly operatorLine: number;
  readonly operatorEnd: number;
}
/** A parenthesised expression: one value, not assignable. */
export interface ParenthesizedExpression extends Position {
  readonly kind: 'paren';
  readonly inner: Expression;
}
export interface TableExpression extends Position {
  readonly kind: 'table';
  /** Position of the token before the brace, where the table is made. */
  readonly start: Position;
  readonly fields: readonly TableField[];
}
/** `key = value`, or a list item if there is no key. */
export interface TableField {
  readonly key: Expression | undefined;
  readonly value: Expression;
}

export type Expression =
  | ConstantExpression | VarargExpression | FunctionExpression | LocalExpression | UpvalueExpression | IndexExpression
  | CallExpression | MethodCallExpression | UnaryExpression | BinaryExpression | ParenthesizedExpression | TableExpression;

/** Expressions that can stand left of `=`. */
export type AssignableExpression = LocalExpression | UpvalueExpression | IndexExpression;

export interface LocalStatement extends Position {
  readonly kind: 'local';
  /** All variables in order, compile-time constants included (they come last and have a `constant`). */
  readonly variables: readonly Variable[];
  readonly values: readonly Expression[];
}
export interface LocalFunctionStatement {
  readonly kind: 'localFunction';
  readonly variable: Variable;
  readonly value: FunctionExpression;
}
export interface FunctionStatement {
  readonly kind: 'function';
  readonly target: AssignableExpression;
  readonly value: FunctionExpression;
  /** Line of the word `function`. */
  readonly line: number;
}
export interface AssignStatement {
  readonly kind: 'assign';
  readonly targets: readonly AssignableExpression[];
  readonly values: readonly Expression[];
}
export interface CallStatement {
  readonly kind: 'call';
  readonly call: CallExpression | MethodCallExpression;
}
export interface DoStatement {
  readonly kind: 'do';
  readonly body: Block;
}
export interface WhileStatement {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: Block;
  readonly breakLabel: LabelTarget;
}
export interface RepeatStatement {
  readonly kind: 'repeat';
  readonly body: Block;
  /** Sees the locals of the body. */
  readonly condition: Expression;
  readonly breakLabel: LabelTarget;
}
export interface IfClause {
  readonly condition: Expression;
  readonly body: Block;
}
export interface IfStatement {
  readonly kind: 'if';
  readonly clauses: readonly IfClause[];
  readonly otherwise: Block | undefined;
}
export interface NumericForStatement {
  readonly kind: 'numericFor';
  /** The three hidden variables of the loop. */
  readonly hidden: readonly Variable[];
  readonly variable: Variable;
  readonly start: Expression;
  readonly limit: Expression;
  readonly step: Expression | undefined;
  readonly body: Block;
  /** Line of the word `for`. */
  readonly line: number;
  readonly breakLabel: LabelTarget;
}
export interface GenericForStatement {
  readonly kind: 'genericFor';
  /** The four hidden variables of the loop. */
  readonly hidden: readonly Variable[];
  readonly variables: readonly Variable[];
  readonly values: readonly Expression[];
  readonly body: Block;
  /** Line of the token behind `in`: where errors of the iterator's call are reported. */
  readonly callLine: number;
  /** Line of its `end`, where the closing value is closed. */
  readonly endLine: number;
  readonly breakLabel: LabelTarget;
}
export interface ReturnStatement extends Position {
  readonly kind: 'return';
  readonly values: readonly Expression[];
}
/** `goto` and `break`. */
export interface GotoStatement extends Position {
  readonly kind: 'goto';
  /** Filled in when the label is found, at the latest at the end of the function. */
  target: LabelTarget | undefined;
}
export interface LabelStatement {
  readonly kind: 'label';
  readonly label: LabelTarget;
}

export type Statement =
  | LocalStatement | LocalFunctionStatement | FunctionStatement | AssignStatement | CallStatement | DoStatement | WhileStatement
  | RepeatStatement | IfStatement | NumericForStatement | GenericForStatement | ReturnStatement | GotoStatement | LabelStatement;

/** Statements with a scope of their own; the position is that of the token before the first one (`do`, `then`, ...). */
export interface Block extends Position {
  readonly statements: readonly Statement[];
}

export interface FunctionBody {
  /** `self` included. */
  readonly parameters: readonly Variable[];
  readonly isVararg: boolean;
  /** Line of the `...` in the parameter list. */
  readonly varargLine: number;
  readonly block: Block;
  readonly upvalues: readonly UpvalueEntry[];
  readonly lineDefined: number;
  readonly lastLineDefined: number;
  /** Line and offset behind the closing `end`. */
  readonly end: Position;
}
