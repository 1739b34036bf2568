/**
 * The small interface lowering talks to: appends instructions of one function to a code stream. Operands are pushed before their operator, as in
 * Wasm itself; nested calls of lowering's own functions make the trees.
 *
 * It resolves labels to nesting depths and keeps the rule of function-code.ts: a statement only where nothing else is on the stack.
 * Why no types are checked here: the engine validates each module anyway, and tests validate with Binaryen.
 */
import { type FunctionCode, type FunctionImport, InvalidCodeError, parameterCount, SELF } from './function-code.ts';
import { BLOCK_VOID, TYPE_CODES, WASM_OPERATIONS, Wasm, type WasmOpName, type WasmType } from './operations.ts';

/** An open block or loop; branching to it leaves the block or repeats the loop. */
export interface Label {
  readonly nesting: number;
}

/** Operations whose stack effect is in the table. */
export type PlainOp = Exclude<WasmOpName, 'block' | 'loop' | 'if' | 'else' | 'end' | 'br' | 'br_if' | 'return' | 'call' | 'drop' | 'select' | `local.${string}` | 'global.get' | `${WasmType}.const` | `${string}.load${string}` | `${string}.store${string}`>;
export type LoadOp = Extract<WasmOpName, `${string}.load${string}`>;
export type StoreOp = Extract<WasmOpName, `${string}.store${string}`>;

const float = new Float64Array(1);
const bits = new Int32Array(float.buffer);
const BITS_32 = 2 ** 32;

export class FunctionBuilder {
  readonly #imports: FunctionImport[] = [];
  readonly #globals: string[] = [];
  readonly #locals: WasmType[] = [];
  #code = new Int32Array(1024);
  #length = 0;
  /** Values on the operand stack of the innermost block, and of the blocks around it. */
  #pending = 0;
  readonly #outer: number[] = [];

  /** @param entries number of entries @param parameters of a function with one, see FunctionCode */
  constructor(readonly entries = 1, readonly parameters = 1) {}

  /** A new local. */
  local(type: WasmType): number {
    return this.#locals.push(type) - 1 + parameterCount(this);
  }

  /** Number of an imported function; importing it twice gives the same number. */
  importFunction(imported: FunctionImport): number {
    const known = this.#imports.findIndex(({ name }) => name === imported.name);
    return known >= 0 ? known : this.#imports.push(imported) - 1;
  }

  get(local: number): void {
    this.#emit1(Wasm['local.get'], local);
    this.#pending++;
  }

  set(local: number): void {
    this.#emit1(Wasm['local.set'], local);
    this.#statement(1);
  }

  tee(local: number): void {
    this.#emit1(Wasm['local.tee'], local);
  }

  i32(value: number): void {
    this.#emit1(Wasm['i32.const'], value | 0);
    this.#pending++;
  }

  i64(value: bigint | number): void {
    if (typeof value === 'number') this.#emit2(Wasm['i64.const'], value | 0, Math.floor(value / BITS_32) | 0);
    else this.#emit2(Wasm['i64.const'], Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
    this.#pending++;
  }

  f64(value: number): void {
    float[0] = value;
    this.#emit2(Wasm['f64.const'], bits[0] as number, bits[1] as number);
    this.#pending++;
  }

  /** An imported immutable i32 global of module 'env'. */
  global(name: string): void {
    let index = this.#globals.indexOf(name);
    if (index < 0) index = this.#globals.push(name) - 1;
    this.#emit1(Wasm['global.get'], index);
    this.#pending++;
  }

  /** An operation on the topmost values. */
  op(name: PlainOp): void {
    const number = Wasm[name];
    const { takes, yields } = WASM_OPERATIONS[number]!;
    this.#emit(number);
    this.#pending += (yields ? 1 : 0) - takes.length;
  }

  /** Pops an address. @param offset unsigned, added without wrapping */
  load(name: LoadOp, offset: number): void {
    this.#emit1(Wasm[name], offset);
  }

