/** Function code as the JIT's core gives it (jit/core/wasm/index.ts): encoded already. What it is in parts is decoded where another backend, or a dump, wants it. */
import { EXITS_GLOBAL } from '../../src/engine/trace-module.ts';
import { IR_TYPES } from '../ir/ir-table.ts';
import type { WordReader } from '../ir/word-reader.ts';
import type { FunctionCode, FunctionImport } from '../wasm/function-code.ts';
import type { WasmType } from '../wasm/operations.ts';
import { IMPORTS } from './imports.ts';

/** By the core's number. */
export const GLOBALS: readonly string[] = [EXITS_GLOBAL];

export class EncodedCode implements FunctionCode {
  readonly entries: number;
  readonly parameters: number;
  readonly #imports: Int32Array;
  readonly #globals: Int32Array;
  readonly #locals: Int32Array;
  readonly body: Int32Array;
  readonly binary: Uint8Array<ArrayBuffer>;

  constructor(words: WordReader) {
    this.entries = words.next();
    this.parameters = words.next();
    this.#imports = words.list();
    this.#globals = words.list();
    this.#locals = words.list();
    this.body = words.list();
    this.binary = words.bytes();
  }

  get needsExits(): boolean {
    return this.#globals.length > 0;
  }

  get imports(): readonly FunctionImport[] {
    return Array.from(this.#imports, (number) => IMPORTS[number]!);
  }

  get globals(): readonly string[] {
    return Array.from(this.#globals, (number) => GLOBALS[number]!);
  }

  get locals(): readonly WasmType[] {
    return Array.from(this.#locals, (type) => IR_TYPES[type] as WasmType);
  }
}
