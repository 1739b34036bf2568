/**
 * A function while its code is made: registers, active variables, constants, nested prototypes, and the position in the source.
 *
 * Registers are a stack: active variables at the bottom, temporaries above, `freeRegister` on top. A temporary must be freed
 * in the reverse order of its allocation. `line` and `end` follow the tree walk (see ast.ts) and stand for PUC's "last token".
 */
import type { Constant, LocalVariable, Prototype } from '../bytecode/prototype.ts';
import { MAX_OPERAND_CONSTANT } from '../bytecode/instruction.ts';
import { Op, type OpNumber } from '../bytecode/opcode-table.ts';
import type { ConstantValue, FunctionBody, Position } from './ast.ts';
import { textToBytes } from './byte-text.ts';
import { byteOffset, CodeBuffer } from './code-buffer.ts';
import { finishCode } from './jump-layout.ts';
import { Lexer } from './lexer.ts';
import { MAX_REGISTERS } from './limits.ts';
import { KIND_TO_BE_CLOSED, type Variable } from './scope.ts';

const MIN_STACK = 2;
const UNFINISHED = -1;

/** The chunk being compiled. */
export interface Chunk {
  /** For error messages. */
  readonly source: Uint8Array;
  readonly name: string;
  /** Compiler of its functions; handed down because expressions contain functions and functions contain expressions. */
  readonly compileFunction: (chunk: Chunk, body: FunctionBody) => Prototype;
}

/** A LocalVariable with word positions, and its end still open. */
interface VariableRecord {
  readonly name: string;
  readonly register: number;
  start: number;
  end: number;
}

export class FunctionState {
  readonly code = new CodeBuffer();
  readonly body: FunctionBody;
  freeRegister = 0;
  line: number;
  private readonly chunk: Chunk;
  private end: number;
  private isBehindSeparator = false;
  private readonly prototypes: Prototype[] = [];
  private maxStack = MIN_STACK;
  private readonly constants: Constant[] = [];
  private readonly constantIndices = new Map<ConstantValue, number>();
  /** Active variables, with the indices of scope.ts; hidden ones and compile-time constants included. */
  private readonly active: Variable[] = [];
  private readonly activeRecords: (VariableRecord | undefined)[] = [];
  private readonly records: VariableRecord[] = [];
  private activeToBeClosed = 0;

  constructor(chunk: Chunk, body: FunctionBody) {
    this.chunk = chunk;
    this.body = body;
    this.line = body.block.line;
    this.end = body.block.end;
  }

  /** Moves to the place a node ends. */
  moveTo({ line, end }: Position): void {
    this.line = line;
    this.end = end;
    this.isBehindSeparator = false;
  }

  /** Moves behind the comma that follows. */
  passSeparator(): void {
    this.isBehindSeparator = true;
  }

  // ---- Code at the current line

  emit(op: OpNumber, a: number, b = 0, c = 0, k = 0): number {
    return this.code.emit(op, a, b, c, k, this.line);
  }

  emitWide(op: OpNumber, a: number, d: number, k = 0): number {
    return this.code.emitWide(op, a, d, k, this.line);
  }

  jump(): number {
    return this.code.jump(this.line);
  }

  /** Sets `count` registers from `first` on to nil, together with those the instruction before sets, if they touch. */
  emitNil(first: number, count: number): void {
    const { code } = this;
    if (code.canMergeWithLast && code.op(code.last) === Op.LOADNIL) {
      const from = code.a(code.last);
      const last = from + code.b(code.last);
      if (from <= first && first <= last + 1) {
        code.setB(code.last, Math.max(last, first + count - 1) - from);
        return;
      }
    }
    this.emit(Op.LOADNIL, first, count - 1);
  }

  // ---- Registers

  /** Makes sure that `count` more registers exist. */
  checkStack(count: number): void {
    const size = this.freeRegister + count;
    if (size <= this.maxStack) return;
    if (size >= MAX_REGISTERS) this.failAtNextToken();
    this.maxStack = size;
  }

  private failAtNextToken(): never {
    const lexer = new Lexer(this.chunk.source, this.chunk.name, this.end, this.line);
    lexer.advance();
    if (this.isBehindSeparator) lexer.advance();
    return lexer.failAtToken('tooManyRegisters');
  }

