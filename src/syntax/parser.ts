/** Statements, blocks and functions: tokens to tree. Expressions are in expression-parser.ts. */
import type {
  AssignableExpression, Block, Expression, FunctionBody, GotoStatement, IfClause, LocalStatement, Position, Statement,
} from './ast.ts';
import { ExpressionParser } from './expression-parser.ts';
import { Lexer, type SourceReader } from './lexer.ts';
import {
  ENVIRONMENT_NAME, FunctionScope, KIND_CONST, KIND_REGULAR, KIND_TO_BE_CLOSED, NO_POSITION, type Variable, type VariableKind,
} from './scope.ts';
import {
  CH_CLOSE_PAREN, CH_COLON, CH_COMMA, CH_DOT, CH_EQUALS, CH_GREATER, CH_LESS, CH_OPEN_PAREN, CH_SEMICOLON, T_BREAK, T_DO, T_DOTS,
  T_DOUBLE_COLON, T_ELSE, T_ELSEIF, T_END, T_EOF, T_FOR, T_FUNCTION, T_GOTO, T_IF, T_IN, T_LOCAL, T_NAME, T_REPEAT, T_RETURN, T_THEN,
  T_UNTIL, T_WHILE,
} from './tokens.ts';

const HIDDEN_VARIABLE = '(for state)';
const NUMERIC_HIDDEN = 3;
const GENERIC_HIDDEN = 4;

export interface ParsedChunk {
  readonly body: FunctionBody;
  /** All of the source. */
  readonly source: Uint8Array;
}

/** The tree of a chunk. Throws LuaSyntaxError, and what the reader throws; a reader is not called again once the text cannot be valid. */
export function parseChunk(source: Uint8Array | SourceReader, chunkName: string): ParsedChunk {
  const lexer = new Lexer(source, chunkName);
  const scope = new FunctionScope(lexer, undefined, 0);
  scope.isVararg = true;
  scope.upvalues.push({ name: ENVIRONMENT_NAME, variable: undefined, outerIndex: NO_POSITION, kind: KIND_REGULAR });
  const body = new Parser(lexer, scope).parseMain();
  return { body, source: lexer.bytes };
}

class Parser extends ExpressionParser {
  parseMain(): FunctionBody {
    const { lexer, scope } = this;
    scope.enterBlock(false);
    lexer.advance();
    const block = this.parseStatements();
    this.check(T_EOF);
    scope.leaveBlock();
    return {
      parameters: [], isVararg: true, varargLine: 1, block, upvalues: scope.upvalues, lineDefined: 0, lastLineDefined: 0,
      end: this.lastPosition(),
    };
  }

  private lastPosition(): Position {
    return { line: this.lexer.lastLine, end: this.lexer.lastEnd };
  }

  // ---- Functions

  protected parseFunctionBody(isMethod: boolean, lineDefined: number): FunctionBody {
    const { lexer } = this;
    const outer = this.scope;
    const scope = new FunctionScope(lexer, outer, lineDefined);
    this.scope = scope;
    scope.enterBlock(false);
    this.skip(CH_OPEN_PAREN);
    const parameters: Variable[] = [];
    if (isMethod) parameters.push(scope.declare('self'));
    scope.activate();
    const varargLine = this.parseParameters(parameters);
    this.skip(CH_CLOSE_PAREN);
    const block = this.parseStatements();
    const lastLineDefined = lexer.line;
    this.skipClosing(T_END, T_FUNCTION, lineDefined);
    scope.leaveBlock();
    this.scope = outer;
    return {
      parameters, isVararg: scope.isVararg, varargLine, block, upvalues: scope.upvalues, lineDefined, lastLineDefined,
      end: this.lastPosition(),
    };
  }

  /** Parameter names up to the closing parenthesis; returns the line of `...`. */
  private parseParameters(parameters: Variable[]): number {
    const { lexer, scope } = this;
    let varargLine = 0;
    if (lexer.token !== CH_CLOSE_PAREN) {
      do {
        if (lexer.token === T_DOTS) {
          lexer.advance();
          scope.isVararg = true;
          varargLine = lexer.lastLine;
        } else if (lexer.token === T_NAME) {
          parameters.push(scope.declare(this.takeName()));
        } else {
          lexer.failAtToken('parameterExpected');
        }
      } while (!scope.isVararg && this.skipIf(CH_COMMA));
    }
    scope.activate();
    return varargLine;
  }

  // ---- Blocks

  /** Whether the current token ends a block; `until` does so only in its own statement list. */
  private endsBlock(withUntil: boolean): boolean {
    switch (this.lexer.token) {
      case T_ELSE:
      case T_ELSEIF:
      case T_END:
      case T_EOF:
        return true;
      case T_UNTIL:
        return withUntil;
      default:
        return false;
    }
  }

  /** Statements up to the end of the block, in the scope of the caller. */
  private parseStatements(): Block {
    const { lastLine: line, lastEnd: end } = this.lexer;
    const statements: Statement[] = [];
    while (!this.endsBlock(true)) {
      const isReturn = this.lexer.token === T_RETURN;
      this.parseStatement(statements);
      if (isReturn) break;
    }
    return { statements, line, end };
  }