  /** Pops a value, then an address. */
  store(name: StoreOp, offset: number): void {
    this.#emit1(Wasm[name], offset);
    this.#statement(2);
  }

  /** Pops a condition, then the value for false, then the value for true. */
  select(): void {
    this.#emit(Wasm['select']);
    this.#pending -= 2;
  }

  call(imported: FunctionImport): void {
    this.#emit1(Wasm['call'], this.importFunction(imported));
    this.#pending -= imported.parameters.length;
    if (imported.result) this.#pending++;
    else this.#statement(0);
  }

  /** Calls the function itself, of a single entry, with its parameters on the stack. */
  callSelf(): void {
    this.#emit1(Wasm['call'], SELF);
    this.#pending -= this.parameters - 1;
  }

  drop(): void {
    this.#emit(Wasm['drop']);
    this.#statement(1);
  }

  block(): Label {
    return this.#open(Wasm['block'], BLOCK_VOID, 0);
  }

  loop(): Label {
    return this.#open(Wasm['loop'], BLOCK_VOID, 0);
  }

  /** Pops a condition. With a type, both branches leave a value of it. */
  if(type?: WasmType): Label {
    return this.#open(Wasm['if'], type ? TYPE_CODES[type] : BLOCK_VOID, 1);
  }

  else(): void {
    this.#emit(Wasm['else']);
    this.#pending = 0;
  }

  /** Ends the innermost block. @param yields it was an `if` with a result */
  end(yields = false): void {
    this.#emit(Wasm['end']);
    const outer = this.#outer.pop();
    if (outer === undefined) throw new InvalidCodeError('end without block');
    this.#pending = outer + (yields ? 1 : 0);
  }

  br(label: Label): void {
    this.#emit1(Wasm['br'], this.#depth(label));
    this.#statement(0);
  }

  /** Pops a condition. */
  brIf(label: Label): void {
    this.#emit1(Wasm['br_if'], this.#depth(label));
    this.#statement(1);
  }

  /** Pops the result. */
  return(): void {
    this.#emit(Wasm['return']);
    this.#statement(1);
  }

  /** The finished function. All paths must have returned. */
  finish(): FunctionCode {
    this.#emit(Wasm['unreachable']);
    this.#emit(Wasm['end']);
    if (this.#outer.length > 0) throw new InvalidCodeError('open block at the end of a function');
    return { entries: this.entries, parameters: this.parameters, imports: this.#imports, globals: this.#globals, locals: this.#locals, body: this.#code.slice(0, this.#length) };
  }

  #open(op: number, type: number, takes: number): Label {
    this.#emit1(op, type);
    this.#pending -= takes;
    // An `if` with a result may stand inside an expression; blocks are statements.
    if (type === BLOCK_VOID) this.#statement(0);
    this.#outer.push(this.#pending);
    this.#pending = 0;
    return { nesting: this.#outer.length };
  }

  #depth(label: Label): number {
    return this.#outer.length - label.nesting;
  }

  /** Pops the operands of an instruction without result and checks that nothing is left. */
  #statement(takes: number): void {
    this.#pending -= takes;
    if (this.#pending !== 0) throw new InvalidCodeError(`statement with ${this.#pending} values on the stack`);
  }

  #emit(op: number): void {
    if (this.#length + 3 > this.#code.length) this.#grow();
    this.#code[this.#length++] = op;
  }

  #emit1(op: number, immediate: number): void {
    this.#emit(op);
    this.#code[this.#length++] = immediate;
  }

  #emit2(op: number, low: number, high: number): void {
    this.#emit(op);
    this.#code[this.#length++] = low;
    this.#code[this.#length++] = high;
  }

  #grow(): void {
    const larger = new Int32Array(this.#code.length * 2);
    larger.set(this.#code);
    this.#code = larger;
  }
}
