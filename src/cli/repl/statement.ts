/** What is typed becomes a function: one line as an expression, else as many lines as a statement takes (lua.c, loadline). */
import { fromByteString } from '../../api/engine-port.ts';
import { LuaError, type LuaFunction, type Vm } from '../../api/index.ts';

/** A statement that is being typed. Text is byte strings. */
export class Statement {
  readonly #vm: Vm;
  #text: string | undefined;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  /** Lines have been given, and more are wanted. */
  get isBegun(): boolean {
    return this.#text !== undefined;
  }

  /** @returns the function, undefined if it takes more lines @throws LuaError for other syntax errors */
  add(line: string): LuaFunction | undefined {
    if (this.#text === undefined) {
      const first = line.startsWith('=') ? `return ${line.slice(1)}` : line;
      const expression = this.#loadExpression(first);
      if (expression !== undefined) return expression;
      this.#text = first;
    } else {
      this.#text += `\n${line}`;
    }
    try {
      return this.finish();
    } catch (error) {
      if (error instanceof LuaError && error.message.endsWith('<eof>')) return undefined;
      throw error;
    }
  }

  /** The function of the lines so far. @throws LuaError */
  finish(): LuaFunction {
    return this.#load(this.#text ?? '');
  }

  #loadExpression(line: string): LuaFunction | undefined {
    try {
      return this.#load(`return ${line};`);
    } catch (error) {
      if (error instanceof LuaError) return undefined;
      throw error;
    }
  }

  #load(text: string): LuaFunction {
    return this.#vm.load(fromByteString(text), '=stdin');
  }
}
