/**
 * Expressions: tokens to tree, by operator precedence. Names are resolved and constants folded as they are read (see scope.ts for why).
 * Every recursion goes through enterLevel, so no source can exhaust the host's stack.
 */
import type {
  ConstantExpression, ConstantValue, Expression, FunctionBody, FunctionExpression, Position, TableField,
} from './ast.ts';
import { foldBinary, foldUnary } from './constant-folding.ts';
import type { Lexer } from './lexer.ts';
import { MAX_NESTING } from './limits.ts';
import { binaryOperatorOf, LEFT_PRIORITY, NO_OPERATOR, RIGHT_PRIORITY, UNARY_PRIORITY, unaryOperatorOf } from './operators.ts';
import { ENVIRONMENT_NAME, type FunctionScope, type Resolution } from './scope.ts';
import { LuaSyntaxError, SYNTAX_MESSAGES } from './syntax-error.ts';
import {
  CH_CLOSE_BRACE, CH_CLOSE_BRACKET, CH_CLOSE_PAREN, CH_COLON, CH_COMMA, CH_DOT, CH_EQUALS, CH_OPEN_BRACE, CH_OPEN_BRACKET,
  CH_OPEN_PAREN, CH_SEMICOLON, describeTokenKind, T_DOTS, T_FALSE, T_FLOAT, T_FUNCTION, T_INTEGER, T_NAME, T_NIL, T_STRING, T_TRUE,
} from './tokens.ts';

export abstract class ExpressionParser {
  protected readonly lexer: Lexer;
  protected scope: FunctionScope;
  private level = 0;

  constructor(lexer: Lexer, scope: FunctionScope) {
    this.lexer = lexer;
    this.scope = scope;
  }

  /** Parameters, statements and `end` of a function whose `function` stood on `line`. */
  protected abstract parseFunctionBody(isMethod: boolean, line: number): FunctionBody;

  // ---- Nesting

  protected enterLevel(): void {
    if (++this.level > MAX_NESTING) throw new LuaSyntaxError('nesting', SYNTAX_MESSAGES.nesting);
  }

  protected leaveLevels(count = 1): void {
    this.level -= count;
  }

  // ---- Tokens

  protected isAt(kind: number): boolean {
    return this.lexer.token === kind;
  }

  /** Moves past the token if it is of this kind. */
  protected skipIf(kind: number): boolean {
    if (this.lexer.token !== kind) return false;
    this.lexer.advance();
    return true;
  }

  protected check(kind: number): void {
    if (this.lexer.token !== kind) this.lexer.failAtToken('expected', describeTokenKind(kind));
  }

  protected skip(kind: number): void {
    this.check(kind);
    this.lexer.advance();
  }

  /** Moves past the token that closes what `open` opened on `line`. */
  protected skipClosing(kind: number, open: number, line: number): void {
    const { lexer } = this;
    if (lexer.token === kind) lexer.advance();
    else if (line === lexer.line) lexer.failAtToken('expected', describeTokenKind(kind));
    else lexer.failAtToken('expectedToClose', describeTokenKind(kind), describeTokenKind(open), line);
  }

  protected takeName(): string {
    this.check(T_NAME);
    const name = this.lexer.value as string;
    this.lexer.advance();
    return name;
  }

  // ---- Leaves

  private makeConstant(value: ConstantValue, constantName?: string): ConstantExpression {
    const { lastLine: line, lastEnd: end } = this.lexer;
    return { kind: 'constant', value, constantName, line, end };
  }

  /** The current token as a constant; moves past it. */
  private takeConstant(value: ConstantValue): ConstantExpression {
    this.lexer.advance();
    return this.makeConstant(value);
  }

  /** Expression a name stands for: a constant, a variable, or a field of _ENV. */
  protected parseVariable(): Expression {
    const name = this.takeName();
    const found = this.scope.resolve(name);
    if (found !== undefined) return this.makeReference(found);
    const object = this.makeReference(this.scope.resolve(ENVIRONMENT_NAME)!);
    const { lastLine: line, lastEnd: end } = this.lexer;
    return { kind: 'index', object, key: this.makeConstant(name), line, end };
  }