  private parseBlock(isLoop = false): Block {
    this.scope.enterBlock(isLoop);
    const block = this.parseStatements();
    this.scope.leaveBlock();
    return block;
  }

  /** Reads one statement and appends it; void statements append nothing. */
  private parseStatement(statements: Statement[]): void {
    const { lexer } = this;
    const line = lexer.line;
    this.enterLevel();
    switch (lexer.token) {
      case CH_SEMICOLON:
        lexer.advance();
        break;
      case T_IF:
        statements.push(this.parseIf(line));
        break;
      case T_WHILE:
        statements.push(this.parseWhile(line));
        break;
      case T_DO:
        lexer.advance();
        statements.push({ kind: 'do', body: this.parseBlock() });
        this.skipClosing(T_END, T_DO, line);
        break;
      case T_FOR:
        statements.push(this.parseFor(line));
        break;
      case T_REPEAT:
        statements.push(this.parseRepeat(line));
        break;
      case T_FUNCTION:
        statements.push(this.parseFunctionStatement(line));
        break;
      case T_LOCAL:
        lexer.advance();
        statements.push(this.skipIf(T_FUNCTION) ? this.parseLocalFunction() : this.parseLocal());
        break;
      case T_DOUBLE_COLON:
        lexer.advance();
        this.parseLabel(this.takeName(), line, statements);
        break;
      case T_RETURN:
        statements.push(this.parseReturn());
        break;
      case T_BREAK:
        statements.push(this.parseBreak(line));
        break;
      case T_GOTO:
        statements.push(this.parseGoto());
        break;
      default:
        statements.push(this.parseExpressionStatement());
    }
    this.leaveLevels();
  }

  // ---- Declarations

  private parseLocal(): LocalStatement {
    const { lexer, scope } = this;
    const variables: Variable[] = [];
    let hasToBeClosed = false;
    do {
      const variable = scope.declare(this.takeName());
      variable.kind = this.parseAttribute();
      if (variable.kind === KIND_TO_BE_CLOSED) {
        if (hasToBeClosed) lexer.failAtLine('multipleToBeClosed');
        hasToBeClosed = true;
      }
      variables.push(variable);
    } while (this.skipIf(CH_COMMA));
    const values = this.skipIf(CH_EQUALS) ? this.parseExpressionList() : [];
    // Only the last variable of a fully initialised list becomes a compile-time constant.
    const lastVariable = variables.at(-1)!;
    const lastValue = values.at(-1);
    if (variables.length === values.length && lastVariable.kind === KIND_CONST && lastValue?.kind === 'constant') {
      lastVariable.constant = lastValue.value;
    }
    scope.activate();
    return { kind: 'local', variables, values, ...this.lastPosition() };
  }

  private parseAttribute(): VariableKind {
    if (!this.skipIf(CH_LESS)) return KIND_REGULAR;
    const attribute = this.takeName();
    this.skip(CH_GREATER);
    if (attribute === 'const') return KIND_CONST;
    if (attribute === 'close') return KIND_TO_BE_CLOSED;
    return this.lexer.failAtLine('unknownAttribute', attribute);
  }

  private parseLocalFunction(): Statement {
    const variable = this.scope.declare(this.takeName());
    this.scope.activate();
    return { kind: 'localFunction', variable, value: this.parseFunction(false, this.lexer.line) };
  }

  private parseFunctionStatement(line: number): Statement {
    const { lexer } = this;
    lexer.advance();
    let target = this.parseVariable();
    let isMethod = false;
    while (lexer.token === CH_DOT) target = this.parseField(target);
    if (lexer.token === CH_COLON) {
      isMethod = true;
      target = this.parseField(target);
    }
    const value = this.parseFunction(isMethod, line);
    return { kind: 'function', target: this.checkAssignable(target), value, line };
  }

  // ---- Assignments and calls

  private parseExpressionStatement(): Statement {
    const { lexer } = this;
    const expression = this.parseSuffixed();
    if (lexer.token === CH_EQUALS || lexer.token === CH_COMMA) return this.parseAssignment(expression);
    if (expression.kind !== 'call' && expression.kind !== 'method') return lexer.failAtToken('syntaxError');
    return { kind: 'call', call: expression };
  }

  private parseAssignment(first: Expression): Statement {
    const targets = [this.checkAssignable(first)];
    while (this.skipIf(CH_COMMA)) {
      const target = this.parseSuffixed();
      // PUC recurses for each further target, which bounds their number.
      this.enterLevel();
      targets.push(this.checkAssignable(target));
    }
    this.skip(CH_EQUALS);
    const values = this.parseExpressionList();
    this.leaveLevels(targets.length - 1);
    return { kind: 'assign', targets, values };
  }

  private checkAssignable(target: Expression): AssignableExpression {
    const { lexer } = this;
    switch (target.kind) {
      case 'local':
        if (target.variable.kind !== KIND_REGULAR) lexer.failAtLine('assignToConst', target.variable.name);
        return target;
      case 'upvalue':
        if (target.upvalue.kind !== KIND_REGULAR) lexer.failAtLine('assignToConst', target.upvalue.name);
        return target;
      case 'index':
        return target;
      case 'constant':
        if (target.constantName !== undefined) lexer.failAtLine('assignToConst', target.constantName);
    }
    return lexer.failAtToken('syntaxError');
  }

