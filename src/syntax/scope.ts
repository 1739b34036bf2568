/**
 * Scopes while parsing: which variable a name means, which variables closures capture, which label a goto reaches.
 *
 * Resolving names during the parse, not in a pass over the finished tree, keeps PUC's order of errors: a scoping error is reported
 * before a syntax error further down. It also gives the compiler facts a one-pass compiler lacks, such as captures that come later.
 *
 * `variables` of a function is a stack of the declared variables; the first `active` of them are visible. Hidden loop variables and
 * compile-time constants are in it too, so an index into it is PUC's nactvar and the compiler's own stack has the same indices.
 */
import type { ConstantValue, GotoStatement } from './ast.ts';
import type { Lexer } from './lexer.ts';
import { MAX_LOCALS, MAX_UPVALUES } from './limits.ts';

export const KIND_REGULAR = 0;
export const KIND_CONST = 1;
export const KIND_TO_BE_CLOSED = 2;
export type VariableKind = typeof KIND_REGULAR | typeof KIND_CONST | typeof KIND_TO_BE_CLOSED;

export const ENVIRONMENT_NAME = '_ENV';
const BREAK = 'break';

export class Variable {
  readonly name: string;
  kind: VariableKind;
  /** Value of a compile-time constant, which has no register; undefined for others. */
  constant: ConstantValue | undefined = undefined;
  /** A closure refers to it. */
  isCaptured = false;
  /** Register number, assigned by the compiler. */
  register = -1;

  constructor(name: string, kind: VariableKind) {
    this.name = name;
    this.kind = kind;
  }

  /** Leaving its scope has to close something. */
  get needsClose(): boolean {
    return this.isCaptured || this.kind === KIND_TO_BE_CLOSED;
  }
}

/** An upvalue of a function: a variable of the enclosing function, or one of its upvalues. */
export interface UpvalueEntry {
  readonly name: string;
  /** The captured local; undefined if it is an upvalue of the enclosing function, or the main chunk's _ENV. */
  readonly variable: Variable | undefined;
  /** Upvalue index in the enclosing function, unless `variable` is set. */
  readonly outerIndex: number;
  readonly kind: VariableKind;
}

/** Place that gotos jump to. The compiler keeps its code position and the jumps that wait for it here. */
export interface LabelTarget {
  readonly name: string;
  readonly line: number;
  /** Number of variables active at the label. */
  readonly level: number;
  /** The code behind the label closes the variables above the level: jumps need not. */
  readonly closes: boolean;
  pc: number;
  pendingJumps: number;
}

export const NO_POSITION = -1;

interface PendingGoto {
  readonly name: string;
  readonly line: number;
  /** Number of variables active at the goto, lowered as its blocks end. */
  level: number;
  readonly statement: GotoStatement;
}

interface BlockScope {
  readonly outer: BlockScope | undefined;
  readonly isLoop: boolean;
  /** Number of active variables, labels and pending gotos at its start. */
  readonly level: number;
  readonly firstLabel: number;
  readonly firstGoto: number;
}

/** What a name means inside a function. */
export type Resolution = { readonly variable: Variable } | { readonly upvalue: UpvalueEntry; readonly index: number };

export class FunctionScope {
  readonly outer: FunctionScope | undefined;
  readonly upvalues: UpvalueEntry[] = [];
  isVararg = false;
  private readonly lexer: Lexer;
  private readonly lineDefined: number;
  private readonly variables: Variable[] = [];
  private active = 0;
  private block: BlockScope | undefined = undefined;
  private readonly labels: LabelTarget[] = [];
  private readonly pendingGotos: PendingGoto[] = [];

  constructor(lexer: Lexer, outer: FunctionScope | undefined, lineDefined: number) {
    this.lexer = lexer;
    this.outer = outer;
    this.lineDefined = lineDefined;
  }

  // ---- Variables

  /** Declares a variable; it becomes visible with activate(). Fails beyond MAX_LOCALS. */
  declare(name: string, kind: VariableKind = KIND_REGULAR): Variable {
    if (this.variables.length >= MAX_LOCALS) this.failLimit('local variables', MAX_LOCALS);
    const variable = new Variable(name, kind);
    this.variables.push(variable);
    return variable;
  }

  /** Makes all declared variables visible. */
  activate(): void {
    this.active = this.variables.length;
  }

  private failLimit(what: string, limit: number): never {
    const where = this.outer === undefined ? 'main function' : `function at line ${this.lineDefined}`;
    this.lexer.failAtToken('tooMany', what, limit, where);
  }