  private makeReference(found: Resolution): Expression {
    const { lastLine: line, lastEnd: end } = this.lexer;
    if ('upvalue' in found) return { kind: 'upvalue', upvalue: found.upvalue, index: found.index, line, end };
    const { variable } = found;
    if (variable.constant !== undefined) return this.makeConstant(variable.constant, variable.name);
    return { kind: 'local', variable, line, end };
  }

  // ---- Expressions

  parseExpression(): Expression {
    return this.parseOperators(0);
  }

  protected parseExpressionList(): Expression[] {
    const expressions: Expression[] = [];
    for (;;) {
      const expression = this.parseExpression();
      if (!this.isAt(CH_COMMA)) {
        expressions.push(expression);
        return expressions;
      }
      expressions.push(this.skipSeparator(expression));
    }
  }

  /**
   * Moves past the separator behind a list item that is not the last. The item's code may belong to the line of the separator; if that is
   * another line, the item gets parentheses that end there (which change nothing else: only a last item can have several values).
   */
  private skipSeparator(item: Expression): Expression {
    const { lexer } = this;
    const itemLine = lexer.lastLine;
    lexer.advance();
    if (lexer.lastLine === itemLine) return item;
    return { kind: 'paren', inner: item, line: lexer.lastLine, end: lexer.lastEnd };
  }

  /** Reads operators of a higher left priority than `limit`. */
  private parseOperators(limit: number): Expression {
    const { lexer } = this;
    this.enterLevel();
    let left: Expression;
    const unary = unaryOperatorOf(lexer.token);
    if (unary !== NO_OPERATOR) {
      const operatorLine = lexer.line;
      lexer.advance();
      left = foldUnary({ kind: 'unary', operator: unary, operand: this.parseOperators(UNARY_PRIORITY), operatorLine });
    } else {
      left = this.parseSimple();
    }
    for (;;) {
      const operator = binaryOperatorOf(lexer.token);
      if (operator === NO_OPERATOR || LEFT_PRIORITY[operator]! <= limit) break;
      const operatorLine = lexer.line;
      lexer.advance();
      const operatorEnd = lexer.lastEnd;
      const right = this.parseOperators(RIGHT_PRIORITY[operator]!);
      left = foldBinary({ kind: 'binary', operator, left, right, operatorLine, operatorEnd });
    }
    this.leaveLevels();
    return left;
  }

  private parseSimple(): Expression {
    const { lexer } = this;
    switch (lexer.token) {
      case T_INTEGER:
      case T_FLOAT:
      case T_STRING:
        return this.takeConstant(lexer.value as ConstantValue);
      case T_NIL:
        return this.takeConstant(null);
      case T_TRUE:
        return this.takeConstant(true);
      case T_FALSE:
        return this.takeConstant(false);
      case T_DOTS: {
        if (!this.scope.isVararg) lexer.failAtToken('varargOutside');
        const { lastLine: lineBefore } = lexer;
        lexer.advance();
        return { kind: 'vararg', lineBefore, line: lexer.lastLine, end: lexer.lastEnd };
      }
      case CH_OPEN_BRACE:
        return this.parseTable();
      case T_FUNCTION: {
        lexer.advance();
        return this.parseFunction(false, lexer.line);
      }
      default:
        return this.parseSuffixed();
    }
  }

  protected parseFunction(isMethod: boolean, line: number): FunctionExpression {
    const body = this.parseFunctionBody(isMethod, line);
    return { kind: 'function', body, line: this.lexer.lastLine, end: this.lexer.lastEnd };
  }

  private parsePrimary(): Expression {
    const { lexer } = this;
    if (lexer.token === T_NAME) return this.parseVariable();
    if (lexer.token !== CH_OPEN_PAREN) lexer.failAtToken('unexpectedSymbol');
    const openLine = lexer.line;
    lexer.advance();
    const inner = this.parseExpression();
    this.skipClosing(CH_CLOSE_PAREN, CH_OPEN_PAREN, openLine);
    if (inner.kind === 'constant') return this.makeConstant(inner.value);
    return { kind: 'paren', inner, line: lexer.lastLine, end: lexer.lastEnd };
  }