  reserve(count: number): void {
    this.checkStack(count);
    this.freeRegister += count;
  }

  /** Frees a register if it is a temporary; it must be the topmost one. */
  free(register: number): void {
    if (register >= this.registerLevel(this.active.length)) this.freeRegister--;
  }

  /** Frees two registers in the right order. */
  freeBoth(first: number, second: number): void {
    this.free(Math.max(first, second));
    this.free(Math.min(first, second));
  }

  isTemporary(register: number): boolean {
    return register >= this.registerLevel(this.active.length);
  }

  // ---- Variables

  /** Number of active variables. */
  get level(): number {
    return this.active.length;
  }

  /** First register above the variables below `level`. */
  registerLevel(level: number): number {
    for (let index = level - 1; index >= 0; index--) {
      const variable = this.active[index]!;
      if (variable.constant === undefined) return variable.register + 1;
    }
    return 0;
  }

  /** Makes a variable active, in the next register unless it is a compile-time constant. */
  activate(variable: Variable): void {
    let record: VariableRecord | undefined;
    if (variable.constant === undefined) {
      variable.register = this.registerLevel(this.active.length);
      record = { name: variable.name, register: variable.register, start: this.code.size, end: UNFINISHED };
      this.records.push(record);
      if (variable.kind === KIND_TO_BE_CLOSED) this.activeToBeClosed++;
    }
    this.active.push(variable);
    this.activeRecords.push(record);
  }

  activateAll(variables: readonly Variable[]): void {
    for (const variable of variables) this.activate(variable);
  }

  /** Debuggers shall see the variable activated last only from here on. */
  restartLastVariable(): void {
    this.activeRecords.at(-1)!.start = this.code.size;
  }

  /** Ends the scope of the variables above `level`. */
  deactivate(level: number): void {
    while (this.active.length > level) {
      const variable = this.active.pop()!;
      const record = this.activeRecords.pop();
      if (record !== undefined) record.end = this.code.size;
      if (variable.constant === undefined && variable.kind === KIND_TO_BE_CLOSED) this.activeToBeClosed--;
    }
  }

  /** Whether a variable above `level` must be closed when its scope is left. */
  needsClose(level: number): boolean {
    for (let index = this.active.length - 1; index >= level; index--) if (this.active[index]!.needsClose) return true;
    return false;
  }

  get isInsideToBeClosed(): boolean {
    return this.activeToBeClosed > 0;
  }

  // ---- Constants

  /** Index of a constant, added if it is new. */
  addConstant(value: ConstantValue): number {
    const known = this.constantIndices.get(value);
    if (known !== undefined) return known;
    const index = this.constants.length;
    this.constants.push(typeof value === 'string' ? textToBytes(value) : value);
    this.constantIndices.set(value, index);
    return index;
  }

  /** Index of a constant that an operand can name, or -1. */
  addOperandConstant(value: ConstantValue): number {
    const index = this.addConstant(value);
    return index <= MAX_OPERAND_CONSTANT ? index : -1;
  }

  /** Compiles a nested function; returns the index of its prototype. */
  addFunction(body: FunctionBody): number {
    return this.prototypes.push(this.chunk.compileFunction(this.chunk, body)) - 1;
  }

  // ---- Result

  finish(): Prototype {
    const { body, chunk } = this;
    const { code, lines, moved } = finishCode(this.code);
    const offset = (position: number): number => byteOffset(moved === undefined ? position : moved[position]!);
    const locals: LocalVariable[] = this.records.map(({ name, register, start, end }) => ({
      name, register, startPc: offset(start), endPc: offset(end),
    }));
    return {
      source: chunk.name,
      lineDefined: body.lineDefined,
      lastLineDefined: body.lastLineDefined,
      parameterCount: body.parameters.length,
      isVararg: body.isVararg,
      maxStack: this.maxStack,
      code,
      constants: this.constants,
      prototypes: this.prototypes,
      upvalues: body.upvalues.map(({ name, variable, outerIndex, kind }) =>
        variable === undefined
          ? { name, fromStack: outerIndex < 0, index: Math.max(outerIndex, 0), kind }
          : { name, fromStack: true, index: variable.register, kind },
      ),
      lines,
      locals,
    };
  }
}