  /** The variable or upvalue called `name`, or undefined when no enclosing function has it. Creates upvalues on the way. */
  resolve(name: string): Resolution | undefined {
    const variable = this.findVariable(name);
    if (variable !== undefined) return { variable };
    const index = this.findUpvalue(name);
    if (index >= 0) return { upvalue: this.upvalues[index]!, index };
    if (this.outer === undefined) return undefined;
    const found = this.outer.resolve(name);
    if (found === undefined) return undefined;
    if ('upvalue' in found) return this.addUpvalue({ name, variable: undefined, outerIndex: found.index, kind: found.upvalue.kind });
    if (found.variable.constant !== undefined) return found;
    found.variable.isCaptured = true;
    return this.addUpvalue({ name, variable: found.variable, outerIndex: NO_POSITION, kind: found.variable.kind });
  }

  private findVariable(name: string): Variable | undefined {
    for (let index = this.active - 1; index >= 0; index--) {
      const variable = this.variables[index]!;
      if (variable.name === name) return variable;
    }
    return undefined;
  }

  private findUpvalue(name: string): number {
    for (let index = 0; index < this.upvalues.length; index++) if (this.upvalues[index]!.name === name) return index;
    return -1;
  }

  private addUpvalue(upvalue: UpvalueEntry): Resolution {
    if (this.upvalues.length >= MAX_UPVALUES) this.failLimit('upvalues', MAX_UPVALUES);
    this.upvalues.push(upvalue);
    return { upvalue, index: this.upvalues.length - 1 };
  }

  // ---- Blocks

  enterBlock(isLoop: boolean): void {
    this.block = {
      outer: this.block, isLoop, level: this.active, firstLabel: this.labels.length, firstGoto: this.pendingGotos.length,
    };
  }

  /**
   * Ends the innermost block: its variables and labels disappear, its unresolved gotos move to the block around it.
   * Returns the target of its breaks if it is a loop; `closes` is for that label.
   */
  leaveBlock(closes = false): LabelTarget | undefined {
    const block = this.block!;
    this.variables.length = block.level;
    this.active = block.level;
    const breakLabel = block.isLoop ? this.makeLabel(BREAK, 0, block.level, closes) : undefined;
    this.labels.length = block.firstLabel;
    if (breakLabel !== undefined) this.resolvePending(breakLabel);
    this.block = block.outer;
    const gotos = this.pendingGotos;
    if (block.outer === undefined) {
      if (gotos.length > 0) this.failUndefined(gotos[0]!);
    } else {
      for (let index = block.firstGoto; index < gotos.length; index++) {
        const pending = gotos[index]!;
        if (pending.level > block.level) pending.level = block.level;
      }
    }
    return breakLabel;
  }

  // ---- Labels and gotos

  private makeLabel(name: string, line: number, level: number, closes: boolean): LabelTarget {
    return { name, line, level, closes, pc: NO_POSITION, pendingJumps: NO_POSITION };
  }

  /**
   * Defines a label here. If only void statements follow it in its block (`isLast`), the block's variables count as out of scope,
   * so that gotos may skip their declarations.
   */
  defineLabel(name: string, line: number, isLast: boolean): LabelTarget {
    const known = this.findLabel(name);
    if (known !== undefined) this.lexer.failAtLine('labelDefined', name, known.line);
    const label = this.makeLabel(name, line, isLast ? this.block!.level : this.active, false);
    this.labels.push(label);
    this.resolvePending(label);
    return label;
  }

  private findLabel(name: string): LabelTarget | undefined {
    return this.labels.find((label) => label.name === name);
  }

  addGoto(name: string, statement: GotoStatement): void {
    const label = this.findLabel(name);
    if (label !== undefined) statement.target = label;
    else this.pendingGotos.push({ name, line: statement.line, level: this.active, statement });
  }

  addBreak(statement: GotoStatement): void {
    this.pendingGotos.push({ name: BREAK, line: statement.line, level: this.active, statement });
  }

  /** Sends the waiting gotos of the innermost block to the label. */
  private resolvePending(label: LabelTarget): void {
    const gotos = this.pendingGotos;
    let kept = this.block!.firstGoto;
    for (let index = kept; index < gotos.length; index++) {
      const pending = gotos[index]!;
      if (pending.name !== label.name) {
        gotos[kept++] = pending;
        continue;
      }
      if (pending.level < label.level) {
        const { name } = this.variables[pending.level]!;
        this.lexer.failAtLine('gotoIntoScope', pending.name, pending.line, name);
      }
      pending.statement.target = label;
    }
    gotos.length = kept;
  }

  private failUndefined(pending: PendingGoto): never {
    if (pending.name === BREAK) this.lexer.failAtLine('breakOutsideLoop', pending.line);
    this.lexer.failAtLine('noVisibleLabel', pending.name, pending.line);
  }
}
