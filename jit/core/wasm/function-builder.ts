/**
 * The small interface lowering talks to: appends instructions of one function to a code stream. Operands are pushed before their operator, as in
 * Wasm itself; nested calls of lowering's own functions make the trees.
 *
 * It resolves labels to nesting depths and keeps the rule of function-code.ts: a statement only where nothing else is on the stack.
 */
import { refuse } from '../base/host';
import { importParameterCount, importResult, Type } from '../generated/ir-tables';
import { takesOf, Wasm, yieldsOf } from '../generated/wasm-tables';
import { FunctionCode, SELF } from './function-code';
import { BLOCK_VOID, typeCode } from './types';

/** An open block or loop, by its nesting; branching to it leaves the block or repeats the loop. */
export type Label = i32;
export const NO_LABEL: Label = 0;

export class FunctionBuilder {
  private code: FunctionCode;
  private body: Array<i32>;
  /** Values on the operand stack of the innermost block, and of the blocks around it. */
  private pending: i32 = 0;
  private outer: Array<i32> = [];

  /** @param entries number of entries @param parameters of a function with one, see FunctionCode */
  constructor(entries: i32, parameters: i32 = 1) {
    const code = new FunctionCode(entries, parameters);
    this.code = code;
    this.body = code.body;
  }

  /** A new local. @param type Type */
  local(type: i32): i32 {
    return this.code.locals.push(type) - 1 + this.code.parameterCount;
  }

  /** Place of an imported function; importing it twice gives the same. */
  private importFunction(imported: i32): i32 {
    const imports = this.code.imports;
    const known = imports.indexOf(imported);
    return known >= 0 ? known : imports.push(imported) - 1;
  }

  get(local: i32): void {
    this.emit1(Wasm.local_get, local);
    this.pending++;
  }

  set(local: i32): void {
    this.emit1(Wasm.local_set, local);
    this.statement(1);
  }

  tee(local: i32): void {
    this.emit1(Wasm.local_tee, local);
  }

  i32(value: i32): void {
    this.emit1(Wasm.i32_const, value);
    this.pending++;
  }

  i64(value: i64): void {
    this.emit2(Wasm.i64_const, value);
    this.pending++;
  }

  f64(value: f64): void {
    this.emit2(Wasm.f64_const, reinterpret<i64>(value));
    this.pending++;
  }

  /** An imported immutable i32 global of module 'env'. */
  global(imported: i32): void {
    const globals = this.code.globals;
    let index = globals.indexOf(imported);
    if (index < 0) index = globals.push(imported) - 1;
    this.emit1(Wasm.global_get, index);
    this.pending++;
  }

  /** An operation on the topmost values. @param op Wasm */
  op(op: i32): void {
    this.emit(op);
    this.pending += yieldsOf(op) - takesOf(op);
  }

  /** Pops an address. @param offset unsigned, added without wrapping */
  load(op: i32, offset: i32): void {
    this.emit1(op, offset);
  }

  /** Pops a value, then an address. */
  store(op: i32, offset: i32): void {
    this.emit1(op, offset);
    this.statement(2);
  }

  /** Pops a condition, then the value for false, then the value for true. */
  select(): void {
    this.emit(Wasm.select_);
    this.pending -= 2;
  }

  /** @param imported Helper or CoreCall */
  call(imported: i32): void {
    this.emit1(Wasm.call_, this.importFunction(imported));
    this.pending -= importParameterCount(imported);
    if (importResult(imported) != Type.VOID) this.pending++;
    else this.statement(0);
  }

  /** Calls the function itself, of a single entry, with its parameters on the stack. */
  callSelf(): void {
    this.emit1(Wasm.call_, SELF);
    this.pending -= this.code.parameters - 1;
  }

  drop(): void {
    this.emit(Wasm.drop_);
    this.statement(1);
  }

  block(): Label {
    return this.open(Wasm.block_, BLOCK_VOID, 0);
  }

  loop(): Label {
    return this.open(Wasm.loop_, BLOCK_VOID, 0);
  }

  /** Pops a condition. With a type, both branches leave a value of it. */
  if(type: i32 = Type.VOID): Label {
    return this.open(Wasm.if_, typeCode(type), 1);
  }

  else(): void {
    this.emit(Wasm.else_);
    this.pending = 0;
  }

  /** Ends the innermost block. @param yields it was an `if` with a result */
  end(yields: bool = false): void {
    this.emit(Wasm.end_);
    if (this.outer.length == 0) refuse('end without block');
    this.pending = this.outer.pop() + (yields ? 1 : 0);
  }

  br(label: Label): void {
    this.emit1(Wasm.br_, this.depth(label));
    this.statement(0);
  }

  /** Pops a condition. */
  brIf(label: Label): void {
    this.emit1(Wasm.br_if, this.depth(label));
    this.statement(1);
  }

  /** Pops the result. */
  return(): void {
    this.emit(Wasm.return_);
    this.statement(1);
  }

  /** The finished function. All paths must have returned. */
  finish(): FunctionCode {
    this.emit(Wasm.unreachable_);
    this.emit(Wasm.end_);
    if (this.outer.length > 0) refuse('open block at the end of a function');
    return this.code;
  }

  private open(op: i32, type: i32, takes: i32): Label {
    this.emit1(op, type);
    this.pending -= takes;
    // An `if` with a result may stand inside an expression; blocks are statements.
    if (type == BLOCK_VOID) this.statement(0);
    this.outer.push(this.pending);
    this.pending = 0;
    return this.outer.length;
  }

  private depth(label: Label): i32 {
    return this.outer.length - label;
  }

  /** Pops the operands of an instruction without result and checks that nothing is left. */
  private statement(takes: i32): void {
    this.pending -= takes;
    if (this.pending != 0) refuse(`statement with ${this.pending} values on the stack`);
  }

  private emit(op: i32): void {
    this.body.push(op);
  }

  private emit1(op: i32, immediate: i32): void {
    this.body.push(op);
    this.body.push(immediate);
  }

  private emit2(op: i32, immediate: i64): void {
    this.body.push(op);
    this.body.push(<i32>immediate);
    this.body.push(<i32>(immediate >> 32));
  }
}
