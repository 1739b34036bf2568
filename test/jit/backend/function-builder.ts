/** Code of one function of one parameter by hand: appends instructions to a code stream, operands before their operator, and has the JIT's core encode it. */
import { compilingCore } from '../../../jit/core-module.ts';
import { IR_TYPES } from '../../../jit/ir/ir-table.ts';
import { WordReader } from '../../../jit/ir/word-reader.ts';
import { EncodedCode, GLOBALS } from '../../../jit/lower/encoded-code.ts';
import { IMPORTS } from '../../../jit/lower/imports.ts';
import { BLOCK_VOID, TYPE_CODES, Wasm, type WasmOpName, type WasmType } from '../../../jit/wasm/operations.ts';

/** An open block or loop, by its nesting; branching to it leaves the block or repeats the loop. */
type Label = number;

/** Index of a number in a list that has each once. */
function indexIn(list: number[], number: number): number {
  const known = list.indexOf(number);
  return known >= 0 ? known : list.push(number) - 1;
}

export class FunctionBuilder {
  readonly #imports: number[] = [];
  readonly #globals: number[] = [];
  readonly #locals: number[] = [];
  readonly #body: number[] = [];
  #nesting: Label = 0;
  #isFinished = false;

  local(type: WasmType): number {
    return this.#locals.push(IR_TYPES.indexOf(type));
  }

  op(name: WasmOpName, ...immediates: number[]): void {
    this.#body.push(Wasm[name], ...immediates);
  }

  i32(value: number): void {
    this.op('i32.const', value);
  }

  i64(value: bigint | number): void {
    this.op('i64.const', ...new Int32Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  f64(value: number): void {
    this.op('f64.const', ...new Int32Array(Float64Array.of(value).buffer));
  }

  call(name: string): void {
    this.op('call', indexIn(this.#imports, IMPORTS.findIndex((imported) => imported.name === name)));
  }

  global(name: string): void {
    this.op('global.get', indexIn(this.#globals, GLOBALS.indexOf(name)));
  }

  /** @param type of the value that both branches of an `if` leave */
  open(name: 'block' | 'loop' | 'if', type?: WasmType): Label {
    this.op(name, type ? TYPE_CODES[type] : BLOCK_VOID);
    return ++this.#nesting;
  }

  end(): void {
    this.op('end');
    this.#nesting--;
  }

  branch(name: 'br' | 'br_if', label: Label): void {
    this.op(name, this.#nesting - label);
  }

  /** The finished function. All paths must have returned. @param coalesces whether values may share locals */
  finish(coalesces = false): EncodedCode {
    if (!this.#isFinished) {
      this.op('unreachable');
      this.op('end');
      this.#isFinished = true;
    }
    const core = compilingCore();
    core.exports.reset();
    const encode = core.exports['encodeCode'] as (words: number, coalesces: number) => number;
    const lists = [this.#imports, this.#globals, this.#locals, this.#body];
    return new EncodedCode(new WordReader(core.readWords(encode(core.write(Int32Array.of(1, 1, ...lists.flatMap((list) => [list.length, ...list]))), coalesces ? 1 : 0)), 1));
  }
}