  // ---- Control structures

  private parseIf(line: number): Statement {
    const { lexer } = this;
    const clauses: IfClause[] = [];
    do {
      lexer.advance();
      const condition = this.parseExpression();
      this.skip(T_THEN);
      clauses.push({ condition, body: this.parseBlock() });
    } while (lexer.token === T_ELSEIF);
    const otherwise = this.skipIf(T_ELSE) ? this.parseBlock() : undefined;
    this.skipClosing(T_END, T_IF, line);
    return { kind: 'if', clauses, otherwise };
  }

  private parseWhile(line: number): Statement {
    this.lexer.advance();
    const condition = this.parseExpression();
    this.scope.enterBlock(true);
    this.skip(T_DO);
    const body = this.parseBlock();
    this.skipClosing(T_END, T_WHILE, line);
    return { kind: 'while', condition, body, breakLabel: this.scope.leaveBlock()! };
  }

  private parseRepeat(line: number): Statement {
    const { scope } = this;
    scope.enterBlock(true);
    scope.enterBlock(false);
    this.lexer.advance();
    const body = this.parseStatements();
    this.skipClosing(T_UNTIL, T_REPEAT, line);
    const condition = this.parseExpression();
    scope.leaveBlock();
    return { kind: 'repeat', body, condition, breakLabel: scope.leaveBlock()! };
  }

  private parseFor(line: number): Statement {
    const { lexer } = this;
    this.scope.enterBlock(true);
    lexer.advance();
    const name = this.takeName();
    switch (lexer.token) {
      case CH_EQUALS:
        return this.parseNumericFor(name, line);
      case CH_COMMA:
      case T_IN:
        return this.parseGenericFor(name, line);
      default:
        return lexer.failAtToken('equalsOrInExpected');
    }
  }

  private declareHidden(count: number): Variable[] {
    return Array.from({ length: count }, () => this.scope.declare(HIDDEN_VARIABLE));
  }

  private parseNumericFor(name: string, line: number): Statement {
    const { scope } = this;
    const hidden = this.declareHidden(NUMERIC_HIDDEN);
    const variable = scope.declare(name);
    this.skip(CH_EQUALS);
    const start = this.parseExpression();
    this.skip(CH_COMMA);
    const limit = this.parseExpression();
    const step = this.skipIf(CH_COMMA) ? this.parseExpression() : undefined;
    const body = this.parseForBody();
    this.skipClosing(T_END, T_FOR, line);
    return { kind: 'numericFor', hidden, variable, start, limit, step, body, line, breakLabel: scope.leaveBlock()! };
  }

  private parseGenericFor(name: string, line: number): Statement {
    const { scope } = this;
    const hidden = this.declareHidden(GENERIC_HIDDEN);
    const variables = [scope.declare(name)];
    while (this.skipIf(CH_COMMA)) variables.push(scope.declare(this.takeName()));
    this.skip(T_IN);
    // Errors of the iterator are reported where it is given.
    const { line: callLine } = this.lexer;
    const values = this.parseExpressionList();
    hidden.at(-1)!.kind = KIND_TO_BE_CLOSED;
    const body = this.parseForBody();
    this.skipClosing(T_END, T_FOR, line);
    return { kind: 'genericFor', hidden, variables, values, body, callLine, endLine: this.lexer.lastLine, breakLabel: scope.leaveBlock(true)! };
  }

  /** The `do` block of a for: one scope for the hidden variables (the caller's), one for the visible ones and the statements. */
  private parseForBody(): Block {
    const { scope } = this;
    this.skip(T_DO);
    scope.activate();
    return this.parseBlock();
  }

  // ---- Jumps

  private parseBreak(line: number): GotoStatement {
    this.lexer.advance();
    const statement: GotoStatement = { kind: 'goto', target: undefined, line, end: this.lexer.lastEnd };
    this.scope.addBreak(statement);
    return statement;
  }

  private parseGoto(): GotoStatement {
    const { lexer } = this;
    lexer.advance();
    const { line } = lexer;
    const name = this.takeName();
    const statement: GotoStatement = { kind: 'goto', target: undefined, line, end: lexer.lastEnd };
    this.scope.addGoto(name, statement);
    return statement;
  }

  private parseLabel(name: string, line: number, statements: Statement[]): void {
    const { lexer } = this;
    this.skip(T_DOUBLE_COLON);
    while (lexer.token === CH_SEMICOLON || lexer.token === T_DOUBLE_COLON) this.parseStatement(statements);
    statements.push({ kind: 'label', label: this.scope.defineLabel(name, line, this.endsBlock(false)) });
  }

  private parseReturn(): Statement {
    const { lexer } = this;
    lexer.advance();
    const values = this.endsBlock(true) || lexer.token === CH_SEMICOLON ? [] : this.parseExpressionList();
    const position = this.lastPosition();
    this.skipIf(CH_SEMICOLON);
    return { kind: 'return', values, ...position };
  }
}
