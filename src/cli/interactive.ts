/** The interactive mode (lua.c, doREPL): expressions are printed, incomplete input goes on on the next line. */
import { LuaError, type LuaFunction, type LuaValue, type Vm } from '../vm/index.ts';
import { runReporting } from './report.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Compiles; undefined if the input is not complete yet. @throws LuaError for other syntax errors */
function loadOrWait(vm: Vm, text: string): LuaFunction | undefined {
  try {
    return vm.load(text, '=stdin');
  } catch (error) {
    if (error instanceof LuaError && error.message.endsWith('near <eof>')) return undefined;
    throw error;
  }
}

/** The line as an expression; undefined if it is none. */
function loadExpression(vm: Vm, line: string): LuaFunction | undefined {
  try {
    return vm.load(`return ${line}`, '=stdin');
  } catch {
    return undefined;
  }
}

/** Runs until the end of the input. */
export function runInteractive(vm: Vm): void {
  const { streams } = vm;
  const write = (text: string): void => {
    streams.stdout.write(encoder.encode(text));
    streams.stdout.flush();
  };
  const report = (message: string): void => streams.stderr.write(encoder.encode(`${message}\n`));
  const readLine = (prompt: string): string | undefined => {
    write(prompt);
    const line = streams.stdin.readLine(false);
    return line === undefined ? undefined : decoder.decode(line);
  };

  /** Reads a whole statement. @returns undefined at the end of the input */
  const readChunk = (): LuaFunction | undefined => {
    let text = readLine('> ');
    if (text === undefined) return undefined;
    const expression = loadExpression(vm, text);
    if (expression !== undefined) return expression;
    for (;;) {
      const chunk = loadOrWait(vm, text);
      if (chunk !== undefined) return chunk;
      const more = readLine('>> ');
      // At the end of the input the error is reported.
      if (more === undefined) return vm.load(text, '=stdin');
      text += `\n${more}`;
    }
  };

  let isOpen = true;
  while (isOpen) {
    runReporting(() => {
      const chunk = readChunk();
      if (chunk === undefined) {
        isOpen = false;
        return;
      }
      const results = chunk.call();
      if (results.length > 0) printResults(vm, results, report);
    }, report);
  }
  write('\n');
}

function printResults(vm: Vm, results: readonly LuaValue[], report: (message: string) => void): void {
  const print = vm.getGlobal('print') as LuaFunction | undefined;
  try {
    if (print === undefined) throw new TypeError('no print');
    print.call(...results);
  } catch (error) {
    report(`error calling 'print' (${(error as Error).message})`);
  }
}
