/**
 * The interactive mode on a terminal: editing, history, completion, results that are readable. The terminal is in raw mode while
 * a line is typed, so that Ctrl-C cancels the line; while a statement runs it is not, and Ctrl-C stops the statement.
 */
import { toByteString } from '../../api/engine-port.ts';
import { type LuaFunction, LuaTable, type LuaValue, type Vm } from '../../api/index.ts';
import { builtinModule } from '../../hosts/node/builtins.ts';
import type { Session } from '../session.ts';
import completeSource from './complete.lua';
import { HISTORY_SIZE, History } from './history.ts';
import prettySource from './pretty.lua';
import { Statement } from './statement.ts';

const encoder = new TextEncoder();
const INDENT = '  ';
const DEFAULT_WIDTH = 80;

/** Globals and fields by their names ("string.find"). */
const valuesOf = (vm: Vm, names: string): LuaValue[] =>
  names.split(' ').map((name) => name.split('.').reduce<LuaValue>((value, key) => (value as LuaTable).get(key), vm.globals));

function loadPretty(vm: Vm): LuaFunction {
  const needs =
    'tostring type next rawget rawlen debug.getmetatable table.sort table.concat string.find string.format string.gsub string.sub string.byte string.rep select math.type utf8.len io.write';
  return vm.load(prettySource, '=pretty').call1(...valuesOf(vm, needs)) as LuaFunction;
}

function loadComplete(vm: Vm): LuaFunction {
  const needs = 'type rawget next debug.getmetatable table.sort string.find string.sub string.match string.gmatch';
  return vm.load(completeSource, '=complete').call1(vm.globals, ...valuesOf(vm, needs)) as LuaFunction;
}

/** A completer as readline wants it: what the name may become, and the name begun. */
function createCompleter(complete: LuaFunction): (line: string) => [string[], string] {
  return (line) => {
    // The tabulator indents.
    if (line.trim() === '') return [[line + INDENT], line];
    const [begun, names] = complete.call(line);
    const found = names instanceof LuaTable ? names.entries().map(([, name]) => String(name)) : [];
    return [found, String(begun)];
  };
}

/** Runs until Ctrl-D. */
export function runTerminal(session: Session): Promise<void> {
  const { vm } = session;
  const { stdin, stdout } = process;
  const history = new History(process.env);
  const pretty = loadPretty(vm);
  const { createInterface } = builtinModule('node:readline') as typeof import('node:readline');
  const lines = createInterface({
    input: stdin,
    output: stdout,
    completer: createCompleter(loadComplete(vm)),
    history: history.load(),
    historySize: HISTORY_SIZE,
    removeHistoryDuplicates: true,
  });
  let statement = new Statement(vm);

  const prompt = (): void => {
    lines.setPrompt(session.prompt(!statement.isBegun));
    lines.prompt();
  };

  const runLine = (line: string): void => {
    let isComplete = true;
    stdin.setRawMode(false);
    session.evaluate(
      () => {
        const chunk = statement.add(toByteString(encoder.encode(line)));
        isComplete = chunk !== undefined;
        return chunk;
      },
      { function: pretty, arguments: [stdout.columns || DEFAULT_WIDTH] },
    );
    session.endLine();
    stdin.setRawMode(true);
    if (isComplete) statement = new Statement(vm);
  };

  return new Promise((done) => {
    lines.on('line', (line) => {
      history.add(line);
      runLine(line);
      prompt();
    });
    lines.on('SIGINT', () => {
      // To the end, and away with all before.
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
      statement = new Statement(vm);
      stdout.write('\n');
      prompt();
    });
    lines.on('close', () => {
      stdout.write('\n');
      if (statement.isBegun) session.evaluate(() => statement.finish());
      done();
    });
    prompt();
  });
}