  /** A name or parenthesis with its fields, indices and calls. */
  protected parseSuffixed(): Expression {
    const { lexer } = this;
    let expression = this.parsePrimary();
    for (;;) {
      switch (lexer.token) {
        case CH_DOT:
          expression = this.parseField(expression);
          break;
        case CH_OPEN_BRACKET: {
          const key = this.parseBracketKey();
          expression = { kind: 'index', object: expression, key, line: lexer.lastLine, end: lexer.lastEnd };
          break;
        }
        case CH_COLON: {
          lexer.advance();
          const name = this.parseKeyName();
          const callLine = lexer.line;
          const callArguments = this.parseArguments();
          const { lastLine: line, lastEnd: end } = lexer;
          expression = { kind: 'method', object: expression, name, arguments: callArguments, callLine, line, end };
          break;
        }
        case CH_OPEN_PAREN:
        case T_STRING:
        case CH_OPEN_BRACE: {
          const callLine = lexer.line;
          const callArguments = this.parseArguments();
          const { lastLine: line, lastEnd: end } = lexer;
          expression = { kind: 'call', callee: expression, arguments: callArguments, callLine, line, end };
          break;
        }
        default:
          return expression;
      }
    }
  }

  private parseKeyName(): ConstantExpression {
    return this.makeConstant(this.takeName());
  }

  /** `.name` behind an object. */
  protected parseField(object: Expression): Expression & { kind: 'index' } {
    this.lexer.advance();
    const key = this.parseKeyName();
    return { kind: 'index', object, key, line: this.lexer.lastLine, end: this.lexer.lastEnd };
  }

  private parseBracketKey(): Expression {
    this.lexer.advance();
    const key = this.parseExpression();
    this.skip(CH_CLOSE_BRACKET);
    return key;
  }

  private parseArguments(): Expression[] {
    const { lexer } = this;
    switch (lexer.token) {
      case T_STRING:
        return [this.takeConstant(lexer.value as string)];
      case CH_OPEN_BRACE:
        return [this.parseTable()];
      case CH_OPEN_PAREN: {
        const openLine = lexer.line;
        lexer.advance();
        const callArguments = this.isAt(CH_CLOSE_PAREN) ? [] : this.parseExpressionList();
        this.skipClosing(CH_CLOSE_PAREN, CH_OPEN_PAREN, openLine);
        return callArguments;
      }
      default:
        return lexer.failAtToken('functionArgumentsExpected');
    }
  }

  // ---- Table constructors

  private parseTable(): Expression {
    const { lexer } = this;
    const openLine = lexer.line;
    const fields: TableField[] = [];
    const start: Position = { line: lexer.lastLine, end: lexer.lastEnd };
    this.skip(CH_OPEN_BRACE);
    while (lexer.token !== CH_CLOSE_BRACE) {
      const { key, value } = this.parseTableField();
      const hasSeparator = this.isAt(CH_COMMA) || this.isAt(CH_SEMICOLON);
      const separated = hasSeparator ? this.skipSeparator(value) : value;
      fields.push({ key, value: this.isAt(CH_CLOSE_BRACE) ? value : separated });
      if (!hasSeparator) break;
    }
    this.skipClosing(CH_CLOSE_BRACE, CH_OPEN_BRACE, openLine);
    return { kind: 'table', start, fields, line: lexer.lastLine, end: lexer.lastEnd };
  }

  private parseTableField(): TableField {
    const { lexer } = this;
    if (lexer.token === CH_OPEN_BRACKET || (lexer.token === T_NAME && lexer.peek() === CH_EQUALS)) {
      const key = lexer.token === T_NAME ? this.parseKeyName() : this.parseBracketKey();
      this.skip(CH_EQUALS);
      return { key, value: this.parseExpression() };
    }
    return { key: undefined, value: this.parseExpression() };
  }
}
